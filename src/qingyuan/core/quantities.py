"""Quantities (量): exact numbers where a standard rounds.

GB/T 8170-2008 四舍六入五成双: a value exactly half way goes to the even digit. Binary floats
cannot be half way, so everything here is `Decimal`, built from the text as it was sent.
"""

from __future__ import annotations

from decimal import ROUND_HALF_EVEN, Decimal, InvalidOperation

from qingyuan.core.problems import Problem

__all__ = ["as_decimal", "exceedance_multiple", "plain", "round_gbt8170"]


def as_decimal(value: Decimal | int | float | str) -> Decimal:
    """Return *value* as an exact finite decimal; a float by its shortest text (0.1 → 0.1).

    Raises
    ------
    Problem
        ``core.not_a_number`` if it is no finite number.
    """
    try:
        number = value if isinstance(value, Decimal) else Decimal(str(value).strip())
    except InvalidOperation:
        raise Problem("core.not_a_number", given=value) from None
    if not number.is_finite():
        raise Problem("core.not_a_number", given=value)
    return number


def round_gbt8170(value: Decimal, places: int) -> Decimal:
    """Round to *places* decimals, half to even (GB/T 8170-2008 3.2)."""
    return value.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_EVEN)


def exceedance_multiple(value: Decimal, limit: Decimal) -> Decimal:
    """Return (C − S) / S, unrounded (超标倍数, 环办〔2011〕22号)."""
    return (value - limit) / limit


def plain(value: Decimal) -> str:
    """Return the shortest plain text without exponent or trailing zeros (0.20 → 0.2)."""
    text = format(value, "f")
    return text.rstrip("0").rstrip(".") or "0" if "." in text else text
