"""Exact arithmetic on arrays (精确数组): rationals as integers, rounded by GB/T 8170.

A mean of 23 hours is a fraction; whether it is rounded up may hang on its last digit, which a
binary float does not have. So a value is a numerator and a denominator, both whole. Numbers are of
64 bits where that is proven enough beforehand, and Python's own unbounded integers where it is not.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from math import lcm
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["MISSING", "Exact", "round_half_even"]

MISSING = -1
_ROOM = 1 << 62

Whole = NDArray[Any]  # int64, or Python integers


def round_half_even(num: Whole, den: Whole | int) -> Whole:
    """Return num / den to whole numbers, half to even; *den* is above zero."""
    whole, rest = np.divmod(num, den)
    twice = 2 * rest
    return whole + ((twice > den) | ((twice == den) & (whole % 2 == 1)))


@dataclass(frozen=True, slots=True, eq=False)
class Exact:
    """An array of exact numbers, none below zero (精确数).

    Attributes
    ----------
    num, den : array of int
        The values ``num / den``; *den* has the same shape or one that spreads to it.
    ok : array of bool
        False where there is no value; *num* is zero there.
    """

    num: Whole
    den: Whole
    ok: NDArray[np.bool_]

    @classmethod
    def of(cls, num: Whole, den: Whole | int, ok: NDArray[np.bool_]) -> Exact:
        """Return exact numbers, with zeros where there is none."""
        return cls(np.where(ok, num, 0), np.asarray(den), ok)

    def rounded(self, places: int) -> NDArray[np.int64]:
        """Return counts of the last kept place by GB/T 8170; ``MISSING`` where there is none."""
        wide = _widened(self.num, 10**places)
        found = round_half_even(wide * 10**places, self.den)
        return np.where(self.ok, found, MISSING).astype(np.int64)

    def mean(self) -> Exact:
        """Return the mean along the last axis over what there is; none where nothing is."""
        even = self.aligned()
        count = self.ok.sum(axis=-1)
        total = _widened(even.num, self.num.shape[-1]).sum(axis=-1)
        den = _widened(even.den, self.num.shape[-1])
        return Exact.of(total, den * np.maximum(count, 1), count > 0)

    def percentile(self, percent: int) -> Exact:
        """Return a percentile along the last axis (百分位数, HJ 663).

        k = 1 + (n − 1)·p/100, s = ⌊k⌋, X(s) + (X(s+1) − X(s))·(k − s), of ascending X.
        """
        even = self.aligned()
        count = self.ok.sum(axis=-1)
        last = max(self.num.shape[-1] - 1, 0)
        if not self.num.shape[-1]:
            return Exact.of(count, 1, count > 0)
        highest = even.num.max() + 1 if even.num.size else 1
        ordered = np.sort(np.where(self.ok, even.num, highest), axis=-1)
        place, rest = np.divmod(np.maximum(count - 1, 0) * percent, 100)
        low = np.take_along_axis(ordered, place[..., None], axis=-1)[..., 0]
        following = np.minimum(place + (rest > 0), last)
        high = np.take_along_axis(ordered, following[..., None], axis=-1)[..., 0]
        low, high = _widened(low, 100), _widened(high, 100)
        den = _widened(even.den, 100) * 100
        return Exact.of(low * (100 - rest) + high * rest, den, count > 0)

    def aligned(self) -> Exact:
        """Return the same values over one common denominator."""
        if self.den.ndim == 0:
            return self
        held = (
            np.unique(self.den[np.broadcast_to(self.ok, self.num.shape)])
            if (self.den.shape == self.num.shape)
            else np.unique(self.den)
        )
        common = lcm(*(int(one) for one in held)) if held.size else 1
        factor = np.array(
            [common // int(one) if common % int(one) == 0 else 0 for one in self.den.ravel()],
            object,
        ).reshape(self.den.shape)
        highest = int(factor.max()) if factor.size else 1
        num = _widened(self.num, highest)
        if num.dtype != object:
            factor = factor.astype(np.int64)
        fits = np.int64 if common < _ROOM else object
        return Exact.of(num * factor, np.array(common, fits), self.ok)

    def take(self, index: Any) -> Exact:
        """Return what *index* selects."""
        den = self.den if self.den.ndim == 0 else np.broadcast_to(self.den, self.num.shape)[index]
        return Exact(self.num[index], den, self.ok[index])

    def fraction(self, index: Any) -> Fraction | None:
        """Return one value, or None."""
        if not self.ok[index]:
            return None
        den = self.den if self.den.ndim == 0 else np.broadcast_to(self.den, self.num.shape)[index]
        return Fraction(int(self.num[index]), int(den))


def _widened(num: Whole, factor: int) -> Whole:
    """Return *num* in integers wide enough to be multiplied by *factor*."""
    if num.dtype == object or not num.size or int(num.max()) * int(factor) < _ROOM:
        return num
    return num.astype(object)
