"""Spans (时段): months, seasons and years among the days of a block.

The year is the calendar's. A season is three calendar months of one year (季度): 1–3, 4–6, 7–9 and
10–12.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

__all__ = ["Span", "months_in", "seasons_in", "span_of", "years_in"]

_FIRST_OF_SEASON = {month: (month - 1) // 3 * 3 + 1 for month in range(1, 13)}


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """Days ``[first, end)`` with a name and a kind (时段): ``month season year days``."""

    first: date
    end: date
    kind: str
    name: str

    @property
    def length(self) -> int:
        """How many days."""
        return (self.end - self.first).days

    def within(self, first_day: date, length: int) -> slice:
        """Return which of *length* days from *first_day* lie in the span."""
        begin = max(0, (self.first - first_day).days)
        return slice(min(begin, length), max(0, min(length, (self.end - first_day).days)))


def span_of(first: date, end: date, *, name: str = "") -> Span:
    """Return any span of days, such as a week."""
    return Span(first, end, "days", name or f"{first}—{end - timedelta(days=1)}")


def months_in(first_day: date, length: int) -> Iterator[Span]:
    """Yield the calendar months that the days touch, whole."""
    at, end = first_day.replace(day=1), first_day + timedelta(days=length)
    while at < end:
        following = _later(at, 1)
        yield Span(at, following, "month", f"{at:%Y-%m}")
        at = following


def seasons_in(first_day: date, length: int) -> Iterator[Span]:
    """Yield the quarters of years that the days touch, whole."""
    at = first_day.replace(day=1, month=_FIRST_OF_SEASON[first_day.month])
    end = first_day + timedelta(days=length)
    while at < end:
        following = _later(at, 3)
        yield Span(at, following, "season", f"{at.year}-Q{(at.month + 2) // 3}")
        at = following


def years_in(first_day: date, length: int) -> Iterator[Span]:
    """Yield the calendar years that the days touch, whole."""
    last = first_day + timedelta(days=max(0, length - 1))
    for year in range(first_day.year, last.year + 1):
        yield Span(date(year, 1, 1), date(year + 1, 1, 1), "year", f"{year}")


def _later(at: date, months: int) -> date:
    month = at.month - 1 + months
    return date(at.year + month // 12, month % 12 + 1, 1)
