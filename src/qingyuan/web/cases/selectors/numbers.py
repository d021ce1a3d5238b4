"""Figures of the ledgers for bulletins and the workbench; each has a filter that shows its rows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Count, Q, QuerySet

from qingyuan import casework
from qingyuan.core.periods import city_date, day_of
from qingyuan.web.accounts.scope import Scope
from qingyuan.web.cases.models import Case
from qingyuan.web.cases.selectors.ledger import cases, rows

__all__ = ["DayFacts", "by_phase", "case_lines", "day_counts"]


@dataclass(frozen=True, slots=True)
class DayFacts:
    """One case as a bulletin says it, frozen at an instant."""

    number: str
    title: str
    unit: str
    person: str
    ledger: str
    state: str
    due: str
    overdue: bool
    opened_that_day: bool
    concluded_that_day: bool


def case_lines(*, day: date, at: datetime) -> list[DayFacts]:
    """Return every case in hand and every case concluded on *day*, for the daily reminder."""
    span = day_of(day)
    found = (
        Case.objects.filter(opened_at__lt=span.end)
        .filter(Q(closed_at=None) | Q(closed_at__gte=span.start))
        .select_related("unit", "person", "district", "enterprise")
        .prefetch_related("procedure")
        .defer("district__wkb")
        .order_by("ledger", "due_at", "pk")
    )
    return [
        DayFacts(
            number=row.case.number,
            title=row.case.title,
            unit=row.case.unit.name_zh if row.case.unit else "",
            person=row.case.person.name if row.case.person else "",
            ledger=row.case.ledger,
            state=row.case.rules.states[row.case.state].label.zh,
            due=row.last_day.isoformat() if row.last_day and not row.case.closed_at else "",
            overdue=row.late,
            opened_that_day=row.case.opened_at in span,
            concluded_that_day=bool(row.case.closed_at and row.case.closed_at in span),
        )
        for row in rows(found, at=at)
    ]


def day_counts(scope: Scope, *, at: datetime) -> dict[str, int]:
    """Return the workbench's figures: per ledger, late, opened and concluded today."""
    span = day_of(city_date(at))
    running = Q(closed_at=None, paused=False)
    return (
        cases(scope)
        .order_by()
        .aggregate(
            assign=Count("pk", filter=Q(ledger="assign")),
            handle=Count("pk", filter=Q(ledger="handle")),
            conclude=Count("pk", filter=Q(ledger="conclude")),
            late=Count("pk", filter=running & Q(due_at__lte=at)),
            opened=Count("pk", filter=Q(opened_at__gte=span.start, opened_at__lt=span.end)),
            concluded=Count("pk", filter=Q(closed_at__gte=span.start, closed_at__lt=span.end)),
        )
    )


def by_phase(found: QuerySet[Case]) -> dict[str, int]:
    """Return how many cases stand in each macro phase (发现·处理·反馈)."""
    counted = dict(found.order_by().values_list("phase").annotate(n=Count("pk")))
    return {phase.value: counted.get(phase.value, 0) for phase in casework.Phase}
