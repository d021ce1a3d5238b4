"""How wide the columns of a table are (列宽): by what stands in them."""

from __future__ import annotations

from qingyuan.reporting import Table
from qingyuan.reporting.strokes import width_of

__all__ = ["widths_of"]

_NARROWEST, _WIDEST = 4.0, 22.0  # ems
_HEAD_LINES = 2  # a head may break once


def widths_of(table: Table) -> list[float]:
    """Return the share of each column, in about ems of its longest text."""
    widths = []
    for n, head in enumerate(table.head):
        longest = max((width_of(row[n].text, 1) for row in table.rows), default=0.0)
        wanted = max(longest, _head(head)) + 1
        widths.append(round(min(_WIDEST, max(_NARROWEST, wanted)), 1))
    return widths


def _head(head: str) -> float:
    """Return the room a head needs: a unit stands on a line of its own, other words break once."""
    if "m³" in head and "（" in head:
        name, _, unit = head.partition("（")
        return max(width_of(name, 1), width_of("（" + unit, 1))
    return width_of(head, 1) / _HEAD_LINES
