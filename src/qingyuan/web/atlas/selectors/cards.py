"""Cards (地图卡片): the few facts that decide what to do, and the doors to the rest."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from qingyuan.store.observations import Observations
from qingyuan.web.accounts.scope import Scope
from qingyuan.web.cases import selectors as cases
from qingyuan.web.dust import selectors as dust
from qingyuan.web.monitoring import selectors as monitoring
from qingyuan.web.registry import selectors as registry
from qingyuan.web.signals import selectors as signals

__all__ = ["card_of"]

_HOURS = 72


def _one(found: QuerySet, code: str) -> Any:
    return found.filter(code=code).first()


def _section(code: str, scope: Scope, at: datetime, store: Observations) -> dict[str, Any] | None:
    section = _one(registry.sections(scope), code)
    if section is None:
        return None
    now = monitoring.section_now(section, at=at)
    worst = next((v for v in now.values if v.over), None) or next(iter(now.values), None)
    chart = None
    if worst is not None:
        chart = monitoring.section_chart(
            store, section, worst.latest.factor, scope=scope, at=at, hours=_HOURS
        )
    alarms = signals.narrowed(signals.signals(scope), station=section.station)
    return {
        "section": section,
        "now": now,
        "worst": worst,
        "chart": chart.config if chart else None,
        "alarm": alarms.filter(cleared_at=None, false_at=None, kind="exceedance").first(),
    }


def _outfall(code: str, scope: Scope, at: datetime, store: Observations) -> dict[str, Any] | None:
    outfall = _one(registry.outfalls(scope), code)
    if outfall is None:
        return None
    return {"outfall": outfall, "values": monitoring.outfall_values(outfall, at=at)}


def _enterprise(
    code: str, scope: Scope, at: datetime, store: Observations
) -> dict[str, Any] | None:
    enterprise = _one(registry.enterprises(scope), code)
    if enterprise is None:
        return None
    running = cases.cases(scope).filter(enterprise=enterprise, closed_at=None)
    return {
        "enterprise": enterprise,
        "outfalls": registry.outfalls(scope).filter(enterprise=enterprise),
        "running": running.count(),
    }


def _case(code: str, scope: Scope, at: datetime, store: Observations) -> dict[str, Any] | None:
    case = cases.cases(scope).filter(number=code).first()
    if case is None:
        return None
    return {"case": case, "row": cases.rows([case], at=at)[0]}


def _air(code: str, scope: Scope, at: datetime, store: Observations) -> dict[str, Any] | None:
    station = _one(registry.air_stations(scope), code)
    if station is None:
        return None
    return {"station": station, "values": monitoring.values_of(f"air:{station.code}")}


def _dust(code: str, scope: Scope, at: datetime, store: Observations) -> dict[str, Any] | None:
    site = dust.record_of(scope, code)
    if site is None:
        return None
    running = dust.cases_of(scope, code).filter(closed_at=None)
    return {"site": site, "running": running.count()}


_CARDS: Mapping[str, Callable[[str, Scope, datetime, Observations], dict[str, Any] | None]] = {
    "sections": _section,
    "outfalls": _outfall,
    "enterprises": _enterprise,
    "cases": _case,
    "air": _air,
    "dust": _dust,
}


def card_of(
    name: str, code: str, scope: Scope, *, at: datetime, store: Observations
) -> dict[str, Any] | None:
    """Return what a card shows; None for a layer without cards and for what one may not see."""
    ask = _CARDS.get(name)
    return ask(code, scope, at, store) if ask else None
