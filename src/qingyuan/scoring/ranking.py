"""Ranking (排名): the smallest first, equal values side by side (并列), the next rank skipped."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

__all__ = ["rank", "rank_many", "rate_of_change"]


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


def rank_many(values: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the rank of each whole number along the last axis; a negative one is missing: rank 0.

    Examples
    --------
    >>> rank_many(np.array([325, 268, -1, 268, 281]))
    array([4, 1, 0, 1, 3])
    """
    last = np.iinfo(np.int64).max
    rows = np.where(values < 0, last, values).reshape(-1, values.shape[-1])
    ranks = np.empty_like(rows)
    for row, out in zip(np.sort(rows, axis=-1), range(len(rows)), strict=True):
        ranks[out] = np.searchsorted(row, rows[out]) + 1
    return np.where(values < 0, 0, ranks.reshape(values.shape))


def rate_of_change(this: Decimal | None, last: Decimal | None) -> Fraction | None:
    """Return (this − last) / last exactly (变化率); None when one is missing or *last* is zero."""
    if this is None or not last:
        return None
    return (Fraction(this) - Fraction(last)) / Fraction(last)
