"""Key petitions, yearly targets, petitions past the level (重点件、年度任务、越级信访)."""

from __future__ import annotations

from datetime import date, datetime

from django.db import transaction

from qingyuan.core.periods import city_date
from qingyuan.core.problems import Problem
from qingyuan.web.accounts.models import User
from qingyuan.web.audit import services as audit
from qingyuan.web.audit.services import Actor
from qingyuan.web.petitions.models import (
    KINDS_OF_TARGET,
    Escalation,
    EscalationNote,
    Petition,
    YearlyTarget,
)
from qingyuan.web.registry.models import District

__all__ = ["list_as_key", "note_stability", "put_escalation", "set_target"]


@transaction.atomic
def list_as_key(petition: Petition, *, year: int, by: User, at: datetime) -> Petition:
    """Put a petition on the ledger of key cases of a year (环境信访突出问题台账, R049)."""
    petition = Petition.objects.select_for_update(of=("self",)).get(pk=petition.pk)
    petition.key_year, petition.key_since = year, city_date(at)
    petition.save(update_fields=["key_year", "key_since"])
    audit.record(
        actor=Actor.of(by), deed="petitions.list_as_key", target=petition.case.ref, at=at,
        clause="溧阳活动实施方案（2014）", detail={"year": year},
    )  # fmt: skip
    return petition


@transaction.atomic
def set_target(
    *, year: int, kind: str, count: int, basis: str, by: User, at: datetime,
    district: District | None = None,
) -> YearlyTarget:  # fmt: skip
    """Set how many are to be settled in a year (年度化解任务); the newest row holds."""
    if kind not in dict(KINDS_OF_TARGET) or count < 1 or not basis.strip():
        raise Problem("petitions.target_needs")
    made = YearlyTarget.objects.create(
        year=year, kind=kind, district=district, count=count, basis=basis.strip()[:120],
        set_by=str(by), set_at=at,
    )  # fmt: skip
    audit.record(
        actor=Actor.of(by), deed="petitions.set_target", target=f"target:{year}", at=at,
        clause=made.basis, detail={"kind": kind, "count": count},
    )  # fmt: skip
    return made


@transaction.atomic
def put_escalation(
    *,
    number: str,
    district: District,
    level: str,
    on: date,
    people: int,
    matter: str,
    stability: str,
    by: User,
    at: datetime,
    petition: Petition | None = None,
) -> Escalation:
    """Register a petition taken past the level (越级信访登记, R048); no names of people."""
    if not number.strip() or not matter.strip() or people < 1:
        raise Problem("petitions.escalation_needs")
    if Escalation.objects.filter(number=number.strip()).exists():
        raise Problem("petitions.escalation_twice", number=number.strip())
    made = Escalation.objects.create(
        number=number.strip(), petition=petition, district=district, level=level, on=on,
        people=people, matter=matter.strip()[:200], stability=stability, put_by=str(by), put_at=at,
    )  # fmt: skip
    EscalationNote.objects.create(
        escalation=made, stability=stability, note=made.matter, by=str(by), at=at
    )
    audit.record(
        actor=Actor.of(by), deed="petitions.put_escalation", target=f"escalation:{made.pk}", at=at,
        clause="溧阳活动实施方案（2014）", detail={"level": level, "stability": stability},
    )  # fmt: skip
    return made


@transaction.atomic
def note_stability(
    escalation: Escalation, *, stability: str, note: str, by: User, at: datetime
) -> EscalationNote:
    """Write down how it stands now (稳控状态); what stood before stays readable."""
    if stability not in Escalation.Stability.values or not note.strip():
        raise Problem("petitions.stability_needs_note")
    found = Escalation.objects.select_for_update(of=("self",)).get(pk=escalation.pk)
    made = EscalationNote.objects.create(
        escalation=found, stability=stability, note=note.strip()[:400], by=str(by), at=at
    )
    found.stability = stability
    found.save(update_fields=["stability"])
    audit.record(
        actor=Actor.of(by), deed="petitions.note_stability", target=f"escalation:{found.pk}",
        at=at, detail={"stability": stability},
    )  # fmt: skip
    return made
