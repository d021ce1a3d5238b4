"""The working-day calendar in force (工作日历): the shipped notices, and what was entered since."""

from __future__ import annotations

from functools import lru_cache

from qingyuan.core.calendar import HolidaySpan, WorkCalendar
from qingyuan.web.cases.models import CalendarChange

__all__ = ["calendar"]


@lru_cache(maxsize=8)
def _calendar(changes: tuple[HolidaySpan, ...]) -> WorkCalendar:
    return WorkCalendar.official(override=changes)


def calendar() -> WorkCalendar:
    """Return the working-day calendar in force; later entries win over earlier ones."""
    rows = CalendarChange.objects.filter(withdrawn_at=None).order_by("entered_at", "pk")
    return _calendar(tuple(row.span for row in rows))
