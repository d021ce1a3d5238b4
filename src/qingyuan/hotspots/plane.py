"""Planes (投影): longitude and latitude to metres and back, on the survey's own meridian."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
from pyproj import Transformer

from qingyuan.core.gcj02 import from_gcj02
from qingyuan.core.problems import Problem
from qingyuan.hotspots.roads import Floats

__all__ = ["DATUMS", "Plane", "plane_of", "unshifted"]

DATUMS = ("cgcs2000", "wgs84", "gcj02")


@dataclass(frozen=True)
class Plane:
    """A Gauss-Krüger plane about one meridian; without one, the coordinates are metres already."""

    meridian: float | None = None

    def metres(self, a: Floats, b: Floats) -> tuple[Floats, Floats]:
        """Return x and y in metres of longitudes and latitudes (or of metres)."""
        if self.meridian is None:
            return a, b
        x, y = _moves(self.meridian)[0].transform(a, b)
        return np.asarray(x), np.asarray(y)

    def given(self, x: float, y: float) -> dict[str, float]:
        """Return a place as the files give places."""
        if self.meridian is None:
            return {"x": round(x, 1), "y": round(y, 1)}
        lon, lat = _moves(self.meridian)[1].transform(x, y)
        return {"lon": round(float(lon), 6), "lat": round(float(lat), 6)}

    def given_all(self, x: Floats, y: Floats) -> tuple[list[float], list[float]]:
        """Return places as the files give them, to the centimetre."""
        if self.meridian is None:
            return np.round(x, 2).tolist(), np.round(y, 2).tolist()
        lon, lat = _moves(self.meridian)[1].transform(x, y)
        return np.round(lon, 7).tolist(), np.round(lat, 7).tolist()


@cache
def _moves(meridian: float) -> tuple[Transformer, Transformer]:
    """Return the way there and back; making them takes longer than moving a thousand points."""
    plane = f"+proj=tmerc +lon_0={meridian} +lat_0=0 +x_0=500000 +ellps=GRS80 +units=m"
    there = Transformer.from_crs(4490, plane, always_xy=True)
    return there, Transformer.from_crs(plane, 4490, always_xy=True)


def plane_of(longitudes: Floats) -> Plane:
    """Return the plane about the middle of *longitudes*, to the tenth of a degree."""
    return Plane(round(float(np.median(longitudes)), 1))


def unshifted(file: str, lonlat: Floats, datum: str, *, degrees: bool = True) -> Floats:
    """Return coordinates as the house has them: GCJ-02 shifted back, others as they are.

    WGS-84 is taken as CGCS2000, well under a metre apart.

    Raises
    ------
    Problem
        ``hotspots.unknown_datum``; ``hotspots.shifted_metres`` for GCJ-02 that is not in degrees.
    """
    if datum not in DATUMS:
        raise Problem("hotspots.unknown_datum", given=datum, known=", ".join(DATUMS))
    if datum != "gcj02":
        return lonlat
    if not degrees:
        raise Problem("hotspots.shifted_metres", file=file)
    return from_gcj02(lonlat)
