"""Map matching (地图匹配): the directed edge each fix was driven on.

A hidden Markov model (Newson & Krumm 2009): a fix is likely on an edge that is near, and a step is
likely where the way along the roads is as long as the crow flies. All pieces of all traces are
walked side by side, one array operation for each step. What the model chose is then smoothed along
the route, which decides between consecutive edges.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from qingyuan.hotspots.candidates import Candidates, candidates
from qingyuan.hotspots.pieces import Pieces, cut
from qingyuan.hotspots.roads import Bools, Floats, Grid, Ints, RoadGraph
from qingyuan.hotspots.routes import Routes, lengths_between, routes_within
from qingyuan.hotspots.smoothing import smooth_along

__all__ = ["Matched", "Matcher", "matcher_of"]

_AT_ONCE = 200_000
_SPARSE_S = 15.0
_CHORD_M = 20.0
_TURN_BACK_M = 60.0
_SPEED_ERROR_M_S = 1.0


@dataclass(frozen=True)
class Matched:
    """Where each fix was driven (匹配结果): edge row or -1, metres from its start, metres beside it."""

    edge: Ints
    along_m: Floats
    away_m: Floats


@dataclass(frozen=True)
class Matcher:
    """A graph made ready to match fixes that come every so many seconds."""

    graph: RoadGraph
    noise_m: float
    interval_s: float
    routes: Routes | None
    grid: Grid
    most: int
    tolerance_m: float

    @property
    def sparse(self) -> bool:
        """Whether fixes are so far apart that ways are searched one by one."""
        return self.routes is None

    def match(
        self, *, trace: Ints, t: Floats, x: Floats, y: Floats, speed: Floats | None = None
    ) -> Matched:
        """Match fixes; rows of a trace stand together, in order of time.

        Parameters
        ----------
        trace : array of int
            Which journey a fix belongs to; equal numbers stand together.
        t, x, y : array
            Seconds, and metres in the plane of the graph.
        speed : array, optional
            Metres per second as the vehicle reports it; NaN where it does not.
        """
        if not len(x):
            return Matched(np.zeros(0, dtype=np.int64), np.zeros(0), np.zeros(0))
        parts = [
            self._some(trace[a:b], t[a:b], x[a:b], y[a:b], None if speed is None else speed[a:b])
            for a, b in _batches(trace)
        ]
        columns = zip(*((m.edge, m.along_m, m.away_m) for m in parts), strict=True)
        return Matched(*(np.concatenate(column) for column in columns))

    def _some(self, trace: Ints, t: Floats, x: Floats, y: Floats, speed: Floats | None) -> Matched:
        wide = self.noise_m * (4 if self.sparse else 1)
        found = candidates(self.graph, self.grid, x, y, most=self.most, noise_m=wide)
        pause = np.concatenate([[True], (np.diff(trace) != 0) | (np.diff(t) > self._longest_gap)])
        lost = found.edge[:, 0] < 0
        pause |= lost | np.concatenate([[False], lost[:-1]])
        pieces = cut(np.cumsum(pause).astype(np.int64))
        walk = _Walk(self, found, pieces, t, x, y, speed)
        return walk.run()

    @property
    def _longest_gap(self) -> float:
        return 300.0 if self.sparse else max(5 * self.interval_s, 15.0)


def _batches(trace: Ints) -> list[tuple[int, int]]:
    """Return (from, to) of whole traces, together some `_AT_ONCE` fixes: memory stays bounded."""
    ends = np.concatenate([np.flatnonzero(np.diff(trace)) + 1, [len(trace)]])
    out, begin = [], 0
    while begin < len(trace):
        later = ends[ends > begin]
        fit = later[later <= begin + _AT_ONCE]
        end = int(fit[-1]) if len(fit) else int(later[0])
        out.append((begin, end))
        begin = end
    return out


def matcher_of(
    graph: RoadGraph, *, noise_m: float = 8.0, interval_s: float = 3.0, fastest_m_s: float = 33.0
) -> Matcher:
    """Make *graph* ready for fixes off by *noise_m* that come every *interval_s* seconds.

    ``noise_m`` is the standard deviation of each coordinate.
    """
    if interval_s > _SPARSE_S:
        wide = max(noise_m, _CHORD_M)
        return Matcher(graph, wide, interval_s, None, graph.near(12 * wide), 40, wide / 4)
    limit = max(200.0, 1.5 * fastest_m_s * interval_s + 6 * noise_m)
    routes = routes_within(graph, limit)
    return Matcher(graph, noise_m, interval_s, routes, graph.near(5 * noise_m), 24, noise_m)


class _Walk:
    """One run of the model over all pieces."""

    def __init__(
        self, matcher: Matcher, found: Candidates, pieces: Pieces,
        t: Floats, x: Floats, y: Floats, speed: Floats | None,
    ) -> None:  # fmt: skip
        self.matcher, self.found, self.pieces = matcher, found, pieces
        self.t, self.x, self.y, self.speed = t, x, y, speed
        self.turn_m = 5 * _TURN_BACK_M if matcher.sparse else _TURN_BACK_M
        off = found.away / matcher.noise_m
        self.emission = -0.5 * off**2
        if matcher.sparse:  # maps draw bends as chords: far off is unlikely, not impossible
            self.emission = np.where(off > 1, 0.5 - off, self.emission)
        self.routes = matcher.routes or self._asked_routes()

    def run(self) -> Matched:
        """Walk forward, choose backward, smooth along, and keep each piece's core."""
        chosen, anew = self._viterbi()
        edge, along, away = self._smooth(chosen, anew)
        n = len(self.x)
        result = Matched(np.full(n, -1, dtype=np.int64), np.zeros(n), np.full(n, np.inf))
        core = self.pieces.core
        at = self.pieces.fix[core]
        result.edge[at], result.along_m[at], result.away_m[at] = edge[core], along[core], away[core]
        lost = self.found.edge[:, 0] < 0
        result.edge[lost] = -1
        return replace(result, away_m=np.where(lost, np.inf, result.away_m))

    def _asked_routes(self) -> Routes:
        """Find every way a sparse trace may have taken between consecutive candidates."""
        g, fix = self.matcher.graph, self.pieces.fix
        before, after = fix[:, :-1][fix[:, 1:] >= 0], fix[:, 1:][fix[:, 1:] >= 0]
        a, b = self.found.edge[before], self.found.edge[after]
        both = (a[:, :, None] >= 0) & (b[:, None, :] >= 0)
        i, j, k = np.nonzero(both)
        straight = np.hypot(np.diff(self.x), np.diff(self.y))
        limit = 2.0 * float(straight.max(initial=0.0)) + 500.0
        return lengths_between(g, g.v[a[i, j]], g.u[b[i, k]], limit)

    def _steps(self, before: Ints, after: Ints) -> Floats:
        """Return log likelihoods (pieces, K, K) of going from each candidate to each."""
        m, f = self.matcher, self.found
        straight = np.hypot(self.x[after] - self.x[before], self.y[after] - self.y[before])
        i, j, k = np.nonzero((f.edge[before] >= 0)[:, :, None] & (f.edge[after] >= 0)[:, None, :])
        way = self._ways(f.edge[before[i], j], f.along[before[i], j],
                         f.edge[after[i], k], f.along[after[i], k])  # fmt: skip
        cost = np.abs(way - straight[i]) / m.tolerance_m
        if self.speed is not None and not m.sparse:
            told = 0.5 * (self.speed[before] + self.speed[after]) * (self.t[after] - self.t[before])
            spread = np.hypot(1.5 * m.noise_m, _SPEED_ERROR_M_S * (self.t[after] - self.t[before]))
            off = (way - told[i]) / spread[i]
            cost += np.where(np.isfinite(off), np.minimum(0.5 * off**2, 8.0), 0.0)
        out = np.full((len(before), f.edge.shape[1], f.edge.shape[1]), -np.inf)
        out[i, j, k] = -cost
        return out

    def _ways(self, e1: Ints, s1: Floats, e2: Ints, s2: Floats) -> Floats:
        """Return metres along the roads; a little backward is what a standing vehicle shows."""
        g, slack = self.matcher.graph, 3 * self.matcher.noise_m
        way = g.length[e1] - s1 + s2 + self.routes.length(g.v[e1], g.u[e2])
        way += np.where(g.reverse[e1] == e2, self.turn_m, 0.0)
        back = s1 + g.length[e2] - s2
        behind = (g.v[e2] == g.u[e1]) & (g.reverse[e1] != e2) & (back < slack) & (back < way)
        way = np.where(behind, -back, way)
        same = (e1 == e2) & (s2 - s1 > -slack)
        return np.where(same, s2 - s1, way)

    def _viterbi(self) -> tuple[Ints, Bools]:
        """Return the chosen candidate of each (piece, step), and where a route begins anew."""
        fix, most = self.pieces.fix, self.found.edge.shape[1]
        count, steps = fix.shape
        back = np.full((steps, count, most), -1, dtype=np.int8)
        best = np.zeros((steps, count), dtype=np.int64)
        score = self.emission[fix[:, 0]].copy()
        best[0] = score.argmax(1)
        for step in range(1, steps):
            p = self.pieces.active(step)
            before, after = fix[:p, step - 1], fix[:p, step]
            total = score[:p, :, None] + self._steps(before, after)
            come = total.argmax(1)
            top = np.take_along_axis(total, come[:, None, :], 1)[:, 0, :]
            torn: Bools = np.isneginf(top.max(axis=1))
            now = np.where(torn[:, None], 0.0, top) + self.emission[after]
            peak = now.max(1)
            score[:p] = now - np.where(np.isfinite(peak), peak, 0.0)[:, None]
            back[step, :p] = np.where(torn[:, None], -1, come)
            best[step, :p] = score[:p].argmax(1)
        return self._choose(back, best)

    def _choose(self, back: npt.NDArray[np.int8], best: Ints) -> tuple[Ints, Bools]:
        fix = self.pieces.fix
        count, steps = fix.shape
        chosen = np.zeros((count, steps), dtype=np.int64)
        anew = np.zeros((count, steps), dtype=bool)
        anew[:, 0] = True
        last = self.pieces.length - 1
        rows = np.arange(count)
        chosen[rows, last] = best[last, rows]
        for step in range(steps - 1, 0, -1):
            p = self.pieces.active(step)
            come = back[step, rows[:p], chosen[:p, step]].astype(np.int64)
            torn = come < 0
            anew[:p, step] = torn
            chosen[:p, step - 1] = np.where(torn, best[step - 1, :p], come)
        return chosen, anew

    def _smooth(self, chosen: Ints, anew: Bools) -> tuple[Ints, Floats, Floats]:
        """Lay each piece's edges end to end, smooth the distances, read the edges off again."""
        g, fix = self.matcher.graph, self.pieces.fix
        there = fix >= 0
        at = np.where(there, fix, 0)
        edge, along = self.found.edge[at, chosen], self.found.along[at, chosen]
        away = self.found.away[at, chosen]
        if self.matcher.sparse or not (edge >= 0).any():
            return edge, along, away
        safe = np.where(edge >= 0, edge, 0)
        move = np.zeros(fix.shape)
        move[:, 1:] = self._ways(
            safe[:, :-1].ravel(), along[:, :-1].ravel(), safe[:, 1:].ravel(), along[:, 1:].ravel()
        ).reshape(len(fix), -1)
        turned = np.zeros(fix.shape, dtype=bool)
        turned[:, 1:] = g.reverse[safe[:, :-1]] == safe[:, 1:]
        move = np.where(turned, move - self.turn_m, move)
        move = np.where(anew | ~there | ~np.isfinite(move), 0.0, move)
        seen = np.cumsum(move, axis=1)
        seconds = np.zeros(fix.shape)
        seconds[:, 1:] = np.where(there[:, 1:], self.t[at[:, 1:]] - self.t[at[:, :-1]], 0.0)
        told = None if self.speed is None else np.where(there, self.speed[at], np.nan).T
        smooth = smooth_along(
            np.where(there & (edge >= 0), seen, np.nan).T, seconds.T, noise_m=self.matcher.noise_m,
            speed=told, anew=(anew | turned).T.astype(float),
        ).T  # fmt: skip
        return (*_read_off(g, self.routes, safe, along, seen, smooth, there & (edge >= 0)), away)


def _read_off(
    g: RoadGraph, routes: Routes, edge: Ints, along: Floats, seen: Floats, smooth: Floats,
    there: Bools,
) -> tuple[Ints, Floats]:  # fmt: skip
    """Return edge and place of each smoothed distance on the laid-out route of its piece."""
    rows = np.broadcast_to(np.arange(len(edge))[:, None], edge.shape)
    fresh = there.copy()
    fresh[:, 1:] &= edge[:, 1:] != edge[:, :-1]
    piece, laid, begin = rows[fresh], edge[fresh], (seen - along)[fresh]
    extra = _between(g, routes, edge, seen - along, fresh, there)
    piece = np.concatenate([piece, extra[0]])
    laid, begin = np.concatenate([laid, extra[1]]), np.concatenate([begin, extra[2]])
    span = float(seen.max(initial=0.0) - begin.min(initial=0.0)) + 1e4
    order = np.lexsort((begin, piece))
    piece, laid, begin = piece[order], laid[order], begin[order]
    key = piece * span + begin
    at = np.searchsorted(key, rows * span + smooth, side="right") - 1
    first = np.searchsorted(piece, np.arange(len(edge)))
    at = np.clip(at, first[rows], None)
    at = np.where(there, at, 0)
    place = np.clip(smooth - begin[at], 0.0, g.length[laid[at]])
    return np.where(there, laid[at], -1), np.where(there, place, 0.0)


def _between(
    g: RoadGraph, routes: Routes, edge: Ints, begin: Floats, fresh: Bools, there: Bools
) -> tuple[Ints, Ints, Floats]:  # fmt: skip
    """Return the edges passed between two fixes without a fix of their own: piece, edge, start."""
    rows, steps = np.nonzero(fresh[:, 1:] & there[:, :-1])
    piece, e1, e2 = rows, edge[rows, steps], edge[rows, steps + 1]
    start = begin[rows, steps] + g.length[e1]
    node, goal = g.v[e1], g.u[e2]
    ahead = begin[rows, steps + 1] > begin[rows, steps]
    pieces, edges, starts = [], [], []
    alive = ahead & (node != goal)
    while alive.any():
        piece, node, goal, start = piece[alive], node[alive], goal[alive], start[alive]
        at = routes.find(node, goal)
        step = np.where(at >= 0, routes.first[at], -1)
        ok = step >= 0
        piece, node, goal, start, step = piece[ok], node[ok], goal[ok], start[ok], step[ok]
        pieces.append(piece)
        edges.append(step)
        starts.append(start)
        start, node = start + g.length[step], g.v[step]
        alive = node != goal
    if not pieces:
        return np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0)
    return np.concatenate(pieces), np.concatenate(edges), np.concatenate(starts)
