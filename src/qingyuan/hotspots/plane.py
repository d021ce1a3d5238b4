"""Planes (投影): longitude and latitude to metres and back, on the survey's own meridian."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from pyproj import Transformer

from qingyuan.hotspots.roads import Floats

__all__ = ["Plane", "plane_of"]


@dataclass(frozen=True)
class Plane:
    """A Gauss-Krüger plane about one meridian; without one, the coordinates are metres already."""

    meridian: float | None = None

    def metres(self, a: Floats, b: Floats) -> tuple[Floats, Floats]:
        """Return x and y in metres of longitudes and latitudes (or of metres)."""
        if self.meridian is None:
            return a, b
        x, y = Transformer.from_crs(4490, self._definition(), always_xy=True).transform(a, b)
        return np.asarray(x), np.asarray(y)

    def given(self, x: float, y: float) -> dict[str, float]:
        """Return a place as the files give places."""
        if self.meridian is None:
            return {"x": round(x, 1), "y": round(y, 1)}
        back = Transformer.from_crs(self._definition(), 4490, always_xy=True)
        lon, lat = back.transform(x, y)
        return {"lon": round(float(lon), 6), "lat": round(float(lat), 6)}

    def given_all(self, x: Floats, y: Floats) -> tuple[list[float], list[float]]:
        """Return places as the files give them, to the centimetre."""
        if self.meridian is None:
            return np.round(x, 2).tolist(), np.round(y, 2).tolist()
        lon, lat = Transformer.from_crs(self._definition(), 4490, always_xy=True).transform(x, y)
        return np.round(lon, 7).tolist(), np.round(lat, 7).tolist()

    def _definition(self) -> str:
        return f"+proj=tmerc +lon_0={self.meridian} +lat_0=0 +x_0=500000 +ellps=GRS80 +units=m"


def plane_of(longitudes: Floats) -> Plane:
    """Return the plane about the middle of *longitudes*, to the tenth of a degree."""
    return Plane(round(float(np.median(longitudes)), 1))
