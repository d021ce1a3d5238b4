"""The deeds of bulletins: compose, publish, withdraw."""

from __future__ import annotations

import hashlib
import os
from datetime import date, datetime
from pathlib import Path

from django.conf import settings
from django.db import transaction
from django.db.models import Max

from qingyuan.core.periods import day_of
from qingyuan.core.problems import Problem
from qingyuan.reporting import Document, daily_reminder
from qingyuan.web.accounts.models import User
from qingyuan.web.audit import services as audit
from qingyuan.web.audit.services import SYSTEM, Actor
from qingyuan.web.bulletins.facts import daily_facts
from qingyuan.web.bulletins.models import Bulletin
from qingyuan.web.bulletins.printing import pdf_of

__all__ = ["compose_daily", "pdf_bytes", "publish", "withdraw"]

_CLAUSE = "日提醒、周通报、月总结工作机制（R156、R157）"


@transaction.atomic
def compose_daily(*, day: date, at: datetime, by: Actor = SYSTEM) -> Bulletin:
    """Compose the daily reminder of a day and freeze it as a draft with its data version.

    An earlier draft of the same day is replaced; a published or withdrawn one stays and the new
    one is its next issue.
    """
    facts, version = daily_facts(day=day, at=at, folder=settings.FOLDER)
    Bulletin.objects.filter(kind=Bulletin.Kind.DAILY, day=day, state=Bulletin.State.DRAFT).delete()
    last = (
        Bulletin.objects.filter(kind=Bulletin.Kind.DAILY, day=day).aggregate(n=Max("issue"))["n"]
        or 0
    )
    issue = last + 1
    number = f"〔{day.year}〕{day.timetuple().tm_yday}号" + (
        f"（更正{issue - 1}）" if issue > 1 else ""
    )
    document = daily_reminder(facts, number=number)
    bulletin = Bulletin.objects.create(
        kind=Bulletin.Kind.DAILY,
        day=day,
        issue=issue,
        number=number,
        content=document.as_dict(),
        data_until=facts.data_until,
        data_version=version,
        composed_by=by.label,
        composed_at=at,
    )
    audit.record(
        actor=by, deed="bulletins.compose", target=f"bulletin:{bulletin.pk}", at=at, clause=_CLAUSE
    )
    return bulletin


def _lock(bulletin: Bulletin, *, needed: str) -> Bulletin:
    found = Bulletin.objects.select_for_update().get(pk=bulletin.pk)
    if found.state != needed:
        raise Problem("bulletins.not_a_draft", state=found.get_state_display())
    return found


@transaction.atomic
def publish(*, bulletin: Bulletin, by: User, at: datetime) -> Bulletin:
    """Sign and publish a draft: its PDF is typeset, digested and kept; the day must be over."""
    found = _lock(bulletin, needed=Bulletin.State.DRAFT)
    if at < day_of(found.day).end:
        raise Problem("bulletins.day_not_over", day=found.day)
    pdf = pdf_of(Document.from_dict(found.content), day=found.day)
    found.state = Bulletin.State.PUBLISHED
    found.published_by, found.published_at = str(by), at
    found.pdf_sm3 = hashlib.new("sm3", pdf).hexdigest()
    found.save()
    _keep_pdf(settings.FOLDER.bulletins / f"{found.pk}.pdf", pdf)
    audit.record(
        actor=Actor.of(by),
        deed="bulletins.publish",
        target=f"bulletin:{found.pk}",
        at=at,
        clause=_CLAUSE,
        detail={"pdf_sm3": found.pdf_sm3, "number": found.number},
    )
    return found


def _keep_pdf(path: Path, pdf: bytes) -> None:
    """Write the file whole or not at all; if it cannot be kept, nothing is published."""
    part = path.with_suffix(".part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with part.open("wb") as file:
            file.write(pdf)
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise Problem("bulletins.not_kept", reason=error.strerror or str(error)) from error


@transaction.atomic
def withdraw(*, bulletin: Bulletin, reason: str, by: User, at: datetime) -> Bulletin:
    """Withdraw a published bulletin with its reason; it stays readable, marked as withdrawn."""
    found = _lock(bulletin, needed=Bulletin.State.PUBLISHED)
    found.state = Bulletin.State.WITHDRAWN
    found.withdrawn_reason = reason
    found.save(update_fields=["state", "withdrawn_reason"])
    audit.record(
        actor=Actor.of(by),
        deed="bulletins.withdraw",
        target=f"bulletin:{found.pk}",
        at=at,
        clause=_CLAUSE,
        detail={"reason": reason},
    )
    return found


def pdf_bytes(bulletin: Bulletin) -> bytes:
    """Return the kept PDF of a published bulletin, or typeset a draft for reading."""
    path = settings.FOLDER.bulletins / f"{bulletin.pk}.pdf"
    if bulletin.pdf_sm3 and path.is_file():
        return path.read_bytes()
    return pdf_of(Document.from_dict(bulletin.content), day=bulletin.day)
