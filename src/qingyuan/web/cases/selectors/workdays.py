"""The working-day calendar in force (工作日历): the shipped notices, and what was entered since."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache

from django.db.models import QuerySet

from qingyuan.casework import clocks
from qingyuan.casework.statistics import WorkTime
from qingyuan.core.calendar import HolidaySpan, WorkCalendar
from qingyuan.core.periods import city_date, last_day
from qingyuan.web.cases.models import CalendarChange, Case, CaseClock
from qingyuan.web.cases.models.case import in_language
from qingyuan.web.ui.once import once

__all__ = ["ClockMove", "Preview", "calendar", "calendar_with", "changes", "preview", "work_time"]

_MOST_SHOWN = 200


@lru_cache(maxsize=8)
def _calendar(changes: tuple[HolidaySpan, ...]) -> WorkCalendar:
    return WorkCalendar.official(override=changes)


def calendar() -> WorkCalendar:
    """Return the working-day calendar in force; later entries win over earlier ones."""
    return once("calendar", calendar_with)


def calendar_with(
    *, more: Sequence[HolidaySpan] = (), without: CalendarChange | None = None
) -> WorkCalendar:
    """Return the calendar as it would be with *more* entered, or with an entry withdrawn."""
    rows = CalendarChange.objects.filter(withdrawn_at=None).order_by("entered_at", "pk")
    kept = [row.span for row in rows if without is None or row.pk != without.pk]
    return _calendar((*kept, *more))


def changes() -> QuerySet[CalendarChange]:
    """Return what was entered, the newest first; what was withdrawn stays readable."""
    return CalendarChange.objects.order_by("-entered_at", "-pk")


@dataclass(frozen=True, slots=True)
class ClockMove:
    """One running clock a change would move: its case, and its last day before and after."""

    case: Case
    label: str
    before: datetime
    after: datetime

    @property
    def days(self) -> int:
        """By how many calendar days; negative when it falls due earlier."""
        return (city_date(self.after) - city_date(self.before)).days

    @property
    def last_before(self) -> date:
        """The last day, as it stands."""
        return last_day(self.before)

    @property
    def last_after(self) -> date:
        """The last day, as it would be."""
        return last_day(self.after)


@dataclass(frozen=True, slots=True)
class Preview:
    """What a change of the calendar would do to the running clocks (预览)."""

    moves: tuple[ClockMove, ...]
    cases: int
    by_days: tuple[tuple[int, int], ...]

    @property
    def clocks(self) -> int:
        """How many clocks would move."""
        return sum(n for _days, n in self.by_days)


def preview(days: WorkCalendar) -> Preview:
    """Say which running clocks would end on another day under *days*; nothing is written."""
    running = CaseClock.objects.filter(
        stopped_at=None, due_at__isnull=False, unit="workday"
    ) | CaseClock.objects.filter(stopped_at=None, due_at__isnull=False, unit="day")
    rows = (
        running.select_related("case__district", "case__unit", "case__person")
        .defer("case__district__wkb")
        .prefetch_related("pauses", "extensions", "case__procedure")
        .order_by("due_at", "pk")
    )
    moves = []
    for row in rows:
        after = clocks.due(row.record(), calendar=days)
        if row.due_at and after and after != row.due_at:
            rule = row.case.rules.clocks.get(row.name)
            label = in_language(rule.label) if rule else row.name
            moves.append(ClockMove(row.case, label, row.due_at, after))
    return Preview(
        moves=tuple(moves[:_MOST_SHOWN]),
        cases=len({move.case.pk for move in moves}),
        by_days=tuple(sorted(Counter(move.days for move in moves).items())),
    )


@lru_cache(maxsize=4)
def _work_time(days: WorkCalendar) -> WorkTime:
    return WorkTime(days)


def work_time() -> WorkTime:
    """Return what counts working days quickly, by the calendar in force."""
    return _work_time(calendar())
