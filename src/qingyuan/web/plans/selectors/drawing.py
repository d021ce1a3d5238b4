"""Plain drawings of a plan (横道图、序时进度线): numbers for SVG attributes, no styles."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from qingyuan.web.plans.models import Plan
from qingyuan.web.plans.selectors.dispatch import LinePoint
from qingyuan.web.plans.selectors.tree import NodeRow

__all__ = ["Bar", "Gantt", "Line", "gantt", "line"]

_WIDE, _ROW, _HEAD, _LEFT = 1000, 22, 26, 250


@dataclass(frozen=True, slots=True)
class Bar:
    """One task's bar: where it lies, how much of it is done."""

    row: NodeRow
    y: int
    x: float
    width: float
    done: float
    label: str


@dataclass(frozen=True, slots=True)
class Gantt:
    """A Gantt chart: months along the top, phases as bands, a bar per task, today's line."""

    wide: int
    tall: int
    bars: list[Bar]
    months: list[tuple[float, str]]
    phases: list[tuple[float, float, str]]
    today: float | None


def gantt(plan: Plan, found: list[NodeRow], *, today: date, most: int = 60) -> Gantt | None:
    """Lay out the tasks of a plan in time; None when there are none."""
    work = [row for row in found if row.is_work][:most]
    if not work:
        return None
    first = min(plan.starts_on, *(r.starts for r in work))
    last = max(plan.ends_on, *(r.due for r in work))
    whole = max((last - first).days + 1, 1)

    def x(day: date) -> float:
        return round(_LEFT + (day - first).days / whole * (_WIDE - _LEFT), 1)

    def end(day: date) -> float:
        return x(day + timedelta(days=1))

    bars = [
        Bar(
            row=row,
            y=_HEAD + n * _ROW,
            x=x(row.starts),
            width=max(round(end(row.due) - x(row.starts), 1), 2.0),
            done=round(max(end(row.due) - x(row.starts), 2.0) * row.percent / 100, 1),
            label=f"{row.node.number} {row.node.title}"[:18],
        )
        for n, row in enumerate(work)
    ]
    return Gantt(
        wide=_WIDE,
        tall=_HEAD + len(work) * _ROW + 6,
        bars=bars,
        months=_months(first, last, x, whole),
        phases=[
            (x(p.starts_on), round(end(p.ends_on) - x(p.starts_on), 1), p.title)
            for p in plan.phases.order_by("seq")
        ],
        today=x(today) if first <= today <= last else None,
    )


def _months(first: date, last: date, x: object, whole: int) -> list[tuple[float, str]]:
    step = 1 if whole < 430 else 3 if whole < 1300 else 12
    day, made = date(first.year, first.month, 1), []
    while day <= last:
        if day >= first and (day.month - 1) % step == 0:
            made.append((x(day), f"{day:%Y-%m}"))  # type: ignore[operator]
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
