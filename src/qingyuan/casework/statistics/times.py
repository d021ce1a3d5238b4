"""Working time (工作时间): how long a case took and has left, paused days not counted."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache

from qingyuan.casework.model import Phase
from qingyuan.casework.statistics.rows import CaseRow
from qingyuan.core.calendar import WorkCalendar
from qingyuan.core.periods import city_date, day_of

__all__ = ["Timing", "WorkTime", "timing"]

_ONE = timedelta(days=1)


@lru_cache(maxsize=4096)
def _day_start(day: date) -> datetime:
    return day_of(day).start


class WorkTime:
    """Counts working time quickly over many cases (工作时间计算).

    It sums the calendar once for the years asked for, so that a hundred thousand cases cost a
    subtraction each and not a walk over their days.
    """

    def __init__(self, calendar: WorkCalendar) -> None:
        self._calendar = calendar
        self._first = date(2000, 1, 1)
        self._sums: list[int] = [0]

    def _upto(self, day: date) -> int:
        """Return the working days from the first day known up to and including *day*."""
        n = (day - self._first).days + 1
        if n < 0:
            return -self._calendar.working_days_between(day, self._first - _ONE)
        if len(self._sums) <= n:
            self._sums = self._longer(n + 366)  # replaced whole: others may be reading it
        return self._sums[n]

    def _longer(self, n: int) -> list[int]:
        sums = self._sums.copy()
        while len(sums) <= n:
            worked = self._calendar.is_workday(self._first + _ONE * (len(sums) - 1))
            sums.append(sums[-1] + worked)
        return sums

    def between(self, start: date, end: date) -> int:
        """Count working days after *start* up to and including *end*; negative if *end* is before."""
        return self._upto(end) - self._upto(start)

    def days(
        self,
        start: datetime,
        end: datetime,
        pauses: Iterable[tuple[datetime, datetime | None]] = (),
    ) -> int:
        """Count working days from *start* to *end*, the day of the act and paused days not counted.

        A pause takes away the dates from its first day up to, not including, the day it is lifted,
        as it does for clocks.
        """
        first, last = city_date(start), city_date(end)
        lost: set[date] = set()
        for since, until in pauses:
            day, stop = max(city_date(since), first + _ONE), last + _ONE
            stop = min(city_date(until), stop) if until else stop
            while day < stop:
                if self._calendar.is_workday(day):
                    lost.add(day)
                day += _ONE
        return self.between(first, last) - len(lost)

    def hours(self, start: datetime, end: datetime) -> float:
        """Return the hours from *start* to *end* that lie on working days."""
        if end <= start:
            return 0.0
        first, last = city_date(start), city_date(end)
        if first == last:
            return (end - start) / timedelta(hours=1) if self._calendar.is_workday(first) else 0.0
        found = 24.0 * self.between(first, last - _ONE)
        if self._calendar.is_workday(first):
            found += (_day_start(first + _ONE) - start) / timedelta(hours=1)
        if self._calendar.is_workday(last):
            found += (end - _day_start(last)) / timedelta(hours=1)
        return found


@dataclass(frozen=True, slots=True)
class Timing:
    """Elapsed and remaining working time of one row (已用与剩余).

    ``left`` is None where no limit runs and negative when late; ``phases`` are the working days spent
    in each macro phase, pauses included.
    """

    elapsed: int
    left: int | None
    late: bool
    phases: dict[Phase, int]


def timing(row: CaseRow, *, at: datetime, work: WorkTime) -> Timing:
    """Return how long *row* has taken and has left at *at*, in working days."""
    end = min(at, row.closed_at) if row.closed_at else at
    left, late = None, False
    if row.due_at is not None:
        last = city_date(row.due_at - timedelta(microseconds=1))
        late = end >= row.due_at
        left = work.between(city_date(end), last)
        left = min(left, -1) if late else left
    phases = dict.fromkeys(Phase, 0)
    for spell in row.spells:
        until = min(spell.end or end, at)
        phases[spell.phase] += max(work.between(city_date(spell.start), city_date(until)), 0)
    return Timing(work.days(row.opened_at, end, row.pauses), left, late, phases)
