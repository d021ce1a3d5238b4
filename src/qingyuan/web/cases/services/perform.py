"""Do one deed on one case (办理): the only way a case changes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from qingyuan import casework
from qingyuan.core.problems import Problem
from qingyuan.web.accounts.models import Unit, User
from qingyuan.web.audit import services as audit
from qingyuan.web.audit.services import Actor
from qingyuan.web.cases.effects import EFFECTS, REVERSIBLE, Doing
from qingyuan.web.cases.effects.assign import end_parts
from qingyuan.web.cases.effects.lines import LINES
from qingyuan.web.cases.models import Case, CasePart, Deed, EvidenceLink
from qingyuan.web.cases.selectors.facts import actor_of, facts_of
from qingyuan.web.cases.selectors.workdays import calendar
from qingyuan.web.cases.services import clocks
from qingyuan.web.cases.services.kept import plain
from qingyuan.web.cases.services.locks import locked
from qingyuan.web.cases.services.snapshot import snapshot
from qingyuan.web.files import services as files
from qingyuan.web.files.models import Attachment
from qingyuan.web.registry.models import Enterprise

__all__ = ["Upload", "perform"]


@dataclass(frozen=True, slots=True)
class Upload:
    """A file handed in with a deed and not kept yet: its evidence kind, name and bytes."""

    kind: str
    name: str
    content: bytes
    taken_at: datetime | None = None
    place: tuple[float, float] | None = None


@transaction.atomic
def perform(
    *,
    case: Case,
    deed: str,
    by: User,
    at: datetime,
    data: Mapping[str, object] | None = None,
    evidence: Sequence[Attachment | Upload] = (),
    seen: int | None = None,
) -> Case:
    """Do *deed* on *case* as its own version of the procedure allows.

    Parameters
    ----------
    data : mapping
        Values of the deed's fields: text, ``date``, ``int`` days, unit code, username, list of
        problems.
    evidence : sequence of Attachment or Upload
        Files with their kind; an `Upload` is kept only once the deed is found lawful.
    seen : int, optional
        The number of the last deed the person saw; if another came since, they are told.

    Returns
    -------
    Case
        As it stands afterwards.

    Raises
    ------
    Problem
        Why it may not be done (``casework.…``, ``cases.…``, ``files.…``); nothing is changed.
    """
    data = dict(data or {})
    case = locked(case, also=[str(data.get("into", ""))])
    _check_seen(case, seen)
    rules, rule = case.rules, case.rules.deeds.get(deed)
    facts = facts_of(case, given=data, handed=[e.kind for e in evidence])
    step = casework.decide(rules, deed=deed, facts=facts, actor=actor_of(by, at=at), at=at)
    if rule is None:
        raise LookupError(deed)  # decide has already refused it
    known = {f.name for f in rule.fields}
    offered = {k for need in rule.evidence for k in need.kinds} | set(rule.offers)
    for item in evidence:
        if item.kind not in offered:
            raise Problem("cases.evidence_not_asked", kind=item.kind or "—", name=item.name)
    cheap = rule.undo and all(effect.name in REVERSIBLE for effect in step.effects)
    before = snapshot(case) if cheap else None
    record = _write_down(case, step, by=by, at=at, data={k: data[k] for k in data if k in known})
    _file(case, record, by=by, at=at, evidence=evidence)
    doing = Doing(case=case, step=step, record=record, by=by, at=at, data=data)
    for effect in step.clocks:
        clocks.turn(case, effect, by=by, at=at, why=doing.why, round_=case.round)
    unit = case.unit_id
    case.move(step.to, by=str(by), at=at)
    for effect in step.effects:  # declared in the procedure, implemented in effects/
        EFFECTS[effect.name](doing, effect.params)
    if case.unit_id and case.unit_id == unit:
        _note_receipt(doing)
    if case.closed_at is not None:
        for role in (CasePart.Role.CO, CasePart.Role.WATCH):
            end_parts(doing, role=role)
    clocks.set_due(case, calendar=calendar())
    case.save()
    if before is not None:
        record.before = before
        record.save(update_fields=["before"])
    audit.record(
        actor=Actor.of(by),
        deed=f"cases.{deed}",
        target=case.ref,
        at=at,
        clause=step.clause,
        detail={
            "from": record.from_state,
            "to": step.to,
            "round": record.round,
            "given": record.given,
            "evidence": [link.attachment.sm3 for link in record.evidence.all()],
            "clocks": [f"{e.action} {e.clock}" for e in step.clocks],
        },
    )
    return case


def _note_receipt(doing: Doing) -> None:
    """Note when the responsible unit first touched the case, and when it first moved it on."""
    case = doing.case
    if case.unit is None or not doing.by.unit.path.startswith(case.unit.path):
        return
    if case.signed_at is None:
        case.signed_at = doing.at
        case.parts.filter(
            ended_at=None, role=CasePart.Role.LEAD, state=CasePart.State.GIVEN
        ).update(state=CasePart.State.SIGNED, signed_at=doing.at)
    elif case.acted_at is None and doing.record.from_state != case.state:
        case.acted_at = doing.at


def _check_seen(case: Case, seen: int | None) -> None:
    """Tell the second of two people what the first has done."""
    if seen is None:
        return
    last = case.deeds.exclude(name__in=LINES - {"undo"}).order_by("-seq").first()
    if last is not None and last.seq > seen:
        rule = case.rules.deeds.get(last.name)
        raise Problem(
            "cases.changed_meanwhile", who=last.by, deed=rule.label.zh if rule else last.name
        )


_NAMED = ("unit", "units", "person", "enterprise")


def _named(kind: str, value: object) -> str:
    """Return the names codes stood for on the day, so that the timeline stays readable."""
    codes = [
        str(item).partition(":")[0] for item in (value if isinstance(value, list) else [value])
    ]
    if kind == "person":
        found = dict(User.objects.filter(username__in=codes).values_list("username", "name"))
    elif kind == "enterprise":
        found = dict(Enterprise.objects.filter(code__in=codes).values_list("code", "name_zh"))
    else:
        found = dict(Unit.objects.filter(code__in=codes).values_list("code", "name_zh"))
    return "、".join(found.get(code, code) for code in codes)


def _write_down(
    case: Case, step: casework.Step, *, by: User, at: datetime, data: Mapping[str, object]
) -> Deed:
    last = case.deeds.order_by("-seq").first()
    if last is not None and at < last.at:
        raise Problem("cases.before_the_last", last=last.at.isoformat(), given=at.isoformat())
    given = {k: plain(v) for k, v in data.items()}
    rule = case.rules.deeds[step.deed]
    given |= {
        f"{f.name}_label": _named(f.kind, given[f.name])
        for f in rule.fields
        if f.name in given and f.kind in _NAMED
    }
    return Deed.objects.create(
        case=case,
        seq=(last.seq if last else 0) + 1,
        round=case.round,
        name=step.deed,
        from_state=case.state,
        to_state=step.to,
        doer=by,
        by=str(by),
        at=at,
        clause=step.clause[:240],
        given=given,
    )


def _file(
    case: Case, record: Deed, *, by: User, at: datetime, evidence: Sequence[Attachment | Upload]
) -> None:
    for item in evidence:
        kept = item
        if isinstance(item, Upload):
            kept = files.keep(
                content=item.content,
                name=item.name,
                by=by,
                at=at,
                kind=item.kind,
                taken_at=item.taken_at,
                place=item.place,
            )
        EvidenceLink.objects.create(
            case=case, round=case.round, deed=record, kind=item.kind, attachment=kept
        )
