"""Matching as fixes arrive (流式匹配): each answer waits for a few fixes more, then it is final."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from qingyuan.hotspots.matching import Matched, Matcher
from qingyuan.hotspots.roads import Floats, Ints

__all__ = ["Settled", "StreamMatcher"]

_REMEMBERED = 30


@dataclass(frozen=True)
class Settled:
    """Fixes whose edge is decided: their vehicle and time, and the match."""

    vehicle: list[str]
    t: Floats
    match: Matched


class StreamMatcher:
    """Keeps a short tail of every vehicle's fixes and settles what is older than *lag* of them."""

    def __init__(self, matcher: Matcher, *, lag: int = 10) -> None:
        self._matcher, self._lag = matcher, lag
        self._tails: dict[str, tuple[Floats, int]] = {}

    def push(self, vehicle: list[str], t: Floats, x: Floats, y: Floats, speed: Floats) -> Settled:
        """Take more fixes, each vehicle's in order of time; return those now decided."""
        names = np.asarray(vehicle)
        for name in dict.fromkeys(vehicle):
            new = np.stack([c[names == name] for c in (t, x, y, speed)], axis=1)
            old, told = self._tails.get(name, (np.zeros((0, 4)), 0))
            self._tails[name] = (np.concatenate([old, new]), told)
        return self._settle(list(dict.fromkeys(vehicle)), self._lag)

    def finish(self) -> Settled:
        """Settle everything that is still waiting and forget the vehicles."""
        out = self._settle(list(self._tails), 0)
        self._tails.clear()
        return out

    def _settle(self, names: list[str], lag: int) -> Settled:
        """Match the tails of *names* together; keep what later fixes still need."""
        tails = [self._tails[name] for name in names]
        if not tails:
            return Settled(
                [], np.zeros(0), Matched(np.zeros(0, np.int64), np.zeros(0), np.zeros(0))
            )
        rows = np.concatenate([tail for tail, _ in tails])
        trace = np.repeat(np.arange(len(tails)), [len(tail) for tail, _ in tails]).astype(np.int64)
        speed = rows[:, 3] if np.isfinite(rows[:, 3]).any() else None
        found = self._matcher.match(
            trace=trace, t=rows[:, 0], x=rows[:, 1], y=rows[:, 2], speed=speed
        )
        kept: list[Ints] = []
        vehicle: list[str] = []
        start = 0
        for name, (tail, told) in zip(names, tails, strict=True):
            ready = max(len(tail) - lag, told)
            kept.append(np.arange(start + told, start + ready))
            vehicle += [name] * (ready - told)
            first = max(0, ready - _REMEMBERED)
            self._tails[name] = (tail[first:], ready - first)
            start += len(tail)
        at = np.concatenate(kept)
        settled = Matched(found.edge[at], found.along_m[at], found.away_m[at])
        return Settled(vehicle, rows[at, 0], settled)
