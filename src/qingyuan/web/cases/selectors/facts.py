"""What the rules are told: the facts of a case and who acts, read from the rows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from types import MappingProxyType

from qingyuan import casework
from qingyuan.core.periods import city_date
from qingyuan.web.accounts.models import User
from qingyuan.web.accounts.scope import role_names
from qingyuan.web.cases.models import Case

__all__ = ["actor_of", "facts_of"]


def facts_of(
    case: Case,
    *,
    given: Mapping[str, object] | None = None,
    handed: Iterable[str] = (),
) -> casework.Facts:
    """Return the facts of *case* now, with the values and kinds of evidence handed in."""
    of_round = {"round": case.round}
    done: dict[str, frozenset[str]] = {}
    for name, doer in case.deeds.filter(**of_round).values_list("name", "doer__username"):
        if doer:
            done[name] = done.get(name, frozenset()) | {doer}
    conditions: dict[str, casework.ClockState] = {}
    for clock in case.clocks.prefetch_related("pauses").order_by("started_at", "pk"):
        if clock.stopped_at:
            conditions[clock.name] = "stopped"
        else:
            paused = any(p.ended_at is None for p in clock.pauses.all())
            conditions[clock.name] = "paused" if paused else "running"
    settled = list(case.problems.filter(**of_round).values_list("settled_at", flat=True))
    signers = case.signoffs.filter(**of_round, cleared_at=None).order_by("step")
    asked = case.extension_requests.filter(settled_at=None).first()
    filed = case.evidence.filter(**of_round).values_list("kind", flat=True)
    return casework.Facts(
        state=case.state,
        round=case.round,
        unit=case.unit.code if case.unit else None,
        person=case.person.username if case.person else None,
        enterprise=case.enterprise_id,
        given=MappingProxyType(dict(given or {})),
        evidence=frozenset(filed) | frozenset(handed),
        done_by=MappingProxyType(done),
        signers=tuple(signers.values_list("signer__username", flat=True)),
        problems=len(settled),
        problems_open=sum(at is None for at in settled),
        clocks=MappingProxyType(conditions),
        extension_asked=asked.amount if asked else None,
    )


def actor_of(user: User, *, at: datetime) -> casework.Actor:
    """Return who acts: roles in force, the unit and every unit above it, the enterprise."""
    return casework.Actor(
        id=user.username,
        roles=role_names(user, on=city_date(at)),
        units=frozenset(part for part in user.unit.path.split("/") if part),
        enterprise=user.enterprise_code or None,
    )
