"""What the rules are told: the facts of a case and who acts, read from the rows."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from types import MappingProxyType

from django.db.models import Q

from qingyuan import casework
from qingyuan.core.periods import city_date
from qingyuan.web.accounts.models import User
from qingyuan.web.accounts.scope import role_names
from qingyuan.web.cases.models import Case, CasePart

__all__ = ["actor_of", "facts_of", "know_marks", "marks_of"]

Marks = Callable[[Case], frozenset[str]]
_marks: dict[str, Marks] = {}


def know_marks(app: str, function: Marks) -> None:
    """Let a family's app report which of its words are true of a case (in ``AppConfig.ready``).

    The words stand in the table of marks; guards read them as ``mark:WORD`` and ``not:WORD``. The
    function is asked about every case and answers an empty set for those of other families.
    """
    _marks[app] = function


def marks_of(case: Case) -> frozenset[str]:
    """Return every word true of *case*."""
    return frozenset().union(*(ask(case) for ask in _marks.values()))


def facts_of(
    case: Case,
    *,
    given: Mapping[str, object] | None = None,
    handed: Iterable[str] = (),
) -> casework.Facts:
    """Return the facts of *case* now, with the values and kinds of evidence handed in."""
    of_round = {"round": case.round}
    done: dict[str, frozenset[str]] = {}
    standing = case.deeds.filter(**of_round, undone_by=None, undoes=None)
    for name, doer in standing.values_list("name", "doer__username"):
        if doer:
            done[name] = done.get(name, frozenset()) | {doer}
    conditions: dict[str, casework.ClockState] = {}
    own = case.clocks.filter(part=None)
    for clock in own.prefetch_related("pauses").order_by("started_at", "pk"):
        if clock.stopped_at:
            conditions[clock.name] = "stopped"
        else:
            paused = any(p.ended_at is None for p in clock.pauses.all())
            conditions[clock.name] = "paused" if paused else "running"
    settled = list(case.problems.filter(**of_round).values_list("settled_at", flat=True))
    signers = case.signoffs.filter(**of_round, cleared_at=None).order_by("step")
    asked = case.extension_requests.filter(settled_at=None).first()
    filed = case.evidence.filter(**of_round, deed__undone_by=None).values_list("kind", flat=True)
    parts = case.parts.filter(**of_round).filter(
        Q(ended_at=None) | Q(state=CasePart.State.RETURNED)
    )
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
        parts=tuple(
            casework.Part(unit, role, state)
            for unit, role, state in parts.order_by("pk").values_list("unit__code", "role", "state")
        ),
        marks=marks_of(case),
    )


def actor_of(user: User, *, at: datetime) -> casework.Actor:
    """Return who acts: roles in force, the unit and every unit above it, the enterprise."""
    return casework.Actor(
        id=user.username,
        roles=role_names(user, on=city_date(at)),
        units=frozenset(part for part in user.unit.path.split("/") if part),
        enterprise=user.enterprise_code or None,
    )
