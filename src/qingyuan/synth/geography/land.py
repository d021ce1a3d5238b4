"""Coast and districts (海岸与区界): plain polygons bent by one smooth map, so nothing tears.

Straight cells are cut first; then every point goes through the same displacement field. The field
is gentle enough (its gradient stays below one) to be one-to-one, so cells that touched still touch
and cells that did not overlap still do not.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from math import cos, radians

import numpy as np
from numpy.typing import NDArray
from shapely import MultiPoint, Point, Polygon
from shapely.ops import unary_union, voronoi_diagram

from qingyuan.synth.geography.plan import plan

__all__ = ["District", "Land", "make_land", "to_degrees"]

_KM_PER_DEGREE = 111.19  # a degree of latitude on the mean sphere
_STEP_KM = 0.8
# wavelength km and displacement km of the bending field, coarse to fine
_OCTAVES = ((34.0, 1.6), (15.0, 0.8), (7.0, 0.36), (3.4, 0.16))


@dataclass(frozen=True, slots=True)
class District:
    """A district with its ring in kilometres."""

    code: str
    name: str
    name_en: str
    kind: str
    ring: NDArray[np.float64]

    @property
    def polygon(self) -> Polygon:
        """Its area in kilometres."""
        return Polygon(self.ring)


@dataclass(frozen=True, slots=True)
class Land:
    """All districts; together they are the city."""

    districts: tuple[District, ...]

    @property
    def whole(self) -> Polygon:
        """The area of the whole city in kilometres."""
        return unary_union([district.polygon for district in self.districts])

    def district_at(self, x: float, y: float) -> District:
        """Return the district at a place in kilometres, the nearest one off the coast."""
        here = Point(x, y)
        for district in self.districts:
            if district.polygon.contains(here):
                return district
        return min(self.districts, key=lambda d: d.polygon.distance(here))


def to_degrees(points: NDArray[np.float64]) -> list[list[float]]:
    """Turn kilometres into CGCS2000 degrees with five decimals (about a metre)."""
    lon0, lat0 = plan()["city"]["origin"]
    lat = lat0 + points[:, 1] / _KM_PER_DEGREE
    lon = lon0 + points[:, 0] / (_KM_PER_DEGREE * cos(radians(lat0 + 0.43)))
    return [[round(float(x), 5), round(float(y), 5)] for x, y in zip(lon, lat, strict=True)]


def _field(seed: int) -> list[tuple[float, float, float, float, float, float]]:
    rng = np.random.default_rng([seed, 11])
    waves = []
    for length, size in _OCTAVES:
        for _ in range(3):
            angle, phase, turn = rng.uniform(0, 2 * np.pi, 3)
            k = 2 * np.pi / (length * rng.uniform(0.8, 1.25))
            waves.append(
                (k * np.cos(angle), k * np.sin(angle), phase, size / 2, np.cos(turn), np.sin(turn))
            )
    return waves


def _bend(points: NDArray[np.float64], seed: int) -> NDArray[np.float64]:
    moved = points.copy()
    for kx, ky, phase, size, ux, uy in _field(seed):
        wave = size * np.sin(kx * points[:, 0] + ky * points[:, 1] + phase)
        moved[:, 0] += wave * ux
        moved[:, 1] += wave * uy
    return moved


def _dense(ring: NDArray[np.float64]) -> NDArray[np.float64]:
    """Add points along each edge, the same ones whichever way the edge is walked."""
    out = []
    for a, b in itertools.pairwise(ring):
        first, last = (a, b) if tuple(a) <= tuple(b) else (b, a)
        count = max(1, int(np.hypot(*(last - first)) / _STEP_KM))
        steps = first + (last - first) * (np.arange(count + 1) / count)[:, None]
        out.append(steps[:-1] if first is a else steps[:0:-1])
    return np.vstack([*out, ring[-1:]])


def _cells() -> dict[int, NDArray[np.float64]]:
    outline_plan = plan()["outline"]
    outline = Polygon(outline_plan["coast"] + outline_plan["land"])
    seeds = [Point(*row["seed"]) for row in plan()["districts"]]
    found = {}
    cells = voronoi_diagram(MultiPoint(seeds), envelope=outline.buffer(60)).geoms
    for number, at in enumerate(seeds):
        cell = next(cell for cell in cells if cell.contains(at)).intersection(outline)
        ring = np.round(np.asarray(cell.exterior.coords), 6)
        found[number] = ring
    corners = np.unique(np.vstack(list(found.values())), axis=0)
    return {number: _with_corners(ring, corners) for number, ring in found.items()}


def _with_corners(ring: NDArray[np.float64], corners: NDArray[np.float64]) -> NDArray[np.float64]:
    """Put every corner of a neighbour that lies on an edge of *ring* into the ring."""
    out = []
    for a, b in itertools.pairwise(ring):
        span = b - a
        along = (corners - a) @ span / (span @ span)
        off = np.abs(span[0] * (corners[:, 1] - a[1]) - span[1] * (corners[:, 0] - a[0]))
        near = (off / np.hypot(*span) < 1e-4) & (along > 1e-4) & (along < 1 - 1e-4)
        inner = corners[near][np.argsort(along[near])]
        out.append(np.vstack([a[None], inner]))
    return np.vstack([*out, ring[-1:]])


def make_land(seed: int) -> Land:
    """Return the districts of the city for *seed*."""
    cells = _cells()
    return Land(
        tuple(
            District(
                row["code"],
                row["name"],
                row["name_en"],
                row["kind"],
                _bend(_dense(cells[number]), seed),
            )
            for number, row in enumerate(plan()["districts"])
        )
    )
