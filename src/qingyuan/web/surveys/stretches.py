"""From a layer's lines to the network and its stretches (路段): values in, values out.

The network is the craft's, with its repairs (`hotspots.network_of`). A stretch is what lies of one
named road between two crossings with other named roads.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import cos, hypot, radians
from typing import Any

import numpy as np
import shapely
from shapely.geometry import LineString
from shapely.geometry.base import BaseGeometry

from qingyuan import hotspots

__all__ = ["Edges", "StretchLine", "network_of", "stretches_of"]

Edges = dict[str, list[Any]]
Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class StretchLine:
    """A stretch as it will be kept: its road, where it starts and ends, its lines, its edges."""

    road: str
    start: str
    end: str
    length_m: float
    lines: list[list[Point]]
    edges: tuple[int, ...]

    @property
    def middle(self) -> Point:
        """A point on it."""
        line = self.lines[len(self.lines) // 2]
        return line[len(line) // 2]


def network_of(
    features: Iterable[tuple[BaseGeometry, Mapping[str, object]]],
) -> hotspots.Network | None:
    """Return the repaired network of a layer's lines; None if it holds no line."""
    lines = [
        line
        for number, (shape, tags) in enumerate(features, start=1)
        for line in hotspots.lines_of(
            str(number), tags, [part.coords for part in shapely.get_parts(shape) if isinstance(part, LineString)]
        )
    ]  # fmt: skip
    if not lines:
        return None
    plane = hotspots.plane_of(np.concatenate([line.xy[:, 0] for line in lines]))
    return hotspots.network_of(lines, plane)


def _metres(a: Point, b: Point) -> float:
    return hypot((a[0] - b[0]) * cos(radians(a[1])) * 111_320, (a[1] - b[1]) * 110_574)


def stretches_of(edges: Edges) -> list[StretchLine]:
    """Return the stretches of the named roads, in a stable order."""
    touching: dict[int, set[str]] = defaultdict(set)
    by_road: dict[str, list[int]] = defaultdict(list)
    for i, road in enumerate(edges["road"]):
        if road:
            by_road[road].append(i)
            touching[edges["u"][i]].add(road)
            touching[edges["v"][i]].add(road)
    found = [
        _stretch(road, group, edges, touching)
        for road in sorted(by_road)
        for group in _joined(by_road[road], edges, touching)
    ]
    return sorted(found, key=lambda s: (s.road, s.lines[0][0]))


def _joined(rows: Sequence[int], edges: Edges, touching: Mapping[int, set[str]]) -> list[list[int]]:
    """Group edges that meet at nodes where no other named road passes; both directions together."""
    parent = {i: i for i in rows}

    def top(i: int) -> int:
        while parent[i] != i:
            parent[i] = parent[parent[i]]
            i = parent[i]
        return i

    held: dict[tuple[str, int, int], int] = {}
    for i in rows:
        u, v = edges["u"][i], edges["v"][i]
        keys = [("edge", min(u, v), max(u, v))]
        keys += [("node", n, n) for n in (u, v) if len(touching[n]) == 1]
        for key in keys:
            parent[top(i)] = top(held.setdefault(key, i))
    groups: dict[int, list[int]] = defaultdict(list)
    for i in rows:
        groups[top(i)].append(i)
    return list(groups.values())


def _stretch(
    road: str, group: Sequence[int], edges: Edges, touching: Mapping[int, set[str]]
) -> StretchLine:
    pairs: dict[tuple[int, int], int] = {}
    for i in group:
        u, v = edges["u"][i], edges["v"][i]
        pairs.setdefault((min(u, v), max(u, v)), i)
    lines = [
        [(edges["lon1"][i], edges["lat1"][i]), (edges["lon2"][i], edges["lat2"][i])]
        for i in pairs.values()
    ]
    ends = sorted({n for pair in pairs for n in pair if len(touching[n]) > 1})
    place = {}
    for i in group:
        place[edges["u"][i]] = (edges["lon1"][i], edges["lat1"][i])
        place[edges["v"][i]] = (edges["lon2"][i], edges["lat2"][i])
    ends.sort(key=lambda n: place[n])
    names = [sorted(touching[n] - {road})[0] for n in ends]
    return StretchLine(
        road=road,
        start=names[0] if names else "",
        end=names[-1] if len(names) > 1 else "",
        length_m=sum(_metres(a, b) for a, b in lines),
        lines=lines,
        edges=tuple(sorted(group)),
    )
