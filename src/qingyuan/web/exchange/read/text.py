"""Comma-separated text (CSV): UTF-8 with or without a mark, or GB 18030; comma, semicolon or tab."""

from __future__ import annotations

import csv
import io

from qingyuan.core.problems import Problem
from qingyuan.web.exchange.read.grid import Grid

__all__ = ["decoded", "grids_of_text"]

_MOST_LINES = 400_000


def decoded(content: bytes, *, name: str) -> str:
    """Return the text: as its mark says, else UTF-8, else GB 18030.

    Raises
    ------
    Problem
        ``exchange.encoding`` when it is none of them; ``exchange.unreadable`` when it holds NUL,
        as no text does.
    """
    if content[:2] in (b"\xff\xfe", b"\xfe\xff"):
        try:
            return content.decode("utf-16")
        except UnicodeDecodeError as fault:
            raise Problem("exchange.encoding", name=name) from fault
    if b"\0" in content:
        raise Problem("exchange.unreadable", name=name, reason="NUL")
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise Problem("exchange.encoding", name=name)


def grids_of_text(content: bytes, *, name: str) -> list[Grid]:
    """Read a CSV; the apostrophe our own exports put before a would-be formula is taken off."""
    text = decoded(content, name=name)
    lines = csv.reader(io.StringIO(text, newline=""), delimiter=_mark_of(text), strict=True)
    cells: list[list[str]] = []
    try:
        for line in lines:
            cells.append([_plain(cell) for cell in line])
            if len(cells) > _MOST_LINES:
                raise Problem("exchange.too_long", name=name, most=_MOST_LINES)
    except csv.Error as fault:
        raise Problem(
            "exchange.unreadable", name=name, reason=f"{lines.line_num}: {fault}"
        ) from fault
    return [Grid(name, cells)]


def _mark_of(text: str) -> str:
    """Return what parts the cells, by the first line that has one of them."""
    for line in text[:20_000].splitlines():
        for mark in ",\t;":
            if mark in line:
                return mark
    return ","


def _plain(cell: str) -> str:
    if cell[:1] == "'" and cell[1:].lstrip(" 　")[:1] in tuple("=+-@＝＋－＠\t\r"):
        return cell[1:]
    return cell
