"""Keep the text of the procedures cases run on, and move open cases to another version."""

from __future__ import annotations

from datetime import datetime
from importlib.resources import files

from django.db import transaction

from qingyuan import casework
from qingyuan.casework.versions import Migration, check_migration
from qingyuan.core.problems import Problem
from qingyuan.web.accounts.models import User
from qingyuan.web.audit import services as audit
from qingyuan.web.audit.services import Actor
from qingyuan.web.cases.models import Case, Deed, ProcedureVersion
from qingyuan.web.cases.selectors import rules
from qingyuan.web.cases.selectors.ledger import calendar
from qingyuan.web.cases.services import clocks
from qingyuan.web.cases.services.locks import locked

__all__ = ["keep_version", "move_to_version", "version_of"]


def keep_version(text: str, *, source: str, at: datetime) -> ProcedureVersion:
    """Keep the text of a procedure once, by its digest."""
    loaded = casework.load(text, source=source)
    kept, _ = ProcedureVersion.objects.get_or_create(
        digest=loaded.digest,
        defaults={
            "name": loaded.name,
            "version": loaded.version,
            "text": text,
            "recorded_at": at,
        },
    )
    return kept


def version_of(name: str, *, at: datetime) -> ProcedureVersion:
    """Return the version new cases of procedure *name* begin on: published here, else shipped."""
    found = rules.published().get(name)
    if found is not None:
        return found
    shipped = casework.shipped().get(name)
    if shipped is None:
        raise Problem("cases.unknown_procedure", given=name, known=", ".join(rules.current()))
    kept = ProcedureVersion.objects.filter(digest=shipped.digest).first()
    if kept is not None:
        return kept
    text = (files("qingyuan.casework") / "procedures" / shipped.source).read_text("utf-8")
    return keep_version(text, source=shipped.source, at=at)


@transaction.atomic
def move_to_version(
    case: Case,
    version: ProcedureVersion,
    *,
    migration: Migration,
    reason: str,
    by: User,
    at: datetime,
) -> Case:
    """Let an open case run on another version of its procedure, by an explicit map (换版).

    State and running clocks go where the map says; signatures given under a chain that changed are
    void. What was done stays as it was written.

    Raises
    ------
    Problem
        ``cases.version_other_procedure``, ``cases.version_closed``, and what the map lacks
        (``casework.map_…``); nothing is changed.
    """
    case = locked(case)
    if version.name != case.rules.name:
        raise Problem("cases.version_other_procedure", number=case.number)
    if case.closed_at is not None:
        raise Problem("cases.version_closed", number=case.number)
    if case.procedure_id == version.pk:
        return case
    old, new = case.rules, version.rules
    for problem in check_migration(old, new, migration):
        raise problem
    before, old_state = case.procedure, case.state
    for clock in case.clocks.select_for_update().filter(stopped_at=None):
        target = migration.clocks.get(clock.name, clock.name)
        if target:
            clock.name = target
        else:
            clock.stopped_at = at
        clock.save(update_fields=["name", "stopped_at"])
    if old.chains != new.chains:
        case.signoffs.filter(cleared_at=None).update(cleared_at=at)
    to = migration.states.get(case.state, case.state)
    case.procedure = version
    case.move(to, by=str(by), at=at)
    last = case.deeds.order_by("-seq").first()
    Deed.objects.create(
        case=case,
        seq=(last.seq if last else 0) + 1,
        round=case.round,
        name="change_version",
        from_state=old_state,
        to_state=to,
        doer=by,
        by=str(by),
        at=at,
        clause=new.clause[:240],
        given={"note": f"{before.version} → {version.version}：{reason}"},
    )
    clocks.set_due(case, calendar=calendar())
    case.save()
    audit.record(
        actor=Actor.of(by),
        deed="cases.change_version",
        target=case.ref,
        at=at,
        clause=new.clause,
        detail={"from": before.digest, "to": version.digest, "state": [old_state, to]},
    )
    return case
