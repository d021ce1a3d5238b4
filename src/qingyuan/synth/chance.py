"""Chance that does not depend on when one starts looking (随机数).

Every draw is a function of the seed and an absolute hour, day or second, so a world started today
and one started last month agree about now.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["hourly_noise", "normal_at", "uniform_at"]

_MEMORY_H = 12
_WEIGHTS = np.exp(-np.arange(_MEMORY_H) / 4.0)
_WEIGHTS /= np.sqrt((_WEIGHTS**2).sum())


def _mix(x: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Splitmix64 (Steele, Lea & Flood 2014): a good hash of 64 bits."""
    x = x + np.uint64(0x9E3779B97F4A7C15)
    x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return x ^ (x >> np.uint64(31))


def uniform_at(*keys: NDArray[np.int64] | int) -> NDArray[np.float64]:
    """Return numbers in (0, 1) that are a fixed function of the integer *keys* (broadcast)."""
    state = np.zeros(np.broadcast_shapes(*(np.shape(k) for k in keys)), np.uint64)
    with np.errstate(over="ignore"):
        for key in keys:
            state = _mix(state ^ np.asarray(key, np.int64).astype(np.uint64))
    return ((state >> np.uint64(11)).astype(np.float64) + 0.5) / 2.0**53


def normal_at(*keys: NDArray[np.int64] | int) -> NDArray[np.float64]:
    """Return standard normal numbers that are a fixed function of the integer *keys*."""
    radius = np.sqrt(-2.0 * np.log(uniform_at(1, *keys)))
    return radius * np.cos(2.0 * np.pi * uniform_at(2, *keys))


def hourly_noise(
    seed: int, stream: int, first_hour: int, hours: int, width: int
) -> NDArray[np.float64]:
    """Return unit-variance noise of shape (hours, width) that remembers about half a day.

    A finite moving average of white noise keyed by the absolute hour since 1970.
    """
    start = first_hour - _MEMORY_H + 1
    first_day, last_day = start // 24, (first_hour + hours - 1) // 24
    white = np.vstack(
        [
            np.random.default_rng([seed, stream, day]).standard_normal((24, width))
            for day in range(first_day, last_day + 1)
        ]
    )[start - first_day * 24 :]
    out = np.zeros((hours, width))
    for lag, weight in enumerate(_WEIGHTS):
        at = _MEMORY_H - 1 - lag
        out += weight * white[at : at + hours]
    return out
