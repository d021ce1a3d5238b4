"""Cleaning (拓扑整理): loose lines become pieces that meet at nodes, and every change is told.

All coordinates here are metres on a plane around the data. In order: parts, duplicates, ends that
nearly meet, ends that nearly touch a course, crossings, stubs.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any, TypeAlias

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.spatial import cKDTree
from shapely.geometry.base import BaseGeometry

from qingyuan.river.importing.layers import Feature
from qingyuan.river.importing.repairs import Repair

__all__ = ["Piece", "Plan", "clean"]

Floats: TypeAlias = NDArray[np.float64]
_SAME_M = 1.0  # two courses nowhere further apart than this are one, drawn twice
_MOVED_M = 0.1  # a shift worth telling


@dataclass(frozen=True, slots=True)
class Piece:
    """A course between two nodes (线段), as drawn; ``xyz`` in metres, z NaN when not given."""

    feature: Feature
    part: int
    xyz: Floats
    start: int
    end: int

    @property
    def length_m(self) -> float:
        """Length on the plane."""
        return float(np.hypot(*np.diff(self.xyz[:, :2], axis=0).T).sum())


@dataclass(slots=True)
class Plan:
    """The plane of one import and the repairs found so far."""

    to_degrees: Callable[[float, float], tuple[float, float]]
    repairs: list[Repair] = field(default_factory=list)

    def tell(
        self, kind: str, feature: Feature, xy: Any, *, amount: float = 0.0, other: str = ""
    ) -> None:
        """Note a repair at a place of the plane."""
        lon, lat = self.to_degrees(float(xy[0]), float(xy[1]))
        self.repairs.append(Repair(kind, feature.feature_id, lon, lat, amount, other))


@dataclass(slots=True)
class _Line:
    feature: Feature
    xyz: Floats
    start: int = -1
    end: int = -1

    @property
    def shape(self) -> BaseGeometry:
        return shapely.LineString(self.xyz[:, :2])


def clean(
    features: Sequence[tuple[Feature, BaseGeometry]],
    plan: Plan,
    *,
    tolerance_m: float,
    dangle_m: float,
) -> tuple[list[Piece], Floats]:
    """Return pieces and the places of their nodes (整理).

    Parameters
    ----------
    features : sequence of (Feature, geometry in metres)
    plan : Plan
        Takes the repairs.
    tolerance_m : float
        Ends nearer than this to each other, or to a course, meet.
    dangle_m : float
        A loose stub shorter than this is an error of drawing.
    """
    lines = _without_duplicates(_lines(features, plan), plan)
    nodes = _join_ends(lines, plan, tolerance_m)
    cuts = _touching(lines, nodes, plan, tolerance_m)
    nodes = _crossing(lines, nodes, cuts, plan, tolerance_m)
    pieces = _split(lines, nodes, cuts, plan, dangle_m)
    return _without_stubs(pieces, plan, dangle_m), nodes


def _lines(features: Sequence[tuple[Feature, BaseGeometry]], plan: Plan) -> list[_Line]:
    found = []
    for feature, geometry in features:
        parts = [
            g for g in shapely.get_parts(geometry) if g.geom_type in ("LineString", "LinearRing")
        ]
        if not parts:
            plan.tell(
                "not_a_line",
                feature,
                shapely.get_coordinates(geometry)[0],
                other=geometry.geom_type,
            )
            continue
        if len(parts) > 1:
            parts = list(shapely.get_parts(shapely.line_merge(geometry)))
        if len(parts) > 1:
            plan.tell("multipart", feature, shapely.get_coordinates(geometry)[0])
        for part in parts:
            xyz = shapely.get_coordinates(part, include_z=True)
            steps = np.hypot(*np.diff(xyz[:, :2], axis=0).T)
            keep = np.concatenate([[True], steps > 1e-6])
            if keep.sum() < 2:
                plan.tell("empty", feature, xyz[0])
                continue
            found.append(_Line(feature, xyz[keep]))
    return found


def _without_duplicates(lines: list[_Line], plan: Plan) -> list[_Line]:
    shapes = np.array([one.shape for one in lines], dtype=object)
    if not len(shapes):
        return lines
    lengths = shapely.length(shapes)
    left, right = shapely.STRtree(shapes).query(shapes, predicate="dwithin", distance=_SAME_M)
    alike = (left < right) & (
        np.abs(lengths[left] - lengths[right]) < 2 * _SAME_M + 0.01 * lengths[left]
    )
    gone: set[int] = set()
    for a, b in sorted(zip(left[alike].tolist(), right[alike].tolist(), strict=True)):
        if a in gone or b in gone:
            continue
        if shapely.hausdorff_distance(shapes[a], shapes[b]) < _SAME_M:
            gone.add(b)
            plan.tell(
                "duplicate", lines[b].feature, lines[b].xyz[0], other=lines[a].feature.feature_id
            )
    return [one for i, one in enumerate(lines) if i not in gone]


def _join_ends(lines: list[_Line], plan: Plan, tolerance_m: float) -> Floats:
    """Give ends that nearly meet one node; the first drawn keeps its place."""
    ends = np.array([xyz[:2] for one in lines for xyz in (one.xyz[0], one.xyz[-1])]).reshape(-1, 2)
    root = list(range(len(ends)))

    def find(i: int) -> int:
        while root[i] != i:
            root[i] = root[root[i]]
            i = root[i]
        return i

    pairs = cKDTree(ends).query_pairs(tolerance_m, output_type="ndarray") if len(ends) else []
    gap = [float(np.hypot(*(ends[a] - ends[b]))) for a, b in pairs]
    for i in np.argsort(gap, kind="stable"):
        a, b = find(int(pairs[i][0])), find(int(pairs[i][1]))
        # a short line must not collapse into a point, nor a chain of ends wander off
        same_line = int(pairs[i][0]) // 2 == int(pairs[i][1]) // 2 and gap[i] > _MOVED_M
        if a != b and not same_line and np.hypot(*(ends[a] - ends[b])) <= tolerance_m:
            root[max(a, b)] = min(a, b)
    heads = sorted({find(i) for i in range(len(ends))})
    number = {head: n for n, head in enumerate(heads)}
    for i in range(len(ends)):
        head, one = find(i), lines[i // 2]
        moved = float(np.hypot(*(ends[head] - ends[i])))
        if moved > _MOVED_M:
            plan.tell("snapped", one.feature, ends[i], amount=moved)
        at = 0 if i % 2 == 0 else -1
        one.xyz[at, :2] = ends[head]
        if at == 0:
            one.start = number[head]
        else:
            one.end = number[head]
    return ends[heads] if heads else np.zeros((0, 2))


_Cuts: TypeAlias = dict[int, list[tuple[float, int]]]


def _touching(lines: list[_Line], nodes: Floats, plan: Plan, tolerance_m: float) -> _Cuts:
    """Cut a course where another's end meets it; an end that falls short is drawn up to it."""
    cuts: _Cuts = defaultdict(list)
    if not lines:
        return cuts
    shapes = [one.shape for one in lines]
    owner = _owners(lines)
    points = shapely.points(nodes)
    at, near = shapely.STRtree(shapes).query(points, predicate="dwithin", distance=tolerance_m)
    gaps = shapely.distance(np.take(points, at), np.array(shapes, dtype=object)[near])
    met: set[int] = set()
    for i in np.lexsort((near, gaps, at)):
        node, course = int(at[i]), int(near[i])
        one = lines[course]
        if node in (one.start, one.end):
            continue
        along = float(shapely.line_locate_point(shapes[course], points[node]))
        if min(along, shapes[course].length - along) <= tolerance_m:
            continue  # nearer to the course's own end than we can tell apart
        foot = shapely.get_coordinates(shapely.line_interpolate_point(shapes[course], along))[0]
        mine = lines[owner[node][0]].feature
        if gaps[i] > _MOVED_M and node not in met:
            plan.tell(
                "extended", mine, nodes[node], amount=float(gaps[i]), other=one.feature.feature_id
            )
            nodes[node] = foot
            for other in owner[node]:
                held = lines[other]
                if held.start == node:
                    held.xyz[0, :2] = foot
                if held.end == node:
                    held.xyz[-1, :2] = foot
        met.add(node)
        cuts[course].append((along, node))
        plan.tell("split", one.feature, foot, other=mine.feature_id)
    return cuts


def _owners(lines: list[_Line]) -> dict[int, list[int]]:
    owner: dict[int, list[int]] = defaultdict(list)
    for i, one in enumerate(lines):
        owner[one.start].append(i)
        owner[one.end].append(i)
    return owner


def _crossing(
    lines: list[_Line], nodes: Floats, cuts: _Cuts, plan: Plan, tolerance_m: float
) -> Floats:
    """Cut both courses where they cross away from any node."""
    shapes = np.array([one.shape for one in lines], dtype=object)
    if not len(shapes):
        return nodes
    left, right = shapely.STRtree(shapes).query(shapes, predicate="crosses")
    fresh: list[Floats] = []
    for a, b in sorted(zip(left.tolist(), right.tolist(), strict=True)):
        if a >= b:
            continue
        for xy in shapely.get_coordinates(shapely.intersection(shapes[a], shapes[b])):
            known = [nodes[n] for one in (a, b) for n in (lines[one].start, lines[one].end)]
            known += [nodes[n] for one in (a, b) for _, n in cuts[one] if n < len(nodes)]
            known += fresh
            if any(np.hypot(*(xy - other)) <= tolerance_m for other in known):
                continue
            number = len(nodes) + len(fresh)
            fresh.append(xy)
            for one in (a, b):
                cuts[one].append(
                    (float(shapely.line_locate_point(shapes[one], shapely.Point(xy))), number)
                )
            plan.tell("crossing", lines[a].feature, xy, other=lines[b].feature.feature_id)
    return np.concatenate([nodes, np.array(fresh)]) if fresh else nodes


def _split(
    lines: list[_Line], nodes: Floats, cuts: _Cuts, plan: Plan, dangle_m: float
) -> list[Piece]:
    pieces = []
    parts: dict[str, int] = defaultdict(int)
    for i, one in enumerate(lines):
        steps = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(one.xyz[:, :2], axis=0).T))])
        stops = sorted({(along, node) for along, node in cuts.get(i, [])})
        marks = [(0.0, one.start), *stops, (float(steps[-1]), one.end)]
        for (low, a), (high, b) in pairwise(marks):
            inner = (steps > low + 1e-6) & (steps < high - 1e-6)
            z = np.interp([low, high], steps, one.xyz[:, 2])
            xyz = np.vstack([[*nodes[a], z[0]], one.xyz[inner], [*nodes[b], z[1]]])
            if a == b and high - low < dangle_m:
                plan.tell("dangle", one.feature, nodes[a], amount=high - low)
                continue
            if a == b:
                plan.tell("closed_ring", one.feature, nodes[a])
                continue
            parts[one.feature.feature_id] += 1
            pieces.append(Piece(one.feature, parts[one.feature.feature_id], xyz, a, b))
    return pieces


def _without_stubs(pieces: list[Piece], plan: Plan, dangle_m: float) -> list[Piece]:
    degree: dict[int, int] = defaultdict(int)
    for one in pieces:
        degree[one.start] += 1
        degree[one.end] += 1
    kept = []
    for one in sorted(pieces, key=lambda p: p.length_m):
        ends = sorted((degree[one.start], degree[one.end]))
        if one.length_m < dangle_m and ends[0] == 1 and ends[1] >= 3:
            loose = one.xyz[0] if degree[one.start] == 1 else one.xyz[-1]
            plan.tell("dangle", one.feature, loose, amount=one.length_m)
            degree[one.start] -= 1
            degree[one.end] -= 1
        else:
            kept.append(one)
    order = {id(one): i for i, one in enumerate(pieces)}
    return sorted(kept, key=lambda p: order[id(p)])
