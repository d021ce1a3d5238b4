"""Routing (逐格计算): the equations of `storage` on a fine grid, for checks and unequal channels.

Conservative finite volumes in space, Crank–Nicolson in time with the storage zone eliminated, as
OTIS does it; second order in both. The tracer itself never routes: it uses transfer functions.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csc_matrix, diags
from scipy.sparse.linalg import splu

from qingyuan.river.storage import Stretch

__all__ = ["route"]

Floats: TypeAlias = NDArray[np.float64]
_DAY, _HOUR = 86_400.0, 3600.0


def route(
    stretches: Sequence[Stretch],
    inflow: Callable[[Floats], Floats],
    *,
    time_h: Floats,
    at_m: Sequence[float],
    cell_m: float = 1.0,
) -> Floats:
    """Return the excess concentration at places over time (逐格输移).

    Parameters
    ----------
    stretches : sequence of Stretch
        From the upper end down; let the last reach well beyond the last place.
    inflow : callable
        Hours → concentration held at the upper end (first-type boundary).
    time_h : array
        Equal steps; nothing is in the channel at the first.
    at_m : sequence of float
        Distances from the upper end.
    cell_m : float
        Greatest length of a cell.

    Returns
    -------
    array, shape (times, places)
    """
    dx, props = _cells(stretches, cell_m)
    rate, entering = _rates(dx, props)
    dt = float(time_h[1] - time_h[0]) * _HOUR
    alpha = props["exchange"]
    waits = (alpha > 0) & (props["storage"] > 0)
    back = np.where(waits, alpha * props["area"] / np.where(waits, props["storage"], 1.0), 0.0)
    alpha = np.where(waits, alpha, 0.0)
    # S(n+1) = keep·S(n) + feed·(C(n) + C(n+1)), Crank–Nicolson of the storage equation
    below = 1 + dt / 2 * (back + props["storage_decay"])
    keep, feed = (2 - below) / below, dt / 2 * back / below
    own = diags(alpha * (1 - feed))
    n = dx.size
    identity = diags(np.ones(n))
    solve = splu(csc_matrix(identity - dt / 2 * (rate - own))).solve
    explicit = csc_matrix(identity + dt / 2 * (rate - diags(alpha * (1 - feed))))
    held = np.asarray(inflow(np.asarray(time_h, dtype=np.float64)), dtype=np.float64)
    centre = np.cumsum(dx) - dx / 2
    main, zone = np.zeros(n), np.zeros(n)
    found = np.zeros((len(time_h), len(at_m)))
    for i in range(1, len(time_h)):
        right = explicit @ main + dt / 2 * alpha * (1 + keep) * zone
        right[0] += dt / 2 * entering * (held[i - 1] + held[i])
        after = solve(right)
        zone = keep * zone + feed * (main + after)
        main = after
        found[i] = np.interp(
            at_m, np.concatenate([[0.0], centre]), np.concatenate([[held[i]], main])
        )
    return found


def _cells(stretches: Sequence[Stretch], cell_m: float) -> tuple[Floats, dict[str, Floats]]:
    dx: list[Floats] = []
    columns: dict[str, list[Floats]] = {}
    for one in stretches:
        count = max(2, int(np.ceil(one.length_m / cell_m)))
        width = one.length_m / count
        dx.append(np.full(count, width))
        values = {
            "area": one.area_m2,
            "storage": one.storage_area_m2,
            "exchange": one.exchange_per_s,
            "dispersion": one.dispersion_m2_s,
            "decay": one.decay_per_day / _DAY,
            "storage_decay": one.storage_decay_per_day / _DAY,
        }
        for name, value in values.items():
            columns.setdefault(name, []).append(np.full(count, value))
        edges = np.asarray(
            one.flow_m3_s + one.lateral_m3_s_m * width * np.arange(count + 1), dtype=np.float64
        )
        columns.setdefault("flow_in", []).append(edges[:-1])
        columns.setdefault("flow_out", []).append(edges[1:])
    return np.concatenate(dx), {k: np.concatenate(v) for k, v in columns.items()}


def _rates(dx: Floats, p: dict[str, Floats]) -> tuple[csc_matrix, float]:
    """Return the matrix of dC/dt without storage, and the coefficient of the inflow."""
    volume = p["area"] * dx
    # at a face: the length-weighted mean of C, and AD in series
    left, right = dx[:-1], dx[1:]
    share = right / (left + right)
    ad = p["area"] * p["dispersion"]
    across = 2 * ad[:-1] * ad[1:] / (left * ad[1:] + right * ad[:-1])
    flow = p["flow_out"][:-1]
    n = dx.size
    centre = -p["decay"].copy()
    centre[:-1] -= (flow * share + across) / volume[:-1]
    centre[1:] += (flow * (1 - share) - across) / volume[1:]
    upper = (across - flow * (1 - share)) / volume[:-1]
    lower = (flow * share + across) / volume[1:]
    door = 2 * ad[0] / dx[0]
    centre[0] -= door / volume[0]
    centre[n - 1] -= p["flow_out"][-1] / volume[-1]
    entering = float((p["flow_in"][0] + door) / volume[0])
    matrix = diags([lower, centre, upper], [-1, 0, 1], format="csc")
    return matrix, entering
