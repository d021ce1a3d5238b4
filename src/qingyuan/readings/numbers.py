"""Numbers as sent (上传数值): which texts are numbers the house holds exactly."""

from __future__ import annotations

import re
from decimal import Decimal

__all__ = ["DECIMALS", "INTEGER_DIGITS", "number"]

DECIMALS = 12  # the store sums in decimal(38, 12): exact in every engine
INTEGER_DIGITS = 18

_NUMBER = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]{1,3})?")


def number(text: str) -> Decimal | None:
    """Return the exact number that *text* writes, or None if it writes none.

    Surrounding blanks are allowed; signs of grouping, full-width digits, ``NaN`` and infinities are
    not. A number beyond 18 integer digits or 12 decimals is no measurement and answers None too:
    the text stays in the store, and no engine has to round it.

    Examples
    --------
    >>> number(" 0.350"), number("--"), number("1e-13")
    (Decimal('0.350'), None, None)
    """
    stripped = text.strip(" \t\r\n")
    if not _NUMBER.fullmatch(stripped):
        return None
    value = Decimal(stripped)
    if value and (value.adjusted() >= INTEGER_DIGITS or _decimals(value) > DECIMALS):
        return None
    return value


def _decimals(value: Decimal) -> int:
    exponent = value.normalize().as_tuple().exponent
    return -exponent if isinstance(exponent, int) and exponent < 0 else 0
