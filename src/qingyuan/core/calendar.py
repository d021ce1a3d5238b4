"""The working-day calendar (工作日历): which days are worked, and why a term ends when it does.

A day is worked if it is Monday to Friday, unless a State Council notice makes it a holiday (放假) or
calls a weekend day back to work (调休上班). The notices are the table ``tables/holidays.csv``; a year
without a notice is *provisional* (暂定): weekends only, and every answer that touches it says so.
The day of the act is not counted (民事诉讼法 2023 期间).
"""

from __future__ import annotations

import csv
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Literal

from qingyuan.core.problems import Problem

__all__ = ["HolidaySpan", "TermExplanation", "WorkCalendar", "read_spans"]

_ONE = timedelta(days=1)
_TABLE = Path(__file__).with_name("tables") / "holidays.csv"


@dataclass(frozen=True, slots=True)
class HolidaySpan:
    """Days one notice takes away from work or calls back to it (放假 / 调休上班); both ends included."""

    year: int
    start: date
    end: date
    kind: Literal["holiday", "makeup"]
    name: str
    notice: str

    def __post_init__(self) -> None:
        if self.kind not in ("holiday", "makeup") or self.end < self.start:
            raise Problem(
                "core.bad_holiday_span", start=self.start, end=self.end, kind=self.kind or "∅"
            )

    def days(self) -> Iterable[date]:
        """Yield each day of the span."""
        return (self.start + timedelta(days=n) for n in range((self.end - self.start).days + 1))

    @property
    def label(self) -> str:
        """``10-01—10-07`` or ``10-10``."""
        if self.start == self.end:
            return f"{self.start:%m-%d}"
        return f"{self.start:%m-%d}—{self.end:%m-%d}"


@dataclass(frozen=True, slots=True)
class TermExplanation:
    """Why a term of working days ends when it does (期限说明).

    ``skipped`` are the holidays inside the term, ``makeup`` the weekend days that were worked,
    ``provisional`` the years in it that no notice covers yet.
    """

    start: date
    days: int
    due: date
    skipped: tuple[HolidaySpan, ...]
    makeup: tuple[HolidaySpan, ...]
    provisional: tuple[int, ...]

    @property
    def zh(self) -> str:
        """The sentence in Chinese."""
        parts = [f"自 {self.start} 起 {self.days} 个工作日"]
        if self.skipped:
            parts.append("跳过 " + "、".join(s.label for s in self.skipped))
        if self.makeup:
            parts.append("、".join(s.label for s in self.makeup) + " 调休上班")
        parts.append(f"至 {self.due} 止")
        sentence = "，".join(parts)
        if self.provisional:
            years = "、".join(map(str, self.provisional))
            sentence += f"（{years} 年放假通知尚未录入，按周末推算，暂定）"
        return sentence

    @property
    def en(self) -> str:
        """The sentence in English."""
        unit = "working day" if self.days == 1 else "working days"
        parts = [f"{self.days} {unit} from {self.start}"]
        if self.skipped:
            parts.append("skipping " + ", ".join(s.label for s in self.skipped))
        if self.makeup:
            parts.append("working on " + ", ".join(s.label for s in self.makeup))
        parts.append(f"until {self.due}")
        sentence = ", ".join(parts)
        if self.provisional:
            years = ", ".join(map(str, self.provisional))
            sentence += f" (provisional: no holiday notice for {years}, weekends only)"
        return sentence


@cache
def read_spans(path: Path = _TABLE) -> tuple[HolidaySpan, ...]:
    """Read the spans of a holiday table; by default the one shipped with the house."""
    with path.open(encoding="utf-8", newline="") as lines:
        return tuple(
            HolidaySpan(
                year=int(row["year"]),
                start=date.fromisoformat(row["from"]),
                end=date.fromisoformat(row["to"]),
                kind=row["kind"],  # type: ignore[arg-type]  # the span itself refuses other kinds
                name=row["name"],
                notice=row["notice"],
            )
            for row in csv.DictReader(lines)
        )


class WorkCalendar:
    """Which days are worked (工作日历).

    Parameters
    ----------
    spans : iterable of HolidaySpan
        The notices' spans.
    override : iterable of HolidaySpan
        Spans an administrator entered; on the days they name they win over *spans*. A year named
        here counts as announced.
    """

    def __init__(
        self, spans: Iterable[HolidaySpan], *, override: Iterable[HolidaySpan] = ()
    ) -> None:
        self._days: dict[date, HolidaySpan] = {}
        self._years: set[int] = set()
        for span in (*spans, *override):
            self._years.add(span.year)
            for day in span.days():
                self._days[day] = span

    @classmethod
    def official(cls, *, override: Iterable[HolidaySpan] = ()) -> WorkCalendar:
        """Return the calendar of the shipped table, with an administrator's spans over it."""
        return cls(read_spans(), override=override)

    @property
    def years(self) -> frozenset[int]:
        """The years a notice covers."""
        return frozenset(self._years)

    def is_provisional(self, day: date) -> bool:
        """Whether no notice covers the year of *day* yet."""
        return day.year not in self._years

    def span_of(self, day: date) -> HolidaySpan | None:
        """Return what a notice says of *day*; None for a day no notice names."""
        return self._days.get(day)

    def is_workday(self, day: date) -> bool:
        """Whether *day* is worked."""
        span = self._days.get(day)
        if span is None:
            return day.weekday() < 5
        return span.kind == "makeup"

    def next_workday(self, day: date) -> date:
        """Return *day* itself if it is worked, else the first worked day after it (顺延)."""
        while not self.is_workday(day):
            day += _ONE
        return day

    def add_working_days(
        self, start: date, n: int, *, without: frozenset[date] = frozenset()
    ) -> date:
        """Return the *n*-th working day after *start*, which itself is not counted.

        Negative *n* counts backwards; zero is *start* itself. Days in *without* (paused days) are
        never counted.
        """
        step = _ONE if n >= 0 else -_ONE
        day, left = start, abs(n)
        while left:
            day += step
            if day not in without and self.is_workday(day):
                left -= 1
        return day

    def working_days_between(self, start: date, end: date) -> int:
        """Count working days after *start* up to and including *end*; negative if *end* is before."""
        if end < start:
            return -self.working_days_between(end, start)
        days = (start + timedelta(days=n) for n in range(1, (end - start).days + 1))
        return sum(map(self.is_workday, days))

    def explain_span(self, start: date, due: date, *, days: int) -> TermExplanation:
        """Explain a term that is known to run from *start* to *due*."""
        inside = [start + timedelta(days=n) for n in range(1, (due - start).days + 1)]
        touched = dict.fromkeys(self._days[day] for day in inside if day in self._days)
        return TermExplanation(
            start=start,
            days=days,
            due=due,
            skipped=tuple(s for s in touched if s.kind == "holiday"),
            makeup=tuple(s for s in touched if s.kind == "makeup"),
            provisional=tuple(y for y in range(start.year, due.year + 1) if y not in self._years),
        )

    def explain(self, start: date, n: int) -> TermExplanation:
        """Say when *n* working days from *start* end, and which days were skipped or worked."""
        return self.explain_span(start, self.add_working_days(start, n), days=n)
