"""Indices of a period explained (综合指数的说明)."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from qingyuan.core.explanation import Explanation, Input, Said
from qingyuan.core.periods import Period
from qingyuan.core.quantities import plain
from qingyuan.scoring.air_index import Variant, composite

__all__ = ["explain_composite"]

_MISSING = Said("缺测", "missing")


def explain_composite(
    values: Mapping[str, Decimal | None],
    *,
    by: Variant,
    subject: str = "",
    span: Period | None = None,
    parts: Mapping[str, Explanation] | None = None,
) -> Explanation:
    """Explain a composite index: six quotients, their rounding, weights and sum."""
    found = composite(values, by=by)
    steps = []
    inputs = []
    for name, limit in by.limits.items():
        value, single = values.get(name), found.singles[name]
        text = None if value is None else plain(value)
        inputs.append(Input(name, text, reason=_MISSING if value is None else None))
        if value is not None:
            weight = "" if by.weights[name] == 1 else f" ×{by.weights[name]}"
            line = f"{name}: {text} ÷ {plain(limit)} → {single}{weight}"
            steps.append(Said(line, line))
    total = " + ".join(
        f"{single}" if by.weights[name] == 1 else f"{by.weights[name]}×{single}"
        for name, single in found.singles.items()
        if single is not None
    )
    if found.total is None:
        names = "、".join(found.missing)
        steps.append(Said(f"缺 {names}，不计算综合指数", f"without {names} there is no index"))
    else:
        steps.append(Said(f"{total} = {found.total}", f"{total} = {found.total}"))
    return Explanation(
        what=Said("环境空气质量综合指数", "composite air index"),
        value=None if found.total is None else str(found.total),
        subject=subject,
        period=span,
        rule_set=found.variant,
        document="HJ 663",
        clause="综合指数",
        steps=steps,
        inputs=inputs,
        parts=list((parts or {}).values()),
        marks=found.marks,
    )
