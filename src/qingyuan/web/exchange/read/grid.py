"""A grid (格子): what every reader makes of its file before anybody asks what the columns mean."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

__all__ = ["Grid", "Span", "letter"]


@dataclass(frozen=True, slots=True)
class Span:
    """A merged range (合并区域): first and last row and column, counted from 0, both included."""

    top: int
    left: int
    bottom: int
    right: int

    @property
    def cells(self) -> str:
        """The range as a workbook writes it, ``A3:A7``."""
        return f"{letter(self.left)}{self.top + 1}:{letter(self.right)}{self.bottom + 1}"


@dataclass(frozen=True, slots=True)
class Grid:
    """Cells as the file has them, row by row from its first line.

    Attributes
    ----------
    name : str
        Worksheet, layer, or number of the table in a document.
    cells : sequence of sequence
        ``str``, ``int``, ``float``, ``bool``, ``date``, ``datetime``, ``time``, ``timedelta``; ""
        for empty.
    spans : tuple of Span
        Merged ranges.
    hidden : frozenset of int
        Line numbers, counted from 1, that are hidden.
    epoch1904 : bool
        Serial dates count from 1904; a bare number cannot then be taken for a date.
    shapes : tuple of bytes or None
        Geometry (WKB, CGCS2000) of each data row when this is a layer.
    """

    name: str
    cells: Sequence[Sequence[object]]
    spans: tuple[Span, ...] = ()
    hidden: frozenset[int] = frozenset()
    epoch1904: bool = False
    shapes: tuple[bytes | None, ...] = ()


def letter(column: int) -> str:
    """Return the letters of a column counted from 0: 0 → A, 26 → AA."""
    text, rest = "", column + 1
    while rest:
        rest, digit = divmod(rest - 1, 26)
        text = chr(65 + digit) + text
    return text
