"""Lines the platform itself writes on a case's timeline, beside the deeds of its procedure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from qingyuan.web.accounts.models import User
from qingyuan.web.audit import services as audit
from qingyuan.web.audit.services import Actor
from qingyuan.web.cases.models import Case, Deed

__all__ = ["LINES", "add_line"]

LINES = frozenset({"open", "absorb", "split", "sweep", "link", "urge", "undo"})
"""Names a procedure's own deeds cannot take."""


def add_line(
    case: Case,
    name: str,
    *,
    by: User | None,
    at: datetime,
    given: Mapping[str, object],
    undoes: Deed | None = None,
    from_state: str | None = None,
) -> Deed:
    """Write one line on the timeline of a locked case, and in the audit chain."""
    last = case.deeds.order_by("-seq").first()
    actor = Actor.of(by) if by else audit.SYSTEM
    line = Deed.objects.create(
        case=case,
        seq=(last.seq if last else 0) + 1,
        round=case.round,
        name=name,
        from_state=case.state if from_state is None else from_state,
        to_state=case.state,
        doer=by,
        by=actor.label,
        at=max(at, last.at) if last else at,
        given=dict(given),
        undoes=undoes,
    )
    audit.record(
        actor=actor, deed=f"cases.{name}", target=case.ref, at=at, detail={"given": dict(given)}
    )
    return line
