"""Hot spots (热点): the strongest place first, fitted, taken away, and the rest looked at again."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from qingyuan.hotspots.roads import Floats, Ints
from qingyuan.hotspots.scan import Scan, Scanned, false_discovery, p_values, shifted

__all__ = ["Spot", "find_spots"]

_DRAWS = 4
_MOST = 400
_NEAR_M = 700.0
_RADII_M = (40.0, 60.0, 90.0, 130.0, 180.0, 240.0)
_SEARCH_M = np.arange(-240.0, 241.0, 20.0)
_FIT_M = 600.0
_OFF_ROAD_M = 30.0


@dataclass(frozen=True)
class Spot:
    """A persistent hot spot (持续热点): place, extent, increments in µg/m³, when it was active.

    ``merged`` tells how many weaker neighbours were taken into it.
    """

    x: float
    y: float
    radius_m: float
    increment: float
    peak: float
    p_value: float
    first_day: int
    last_day: int
    first_hour: int
    end_hour: int
    passes: int
    vehicles: int
    witnesses: int
    coarse_share: float
    background: float
    segments: Ints
    low: float = float("nan")
    high: float = float("nan")
    merged: int = 0


def find_spots(scan: Scan, *, seed: int, rate: float = 0.05, least: float = 8.0) -> list[Spot]:
    """Return the hot spots whose median increment is at least *least* µg/m³.

    Parameters
    ----------
    scan : Scan
        Passes made ready.
    seed : int
        Of the shifts that show what chance does.
    rate : float
        Share of reported places that may be false.
    """
    rng = np.random.default_rng(seed)
    chance = np.concatenate([scan.run(shifted(scan.passes, rng)).best for _ in range(_DRAWS)])
    rise = scan.passes.rise10.copy()
    now = scan.run(rise)
    p = p_values(now.best, chance)
    significant = false_discovery(p, rate)
    limit = float(p[significant].max(initial=0.0))
    best, window, middle = now.best.copy(), now.window.copy(), now.middle.copy()
    spots: list[Spot] = []
    for _ in range(_MOST):
        open_ = (p <= limit) & (middle >= least)
        if not open_.any():
            break
        top = int(np.where(open_, best, -np.inf).argmax())
        spot, model = _fit(scan, rise, top, int(window[top]), float(p[top]), rng)
        near = scan.tree.query_ball_point((scan.x[top], scan.y[top]), _NEAR_M)
        some = np.array(near, dtype=np.int64)
        rise = rise - model
        again: Scanned = scan.run(rise, some)
        best[some], window[some], middle[some] = again.best, again.window, again.middle
        p[some] = p_values(again.best, chance)
        p[top] = 1.0
        if spot is not None:
            _enter(spots, spot)
    return sorted(spots, key=lambda s: s.p_value)


def _enter(spots: list[Spot], spot: Spot) -> None:
    """Add a spot, or give its segments to the stronger one of which it is but a part."""
    for at, other in enumerate(spots):
        if _same(spot, other):
            both = np.union1d(other.segments, spot.segments)
            spots[at] = replace(other, segments=both, merged=other.merged + 1)
            return
    spots.append(spot)


def _same(a: Spot, b: Spot) -> bool:
    """Tell whether *a* is but a part of *b*, found before it: too near to be told apart."""
    apart = float(np.hypot(a.x - b.x, a.y - b.y))
    days = a.first_day <= b.last_day and b.first_day <= a.last_day
    return days and apart < float(np.clip(a.radius_m + b.radius_m, 120.0, 260.0))


def _slots(scan: Scan) -> tuple[Ints, Ints]:
    """Return day of the survey and hour of each pass."""
    day = (scan.passes.t // 86400).astype(np.int64) - scan.day0
    return day, (scan.passes.t % 86400 // 3600).astype(np.int64)


def _fit(
    scan: Scan, rise: Floats, top: int, window: int, p: float, rng: np.random.Generator
) -> tuple[Spot | None, Floats]:
    """Fit a round hill to the passes of the window; return it and what it adds to each pass.

    What is taken away is the hill at the height each hour shows, in the window or not.
    """
    a, b, c, d = scan.windows[window]
    day, hour = _slots(scan)
    away = np.hypot(scan.x - scan.x[top], scan.y - scan.y[top])[scan.place]
    inside = (day >= a) & (day < b) & (hour >= c) & (hour < d)
    at = np.flatnonzero(inside & (away <= _FIT_M))
    middle = max(float(np.median(rise[at][away[at] <= 100])), 0.0)
    value = np.minimum(rise[at], 5 * middle + 4 * scan.noise)
    weight = 1.0 / (scan.noise**2 / scan.passes.fixes[at] + scan.own**2 + (0.25 * middle) ** 2)
    x, y, radius, height = _hill(scan, top, scan.place[at], value, weight)
    hill = np.exp(-0.5 * ((scan.x - x) ** 2 + (scan.y - y) ** 2) / radius**2)[scan.place]
    slot = day * 24 + hour
    felt = np.flatnonzero(hill > 0.05)
    w = scan.passes.fixes[felt] * hill[felt]
    up = np.bincount(slot[felt], w * rise[felt], scan.days * 24)
    down = np.bincount(slot[felt], w * hill[felt], scan.days * 24)
    heights = np.clip(up / (down + 1e-9), 0.0, 1.5 * height)
    model = heights[slot] * hill
    core = at[np.hypot(scan.x - x, scan.y - y)[scan.place[at]] <= max(1.25 * radius, 80.0)]
    if len(core) < 3:
        return None, model
    return _told(scan, core, (x, y, radius, height), window, p, rng), model


def _hill(
    scan: Scan, top: int, place: Ints, value: Floats, weight: Floats
) -> tuple[float, float, float, float]:
    """Search place and radius, the height by least squares; dust lies by the road if it can."""
    count = np.bincount(place, weight, len(scan.x))
    mean = np.bincount(place, weight * value, len(scan.x))
    used = np.flatnonzero(count > 0)
    px, py, w, wv = scan.x[used], scan.y[used], count[used], mean[used]
    best, found = np.inf, (float(scan.x[top]), float(scan.y[top]), 60.0, 0.0)
    for step in (_SEARCH_M, _SEARCH_M / 10):
        gx, gy = (a.ravel() for a in np.meshgrid(found[0] + step, found[1] + step))
        d2 = (px[None, :] - gx[:, None]) ** 2 + (py[None, :] - gy[:, None]) ** 2
        off_road = scan.tree.query(np.stack([gx, gy], axis=1))[0]
        for radius in _RADII_M:
            hill = np.exp(-0.5 * d2 / radius**2)
            power = np.maximum(hill**2 @ w, 1e-9)
            height = np.maximum(hill @ wv, 0.0) / power
            cost = -(height**2) * power + (np.maximum(off_road - 20.0, 0.0) / _OFF_ROAD_M) ** 2
            k = int(cost.argmin())
            if cost[k] < best:
                best = float(cost[k])
                found = (float(gx[k]), float(gy[k]), radius, float(height[k]))
    return found


def _told(
    scan: Scan, core: Ints, found: tuple[float, float, float, float], window: int, p: float,
    rng: np.random.Generator,
) -> Spot:  # fmt: skip
    passes = scan.passes
    a, b, c, d = scan.windows[window]
    rise10, rise25 = passes.rise10[core], passes.rise25[core]
    hours = (passes.t[core] // 3600).astype(np.int64)
    blocks = [rise10[hours == h] for h in np.unique(hours)]
    drawn = [
        np.median(np.concatenate([blocks[i] for i in rng.integers(len(blocks), size=len(blocks))]))
        for _ in range(200)
    ]
    total, fine = float(np.median(rise10)), float(np.median(rise25))
    share = float(np.clip(1 - fine / total, 0, 1)) if total > 0 and np.isfinite(fine) else float("nan")  # fmt: skip
    visit = np.unique(
        np.stack([passes.vehicle[core], (passes.t[core] // 300).astype(np.int64)]), axis=1
    )
    return Spot(
        x=float(found[0]), y=float(found[1]), radius_m=float(found[2]), increment=total,
        peak=float(found[3]), p_value=p, first_day=scan.day0 + a, last_day=scan.day0 + b - 1,
        first_hour=c, end_hour=d, passes=visit.shape[1],
        vehicles=len(np.unique(passes.vehicle[core])), witnesses=len(np.unique(hours)),
        coarse_share=share, background=float(np.median(passes.base10[core])),
        segments=np.unique(passes.segment[core]), low=float(np.quantile(drawn, 0.05)),
        high=float(np.quantile(drawn, 0.95)),
    )  # fmt: skip
