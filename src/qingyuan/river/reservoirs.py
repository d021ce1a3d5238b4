"""Reservoirs (水库): travel by residence time, part of it stirred, part of it pushed through.

A lake is not a slow river: its water waits volume/flow on average, and a share of the volume is
stirred, so that the first trace of a release leaves long before the mean and the last long after.
"""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from qingyuan.core.problems import Problem

__all__ = ["residence_hours", "tank_moments", "tank_step"]

Floats: TypeAlias = NDArray[np.float64]


def residence_hours(volume_m3: Floats, flow_m3_s: Floats) -> Floats:
    """Return the mean residence in hours, volume over flow; infinite without flow."""
    flowing = flow_m3_s > 0
    return np.where(flowing, volume_m3 / np.where(flowing, flow_m3_s, 1.0) / 3600, np.inf)


def tank_moments(residence_h: Floats, *, mixed_share: float) -> tuple[Floats, Floats]:
    """Return the stirred part of the residence (h) and the variance it makes (h²).

    The rest, (1 − *mixed_share*) of the residence, is plug flow and adds no variance.
    """
    if not 0 <= mixed_share <= 1:
        raise Problem("river.bad_mixed_share", given=mixed_share)
    stirred = mixed_share * residence_h
    return stirred, stirred**2


def tank_step(
    time_h: Floats, *, residence_h: float, mixed_share: float = 1.0, decay_per_h: float = 0.0
) -> Floats:
    """Return the outflow of a reservoir after a unit step of its inflow (exact).

    A plug of (1 − m)T followed by a stirred tank of mT, with first-order decay in both.
    """
    stirred, _ = tank_moments(np.array(residence_h), mixed_share=mixed_share)
    wait = residence_h - float(stirred)
    since = np.maximum(np.asarray(time_h) - wait, 0.0)
    kept = np.exp(-decay_per_h * wait)
    if stirred <= 0:
        return np.where(np.asarray(time_h) >= wait, kept, 0.0)
    rate = 1 / float(stirred) + decay_per_h
    return kept / (1 + decay_per_h * float(stirred)) * -np.expm1(-rate * since)
