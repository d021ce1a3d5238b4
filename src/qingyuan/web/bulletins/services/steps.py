"""Steps of a bulletin (审核、签发、发布、退回、更正、撤回): a chain as data, two people at least."""

from __future__ import annotations

import hashlib
import os
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.db import transaction

from qingyuan.core.periods import city_date, day_of
from qingyuan.core.problems import Problem
from qingyuan.web.accounts.models import User
from qingyuan.web.accounts.scope import role_names
from qingyuan.web.audit import services as audit
from qingyuan.web.audit.services import Actor
from qingyuan.web.bulletins.kinds import STATE_AFTER, step_roles
from qingyuan.web.bulletins.models import Bulletin, Step
from qingyuan.web.bulletins.revision import edited
from qingyuan.web.bulletins.services.compose import CLAUSE, compose
from qingyuan.web.bulletins.services.outputs import signed_on
from qingyuan.web.printing import pdf_of

__all__ = ["advance", "correct", "publish", "send_back", "withdraw"]


def _lock(bulletin: Bulletin, *needed: str) -> Bulletin:
    found = Bulletin.objects.select_for_update().get(pk=bulletin.pk)
    if found.state not in needed:
        raise Problem("bulletins.not_a_draft", state=found.get_state_display())
    return found


def _record(
    found: Bulletin, name: str, by: User, at: datetime, note: str = "", **detail: object
) -> None:
    Step.objects.create(bulletin=found, name=name, by=by, by_label=str(by), at=at, note=note)
    audit.record(
        actor=Actor.of(by),
        deed=f"bulletins.{name}",
        target=f"bulletin:{found.pk}",
        at=at,
        clause=CLAUSE,
        detail={"number": found.number, **detail, **({"note": note} if note else {})},
    )


@transaction.atomic
def advance(*, bulletin: Bulletin, step: str, by: User, at: datetime, note: str = "") -> Bulletin:
    """Do the next step of the chain: review, sign or publish.

    Raises
    ------
    Problem
        ``bulletins.not_the_next_step``, ``bulletins.same_person`` when who wrote or changed it
        reviews it, or who reviewed it signs it; ``bulletins.day_not_over`` before its period ended.
    """
    found = Bulletin.objects.select_for_update().get(pk=bulletin.pk)
    if found.next_step != step:
        raise Problem("bulletins.not_the_next_step", state=found.get_state_display())
    if not step_roles(step) & role_names(by, on=city_date(at)):
        raise Problem("bulletins.not_your_step", state=found.get_state_display())
    if at < day_of(found.day).end:
        raise Problem("bulletins.day_not_over", day=found.day)
    _check_two_people(found, step, by)
    found.state = STATE_AFTER[step]
    if step == "publish":
        return _published(found, by, at, note)
    if step == "sign":
        found.published_by, found.published_at = str(by), at
    found.save()
    _record(found, step, by, at, note)
    return found


def _check_two_people(found: Bulletin, step: str, by: User) -> None:
    """Refuse a reviewer who wrote or changed the draft, and a signer who reviewed it."""
    before = {"review": (Step.Name.DRAFT,), "sign": (Step.Name.REVIEW,)}.get(step, ())
    since = found.steps.filter(name=Step.Name.RETURN).order_by("-pk").first()
    done = found.steps.filter(name__in=before, by=by)
    if since is not None:
        done = done.filter(pk__gt=since.pk)
    if done.exists() or (step == "review" and found.edits.filter(by=by).exists()):
        raise Problem("bulletins.same_person", person=str(by))


def _published(found: Bulletin, by: User, at: datetime, note: str) -> Bulletin:
    if not found.published_by:
        found.published_by, found.published_at = str(by), at
    pdf = pdf_of(edited(found), day=found.day, signed_on=signed_on(found))
    found.pdf_sm3 = hashlib.new("sm3", pdf).hexdigest()
    found.save()
    _keep_pdf(settings.FOLDER.bulletins / f"{found.pk}.pdf", pdf)
    _record(found, "publish", by, at, note, pdf_sm3=found.pdf_sm3)
    if found.corrects_id:
        Bulletin.objects.filter(pk=found.corrects_id, state=Bulletin.State.PUBLISHED).update(
            state=Bulletin.State.CORRECTED
        )
    return found


def publish(*, bulletin: Bulletin, by: User, at: datetime) -> Bulletin:
    """Publish: its PDF is typeset, digested and kept; the period must be over."""
    if bulletin.next_step != "publish":
        raise Problem("bulletins.not_a_draft", state=bulletin.get_state_display())
    return advance(bulletin=bulletin, step="publish", by=by, at=at)


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
def send_back(*, bulletin: Bulletin, reason: str, by: User, at: datetime) -> Bulletin:
    """Send a reviewed or signed bulletin back to the draft, with the reason."""
    found = _lock(bulletin, Bulletin.State.REVIEWED, Bulletin.State.SIGNED)
    found.state = Bulletin.State.DRAFT
    found.published_by, found.published_at = "", None
    found.save()
    _record(found, "return", by, at, reason)
    return found


@transaction.atomic
def correct(*, bulletin: Bulletin, notice: str, by: User, at: datetime) -> Bulletin:
    """Write the next issue of a published bulletin with a notice of what is corrected.

    The original stays published until the correction is, and readable after it.
    """
    found = _lock(bulletin, Bulletin.State.PUBLISHED)
    made = compose(
        kind=found.kind, day=found.day, at=at, by=Actor.of(by), user=by, corrects=found,
        notice=notice,
    )  # fmt: skip
    _record(found, "correct", by, at, notice, corrected_by=made.pk)
    return made


@transaction.atomic
def withdraw(*, bulletin: Bulletin, reason: str, by: User, at: datetime) -> Bulletin:
    """Withdraw a published bulletin with its reason; it stays readable, marked as withdrawn."""
    found = _lock(bulletin, Bulletin.State.PUBLISHED)
    found.state = Bulletin.State.WITHDRAWN
    found.withdrawn_reason = reason
    found.save(update_fields=["state", "withdrawn_reason"])
    _record(found, "withdraw", by, at, reason)
    return found
