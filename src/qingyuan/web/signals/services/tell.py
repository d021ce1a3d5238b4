"""Tell those concerned that something new asks for attention."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from datetime import datetime

from django.urls import reverse
from django.utils.translation import override

from qingyuan.core.factors import factor as factor_of
from qingyuan.core.periods import city_date
from qingyuan.core.problems import Problem
from qingyuan.core.quantities import plain, round_gbt8170
from qingyuan.web.accounts import selectors as accounts
from qingyuan.web.accounts.models import User
from qingyuan.web.notices import services as notices
from qingyuan.web.registry import selectors as registry
from qingyuan.web.signals.models import Signal

__all__ = ["MATTERS", "tell_of_many_silent", "tell_the_concerned", "title_of"]

# 对象 → 责任矩阵的事项（cities/columns.toml [matters]）
MATTERS = {
    "section": "water",
    "outfall": "outfall",
    "air": "air",
    "enterprise": "source",
    "place": "water",
}

_SAYS = {
    "exceedance": (
        "%(name)s %(factor)s超标：%(value)s",
        "%(name)s: %(factor)s over the limit, %(value)s",
    ),
    "step": (
        "%(name)s %(factor)s突变：%(value)s",
        "%(name)s: sudden change of %(factor)s, %(value)s",
    ),
    "decline": ("%(name)s 水质变差：%(value)s", "%(name)s: water class got worse, %(value)s"),
    "silence": ("%(name)s 无数据", "%(name)s: no data"),
    "manual": ("%(name)s 人工上报", "%(name)s: reported by hand"),
    "data_integrity": (
        "%(name)s %(factor)s数据需核查",
        "%(name)s: data of %(factor)s to be checked",
    ),
}


def title_of(signal: Signal, *, english: bool) -> str:
    """Return one line about a signal, for a message or a case's title."""
    factor = factor_of(signal.factor)
    value = f"{signal.value_text} {signal.unit}".strip()
    if signal.multiple is not None:
        times = plain(round_gbt8170(signal.multiple, 2))
        value += f" ({times}×)" if english else f"（超标 {times} 倍）"
    with override("en" if english else "zh-hans"):
        name = registry.label_of_station([signal.station])[signal.station]
    values = {
        "name": name,
        "factor": factor.en if english else factor.zh,
        "value": value,
    }
    return (_SAYS[signal.kind][1 if english else 0] % values).rstrip("：, ")


def _concerned(signal: Signal, *, at: datetime, roles: Iterable[str] = ()) -> list[User]:
    """Return duty officers, officers of the district, who answers for the matter, and *roles*.

    ``district_officer`` is always of the signal's own district.
    """
    day = city_date(at)
    where = signal.district_code or None
    people = accounts.holders_of("duty_officer", on=day, district=where)
    for role in dict.fromkeys(roles):
        if role not in ("duty_officer", "district_officer"):
            people += accounts.holders_of(role, on=day, district=where)
    paths = (
        [u.path for u in accounts.units().filter(district_code=signal.district_code)]
        if signal.district_code
        else []
    )
    if paths:
        people += accounts.holders_of("district_officer", on=day, units_under=paths)
    with suppress(Problem):  # nobody is named for it: the duty officers know
        matter = MATTERS[signal.object_kind]
        people.append(registry.responsible_for(signal.district_code, matter, at)[1])
    return people


def tell_the_concerned(signal: Signal, *, at: datetime, roles: Iterable[str] = ()) -> int:
    """Send a message about a new signal; return how many people got it."""
    return notices.notify(
        _concerned(signal, at=at, roles=roles),
        kind="signal",
        title=title_of(signal, english=False),
        title_en=title_of(signal, english=True),
        body=signal.clause,
        url=reverse("signal", args=[signal.pk]),
        at=at,
    )


def tell_of_many_silent(count: int, *, at: datetime) -> int:
    """Send the duty officers one message when many stations fall silent at once (告警风暴)."""
    return notices.notify(
        accounts.holders_of("duty_officer", on=city_date(at)),
        kind="signal",
        title=f"{count} 个站点同时无数据",
        title_en=f"{count} stations are silent at once",
        body="多半是网络或数据接入中断，而非站点故障；请先查数据来源与接入服务。",
        body_en="More likely the network or the gateway than the stations; look at the data sources first.",
        url=f"{reverse('signals')}?kind=silence",
        at=at,
    )
