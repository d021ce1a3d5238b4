"""Numbers as sent (上传数值): which texts are numbers, read exactly."""

from __future__ import annotations

import re
from decimal import ROUND_HALF_UP, Context, Decimal

__all__ = ["DECIMALS", "INTEGER_DIGITS", "number", "summand"]

DECIMALS = 12  # means are summed in decimal(38, 12), in every engine
INTEGER_DIGITS = 18

_NUMBER = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]{1,3})?")
_LONGEST = 40
_CONTEXT = Context(prec=_LONGEST)


def number(text: str) -> Decimal | None:
    """Return the exact number that *text* writes, or None if it writes none.

    Surrounding blanks are allowed; signs of grouping, full-width digits, ``NaN`` and infinities are
    not. Beyond 18 integer digits or 40 characters nothing is a measurement: the answer is None and
    the text stays in the store.

    Examples
    --------
    >>> number(" 0.350"), number("--"), number("7.050000190734863")
    (Decimal('0.350'), None, Decimal('7.050000190734863'))
    """
    stripped = text.strip(" \t\r\n")
    if len(stripped) > _LONGEST or not _NUMBER.fullmatch(stripped):
        return None
    value = Decimal(stripped)
    return None if value and value.adjusted() >= INTEGER_DIGITS else value


def summand(value: Decimal) -> Decimal:
    """Return *value* as it enters a sum: at most 12 decimals, half away from zero.

    Loggers that print binary fractions send fifteen decimals and more; what is beyond twelve is
    noise in any unit, and a sum must have one width in every engine. Limits are compared with the
    exact value, never with this one.
    """
    exponent = value.as_tuple().exponent
    if isinstance(exponent, int) and exponent < -DECIMALS:
        return value.quantize(Decimal(1).scaleb(-DECIMALS), ROUND_HALF_UP, _CONTEXT)
    return value
