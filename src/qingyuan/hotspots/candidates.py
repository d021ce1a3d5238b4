"""Candidates (候选路段): for each fix, the few edges it may lie on."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from qingyuan.hotspots.roads import Floats, Grid, Ints, RoadGraph

__all__ = ["Candidates", "candidates"]

_AT_ONCE = 100_000
_HOPELESS = 8.0  # a street this many nats behind the nearest is never taken


@dataclass(frozen=True)
class Candidates:
    """Up to K edges a fix, nearest first; -1 where there are fewer."""

    edge: Ints
    along: Floats
    away: Floats


def candidates(
    graph: RoadGraph, grid: Grid, x: Floats, y: Floats, *, most: int, noise_m: float
) -> Candidates:
    """Project every fix on the edges around it; keep the *most* nearest within the grid's reach."""
    parts = [
        _some(graph, grid, x[at : at + _AT_ONCE], y[at : at + _AT_ONCE], most, noise_m)
        for at in range(0, max(len(x), 1), _AT_ONCE)
    ]
    return Candidates(*(np.concatenate(column) for column in zip(*parts, strict=True)))


def _some(
    graph: RoadGraph, grid: Grid, x: Floats, y: Floats, most: int, noise_m: float
) -> tuple[Ints, Floats, Floats]:
    point, edge = grid.listed(x, y)
    length = graph.length[edge]
    ux = (graph.x2[edge] - graph.x1[edge]) / length
    uy = (graph.y2[edge] - graph.y1[edge]) / length
    dx, dy = x[point] - graph.x1[edge], y[point] - graph.y1[edge]
    along = np.clip(dx * ux + dy * uy, 0.0, length)
    away = np.hypot(dx - along * ux, dy - along * uy)
    near = away <= grid.radius_m
    point, edge, along, away = point[near], edge[near], along[near], away[near]
    closest = np.full(len(x), np.inf)
    np.minimum.at(closest, point, away)
    likely = away**2 - closest[point] ** 2 <= 2 * _HOPELESS * noise_m**2
    point, edge, along, away = point[likely], edge[likely], along[likely], away[likely]
    order = np.lexsort((away, point))
    point, edge, along, away = point[order], edge[order], along[order], away[order]
    rank = np.arange(len(point)) - np.searchsorted(point, point)
    few = rank < most
    shape = (len(x), most)
    edges = np.full(shape, -1, dtype=np.int64)
    places, sides = np.zeros(shape), np.full(shape, np.inf)
    edges[point[few], rank[few]] = edge[few]
    places[point[few], rank[few]] = along[few]
    sides[point[few], rank[few]] = away[few]
    return edges, places, sides
