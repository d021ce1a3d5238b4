"""Means (均值): hours and days, exact, with the counts that make them valid.

An hour is labelled by its start and a day is the Beijing day; whoever shows air hours by their end
converts there. A day is the mean of its hourly means (GB 3095), not of all readings.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Context, Decimal

from qingyuan.core.periods import Period, city_date, day_of, hour_of
from qingyuan.readings.rules import Validity

__all__ = ["Mean", "day_means", "hour_mean", "hour_means"]

_SECONDS = 3600
_HOUR = timedelta(hours=1)
_CONTEXT = Context(prec=50)  # sums of 30-digit values stay exact


@dataclass(frozen=True, slots=True)
class Mean:
    """The mean of one factor at one station over one period (均值).

    ``value`` is the unrounded quotient; ``count`` the values in it (readings of an hour, hours of a
    day); ``expected`` how many there should be, None when the interval is not known.
    """

    station: str
    factor: str
    period: Period
    value: Decimal
    low: Decimal
    high: Decimal
    count: int
    expected: int | None
    is_valid: bool


def hour_mean(
    station: str,
    factor: str,
    start: datetime,
    *,
    total: Decimal,
    low: Decimal,
    high: Decimal,
    count: int,
    rule: Validity,
    interval_s: int | None = None,
) -> Mean:
    """Return the mean of the clock hour from *start*, by its exact sum; valid with enough of it."""
    expected = None if interval_s is None else max(1, _SECONDS // interval_s)
    return Mean(
        station=station,
        factor=factor,
        period=Period(start, start + _HOUR),
        value=_CONTEXT.divide(total, Decimal(count)),
        low=low,
        high=high,
        count=count,
        expected=expected,
        is_valid=expected is None or count >= rule.hour_share * expected,
    )


def hour_means(
    rows: Iterable[tuple[str, str, datetime, Decimal]],
    *,
    rule: Validity,
    interval_s: int | None = None,
) -> list[Mean]:
    """Return the hourly means of ``(station, factor, time, value)`` rows, in order.

    The rows are those that take part: valid flags, one value per instant.
    """
    hours: dict[tuple[str, str, datetime], list[Decimal]] = defaultdict(list)
    for station, factor, time, value in rows:
        hours[station, factor, hour_of(time).start].append(value)
    return [
        hour_mean(
            *key,
            total=_sum(values),
            low=min(values),
            high=max(values),
            count=len(values),
            rule=rule,
            interval_s=interval_s,
        )
        for key, values in sorted(hours.items())
    ]


def day_means(hours: Iterable[Mean], *, rule: Validity) -> list[Mean]:
    """Return the means of Beijing days from valid hourly means; valid with enough hours."""
    days: dict[tuple[str, str, date], list[Mean]] = defaultdict(list)
    for hour in hours:
        if hour.is_valid:
            days[hour.station, hour.factor, city_date(hour.period.start)].append(hour)
    return [
        Mean(
            station=station,
            factor=factor,
            period=day_of(day),
            value=_CONTEXT.divide(_sum(hour.value for hour in held), Decimal(len(held))),
            low=min(hour.low for hour in held),
            high=max(hour.high for hour in held),
            count=len(held),
            expected=24,
            is_valid=len(held) >= rule.day_hours,
        )
        for (station, factor, day), held in sorted(days.items())
    ]


def _sum(values: Iterable[Decimal]) -> Decimal:
    total = Decimal(0)
    for value in values:
        total = _CONTEXT.add(total, value)
    return total
