"""The month (月排名): stretches ranked and classed, with and without namings; districts scored."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from statistics import fmean

from django.db.models import QuerySet

from qingyuan.hotspots import (
    DistrictScore,
    Month,
    RoadClasses,
    Transfer,
    district_scores,
    transfers_of,
)
from qingyuan.web.accounts.scope import Scope
from qingyuan.web.surveys.models import Override, Stretch, StretchDay
from qingyuan.web.surveys.parameters import parameters

__all__ = ["MonthRow", "month_rows", "months", "scores_of", "transfers"]


@dataclass(frozen=True, slots=True)
class MonthRow:
    """A stretch's month: mean, rank, class; ``original`` is the class before namings."""

    stretch: Stretch
    mean: float
    before: float | None
    days: int
    passes: int
    rank: int
    name: str
    original: str
    overrides: tuple[Override, ...]

    @property
    def change(self) -> float | None:
        """How the mean changed from the month before, per cent."""
        return None if not self.before else 100 * (self.mean - self.before) / self.before


def months(scope: Scope) -> list[date]:
    """Return the months that hold stretch days, newest first."""
    return sorted(StretchDay.objects.dates("day", "month"), reverse=True)


def _span(month: date) -> tuple[date, date]:
    return month, (month + timedelta(days=32)).replace(day=1)


def _means(month: date) -> dict[tuple[str, str, str], tuple[Stretch, float, int, int]]:
    """Return mean of days, days and passes by what a stretch is called: versions of roads agree on that."""
    first, end = _span(month)
    held: dict[tuple[str, str, str], list[StretchDay]] = defaultdict(list)
    for row in StretchDay.objects.filter(day__gte=first, day__lt=end).select_related("stretch").defer("stretch__lines"):  # fmt: skip
        held[row.stretch.road, row.stretch.start, row.stretch.end].append(row)
    rule = parameters("month")
    out = {}
    for key, rows in held.items():
        days, passes = len({r.day for r in rows}), sum(r.passes for r in rows)
        if days >= rule["least_days"] and passes >= rule["least_passes"]:
            newest = max(rows, key=lambda r: r.day).stretch
            out[key] = newest, fmean(r.pm10 for r in rows), days, passes
    return out


def _namings(month: date) -> QuerySet[Override]:
    return Override.objects.filter(month=month, withdrawn_at=None).select_related("made_by", "stretch")  # fmt: skip


def month_rows(month: date, rules: RoadClasses) -> list[MonthRow]:
    """Rank the whole city's stretches of a month, the dirtiest first."""
    now, then = _means(month), _means((month - timedelta(days=1)).replace(day=1))
    named: dict[tuple[str, str, str], list[Override]] = defaultdict(list)
    for row in _namings(month):
        named[row.stretch.road, row.stretch.start, row.stretch.end].append(row)
    ids = {str(n): key for n, key in enumerate(sorted(now))}
    means = {n: now[key][1] for n, key in ids.items()}

    def called(level: str) -> list[str]:
        return [n for n, key in ids.items() if any(o.level == level for o in named.get(key, ()))]

    plain = rules.of_month(means)
    told = rules.of_month(means, named_by_city=called("city"), named_above=called("above"))
    rows = [
        MonthRow(
            stretch=now[key][0], mean=round(means[n], 1),
            before=round(then[key][1], 1) if key in then else None,
            days=now[key][2], passes=now[key][3], rank=told[n][0], name=told[n][1],
            original=plain[n][1], overrides=tuple(named.get(key, ())),
        )
        for n, key in ids.items()
    ]  # fmt: skip
    return sorted(rows, key=lambda r: (r.rank, str(r.stretch)))


def scores_of(month: date, rules: RoadClasses) -> list[DistrictScore]:
    """Score the districts of a month; namings count in the classes."""
    rows = month_rows(month, rules)
    then = _means((month - timedelta(days=1)).replace(day=1))
    before = [
        Month(str(n), stretch.district_code, _exact(mean), passes, days)
        for n, (stretch, mean, days, passes) in enumerate(then.values())
        if stretch.district_code
    ]
    now = [
        Month(str(n), row.stretch.district_code, _exact(row.mean), row.passes, row.days)
        for n, row in enumerate(rows)
        if row.stretch.district_code
    ]
    classes = {str(n): (row.rank, row.name) for n, row in enumerate(rows)}
    return district_scores(now, rules, before=before, classes=classes, least_passes=1, least_days=1)


def _exact(value: float) -> Decimal:
    return Decimal(f"{value:.1f}")


def transfers(scores: Sequence[DistrictScore], rules: RoadClasses) -> list[Transfer]:
    """Return what each district would pay and receive; empty while the city moves no money."""
    money = parameters("money")
    rates = {name: Decimal(str(value)) for name, value in money["rates"].items()}
    return transfers_of(scores, rules, rates=rates, on=bool(money["on"]) and bool(rates)) or []
