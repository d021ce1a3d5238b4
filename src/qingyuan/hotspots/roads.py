"""The road graph (路网): directed straight edges, their nodes, and which lie near a point."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import numpy.typing as npt

from qingyuan.core.problems import Problem

__all__ = ["Bools", "Floats", "Ints", "RoadGraph", "graph_of", "spread"]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class RoadGraph:
    """A directed road graph in metres (有向路网).

    One row per directed edge; ``u`` and ``v`` are dense node numbers, ``edge_id`` the owner's own
    numbers and ``label`` their names, where names are not numbers or edges were made of lines. A bent
    road is several edges that share a ``road`` name.
    """

    edge_id: Ints
    u: Ints
    v: Ints
    x1: Floats
    y1: Floats
    x2: Floats
    y2: Floats
    road: tuple[str, ...] = ()
    road_class: tuple[str, ...] = ()
    label: tuple[str, ...] = ()

    @cached_property
    def length(self) -> Floats:
        """Length of each edge, m; never nought, so that a direction can be divided by it."""
        return np.maximum(np.hypot(self.x2 - self.x1, self.y2 - self.y1), 1e-6)

    @cached_property
    def nodes(self) -> int:
        """How many nodes there are."""
        return int(max(self.u.max(), self.v.max())) + 1

    @cached_property
    def out(self) -> tuple[Ints, Ints]:
        """Where the edges leaving each node begin in the list, and the list."""
        order = np.argsort(self.u, kind="stable").astype(np.int64)
        starts = np.searchsorted(self.u[order], np.arange(self.nodes + 1)).astype(np.int64)
        return starts, order

    @cached_property
    def reverse(self) -> Ints:
        """The edge that runs the other way between the same nodes, or -1."""
        keys = self.u * self.nodes + self.v
        order = np.argsort(keys, kind="stable")
        wanted = self.v * self.nodes + self.u
        at = np.minimum(np.searchsorted(keys[order], wanted), len(keys) - 1)
        found = order[at]
        return np.where(keys[found] == wanted, found, -1).astype(np.int64)

    def near(self, radius_m: float) -> Grid:
        """Return an index of the edges within *radius_m* of any point."""
        return Grid.over(self, radius_m)

    def part(self, kept: npt.NDArray[np.bool_]) -> RoadGraph:
        """Return the graph of the edges *kept*; nodes keep their numbers."""
        index = np.flatnonzero(kept)
        return replace(
            self,
            **{n: getattr(self, n)[index] for n in ("edge_id", "u", "v", "x1", "y1", "x2", "y2")},
            road=tuple(self.road[i] for i in index) if self.road else (),
            road_class=tuple(self.road_class[i] for i in index) if self.road_class else (),
            label=tuple(self.label[i] for i in index) if self.label else (),
        )

    def called(self, edges: Ints) -> list[int] | list[str]:
        """Return the owner's own ids of *edges*, sorted, each once."""
        if self.label:
            return sorted({self.label[e] for e in edges.tolist()})
        return [int(i) for i in np.unique(self.edge_id[edges])]


@dataclass(frozen=True)
class Grid:
    """Square cells, each with the edges within reach of any point in it (空间索引)."""

    radius_m: float
    cell_m: float
    x0: float
    y0: float
    columns: int
    rows: int
    starts: Ints
    edges: Ints

    @classmethod
    def over(cls, graph: RoadGraph, radius_m: float) -> Grid:
        """Enter each edge in the cells it can be reached from: sampled along, grown by one."""
        step = 25.0
        cell = radius_m + step / 2
        count = np.ceil(graph.length / step).astype(np.int64) + 1
        edge, place = spread(count)
        share = place / np.maximum(count[edge] - 1, 1)
        x = graph.x1[edge] + share * (graph.x2 - graph.x1)[edge]
        y = graph.y1[edge] + share * (graph.y2 - graph.y1)[edge]
        x0, y0 = float(x.min()) - 2 * cell, float(y.min()) - 2 * cell
        cx, cy = ((x - x0) // cell).astype(np.int64), ((y - y0) // cell).astype(np.int64)
        columns, rows = int(cx.max()) + 3, int(cy.max()) + 3
        base = np.unique((cy * columns + cx) * len(graph.u) + edge)
        around = np.array([dy * columns + dx for dy in (-1, 0, 1) for dx in (-1, 0, 1)])
        keys = np.unique((base[:, None] + around[None, :] * len(graph.u)).ravel())
        cells = keys // len(graph.u)
        starts = np.searchsorted(cells, np.arange(columns * rows + 1)).astype(np.int64)
        return cls(radius_m, cell, x0, y0, columns, rows, starts, keys % len(graph.u))

    def listed(self, x: Floats, y: Floats) -> tuple[Ints, Ints]:
        """Return pairs (point, edge) that may be within reach; the caller measures."""
        cx, cy = (x - self.x0) // self.cell_m, (y - self.y0) // self.cell_m
        inside = (cx >= 0) & (cx < self.columns) & (cy >= 0) & (cy < self.rows)
        cell = np.where(inside, cy * self.columns + cx, 0).astype(np.int64)
        count = np.where(inside, self.starts[cell + 1] - self.starts[cell], 0)
        point, place = spread(count)
        return point, self.edges[self.starts[cell[point]] + place]


def spread(count: Ints) -> tuple[Ints, Ints]:
    """Return for counts (2, 0, 3) the owners (0, 0, 2, 2, 2) and places (0, 1, 0, 1, 2)."""
    owner = np.repeat(np.arange(len(count), dtype=np.int64), count)
    ends = np.cumsum(count)
    return owner, np.arange(len(owner), dtype=np.int64) - np.repeat(ends - count, count)


def graph_of(
    *,
    edge_id: Sequence[int] | Ints,
    u: Sequence[int] | Ints,
    v: Sequence[int] | Ints,
    x1: Sequence[float] | Floats,
    y1: Sequence[float] | Floats,
    x2: Sequence[float] | Floats,
    y2: Sequence[float] | Floats,
    road: Sequence[str] = (),
    road_class: Sequence[str] = (),
    label: Sequence[str] = (),
) -> RoadGraph:
    """Return the graph of edges in metres, nodes numbered densely by their owner's names.

    Raises
    ------
    Problem
        ``hotspots.no_roads`` if there is no edge.
    """
    first, last = np.asarray(u), np.asarray(v)
    if not len(first):
        raise Problem("hotspots.no_roads")
    _, dense = np.unique(np.concatenate([first, last]), return_inverse=True)
    ends = dense.astype(np.int64)
    a1, b1, a2, b2 = (np.asarray(a, dtype=np.float64) for a in (x1, y1, x2, y2))
    ids = np.asarray(edge_id, dtype=np.int64)
    u_, v_ = ends[: len(first)], ends[len(first) :]
    return RoadGraph(
        ids, u_, v_, a1, b1, a2, b2, tuple(road), tuple(road_class), tuple(label)
    )  # fmt: skip
