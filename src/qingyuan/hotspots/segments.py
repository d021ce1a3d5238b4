"""Segments (路段): roads cut into equal lengths, both directions together; passes and their increments."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from qingyuan.hotspots.roads import Bools, Floats, Ints, RoadGraph

__all__ = ["Passes", "Segments", "local_background", "passes_of", "segments_of"]

_WINDOW_S = 900.0
_LOW = 0.30


@dataclass(frozen=True)
class Segments:
    """The segments of a graph: ``base`` the first of each edge, the middle of each, its edge."""

    base: Ints
    count: Ints
    flipped: Bools
    x: Floats
    y: Floats
    edge: Ints

    def of(self, graph: RoadGraph, edge: Ints, along: Floats) -> Ints:
        """Return the segment of a place on an edge."""
        share = np.clip(along / graph.length[edge], 0.0, 1.0)
        share = np.where(self.flipped[edge], 1.0 - share, share)
        step = np.minimum((share * self.count[edge]).astype(np.int64), self.count[edge] - 1)
        return self.base[edge] + step


def segments_of(graph: RoadGraph, *, longest_m: float = 60.0) -> Segments:
    """Cut every road into equal segments of at most *longest_m*."""
    reverse, own = graph.reverse, np.arange(len(graph.u))
    flipped = (
        (reverse >= 0) & (reverse < own) & (np.abs(graph.length[reverse] - graph.length) < 0.5)
    )
    count = np.maximum(np.ceil(graph.length / longest_m).astype(np.int64), 1)
    count = np.where(flipped, count[np.where(flipped, reverse, own)], count)
    kept = np.where(flipped, 0, count)
    base = np.cumsum(kept) - kept
    base = np.where(flipped, base[np.where(flipped, reverse, own)], base)
    edge = np.repeat(own, kept)
    share = (np.arange(len(edge)) - base[edge] + 0.5) / count[edge]
    x = graph.x1[edge] + share * (graph.x2 - graph.x1)[edge]
    y = graph.y1[edge] + share * (graph.y2 - graph.y1)[edge]
    return Segments(base, count, flipped, x, y, edge)


def local_background(vehicle: Ints, t: Floats, rise: Floats) -> Floats:
    """Return each vehicle's moving low percentile of *rise*, so shifted that a usual road is nought.

    A quarter of an hour is kilometres of road: hot spots and plumes are a small part of it.
    """
    minute = (t // 60).astype(np.int64)
    key = vehicle * 10_000_000 + minute
    order = np.lexsort((rise, key))
    sorted_key = key[order]
    start = np.flatnonzero(np.concatenate([[True], np.diff(sorted_key) != 0]))
    count = np.diff(np.concatenate([start, [len(order)]]))
    middle = rise[order][start + count // 2]
    who, when = sorted_key[start] // 10_000_000, (sorted_key[start] % 10_000_000) * 60.0 + 30
    low = np.zeros(len(start))
    for v in np.unique(who):
        at = np.flatnonzero(who == v)
        lo = np.searchsorted(when[at], when[at] - _WINDOW_S)
        hi = np.searchsorted(when[at], when[at] + _WINDOW_S, side="right")
        low[at] = [np.quantile(middle[at[a:b]], _LOW) for a, b in zip(lo, hi, strict=True)]
    usual = float(np.median(middle - low))
    out = np.zeros(len(rise))
    out[order] = np.repeat(low + usual, count)
    return out


@dataclass(frozen=True)
class Passes:
    """One row per drive of a vehicle through a segment: when, how many fixes, mean increments."""

    segment: Ints
    vehicle: Ints
    t: Floats
    fixes: Ints
    rise10: Floats
    rise25: Floats
    base10: Floats


def passes_of(
    segment: Ints, vehicle: Ints, t: Floats, rise10: Floats, rise25: Floats, base10: Floats
) -> Passes:
    """Average consecutive fixes of a vehicle in one segment; rows by vehicle and time."""
    new = (np.diff(segment) != 0) | (np.diff(vehicle) != 0) | (np.diff(t) > 60)
    start = np.flatnonzero(np.concatenate([[True], new])) if len(t) else np.zeros(0, int)
    count = np.diff(np.concatenate([start, [len(t)]]))

    def mean(values: Floats) -> Floats:
        return np.add.reduceat(values, start) / count if len(start) else values

    return Passes(segment[start], vehicle[start], mean(t), count, mean(rise10), mean(rise25), mean(base10))  # fmt: skip
