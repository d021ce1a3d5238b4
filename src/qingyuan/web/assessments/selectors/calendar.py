"""The calendar of days (日历热力图): one square a day in the official colour of its index."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from qingyuan.scoring import daily_index
from qingyuan.standards.air_periods import period_rules_at
from qingyuan.store.observations import Observations
from qingyuan.web.assessments.selectors.air import LEVELS, figure_link, level_label, symbol
from qingyuan.web.assessments.selectors.hours import days_of_place
from qingyuan.web.assessments.selectors.places import Place
from qingyuan.web.ui import palette

__all__ = ["Calendar", "DayCell", "calendar_of", "quarter"]

_SIDE, _LEFT, _TOP = 44, 40, 26


@dataclass(frozen=True, slots=True)
class DayCell:
    """One day: where its square lies, its colour, its index and what explains it."""

    day: date
    x: int
    y: int
    index: int | None
    level: str
    primary: str
    colour: str
    ink: str
    link: str
    is_new_month: bool

    @property
    def label(self) -> str:
        """The level in the reader's language."""
        return level_label(self.level)


@dataclass(frozen=True, slots=True)
class Calendar:
    """A quarter of days, the size of its picture, and how many of each level."""

    cells: tuple[DayCell, ...]
    width: int
    height: int
    counted: tuple[tuple[str, int], ...]
    missing: int


def quarter(day: date) -> tuple[date, date]:
    """Return the first and last day of the quarter that holds *day*."""
    first = date(day.year, (day.month - 1) // 3 * 3 + 1, 1)
    following = (first + timedelta(days=95)).replace(day=1)
    return first, following - timedelta(days=1)


def calendar_of(
    store: Observations, place: Place, *, first: date, last: date, until: date
) -> Calendar:
    """Return the days of a place from *first* to *last*; none after *until* is asked for."""
    end = min(last, until)
    cells = tuple(_cells(store, place, first, end)) if end >= first else ()
    counted = tuple((name, sum(c.level == name for c in cells)) for name in LEVELS[1:])
    start = first - timedelta(days=first.weekday())
    weeks = ((last - start).days // 7) + 1
    return Calendar(
        cells=cells,
        width=_LEFT + weeks * _SIDE + 2,
        height=_TOP + 7 * _SIDE + 2,
        counted=tuple((name, n) for name, n in counted if n),
        missing=sum(c.index is None for c in cells),
    )


def _cells(store: Observations, place: Place, first: date, last: date) -> Iterator[DayCell]:
    rules = period_rules_at(first)
    days = days_of_place(store, place, first, last, rules=rules)
    found = daily_index(days) if days is not None else None
    colours = {step["name"]: step for step in palette.scale("aqi_level")}
    start = first - timedelta(days=first.weekday())
    for n in range((last - first).days + 1):
        day = first + timedelta(days=n)
        index, level, primary = None, "", ""
        if found is not None and found.is_published[0, n]:
            index, level = int(found.aqi[0, n]), LEVELS[int(found.level[0, n])]
            bits = int(found.primary[0, n])
            primary = "、".join(symbol(i) for k, i in enumerate(found.items) if bits >> k & 1)
        colour = colours.get(level, {"colour": "none", "ink": "currentColor"})
        yield DayCell(
            day,
            _LEFT + (day - start).days // 7 * _SIDE,
            _TOP + day.weekday() * _SIDE,
            index,
            level,
            primary,
            colour["colour"],
            colour["ink"],
            figure_link("air-day", kind=place.kind, code=place.code, day=day) if index else "",
            day.day == 1,
        )
