"""A year of the working-day calendar as a page shows it (工作日历)."""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta

from django.utils.translation import gettext as _

from qingyuan.core.calendar import HolidaySpan, WorkCalendar

__all__ = ["DayOf", "Month", "SpanOf", "Year", "year_of"]

_LONGEST = 31


@dataclass(frozen=True, slots=True)
class DayOf:
    """One day: ``work``, ``rest`` (weekend), ``holiday`` or ``makeup``, and what it is called."""

    day: date
    kind: str
    name: str


@dataclass(frozen=True, slots=True)
class SpanOf:
    """Days a notice names: which, off or worked, what they are called, and the notice as it is cited."""

    label: str
    kind: str
    name: str
    notice: str


@dataclass(frozen=True, slots=True)
class Month:
    """One month: thirty-one places, empty where the month is shorter, and its working days."""

    number: int
    days: tuple[DayOf | None, ...]
    workdays: int


@dataclass(frozen=True, slots=True)
class Year:
    """One year: its months, what the notices name in it, and whether any notice covers it."""

    number: int
    months: tuple[Month, ...]
    spans: tuple[SpanOf, ...]
    provisional: bool

    @property
    def workdays(self) -> int:
        """The working days of the year."""
        return sum(month.workdays for month in self.months)


def year_of(number: int, days: WorkCalendar) -> Year:
    """Lay a year out, month by month."""
    months = tuple(_month(number, n, days) for n in range(1, 13))
    first = date(number, 1, 1)
    every = (first + timedelta(days=n) for n in range((date(number, 12, 31) - first).days + 1))
    named = dict.fromkeys(span for day in every if (span := days.span_of(day)))
    spans = tuple(SpanOf(s.label, s.kind, _called(s), s.notice) for s in named)
    return Year(number, months, spans, days.is_provisional(first))


def _called(span: HolidaySpan) -> str:
    """Return the festivals of a notice in the reader's language; other names stand as entered."""
    known = {
        "元旦": _("元旦"),
        "春节": _("春节"),
        "清明节": _("清明节"),
        "劳动节": _("劳动节"),
        "端午节": _("端午节"),
        "中秋节": _("中秋节"),
        "国庆节": _("国庆节"),
    }
    return _("、").join(known.get(name, name) for name in span.name.split("、"))


def _month(year: int, number: int, days: WorkCalendar) -> Month:
    length = monthrange(year, number)[1]
    found = [_day(date(year, number, n), days) for n in range(1, length + 1)]
    worked = sum(day.kind in ("work", "makeup") for day in found)
    return Month(number, (*found, *[None] * (_LONGEST - length)), worked)


def _day(day: date, days: WorkCalendar) -> DayOf:
    span = days.span_of(day)
    if span is not None:
        return DayOf(day, span.kind, _called(span))
    return DayOf(day, "work" if days.is_workday(day) else "rest", "")
