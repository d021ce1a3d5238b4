"""The river as a way to go along (沿程): where a click lies, what is above it, what below, how long.

Distances are metres along the water. Times are at the registered flow of each reach, by Manning's
normal depth (`river.hydraulics`), and are told with their spread: a velocity known to
`VELOCITY_LN_SD` (standard deviation of its logarithm) makes a time that much uncertain.
"""

from __future__ import annotations

import math
from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from functools import cached_property

import numpy as np
from django.db.models import Q
from shapely import STRtree, make_valid, transform
from shapely.geometry import Point

from qingyuan import river
from qingyuan.river.hydraulics import hydraulics
from qingyuan.river.network import Network, network_of
from qingyuan.web.accounts.scope import Scope
from qingyuan.web.registry.models import Outfall, RiverReach, Section
from qingyuan.web.registry.selectors import things

__all__ = ["FARTHEST_M", "VELOCITY_LN_SD", "Passed", "Spot", "Waterway", "reach_values"]

FARTHEST_M = 3000.0  # a click farther from any reach is not on the river
VELOCITY_LN_SD = 0.2  # Manning without a gauging (river.hydraulics)
_METRES_PER_DEGREE = 111_320.0


@dataclass(frozen=True, slots=True)
class Spot:
    """A place on the river: the reach, metres from its upper end, and how far the click was away."""

    reach: str
    position_m: float
    lon: float
    lat: float
    off_m: float = 0.0


@dataclass(frozen=True, slots=True)
class Passed:
    """Something met along the river: the thing, metres along the water and hours at mean flow.

    ``hours`` is None where the water stands (a closed gate, no flow).
    """

    thing: Outfall | Section
    distance_m: float
    hours: float | None

    @property
    def kind(self) -> str:
        """``section`` or ``outfall``."""
        return "section" if isinstance(self.thing, Section) else "outfall"

    @property
    def km(self) -> float:
        """Kilometres along the water."""
        return self.distance_m / 1000

    @property
    def hours_low(self) -> float | None:
        """The 5 % bound of the time."""
        return None if self.hours is None else self.hours * math.exp(-1.645 * VELOCITY_LN_SD)

    @property
    def hours_high(self) -> float | None:
        """The 95 % bound of the time."""
        return None if self.hours is None else self.hours * math.exp(1.645 * VELOCITY_LN_SD)


def reach_values(row: RiverReach) -> river.Reach:
    """Return a registered reach as the tracer's value."""
    return river.Reach(
        row.code,
        row.to_reach_id or "",
        row.length_m,
        row.slope,
        row.manning_n,
        row.bottom_width_m,
        row.side_slope,
        row.flow_m3_s,
        row.flow_rel_sd,
        row.kind,
    )


class Waterway:
    """The river network as registered (河网), read once and asked often."""

    def __init__(self) -> None:
        self.rows = list(RiverReach.objects.order_by("code"))
        self.by_code = {row.code: row for row in self.rows}
        self.network: Network = network_of([reach_values(row) for row in self.rows])
        self._above: dict[str, list[str]] = defaultdict(list)
        for row in self.rows:
            if row.to_reach_id:
                self._above[row.to_reach_id].append(row.code)

    @cached_property
    def _lines(self) -> tuple[STRtree, list, float]:
        lats = [row.south for row in self.rows]
        scale = math.cos(math.radians(sum(lats) / len(lats))) if lats else 1.0
        lines = [transform(make_valid(row.shape), lambda c: c * [scale, 1.0]) for row in self.rows]
        return STRtree(lines), lines, scale

    @cached_property
    def velocity_m_s(self) -> dict[str, float]:
        """Velocity of each reach at its registered flow; zero where the water stands."""

        def column(name: str) -> np.ndarray:
            return np.array([getattr(row, name) for row in self.rows], dtype=float)

        if not self.rows:
            return {}
        state = hydraulics(
            column("flow_m3_s"),
            slope=column("slope"),
            manning_n=column("manning_n"),
            bottom_width_m=column("bottom_width_m"),
            side_slope=column("side_slope"),
        )
        return dict(zip(self.by_code, state.velocity_m_s.tolist(), strict=True))

    def snap(self, lon: float, lat: float) -> Spot | None:
        """Return the nearest place on the river; None when nothing lies within `FARTHEST_M`."""
        if not self.rows:
            return None
        tree, lines, scale = self._lines
        point = Point(lon * scale, lat)
        at = int(tree.nearest(point))
        line, row = lines[at], self.rows[at]
        off = line.distance(point) * _METRES_PER_DEGREE
        if off > FARTHEST_M:
            return None
        share = line.project(point, normalized=True)
        on = line.interpolate(share, normalized=True)
        return Spot(row.code, share * row.length_m, on.x / scale, on.y, off)

    def hours(self, reach: str, metres: float) -> float | None:
        """Return the time the water takes along part of a reach; None where it stands."""
        velocity = self.velocity_m_s.get(reach, 0.0)
        return metres / velocity / 3600 if velocity > 0 else None

    def things(self, scope: Scope, *, on: date) -> dict[str, list[Outfall | Section]]:
        """Return what lies on each reach on a day, of what a person may see (outfalls in use)."""
        found: dict[str, list[Outfall | Section]] = defaultdict(list)
        in_use = Q(ended_on=None) | Q(ended_on__gt=on)
        outfalls = things.outfalls(scope).filter(in_use)
        for row in (*things.sections(scope), *outfalls):
            found[row.reach_id].append(row)
        return found

    def upstream(self, spot: Spot, held: dict[str, list[Outfall | Section]]) -> list[Passed]:
        """Return everything upstream of a place, nearest first; it starts exactly at the place."""
        met: list[Passed] = []
        waiting: list[tuple[str, float, float, float | None]] = [
            (spot.reach, spot.position_m, 0.0, 0.0)
        ]
        seen: set[str] = set()
        while waiting:
            reach, end, metres, hours = waiting.pop()
            if reach in seen:
                continue
            seen.add(reach)
            for thing in held.get(reach, ()):
                if thing.position_m <= end:
                    way = end - thing.position_m
                    met.append(Passed(thing, metres + way, _plus(hours, self.hours(reach, way))))
            onward = _plus(hours, self.hours(reach, end))
            waiting += [
                (above, self.by_code[above].length_m, metres + end, onward)
                for above in self._above[reach]
            ]
        return sorted(met, key=lambda one: one.distance_m)

    def downstream(self, spot: Spot, held: dict[str, list[Outfall | Section]]) -> list[Passed]:
        """Return everything downstream of a place, nearest first."""
        met: list[Passed] = []
        reach: str | None = spot.reach
        start, metres = spot.position_m, 0.0
        now: float | None = 0.0
        seen: set[str] = set()
        while reach is not None and reach not in seen:
            seen.add(reach)
            for thing in held.get(reach, ()):
                if thing.position_m > start:
                    way = thing.position_m - start
                    met.append(Passed(thing, metres + way, _plus(now, self.hours(reach, way))))
            row = self.by_code[reach]
            left = max(row.length_m - start, 0.0)
            metres, now = metres + left, _plus(now, self.hours(reach, left))
            reach, start = row.to_reach_id, 0.0
        return sorted(met, key=lambda one: one.distance_m)

    def reaches_upstream(self, reach: str) -> list[str]:
        """Return the codes of the reaches that flow into one, itself included."""
        index = self.network.index[reach]
        mask = self.network.upstream_reaches(index)
        return [row.code for row, above in zip(self.rows, mask, strict=True) if above]

    def main_stem(self, river_zh: str) -> list[RiverReach]:
        """Return the reaches of a named river from its head to its mouth, the longest way down."""
        own = {row.code for row in self.rows if row.river_zh == river_zh}
        best: list[RiverReach] = []
        for head in sorted(own):
            if any(above in own for above in self._above[head]):
                continue
            trail, at = [], head
            while at in own and len(trail) <= len(own):
                trail.append(self.by_code[at])
                at = self.by_code[at].to_reach_id or ""
            if sum(r.length_m for r in trail) > sum(r.length_m for r in best):
                best = trail
        return best

    def rivers(self) -> dict[str, str]:
        """Return each river's Chinese name with the name in the reader's language, longest first."""
        length: dict[str, float] = defaultdict(float)
        names: dict[str, str] = {}
        for row in self.rows:
            length[row.river_zh] += row.length_m
            names[row.river_zh] = row.river
        return {name: names[name] for name in sorted(length, key=lambda n: -length[n])}


def _plus(a: float | None, b: float | None) -> float | None:
    return None if a is None or b is None else a + b
