"""Files of strangers (来件安全): what is looked at before a file is opened."""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Collection
from xml.etree import ElementTree

from qingyuan.core.problems import Problem

__all__ = [
    "LARGEST_MB",
    "first_line",
    "member_of",
    "open_archive",
    "parse_xml",
    "refuse_declarations",
]

LARGEST_MB = 40
_MOST_MEMBERS = 2000
_MOST_UNZIPPED = 400_000_000
_MOST_RATIO = 150  # XML of a plain table shrinks to a thirtieth; a bomb to a thousandth
_FREE = 5_000_000  # bytes below which the ratio says nothing
_MACROS = ("vbaproject", "macrosheets/", "dialogsheets/", "activex/", "embeddings/")
_PACKED = (".zip", ".7z", ".rar", ".gz", ".jar", ".exe", ".dll", ".js", ".vbs", ".hta")
_CHUNK = 1 << 20


def open_archive(content: bytes, *, name: str, allow: Collection[str] = ()) -> zipfile.ZipFile:
    """Open a zip after counting what it holds and inflating each member once.

    What the directory of a zip says of its members may be a lie, and not every reader stops where
    it says; so each is inflated here, in pieces, and must end exactly there. Macros, embedded
    objects and archives within are refused, except endings in *allow*.

    Raises
    ------
    Problem
        ``exchange.unreadable``, ``exchange.bomb``, ``exchange.macros``, ``exchange.nested``,
        ``exchange.encrypted``.
    """
    try:
        archive = zipfile.ZipFile(io.BytesIO(content))
        members = archive.infolist()
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError, EOFError) as fault:
        raise Problem("exchange.unreadable", name=name, reason=first_line(fault)) from fault
    whole = sum(member.file_size for member in members)
    most = min(_MOST_UNZIPPED, max(_FREE, _MOST_RATIO * len(content)))
    if len(members) > _MOST_MEMBERS or whole > most:
        raise Problem("exchange.bomb", name=name)
    for member in members:
        _look(member, name=name, allow=allow)
        _inflate(content, member, name=name)
    return archive


def _look(member: zipfile.ZipInfo, *, name: str, allow: Collection[str]) -> None:
    low = member.filename.lower().replace("\\", "/")
    if member.flag_bits & 1:
        raise Problem("exchange.encrypted", name=name)
    if any(word in low for word in _MACROS):
        raise Problem("exchange.macros", name=name, member=member.filename[:80])
    if low.endswith(_PACKED) and not low.endswith(tuple(allow) or ("\0",)):
        raise Problem("exchange.nested", name=name, member=member.filename[:80])


def _inflate(content: bytes, member: zipfile.ZipInfo, *, name: str) -> None:
    """Inflate one member in pieces; it must hold exactly what was said."""
    at = member.header_offset
    if content[at : at + 4] != b"PK\x03\x04":
        raise Problem("exchange.unreadable", name=name, reason=member.filename[:80])
    names = int.from_bytes(content[at + 26 : at + 28], "little")
    extra = int.from_bytes(content[at + 28 : at + 30], "little")
    begin = at + 30 + names + extra
    packed = content[begin : begin + member.compress_size]
    if member.compress_type == zipfile.ZIP_STORED:
        size = len(packed)
    elif member.compress_type == zipfile.ZIP_DEFLATED:
        size = _inflated(packed, member.file_size, name=name)
    else:
        raise Problem("exchange.unreadable", name=name, reason=f"zip {member.compress_type}")
    if size != member.file_size:
        raise Problem("exchange.bomb", name=name)


def _inflated(packed: bytes, most: int, *, name: str) -> int:
    machine, size, rest = zlib.decompressobj(-zlib.MAX_WBITS), 0, packed
    try:
        while not machine.eof and size <= most:
            piece = machine.decompress(rest, _CHUNK)
            rest = machine.unconsumed_tail
            size += len(piece)
            if not piece and not rest:
                break
    except zlib.error as fault:
        raise Problem("exchange.unreadable", name=name, reason=first_line(fault)) from fault
    return size


def member_of(archive: zipfile.ZipFile, member: str, *, name: str) -> bytes:
    """Return one member of an archive that `open_archive` has looked at."""
    try:
        return archive.read(member)
    except (
        KeyError,
        zipfile.BadZipFile,
        OSError,
        NotImplementedError,
        EOFError,
        ValueError,
        zlib.error,
    ) as fault:
        raise Problem("exchange.unreadable", name=name, reason=first_line(fault)) from fault


def parse_xml(content: bytes, *, name: str) -> ElementTree.Element:
    """Parse XML that declares nothing of its own: no document type, no entities, UTF-8 only.

    Raises
    ------
    Problem
        ``exchange.unreadable``.
    """
    refuse_declarations(content, name=name)
    try:
        return ElementTree.fromstring(content)
    except ElementTree.ParseError as fault:
        raise Problem("exchange.unreadable", name=name, reason=first_line(fault)) from fault


def refuse_declarations(content: bytes, *, name: str) -> None:
    """Refuse XML with a document type or in another encoding than UTF-8, where one could hide."""
    if content[:2] in (b"\xff\xfe", b"\xfe\xff") or b"\0" in content[:64]:
        raise Problem("exchange.unreadable", name=name, reason="XML: UTF-16")
    if b"<!DOCTYPE" in content or b"<!ENTITY" in content:
        raise Problem("exchange.unreadable", name=name, reason="XML: DOCTYPE")


def first_line(fault: BaseException) -> str:
    """Return the first line of what a library said, short enough to show."""
    return (str(fault).splitlines() or [type(fault).__name__])[0][:160]
