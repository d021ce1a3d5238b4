"""Periods (时段): half-open spans of time, and the city's own zone.

Every instant is an aware `datetime`; stored in UTC, shown in Asia/Shanghai. A standard that labels
an hour by its end (空气) or by its start (HJ 212) says so where it is read; inside the house a
period is always ``[start, end)``.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

__all__ = ["CITY_TZ", "Period", "city_date", "day_of", "hour_of", "in_city", "last_day", "month_of"]

CITY_TZ = ZoneInfo("Asia/Shanghai")


@dataclass(frozen=True, slots=True, order=True)
class Period:
    """A half-open span ``[start, end)`` of aware instants (时段)."""

    start: datetime
    end: datetime

    def __post_init__(self) -> None:
        if self.start.tzinfo is None or self.end.tzinfo is None:
            raise ValueError("a period needs aware instants")
        if self.end < self.start:
            raise ValueError("a period cannot end before it starts")

    @property
    def length(self) -> timedelta:
        """How long it lasts."""
        return self.end - self.start

    def __contains__(self, at: datetime) -> bool:
        return self.start <= at < self.end

    def overlaps(self, other: Period) -> bool:
        """Whether the two share an instant."""
        return self.start < other.end and other.start < self.end

    def split(self, step: timedelta) -> Iterator[Period]:
        """Yield consecutive pieces of length *step*; the last may be shorter."""
        at = self.start
        while at < self.end:
            following = min(at + step, self.end)
            yield Period(at, following)
            at = following


def in_city(at: datetime) -> datetime:
    """Return the same instant in Asia/Shanghai (北京时间)."""
    return at.astimezone(CITY_TZ)


def city_date(at: datetime) -> date:
    """Return the calendar date of *at* in the city."""
    return in_city(at).date()


def last_day(end: datetime) -> date:
    """Return the last calendar date a term that ends at *end* (exclusive) still holds."""
    return city_date(end - timedelta(microseconds=1))


def hour_of(at: datetime) -> Period:
    """Return the clock hour that holds *at*."""
    start = at.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
    return Period(start, start + timedelta(hours=1))


def day_of(day: date) -> Period:
    """Return the Beijing-time day, as UTC instants."""
    start = datetime.combine(day, time(), CITY_TZ).astimezone(UTC)
    return Period(start, datetime.combine(day + timedelta(days=1), time(), CITY_TZ).astimezone(UTC))


def month_of(day: date) -> Period:
    """Return the Beijing-time month that holds *day*, as UTC instants."""
    first = day.replace(day=1)
    following = (first + timedelta(days=32)).replace(day=1)
    return Period(day_of(first).start, day_of(following).start)
