"""Clocks (计时): when a limit falls due, what pauses and extensions did to it, and why.

A clock is a set of records: a start, pauses, extensions, perhaps a stop; its due moment is computed
from them and the calendar each time and never edited. The day of the act is not counted; a term of
working days ends with the n-th working day; a term of calendar days, months or years that ends on a
day off ends on the first worked day after it, a month's end standing for a day the month lacks; hours
run through. A pause takes away the dates from its first day up to, not including, the day it is
lifted (hours: to the second).
A day ends at midnight, city time; ``due`` is that instant, so a deed *before* it is in time.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from types import MappingProxyType
from typing import Literal

from qingyuan.casework.model import Card, Label, Unit, Warn
from qingyuan.core.calendar import TermExplanation, WorkCalendar
from qingyuan.core.periods import city_date, day_of, in_city
from qingyuan.core.problems import Problem

__all__ = [
    "UNITS",
    "Clock",
    "Explanation",
    "Extension",
    "Pause",
    "Remaining",
    "Warning",
    "due",
    "due_day",
    "explain",
    "months_after",
    "remaining",
    "standing",
    "warnings",
]

UNITS: Mapping[Unit, Label] = MappingProxyType(
    {
        "workday": Label("个工作日", "working days"),
        "day": Label("天（自然日）", "calendar days"),
        "hour": Label("小时", "hours"),
        "month": Label("个月", "months"),
        "year": Label("年", "years"),
    }
)
"""How each unit of a limit is said after a number."""
_ONE = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Pause:
    """A pause (暂停): from, to (None while it lasts), with approver and reason."""

    start: datetime
    end: datetime | None = None
    reason: str = ""
    approver: str = ""


@dataclass(frozen=True, slots=True)
class Extension:
    """An extension (延期) of ``amount`` units, with approver and reason."""

    amount: int
    reason: str = ""
    approver: str = ""


@dataclass(frozen=True, slots=True)
class Clock:
    """The records of one clock of one case (一个时限的记录).

    Exactly one of ``length`` and ``until`` is set. ``stopped`` is when its stop deed was done.
    """

    start: datetime
    unit: Unit
    length: int | None = None
    until: date | None = None
    pauses: tuple[Pause, ...] = ()
    extensions: tuple[Extension, ...] = ()
    stopped: datetime | None = None

    def __post_init__(self) -> None:
        times = [self.start, self.stopped, *(t for p in self.pauses for t in (p.start, p.end))]
        for time in times:
            if time is not None and time.tzinfo is None:
                raise Problem("casework.naive_time", given=time)
        for pause in self.pauses:
            if pause.start < self.start:
                raise Problem("casework.pause_before_start", pause=pause.start, start=self.start)
            if pause.end is not None and pause.end < pause.start:
                raise Problem("casework.pause_ends_first", pause=pause.start, end=pause.end)
        for extension in self.extensions:
            if extension.amount < 1:
                raise Problem("casework.bad_extension", given=extension.amount)
        if (self.length is None) == (self.until is None) or (self.length or 1) < 1:
            raise ValueError("a clock has either a positive length or a date")
        if self.until is not None and self.until < city_date(self.start):
            raise Problem("casework.due_before_start", due=self.until, start=city_date(self.start))

    @property
    def extended(self) -> int:
        """How many units were added."""
        return sum(e.amount for e in self.extensions)

    @property
    def is_paused(self) -> bool:
        """Whether a pause is still open."""
        return any(p.end is None for p in self.pauses)


@dataclass(frozen=True, slots=True)
class Remaining:
    """Time left (剩余): working days and calendar days, negative when late; hours for hour clocks."""

    workdays: int
    days: int
    hours: float
    late: bool


@dataclass(frozen=True, slots=True)
class Warning:
    """A rung of the ladder with its moment (预警)."""

    at: datetime
    card: Card
    to: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why the clock ends when it does (期限说明): sentences, and the term behind them."""

    zh: str
    en: str
    term: TermExplanation
    due: datetime | None


def _paused_dates(clock: Clock, *, until: date | None = None) -> frozenset[date]:
    days: set[date] = set()
    for pause in clock.pauses:
        end = city_date(pause.end) if pause.end else until
        day = city_date(pause.start)
        while end is not None and day < end:
            days.add(day)
            day += _ONE
    return frozenset(days)


def _end_of(day: date) -> datetime:
    return day_of(day).end


def due_day(clock: Clock, *, calendar: WorkCalendar) -> date | None:
    """Return the last day of the term (到期日), or None while the clock is paused."""
    if clock.is_paused and clock.stopped is None:
        return None
    if clock.unit == "hour":
        moment = due(clock, calendar=calendar)
        return city_date(moment) if moment else None
    start = city_date(clock.start)
    paused = _paused_dates(clock, until=city_date(clock.stopped) if clock.stopped else None)
    if clock.until is not None:
        return _dated(clock, calendar, paused)
    total = (clock.length or 0) + clock.extended
    if clock.unit == "workday":
        return calendar.add_working_days(start, total, without=paused)
    return calendar.next_workday(_natural_end(clock, start, total, paused))


def _natural_end(clock: Clock, start: date, total: int, paused: frozenset[date]) -> date:
    """Return the last day of a term of days, months or years before it moves off a day off."""
    if clock.unit == "day":
        return _count_days(start, total, paused)
    day = months_after(start, total * (12 if clock.unit == "year" else 1))
    return _count_days(day, sum(start < d <= day for d in paused), paused)


def months_after(start: date, n: int) -> date:
    """Return the day *n* months after *start*, or the last of that month if it lacks the day."""
    year, month = divmod(start.year * 12 + start.month - 1 + n, 12)
    return date(year, month + 1, min(start.day, monthrange(year, month + 1)[1]))


def _count_days(start: date, n: int, paused: frozenset[date]) -> date:
    day = start
    while n:
        day += _ONE
        if day not in paused:
            n -= 1
    return day


def _dated(clock: Clock, calendar: WorkCalendar, paused: frozenset[date]) -> date:
    """Return the due day of a clock that was given a date: paused days and extensions come after."""
    day = clock.until or city_date(clock.start)
    if clock.unit == "workday":
        lost = {d for d in paused if calendar.is_workday(d)}
        seen: set[date] = set()
        while late := {d for d in lost if d <= day} - seen:
            seen |= late
            day = calendar.add_working_days(day, len(late), without=paused)
        return calendar.add_working_days(calendar.next_workday(day), clock.extended, without=paused)
    seen = set()
    while late := {d for d in paused if d <= day} - seen:
        seen |= late
        day = _count_days(day, len(late), paused)
    if clock.unit == "day":
        return calendar.next_workday(_count_days(day, clock.extended, paused))
    more = clock.extended * (12 if clock.unit == "year" else 1)
    return calendar.next_workday(months_after(day, more))


def due(clock: Clock, *, calendar: WorkCalendar) -> datetime | None:
    """Return the instant the term ends (UTC), or None while the clock is paused."""
    if clock.unit != "hour":
        day = due_day(clock, calendar=calendar)
        return _end_of(day) if day else None
    if clock.is_paused and clock.stopped is None:
        return None
    if clock.until is not None:
        return _end_of(clock.until) + timedelta(hours=clock.extended)
    end = clock.start.astimezone(UTC) + timedelta(hours=(clock.length or 0) + clock.extended)
    ended = ((p.start, p.end or clock.stopped) for p in clock.pauses)
    for start, lifted in sorted((a, b) for a, b in ended if b is not None):
        if start < end:
            end += lifted - start
    return end


def remaining(clock: Clock, *, at: datetime, calendar: WorkCalendar) -> Remaining | None:
    """Return the time left at *at* (or at the stop); None while the clock is paused."""
    moment = due(clock, calendar=calendar)
    if moment is None:
        return None
    now = min(at, clock.stopped) if clock.stopped else at
    last = city_date(moment - timedelta(microseconds=1))
    today = city_date(now)
    return Remaining(
        workdays=calendar.working_days_between(today, last),
        days=(last - today).days,
        hours=(moment - now) / timedelta(hours=1),
        late=now >= moment,
    )


def standing(
    clock: Clock, *, at: datetime, calendar: WorkCalendar
) -> Literal["running", "due_soon", "late", "paused", "met", "missed"]:
    """Say how the clock stands: on its last working day or the one before it is ``due_soon`` (临期)."""
    left = remaining(clock, at=at, calendar=calendar)
    if left is None:
        return "paused"
    if clock.stopped is not None:
        return "missed" if left.late else "met"
    if left.late:
        return "late"
    near = left.hours <= 1 if clock.unit == "hour" else left.workdays <= 1
    return "due_soon" if near else "running"


def warnings(
    clock: Clock, *, ladder: Sequence[Warn], calendar: WorkCalendar
) -> tuple[Warning, ...]:
    """Return when each rung of *ladder* falls (预警时刻), earliest first; none while paused.

    A rung at −n falls at the start of the n-th working day before the due day, at +n at the start
    of the n-th working day after it; for hour clocks the rungs are hours around the due instant.
    A rung never falls before the clock starts.
    """
    moment = due(clock, calendar=calendar)
    if moment is None:
        return ()
    found = []
    for rung in ladder:
        if clock.unit == "hour":
            at = moment + timedelta(hours=rung.at)
        else:
            last = city_date(moment - timedelta(microseconds=1))
            at = day_of(calendar.add_working_days(last, rung.at)).start
        found.append(Warning(max(at, clock.start), rung.card, rung.to))
    return tuple(sorted(found, key=lambda w: w.at))


def explain(clock: Clock, *, calendar: WorkCalendar) -> Explanation:
    """Say in a sentence why the term ends when it does (期限说明)."""
    start = city_date(clock.start)
    moment = due(clock, calendar=calendar)
    total = (clock.length or 0) + clock.extended
    last = due_day(clock, calendar=calendar)
    if last is None:  # paused: explain the term as it would run without the open pause
        lifted = replace(clock, pauses=tuple(p for p in clock.pauses if p.end is not None))
        last = due_day(lifted, calendar=calendar) or start
    term = calendar.explain_span(start, last, days=total)
    zh, en = _opening(clock, term, total)
    for pause in clock.pauses:
        zh, en = zh + _pause(pause).zh, en + _pause(pause).en
    if moment is None:
        zh, en = zh + "，到期日待恢复计时后确定", en + ", due date open until it is resumed"
    elif clock.unit == "hour":
        zh, en = zh + f"，至 {_clock_time(moment)} 止", en + f", until {_clock_time(moment)}"
    else:
        zh, en = zh + f"，至 {last} 止", en + f", until {last}"
    if term.provisional:
        years = "、".join(map(str, term.provisional))
        zh += f"（{years} 年放假通知尚未录入，按周末推算，暂定）"
        en += f" (provisional: no holiday notice for {years}, weekends only)"
    return Explanation(zh=zh, en=en, term=term, due=moment)


def _clock_time(at: datetime) -> str:
    return f"{in_city(at):%Y-%m-%d %H:%M}"


def _opening(clock: Clock, term: TermExplanation, total: int) -> tuple[str, str]:
    unit = UNITS[clock.unit]
    start = _clock_time(clock.start) if clock.unit == "hour" else str(term.start)
    if clock.until is not None:
        zh, en = f"自 {start} 起，限 {clock.until} 前", f"From {start}, by {clock.until}"
        if clock.unit != "hour" and term.due > clock.until and not clock.extended:
            zh, en = zh + "（遇休息日或暂停顺延）", en + " (moved on by days off or pauses)"
        if clock.extended:
            zh += f"，延期 {clock.extended} {unit.zh}"
            en += f", extended by {clock.extended} {unit.en}"
    else:
        many = unit.en if total != 1 else unit.en.removesuffix("s")
        zh, en = f"自 {start} 起 {total} {unit.zh}", f"{total} {many} from {start}"
        if clock.extended:
            zh += f"（原 {clock.length}，延期 {clock.extended}）"
            en += f" ({clock.length} plus {clock.extended} of extension)"
    if clock.unit in ("day", "month", "year") and clock.until is None:
        lost = _paused_dates(clock, until=term.due)
        natural = _natural_end(clock, term.start, total, lost)
        if natural < term.due and not clock.is_paused:
            zh += f"，末日 {natural} 为休息日，顺延"
            en += f", whose last day {natural} is a day off and moves on"
    if clock.unit == "workday":
        if term.skipped:
            zh += "，跳过 " + "、".join(s.label for s in term.skipped)
            en += ", skipping " + ", ".join(s.label for s in term.skipped)
        if term.makeup:
            zh += "，" + "、".join(s.label for s in term.makeup) + " 调休上班"
            en += ", working on " + ", ".join(s.label for s in term.makeup)
    return zh, en


def _pause(pause: Pause) -> Label:
    start = _clock_time(pause.start)
    if pause.end is None:
        return Label(f"，{start} 起暂停计时", f", paused since {start}")
    end = _clock_time(pause.end)
    return Label(f"，{start} 至 {end} 暂停", f", paused {start} to {end}")
