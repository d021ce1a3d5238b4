"""Roses of a station (污染玫瑰与极坐标图): hints at where polluted air came from, drawn as plain shapes.

Calm hours and cells of few hours are dropped by `readings.roses`; here only lines are drawn. A wind
direction of an hour is the mean of unit vectors, since 350° and 10° make north.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from math import cos, hypot, radians, sin

import numpy as np

from qingyuan.core.periods import Period, day_of, hour_of
from qingyuan.readings import roses
from qingyuan.standards import aqi
from qingyuan.store.observations import Observations
from qingyuan.web.assessments.selectors.hours import SERIES, hours_between
from qingyuan.web.ui import palette

__all__ = ["LEAST_HOURS", "Shape", "StationRoses", "roses_of"]

LEAST_HOURS = 5
_SPEED, _DIRECTION = "a01007", "a01008"
_GOOD_FLAGS = ("", "N")
_RADIUS = 130.0
_STEPS = 5


@dataclass(frozen=True, slots=True)
class Shape:
    """One filled piece of a rose: its path, colour, how strong, and what it says."""

    path: str
    colour: str
    strength: float
    direction: float
    speed: str
    hours: int
    mean: float | None


@dataclass(frozen=True, slots=True)
class StationRoses:
    """Both pictures of a station and item, and what was left out."""

    rose: tuple[Shape, ...]
    polar: tuple[Shape, ...]
    rings: tuple[tuple[float, str], ...]
    key: tuple[tuple[float, str], ...]
    hours: int
    calm: int
    missing: int
    few: int
    frequent: float  # share of the largest sector, the outer edge of the rose


def roses_of(
    store: Observations, code: str, series: str, *, first: date, last: date
) -> StationRoses | None:
    """Return the roses of one station and item over whole days; None without hours with wind."""
    hours = hours_between(store, [code], first, last)
    if hours is None or series not in SERIES:
        return None
    direction, speed = _winds(store, code, first, last)
    ends = [hours.label(day, hour) for day in range(hours.days) for hour in range(24)]
    starts = [end - timedelta(hours=1) for end in ends]
    flat = hours.values[series][0].reshape(-1).astype(np.float64)
    value = np.where(flat < 0, np.nan, flat / 10 ** hours.decimals[series])
    whence = np.array([direction.get(hour_of(s).start, np.nan) for s in starts])
    fast = np.array([speed.get(hour_of(s).start, np.nan) for s in starts])
    ladder = aqi.rule_set_at(first).ladders["hour"][series]
    edges = [
        below / 10**ladder.places
        for below, index in ladder.steps
        if index in (50, 100, 150, 200, 300)
    ]
    found = roses.pollution_rose(whence, fast, value, edges=edges, at_least=LEAST_HOURS)
    grid = roses.polar_grid(whence, fast, value, at_least=LEAST_HOURS, sectors=16)
    if not found.hours:
        return None
    most = max(sum(s.shares) for s in found.sectors)
    polar, key = _polar(grid)
    return StationRoses(
        rose=tuple(_rose(found, most)),
        polar=polar,
        rings=tuple((_RADIUS * n / 4, f"{100 * most * n / 4:.0f}%") for n in (2, 4)),
        key=key,
        hours=found.hours,
        calm=found.calm_hours,
        missing=found.missing_hours,
        few=int(((grid.hours > 0) & (grid.hours < LEAST_HOURS)).sum()),
        frequent=most,
    )


def _winds(
    store: Observations, code: str, first: date, last: date
) -> tuple[dict[datetime, float], dict[datetime, float]]:
    """Return the direction and the speed of each hour, by its start."""
    period = Period(day_of(first).start, day_of(last).end)
    vectors: dict[datetime, list[float]] = defaultdict(lambda: [0.0, 0.0])
    table = store.series(f"air:{code}", _DIRECTION, period)
    columns = (table.column(name).to_pylist() for name in ("time", "value", "flag"))
    for time, value, flag in zip(*columns, strict=True):
        if value is not None and flag in _GOOD_FLAGS:
            held = vectors[hour_of(time).start]
            held[0] += sin(radians(value))
            held[1] += cos(radians(value))
    direction = {
        hour: float(np.degrees(np.arctan2(east, north)) % 360)
        for hour, (east, north) in vectors.items()
        if hypot(east, north) > 1e-9
    }
    means = store.means([f"air:{code}"], [_SPEED], period, step="hour")
    return direction, {m.period.start: float(m.value) for m in means if m.is_valid}


def _wedge(inner: float, outer: float, middle: float, width: float) -> str:
    """Return a piece of a ring as a path; 0° is up, clockwise."""
    a, b = radians(middle - width / 2), radians(middle + width / 2)

    def at(radius: float, angle: float) -> str:
        return f"{radius * sin(angle):.1f} {-radius * cos(angle):.1f}"

    if inner <= 0:
        return f"M0 0L{at(outer, a)}A{outer:.1f} {outer:.1f} 0 0 1 {at(outer, b)}Z"
    return (
        f"M{at(inner, a)}L{at(outer, a)}A{outer:.1f} {outer:.1f} 0 0 1 {at(outer, b)}"
        f"L{at(inner, b)}A{inner:.1f} {inner:.1f} 0 0 0 {at(inner, a)}Z"
    )


def _rose(found: roses.PollutionRose, most: float) -> list[Shape]:
    colours = [step["colour"] for step in palette.scale("aqi_level")]
    width = 360 / len(found.sectors) - 4
    shapes = []
    for sector in found.sectors:
        inner = 0.0
        for colour, share in zip(colours, sector.shares, strict=False):
            outer = inner + share
            if share > 0:
                path = _wedge(_RADIUS * inner / most, _RADIUS * outer / most, sector.middle, width)
                shapes.append(
                    Shape(path, colour, 1.0, sector.middle, "", sector.hours, sector.mean)
                )
            inner = outer
    return shapes


def _polar(grid: roses.PolarGrid) -> tuple[tuple[Shape, ...], tuple[tuple[float, str], ...]]:
    known = grid.mean[~np.isnan(grid.mean)]
    if not len(known):
        return (), ()
    low, high = float(known.min()), float(known.max())
    used = np.flatnonzero((~np.isnan(grid.mean)).any(axis=0))
    columns = int(used.max()) + 1
    width = 360 / len(grid.directions)
    ring = _RADIUS / columns
    shapes = []
    for row, middle in enumerate(grid.directions):
        for column in range(columns):
            mean = float(grid.mean[row, column])
            if np.isnan(mean):
                continue
            share = 0.0 if high == low else (mean - low) / (high - low)
            strength = (1 + min(_STEPS - 1, int(share * _STEPS))) / _STEPS
            speed = f"{grid.speed_edges[column]:g}–{grid.speed_edges[column + 1]:g}"
            path = _wedge(ring * column, ring * (column + 1), float(middle), width)
            shapes.append(
                Shape(path, "", strength, float(middle), speed, int(grid.hours[row, column]), mean)
            )
    key = tuple(
        ((n + 1) / _STEPS, f"{low + (high - low) * n / _STEPS:.0f}–{low + (high - low) * (n + 1) / _STEPS:.0f}")
        for n in range(_STEPS)
    )  # fmt: skip
    return tuple(shapes), key
