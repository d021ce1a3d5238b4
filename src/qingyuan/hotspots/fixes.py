"""Fixes (定位点): what the vehicles sent, as columns, and why a fix is rejected (剔除原因)."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from qingyuan.hotspots.roads import Floats, Ints

__all__ = ["REASONS", "Fixes", "check_fixes", "noise_of", "rejected_counts", "unbroken"]

REASONS = ("", "duplicate", "speed", "jump", "range", "stuck", "off_road")
_FASTEST_M_S = 40.0
_LARGEST = 5000.0
_STUCK_FIXES, _STUCK_S = 20, 60.0


@dataclass(frozen=True)
class Fixes:
    """One row per fix, by vehicle and then time.

    ``vehicle`` numbers the names in ``vehicles``; ``t`` is seconds from midnight of the first day,
    local time; ``row`` is the place in the file; what was not sent is NaN.
    """

    vehicles: tuple[str, ...]
    vehicle: Ints
    t: Floats
    x: Floats
    y: Floats
    speed: Floats
    pm10: Floats
    pm25: Floats
    rh: Floats
    row: Ints

    def __len__(self) -> int:
        return len(self.t)

    def at(self, kept: npt.NDArray[np.bool_] | Ints) -> Fixes:
        """Return the fixes of these rows."""
        columns = ("vehicle", "t", "x", "y", "speed", "pm10", "pm25", "rh", "row")
        return replace(self, **{name: getattr(self, name)[kept] for name in columns})

    def in_order(self) -> Fixes:
        """Return the fixes by vehicle, then time, then row."""
        return self.at(np.lexsort((self.row, self.t, self.vehicle)))


def noise_of(fixes: Fixes) -> float:
    """Estimate the error of each coordinate, m, from how far fixes lie off their neighbours' middle."""
    even = _triple(fixes.vehicle, fixes.t)
    if even.sum() < 100:
        return 8.0
    off = [c[:-2] - 2 * c[1:-1] + c[2:] for c in (fixes.x, fixes.y)]
    spread = np.median(np.abs(np.concatenate([o[even] for o in off]))) * 1.4826 / np.sqrt(6)
    return float(np.clip(spread, 3.0, 30.0))


def _triple(vehicle: Ints, t: Floats) -> npt.NDArray[np.bool_]:
    step = np.diff(t)
    same = (vehicle[:-2] == vehicle[2:]) & (step[1:] == step[:-1])
    even: npt.NDArray[np.bool_] = same & (step[1:] <= 10)
    return even


def check_fixes(fixes: Fixes) -> npt.NDArray[np.int8]:
    """Return for each fix (in order) 0, or the number of its reason in `REASONS`."""
    reason = np.zeros(len(fixes), dtype=np.int8)
    if not len(fixes):
        return reason
    again = np.concatenate([[False], (np.diff(fixes.vehicle) == 0) & (np.diff(fixes.t) == 0)])
    reason[again] = 1
    reason[(reason == 0) & (fixes.speed > _FASTEST_M_S)] = 2
    _mark_jumps(fixes, reason)
    bad = ~((fixes.pm10 >= 0) & (fixes.pm10 <= _LARGEST))
    bad |= (fixes.pm25 < 0) | (fixes.pm25 > _LARGEST) | (fixes.rh < 0) | (fixes.rh > 105)
    reason[(reason == 0) & bad] = 4
    for values in (fixes.pm10, fixes.pm25):
        stuck = _stuck(fixes, values)
        reason[(reason == 0) & stuck] = 5
    return reason


def _mark_jumps(fixes: Fixes, reason: npt.NDArray[np.int8]) -> None:
    """Mark fixes off the way from the one before to the one after; twice, for neighbours."""
    far = max(60.0, 8 * noise_of(fixes))
    for _ in range(3):
        kept = np.flatnonzero((reason == 0) | (reason >= 4))
        if len(kept) < 3:
            return
        x, y, t, who = fixes.x[kept], fixes.y[kept], fixes.t[kept], fixes.vehicle[kept]
        step = np.hypot(np.diff(x), np.diff(y))
        across = np.hypot(x[2:] - x[:-2], y[2:] - y[:-2])
        near = (who[2:] == who[:-2]) & (t[2:] - t[:-2] <= 60)
        detour = near & (step[:-1] + step[1:] > across + 2 * far)
        same = who[1:] == who[:-1]
        fast = same & (step > _FASTEST_M_S * np.diff(t) + far)
        marked = np.zeros(len(kept), dtype=bool)
        marked[1:-1] = detour
        lone = marked & ~np.concatenate([[False], marked[:-1]])
        late = np.zeros(len(kept), dtype=bool)
        late[1:] = fast & ~marked[:-1] & ~marked[1:] & (np.diff(t) <= 60)
        found = lone | late
        if not found.any():
            return
        reason[kept[found]] = 3


def _stuck(fixes: Fixes, values: Floats) -> npt.NDArray[np.bool_]:
    """Find runs of one value longer than chance allows, given how often values repeat."""
    same = (np.diff(fixes.vehicle) == 0) & (np.diff(values) == 0)
    shares = [
        float(same[fixes.vehicle[1:] == v].mean()) if (fixes.vehicle == v).sum() > 50 else 0.1
        for v in range(len(fixes.vehicles))
    ]
    usual = float(np.clip(np.median(shares), 0.02, 0.8))
    longest = max(_STUCK_FIXES, int(np.ceil(np.log(1e-4 / len(values)) / np.log(usual))))
    start = np.flatnonzero(np.concatenate([[True], ~same]))
    count = np.diff(np.concatenate([start, [len(values)]]))
    lasted = fixes.t[start + count - 1] - fixes.t[start]
    out: npt.NDArray[np.bool_] = np.repeat((count >= longest) & (lasted >= _STUCK_S), count)
    return out


def rejected_counts(fixes: Fixes, reason: npt.NDArray[np.int8]) -> list[dict[str, object]]:
    """Count the rejected fixes by vehicle, day (0 the first) and reason."""
    day = (fixes.t // 86400).astype(np.int64)
    bad = reason > 0
    key = np.stack([fixes.vehicle[bad], day[bad], reason[bad]], axis=1)
    if not len(key):
        return []
    rows, counts = np.unique(key, axis=0, return_counts=True)
    return [
        {"vehicle_id": fixes.vehicles[v], "day": int(d), "reason": REASONS[r], "fixes": int(n)}
        for (v, d, r), n in zip(rows, counts, strict=True)
    ]


def unbroken(fixes: Fixes, *, pause_s: float = 60.0) -> Ints:
    """Return numbers of journeys: a new one for each vehicle and after each pause."""
    new = (np.diff(fixes.vehicle) != 0) | (np.diff(fixes.t) > pause_s)
    return np.cumsum(np.concatenate([[0], new])).astype(np.int64)[: len(fixes)]
