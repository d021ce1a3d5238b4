"""Progress (进度): reporting periods, the expected line, backward scheduling. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from qingyuan.core.calendar import WorkCalendar

__all__ = [
    "BEHIND_BY",
    "Span",
    "backward",
    "expected_percent",
    "period_named",
    "period_of",
    "periods",
    "standing",
    "worst_first",
]

BEHIND_BY = 10  # 低于序时进度 10 个百分点以上为滞后（本平台默认，文件只写“推进不力”）


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """A reporting period (报送周期): its key and its first and last day."""

    first: date
    last: date
    key: str


def period_of(day: date, rhythm: str) -> Span:
    """Return the week (Monday to Sunday), month or quarter that holds *day*."""
    if rhythm == "weekly":
        year, week, weekday = day.isocalendar()
        first = day - timedelta(days=weekday - 1)
        return Span(first, first + timedelta(days=6), f"{year}-W{week:02d}")
    months = 3 if rhythm == "quarterly" else 1
    first = date(day.year, (day.month - 1) // months * months + 1, 1)
    following = (first + timedelta(days=32 * months - months)).replace(day=1)
    key = f"{first.year}-Q{(first.month + 2) // 3}" if months == 3 else f"{first:%Y-%m}"
    return Span(first, following - timedelta(days=1), key)


def periods(first: date, last: date, rhythm: str) -> list[Span]:
    """Return every period from the one that holds *first* to the one that holds *last*."""
    found, span = [], period_of(first, rhythm)
    while span.first <= last:
        found.append(span)
        span = period_of(span.last + timedelta(days=1), rhythm)
    return found


def period_named(key: str) -> Span | None:
    """Return the period with a key, None when it is none."""
    try:
        if "-W" in key:
            year, week = key.split("-W")
            return period_of(date.fromisocalendar(int(year), int(week), 1), "weekly")
        if "-Q" in key:
            year, quarter = key.split("-Q")
            return period_of(date(int(year), int(quarter) * 3 - 2, 1), "quarterly")
        return period_of(date.fromisoformat(f"{key}-01"), "monthly")
    except ValueError:
        return None


def expected_percent(starts: date, due: date, on: date, calendar: WorkCalendar) -> int:
    """Return the share of working days gone by, in whole percent (序时进度).

    The first day counts as worked through at its end; on the due date it is 100.
    """
    if on >= due:
        return 100
    if on < starts:
        return 0
    before = starts - timedelta(days=1)
    whole = calendar.working_days_between(before, due)
    gone = calendar.working_days_between(before, on)
    return min(100, gone * 100 // whole) if whole else 100


def backward(
    ends_on: date, steps: Sequence[tuple[str, int]], calendar: WorkCalendar
) -> list[tuple[str, date, date]]:
    """Return start and due date of each step, the last ending on *ends_on* (倒排工期).

    Parameters
    ----------
    steps : sequence of (title, working days)
        In the order of work; each takes at least a day.
    """
    made: list[tuple[str, date, date]] = []
    due = _back_to_workday(ends_on, calendar)
    for title, days in reversed(steps):
        start = due
        for _ in range(max(days, 1) - 1):
            start = _back_to_workday(start - timedelta(days=1), calendar)
        made.append((title, start, due))
        due = _back_to_workday(start - timedelta(days=1), calendar)
    return made[::-1]


def _back_to_workday(day: date, calendar: WorkCalendar) -> date:
    while not calendar.is_workday(day):
        day -= timedelta(days=1)
    return day


def standing(*, percent: int, expected: int, due: date, on: date, ended: str = "") -> str:
    """Return how a task stands: ``done`` ``cancelled`` ``overdue`` ``behind`` ``ontime`` ``waiting``.

    *ended* is the way its case ended, ``""`` while it runs.
    """
    if ended:
        return ended
    if on > due:
        return "overdue"
    if expected == 0 and percent == 0:
        return "waiting"
    return "behind" if expected - percent > BEHIND_BY else "ontime"


def worst_first(standings: Iterable[str]) -> str:
    """Return the standing a heading shows for its tasks."""
    order = ("overdue", "behind", "ontime", "waiting", "done", "cancelled")
    held = set(standings)
    return next((s for s in order if s in held), "waiting")
