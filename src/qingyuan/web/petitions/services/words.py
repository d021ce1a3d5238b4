"""Confirm what an inspector and what an enterprise may read, and which pictures go on (脱敏确认)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction

from qingyuan.core.problems import Problem
from qingyuan.web.accounts.models import User
from qingyuan.web.audit import services as audit
from qingyuan.web.audit.services import Actor
from qingyuan.web.petitions.models import Petition, ReportPhoto
from qingyuan.web.petitions.models.report import CONTACT, Complainant, Report
from qingyuan.web.petitions.services.look import check_may_look

__all__ = ["check_no_contact", "clear_photo", "confirm_words"]

_CLAUSE = "信访工作条例（2022）：不得将检举控告材料及情况透露给被检举控告者"
_LEAST = 4  # a shorter contact field (a given name of one sign) would be found in any text


def check_no_contact(words: str, reports: Iterable[Report]) -> None:
    """Refuse words in which a contact field of any of the reports stands.

    Raises
    ------
    Problem
        ``petitions.words_betray``; which field it is, is not said.
    """
    for who in Complainant.objects.filter(report__in=list(reports)):
        held = who.read()
        for name in CONTACT:
            value = held[name].strip()
            least = 2 if name == "name" else _LEAST
            if len(value) >= least and value in words:
                raise Problem("petitions.words_betray")


@transaction.atomic
def confirm_words(
    petition: Petition, *, reader: str, words: str, by: User, at: datetime
) -> Petition:
    """Confirm the words one kind of reader may read (人工确认脱敏文本); a proposal never suffices.

    Parameters
    ----------
    reader : {"inspector", "enterprise"}

    Raises
    ------
    Problem
        ``petitions.words_missing``; ``petitions.words_betray`` when a contact field of the
        complainant stands in them; ``petitions.no_duty_to_know``.
    """
    petition = Petition.objects.select_for_update(of=("self",)).get(pk=petition.pk)
    for report in petition.reports.all():
        check_may_look(report, by=by, at=at)
    words = words.strip()
    if not words:
        raise Problem("petitions.words_missing")
    check_no_contact(words, petition.reports.all())
    setattr(petition, f"text_{reader}", words[:1000])
    setattr(petition, f"text_{reader}_by", str(by))
    setattr(petition, f"text_{reader}_at", at)
    petition.save(update_fields=[f"text_{reader}", f"text_{reader}_by", f"text_{reader}_at"])
    audit.record(
        actor=Actor.of(by), deed="petitions.confirm_words", target=petition.case.ref, at=at,
        clause=_CLAUSE, detail={"reader": reader},
    )  # fmt: skip
    return petition


@transaction.atomic
def clear_photo(photo: ReportPhoto, *, cleared: bool, by: User, at: datetime) -> ReportPhoto:
    """Let the inspector see a picture, or keep it back (照片审核)."""
    check_may_look(photo.report, by=by, at=at)
    photo.cleared = ReportPhoto.Cleared.INSPECTOR if cleared else ReportPhoto.Cleared.REFUSED
    photo.cleared_by, photo.cleared_at = str(by), at
    photo.save(update_fields=["cleared", "cleared_by", "cleared_at"])
    audit.record(
        actor=Actor.of(by), deed="petitions.clear_photo", target=f"report:{photo.report.number}",
        at=at, clause=_CLAUSE, detail={"position": photo.position, "cleared": cleared},
    )  # fmt: skip
    return photo
