"""What the rules are told: the facts of a case and who acts, read from the rows."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from types import MappingProxyType

from qingyuan import casework
from qingyuan.core.periods import city_date
from qingyuan.web.accounts.models import User
from qingyuan.web.accounts.scope import role_names
from qingyuan.web.cases.models import Case, CasePart
from qingyuan.web.cases.selectors.file import CaseFile, case_file

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
    file: CaseFile | None = None,
) -> casework.Facts:
    """Return the facts of *case*, with the values and kinds of evidence handed in.

    They are those of now, unless a *file* just read is handed in.
    """
    file = file or case_file(case)
    done: dict[str, frozenset[str]] = {}
    for deed in file.deeds:
        standing = deed.undoes_id is None and deed.pk not in file.taken_back
        if standing and deed.round == case.round and deed.doer:
            done[deed.name] = done.get(deed.name, frozenset()) | {deed.doer.username}
    conditions: dict[str, casework.ClockState] = {}
    for clock in file.clocks:
        if clock.part_id is not None:
            continue
        if clock.stopped_at:
            conditions[clock.name] = "stopped"
        else:
            paused = any(p.ended_at is None for p in clock.pauses.all())
            conditions[clock.name] = "paused" if paused else "running"
    settled = [p.settled_at for p in file.problems if p.round == case.round]
    signed = [s for s in file.signoffs if s.round == case.round and s.cleared_at is None]
    signed.sort(key=lambda s: s.step)
    filed = {
        link.kind
        for link in file.evidence
        if link.round == case.round and link.deed_id not in file.taken_back
    }
    given_back = CasePart.State.RETURNED
    parts = [
        p for p in file.parts
        if p.round == case.round and (p.ended_at is None or p.state == given_back)
    ]  # fmt: skip
    return casework.Facts(
        state=case.state,
        round=case.round,
        unit=case.unit.code if case.unit else None,
        person=case.person.username if case.person else None,
        enterprise=case.enterprise_id,
        given=MappingProxyType(dict(given or {})),
        evidence=frozenset(filed) | frozenset(handed),
        done_by=MappingProxyType(done),
        signers=tuple(s.signer.username for s in signed),
        problems=len(settled),
        problems_open=sum(at is None for at in settled),
        clocks=MappingProxyType(conditions),
        extension_asked=file.asked.amount if file.asked else None,
        parts=tuple(casework.Part(p.unit.code, p.role, p.state) for p in parts),
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
