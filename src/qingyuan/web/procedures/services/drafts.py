"""Write a draft (起草)."""

from __future__ import annotations

import re
from datetime import datetime

from django.db import transaction

from qingyuan.core.problems import Problem
from qingyuan.web.accounts.models import User
from qingyuan.web.audit import services as audit
from qingyuan.web.audit.services import Actor
from qingyuan.web.cases.services.versions import version_of
from qingyuan.web.procedures.models import Draft

__all__ = ["begin_draft", "drop_draft", "save_draft"]

_NAME = re.compile(r"[a-z][a-z0-9_]{1,39}")


@transaction.atomic
def begin_draft(*, name: str, by: User, at: datetime, text: str = "") -> Draft:
    """Begin a draft from the version in force, or of a new procedure from *text*.

    Raises
    ------
    Problem
        ``procedures.draft_open``, ``procedures.bad_name``.
    """
    if Draft.objects.filter(name=name).exists():
        raise Problem("procedures.draft_open", name=name)
    if not _NAME.fullmatch(name):
        raise Problem("procedures.bad_name", given=name)
    base = None if text else version_of(name, at=at)
    draft = Draft.objects.create(
        name=name, text=text or (base.text if base else ""), began_from=base, changed_by=by,
        changed_at=at,
    )  # fmt: skip
    audit.record(
        actor=Actor.of(by), deed="procedures.draft", target=f"procedure:{name}", at=at,
        detail={"from": base.digest if base else ""},
    )  # fmt: skip
    return draft


@transaction.atomic
def save_draft(*, draft: Draft, text: str, seen: int, by: User, at: datetime) -> Draft:
    """Save the next edition, faults and all; the second of two people is told.

    Raises
    ------
    Problem
        ``procedures.changed_meanwhile``.
    """
    draft = (
        Draft.objects.select_for_update(of=("self",)).select_related("changed_by").get(pk=draft.pk)
    )
    if draft.edition != seen:
        raise Problem("procedures.changed_meanwhile", who=draft.changed_by.name)
    text = text.replace("\r\n", "\n")
    if text != draft.text:
        draft.text, draft.edition = text, draft.edition + 1
        draft.changed_by, draft.changed_at = by, at
        draft.save()
        audit.record(
            actor=Actor.of(by), deed="procedures.edit", target=f"procedure:{draft.name}", at=at,
            detail={"edition": draft.edition},
        )  # fmt: skip
    return draft


@transaction.atomic
def drop_draft(*, draft: Draft, by: User, at: datetime) -> None:
    """Give a draft up; what is in force stays."""
    audit.record(
        actor=Actor.of(by), deed="procedures.drop", target=f"procedure:{draft.name}", at=at,
        detail={"edition": draft.edition},
    )  # fmt: skip
    draft.delete()
