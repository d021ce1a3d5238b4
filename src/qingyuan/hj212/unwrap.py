"""Unwrapping (还原): captures written as text back to the bytes that were on the wire.

A capture comes as it was kept: raw bytes, a byte-order mark before them, UTF-16 of a text editor,
or a hexadecimal dump of one of the usual tools. Packets themselves are never changed.
"""

from __future__ import annotations

import codecs
import re

__all__ = ["unwrap"]

_PACKET = re.compile(rb"##(?:[0-9]{1,4})?[A-Za-z]{2,4}=")
# "23 23 30", "0x23,0x23,0x30", "\x23\x23\x30", "232330": ## and the first digit of a length.
_HEAD = re.compile(rb"(?i)(?:0x|\\x)?23[ ,:\-]{0,2}(?:0x|\\x)?23[ ,:\-]{0,2}(?:0x|\\x)?3[0-9]")
# An offset, a colon or blanks, then groups of hexadecimal digits and, after a gap, the text.
_DUMP_LINE = re.compile(
    rb"(?im)^[ \t]*(?:0x)?([0-9a-f]{4,16})(?::[ \t]{1,2}|[ \t]{1,3})((?:[0-9a-f]{2}){1,8}[ \t\r].*)$"
)
_OCTETS = re.compile(rb"[ \t]{0,2}([0-9A-Fa-f]{2})")
_GAP = re.compile(rb"[ \t]{2,}|\|")
_BYTE = rb"(?:0x|\\x)?[0-9a-f]{2}"
_RUN = re.compile(rb"(?i)(?<![0-9a-z])" + _BYTE + rb"(?:[ ,:\-]{0,2}" + _BYTE + rb")*(?![0-9a-z])")
_MARKS = re.compile(rb"(?i)0x|\\x|[^0-9a-f]")


def unwrap(data: bytes) -> bytes:
    """Return the bytes on the wire that *data* writes down; *data* itself if it is they.

    Examples
    --------
    >>> unwrap(b"2026-03-01 08:00:00 RX: 23 23 30 30 30 38 43 50 3d 26 26 26 26")
    b'##0008CP=&&&&'
    >>> unwrap(b"00000000: 2323 3030 3038 4350 3d26 2626 26         ##0008CP=&&&&")
    b'##0008CP=&&&&'
    """
    for mark, encoding in (
        (codecs.BOM_UTF8, ""),
        (codecs.BOM_UTF16_LE, "utf-16-le"),
        (codecs.BOM_UTF16_BE, "utf-16-be"),
    ):
        if data.startswith(mark):
            data = data[len(mark) :]
            if encoding:
                data = data.decode(encoding, "replace").encode("utf-8")
    if _HEAD.search(data) is None and _PACKET.search(data):
        return data
    dumped = _dumped([(int(line[1], 16), line[2] + b" ") for line in _DUMP_LINE.finditer(data)])
    if _PACKET.search(dumped):
        return dumped
    if _PACKET.search(data) or not _HEAD.search(data):
        return data
    return b"".join(_of_line(line) for line in data.splitlines())


def _dumped(lines: list[tuple[int, bytes]]) -> bytes:
    """Return the bytes of a dump; its offsets say how many stand on each line.

    The text beside them may look like more of them; on the last line the column of the others
    tells where it begins.
    """
    whole, column = [], 0
    for number, (offset, row) in enumerate(lines):
        following = lines[number + 1][0] - offset if number + 1 < len(lines) else 0
        if 0 < following <= 64:
            found, column = _octets(row, following)
        elif column:
            found, _ = _octets(row[:column], 64)
        else:
            first, *others = _GAP.split(row)
            halves = len(first.split()) == 8 and others and _octets(others[0], 8)[0]
            found = _octets(first, 64)[0] + (halves or b"")
        whole.append(found)
    return b"".join(whole)


def _octets(row: bytes, most: int) -> tuple[bytes, int]:
    found, at = bytearray(), 0
    while len(found) < most and (octet := _OCTETS.match(row, at)):
        found.append(int(octet[1], 16))
        at = octet.end()
    return bytes(found), at


def _of_line(line: bytes) -> bytes:
    """Return the bytes of one line of a log: from its ``##`` on, or all when it is nothing else."""
    runs = [run[0] for run in _RUN.finditer(line)]
    longest = max(runs, key=len, default=b"")
    head = _HEAD.search(longest)
    if head:
        return _bytes(longest[head.start() :])  # a time of day before it looks like bytes too
    return _bytes(longest) if longest.strip() == line.strip() else b""


def _bytes(text: bytes) -> bytes:
    digits = _MARKS.sub(b"", text)
    return bytes.fromhex(digits[: len(digits) & ~1].decode("ascii"))
