"""Who reported, who did not, and the dispatch table of a period (调度表、缺报名单)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from typing import Any

from qingyuan.core.periods import city_date, day_of
from qingyuan.web.cases.selectors.ledger import calendar
from qingyuan.web.plans.models import Freeze, Indicator, Node, Plan, Report
from qingyuan.web.plans.progress import (
    Span,
    expected_percent,
    period_named,
    period_of,
    periods,
    standing,
)
from qingyuan.web.plans.selectors.tree import ENDED

__all__ = [
    "DispatchRow",
    "current_span",
    "dispatch_rows",
    "frozen_rows",
    "indicators",
    "line_points",
    "missing",
    "reporting",
    "spans",
    "wanted_span",
]


@dataclass(frozen=True, slots=True)
class DispatchRow:
    """One task in a dispatch table."""

    node: int
    number: str
    title: str
    units: tuple[str, ...]
    leader: str
    person: str
    due: date
    percent: int
    expected: int
    standing: str
    reported: bool
    text: str
    issue: str
    case: str

    def as_dict(self) -> dict[str, Any]:
        """Return plain values, to be frozen."""
        return {**asdict(self), "units": list(self.units), "due": self.due.isoformat()}

    @classmethod
    def from_dict(cls, row: Mapping[str, Any]) -> DispatchRow:
        """Read back what `as_dict` wrote."""
        return cls(**{**row, "units": tuple(row["units"]), "due": date.fromisoformat(row["due"])})


def current_span(plan: Plan, *, at: datetime) -> Span:
    """Return the period reports belong to now; the days of grace still count to the last one."""
    return period_of(city_date(at) - timedelta(days=plan.grace_days), plan.rhythm)


def spans(plan: Plan, *, at: datetime) -> list[Span]:
    """Return the periods of a plan so far, newest first."""
    now = current_span(plan, at=at)
    first = min(plan.starts_on, now.first)
    return periods(first, now.last, plan.rhythm)[::-1][:60]


def wanted_span(plan: Plan, key: str, *, at: datetime) -> Span:
    """Return the period asked for, the current one when the key is none of this plan's."""
    found = period_named(key) if key else None
    now = current_span(plan, at=at)
    return found if found and found in spans(plan, at=at) else now


def reporting(plan: Plan, span: Span) -> list[Node]:
    """Return the tasks that had to report in a period: handed down before its end, not over before it."""
    begin, end = day_of(span.first).start, day_of(span.last).end
    return list(
        plan.nodes.filter(kind__in=Node.WORK, case__assigned_at__lt=end)
        .exclude(case__closed_at__lt=begin)
        .exclude(case__state="long_term")
        .select_related(
            "plan", "phase", "leader", "person", "case__person__unit", "case__procedure"
        )
        .prefetch_related("units")
        .order_by("path")
    )


def _last_reports(found: list[Node], span: Span) -> dict[int, Report]:
    kept = Report.objects.filter(node__in=found, period=span.key).order_by("at", "pk")
    return {report.node_id: report for report in kept}


def missing(plan: Plan, span: Span, *, at: datetime) -> list[Node]:
    """Return the tasks without a report in time for a period (缺报)."""
    found = reporting(plan, span)
    in_time = set(
        Report.objects.filter(node__in=found, period=span.key, late=False).values_list(
            "node_id", flat=True
        )
    )
    return [node for node in found if node.pk not in in_time]


def dispatch_rows(plan: Plan, span: Span, *, at: datetime) -> list[DispatchRow]:
    """Return the tasks of a period as they stand now."""
    found = reporting(plan, span)
    reports = _last_reports(found, span)
    day, days = min(span.last, city_date(at)), calendar()
    made = []
    for node in found:
        told = reports.get(node.pk)
        case = node.case
        ended = ENDED.get(case.state, "") if case else ""
        starts, due = node.begins_on(), node.ends_on()
        percent = 100 if ended == "done" else node.percent
        expected = expected_percent(starts, due, day, days)
        waiting = node.issues.filter(decided_at=None).first()
        made.append(
            DispatchRow(
                node=node.pk,
                number=node.number,
                title=node.title,
                units=tuple(u.name for u in node.units.all()),
                leader=node.leader_name,
                person=node.person_name,
                due=due,
                percent=percent,
                expected=expected,
                standing=standing(percent=percent, expected=expected, due=due, on=day, ended=ended),
                reported=bool(told) or ended == "done",
                text=told.text if told else "",
                issue=waiting.text if waiting else "",
                case=case.number if case else "",
            )
        )
    return made


def frozen_rows(plan: Plan, span: Span) -> tuple[Freeze, list[DispatchRow]] | None:
    """Return the frozen table of a period, None while it is open."""
    held = Freeze.objects.filter(plan=plan, period=span.key).select_related("by__unit").first()
    return (held, [DispatchRow.from_dict(row) for row in held.rows]) if held else None


@dataclass(frozen=True, slots=True)
class LinePoint:
    """One point of the expected-progress line against what was reported."""

    day: date
    expected: float
    actual: float | None


def line_points(plan: Plan, *, at: datetime) -> list[LinePoint]:
    """Return expected and reported progress of a plan at each period's end (序时进度)."""
    found = list(
        plan.nodes.filter(kind__in=Node.WORK)
        .select_related("plan", "phase", "case")
        .order_by("path")
    )
    found = [n for n in found if n.case is None or n.case.state != "cancelled"]
    if not found:
        return []
    today, days = city_date(at), calendar()
    told: dict[int, list[tuple[date, int]]] = {}
    for report in Report.objects.filter(node__in=found).order_by("at", "pk"):
        told.setdefault(report.node_id, []).append((city_date(report.at), report.percent))
    first = min(plan.starts_on, *(n.begins_on() for n in found))
    last = max(n.ends_on() for n in found)
    ticks = [first, *(s.last for s in periods(first, last, plan.rhythm) if s.last < last), last]
    while len(ticks) > 60:
        ticks = [*ticks[:-1:2], ticks[-1]]
    if first < today < last and today not in ticks:
        ticks = sorted([*ticks, today])
    points = []
    for day in ticks:
        expected = sum(
            expected_percent(n.begins_on(), n.ends_on(), day, days) for n in found
        ) / len(found)
        actual = None
        if day <= today:
            actual = sum(_percent_on(n, told.get(n.pk, []), day) for n in found) / len(found)
        points.append(LinePoint(day, expected, actual))
    return points


def _percent_on(node: Node, told: list[tuple[date, int]], day: date) -> int:
    if node.case and node.case.closed_at and city_date(node.case.closed_at) <= day:
        return 100
    return next((percent for on, percent in reversed(told) if on <= day), 0)


def indicators(plan: Plan) -> list[Indicator]:
    """Return the indicators, those that lack most of their target first, then the unknown, then the met."""

    def short(row: Indicator) -> tuple[int, float, int]:
        if row.gap is None:
            return 1, 0.0, row.pk
        share = float(row.gap / abs(row.target)) if row.target else float(row.gap)
        return (0, -share, row.pk) if row.gap else (2, 0.0, row.pk)

    return sorted(plan.indicators.all(), key=short)
