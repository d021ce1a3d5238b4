"""Roses (风玫瑰与来源提示): from which side the polluted air came, and what lies there.

Hints, never verdicts: calm hours have no direction and are dropped, cells of few hours are empty,
and every answer says how many hours it rests on. Wind direction is where the wind comes FROM, in
degrees from north, clockwise. No standard rounds here; binary floats are used.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import atan2, cos, degrees, hypot, radians, sin

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = [
    "Nearby",
    "PolarGrid",
    "PollutionRose",
    "Sector",
    "conditional_probability",
    "polar_grid",
    "pollution_rose",
    "upwind_sources",
]

_CALM_M_S = 0.5


@dataclass(frozen=True, slots=True)
class Sector:
    """One sector of a rose; ``middle`` in degrees; figures None when it has too few hours."""

    middle: float
    hours: int
    mean: float | None
    shares: tuple[float, ...]
    probability: float | None = None


@dataclass(frozen=True, slots=True)
class PollutionRose:
    """Hours by sector and concentration class (污染玫瑰图); ``edges`` part the classes."""

    sectors: tuple[Sector, ...]
    edges: tuple[float, ...]
    hours: int
    calm_hours: int
    missing_hours: int


@dataclass(frozen=True, slots=True, eq=False)
class PolarGrid:
    """Means by wind direction and speed (双变量极坐标图); not-a-number where hours are few.

    Shape (directions, speeds); ``hours`` counts them.
    """

    directions: NDArray[np.float64]
    speed_edges: NDArray[np.float64]
    mean: NDArray[np.float64]
    hours: NDArray[np.int64]
    calm_hours: int
    missing_hours: int


@dataclass(frozen=True, slots=True)
class Nearby:
    """A source upwind of a station (上风向源): where it lies and how far."""

    source: str
    distance_m: float
    bearing: float
    off_wind: float


def pollution_rose(
    direction: ArrayLike,
    speed_m_s: ArrayLike,
    value: ArrayLike,
    *,
    edges: Sequence[float],
    sectors: int = 16,
    calm_m_s: float = _CALM_M_S,
    at_least: int = 5,
) -> PollutionRose:
    """Return the share of each concentration class in every sector (of all hours with wind)."""
    held = _Winds.of(direction, speed_m_s, value, calm_m_s)
    number = held.sector(sectors)
    classes = np.digitize(held.value, edges)
    total = max(1, len(held.value))
    found = []
    for sector in range(sectors):
        mine = number == sector
        count = int(mine.sum())
        shares = np.bincount(classes[mine], minlength=len(edges) + 1) / total
        mean = float(held.value[mine].mean()) if count >= at_least else None
        found.append(Sector(sector * 360 / sectors, count, mean, tuple(map(float, shares))))
    return PollutionRose(tuple(found), tuple(edges), len(held.value), held.calm, held.missing)


def conditional_probability(
    direction: ArrayLike,
    speed_m_s: ArrayLike,
    value: ArrayLike,
    *,
    threshold: float,
    sectors: int = 16,
    calm_m_s: float = _CALM_M_S,
    at_least: int = 10,
) -> PollutionRose:
    """Return CPF(θ) = hours above *threshold* / all hours, by sector (条件概率函数)."""
    held = _Winds.of(direction, speed_m_s, value, calm_m_s)
    number = held.sector(sectors)
    found = []
    for sector in range(sectors):
        mine = held.value[number == sector]
        enough = len(mine) >= at_least
        found.append(
            Sector(
                middle=sector * 360 / sectors,
                hours=len(mine),
                mean=float(mine.mean()) if enough else None,
                shares=(),
                probability=float((mine > threshold).mean()) if enough else None,
            )
        )
    return PollutionRose(tuple(found), (threshold,), len(held.value), held.calm, held.missing)


def polar_grid(
    direction: ArrayLike,
    speed_m_s: ArrayLike,
    value: ArrayLike,
    *,
    speed_edges: Sequence[float] = (0.5, 1, 1.5, 2, 3, 4, 5, 6, 8, 10),
    sectors: int = 36,
    calm_m_s: float = _CALM_M_S,
    at_least: int = 5,
) -> PolarGrid:
    """Return the mean in every cell of direction and speed; few hours leave a cell empty."""
    held = _Winds.of(direction, speed_m_s, value, calm_m_s)
    edges = np.asarray(speed_edges, np.float64)
    row, column = held.sector(sectors), np.digitize(held.speed, edges) - 1
    inside = (column >= 0) & (column < len(edges) - 1)
    place = row[inside] * (len(edges) - 1) + column[inside]
    shape = (sectors, len(edges) - 1)
    hours = np.bincount(place, minlength=shape[0] * shape[1]).reshape(shape)
    total = np.bincount(place, held.value[inside], minlength=shape[0] * shape[1]).reshape(shape)
    mean = np.where(hours >= at_least, total / np.maximum(hours, 1), np.nan)
    middles = np.arange(sectors) * 360 / sectors
    return PolarGrid(middles, edges, mean, hours.astype(np.int64), held.calm, held.missing)


def upwind_sources(
    station: tuple[float, float],
    sources: Sequence[tuple[str, float, float]],
    *,
    direction: float,
    half_angle: float = 22.5,
    within_m: float = 10_000,
) -> list[Nearby]:
    """Return the sources in the sector from which the wind comes, the nearest first.

    ``station`` is (longitude, latitude), ``sources`` (id, longitude, latitude), both CGCS2000.
    """
    found = []
    for name, longitude, latitude in sources:
        distance, bearing = _way(station, (longitude, latitude))
        off = abs((bearing - direction + 180) % 360 - 180)
        if distance <= within_m and off <= half_angle:
            found.append(Nearby(name, distance, bearing, off))
    return sorted(found, key=lambda one: one.distance_m)


@dataclass(frozen=True, slots=True, eq=False)
class _Winds:
    """Hours with a direction: values, and how many were dropped as calm or missing."""

    direction: NDArray[np.float64]
    speed: NDArray[np.float64]
    value: NDArray[np.float64]
    calm: int
    missing: int

    @classmethod
    def of(
        cls, direction: ArrayLike, speed: ArrayLike, value: ArrayLike, calm_m_s: float
    ) -> _Winds:
        """Drop missing hours first, then calm ones."""
        columns = [np.asarray(column, np.float64) for column in (direction, speed, value)]
        there = ~np.isnan(columns[1]) & ~np.isnan(columns[2])
        calm = there & (columns[1] < calm_m_s)
        kept = there & ~calm & ~np.isnan(columns[0])
        missing = len(there) - int(kept.sum()) - int(calm.sum())
        whence, how_fast, what = (column[kept] for column in columns)
        return cls(whence, how_fast, what, int(calm.sum()), missing)

    def sector(self, sectors: int) -> NDArray[np.int64]:
        """Return the sector of each hour; sector 0 is centred on north."""
        width = 360 / sectors
        return (np.floor((self.direction + width / 2) / width).astype(np.int64)) % sectors


def _way(start: tuple[float, float], end: tuple[float, float]) -> tuple[float, float]:
    """Return distance in metres and bearing in degrees on a sphere, enough for a city."""
    radius = 6_371_008.8
    a, b = radians(start[1]), radians(end[1])
    turn = radians(end[0] - start[0])
    east, north = sin(turn) * cos(b), cos(a) * sin(b) - sin(a) * cos(b) * cos(turn)
    chord = hypot(sin((b - a) / 2), sin(turn / 2) * (cos(a) * cos(b)) ** 0.5)
    return 2 * radius * atan2(chord, (1 - chord**2) ** 0.5), degrees(atan2(east, north)) % 360
