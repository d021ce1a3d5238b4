"""Ranking (排名): the smallest first, equal values side by side (并列), the next rank skipped."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction

__all__ = ["rank", "rate_of_change"]


def rank(values: Sequence[Decimal | Fraction | None]) -> list[int | None]:
    """Return the rank of each value, the smallest being 1; a missing value has none.

    Values are compared as they are published: round them before.

    Examples
    --------
    >>> rank([Decimal("3.25"), Decimal("2.68"), None, Decimal("2.680"), Decimal("2.81")])
    [4, 1, None, 1, 3]
    """
    ordered = sorted(value for value in values if value is not None)
    return [None if value is None else bisect_left(ordered, value) + 1 for value in values]


def rate_of_change(this: Decimal | None, last: Decimal | None) -> Fraction | None:
    """Return (this − last) / last exactly (变化率); None when one is missing or *last* is zero."""
    if this is None or not last:
        return None
    return (Fraction(this) - Fraction(last)) / Fraction(last)
