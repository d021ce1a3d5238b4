"""Do one deed on one case (办理): the only way a case changes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction

from qingyuan import casework
from qingyuan.core.problems import Problem
from qingyuan.web.accounts.models import Unit, User
from qingyuan.web.audit import services as audit
from qingyuan.web.audit.services import Actor
from qingyuan.web.cases.effects import EFFECTS, Doing
from qingyuan.web.cases.models import Case, Deed, EvidenceLink
from qingyuan.web.cases.selectors import actor_of, facts_of
from qingyuan.web.cases.selectors.ledger import calendar
from qingyuan.web.cases.services import clocks
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
    case = _locked(case)
    _check_seen(case, seen)
    data = dict(data or {})
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
    record = _write_down(case, step, by=by, at=at, data={k: data[k] for k in data if k in known})
    _file(case, record, by=by, at=at, evidence=evidence)
    doing = Doing(case=case, step=step, record=record, by=by, at=at, data=data)
    for effect in step.clocks:
        clocks.turn(case, effect, by=by, at=at, why=doing.why, round_=case.round)
    case.move(step.to, by=str(by), at=at)
    for effect in step.effects:  # declared in the procedure, implemented in effects/
        EFFECTS[effect.name](doing, effect.params)
    clocks.set_due(case, calendar=calendar())
    case.save()
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


def _locked(case: Case) -> Case:
    """Return the case locked: two clicks must not do one deed twice."""
    Case.objects.select_for_update().get(pk=case.pk)
    return Case.objects.select_related(
        "procedure", "district", "unit", "person__unit", "sponsor", "opener", "enterprise"
    ).get(pk=case.pk)


def _check_seen(case: Case, seen: int | None) -> None:
    """Tell the second of two people what the first has done."""
    last = case.deeds.order_by("-seq").first()
    if seen is not None and last is not None and last.seq != seen:
        rule = case.rules.deeds.get(last.name)
        raise Problem(
            "cases.changed_meanwhile", who=last.by, deed=rule.label.zh if rule else last.name
        )


def _plain(value: object) -> object:
    return value.isoformat() if isinstance(value, date) else value


def _write_down(
    case: Case, step: casework.Step, *, by: User, at: datetime, data: Mapping[str, object]
) -> Deed:
    last = case.deeds.order_by("-seq").first()
    if last is not None and at < last.at:
        raise Problem("cases.before_the_last", last=last.at.isoformat(), given=at.isoformat())
    given = {k: _plain(v.strip() if isinstance(v, str) else v) for k, v in data.items()}
    if unit := Unit.objects.filter(code=str(given.get("unit", ""))).first():
        given["unit_label"] = unit.name_zh
    if person := User.objects.filter(username=str(given.get("person", ""))).first():
        given["person_label"] = person.name
    if firm := Enterprise.objects.filter(code=str(given.get("enterprise", ""))).first():
        given["enterprise_label"] = firm.name_zh
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
