"""Routes (路径): the shortest way along the roads between nodes, up to a limit."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from qingyuan.hotspots.roads import Floats, Ints, RoadGraph, spread

__all__ = ["Routes", "lengths_between", "routes_within"]

_AT_ONCE = 256


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
    order = np.lexsort((graph.length, graph.u * n + graph.v))
    pair = (graph.u * n + graph.v)[order]
    kept = order[np.concatenate([[True], pair[1:] != pair[:-1]])]
    cost = csr_array((graph.length[kept], (graph.u[kept], graph.v[kept])), shape=(n, n))
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
