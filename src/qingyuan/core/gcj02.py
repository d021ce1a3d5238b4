"""GCJ-02 (火星坐标): the shifted coordinates of Chinese map services, and the way back.

The shift is not published. Formula and constants (Krasovsky 1940 ellipsoid) are those in general
use, as in wandergis/coordtransform; the way back is the fixed-point iteration known as Caijun's, as
in PRCoords. **Unverified** against any official source: what the formula shifts comes back within a
centimetre, but whether a service shifts by this formula is its own secret, so a converted road may
still lie off. GCJ-02 cannot be told from the numbers; the caller must name it.
"""

from __future__ import annotations

from math import pi
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

__all__ = ["from_gcj02", "to_gcj02"]

Floats: TypeAlias = NDArray[np.float64]
_A, _EE = 6_378_245.0, 0.006_693_421_622_965_943  # Krasovsky 1940
_ROUNDS = 12  # each takes the error down some thousandfold; five would do


def to_gcj02(lonlat: Floats) -> Floats:
    """Return what a Chinese map service would show for true coordinates (degrees)."""
    x, y = lonlat[:, 0] - 105.0, lonlat[:, 1] - 35.0
    root = np.sqrt(np.abs(x))
    common = (20 * np.sin(6 * x * pi) + 20 * np.sin(2 * x * pi)) * 2 / 3
    north = -100 + 2 * x + 3 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * root + common
    north = north + (20 * np.sin(y * pi) + 40 * np.sin(y / 3 * pi)) * 2 / 3
    north = north + (160 * np.sin(y / 12 * pi) + 320 * np.sin(y * pi / 30)) * 2 / 3
    east = 300 + x + 2 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * root + common
    east = east + (20 * np.sin(x * pi) + 40 * np.sin(x / 3 * pi)) * 2 / 3
    east = east + (150 * np.sin(x / 12 * pi) + 300 * np.sin(x / 30 * pi)) * 2 / 3
    angle = np.radians(lonlat[:, 1])
    magic = 1 - _EE * np.sin(angle) ** 2
    north = np.degrees(north / (_A * (1 - _EE) / (magic * np.sqrt(magic))))
    east = np.degrees(east / (_A / np.sqrt(magic) * np.cos(angle)))
    return lonlat + np.column_stack([east, north])


def from_gcj02(lonlat: Floats) -> Floats:
    """Return true coordinates of those a Chinese map service shows (degrees, longitude first).

    Fixed-point iteration on `to_gcj02`; its own inverse within a centimetre.
    """
    found = lonlat.copy()
    for _ in range(_ROUNDS):
        found = found + (lonlat - to_gcj02(found))
    return found
