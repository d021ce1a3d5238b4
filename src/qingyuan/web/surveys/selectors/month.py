"""The month (月排名): stretches ranked and classed, with and without namings; districts scored."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from statistics import fmean
from typing import Any

from django.db.models import QuerySet

from qingyuan.hotspots import CLASSES, RoadClasses
from qingyuan.web.accounts.scope import Scope
from qingyuan.web.surveys.models import Override, Stretch, StretchDay
from qingyuan.web.surveys.parameters import parameters

__all__ = ["District", "MonthRow", "Transfer", "districts_of", "month_rows", "months", "transfers"]


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


@dataclass(frozen=True, slots=True)
class District:
    """A district's month: counts by class, mean, score of state, improvement and both; its rank."""

    code: str
    counts: Mapping[str, int]
    mean: float
    change: float | None
    state: float
    improvement: float | None
    score: float
    rank: int


@dataclass(frozen=True, slots=True)
class Transfer:
    """What a district pays (negative) or receives, yuan a month."""

    code: str
    roads: float
    improved: float

    @property
    def total(self) -> float:
        """Both together."""
        return self.roads + self.improved


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


def _efficacy(value: float, values: Sequence[float]) -> float:
    """Return the efficacy coefficient (功效系数): the lowest value best, the highest worst."""
    rule = parameters("score")
    low, high = min(values), max(values)
    share = 1.0 if high == low else (high - value) / (high - low)
    return float(rule["worst"] + (rule["best"] - rule["worst"]) * share)


def districts_of(rows: Sequence[MonthRow]) -> list[District]:
    """Score the districts of a month: state and improvement, half and half."""
    held: dict[str, list[MonthRow]] = defaultdict(list)
    for row in rows:
        if row.stretch.district_code:
            held[row.stretch.district_code].append(row)
    mean = {code: fmean(r.mean for r in part) for code, part in held.items()}
    change = {
        code: fmean(c for r in part if (c := r.change) is not None)
        for code, part in held.items()
        if any(r.change is not None for r in part)
    }
    half = float(parameters("score")["state_weight"])
    found: list[dict[str, Any]] = []
    for code, part in held.items():
        state = _efficacy(mean[code], list(mean.values()))
        better = _efficacy(change[code], list(change.values())) if code in change else None
        score = state if better is None else half * state + (1 - half) * better
        counts = {name: sum(r.name == name for r in part) for name in CLASSES}
        found.append({"code": code, "counts": counts, "mean": mean[code], "change": change.get(code),
                      "state": state, "improvement": better, "score": score})  # fmt: skip
    return [
        District(**row, rank=1 + sum(other["score"] > row["score"] for other in found))
        for row in sorted(found, key=lambda d: (-d["score"], d["code"]))
    ]


def transfers(
    districts: Sequence[District], money: Mapping[str, Any] | None = None
) -> list[Transfer]:
    """Return what each district would pay and receive; empty while the table is off (默认不启用)."""
    rule = parameters("money") if money is None else money
    if not rule["on"]:
        return []
    best = sorted((d for d in districts if d.change is not None), key=lambda d: (d.change or 0.0, d.code))[:3]  # fmt: skip
    return [
        Transfer(
            d.code,
            sum(d.counts[n] * float(rule[n]) * (1 if n == "green" else -1) for n in CLASSES),
            float(rule["improved"]) if d in best and (d.change or 0) < 0 else 0.0,
        )
        for d in districts
    ]
