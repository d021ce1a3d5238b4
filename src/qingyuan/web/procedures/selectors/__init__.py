"""Questions about procedures and their versions."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType

from django.db.models import QuerySet

from qingyuan import casework
from qingyuan.casework.simulate import Move
from qingyuan.casework.versions import DryRun, History, dry_run
from qingyuan.core.problems import Problem, Problems
from qingyuan.web.accounts.models import User
from qingyuan.web.cases.models import Case, ProcedureVersion
from qingyuan.web.cases.models import Deed as DeedDone
from qingyuan.web.cases.selectors import rules
from qingyuan.web.cases.selectors.facts import actor_of
from qingyuan.web.procedures.models import Draft, Publication

__all__ = [
    "Listed",
    "Verdict",
    "histories",
    "in_force",
    "listed",
    "open_cases",
    "try_out",
    "verdict_on",
    "versions",
]

MOST_TRIED = 200


@dataclass(frozen=True, slots=True)
class Listed:
    """One procedure as the list shows it."""

    rules: casework.Procedure
    published: Publication | None
    draft: Draft | None
    open: int
    closed: int


@dataclass(frozen=True, slots=True)
class Verdict:
    """What loading and checking a text say: the procedure if it loads, and every fault."""

    procedure: casework.Procedure | None
    faults: tuple[Problem, ...]


def in_force() -> Mapping[str, ProcedureVersion]:
    """Return the newest version published here of each procedure."""
    found: dict[str, ProcedureVersion] = {}
    for row in Publication.objects.select_related("version").order_by("published_at", "pk"):
        found[row.version.name] = row.version
    return MappingProxyType(found)


def listed() -> list[Listed]:
    """Return every procedure with its standing and how many cases run on any version of it."""
    counts: Counter[tuple[str, bool]] = Counter()
    for name, closed_at in Case.objects.values_list("procedure__name", "closed_at"):
        counts[name, closed_at is not None] += 1
    force = in_force()
    publications = {p.version_id: p for p in Publication.objects.select_related("published_by")}
    drafts = {d.name: d for d in Draft.objects.select_related("changed_by")}
    found = [
        Listed(
            rules=held,
            published=publications.get(force[name].pk) if name in force else None,
            draft=drafts.get(name),
            open=counts[name, False],
            closed=counts[name, True],
        )
        for name, held in rules.current().items()
    ]
    return found


def versions(name: str) -> QuerySet[ProcedureVersion]:
    """Return every version of a procedure that was kept, newest first."""
    return (
        ProcedureVersion.objects.filter(name=name)
        .select_related("publication__published_by", "publication__drafted_by")
        .order_by("-recorded_at", "-pk")
    )


def verdict_on(text: str, *, name: str) -> Verdict:
    """Load and check a text: its faults, each with its place."""
    try:
        loaded = casework.load(text, source=name)
    except Problems as problems:
        return Verdict(None, tuple(problems.problems))
    except Problem as problem:
        return Verdict(None, (problem,))
    return Verdict(loaded, tuple(casework.check(loaded)))


def histories(name: str, *, most: int = MOST_TRIED) -> list[History]:
    """Return the newest closed cases of a procedure as plain values, for a dry run.

    What the platform did by itself, merges and moves between versions are left out; an actor counts
    with the roles and units of today.
    """
    cases = (
        Case.objects.filter(procedure__name=name, closed_at__isnull=False)
        .order_by("-closed_at")
        .prefetch_related("evidence")[:most]
    )
    found = []
    for case in cases:
        kinds: dict[int, set[str]] = {}
        for link in case.evidence.all():
            kinds.setdefault(link.deed_id, set()).add(link.kind)
        moves = []
        deeds = DeedDone.objects.filter(case=case).select_related("doer__unit").order_by("seq")
        for deed in deeds:
            if deed.doer is None or deed.name not in case.rules.deeds:
                continue
            moves.append(
                Move(
                    deed=deed.name,
                    actor=actor_of(deed.doer, at=deed.at),
                    at=deed.at,
                    given=MappingProxyType(_typed(case.rules.deeds[deed.name], deed.given)),
                    evidence=frozenset(kinds.get(deed.pk, ())),
                )
            )
        found.append(History(case.number, tuple(moves), case.enterprise_id))
    return found


def _typed(deed: casework.Deed, given: Mapping[str, object]) -> dict[str, object]:
    """Return the values of a deed as the rules read them: dates as dates."""
    found = dict(given)
    for field in deed.fields:
        value = found.get(field.name)
        if field.kind == "date" and isinstance(value, str):
            found[field.name] = date.fromisoformat(value)
    return found


def try_out(procedure: casework.Procedure) -> DryRun:
    """Play the newest closed cases over a version (试演)."""
    return dry_run(procedure, histories(procedure.name))


def open_cases(version: ProcedureVersion) -> QuerySet[Case]:
    """Return the open cases of the same procedure that run on another version."""
    return (
        Case.objects.filter(procedure__name=version.name, closed_at=None)
        .exclude(procedure=version)
        .select_related("procedure", "unit", "person")
        .order_by("procedure_id", "state", "number")
    )


def may_publish(draft: Draft, user: User) -> bool:
    """Whether somebody else wrote the last edition: drafting and publishing take two people."""
    return draft.changed_by_id != user.pk
