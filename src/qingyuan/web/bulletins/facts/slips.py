"""Slips of a day (提醒单): one per station or enterprise with an alarm, of those one may see."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, datetime, timedelta

from django.db.models import Q

from qingyuan.core.factors import factor
from qingyuan.core.periods import CITY_TZ, day_of
from qingyuan.core.quantities import plain
from qingyuan.reporting import Document, Slip, slip
from qingyuan.web.accounts.scope import Scope
from qingyuan.web.bulletins.facts.daily import head
from qingyuan.web.registry.models import AirStation, Outfall, Section
from qingyuan.web.signals.models import Signal
from qingyuan.web.signals.selectors import signals

__all__ = ["slips_of"]

_ANSWER = timedelta(days=3)


def slips_of(day: date, *, scope: Scope, at: datetime) -> list[Document]:
    """Return the slips of the alarms first seen on a day; false alarms make none."""
    span = day_of(day)
    found = signals(scope).filter(Q(first_at__gte=span.start, first_at__lt=span.end), false_at=None)
    held: dict[tuple[str, str], list[Signal]] = defaultdict(list)
    for signal in found.order_by("object_kind", "object_code", "first_at", "pk"):
        held[signal.object_kind, signal.object_code].append(signal)
    names = _addressees(held)
    issuer = head().issuer
    return [
        slip(
            Slip(
                number=f"提〔{day.year}〕{day:%m%d}-{n:03d}号",
                addressee=names.get(key, (key[1], key[1]))[0],
                subject=names.get(key, (key[1], key[1]))[1],
                matters=[_matter(signal) for signal in rows],
                answer_by=day + _ANSWER,
                issuer=issuer,
                day=day,
            )
        )
        for n, (key, rows) in enumerate(sorted(held.items()), start=1)
    ]


def _matter(signal: Signal) -> tuple[str, str, str, str]:
    known = factor(signal.factor)
    unit = f" {known.unit}" if known.unit else ""
    what = f"{known.zh} {signal.get_kind_display()}" if signal.factor else signal.get_kind_display()
    value = "—" if signal.value is None else plain(signal.value) + unit
    limit = "—" if signal.limit is None else plain(signal.limit) + unit
    return what, value, limit, f"{signal.first_at.astimezone(CITY_TZ):%m-%d %H:%M}"


def _addressees(
    held: dict[tuple[str, str], list[Signal]],
) -> dict[tuple[str, str], tuple[str, str]]:
    """Return whom a slip is addressed to and what it is about, by kind and code."""
    codes = {kind: {code for k, code in held if k == kind} for kind, _ in held}
    found: dict[tuple[str, str], tuple[str, str]] = {}
    for model, kind, ending in ((Section, "section", "断面"), (AirStation, "air", "空气站")):
        rows = model.objects.filter(code__in=codes.get(kind, set())).select_related("district")
        for row in rows.defer("district__wkb"):
            found[kind, row.code] = (f"{row.district.name_zh}人民政府", f"{row.name_zh}{ending}")
    outfalls = Outfall.objects.filter(code__in=codes.get("outfall", set()))
    for outfall in outfalls.select_related("enterprise", "district").defer("district__wkb"):
        owner = outfall.enterprise
        who = owner.name_zh if owner else f"{outfall.district.name_zh}人民政府"
        found["outfall", outfall.code] = (who, outfall.name_zh)
    return found
