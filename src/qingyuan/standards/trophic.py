"""Trophic state of lakes and reservoirs (湖库营养状态): TLI(Σ).

TLI(j) = 10 (a ± b ln x), weighted by the squared correlation with chlorophyll a. Logarithms are
taken to 40 digits, so that the one rounding at the end is right. All five items are needed: the
weights belong to them together.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Context, Decimal

from qingyuan.core.problems import Problem
from qingyuan.core.quantities import round_gbt8170
from qingyuan.standards.documents import document_at
from qingyuan.standards.items import find_item

__all__ = ["TrophicState", "trophic_state"]

_CONTEXT = Context(prec=40)


@dataclass(frozen=True, slots=True)
class TrophicState:
    """The trophic state of a lake (营养状态); ``index`` is None while an item is missing."""

    index: Decimal | None
    state: str | None
    per_item: Mapping[str, Decimal]
    missing: tuple[str, ...]
    rule_set: str
    marks: tuple[str, ...]


def trophic_state(values: Mapping[str, Decimal | None], *, at: date) -> TrophicState:
    """Return TLI(Σ) and the state.

    Parameters
    ----------
    values : mapping
        By name, code or symbol: 叶绿素a in mg/m³, 透明度 in m, 总磷, 总氮, 高锰酸盐指数 in mg/L.

    Raises
    ------
    Problem
        ``standards.not_positive`` for a value that has no logarithm.
    """
    rules = document_at("trophic-state", at)
    given: dict[str, Decimal] = {}
    for name, value in values.items():
        known = find_item(name)
        if value is not None and known is not None and known.name in rules.more["items"]:
            if value <= 0:
                raise Problem("standards.not_positive", column=name, given=value)
            given[known.name] = value
    items: Mapping[str, list[str]] = rules.more["items"]
    per_item = {name: _of_item(given[name], items[name]) for name in items if name in given}
    missing = tuple(name for name in items if name not in given)
    index = None
    if not missing:
        shares = {name: Decimal(row[4]) ** 2 for name, row in items.items()}
        total = sum((shares[name] * value for name, value in per_item.items()), Decimal(0))
        mean = _CONTEXT.divide(total, sum(shares.values(), Decimal(0)))
        index = round_gbt8170(mean, rules.more["rounding"]["places"])
    return TrophicState(
        index=index,
        state=None if index is None else _state(index, rules.more["grades"]),
        per_item=per_item,
        missing=missing,
        rule_set=rules.document,
        marks=(rules.mark,),
    )


def _of_item(value: Decimal, row: list[str]) -> Decimal:
    _, a, b, sign, _ = row
    part = _CONTEXT.multiply(Decimal(b), _CONTEXT.ln(value))
    return 10 * (Decimal(a) - part if sign == "-" else Decimal(a) + part)


def _state(index: Decimal, grades: Mapping[str, list[object]]) -> str:
    return str(
        next(
            name
            for high, (name, inclusive) in grades.items()
            if index < Decimal(high) or (inclusive and index == Decimal(high))
        )
    )
