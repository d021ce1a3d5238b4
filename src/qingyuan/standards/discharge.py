"""Discharges (排放): common items of the general discharge standards.

The limit attached to an outfall is a row of its own with number, level and dates; these tables
only help to write such rows. Industry and provincial standards go before them.
"""

from __future__ import annotations

from datetime import date

from qingyuan.core.problems import Problem
from qingyuan.standards.documents import document
from qingyuan.standards.items import item
from qingyuan.standards.limits import Limit, limit_of

__all__ = ["limit"]


def limit(
    given: str, *, standard: str, level: str, at: date, condition: str | None = None
) -> Limit:
    """Return the limit of an item in a discharge standard.

    Parameters
    ----------
    given : str
        HJ 212 code, Chinese name or symbol.
    standard : str
        Number of the document: ``GB 18918-2002``, ``GB 8978-1996``.
    level : str
        ``一级A``, ``一级B``, ``二级`` …
    at : date
        The sample's date; a document not yet in force then is refused.
    condition : str, optional
        Where the document distinguishes: ``水温>12℃``, ``2006-01-01起建设`` …

    Raises
    ------
    Problem
        ``standards.unknown_document``, ``standards.not_in_force``, or ``standards.no_limit`` when
        there is none, or several and *condition* does not choose.
    """
    known, held = item(given), document(standard)
    if not held.is_in_force(at):
        raise Problem(
            "standards.not_in_force", family=held.document, at=at, earliest=held.in_force_from
        )
    rows = [
        row
        for row in held.rows
        if (item(row.item), row.cls) == (known, level) and condition in (None, row.condition)
    ]
    conditions = {row.condition for row in rows}
    if len(conditions) != 1:
        raise Problem(
            "standards.no_limit",
            document=held.document,
            item=known.name,
            detail=" / ".join([level, *sorted(conditions)]),
        )
    return limit_of(held, rows)
