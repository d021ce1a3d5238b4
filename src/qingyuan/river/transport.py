"""Transport (输移): what a release becomes on its way down the network.

In steady flow a reach of length L delays by L/u and spreads by 2DL/u³ (flux form); in series means
and variances add (Taylor 1954; Fischer et al. 1979). The response to a unit step is the inverse
Gaussian distribution with these moments, which is the exact solution of the uniform channel; the
tracer itself uses the log-normal of equal mean and variance, whose skewness 3c + c³ differs from
the inverse Gaussian's 3c only in third order of the coefficient of variation c.
First-order decay tilts the inverse Gaussian into another one, so it costs a factor per reach.
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
from qingyuan.river.reservoirs import tank_moments

__all__ = ["Moments", "Storage", "Transport", "mixed", "pulse", "step_response", "transport_of"]

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
class Storage:
    """Dead zones beside the stream (暂存区), one value per reach or one for all.

    ``ratio`` is A_S/A, ``exchange_per_s`` the exchange coefficient α of the OTIS equations.
    """

    ratio: Floats | float
    exchange_per_s: Floats | float


@dataclass(frozen=True)
class Transport:
    """Cumulated travel to the outlet per reach, so that any pair of places is a subtraction.

    Hours and hours² per reach; ``tank_h`` is the part of ``hours`` spent in stirred water.
    """

    network: Network
    state: Hydraulics
    hours: Floats
    variance: Floats
    own: Floats
    still: Floats
    to_outlet: tuple[Floats, Floats, Floats, Floats]
    tank_h: Floats

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

    def survival(
        self, reach: Ints, position: Floats, section: Point, *, decay_per_day: float
    ) -> Floats:
        """Return the share of a release that outlives first-order decay on its way to *section*.

        In a channel exp(μ²/v·(1 − √(1 + 2kv/μ))) with the reach's mean μ and variance v, which is
        exact for the inverse Gaussian; in a stirred tank 1/(1 + kT), in its plug part exp(−kT).
        """
        if decay_per_day <= 0:
            return np.ones(len(reach))
        k = decay_per_day / 24
        flowing = np.maximum(self.variance - self.tank_h**2, 0.0)
        plug = self.hours - self.tank_h
        shape = np.divide(plug**2, flowing, out=np.zeros_like(plug), where=flowing > 0)
        tilt = -np.expm1(0.5 * np.log1p(2 * k * np.divide(plug, np.maximum(shape, 1e-300))))
        ln_kept = np.where(shape > 0, shape * tilt, -k * plug) - np.log1p(k * self.tank_h)
        down = self.network.accumulate(ln_kept)
        length = self.network.length_m
        far = down[reach] - position / length[reach] * ln_kept[reach]
        near = (
            down[section.reach]
            - section.position_m / length[section.reach] * (ln_kept[section.reach])
        )
        return np.exp(np.minimum(far - near, 0.0))

    def stirred_share(self, reach: Ints, position: Floats, section: Point) -> Floats:
        """Return which share of the variance between comes from stirred tanks, 0 to 1."""
        square = self.tank_h**2
        down = self.network.accumulate(square)
        length = self.network.length_m
        far = down[reach] - position / length[reach] * square[reach]
        near = (
            down[section.reach]
            - section.position_m / length[section.reach] * (square[section.reach])
        )
        variance = self.between(reach, position, section).variance_h2
        return np.clip((far - near) / np.maximum(variance, 1e-30), 0.0, 1.0)


def transport_of(
    network: Network,
    *,
    flow_m3_s: Floats,
    own_velocity_sd: float,
    residence_h: Floats | None = None,
    mixed_share: float = 1.0,
    storage: Storage | None = None,
) -> Transport:
    """Prepare the travel of every reach at *flow_m3_s*.

    Parameters
    ----------
    network : Network
        The river; one value per reach in the arrays below.
    flow_m3_s : array
        Flow; zero is still water (a closed gate): it adds nothing and is counted, never guessed.
    own_velocity_sd : float
        Each reach's own relative velocity error.
    residence_h : array, optional
        Residence time of reservoirs in hours where it is known, NaN elsewhere; otherwise
        volume of the reach's geometry over flow.
    mixed_share : float
        Of a reservoir's volume, stirred (1 = one tank, 0 = plug flow); see `tank_moments`.
    storage : Storage, optional
        Dead zones: the mean grows by 1 + A_S/A, the variance by what the waiting adds
        (means and variances of OTIS' equations, exact).
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
    tank = np.array([r.kind == "reservoir" for r in reaches]) & moving
    if residence_h is not None:
        hours = np.where(tank & np.isfinite(residence_h), residence_h, hours)
    if storage is not None:
        waits = np.asarray(storage.exchange_per_s, dtype=np.float64) > 0
        ratio = np.where(waits & ~tank, storage.ratio, 0.0)
        alpha_h = np.where(waits, storage.exchange_per_s, 1.0) * _HOUR
        spread = spread * (1 + ratio) ** 2 + 2 * ratio**2 * hours / alpha_h
        hours = hours * (1 + ratio)
    stirred, stirred_variance = tank_moments(hours, mixed_share=mixed_share)
    variance = np.where(moving, np.where(tank, stirred_variance, spread), 0.0)
    tank_h = np.where(tank, stirred, 0.0)
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
        tank_h=tank_h,
    )


def step_response(
    time_h: Floats,
    *,
    mean_h: Floats | float,
    variance_h2: Floats | float,
    decay_per_h: float = 0.0,
) -> Floats:
    """Return the share of a unit step that has passed after *time_h* (flux form, exact).

    Ogata–Banks with the third-type inlet read as flux: the distribution function of the inverse
    Gaussian with the given mean and variance; 0 before the step. With decay at *decay_per_h* the
    tilted distribution, which is Ogata–Banks with decay.
    """
    shape = np.asarray(mean_h, dtype=np.float64) ** 3 / variance_h2
    tilted = 1 / np.sqrt(1 / np.asarray(mean_h) ** 2 + 2 * decay_per_h / shape)
    kept = np.exp(shape / mean_h - shape / tilted)
    late = np.asarray(time_h) > 0
    t = np.where(late, time_h, 1.0)
    root = np.sqrt(shape / t)
    first = ndtr(root * (t / tilted - 1))
    second = np.exp(2 * shape / tilted + log_ndtr(-root * (t / tilted + 1)))
    return np.where(late, kept * (first + second), 0.0)


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
