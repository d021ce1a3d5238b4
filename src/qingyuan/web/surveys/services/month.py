"""Overrides of a month's class (督察点名): recorded with their reason; the original class is kept."""

from __future__ import annotations

from datetime import date, datetime

from django.db import transaction

from qingyuan.core.problems import Problem
from qingyuan.web.accounts.models import User
from qingyuan.web.audit import services as audit
from qingyuan.web.audit.services import Actor
from qingyuan.web.surveys.models import Override, Stretch

__all__ = ["override", "withdraw_override"]

CLAUSE = "济南做法（2019）：督察、媒体点名路段当月不得为黄、绿；国家、省级督察点名为红"


@transaction.atomic
def override(
    *, stretch: Stretch, month: date, level: str, reason: str, by: User, at: datetime
) -> Override:
    """Name a stretch for a month.

    Raises
    ------
    Problem
        ``surveys.reason_missing``, ``surveys.named_already``.
    """
    if not reason.strip():
        raise Problem("surveys.reason_missing")
    month = month.replace(day=1)
    Stretch.objects.select_for_update().get(pk=stretch.pk)
    same = Override.objects.filter(stretch=stretch, month=month, level=level, withdrawn_at=None)
    if same.exists():
        raise Problem("surveys.named_already", place=str(stretch), month=f"{month:%Y-%m}")
    row = Override.objects.create(
        stretch=stretch, month=month, level=level, reason=reason.strip(), made_by=by, made_at=at
    )
    audit.record(
        actor=Actor.of(by), deed="surveys.override", target=f"stretch:{stretch.pk}", at=at, clause=CLAUSE,
        detail={"month": f"{month:%Y-%m}", "level": level, "reason": row.reason},
    )  # fmt: skip
    return row


@transaction.atomic
def withdraw_override(row: Override, *, by: User, at: datetime) -> Override:
    """Take a naming back; a second time changes nothing."""
    row = Override.objects.select_for_update(of=("self",)).get(pk=row.pk)
    if row.withdrawn_at is None:
        row.withdrawn_at, row.withdrawn_by = at, by
        row.save(update_fields=["withdrawn_at", "withdrawn_by"])
        audit.record(
            actor=Actor.of(by), deed="surveys.override_withdrawn", target=f"stretch:{row.stretch_id}",
            at=at, clause=CLAUSE, detail={"month": f"{row.month:%Y-%m}", "level": row.level},
        )  # fmt: skip
    return row
