"""Cuts (水库与闸): stretches inside a reservoir, and gates, become reaches of their own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

import numpy as np
import shapely
from numpy.typing import NDArray

from qingyuan.core.problems import Problem
from qingyuan.river.importing.clean import Piece, Plan
from qingyuan.river.importing.layers import Feature

__all__ = ["Course", "cut_gates", "cut_reservoirs"]

Floats: TypeAlias = NDArray[np.float64]
_LEAST_M = 1.0  # shorter pieces than this are not worth a reach
_GATE_M = 10.0
_CLOSED = ("closed", "0", "关", "关闭", "闭", "常闭", "false")
_NAMES = ("name", "名称", "id", "gate_id", "code")


@dataclass(frozen=True, slots=True)
class Course:
    """A directed stretch of the plane, drawn downstream; ``fall_m`` over its length if known."""

    reach_id: str
    to_reach_id: str
    piece: Piece
    xyz: Floats
    kind: str
    fall_m: float | None
    closed: bool = False


def cut_reservoirs(
    courses: Sequence[Course], areas: Sequence[tuple[Feature, Any]], plan: Plan
) -> list[Course]:
    """Return courses with what lies inside a reservoir's outline as reaches of kind reservoir."""
    shapes = [shapely.LineString(c.xyz[:, :2]) for c in courses]
    tree = shapely.STRtree(shapes)
    inside: dict[int, list[tuple[float, float, str]]] = {}
    for feature, area in areas:
        for i in sorted(tree.query(area, predicate="intersects").tolist()):
            for part in shapely.get_parts(shapely.intersection(shapes[i], area)):
                if part.geom_type != "LineString" or part.length < _LEAST_M:
                    continue
                ends = shapely.get_coordinates(part)[[0, -1]]
                span = sorted(
                    float(shapely.line_locate_point(shapes[i], shapely.Point(xy))) for xy in ends
                )
                name = _name_of(feature)
                inside.setdefault(i, []).append((span[0], span[1], name))
                plan.tell(
                    "reservoir", courses[i].piece.feature, ends[0], amount=part.length, other=name
                )
    found: list[Course] = []
    for i, course in enumerate(courses):
        if i not in inside:
            found.append(course)
            continue
        stops: list[tuple[float, float, str, bool]] = []
        for low, high, _ in sorted(inside[i]):
            if not stops or low >= stops[-1][1]:
                stops.append((low, high, "reservoir", False))
        found += _cut(course, stops)
    return found


def cut_gates(
    courses: Sequence[Course],
    gates: Sequence[tuple[Feature, Any]],
    plan: Plan,
    *,
    snap_m: float,
    file: str,
    refused: list[Problem],
) -> list[Course]:
    """Return courses with a reach of ten metres and kind gate at each gate.

    A gate whose ``state`` is closed has no flow: what lies above it is connected but undated.
    """
    shapes = [shapely.LineString(c.xyz[:, :2]) for c in courses]
    tree = shapely.STRtree(shapes)
    at: dict[int, list[tuple[float, float, str, bool]]] = {}
    for feature, point in gates:
        i = int(tree.nearest(point))
        gap = float(shapely.distance(shapes[i], point))
        if gap > snap_m:
            refused.append(
                Problem(
                    "river.too_far", file=file, row=feature.row, name=feature.feature_id,
                    distance=round(gap), tolerance=round(snap_m), reach=courses[i].reach_id,
                )
            )  # fmt: skip
            continue
        along = float(shapely.line_locate_point(shapes[i], point))
        low = min(max(along - _GATE_M / 2, 0.0), max(shapes[i].length - _GATE_M, 0.0))
        state = str(feature.properties.get("state", feature.properties.get("状态", "")))
        closed = state.strip().lower() in _CLOSED
        at.setdefault(i, []).append((low, min(low + _GATE_M, shapes[i].length), "gate", closed))
        xy = shapely.get_coordinates(point)[0]
        plan.tell("gate", courses[i].piece.feature, xy, other=_name_of(feature))
    found: list[Course] = []
    for i, course in enumerate(courses):
        stops: list[tuple[float, float, str, bool]] = []
        for stop in sorted(at.get(i, [])):
            if not stops or stop[0] >= stops[-1][1]:
                stops.append(stop)
        found += _cut(course, stops) if stops else [course]
    return found


def _name_of(feature: Feature) -> str:
    names = {k.lower(): v for k, v in feature.properties.items()}
    return str(next((names[n] for n in _NAMES if names.get(n)), feature.feature_id))


def _cut(course: Course, stops: Sequence[tuple[float, float, str, bool]]) -> list[Course]:
    """Cut a course at *stops* (from, to, kind, closed); the last part keeps what it flows to.

    The first part keeps the id, so that what flows into the course still finds it.
    """
    steps = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(course.xyz[:, :2], axis=0).T))])
    length = float(steps[-1])
    spans: list[tuple[float, float, str, bool]] = []
    at = 0.0
    for low, high, kind, closed in stops:
        begins = low if low - at > _LEAST_M else at
        if begins > at:
            spans.append((at, begins, course.kind, False))
        ends = high if length - high > _LEAST_M else length
        spans.append((begins, ends, kind, closed))
        at = ends
    if length - at > 0:
        spans.append((at, length, course.kind, False))
    names = [course.reach_id, *(f"{course.reach_id}-{n}" for n in range(2, len(spans) + 1))]
    found = []
    for n, (low, high, kind, closed) in enumerate(spans):
        inner = (steps > low + 1e-6) & (steps < high - 1e-6)
        edge = np.column_stack([np.interp([low, high], steps, course.xyz[:, k]) for k in range(3)])
        found.append(
            replace(
                course,
                reach_id=names[n],
                to_reach_id=names[n + 1] if n + 1 < len(names) else course.to_reach_id,
                xyz=np.vstack([edge[:1], course.xyz[inner], edge[1:]]),
                kind=kind,
                fall_m=None if course.fall_m is None else course.fall_m * (high - low) / length,
                closed=closed,
            )
        )
    return found
