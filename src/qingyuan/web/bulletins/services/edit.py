"""Edit a draft (修改): sentences may be said better, figures may not be retyped.

The frozen content is never touched. An edit is a record of old and new words; the text that is
printed is the frozen one with the edits laid over it, and both can be read.
"""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from qingyuan.core.problems import Problem
from qingyuan.reporting import Paragraph
from qingyuan.web.accounts.models import User
from qingyuan.web.audit import services as audit
from qingyuan.web.audit.services import Actor
from qingyuan.web.bulletins.models import Bulletin, Edit
from qingyuan.web.bulletins.revision import edited, reworded

__all__ = ["edit"]

_CLAUSE = "通报修改留痕（product.md §2.11）"


@transaction.atomic
def edit(
    *,
    bulletin: Bulletin,
    section: int,
    paragraph: int,
    new: str,
    reason: str,
    by: User,
    at: datetime,
) -> Edit | None:
    """Change one sentence of a draft; the number after the last adds one, empty words take it out.

    Raises
    ------
    Problem
        ``bulletins.not_a_draft``; ``bulletins.no_such_sentence``; ``bulletins.figure_changed`` when
        a figure of the sentence is not there any more as it was.
    """
    found = Bulletin.objects.select_for_update().get(pk=bulletin.pk)
    if found.state != Bulletin.State.DRAFT:
        raise Problem("bulletins.not_a_draft", state=found.get_state_display())
    document = edited(found)
    if not 0 <= section < len(document.sections) or not 0 <= paragraph <= len(
        document.sections[section].paragraphs
    ):
        raise Problem("bulletins.no_such_sentence")
    said = document.sections[section].paragraphs
    old = said[paragraph] if paragraph < len(said) else Paragraph(())
    words = " ".join(new.split())
    if words == old.text:
        return None
    if words:
        reworded(old, words)
    made = Edit.objects.create(
        bulletin=found, section=section, paragraph=paragraph, old=old.text, new=words,
        reason=reason, by=by, at=at,
    )  # fmt: skip
    audit.record(
        actor=Actor.of(by),
        deed="bulletins.edit",
        target=f"bulletin:{found.pk}",
        at=at,
        clause=_CLAUSE,
        detail={"section": section, "paragraph": paragraph, "old": old.text, "new": words},
    )
    return made
