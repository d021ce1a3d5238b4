"""Smoothing along the way (沿程平滑): where on its route a vehicle was, from all its fixes.

A fix is off by ten metres along the road as much as across it, and edges are short: which of two
consecutive edges a fix lies on is decided by distance along the route, smoothed by a
Rauch-Tung-Striebel pass of constant speed.
"""

from __future__ import annotations

import numpy as np

from qingyuan.hotspots.roads import Floats

__all__ = ["smooth_along"]

_ACCELERATION_M_S2 = 1.0
_SPEED_ERROR_M_S = 0.7
_LOST = 1e8


def smooth_along(
    seen: Floats, dt: Floats, *, noise_m: float, speed: Floats | None, anew: Floats
) -> Floats:
    """Return smoothed distances; arrays are (steps, pieces).

    Parameters
    ----------
    seen : array
        Distance along the route as projected, m; NaN where there is no fix.
    dt : array
        Seconds since the step before.
    noise_m : float
        Error of a fix along the road, m.
    speed : array, optional
        Speed as reported, m/s; NaN where there is none.
    anew : array
        1 where the route begins anew, and nothing before says anything.
    """
    steps, pieces = seen.shape
    r, rv = noise_m**2, _SPEED_ERROR_M_S**2
    state = np.zeros((steps, 2, pieces))
    spread = np.zeros((steps, 3, pieces))
    ahead, ahead_spread = np.zeros_like(state), np.zeros_like(spread)
    s, v = seen[0].copy(), np.full(pieces, 8.0)
    a, b, c = np.full(pieces, _LOST), np.zeros(pieces), np.full(pieces, 100.0)
    for t in range(steps):
        if t:
            h = dt[t]
            q = _ACCELERATION_M_S2**2 * np.maximum(h, 0.1)
            s = s + v * h
            a = a + 2 * h * b + h * h * c + q * h * h / 3 + anew[t] * _LOST
            b = b + h * c + q * h / 2
            c = c + q
        ahead[t], ahead_spread[t] = (s, v), (a, b, c)
        there = np.isfinite(seen[t])
        gain_s, gain_v = there * a / (a + r), there * b / (a + r)
        miss = np.where(there, seen[t] - s, 0.0)
        s, v = s + gain_s * miss, v + gain_v * miss
        a, b, c = (1 - gain_s) * a, (1 - gain_s) * b, c - gain_v * b
        if speed is not None:
            heard = np.isfinite(speed[t])
            gain_s, gain_v = heard * b / (c + rv), heard * c / (c + rv)
            miss = np.where(heard, speed[t], 0.0) - v * heard
            s, v = s + gain_s * miss, v + gain_v * miss
            a, b, c = a - gain_s * b, b - gain_s * c, (1 - gain_v) * c
        state[t], spread[t] = (s, v), (a, b, c)
    return _back(state, spread, ahead, ahead_spread, dt)


def _back(state: Floats, spread: Floats, ahead: Floats, ahead_spread: Floats, dt: Floats) -> Floats:
    """Run the backward pass and return the smoothed distances."""
    steps = len(state)
    out = state[:, 0].copy()
    s, v = state[-1, 0], state[-1, 1]
    for t in range(steps - 2, -1, -1):
        h = dt[t + 1]
        a, b, c = spread[t]
        pa, pb, pc = ahead_spread[t + 1]
        whole = pa * pc - pb * pb
        ca, cb = a + h * b, b  # covariance of (s, v) now with (s, v) ahead
        da, db = b + h * c, c
        g11, g12 = (ca * pc - cb * pb) / whole, (cb * pa - ca * pb) / whole
        g21, g22 = (da * pc - db * pb) / whole, (db * pa - da * pb) / whole
        ds, dv = s - ahead[t + 1, 0], v - ahead[t + 1, 1]
        s = state[t, 0] + g11 * ds + g12 * dv
        v = state[t, 1] + g21 * ds + g22 * dv
        out[t] = s
    return out
