"""The month (月排名): stretches ranked and classed, with and without namings; districts scored."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from django.db.models import Count, QuerySet, Sum

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

__all__ = ["RoadRow", "month_rows", "months", "scores_of", "span_rows", "transfers"]


@dataclass(frozen=True, slots=True)
class RoadRow:
    """A stretch over a month or other days: mean in µg/m³, rank, class; ``original`` is the class before namings."""

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
        """How the mean changed from the time before, per cent."""
        return None if not self.before else 100 * (self.mean - self.before) / self.before


def months(scope: Scope) -> list[date]:
    """Return the months that hold stretch days, newest first."""
    return sorted(StretchDay.objects.dates("day", "month"), reverse=True)


@dataclass(frozen=True, slots=True)
class _Mean:
    stretch: Stretch
    mean: float
    days: int
    passes: int


# district, road, start, end; where two stretches are called the same, also where
_Called = tuple[str, str, str, str, str]
_CALLED = ("network_id", "district_code", "road", "start", "end")
_CELL = 0.002  # degrees: how far roads may be drawn anew and be the same


def _called(pks: Iterable[int]) -> dict[int, tuple[Stretch, _Called]]:
    """Return each stretch and what it is in every version of the roads."""
    found = Stretch.objects.defer("lines").in_bulk(pks)
    of_them = Stretch.objects.filter(network__in={s.network_id for s in found.values()})
    names = of_them.values_list(*_CALLED).annotate(n=Count("pk")).filter(n__gt=1)
    twice = set(names.values_list(*_CALLED))
    same = [pk for pk, s in found.items() if tuple(getattr(s, name) for name in _CALLED) in twice]
    where = {
        pk: _middle(lines)
        for pk, lines in Stretch.objects.filter(pk__in=same).values_list("pk", "lines")
    }
    return {
        pk: (s, (s.district_code, s.road, s.start, s.end, where.get(pk, "")))
        for pk, s in found.items()
    }


def _middle(lines: list[list[tuple[float, float]]]) -> str:
    lon, lat = lines[len(lines) // 2][len(lines[len(lines) // 2]) // 2]
    return f"{round(lon / _CELL)} {round(lat / _CELL)}"


def _means(first: date, end: date, item: str, *, least: Mapping[str, int]) -> dict[_Called, _Mean]:
    """Return mean of days, days and passes by what a stretch is called; a day has one version of roads."""
    days = StretchDay.objects.filter(day__gte=first, day__lt=end, **{f"{item}__isnull": False})
    sums = days.values_list("stretch").annotate(Sum(item), Count("day"), Sum("passes"))
    rows = {pk: row for pk, *row in sums.order_by("stretch")}
    parts: dict[_Called, list[tuple[Stretch, float, int, int]]] = defaultdict(list)
    for pk, (stretch, called) in _called(rows).items():
        parts[called].append((stretch, *rows[pk]))
    means = {
        called: _Mean(
            max((p[0] for p in held), key=lambda s: s.pk),
            sum(p[1] for p in held) / sum(p[2] for p in held),
            sum(p[2] for p in held),
            sum(p[3] for p in held),
        )
        for called, held in parts.items()
    }
    return {
        called: mean
        for called, mean in means.items()
        if mean.days >= least["least_days"] and mean.passes >= least["least_passes"]
    }


def _month_means(month: date, item: str) -> dict[_Called, _Mean]:
    end = (month + timedelta(days=32)).replace(day=1)
    return _means(month, end, item, least=parameters("month"))


def _namings(month: date) -> QuerySet[Override]:
    return Override.objects.filter(month=month, withdrawn_at=None).select_related("made_by", "stretch")  # fmt: skip


def month_rows(month: date, rules: RoadClasses, item: str = "pm10") -> list[RoadRow]:
    """Rank the whole city's stretches of a month by *item* (``pm10``, ``pm25``), the dirtiest first."""
    now, then = _month_means(month, item), _month_means(_month_before(month), item)
    namings = list(_namings(month))
    called_so = _called({row.stretch_id for row in namings})
    named: dict[_Called, list[Override]] = defaultdict(list)
    for row in namings:
        named[called_so[row.stretch_id][1]].append(row)
    ids = {str(n): key for n, key in enumerate(sorted(now))}
    means = {n: now[key].mean for n, key in ids.items()}

    def called(level: str) -> list[str]:
        return [n for n, key in ids.items() if any(o.level == level for o in named.get(key, ()))]

    plain = rules.of_month(means)
    told = rules.of_month(means, named_by_city=called("city"), named_above=called("above"))
    return _ordered(
        _row(now[key], then.get(key), told[n], plain[n][1], tuple(named.get(key, ())))
        for n, key in ids.items()
    )


def span_rows(first: date, last: date, rules: RoadClasses, item: str = "pm10") -> list[RoadRow]:
    """Rank the city's stretches of some days by their mean; the class is by concentration.

    ``before`` is the mean of the same stretch in as many days just before *first*.
    """
    end, days = last + timedelta(days=1), (last - first).days + 1
    any_pass = {"least_days": 1, "least_passes": 1}
    now = _means(first, end, item, least=any_pass)
    then = _means(first - timedelta(days=days), first, item, least=any_pass)
    ranks = rules.of_month({str(n): found.mean for n, found in enumerate(now.values())})
    return _ordered(
        _row(found, then.get(key), (ranks[str(n)][0], name), name, ())
        for n, (key, found) in enumerate(now.items())
        for name in [rules.of(item, found.mean)]
    )


def _month_before(month: date) -> date:
    return (month - timedelta(days=1)).replace(day=1)


def _row(
    now: _Mean, then: _Mean | None, told: tuple[int, str], plain: str, namings: tuple[Override, ...]
) -> RoadRow:
    return RoadRow(
        stretch=now.stretch, mean=round(now.mean, 1), before=then and round(then.mean, 1), days=now.days,
        passes=now.passes, rank=told[0], name=told[1], original=plain, overrides=namings,
    )  # fmt: skip


def _ordered(rows: Iterable[RoadRow]) -> list[RoadRow]:
    return sorted(rows, key=lambda r: (r.rank, str(r.stretch)))


def scores_of(month: date, rules: RoadClasses) -> list[DistrictScore]:
    """Score the districts of a month; namings count in the classes."""
    rows = month_rows(month, rules)
    before = [
        Month(str(n), m.stretch.district_code, _exact(m.mean), m.passes, m.days)
        for n, m in enumerate(_month_means(_month_before(month), "pm10").values())
        if m.stretch.district_code
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
