"""The deed of files: keep one, whole or not at all."""

from __future__ import annotations

import hashlib
import io
import os
import re
import uuid
import zipfile
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.db import transaction

from qingyuan.core.problems import Problem
from qingyuan.web.accounts.models import User
from qingyuan.web.audit import services as audit
from qingyuan.web.audit.services import Actor
from qingyuan.web.files.models import Attachment
from qingyuan.web.files.pictures import Picture, read_picture

__all__ = ["LARGEST_MB", "keep"]

LARGEST_MB = 20
_OFFICE = {
    ".docx": (
        "word/document.xml",
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    ),
    ".xlsx": (
        "xl/workbook.xml",
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ),
}
_MOST_UNZIPPED = 200_000_000


def _document_type(content: bytes, name: str) -> str:
    """Return the media type found by opening; pictures are dealt with elsewhere."""
    suffix = Path(name).suffix.lower()
    if content.startswith(b"%PDF-"):
        return "application/pdf"
    if suffix in _OFFICE and zipfile.is_zipfile(io.BytesIO(content)):
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            members = archive.infolist()
            inside, media = _OFFICE[suffix]
            whole = sum(m.file_size for m in members)
            names = {m.filename for m in members}
            macro = any(n.endswith("vbaProject.bin") for n in names)
            if inside in names and not macro and whole < _MOST_UNZIPPED and len(members) < 5000:
                return media
    raise Problem("files.type_refused", name=name)


def _safe_name(name: str) -> str:
    cleaned = re.sub(
        r"[\x00-\x1f\x7f\u200b-\u200f\u202a-\u202e\u2066-\u2069/\\]", "", Path(name).name
    ).strip(" .")
    return (cleaned or "file")[-160:]


def _write(place: str, content: bytes) -> None:
    path = settings.FOLDER.files / place
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        with path.open("xb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        path.unlink(missing_ok=True)
        raise Problem(
            "files.not_written", name=Path(place).name, reason=error.strerror or str(error)
        ) from error


@transaction.atomic
def keep(
    *,
    content: bytes,
    name: str,
    by: User,
    at: datetime,
    kind: str = "",
    taken_at: datetime | None = None,
    place: tuple[float, float] | None = None,
) -> Attachment:
    """Keep one uploaded file: the original untouched, a display copy of a picture without metadata.

    Parameters
    ----------
    content, name
        The bytes and what the uploader called them.
    kind
        Evidence kind as the procedure names it (``photo_after``).
    taken_at, place
        Capture time and (lon, lat, WGS-84) as the phone gave them; what the picture itself carries
        wins.

    Raises
    ------
    Problem
        ``files.empty``, ``files.too_large``, ``files.type_refused``, ``files.not_a_picture``,
        ``files.not_written``; nothing is kept.
    """
    shown = _safe_name(name)
    if not content:
        raise Problem("files.empty", name=shown)
    if len(content) > LARGEST_MB * 1_000_000:
        raise Problem(
            "files.too_large", name=shown, most=LARGEST_MB, given=round(len(content) / 1e6, 1)
        )
    picture: Picture | None = None
    if Path(shown).suffix.lower() in (".jpg", ".jpeg", ".png", ".webp"):
        picture = read_picture(content, name=shown)
    media = picture.media_type if picture else _document_type(content, shown)
    key = uuid.uuid4()
    folder = f"{at:%Y/%m}/{key}"
    _write(f"{folder}/original", content)
    if picture:
        _write(f"{folder}/display.webp", picture.display)
    lon, lat = (
        (picture.lon, picture.lat) if picture and picture.lon is not None else place or (None, None)
    )
    kept = Attachment.objects.create(
        id=key,
        name=shown,
        kind=kind,
        media_type=media,
        size=len(content),
        sm3=hashlib.new("sm3", content).hexdigest(),
        original=f"{folder}/original",
        display=f"{folder}/display.webp" if picture else "",
        width=picture.width if picture else None,
        height=picture.height if picture else None,
        taken_at=(picture.taken_at if picture else None) or taken_at,
        taken_lon=lon,
        taken_lat=lat,
        taken_by_device=picture.device if picture else "",
        uploaded_by=by,
        uploaded_at=at,
    )
    audit.record(
        actor=Actor.of(by),
        deed="files.keep",
        target=f"file:{kept.pk}",
        at=at,
        detail={"sm3": kept.sm3, "size": kept.size, "kind": kind},
    )
    return kept
