"""Routes (路径): the shortest way along the roads between nodes, up to a limit."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from qingyuan.hotspots.roads import Floats, Ints, RoadGraph, spread

__all__ = ["Routes", "lengths_between", "path_between", "routes_within"]

_AT_ONCE = 256
_JITTER_M = 80.0
_TOUCHED_M = 5.0


@dataclass(frozen=True)
class Routes:
    """All pairs of nodes within a limit: length of the shortest way, and its first edge."""

    nodes: int
    keys: Ints
    metres: Floats
    first: Ints

    def find(self, a: Ints, b: Ints) -> Ints:
        """Return the row of each pair, -1 where the way is longer than the limit."""
        wanted = a * self.nodes + b
        at = np.minimum(np.searchsorted(self.keys, wanted), len(self.keys) - 1)
        return np.where(self.keys[at] == wanted, at, -1).astype(np.int64)

    def length(self, a: Ints, b: Ints) -> Floats:
        """Return the metres from *a* to *b*, infinite beyond the limit."""
        at = self.find(a, b)
        return np.where(at >= 0, self.metres[at], np.inf)


def routes_within(graph: RoadGraph, limit_m: float, *, sources: Ints | None = None) -> Routes:
    """Grow the ways from all *sources* at once, edge by edge, keeping the shortest."""
    n = graph.nodes
    starts, out = graph.out
    origin = np.arange(n, dtype=np.int64) if sources is None else np.unique(sources)
    keys, metres = origin * n + origin, np.zeros(len(origin))
    first = np.full(len(origin), -1, dtype=np.int64)
    front = np.arange(len(keys))
    while len(front):
        node = keys[front] % n
        owner, place = spread(starts[node + 1] - starts[node])
        edge = out[starts[node[owner]] + place]
        row = front[owner]
        length = metres[row] + graph.length[edge]
        kept = length <= limit_m
        row, edge, length = row[kept], edge[kept], length[kept]
        new = (keys[row] // n) * n + graph.v[edge]
        began = np.where(first[row] >= 0, first[row], edge)
        order = np.lexsort((length, new))
        new, length, began = new[order], length[order], began[order]
        lone = np.concatenate([[True], new[1:] != new[:-1]]) if len(new) else np.zeros(0, bool)
        new, length, began = new[lone], length[lone], began[lone]
        at = np.minimum(np.searchsorted(keys, new), len(keys) - 1)
        known = keys[at] == new
        better = known & (length < metres[at] - 1e-9)
        metres[at[better]], first[at[better]] = length[better], began[better]
        added = ~known
        merged = np.concatenate([keys, new[added]])
        order = np.argsort(merged, kind="stable")
        changed = np.concatenate([new[better], new[added]])
        keys = merged[order]
        metres = np.concatenate([metres, length[added]])[order]
        first = np.concatenate([first, began[added]])[order]
        front = np.searchsorted(keys, changed)
    return Routes(n, keys, metres, first)


def lengths_between(graph: RoadGraph, a: Ints, b: Ints, limit_m: float) -> Routes:
    """Return only the pairs asked for, for fixes far apart; by Dijkstra from each source."""
    n = graph.nodes
    cost, _ = _costs(graph)
    wanted = np.unique(a * n + b)
    sources = np.unique(wanted // n)
    found = np.full(len(wanted), np.inf)
    for at in range(0, len(sources), _AT_ONCE):
        some = sources[at : at + _AT_ONCE]
        reach = dijkstra(cost, indices=some, limit=limit_m)
        lo, hi = np.searchsorted(wanted, [some[0] * n, (some[-1] + 1) * n])
        rows = np.searchsorted(some, wanted[lo:hi] // n)
        found[lo:hi] = reach[rows, wanted[lo:hi] % n]
    near = np.isfinite(found)
    return Routes(n, wanted[near], found[near], np.full(int(near.sum()), -1, dtype=np.int64))


def path_between(graph: RoadGraph, edges: Ints, along: Floats, *, limit_m: float = 8000.0) -> Ints:
    """Return every edge driven from the first matched fix to the last, in order.

    Parameters
    ----------
    edges, along : array
        Of one trace, -1 where a fix was not matched; a gap there is bridged.
    """
    kept = np.flatnonzero(edges >= 0)
    edges, along = edges[kept], along[kept]
    if not len(edges):
        return np.zeros(0, dtype=np.int64)
    cost, lightest = _costs(graph)
    driven, place = [int(edges[0])], float(along[0])
    for edge, at in zip(edges[1:].tolist(), along[1:].tolist(), strict=True):
        now = driven[-1]
        if edge == now and at > place - _JITTER_M:
            place = max(place, at)
            continue
        recent = driven[-4:-1]
        if edge in recent:  # a standing vehicle seems to creep back
            passed = driven[len(driven) - len(recent) - 1 + recent.index(edge) + 1 : -1]
            length = float(graph.length[edge]) - at + float(graph.length[passed].sum()) + place
            if length < _JITTER_M:
                continue
        way = _way(cost, int(graph.v[now]), int(graph.u[edge]), limit_m)
        driven += [*_nodes_to_edges(way, lightest, graph.nodes), edge]
        place = at
    if len(driven) > 1 and graph.length[driven[0]] - float(along[0]) < _TOUCHED_M:
        driven = driven[1:]  # it only stood at the end of it
    if len(driven) > 1 and place < _TOUCHED_M:
        driven = driven[:-1]
    return np.array(driven, dtype=np.int64)


def _costs(graph: RoadGraph) -> tuple[csr_array, dict[int, int]]:
    """Return the shortest edge of each pair of nodes as a matrix, and which edge it is."""
    n = graph.nodes
    order = np.lexsort((graph.length, graph.u * n + graph.v))
    pair = (graph.u * n + graph.v)[order]
    kept = order[np.concatenate([[True], pair[1:] != pair[:-1]])]
    cost = csr_array((graph.length[kept], (graph.u[kept], graph.v[kept])), shape=(n, n))
    lightest = dict(zip((graph.u * n + graph.v)[kept].tolist(), kept.tolist(), strict=True))
    return cost, lightest


def _way(cost: csr_array, start: int, goal: int, limit_m: float) -> list[int]:
    if start == goal:
        return [start]
    _, before = dijkstra(cost, indices=start, limit=limit_m, return_predecessors=True)
    nodes = [goal]
    while nodes[-1] != start:
        node = int(before[nodes[-1]])
        if node < 0:
            return []
        nodes.append(node)
    return nodes[::-1]


def _nodes_to_edges(nodes: list[int], lightest: dict[int, int], count: int) -> list[int]:
    return [lightest[a * count + b] for a, b in pairwise(nodes)]
