"""Plain drawings of a plan (横道图、序时进度线): numbers for SVG attributes, no styles."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from django.utils.text import Truncator

from qingyuan.web.plans.models import Plan
from qingyuan.web.plans.selectors.dispatch import LinePoint
from qingyuan.web.plans.selectors.tree import NodeRow

__all__ = ["Bar", "Gantt", "Line", "gantt", "line"]


@dataclass(frozen=True, slots=True)
class Bar:
    """One task's bar: where it lies and how much of it is done, in percent of the width."""

    row: NodeRow
    x: float
    width: float
    done: float
    label: str


@dataclass(frozen=True, slots=True)
class Gantt:
    """A Gantt chart: months along the top, phases as bands, a bar per task, today's line; in percent."""

    bars: list[Bar]
    months: list[tuple[float, str]]
    phases: list[tuple[float, float, str]]
    today: float | None
    left_out: int = 0


def gantt(plan: Plan, found: list[NodeRow], *, today: date, most: int = 60) -> Gantt | None:
    """Lay out the tasks of a plan in time; None when there are none."""
    work = [row for row in found if row.is_work]
    if not work:
        return None
    first = min(plan.starts_on, *(r.starts for r in work))
    last = max(plan.ends_on, *(r.due for r in work))
    whole = (last - first).days + 1

    def x(day: date) -> float:
        return round((day - first).days / whole * 100, 2)

    def wide(begin: date, end: date) -> float:
        return round(((end - begin).days + 1) / whole * 100, 2)

    bars = [
        Bar(
            row=row,
            x=x(row.starts),
            width=wide(row.starts, row.due),
            done=round(wide(row.starts, row.due) * row.percent / 100, 2),
            label=Truncator(f"{row.node.number} {row.node.title}").chars(22),
        )
        for row in work[:most]
    ]
    return Gantt(
        bars=bars,
        months=[(x(day), f"{day:%Y-%m}") for day in _months(first, last)],
        phases=[
            (x(p.starts_on), wide(p.starts_on, p.ends_on), p.title)
            for p in plan.phases.order_by("seq")
        ],
        today=x(today) if first <= today <= last else None,
        left_out=max(0, len(work) - most),
    )


def _months(first: date, last: date) -> list[date]:
    """Return the first days of the months, quarters or years to be written along the top."""
    whole = (last - first).days
    step = 1 if whole < 200 else 3 if whole < 800 else 12
    day, made = date(first.year, first.month, 1), []
    while day <= last:
        if day >= first and (day.month - 1) % step == 0:
            made.append(day)
        day = (day + timedelta(days=32)).replace(day=1)
    return made


@dataclass(frozen=True, slots=True)
class Line:
    """The expected line and the reported one, in a box of 600 by 180."""

    expected: str
    actual: str
    today: float | None
    marks: list[tuple[float, float, LinePoint]]
    labels: list[tuple[float, str]]


def line(points: list[LinePoint], *, today: date) -> Line | None:
    """Lay out the expected-progress line; None without two days to draw between."""
    if len(points) < 2:
        return None
    first, last = points[0].day, points[-1].day
    whole = max((last - first).days, 1)

    def x(day: date) -> float:
        return round(40 + (day - first).days / whole * 545, 1)

    def y(value: float) -> float:
        return round(155 - value * 1.4, 1)

    told = [p for p in points if p.actual is not None]
    return Line(
        expected=" ".join(f"{x(p.day)},{y(p.expected)}" for p in points),
        actual=" ".join(f"{x(p.day)},{y(p.actual or 0)}" for p in told),
        today=x(today) if first <= today <= last else None,
        marks=[(x(p.day), y(p.actual or 0), p) for p in told],
        labels=[(x(first), first.isoformat()), (x(last), last.isoformat())],
    )
