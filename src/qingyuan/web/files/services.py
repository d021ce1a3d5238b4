"""The deed of files: keep one, whole or not at all."""

from __future__ import annotations

import hashlib
import io
import os
import shutil
import unicodedata
import uuid
import weakref
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
from qingyuan.web.files.scan import ask, judge

__all__ = ["LARGEST_MB", "keep", "scan_waiting"]

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
_MOST_RATIO = 200  # Word's own XML shrinks to a fiftieth; a bomb to a thousandth
_MOST_MEMBERS = 5000
_NEVER_INSIDE = (".bin", ".zip", ".7z", ".rar", ".gz", ".jar", ".exe", ".js", ".vbs", ".html", ".svgz")  # fmt: skip
_HARMLESS_BIN = ("printersettings", "oleobject")  # what Excel and Word put beside their own XML


def _document_type(content: bytes, name: str) -> str:
    """Return the media type; content and extension must agree, for the name leaves the house again."""
    suffix = Path(name).suffix.lower()
    if suffix == ".pdf" and content.startswith(b"%PDF-"):
        return "application/pdf"
    if suffix in _OFFICE and _is_office(content, _OFFICE[suffix][0]):
        return _OFFICE[suffix][1]
    raise Problem("files.type_refused", name=name)


def _is_office(content: bytes, inside: str) -> bool:
    """Whether an archive is the document it says: no macro, no bomb, nothing packed within."""
    if not content.startswith(b"PK\x03\x04"):
        return False
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            members = archive.infolist()
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError):
        return False
    names = {m.filename.lower() for m in members}
    whole = sum(m.file_size for m in members)
    return (
        inside in names
        and len(members) < _MOST_MEMBERS
        and whole < min(_MOST_UNZIPPED, _MOST_RATIO * len(content))
        and not any(n.endswith(_NEVER_INSIDE) and not _is_harmless(n) for n in names)
    )


def _is_harmless(member: str) -> bool:
    return member.endswith(".bin") and Path(member).name.startswith(_HARMLESS_BIN)


def _safe_name(name: str) -> str:
    """Return the name without folders, control and invisible characters (also those that turn text)."""
    last = name.replace("\\", "/").rpartition("/")[2]
    cleaned = "".join(c for c in last if unicodedata.category(c)[0] != "C").strip(" .")
    return (cleaned or "file")[-160:]


def _write(place: str, content: bytes, *, name: str) -> None:
    path = settings.FOLDER.files / place
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("xb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        raise Problem(
            "files.not_written", name=name, reason=error.strerror or str(error)
        ) from error


class _Kept:
    """Removes a folder unless the transaction commits.

    Django calls this on commit and drops it, uncalled, when the transaction or a savepoint is
    rolled back; dropped, it takes the folder with it. A process that dies leaves the folder.
    """

    def __init__(self, folder: Path) -> None:
        self._remove = weakref.finalize(self, shutil.rmtree, folder, ignore_errors=True)

    def __call__(self) -> None:
        self._remove.detach()


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
        ``files.not_written``, ``files.infected``, ``files.scanner_away``; nothing is kept.
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
    scan = Attachment.Scan.NONE
    if settings.HOST.clamd:
        said = judge(
            content, name=shown, address=settings.HOST.clamd, away=settings.HOST.clamd_away
        )
        scan = Attachment.Scan(said)
    key = uuid.uuid4()
    folder = f"{at:%Y/%m}/{key}"
    # The callback must stay the only reference (a local one would live on in a traceback).
    transaction.on_commit(_Kept(settings.FOLDER.files / folder))
    _write(f"{folder}/original", content, name=shown)
    if picture:
        _write(f"{folder}/display.webp", picture.display, name=shown)
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
        scan=scan,
        uploaded_by=by,
        uploaded_at=at,
    )
    audit.record(
        actor=Actor.of(by),
        deed="files.keep",
        target=f"file:{kept.pk}",
        at=at,
        detail={"sm3": kept.sm3, "size": kept.size, "kind": kind, "scan": str(scan)},
    )
    return kept


def scan_waiting(*, at: datetime, most: int = 50) -> int:
    """Scan what was kept while the scanner was away, the oldest first; return how many it judged.

    The first that cannot be judged ends the round: the scanner is still away.
    """
    judged = 0
    if not settings.HOST.clamd:
        return judged
    waiting = Attachment.objects.filter(scan=Attachment.Scan.WAITING).order_by("uploaded_at", "pk")
    for kept in waiting[:most]:
        content = (settings.FOLDER.files / kept.original).read_bytes()
        verdict, found = ask(content, address=settings.HOST.clamd)
        if verdict == "away":
            break
        with transaction.atomic():
            Attachment.objects.filter(pk=kept.pk).update(scan=verdict)
            audit.record(
                actor=audit.SYSTEM,
                deed="files.scan",
                target=f"file:{kept.pk}",
                at=at,
                detail={"verdict": verdict, "found": found, "sm3": kept.sm3},
            )
        judged += 1
    return judged
