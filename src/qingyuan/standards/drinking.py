"""Drinking-water sources (集中式饮用水水源地): does a surface source meet its standard?

GB 3838-2002 表1 at class Ⅲ for the basic items, 表2 for the supplementary ones. Total nitrogen and
faecal coliforms are told apart: 环办〔2011〕22号 leaves them out of the class.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction

from qingyuan.standards import water
from qingyuan.standards.documents import document_at
from qingyuan.standards.items import find_item, item
from qingyuan.standards.limits import Limit, limit_of

__all__ = ["SourceState", "share_met", "source_state"]


@dataclass(frozen=True, slots=True)
class SourceState:
    """Whether a source meets its standard (水源达标情况); ``meets`` is None without any value."""

    meets: bool | None
    cls: str | None
    over: tuple[tuple[str, Decimal, Limit], ...]
    judged: tuple[str, ...]
    rule_set: str
    marks: tuple[str, ...]


def source_state(
    values: Mapping[str, Decimal | None], *, at: date, water_type: str = "lake"
) -> SourceState:
    """Judge one source by its unrounded values, by HJ 212 code, name or symbol, in mg/L."""
    basic = document_at("surface-water", at)
    extra = document_at("drinking-source", at)
    found = water.evaluate(values, at=at, water_type=water_type, scope="section")
    over = [(one.item, one.value, one.limit) for one in found.over]
    judged = list(found.per_item)
    for row in extra.rows:
        for given, value in values.items():
            known = find_item(given)
            if value is not None and known is not None and known.name == item(row.item).name:
                limit = limit_of(extra, [row])
                judged.append(known.name)
                if not limit.allows(value):
                    over.append((known.name, value, limit))
    return SourceState(
        meets=not over if judged else None,
        cls=found.cls,
        over=tuple(over),
        judged=tuple(judged),
        rule_set=f"{basic.document} 表1、表2",
        marks=(basic.mark, extra.mark),
    )


def share_met(states: Sequence[SourceState]) -> Fraction | None:
    """Return the share of judged sources that meet the standard (达标率); None when none is."""
    known = [state.meets for state in states if state.meets is not None]
    return Fraction(sum(known), len(known)) if known else None
