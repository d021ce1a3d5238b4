"""How complete a device's data are (数据传输有效率): moments due, received and valid.

The day's counts are kept in `DeviceDay` (written by the worker); a strip and the hours of one day
are asked of the store when somebody looks.
"""

from __future__ import annotations

import tomllib
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache
from importlib.resources import files

import ibis
import pyarrow as pa
from django.db.models import Count, Max, QuerySet, Sum
from ibis.expr.types import Table as Expression

from qingyuan.core.periods import Period, city_date, day_of
from qingyuan.readings.intake import ranges, valid_flags
from qingyuan.store import expressions
from qingyuan.store.answers import FILED, Question
from qingyuan.store.engine import engine
from qingyuan.store.observations import Observations
from qingyuan.web.monitoring.models import DataMark, DeviceDay
from qingyuan.web.registry.models import Device

__all__ = [
    "Definition",
    "Moments",
    "MonthRow",
    "day_counts",
    "definition_on",
    "due",
    "moments",
    "month_of",
    "month_rows",
    "stops_of",
]

SOURCES = (("2011", "Rtd"), ("2061", "Avg"))  # instants as they come; hours where that is all
_GAP = 1.5  # intervals without a reading that make a gap


@dataclass(frozen=True, slots=True)
class Definition:
    """One way of figuring completeness, with its mark (统计口径)."""

    id: str
    in_force_from: date
    target: float
    mark: str
    clause_zh: str
    clause_en: str
    transmission_zh: str
    transmission_en: str
    validity_zh: str
    validity_en: str
    together_zh: str
    together_en: str


@cache
def _definitions() -> tuple[Definition, ...]:
    text = files("qingyuan.web.monitoring").joinpath("completeness.toml").read_text("utf-8")
    return tuple(Definition(**row) for row in tomllib.loads(text)["definition"])


def definition_on(day: date) -> Definition:
    """Return the definition in force on a day; before the first, the first."""
    held = [one for one in _definitions() if one.in_force_from <= day]
    return held[-1] if held else _definitions()[0]


@dataclass(frozen=True, slots=True)
class Moments:
    """One instant at which a device spoke: when, received when, what of it counts."""

    cn: str
    time: datetime
    received_at: datetime
    qn: str
    values: int
    valid: int
    flags: tuple[str, ...]


def _at_moments(rows: Expression, bounds: Expression) -> Expression:
    """Group settled rows by device and instant; a value counts that is a number, normal, plausible."""
    ranged = rows.left_join(bounds, rows.factor == bounds.bounded)
    sound = (
        ranged.value.notnull()
        & ranged.flag.isin(sorted(valid_flags()))
        & (ranged.low.isnull() | ranged.value.between(ranged.low, ranged.high))
    )
    return ranged.group_by("mn", "cn", "time").aggregate(
        received_at=ranged.received_at.min(),
        qn=ranged.qn.min(),
        values=ranged.count(),
        valid=sound.sum(),
        flags=ranged.flag.collect(distinct=True),
    )


def _ask(
    observations: Observations, question: Question, mns: Sequence[str], build: object
) -> pa.Table:
    first, last = city_date(question.period.start), city_date(question.period.end)
    clean, mixed = observations.table.days_apart("changed", first=first, last=last)
    asking = engine(threads=1)
    bounds = asking.bounds(ranges())

    def made(*parts: Expression) -> Expression:
        rows = expressions.asked(question, *parts)
        return build(_at_moments(rows.filter(rows.mn.isin(list(mns))), bounds))  # type: ignore[operator]  # a function of an expression

    return asking.ask([clean, mixed] if mixed else [clean], made, schema=FILED)


def moments(observations: Observations, device: Device, period: Period) -> list[Moments]:
    """Return when a device spoke in a period, in order; of instants and hours what it sends more of."""
    question = Question(period, [device.station], None, SOURCES)
    rows = _ask(observations, question, [device.mn], lambda found: found.order_by("time"))
    by_cn: dict[str, list[Moments]] = defaultdict(list)
    for row in rows.to_pylist():
        by_cn[row["cn"]].append(
            Moments(
                row["cn"], row["time"], row["received_at"], row["qn"], row["values"], row["valid"],
                tuple(sorted(flag for flag in row["flags"] if flag)),
            )
        )  # fmt: skip
    return by_cn.get("2011") or by_cn.get("2061") or []


@dataclass(frozen=True, slots=True)
class Counted:
    """What the store holds of one device on one day."""

    cn: str
    received: int
    values: int
    valid: int
    late: int
    gaps: int
    longest_gap_s: int
    first_at: datetime
    last_at: datetime


def day_counts(
    observations: Observations, devices: Iterable[Device], day: date, *, late_s: int
) -> Mapping[str, Counted]:
    """Count one day of many devices in the store, by MN; what was received later than *late_s* is late."""
    groups: dict[int, list[Device]] = defaultdict(list)
    for device in devices:
        groups[device.interval_s].append(device)
    found: dict[str, Counted] = {}
    for interval_s, some in groups.items():
        question = Question(day_of(day), sorted({d.station for d in some}), None, SOURCES)
        rows = _ask(
            observations,
            question,
            [d.mn for d in some],
            lambda at, interval_s=interval_s: _of_a_day(at, interval_s=interval_s, late_s=late_s),
        )
        for row in sorted(rows.to_pylist(), key=lambda r: r["cn"], reverse=True):
            mn = row.pop("mn")
            found[mn] = Counted(**row)  # 2011 comes last and is what counts
    return found


def _of_a_day(at: Expression, *, interval_s: int, late_s: int) -> Expression:
    seconds = at.time.epoch_seconds()
    before = seconds.lag().over(group_by=[at.mn, at.cn], order_by=at.time)
    spaced = at.mutate(
        gap=(seconds - before).fill_null(0),
        wait=at.received_at.epoch_seconds() - seconds,
        step=ibis.cases((at.cn == "2061", 3600), else_=interval_s),
    )
    wide = spaced.gap > spaced.step * _GAP
    return spaced.group_by("mn", "cn").aggregate(
        received=spaced.count(),
        values=spaced["values"].sum(),
        valid=spaced.valid.sum(),
        late=(spaced.wait > late_s + spaced.step).sum(),
        gaps=wide.sum(),
        longest_gap_s=ibis.cases((wide, spaced.gap), else_=0).max(),
        first_at=spaced.time.min(),
        last_at=spaced.time.max(),
    )


def stops_of(
    stations: Iterable[str], period: Period
) -> Mapping[str, list[tuple[datetime, datetime]]]:
    """Return the declared stops (停运) that touch a period, cut to it, by station."""
    found: dict[str, list[tuple[datetime, datetime]]] = defaultdict(list)
    marks = DataMark.objects.filter(
        station__in=list(stations), kind=DataMark.Kind.STOP, factor="", withdrawn_at=None,
        from_at__lt=period.end,
    ).order_by("from_at")  # fmt: skip
    for mark in marks:
        start, end = max(mark.from_at, period.start), min(mark.to_at or period.end, period.end)
        if end > start:
            found[mark.station].append((start, end))
    return found


def due(period: Period, *, step_s: int, stops: Iterable[tuple[datetime, datetime]] = ()) -> int:
    """Return how many readings a period should hold, declared stops left out (应收).

    Overlapping stops are counted once; a reading that is only just due is not yet missed.
    """
    seconds = max(0.0, (period.end - period.start).total_seconds())
    reached = period.start
    for start, end in sorted(stops):
        begin = max(start, reached)
        if end > begin:
            seconds -= (min(end, period.end) - begin).total_seconds()
            reached = end
    return int(max(0.0, seconds) // step_s)


@dataclass(frozen=True, slots=True)
class MonthRow:
    """A device's month: due, received, valid, and the three shares (None: nothing was due)."""

    device: Device
    days: int
    expected: int
    received: int
    values: int
    valid: int
    late: int
    gaps: int
    longest_gap_s: int

    @property
    def transmission(self) -> float | None:
        """Received of due, at most one (传输率)."""
        return min(1.0, self.received / self.expected) if self.expected else None

    @property
    def validity(self) -> float | None:
        """Valid of received (有效率)."""
        return self.valid / self.values if self.values else None

    @property
    def together(self) -> float | None:
        """Transmission times validity (传输有效率)."""
        if self.transmission is None:
            return None
        return self.transmission * (self.validity or 0.0)


def month_of(text: str, *, at: datetime) -> date:
    """Return the first day of the month ``YYYY-MM``; the present one for anything else."""
    try:
        return date.fromisoformat(f"{text}-01")
    except ValueError:
        return city_date(at).replace(day=1)


def _next_month(first: date) -> date:
    return (first + timedelta(days=32)).replace(day=1)


def days_of(mn: str, first: date) -> QuerySet[DeviceDay]:
    """Return the counted days of one device in the month that begins with *first*."""
    return DeviceDay.objects.filter(
        device_id=mn, day__gte=first, day__lt=_next_month(first)
    ).order_by("day")


def month_rows(devices: Iterable[Device], first: date) -> dict[str, MonthRow]:
    """Return each device's month by MN; a device nobody ever heard has a row of noughts."""
    sums = {
        row["device_id"]: row
        for row in DeviceDay.objects.filter(day__gte=first, day__lt=_next_month(first))
        .values("device_id")
        .annotate(
            n=Count("pk"), due=Sum("expected"), came=Sum("received"), held=Sum("values"),
            good=Sum("valid"), behind=Sum("late"), holes=Sum("gaps"), longest=Max("longest_gap_s"),
        )
    }  # fmt: skip
    none = dict.fromkeys(("n", "due", "came", "held", "good", "behind", "holes", "longest"), 0)
    return {
        device.mn: MonthRow(device, *(sums.get(device.mn, none)[name] or 0 for name in none))
        for device in devices
    }
