"""Hot spots (热点): the strongest place first, fitted, taken away, and the rest looked at again."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from qingyuan.hotspots.roads import Bools, Floats, Ints
from qingyuan.hotspots.scan import Scan, Scanned, false_discovery, p_values, shifted

__all__ = ["Spot", "find_spots"]

_DRAWS = 4
_MOST = 400
_NEAR_M = 700.0
_RADII_M = (40.0, 60.0, 90.0, 130.0, 180.0, 240.0)
_SEARCH_M = np.arange(-160.0, 161.0, 20.0)


@dataclass(frozen=True)
class Spot:
    """A persistent hot spot (持续热点): place, extent, increments in µg/m³, when it was active."""

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
        if spot is not None and not any(_same(spot, other) for other in spots):
            spots.append(spot)
    return sorted(spots, key=lambda s: s.p_value)


def _same(a: Spot, b: Spot) -> bool:
    """Tell whether *a* is what was left of *b*, found before it."""
    apart = float(np.hypot(a.x - b.x, a.y - b.y))
    return (apart < max(100.0, 1.5 * b.radius_m) and a.peak < 0.6 * b.peak) or apart < 60.0


def _inside(scan: Scan, window: int) -> Bools:
    a, b, c, d = scan.windows[window]
    day = (scan.passes.t // 86400).astype(np.int64) - scan.day0
    hour = (scan.passes.t % 86400 // 3600).astype(np.int64)
    return (day >= a) & (day < b) & (hour >= c) & (hour < d)


def _fit(
    scan: Scan, rise: Floats, top: int, window: int, p: float, rng: np.random.Generator
) -> tuple[Spot | None, Floats]:
    """Fit a round hill to the passes of the window; return it and what it adds to each pass."""
    passes = scan.passes
    away = np.hypot(scan.x - scan.x[top], scan.y - scan.y[top])[scan.place]
    at = np.flatnonzero(_inside(scan, window) & (away <= 500.0))
    px, py = scan.x[scan.place[at]], scan.y[scan.place[at]]
    weight = 1.0 / (scan.noise**2 / passes.fixes[at] + (2 * scan.own) ** 2)
    ceiling = 5 * float(np.quantile(rise[at][away[at] <= 100], 0.5)) + 4 * scan.noise
    value = np.minimum(rise[at], ceiling)
    best, found = np.inf, (scan.x[top], scan.y[top], 60.0, 0.0)
    for step in (_SEARCH_M, _SEARCH_M / 8):
        x0, y0 = found[0], found[1]
        for dx in step:
            for dy in step:
                d2 = (px - x0 - dx) ** 2 + (py - y0 - dy) ** 2
                for radius in _RADII_M:
                    hill = np.exp(-0.5 * d2 / radius**2)
                    power = float(weight @ hill**2)
                    if power < 1e-9:
                        continue
                    height = max(float(weight @ (hill * value)) / power, 0.0)
                    gain = -(height**2) * power
                    if gain < best:
                        best, found = gain, (x0 + dx, y0 + dy, radius, height)
    x, y, radius, height = found
    hill = np.exp(-0.5 * ((scan.x - x) ** 2 + (scan.y - y) ** 2) / radius**2)[scan.place]
    model = np.where(_inside(scan, window), height * hill, 0.0)
    core = at[(np.hypot(px - x, py - y) <= max(radius, 60.0))]
    if len(core) < 3:
        return None, model
    return _told(scan, core, found, window, p, rng), model


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
