"""Places (位置): longitude and latitude with their datum, and distances on the ellipsoid's sphere.

CGCS2000 (EPSG:4490) is the house datum; WGS-84 is taken as equal to it at our accuracy (well under
a metre). GCJ-02 never enters unconverted.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import asin, cos, radians, sin, sqrt

from qingyuan.core.problems import Problem

__all__ = ["EARTH_RADIUS_M", "Place", "distance_m"]

EARTH_RADIUS_M = 6_371_008.8  # mean radius of GRS 80, the ellipsoid of CGCS2000
_DATUMS = ("CGCS2000", "WGS84")


@dataclass(frozen=True, slots=True)
class Place:
    """A point on the ground (位置); degrees, longitude first."""

    lon: float
    lat: float
    datum: str = "CGCS2000"

    def __post_init__(self) -> None:
        if self.datum not in _DATUMS:
            raise Problem("core.unknown_datum", given=self.datum)


def distance_m(a: Place, b: Place) -> float:
    """Return the great-circle distance in metres (within 0.5 % of the ellipsoid)."""
    lon1, lat1, lon2, lat2 = map(radians, (a.lon, a.lat, b.lon, b.lat))
    h = sin((lat2 - lat1) / 2) ** 2 + cos(lat1) * cos(lat2) * sin((lon2 - lon1) / 2) ** 2
    return 2 * EARTH_RADIUS_M * asin(sqrt(h))
