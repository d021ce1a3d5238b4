"""Transport (输移): what a release becomes on its way down the network.

In steady flow a reach of length L delays by L/u and spreads by 2DL/u³ (flux form); in series means
and variances add (Taylor 1954; Fischer et al. 1979). The response to a unit step is the inverse
Gaussian distribution with these moments, which is the exact solution of the uniform channel; the
tracer itself uses the log-normal of equal mean and variance, whose skewness 3c + c³ differs from
the inverse Gaussian's 3c only in third order of the coefficient of variation c.
Times are hours.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy.special import log_ndtr, ndtr

from qingyuan.river.hydraulics import Hydraulics, hydraulics
from qingyuan.river.network import Network, Point

__all__ = ["Moments", "Transport", "mixed", "pulse", "step_response", "transport_of"]

Floats: TypeAlias = NDArray[np.float64]
Ints: TypeAlias = NDArray[np.int64]
Reals: TypeAlias = NDArray[np.floating[Any]]
_HOUR = 3600.0


@dataclass(frozen=True)
class Moments:
    """Travel from places to a section: hours, hours², and the spread of what is not known.

    ``own_sd_h`` is the error of the mean from each reach's own velocity error (independent
    between reaches); the river-wide velocity factor multiplies ``mean_h`` and is not in it.
    ``dated`` is false where still water lies between (a closed gate).
    """

    mean_h: Floats
    variance_h2: Floats
    own_sd_h: Floats
    dated: NDArray[np.bool_]


@dataclass(frozen=True)
class Transport:
    """Cumulated travel to the outlet per reach, so that any pair of places is a subtraction."""

    network: Network
    state: Hydraulics
    hours: Floats
    variance: Floats
    own: Floats
    still: Floats
    to_outlet: tuple[Floats, Floats, Floats, Floats]

    def _at(self, kind: int, per_reach: Floats, reach: Ints, position: Floats) -> Floats:
        part = position / self.network.length_m[reach]
        found: Floats = self.to_outlet[kind][reach] - part * per_reach[reach]
        return found

    def between(self, reach: Ints, position: Floats, section: Point) -> Moments:
        """Return the moments from places upstream to *section*; the caller checks *upstream*."""
        at = np.array([section.reach])
        here = np.array([section.position_m])

        def part(kind: int, per_reach: Floats) -> Floats:
            found = self._at(kind, per_reach, reach, position) - self._at(kind, per_reach, at, here)
            return np.maximum(found, 0.0)

        return Moments(
            mean_h=part(0, self.hours),
            variance_h2=part(1, self.variance),
            own_sd_h=np.sqrt(part(2, self.own)),
            dated=part(3, self.still) < 1e-9,
        )


def transport_of(network: Network, *, flow_m3_s: Floats, own_velocity_sd: float) -> Transport:
    """Prepare the travel of every reach at *flow_m3_s*.

    A reservoir is one stirred tank with the residence time volume/flow: its variance is the square
    of its mean. Still water (a closed gate) adds nothing and is counted, never guessed.
    """
    reaches = network.reaches
    column = {
        name: np.array([getattr(r, name) for r in reaches], dtype=np.float64)
        for name in ("slope", "manning_n", "bottom_width_m", "side_slope")
    }
    state = hydraulics(flow_m3_s, **column)
    moving = state.velocity_m_s > 0
    u = np.where(moving, state.velocity_m_s, 1.0)
    hours = np.where(moving, network.length_m / u / _HOUR, 0.0)
    spread = 2 * state.dispersion_m2_s * network.length_m / u**3 / _HOUR**2
    tank = np.array([r.kind == "reservoir" for r in reaches])
    variance = np.where(moving, np.where(tank, hours**2, spread), 0.0)
    own = (own_velocity_sd * hours) ** 2
    still = (~moving).astype(np.float64)
    parts = (hours, variance, own, still)
    return Transport(
        network=network,
        state=state,
        hours=hours,
        variance=variance,
        own=own,
        still=still,
        to_outlet=(
            network.accumulate(parts[0]),
            network.accumulate(parts[1]),
            network.accumulate(parts[2]),
            network.accumulate(parts[3]),
        ),
    )


def step_response(time_h: Floats, *, mean_h: Floats | float, variance_h2: Floats | float) -> Floats:
    """Return the share of a unit step that has passed after *time_h* (flux form, exact).

    Ogata–Banks with the third-type inlet read as flux: the distribution function of the inverse
    Gaussian with the given mean and variance; 0 before the step.
    """
    shape = np.asarray(mean_h, dtype=np.float64) ** 3 / variance_h2
    late = np.asarray(time_h) > 0
    t = np.where(late, time_h, 1.0)
    root = np.sqrt(shape / t)
    first = ndtr(root * (t / mean_h - 1))
    second = np.exp(2 * shape / mean_h + log_ndtr(-root * (t / mean_h + 1)))
    return np.where(late, first + second, 0.0)


def pulse(
    time_h: Reals,
    *,
    duration_h: Reals | float,
    mean_h: Reals | float,
    variance_h2: Reals | float,
) -> Reals:
    """Return the response at *time_h* since release start to a unit pulse of *duration_h*.

    Log-normal of matched moments; broadcasts its arguments; between 0 and 1; single
    precision in gives single precision out.
    """
    ratio = np.asarray(variance_h2) / np.asarray(mean_h) ** 2
    scale2 = np.log1p(ratio)
    scale = np.sqrt(np.maximum(scale2, 1e-8))
    centre = np.log(mean_h) - scale2 / 2

    def passed(t: Reals) -> Reals:
        late = t > 0
        found = ndtr((np.log(np.where(late, t, 1.0)) - centre) / scale)
        return np.where(late, found, 0.0)

    return passed(np.asarray(time_h)) - passed(np.asarray(time_h) - duration_h)


def mixed(
    flow_a_m3_s: float, concentration_a: float, flow_b_m3_s: float, concentration_b: float
) -> tuple[float, float]:
    """Return flow and concentration below a confluence: water and mass are conserved."""
    flow = flow_a_m3_s + flow_b_m3_s
    mass = flow_a_m3_s * concentration_a + flow_b_m3_s * concentration_b
    return flow, mass / flow
