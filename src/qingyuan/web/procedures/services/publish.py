"""Put a version in force (发布), and move open cases over (换版)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction

from qingyuan.casework.versions import Migration
from qingyuan.core.problems import Problem
from qingyuan.web.accounts.models import User
from qingyuan.web.audit import services as audit
from qingyuan.web.audit.services import Actor
from qingyuan.web.cases.models import Case, ProcedureVersion
from qingyuan.web.cases.services.versions import keep_version, move_to_version
from qingyuan.web.procedures import selectors
from qingyuan.web.procedures.models import Draft, Publication

__all__ = ["Moved", "move_open_cases", "publish"]


@dataclass(frozen=True, slots=True)
class Moved:
    """What became of one case."""

    case: Case
    problem: Problem | None = None


@transaction.atomic
def publish(
    *,
    draft: Draft,
    order_title: str,
    order_number: str,
    order_date: date,
    refused_reason: str,
    by: User,
    at: datetime,
) -> Publication:
    """Publish a draft: new cases begin on it from now on, running ones keep theirs.

    The text is checked and the closed cases are played over it once more, here; what was refused
    needs a reason. Whoever wrote the last edition does not publish it.

    Raises
    ------
    Problem
        ``procedures.own_draft``, ``procedures.not_sound``, ``procedures.same_version``,
        ``procedures.other_name``, ``procedures.refused_without_reason``,
        ``procedures.order_later``.
    """
    draft = Draft.objects.select_for_update(of=("self",)).get(pk=draft.pk)
    if draft.changed_by_id == by.pk:
        raise Problem("procedures.own_draft")
    verdict = selectors.verdict_on(draft.text, name=draft.name)
    if verdict.faults or verdict.procedure is None:
        raise Problem("procedures.not_sound", count=len(verdict.faults))
    loaded = verdict.procedure
    if loaded.name != draft.name:
        raise Problem("procedures.other_name", given=loaded.name, name=draft.name)
    if any(v.version == loaded.version for v in selectors.versions(draft.name)):
        raise Problem("procedures.same_version", version=loaded.version)
    if order_date > at.date():
        raise Problem("procedures.order_later", given=order_date.isoformat())
    tried = selectors.try_out(loaded)
    refused = len(tried.replays) - tried.passed
    if refused and not refused_reason.strip():
        raise Problem("procedures.refused_without_reason", refused=refused)
    version = keep_version(draft.text, source=f"{draft.name}.toml", at=at)
    made = Publication.objects.create(
        version=version,
        order_title=order_title.strip(),
        order_number=order_number.strip(),
        order_date=order_date,
        drafted_by=draft.changed_by,
        published_by=by,
        published_at=at,
        tried=len(tried.replays),
        refused=refused,
        refused_reason=refused_reason.strip(),
    )
    draft.delete()
    audit.record(
        actor=Actor.of(by), deed="procedures.publish", target=f"procedure:{version.name}", at=at,
        clause=f"{order_title} {order_number}"[:240],
        detail={"version": version.version, "digest": version.digest, "tried": made.tried,
                "refused": refused},
    )  # fmt: skip
    return made


def move_open_cases(
    *,
    version: ProcedureVersion,
    cases: Sequence[Case],
    migration: Migration,
    reason: str,
    by: User,
    at: datetime,
) -> list[Moved]:
    """Move open cases to a version by an explicit map, each on its own; every one is logged."""
    found = []
    for case in cases:
        try:
            with transaction.atomic():
                moved = move_to_version(
                    case, version, migration=migration, reason=reason, by=by, at=at
                )
        except Problem as problem:
            found.append(Moved(case, problem))
        else:
            found.append(Moved(moved))
    Publication.objects.filter(version=version).update(
        moved=Case.objects.filter(procedure=version, deeds__name="change_version")
        .distinct()
        .count()
    )
    return found
