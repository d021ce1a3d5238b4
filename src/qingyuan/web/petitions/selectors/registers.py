"""Packages, backlog, key cases, petitions past the level (包案、积案、重点件、越级信访)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Count, Q, QuerySet

from qingyuan.core.periods import city_date
from qingyuan.web.accounts.scope import Scope
from qingyuan.web.petitions.models import (
    KINDS_OF_TARGET,
    Escalation,
    Package,
    PackageVisit,
    Petition,
    YearlyTarget,
)
from qingyuan.web.petitions.selectors.ledger import backlog_line, petitions
from qingyuan.web.petitions.selectors.settings import parameter

__all__ = ["LeaderRow", "TargetRow", "backlog", "escalations", "key_cases", "leaders", "packages", "stability_counts", "targets"]  # fmt: skip


def packages(scope: Scope) -> QuerySet[Package]:
    """Return the packages of petitions a person may see, open ones first, newest on top."""
    return (
        Package.objects.filter(petition__in=petitions(scope).values("pk"))
        .select_related("leader", "petition__case")
        .annotate(ticked=Count("checks", distinct=True), met=Count("visits", distinct=True))
        .order_by("closed_at", "-opened_at", "-pk")
    )


@dataclass(frozen=True, slots=True)
class LeaderRow:
    """One leader in one period: packages, visits, visits to the place against the target (R047)."""

    name: str
    period: str
    packages: int
    closed: int
    visits: int
    went_down: int
    target: int

    @property
    def short(self) -> bool:
        """Whether the visits fall short of the target."""
        return self.went_down < self.target


def leaders(scope: Scope, *, at: datetime) -> list[LeaderRow]:
    """Return the counters per leader and period."""
    target = int(parameter("visits_target", on=city_date(at)))
    found: dict[tuple[str, str], list[Package]] = {}
    for package in packages(scope).prefetch_related("visits"):
        found.setdefault((package.leader.name, package.period), []).append(package)
    result = []
    for (name, period), held in sorted(found.items(), key=lambda kv: (kv[0][1], kv[0][0])):
        visits = [v for p in held for v in p.visits.all()]
        down = [v for v in visits if v.mode == PackageVisit.Mode.GO_DOWN]
        closed = sum(p.closed_at is not None for p in held)
        result.append(LeaderRow(name, period, len(held), closed, len(visits), len(down), target))
    return result


def backlog(scope: Scope, *, at: datetime) -> QuerySet[Petition]:
    """Return the open petitions older than the line (信访积案), the oldest first."""
    return (
        petitions(scope)
        .filter(case__closed_at=None, received_at__lt=backlog_line(at=at))
        .order_by("received_at", "pk")
    )


def key_cases(scope: Scope, *, year: int) -> QuerySet[Petition]:
    """Return the key cases of a year (重点环境信访件)."""
    return petitions(scope).filter(key_year=year).order_by("case__closed_at", "received_at", "pk")


@dataclass(frozen=True, slots=True)
class TargetRow:
    """One yearly target and how far it is (年度化解任务与进度)."""

    kind: str
    label: str
    target: YearlyTarget
    done: int

    @property
    def share(self) -> float:
        """The fraction done, at most one."""
        return min(1.0, self.done / self.target.count)


def targets(scope: Scope, *, year: int, at: datetime) -> list[TargetRow]:
    """Return the targets of a year; of each task the newest row of the whole city or of one's own district holds."""
    seen = scope.by_district("district_id") | Q(district=None)
    found: dict[tuple[str, str | None], YearlyTarget] = {}
    for row in YearlyTarget.objects.filter(seen, year=year).order_by("set_at", "pk"):
        found[row.kind, row.district_id] = row
    return [
        TargetRow(kind, str(label), row, _done(scope, row))
        for kind, label in KINDS_OF_TARGET
        for (held, _), row in sorted(found.items(), key=lambda kv: kv[0][1] or "")
        if held == kind
    ]


def _done(scope: Scope, row: YearlyTarget) -> int:
    """Count what was settled in the year: key cases closed; backlog closed past the age."""
    found = petitions(scope).filter(case__closed_at__year=row.year)
    if row.district_id:
        found = found.filter(case__district_id=row.district_id)
    if row.kind == "key":
        return found.filter(key_year=row.year).count()
    days = int(parameter("backlog_days", on=date(row.year, 12, 31)))
    return sum((p.case.closed_at - p.received_at).days > days for p in found if p.case.closed_at)


def escalations(scope: Scope) -> QuerySet[Escalation]:
    """Return the petitions past the level in one's scope (越级信访), newest first."""
    if not scope.staff:
        return Escalation.objects.none()
    return (
        Escalation.objects.filter(scope.by_district("district_id"))
        .select_related("district", "petition__case")
        .defer("district__wkb")
        .prefetch_related("notes")
        .order_by("-on", "-pk")
    )


def stability_counts(scope: Scope) -> list[tuple[str, str, int]]:
    """Return how many stand how (稳控状态件数)."""
    rows = escalations(scope).order_by().values("stability").annotate(n=Count("pk"))
    counted = {row["stability"]: row["n"] for row in rows}
    return [(v, str(label), counted.get(v, 0)) for v, label in Escalation.Stability.choices]
