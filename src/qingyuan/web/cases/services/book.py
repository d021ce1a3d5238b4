"""Bind a case into one file (一案一册); every copy made is on record with its digest."""

from __future__ import annotations

import hashlib
import io
from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _
from PIL import Image

from qingyuan.core.periods import city_date, in_city
from qingyuan.web.accounts.models import User
from qingyuan.web.audit import services as audit
from qingyuan.web.audit.services import Actor
from qingyuan.web.cases.models import Case, EvidenceLink
from qingyuan.web.cases.selectors.book import BookFacts, case_book, enterprise_book
from qingyuan.web.printing import Book, Photo, book_pdf, docx_of

__all__ = ["book_file"]

_EDGE = 900  # 一页两幅，印出来约 250 点每英寸 / two a row: about 250 dots an inch on paper
_MOST_PAIRS = 60


@transaction.atomic
def book_file(
    case: Case, *, kind: str, by: User, at: datetime, to_enterprise: bool = False
) -> bytes:
    """Return the book of *case* as *by* may see it, ``pdf`` or ``docx``.

    Raises
    ------
    Problem
        ``printing.not_printed`` when the typesetter refuses.
    """
    write = enterprise_book if to_enterprise else case_book
    facts = write(case, user=by, at=at)
    day = city_date(at)
    if kind == "docx":
        content = docx_of(facts.document, day=day, signed_on=None)
    else:
        content = book_pdf(_bound(facts, by=by, at=at), day=day)
    audit.record(
        actor=Actor.of(by),
        deed="cases.book",
        target=case.ref,
        at=at,
        detail={"kind": kind, "sha256": hashlib.sha256(content).hexdigest()},
    )
    return content


def _bound(facts: BookFacts, *, by: User, at: datetime) -> Book:
    shown = facts.pairs[:_MOST_PAIRS]
    heading = next(
        (s.heading for s in facts.document.sections if s.heading.endswith(facts.pairs_in)), ""
    )
    return Book(
        document=facts.document,
        name=_("案卷"),
        cover=facts.cover,
        note=_("%(who)s 于 %(at)s 生成，内容以其可见范围为限")
        % {"who": by.name, "at": f"{in_city(at):%Y-%m-%d %H:%M}"},
        contents=_("目录"),
        page=_("第 {n} 页，共 {m} 页"),
        photos={
            heading: [
                (_photo(pair.before, _("没有整改前照片")), _photo(pair.after, _("没有整改后照片")))
                for pair in shown
            ]
        },
    )


def _photo(link: EvidenceLink | None, lacking: str) -> Photo:
    """Return the display copy of a photo, small enough for paper, with when it was taken."""
    if link is None:
        return Photo(lacking)
    file = link.attachment
    taken = f"{in_city(file.taken_at):%Y-%m-%d %H:%M}" if file.taken_at else _("拍摄时间不详")
    caption = f"{link.label} · {taken} · {file.name}"
    path = settings.FOLDER.files / file.display
    if not file.is_image or not path.is_file():
        return Photo(_("照片打不开：%(name)s") % {"name": file.name})
    with Image.open(path) as image:
        image.thumbnail((_EDGE, _EDGE))
        out = io.BytesIO()
        image.convert("RGB").save(out, "JPEG", quality=80)
        return Photo(caption, out.getvalue(), image.width, image.height)
