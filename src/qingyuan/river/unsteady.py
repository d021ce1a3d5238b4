"""Changing flow (非恒定流): travel where every reach keeps its own clock, set by the gauges.

In a reach all velocities scale by g(t) = (Q(t)/Q₀)^0.4 (Manning, wide channel). Water that enters
at t₀ leaves when ∫g dt has grown by the steady travel time: in that cumulative coordinate the flow
is steady. Reaches in series compose, from the section upwards; spread is carried along by the
slope of the arrival map, so a pulse that meets rising water is pressed together.
Times are hours on the clock of the caller.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from qingyuan.river.gauges import VELOCITY_EXPONENT
from qingyuan.river.network import Network, Point
from qingyuan.river.transport import Transport

__all__ = ["Arrivals", "arrivals", "flow_factors"]

Floats: TypeAlias = NDArray[np.float64]
Ints: TypeAlias = NDArray[np.int64]
_CELERITY = 5 / 3  # of flow changes against the water, kinematic wave in a wide channel


@dataclass(frozen=True)
class Arrivals:
    """When water that enters each reach's head at ``time_h`` passes the section, and how spread.

    ``arrival_h`` and ``variance_h2`` have one row per reach (NaN where it does not lead there).
    """

    transport: Transport
    section: Point
    time_h: Floats
    clock: Floats
    arrival_h: Floats
    variance_h2: Floats

    def at(self, reach: Ints, position_m: Floats, release_h: Floats) -> tuple[Floats, Floats]:
        """Return arrival (h) and variance (h²) of releases from places at their times.

        NaN where the place does not lead to the section or still water lies between.
        """
        found = np.full(reach.shape, np.nan)
        spread = np.full(reach.shape, np.nan)
        length = self.transport.network.length_m
        for i, (r, x, t) in enumerate(zip(reach, position_m, release_h, strict=True)):
            if not np.isfinite(self.arrival_h[r, 0]):
                continue
            if r == self.section.reach and x > self.section.position_m:
                continue
            # the water that is here at t entered the reach's head some time before
            entered = float(
                _leave(self.time_h, self.clock[r], t, -x / length[r] * self.transport.hours[r])
            )
            found[i] = np.interp(entered, self.time_h, self.arrival_h[r])
            whole = np.interp(entered, self.time_h, self.variance_h2[r])
            own = self.transport.variance[r] / np.interp(t, self.time_h, _pace(self, r)) ** 2
            spread[i] = max(whole - _slope(self, r, entered) ** 2 * own * x / length[r], 0.0)
        return found, spread


def _pace(self: Arrivals, reach: int) -> Floats:
    return np.gradient(self.clock[reach], self.time_h)


def _slope(self: Arrivals, reach: int, at: float) -> float:
    grid = self.time_h
    return float(np.interp(at, grid, np.gradient(self.arrival_h[reach], grid)))


def _leave(time: Floats, clock: Floats, at: Floats | float, grow: Floats | float) -> Floats:
    """Return when *clock* has grown by *grow* since *at*; outside the grid at its edge's rate."""
    return _along(clock, time, _along(time, clock, np.asarray(at, dtype=np.float64)) + grow)


def _along(x: Floats, y: Floats, at: Floats) -> Floats:
    first = (y[1] - y[0]) / (x[1] - x[0])
    last = (y[-1] - y[-2]) / (x[-1] - x[-2])
    before = np.minimum(at - x[0], 0.0) * first
    after = np.maximum(at - x[-1], 0.0) * last
    found: Floats = np.interp(at, x, y) + before + after
    return found


def arrivals(
    transport: Transport, *, section: Point, time_h: Floats, flow_factor: Floats
) -> Arrivals:
    """Compose the reaches above *section* into arrival times (非恒定流到达时间).

    Parameters
    ----------
    transport : Transport
        Travel at the flow that *flow_factor* is relative to.
    time_h : array, shape (times,)
        Equal steps; before and after them the flow stays as at the edge.
    flow_factor : array, shape (reaches, times) or (times,)
        Q(t)/Q₀ per reach, or of the whole river.
    """
    network = transport.network
    pace = np.broadcast_to(flow_factor, (len(network.reaches), time_h.size)) ** VELOCITY_EXPONENT
    step = np.diff(time_h)
    grown = np.cumsum((pace[:, 1:] + pace[:, :-1]) / 2 * step, axis=1)
    clock = np.concatenate([np.zeros((len(pace), 1)), grown], axis=1)
    arrive = np.full(pace.shape, np.nan)
    spread = np.full(pace.shape, np.nan)
    above = network.upstream_reaches(section.reach)
    for r in network.order:  # from the outlet upwards: what lies below is known
        if not above[r] or transport.still[r]:
            continue
        share = 1.0
        if r == section.reach:
            share = section.position_m / float(network.length_m[r])
        left = _leave(time_h, clock[r], time_h, transport.hours[r] * share)
        # D ∝ u, so 2DL/u³ falls with the square of the pace
        middle = _leave(time_h, clock[r], time_h, transport.hours[r] * share / 2)
        own = transport.variance[r] * share / np.interp(middle, time_h, pace[r]) ** 2
        if r == section.reach:
            arrive[r], spread[r] = left, own
            continue
        down = int(network.to[r])
        if not np.isfinite(arrive[down, 0]):
            continue
        arrive[r] = _along(time_h, arrive[down], left)
        turn = np.interp(left, time_h, np.gradient(arrive[down], time_h))
        spread[r] = np.interp(left, time_h, spread[down]) + turn**2 * own
    return Arrivals(transport, section, time_h, clock, arrive, spread)


def flow_factors(
    transport: Transport,
    gauges: Mapping[str, tuple[Floats, Floats]],
    *,
    time_h: Floats,
) -> Floats:
    """Return Q(t)/Q₀ of every reach on *time_h* from the gauges of some (流量比).

    Each reach follows the nearest gauge on its way down, else the nearest that it lies below, else
    the median of all; a change reaches a gauge after the kinematic wave's travel, 5/3 the water's
    speed, **before** the water itself. Without gauges the factor is 1.

    Parameters
    ----------
    gauges : mapping
        Reach id → times (h, ascending) and flows (m³/s, positive).
    """
    network = transport.network
    known = {
        network.index[name]: np.interp(
            time_h, times, np.log(flows / max(network.reaches[network.index[name]].flow_m3_s, 1e-9))
        )
        for name, (times, flows) in gauges.items()
        if name in network.index and len(times) > 0
    }
    count = len(network.reaches)
    if not known:
        return np.ones((count, time_h.size))
    to_outlet = transport.to_outlet[0]
    below = _gauge_below(network, set(known))
    every = np.median(np.array(list(known.values())), axis=0)
    found = np.empty((count, time_h.size))
    for r in range(count):
        gauge = below[r] if below[r] >= 0 else _gauge_above(network, r, known)
        if gauge < 0:
            found[r] = every
            continue
        lag = float(to_outlet[r] - to_outlet[gauge]) / _CELERITY
        found[r] = np.interp(time_h + lag, time_h, known[gauge])
    return np.exp(found)


def _gauge_below(network: Network, gauged: set[int]) -> list[int]:
    """Return, for each reach, the first gauged reach on its way down (−1: none)."""
    below = [-1] * len(network.reaches)
    for r in network.order:
        down = int(network.to[r])
        below[r] = int(r) if int(r) in gauged else (below[down] if down >= 0 else -1)
    return below


def _gauge_above(network: Network, reach: int, known: Mapping[int, Floats]) -> int:
    """Return the nearest gauged reach above *reach* (−1: none); of several the lowest."""
    above = network.upstream_reaches(reach)
    place = {int(r): i for i, r in enumerate(network.order)}
    return min((r for r in known if above[r]), key=lambda r: place[r], default=-1)
