"""Figures of the ledgers for bulletins and the workbench; each has a filter that shows its rows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Q, QuerySet

from qingyuan import casework
from qingyuan.core.periods import Period, city_date, day_of
from qingyuan.web.accounts.scope import Scope
from qingyuan.web.cases.models import Case
from qingyuan.web.cases.selectors.filters import days_left_span
from qingyuan.web.cases.selectors.ledger import cases, rows
from qingyuan.web.cases.selectors.memory import remembered

__all__ = ["PeriodCase", "by_phase", "case_lines", "day_counts"]


@dataclass(frozen=True, slots=True)
class PeriodCase:
    """One case as a bulletin counts it, frozen at an instant."""

    number: str
    unit: str
    district: str
    ledger: str
    state: str
    due: str
    overdue: bool
    opened: bool
    concluded: bool


def case_lines(*, period: Period, at: datetime) -> list[PeriodCase]:
    """Return every case in hand and every case concluded in a period, for bulletins."""
    found = (
        Case.objects.filter(opened_at__lt=period.end)
        .filter(Q(closed_at=None) | Q(closed_at__gte=period.start))
        .select_related("unit", "person", "district", "enterprise")
        .prefetch_related("procedure")
        .defer("district__wkb")
        .order_by("ledger", "due_at", "pk")
    )
    return [
        PeriodCase(
            number=row.case.number,
            unit=row.case.unit.name_zh if row.case.unit else "",
            district=row.case.district.name_zh,
            ledger=row.case.ledger,
            state=row.case.rules.states[row.case.state].label.zh,
            due=row.last_day.isoformat() if row.last_day and not row.case.closed_at else "",
            overdue=row.late,
            opened=row.case.opened_at in period,
            concluded=bool(row.case.closed_at and row.case.closed_at in period),
        )
        for row in rows(found, at=at)
    ]


def day_counts(scope: Scope, *, at: datetime) -> dict[str, int]:
    """Return the workbench's figures: per ledger, late, nearly due, opened and concluded today."""
    span = day_of(city_date(at))
    running = Q(closed_at=None, paused=False)
    today = {
        "opened": Q(opened_at__gte=span.start, opened_at__lt=span.end),
        "concluded": Q(closed_at__gte=span.start, closed_at__lt=span.end),
        "late": running & Q(due_at__lte=at),
        "soon": running & Q(due_at__gt=at, due_at__lte=days_left_span(at)),
    }

    def counted() -> dict[str, int]:
        # each has an index of its own; counted together they would read every case there is
        found = cases(scope).order_by()
        per = {row["ledger"]: row["n"] for row in found.values("ledger").annotate(n=Count("pk"))}
        return {
            **{name: per.get(name, 0) for name in ("assign", "handle", "conclude")},
            **{name: found.filter(q).count() for name, q in today.items()},
        }

    return remembered(("day",), counted, scope=scope, at=at)


def by_phase(found: QuerySet[Case]) -> dict[str, int]:
    """Return how many cases stand in each macro phase (发现·处理·反馈)."""
    counted = dict(found.order_by().values_list("phase").annotate(n=Count("pk")))
    return {phase.value: counted.get(phase.value, 0) for phase in casework.Phase}
