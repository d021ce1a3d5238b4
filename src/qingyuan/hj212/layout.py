"""Layout (版面): where in a packet's text each of its pieces stands.

For explaining only; `parse` is faster and does not ask where things are. Positions count characters
of the text, and together the pieces are in the order sent.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

__all__ = ["Piece", "pieces"]

_FRAME = re.compile(
    r"(?P<head>##)?(?P<length>[0-9]{0,4})(?P<body>.*?)"
    r"(?:&&(?P<crc>[0-9A-Fa-f]{0,4}))?(?P<stars>\*\*)?(?P<tail>[\r\n]*)",
    re.DOTALL,
)
_FIELD = re.compile(r"[^;]+")
_LOG = re.compile(r"//.*?//", re.DOTALL)
_PAIR = re.compile(r"[^;,]+")
_RUN_ON = re.compile(r"(?<=[0-9A-Za-z])(?=[a-z][0-9]{5}-[A-Z][A-Za-z]+=)")


class Piece(NamedTuple):
    """One piece: *part* is ``frame``, ``header``, ``field`` or ``reading`` (片段)."""

    part: str
    name: str
    value: str
    start: int
    end: int


def pieces(text: str) -> Iterator[Piece]:
    """Cut the text of one packet into its pieces.

    Frame pieces are named ``##``, ``LENGTH``, ``CP``, ``CRC`` and ``TAIL``; others bear the name
    that was sent. What is between two pieces is a separator.
    """
    found = _FRAME.fullmatch(text)
    assert found is not None  # every group may be empty
    if found["head"]:
        yield Piece("frame", "##", "##", 0, 2)
    if found["length"]:
        yield Piece("frame", "LENGTH", found["length"], *found.span("length"))
    start, stop = found.span("body")
    opened = text.find("CP=&&", start, stop + 2)
    if opened < 0:
        opened, inside = stop, stop
    else:
        inside = min(opened + 5, stop)
    yield from _fields(text, start, opened)
    closed = text.find("&&", inside, stop)
    closed = stop if closed < 0 else closed
    if inside > opened:
        yield Piece("frame", "CP", "", opened, inside)
    yield from _area(text, inside, closed)
    if closed < stop:
        yield from _fields(text, closed + 2, stop)
    if found["crc"]:
        yield Piece("frame", "CRC", found["crc"], *found.span("crc"))
    if found["stars"] or found["tail"]:
        start = found.start("stars" if found["stars"] else "tail")
        yield Piece("frame", "TAIL", text[start:], start, len(text))


def _fields(text: str, start: int, stop: int) -> Iterator[Piece]:
    for field in _FIELD.finditer(text, start, stop):
        name, _, value = field[0].strip(", ").partition("=")
        if name:
            yield Piece("header", name, value, *field.span())


def _area(text: str, start: int, stop: int) -> Iterator[Piece]:
    # Log text may hold separators: hide it while cutting, at the same length.
    hidden = _LOG.sub(lambda log: "\0" * len(log[0]), text[start:stop])
    for pair in _PAIR.finditer(hidden):
        cuts = [cut.start() for cut in _RUN_ON.finditer(pair[0])]
        for begin, end in zip([0, *cuts], [*cuts, len(pair[0])], strict=True):
            at, to = start + pair.start() + begin, start + pair.start() + end
            name, _, value = text[at:to].strip().partition("=")
            yield Piece("reading" if "-" in name else "field", name, value, at, to)
