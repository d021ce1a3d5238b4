"""A bulletin as files (文件): the kept PDF, an editable docx."""

from __future__ import annotations

from datetime import date

from django.conf import settings

from qingyuan.core.periods import city_date
from qingyuan.web.bulletins.models import Bulletin
from qingyuan.web.bulletins.revision import edited
from qingyuan.web.printing import docx_of, pdf_of

__all__ = ["docx_bytes", "pdf_bytes", "signed_on"]


def signed_on(bulletin: Bulletin) -> date | None:
    """Return the Beijing date on which it was signed."""
    return city_date(bulletin.published_at) if bulletin.published_at else None


def pdf_bytes(bulletin: Bulletin) -> bytes:
    """Return the kept PDF of a published bulletin, or typeset a draft for reading."""
    path = settings.FOLDER.bulletins / f"{bulletin.pk}.pdf"
    if bulletin.pdf_sm3 and path.is_file():
        return path.read_bytes()
    return pdf_of(edited(bulletin), day=bulletin.day, signed_on=signed_on(bulletin))


def docx_bytes(bulletin: Bulletin) -> bytes:
    """Return the docx of a bulletin, with its edits."""
    return docx_of(edited(bulletin), day=bulletin.day, signed_on=signed_on(bulletin))
