"""Gauges (流量): correct the flow of the river and warp its clock where flow was measured.

In changing flow all velocities scale by one factor g(t) = (Q(t)/Q)^0.4 (Manning, wide channel), so
travel is steady in the river's own clock θ(t) = ∫g dt. Flow changes run ahead of the water by the
kinematic celerity; at the scale of hours that matter here the gauges' median is used as it is.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from qingyuan.river.event import Event
from qingyuan.river.network import Network

__all__ = ["VELOCITY_EXPONENT", "RiverClock", "river_clock"]

Floats: TypeAlias = NDArray[np.float64]
VELOCITY_EXPONENT = 0.4
_STEP_H = 1.0


@dataclass(frozen=True)
class RiverClock:
    """Flow against the best estimate before the event, and the clock that runs with it.

    ``hours`` is a regular grid in hours before now (≤ 0); ``flow_factor`` multiplies the given flow
    of every reach; ``warped`` is the river's clock, 0 now. ``flow_ln_sd`` is what remains unknown
    of the shared flow error.
    """

    hours: Floats
    flow_factor: Floats
    warped: Floats
    base_factor: float
    flow_ln_sd: float
    gauged: int

    def theta(self, hours: Floats) -> Floats:
        """Return the river's clock at *hours* (0 = now); beyond the grid it runs at its edge's rate."""
        before = np.minimum(hours - self.hours[0], 0.0) * self._rate(0)
        after = np.maximum(hours - self.hours[-1], 0.0) * self._rate(-1)
        return np.interp(hours, self.hours, self.warped) + before + after

    def hours_at(self, theta: Floats) -> Floats:
        """Return the hours at which the river's clock shows *theta*."""
        before = np.minimum(theta - self.warped[0], 0.0) / self._rate(0)
        after = np.maximum(theta - self.warped[-1], 0.0) / self._rate(-1)
        return np.interp(theta, self.warped, self.hours) + before + after

    def factor_at(self, hours: Floats) -> Floats:
        """Return the flow factor at *hours*."""
        return np.interp(hours, self.hours, self.flow_factor)

    def _rate(self, end: int) -> float:
        return float((self.flow_factor[end] / self.base_factor) ** VELOCITY_EXPONENT)


def river_clock(event: Event, network: Network) -> RiverClock:
    """Build the clock from the event's gauges; without gauges the flow is steady as given."""
    now = event.detected_at
    first = min((event.start - now).total_seconds() / 3600, -1.0)
    hours = np.arange(np.floor(first), 0.5 * _STEP_H, _STEP_H)
    shared = event.flow_rel_sd / np.sqrt(2)  # a part is shared, the rest is each reach's own
    curves = []
    ratios = []
    for reach_id, (times, flows) in _gauge_series(event, now).items():
        given = network.reaches[network.index[reach_id]].flow_m3_s
        if len(times) < 3 or given <= 0:
            continue
        smooth = _running_median(flows)
        curves.append(np.interp(hours, times, np.log(smooth / given)))
        ratios.append(float(np.median(curves[-1])))
    if not curves:
        flat = np.ones_like(hours)
        return RiverClock(hours, flat, hours.copy(), 1.0, event.flow_rel_sd, 0)
    own2 = shared**2 + 0.05**2
    weight = len(ratios) / own2
    trust = weight / (weight + 1 / shared**2)
    base = float(trust * np.mean(ratios))
    level = np.median(np.array(curves) - np.array(ratios)[:, None], axis=0)
    factor = np.exp(base + level)
    rate = np.exp(VELOCITY_EXPONENT * level)
    steps = np.concatenate([[0.0], np.cumsum((rate[1:] + rate[:-1]) / 2 * _STEP_H)])
    warped = steps - steps[-1]
    return RiverClock(
        hours=hours,
        flow_factor=factor,
        warped=warped - (0.0 - hours[-1]),
        base_factor=float(np.exp(base)),
        flow_ln_sd=float(np.sqrt(1 / (weight + 1 / shared**2))),
        gauged=len(ratios),
    )


def _gauge_series(event: Event, now: datetime) -> dict[str, tuple[Floats, Floats]]:
    found: dict[str, tuple[list[float], list[float]]] = {}
    for row in event.flows:
        if row.flow_m3_s is None or row.flow_m3_s <= 0 or row.flag not in ("N", ""):
            continue
        times, flows = found.setdefault(row.reach_id, ([], []))
        times.append((row.time - now).total_seconds() / 3600)
        flows.append(row.flow_m3_s)
    series = {}
    for name, (times, flows) in found.items():
        order = np.argsort(times, kind="stable")
        series[name] = (np.array(times)[order], np.array(flows)[order])
    return series


def _running_median(values: Floats, half: int = 2) -> Floats:
    padded = np.pad(values, half, mode="edge")
    windows = np.lib.stride_tricks.sliding_window_view(padded, 2 * half + 1)
    found: Floats = np.median(windows, axis=1)
    return found
