"""Limits (限值): what a value is held against, with its document and clause."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from qingyuan.core.quantities import exceedance_multiple, plain
from qingyuan.standards.documents import Document, Row

__all__ = ["Limit", "limit_of"]

_SIGN = {"max": "≤", "min": "≥"}


@dataclass(frozen=True, slots=True)
class Limit:
    """One limit (限值).

    ``bound`` is ``max`` (value at most), ``min`` (at least) or ``range`` (from ``low`` to
    ``value``). Equal to the limit is always inside it.
    """

    item: str
    cls: str
    value: Decimal
    unit: str
    bound: str
    document: str
    clause: str
    low: Decimal | None = None

    def allows(self, value: Decimal) -> bool:
        """Whether *value*, unrounded and in the limit's unit, is inside."""
        if self.bound == "max":
            return value <= self.value
        if self.bound == "min":
            return value >= self.value
        return self.low is not None and self.low <= value <= self.value

    def multiple(self, value: Decimal) -> Decimal | None:
        """Return (C − S) / S of a value beyond a ``max`` limit; other bounds have no multiple."""
        if self.bound != "max" or self.allows(value) or not self.value:
            return None
        return exceedance_multiple(value, self.value)

    @property
    def text(self) -> str:
        """The limit as it is written in a table: ``≤1 mg/L``, ``6～9``."""
        unit = "" if self.unit == "无量纲" else f" {self.unit}"
        if self.bound == "range" and self.low is not None:
            return f"{plain(self.low)}～{plain(self.value)}{unit}"
        return f"{_SIGN[self.bound]}{plain(self.value)}{unit}"


def limit_of(document: Document, rows: Sequence[Row]) -> Limit:
    """Return the limit that the rows of one item, class and condition make together."""
    by_bound = {row.bound: row for row in rows}
    first = by_bound.get("max") or by_bound["min"]
    return Limit(
        item=first.item,
        cls=first.cls,
        value=first.value,
        unit=first.unit,
        bound="range" if len(by_bound) == 2 else first.bound,
        document=document.document,
        clause=first.clause,
        low=by_bound["min"].value if len(by_bound) == 2 else None,
    )
