"""Chance (机遇): how surprising a figure is, in bits, after counting how often one looked.

A series is its own yardstick: what its past did by itself is held against what it does now, with
Student's t and few degrees of freedom, because stations have heavier tails than normal.
"""

from __future__ import annotations

import math

import numpy as np
from scipy import special

from qingyuan.readings.integrity.series import Floats

__all__ = ["MOST_BITS", "binomial_bits", "chi_square_bits", "likeness", "surprise", "tail_bits"]

MOST_BITS = 200.0
_TO_SIGMA = 1.4826  # MAD → σ of a normal distribution


def _bits(probability: float, tests: float) -> float:
    if probability <= 0:
        return MOST_BITS
    return min(MOST_BITS, -math.log2(min(1.0, probability * max(1.0, tests))))


def tail_bits(z: float, *, freedom: float, tests: float = 1.0) -> float:
    """Return −log2 of the chance of Student's t above *z*, looked at *tests* times."""
    return _bits(float(special.stdtr(freedom, -z)), tests)


def binomial_bits(hits: int, of: int, share: float, *, tests: float = 1.0) -> float:
    """Return −log2 of the chance of *hits* or more out of *of* at probability *share*."""
    if hits <= 0 or of <= 0:
        return 0.0
    return _bits(float(special.bdtrc(hits - 1, of, min(max(share, 1e-12), 1.0))), tests)


def chi_square_bits(statistic: float, freedom: int, *, tests: float = 1.0) -> float:
    """Return −log2 of the chance of a chi-square above *statistic*."""
    return _bits(float(special.chdtrc(freedom, statistic)), tests)


def likeness(past: Floats, *, least_spread: float) -> tuple[float, float, float] | None:
    """Return centre, spread and degrees of freedom of what the past did; None if it is too short."""
    known = past[~np.isnan(past)]
    if len(known) < 8:
        return None
    centre = float(np.median(known))
    spread = _TO_SIGMA * float(np.median(np.abs(known - centre)))
    # the outer parts of the past widen the yardstick: a station that has often jumped may jump
    outer = float(np.percentile(np.abs(known - centre), 95)) / 1.96
    return centre, max(spread, outer, least_spread), min(10.0, max(3.0, len(known) / 6))


def surprise(
    now: float, known: tuple[float, float, float] | None, *, tests: float
) -> tuple[float, float] | None:
    """Return (z, bits) of *now* lying above what `likeness` said of the past; None without it."""
    if known is None or np.isnan(now):
        return None
    centre, spread, freedom = known
    z = (now - centre) / spread
    return z, tail_bits(z, freedom=freedom, tests=tests)
