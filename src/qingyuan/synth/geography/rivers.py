"""Rivers (河流): centre lines, a tree of reaches, and their hydraulics."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import CubicSpline
from shapely import LineString, Polygon

from qingyuan.synth.geography.plan import plan

__all__ = ["Network", "Reach", "make_rivers"]

_SAMPLE_KM = 0.25
_REACH_KM = 8.0  # a reach is cut when it grows longer
_YIELD_M3_S_PER_KM = 0.033  # dry-weather flow gained per kilometre of river
_SPRING_M3_S = 0.22


@dataclass(slots=True)
class Reach:
    """A reach while the city is being made; ``line`` in kilometres."""

    reach_id: str
    river: str
    river_en: str
    line: NDArray[np.float64]
    below: str = ""
    natural_m3_s: float = 0.0
    added_m3_s: float = 0.0  # of outfalls at and above it

    @property
    def length_m(self) -> float:
        """Length of the line, whole metres."""
        return float(round(1000 * np.hypot(*np.diff(self.line, axis=0).T).sum()))

    @property
    def flow_m3_s(self) -> float:
        """Ordinary flow at its lower end."""
        return self.natural_m3_s + self.added_m3_s

    def place(self, position_m: float) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return the point at *position_m* and the unit vector to the left bank."""
        steps = np.hypot(*np.diff(self.line, axis=0).T)
        along = np.concatenate([[0.0], np.cumsum(steps)]) * 1000
        i = int(np.clip(np.searchsorted(along, position_m) - 1, 0, len(steps) - 1))
        heading = (self.line[i + 1] - self.line[i]) / steps[i]
        point = self.line[i] + heading * (position_m - along[i]) / 1000
        return point, np.array([-heading[1], heading[0]])


@dataclass(slots=True)
class Network:
    """All reaches, springs first, and where each river's kilometres fall."""

    reaches: dict[str, Reach] = field(default_factory=dict)
    of_river: dict[str, list[Reach]] = field(default_factory=dict)

    def at_share(self, river: str, share: float) -> tuple[Reach, float]:
        """Return the reach and the position at *share* of a river's whole length."""
        parts = self.of_river[river]
        left = share * sum(r.length_m for r in parts)
        for reach in parts:
            if left <= reach.length_m:
                return reach, left
            left -= reach.length_m
        return parts[-1], parts[-1].length_m

    def downstream(self, reach_id: str) -> list[Reach]:
        """Return the reach and all reaches below it."""
        found = []
        while reach_id:
            found.append(self.reaches[reach_id])
            reach_id = self.reaches[reach_id].below
        return found


def _centre_line(points: list[list[float]], rng: np.random.Generator) -> NDArray[np.float64]:
    """Draw a smooth line through the skeleton, with meanders that grow downstream and end at zero."""
    knots = np.asarray(points, float)
    chord = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(knots, axis=0).T))])
    along = np.linspace(0, chord[-1], int(chord[-1] / _SAMPLE_KM) + 1)
    spline = CubicSpline(chord, knots, bc_type="natural")
    line, slope = spline(along), spline(along, 1)
    normal = np.column_stack([-slope[:, 1], slope[:, 0]]) / np.hypot(*slope.T)[:, None]
    share = along / along[-1]
    swing = np.zeros_like(along)
    for length, size in ((9.0, 0.75), (4.6, 0.46), (2.3, 0.2)):
        wave = 2 * np.pi * along / (length * rng.uniform(0.85, 1.2)) + rng.uniform(0, 2 * np.pi)
        drift = np.interp(along, np.linspace(0, along[-1], 9), rng.uniform(0.35, 1.0, 9))
        swing += size * (0.45 + 0.55 * share) * drift * np.sin(wave)
    fade = np.clip(np.minimum(along, along[-1] - along) / 2.5, 0, 1)
    return line + normal * (swing * fade * fade * (3 - 2 * fade))[:, None]


def _cut(length: int, joins: list[int]) -> list[int]:
    """Find the indices at which a river of *length* samples is cut: confluences, then even pieces."""
    marks = sorted({0, length - 1, *joins})
    cuts = [0]
    for a, b in itertools.pairwise(marks):
        pieces = max(1, int(np.ceil((b - a) * _SAMPLE_KM / _REACH_KM)))
        cuts += [a + round((b - a) * k / pieces) for k in range(1, pieces + 1)]
    return cuts


def _to_the_coast(line: NDArray[np.float64], city: Polygon) -> NDArray[np.float64]:
    """Cut a river where it leaves the land."""
    inside = LineString(line).intersection(city)
    first = inside if inside.geom_type == "LineString" else inside.geoms[0]
    return np.asarray(first.coords)


def make_rivers(seed: int, *, city: Polygon) -> Network:
    """Return the tree of reaches for *seed*, with natural flow and no outfalls yet."""
    rows = plan()["rivers"]
    lines = {
        row["name"]: _centre_line(row["points"], np.random.default_rng([seed, 23, number]))
        for number, row in enumerate(rows)
    }
    for row in rows:
        if "into" not in row:
            lines[row["name"]] = _to_the_coast(lines[row["name"]], city)
    joins: dict[str, list[int]] = {row["name"]: [] for row in rows}
    mouths: dict[str, tuple[str, int]] = {}
    for row in rows:
        if into := row.get("into"):
            gaps = np.hypot(*(lines[into] - np.asarray(row["points"][-1], float)).T)
            at = int(np.argmin(gaps))
            joins[into].append(at)
            mouths[row["name"]] = (into, at)
            lines[row["name"]] = _end_at(lines[row["name"]], lines[into][at])
    network = Network()
    starts: dict[tuple[str, int], str] = {}
    for row in rows:
        name, parts = row["name"], []
        cuts = _cut(len(lines[name]), joins[name])
        for a, b in itertools.pairwise(cuts):
            reach = Reach(
                f"R{len(network.reaches) + 1:03d}",
                name,
                row["en"],
                np.round(lines[name][a : b + 1], 6),
            )
            network.reaches[reach.reach_id] = reach
            starts[(name, a)] = reach.reach_id
            parts.append(reach)
        for upper, lower in itertools.pairwise(parts):
            upper.below = lower.reach_id
        network.of_river[name] = parts
    for name, mouth in mouths.items():
        network.of_river[name][-1].below = starts[mouth]
    for parts in network.of_river.values():
        parts[0].natural_m3_s += _SPRING_M3_S
        for below in network.downstream(parts[0].reach_id)[1:]:
            below.natural_m3_s += _SPRING_M3_S
    for reach in list(network.reaches.values()):
        for below in network.downstream(reach.reach_id):
            below.natural_m3_s += _YIELD_M3_S_PER_KM * reach.length_m / 1000
    return network


def _end_at(line: NDArray[np.float64], point: NDArray[np.float64]) -> NDArray[np.float64]:
    """Lead the last kilometres of a tributary smoothly to the point where it joins."""
    count = min(len(line), 24)
    ease = np.linspace(0, 1, count) ** 2
    moved = line.copy()
    moved[-count:] += (point - line[-1]) * ease[:, None]
    moved[-1] = point
    return moved
