"""Metres on the ground about a point (量算): distances, areas and overlaps of shapes in degrees."""

from __future__ import annotations

from math import cos, radians

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from qingyuan.core.places import EARTH_RADIUS_M

__all__ = ["Ground", "ground_of"]


class Ground:
    """A flat piece of ground about a point: under 0.5 % off within some tens of kilometres."""

    def __init__(self, lon: float, lat: float) -> None:
        self.lon, self.lat = lon, lat
        step = radians(1) * EARTH_RADIUS_M
        self._scale = np.array([step * cos(radians(lat)), step])
        self._centre = np.array([lon, lat])

    def metres(self, shape: BaseGeometry) -> BaseGeometry:
        """Return a shape in metres east and north of the point."""
        return shapely.transform(shape, lambda xy: (xy - self._centre) * self._scale)

    def box(self, metres: float) -> tuple[float, float, float, float]:
        """Return west, south, east, north of the square that holds everything within *metres*."""
        dx, dy = metres / self._scale
        return self.lon - dx, self.lat - dy, self.lon + dx, self.lat + dy


def ground_of(shape: BaseGeometry) -> Ground:
    """Return the ground about a shape."""
    centre = shape.centroid
    return Ground(centre.x, centre.y)
