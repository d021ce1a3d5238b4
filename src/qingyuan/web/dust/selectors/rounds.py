"""Rounds as a person may see them, and what they found (督导)."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date

from django.db.models import Count, Q, QuerySet

from qingyuan.web.accounts.models import User
from qingyuan.web.accounts.scope import Scope
from qingyuan.web.cases.models import Case
from qingyuan.web.dust.models import Check, Round, SiteRecord, Visit
from qingyuan.web.dust.tables import measures

__all__ = [
    "DistrictLine",
    "MeasureLine",
    "VisitRow",
    "goes_on",
    "round_lines",
    "rounds",
    "visit_rows",
    "visits",
]


@dataclass(frozen=True, slots=True)
class VisitRow:
    """One line of a round's list: the visit, the site as it is, what was not kept."""

    visit: Visit
    record: SiteRecord
    bad: list[str]
    kept: int
    asked: int


@dataclass(frozen=True, slots=True)
class MeasureLine:
    """How a measure fared in a round."""

    name: str
    ok: int
    bad: int
    none: int

    @property
    def share(self) -> float | None:
        """Share of the sites it was asked of that kept it."""
        asked = self.ok + self.bad
        return self.ok / asked if asked else None


@dataclass(frozen=True, slots=True)
class DistrictLine:
    """A district in a round: sites, visited, with problems, still to hand over, cases, struck off."""

    code: str
    name: str
    sites: int
    visited: int
    problems: int
    waiting: int
    cases: int
    closed: int


def goes_on(round_: Round, user: User) -> bool:
    """Whether a person is of the team."""
    return round_.leader_id == user.pk or round_.members.filter(pk=user.pk).exists()


def _own(user: User) -> Q:
    return Q(leader=user) | Q(members=user)


def rounds(scope: Scope, user: User) -> QuerySet[Round]:
    """Return the rounds a person may see: of the own districts, or going along; newest first."""
    if not scope.staff:
        return Round.objects.none()
    found = Round.objects.select_related("leader").annotate(
        sites=Count("visits", distinct=True),
        done=Count("visits", filter=Q(visits__visited_at__isnull=False), distinct=True),
        opened=Count("visits__case", distinct=True),
    )
    seen = scope.by_district("visits__district_id") if not scope.city else Q()
    mine = Round.objects.filter(_own(user) | seen).values("pk") if not scope.city else None
    if mine is not None:
        found = found.filter(pk__in=mine)
    return found.order_by("-from_on", "-code")


def visits(scope: Scope, user: User) -> QuerySet[Visit]:
    """Return the visits a person may see: of the own districts, or of a round one goes on."""
    found = Visit.objects.select_related("round", "district", "case", "visited_by")
    if not scope.staff:
        return found.none()
    if scope.city:
        return found
    own = Round.objects.filter(_own(user)).values("pk")
    return found.filter(scope.by_district("district_id") | Q(round__in=own))


def visit_rows(found: QuerySet[Visit], *, on: date) -> list[VisitRow]:
    """Return the visits with their sites and what was not kept."""
    held = list(found.order_by("district_id", "site_id").prefetch_related("checks"))
    known = {
        row.site_id: row
        for row in SiteRecord.objects.filter(
            valid_to=None, site__in=[visit.site_id for visit in held]
        ).select_related("district")
    }
    names = {m.code: m.name for m in measures(on=on)}
    told = []
    for visit in held:
        checks = list(visit.checks.all())
        asked = [c for c in checks if c.verdict != Check.Verdict.NONE]
        bad = [names.get(c.measure, c.measure) for c in asked if c.verdict == Check.Verdict.BAD]
        told.append(VisitRow(visit, known[visit.site_id], bad, len(asked) - len(bad), len(asked)))
    return told


def round_lines(rows: list[VisitRow], *, on: date) -> tuple[list[MeasureLine], list[DistrictLine]]:
    """Return the counts of a round by measure and by district."""
    told: dict[str, Counter[str]] = {m.code: Counter() for m in measures(on=on)}
    for row in rows:
        for check in row.visit.checks.all():
            told.setdefault(check.measure, Counter())[check.verdict] += 1
    names = {m.code: m.name for m in measures(on=on)}
    by_measure = [
        MeasureLine(names.get(code, code), box["ok"], box["bad"], box["none"])
        for code, box in told.items()
    ]
    ended = set(
        Case.objects.filter(
            pk__in=[r.visit.case_id for r in rows if r.visit.case_id], closed_at__isnull=False
        ).values_list("pk", flat=True)
    )
    places: dict[str, list[VisitRow]] = {}
    for row in rows:
        places.setdefault(row.visit.district_id, []).append(row)
    by_district = [
        DistrictLine(
            code,
            held[0].visit.district.name,
            len(held),
            sum(r.visit.visited_at is not None for r in held),
            sum(bool(r.bad) for r in held),
            sum(bool(r.bad) and r.visit.case_id is None for r in held),
            sum(r.visit.case_id is not None for r in held),
            sum(r.visit.case_id in ended for r in held if r.visit.case_id),
        )
        for code, held in places.items()
    ]
    return by_measure, by_district
