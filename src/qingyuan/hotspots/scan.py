"""The scan (时空扫描): where, on which days and at which hours, passes are high again and again.

For every place a circle of road is looked at. What one vehicle saw there in one hour is one
witness; a witness says at most so much, whatever it saw, so that a plume met once proves nothing.
The best window of days and hours is chosen, and what chance alone would choose is learnt by
shifting each vehicle's readings along its own journey.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_array
from scipy.spatial import cKDTree

from qingyuan.hotspots.roads import Bools, Floats, Ints
from qingyuan.hotspots.segments import Passes

__all__ = ["Scan", "Scanned", "false_discovery", "p_values", "scan_of", "shifted", "windows_of"]

_SAID_MOST = 3.0
_WITNESSES, _VEHICLES, _HOURS = 4, 2, 2


@dataclass(frozen=True)
class Scanned:
    """The best window of each centre: statistic, window number, witnesses, median increment."""

    best: Floats
    window: Ints
    witnesses: Ints
    middle: Floats


@cache
def windows_of(days: int, first_hour: int, last_hour: int) -> tuple[tuple[int, int, int, int], ...]:
    """Return (first day, day after, first hour, hour after): runs of days, runs of ≥ 2 hours."""
    if days <= 4:
        runs = [(a, b) for a in range(days) for b in range(a + 1, days + 1)]
    else:
        lengths = sorted({2, 4, 8, 16, days} - {n for n in (2, 4, 8, 16) if n > days})
        runs = [(a, a + n) for n in lengths for a in range(0, days - n + 1, max(n // 2, 1))]
    hours = [(a, b) for a in range(first_hour, last_hour) for b in range(a + 2, last_hour + 1)]
    if len(hours) > 100:
        hours = [(a, b) for a, b in hours if (b - a) % 2 == 0]
    return tuple((a, b, c, d) for a, b in runs for c, d in hours)


class Scan:
    """Passes made ready: centres, the segments in their circles, the noise of a witness."""

    def __init__(self, passes: Passes, x: Floats, y: Floats, *, radius_m: float = 100.0) -> None:
        self.passes = passes
        self.driven, self.place = np.unique(passes.segment, return_inverse=True)
        self.x, self.y = x[self.driven], y[self.driven]
        self.tree = cKDTree(np.stack([self.x, self.y], axis=1))
        pairs = self.tree.query_pairs(radius_m, output_type="ndarray")
        n = len(self.driven)
        rows = np.concatenate([pairs[:, 0], pairs[:, 1], np.arange(n)])
        columns = np.concatenate([pairs[:, 1], pairs[:, 0], np.arange(n)])
        self.circle = csr_array((np.ones(len(rows)), (rows, columns)), shape=(n, n))
        day, hour = (
            (passes.t // 86400).astype(np.int64),
            (passes.t % 86400 // 3600).astype(np.int64),
        )
        self.day0, self.days = int(day.min()), int(day.max() - day.min()) + 1
        self.hour0, self.hour1 = int(hour.min()), int(hour.max()) + 1
        self.windows = windows_of(self.days, self.hour0, self.hour1)
        code = (passes.vehicle * self.days + day - self.day0) * 24 + hour
        self.codes, self.cell = np.unique(code, return_inverse=True)
        self.code_day = self.codes // 24 % self.days
        self.code_hour = self.codes % 24
        self.code_vehicle = self.codes // 24 // self.days
        self.noise, self.own = self._noise()

    def _noise(self) -> tuple[float, float]:
        """Return the error of one fix, and what a witness errs beyond its fixes."""
        p = self.passes
        one, many = p.fixes == 1, p.fixes >= 4
        spread = (
            1.4826 * float(np.median(np.abs(p.rise10[one] - np.median(p.rise10))))
            if one.any()
            else 8.0
        )
        if not many.any():
            return spread, 0.3 * spread
        rest = 1.4826 * float(np.median(np.abs(p.rise10[many] - np.median(p.rise10))))
        beyond = rest**2 - float(np.mean(spread**2 / p.fixes[many]))
        return spread, float(np.sqrt(max(beyond, (0.1 * spread) ** 2)))

    def witnesses(
        self, rise: Floats, some: Ints | None = None
    ) -> tuple[Ints, Ints, Floats, Floats]:
        """Return (centre, cell, mean increment, said) of every witness of the centres."""
        shape = (len(self.driven), len(self.codes))
        at = (self.place, self.cell)
        circle = self.circle if some is None else self.circle[some]
        weight = self.passes.fixes.astype(float)
        # one product for both sums keeps their entries aligned
        both = circle @ csr_array((weight + 1j * weight * rise, at), shape=shape)
        both = both.tocoo()
        count, mean = both.data.real, both.data.imag / both.data.real
        said = mean / np.sqrt(self.noise**2 / count + self.own**2)
        return both.row.astype(np.int64), both.col.astype(np.int64), mean, said

    def run(self, rise: Floats, some: Ints | None = None) -> Scanned:
        """Find the best window of each centre (all, or *some*)."""
        n = len(self.driven) if some is None else len(some)
        centre, cell, mean, said = self.witnesses(rise, some)
        heard = np.clip(said, -_SAID_MOST, _SAID_MOST)
        slots = self.days * 24
        slot = centre * slots + self.code_day[cell] * 24 + self.code_hour[cell]
        total = np.bincount(slot, heard, n * slots).reshape(n, self.days, 24)
        count = np.bincount(slot, minlength=n * slots).reshape(n, self.days, 24)
        hour_seen = (count > 0).astype(np.int64)
        sums, counts, hours = (_corner(a) for a in (total, count, hour_seen))
        best, window = np.full(n, -np.inf), np.zeros(n, dtype=np.int64)
        for number, (a, b, c, d) in enumerate(self.windows):
            k = _box(counts, a, b, c, d)
            enough = (k >= _WITNESSES) & (_box(hours, a, b, c, d) >= _HOURS)
            value = np.where(enough, _box(sums, a, b, c, d) / np.sqrt(np.maximum(k, 1)), -np.inf)
            better = value > best
            best[better], window[better] = value[better], number
        return self._persistent(best, window, centre, cell, mean)

    def _persistent(
        self, best: Floats, window: Ints, centre: Ints, cell: Ints, mean: Floats
    ) -> Scanned:
        """Keep only windows that several vehicles speak for; take their median."""
        bounds = np.array(self.windows)[window[centre]]
        day, hour = self.code_day[cell], self.code_hour[cell]
        inside = (day >= bounds[:, 0]) & (day < bounds[:, 1])
        inside &= (hour >= bounds[:, 2]) & (hour < bounds[:, 3])
        c, m, v = centre[inside], mean[inside], self.code_vehicle[cell[inside]]
        order = np.lexsort((m, c))
        c, m, v = c[order], m[order], v[order]
        count = np.bincount(c, minlength=len(best))
        start = np.cumsum(count) - count
        middle = np.full(len(best), np.nan)
        some = count > 0
        middle[some] = 0.5 * (
            m[start[some] + (count[some] - 1) // 2] + m[start[some] + count[some] // 2]
        )
        who = np.unique(c * 1_000_000 + v) // 1_000_000
        vehicles = np.bincount(who, minlength=len(best))
        best = np.where(vehicles >= _VEHICLES, best, -np.inf)
        return Scanned(best, window, count, middle)


def _corner(a: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """Return running sums over days and hours, with a leading nought."""
    out = np.zeros((len(a), a.shape[1] + 1, 25), dtype=a.dtype)
    out[:, 1:, 1:] = a.cumsum(axis=1).cumsum(axis=2)
    return out


def _box(s: npt.NDArray[Any], a: int, b: int, c: int, d: int) -> npt.NDArray[Any]:
    return s[:, b, d] - s[:, a, d] - s[:, b, c] + s[:, a, c]


def scan_of(passes: Passes, x: Floats, y: Floats, *, radius_m: float = 100.0) -> Scan:
    """Make passes ready to be scanned; *x*, *y* are the middles of all segments."""
    return Scan(passes, x, y, radius_m=radius_m)


def shifted(passes: Passes, rng: np.random.Generator) -> Floats:
    """Return increments moved along each vehicle's own day: what it saw stays together, where is lost."""
    day = (passes.t // 86400).astype(np.int64)
    key = passes.vehicle * 10_000 + day
    out = passes.rise10.copy()
    for k in np.unique(key):
        at = np.flatnonzero(key == k)
        if len(at) > 20:
            out[at] = np.roll(out[at], int(rng.integers(len(at) // 10, len(at) - len(at) // 10)))
    return out


def p_values(best: Floats, chance: Floats) -> Floats:
    """Return how often chance does as well, with an exponential tail beyond what was drawn."""
    drawn = np.sort(chance[np.isfinite(chance)])
    n = len(drawn)
    if n < 50:
        return np.ones(len(best))
    above = n - np.searchsorted(drawn, best, side="left")
    p = (above + 1.0) / (n + 1.0)
    edge = float(drawn[int(0.98 * n)])
    excess = drawn[drawn >= edge] - edge
    scale = max(float(excess.mean()), 1e-3)
    tail = len(excess) / n * np.exp(-np.maximum(best - edge, 0.0) / scale)
    p = np.where(best > edge, tail, p)
    return np.where(np.isfinite(best), np.clip(p, 1e-300, 1.0), 1.0)


def false_discovery(p: Floats, rate: float) -> Bools:
    """Return which are significant when a share *rate* of them may be false (Benjamini-Hochberg)."""
    order = np.argsort(p)
    passed = p[order] <= rate * np.arange(1, len(p) + 1) / len(p)
    last = int(np.flatnonzero(passed).max(initial=-1))
    out = np.zeros(len(p), dtype=bool)
    out[order[: last + 1]] = True
    return out
