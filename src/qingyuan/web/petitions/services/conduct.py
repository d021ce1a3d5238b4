"""Complaints about service, reports against officers, words about what is published (作风投诉与监督)."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from qingyuan.core.problems import Problem
from qingyuan.web.accounts.models import User
from qingyuan.web.audit import services as audit
from qingyuan.web.audit.services import SYSTEM, Actor
from qingyuan.web.petitions.models import ConductReport
from qingyuan.web.petitions.services.intake import new_number

__all__ = ["handle_conduct", "receive_conduct"]

_CLAUSE = "青岛市巡察整改通报（2024）八（三）、十一：监督举报；溧阳活动实施方案（2014）（三）4"


@transaction.atomic
def receive_conduct(
    *, kind: str, subject: str, text: str, at: datetime, contact: str = ""
) -> ConductReport:
    """Take in what a citizen says about staff; sealed, and read by the discipline role only."""
    if kind not in ConductReport.Kind.values or not text.strip():
        raise Problem("petitions.text_missing")
    made = ConductReport(number=new_number(), kind=kind, received_at=at)
    made.put(subject=subject, text=text, contact=contact)
    made.save(force_insert=True)
    kept = audit.source_address.set("")
    try:
        audit.record(
            actor=SYSTEM, deed="petitions.receive_conduct", target=f"conduct:{made.number}", at=at,
            clause=_CLAUSE, detail={"kind": kind},
        )  # fmt: skip
    finally:
        audit.source_address.reset(kept)
    return made


@transaction.atomic
def handle_conduct(
    report: ConductReport, *, proven: bool, result: str, by: User, at: datetime
) -> ConductReport:
    """Write down what came of it (办理结果)."""
    report = ConductReport.objects.select_for_update().get(pk=report.pk)
    if report.state == ConductReport.State.HANDLED:
        raise Problem("petitions.settled_already", number=report.number)
    if not result.strip():
        raise Problem("petitions.reason_missing")
    report.put(result=result)
    report.proven, report.state = proven, ConductReport.State.HANDLED
    report.handled_by, report.handled_at = str(by), at
    report.save()
    audit.record(
        actor=Actor.of(by), deed="petitions.handle_conduct", target=f"conduct:{report.number}",
        at=at, clause=_CLAUSE, detail={"proven": proven},
    )  # fmt: skip
    return report
