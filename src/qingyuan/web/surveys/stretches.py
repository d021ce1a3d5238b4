"""From lines to directed edges and stretches (路段): values in, values out.

Every vertex is a node, so that lines which share a vertex meet there; ends within a metre are one.
A stretch is what lies of one named road between two crossings with other named roads.
"""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import cos, hypot, radians
from typing import Any

from shapely.geometry import LineString, MultiLineString
from shapely.geometry.base import BaseGeometry

__all__ = ["Edges", "StretchLine", "edges_of", "stretches_of"]

_GRAIN = 1e-5  # degrees, about a metre
_ONE_WAY = {"1", "yes", "true", "是", "单行", "单向", "f", "t"}
_AGAINST = {"-1", "reverse", "t"}
_ROAD = ("road", "name", "路名", "道路", "名称")
_CLASS = ("road_class", "highway", "fclass", "class", "道路等级")
_WAY = ("oneway", "单行")
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


def _said(properties: Mapping[str, object], names: Sequence[str]) -> str:
    low = {str(k).lower(): v for k, v in properties.items()}
    return next((str(low[n]).strip() for n in names if low.get(n) not in (None, "")), "")


def _lines(shape: BaseGeometry) -> list[LineString]:
    if isinstance(shape, LineString):
        return [shape]
    return list(shape.geoms) if isinstance(shape, MultiLineString) else []


def edges_of(features: Iterable[tuple[BaseGeometry, Mapping[str, object]]]) -> Edges:
    """Return directed edges of lines: both ways unless the line says it is one-way."""
    nodes: dict[tuple[int, int], int] = {}
    place: dict[int, Point] = {}
    out: Edges = {n: [] for n in ("edge_id", "u", "v", "lon1", "lat1", "lon2", "lat2", "road", "road_class")}  # fmt: skip
    seen: set[tuple[int, int]] = set()

    def node(point: Sequence[float]) -> int:
        key = (round(point[0] / _GRAIN), round(point[1] / _GRAIN))
        if key not in nodes:
            nodes[key] = len(nodes)
            place[nodes[key]] = (round(float(point[0]), 7), round(float(point[1]), 7))
        return nodes[key]

    for shape, properties in features:
        road, kind = _said(properties, _ROAD), _said(properties, _CLASS)
        way = _said(properties, _WAY).lower()
        for line in _lines(shape):
            at = [node(p) for p in line.coords]
            pairs = [(a, b) for a, b in itertools.pairwise(at) if a != b]
            forth = [] if way in _AGAINST else pairs
            back = [] if way in _ONE_WAY else [(b, a) for a, b in pairs]
            for a, b in [*forth, *back]:
                if (a, b) in seen:
                    continue
                seen.add((a, b))
                row = (len(out["u"]) + 1, a, b, *place[a], *place[b], road, kind)
                for name, value in zip(out, row, strict=True):
                    out[name].append(value)
    return out


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
