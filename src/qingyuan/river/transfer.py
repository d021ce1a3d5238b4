"""Transfer functions (传递函数): from many places to one section, as arrays.

One `TransferFunction` answers for all places upstream of a section at once. Its travel times are
medians; a release there is multiplied into a concentration here by `response`. What is not known is
stated beside it: one velocity factor shared by everything on the river, each path's own error, and
the dispersion's log-normal error.

Units: hours, m³/s, g/s in and mg/L (= g/m³) out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammainc

from qingyuan.river.dispersion import DISPERSION_LN_SD
from qingyuan.river.network import Point
from qingyuan.river.transport import Transport, pulse

__all__ = ["TransferFunction", "transfers", "travel_covariance"]

Floats: TypeAlias = NDArray[np.float64]
Ints: TypeAlias = NDArray[np.int64]
Reals: TypeAlias = NDArray[np.floating[Any]]
_LEAST_H2 = 1e-6  # a place at the section itself: a spread of four seconds
_STIRRED = 0.5  # of the variance from tanks: above it the gamma, whose one-tank case is exact
_QUIET = 12.0  # standard deviations before and after which nothing passes


@dataclass(frozen=True)
class TransferFunction:
    """What releases at places become at one section (传递函数); one value per place.

    Attributes
    ----------
    section : Point
        Where it is measured; ``flow_m3_s`` is the flow there, which dilutes everything.
    places : array of int
        Which of the places asked about lie upstream; all other arrays are aligned with it.
    mean_h, variance_h2 : array
        Travel time and its spread, at median velocity and dispersion.
    survival : array
        Share that outlives decay on the way, 0 to 1.
    dated : array of bool
        False where still water lies between: connected, but the travel time is not known.
    stirred : array
        Share of the variance that reservoirs make.
    velocity_ln_sd : float
        Of the one factor that multiplies every travel time (shared along all paths).
    own_sd_h : array
        Of each path's own error; paths that share reaches share it, see `travel_covariance`.
    dispersion_ln_sd : float
        Of the factor that multiplies dispersion.
    """

    section: Point
    flow_m3_s: float
    places: Ints
    mean_h: Floats
    variance_h2: Floats
    survival: Floats
    dated: NDArray[np.bool_]
    stirred: Floats
    velocity_ln_sd: float
    own_sd_h: Floats
    dispersion_ln_sd: float = DISPERSION_LN_SD

    def response(
        self,
        time_h: Reals,
        *,
        start_h: Reals | float,
        duration_h: Reals | float,
        rate_g_s: Reals | float = 1.0,
        slowness: float = 1.0,
        spread: float = 1.0,
        only: Ints | None = None,
    ) -> NDArray[np.float32]:
        """Return concentrations in mg/L, one row per place and one column per time.

        Parameters
        ----------
        time_h : array, shape (times,)
            Ascending, on the clock of *start_h*.
        start_h, duration_h, rate_g_s : array of one value per place, or number
            The release: when, how long, how much per second.
        slowness, spread : float
            Factors on all travel times and on dispersion; 1 is the median.
        only : array of int, optional
            Rows of this transfer function to answer for; all by default.

        Notes
        -----
        Places that cannot be dated answer zero: say so, do not read it as innocence.
        """
        rows = np.arange(self.places.size) if only is None else only
        time = np.asarray(time_h, dtype=np.float32)
        start, last, rate = (
            np.broadcast_to(np.asarray(x, dtype=np.float32), rows.shape)
            for x in (start_h, duration_h, rate_g_s)
        )
        mean = np.maximum(self.mean_h[rows] * slowness, 1e-3)
        variance = np.maximum(self.variance_h2[rows] * slowness**3 * spread, _LEAST_H2)
        scale = rate * self.survival[rows] / self.flow_m3_s * self.dated[rows]
        found = np.zeros((rows.size, time.size), dtype=np.float32)
        sd = np.sqrt(variance)
        first = np.searchsorted(time, start + np.maximum(mean - _QUIET * sd, 0.0))
        behind = np.searchsorted(time, start + last + mean + _QUIET * sd)
        # places whose pulses pass at about the same time are answered together
        for block in np.array_split(np.argsort(first, kind="stable"), max(1, rows.size // 64)):
            if not block.size:
                continue
            low, high = int(first[block].min()), int(behind[block].max())
            if low >= high:
                continue
            since = time[None, low:high] - start[block, None]
            share = _share(
                since,
                duration=last[block, None],
                mean=mean[block, None].astype(np.float32),
                variance=variance[block, None].astype(np.float32),
                stirred=self.stirred[rows[block]],
            )
            found[block, low:high] = share * scale[block, None]
        return found


def _share(
    since: Reals, *, duration: Reals, mean: Reals, variance: Reals, stirred: Floats
) -> Reals:
    share = pulse(since, duration_h=duration, mean_h=mean, variance_h2=variance)
    tanks = stirred > _STIRRED
    if tanks.any():
        m, v = mean[tanks], variance[tanks]

        def passed(t: Reals) -> Reals:
            return gammainc(m * m / v, np.maximum(t, 0) * m / v)

        share[tanks] = passed(since[tanks]) - passed(since[tanks] - duration[tanks])
    return share


def transfers(
    transport: Transport,
    *,
    reach: Ints,
    position_m: Floats,
    sections: Sequence[Point],
    decay_per_day: float = 0.0,
    velocity_ln_sd: float = 0.2,
) -> tuple[TransferFunction, ...]:
    """Return one transfer function per section for the places upstream of it (传递函数).

    Cheap: every figure is a difference of sums along the river that *transport* holds already.
    """
    found = []
    for section in sections:
        above = np.flatnonzero(transport.network.is_upstream((reach, position_m), section))
        r, x = reach[above], position_m[above]
        way = transport.between(r, x, section)
        found.append(
            TransferFunction(
                section=section,
                flow_m3_s=float(transport.state.flow_m3_s[section.reach]),
                places=above,
                mean_h=way.mean_h,
                variance_h2=way.variance_h2,
                survival=transport.survival(r, x, section, decay_per_day=decay_per_day),
                dated=way.dated & (transport.state.flow_m3_s[section.reach] > 0),
                stirred=transport.stirred_share(r, x, section),
                velocity_ln_sd=velocity_ln_sd,
                own_sd_h=way.own_sd_h,
            )
        )
    return tuple(found)


def travel_covariance(functions: Sequence[TransferFunction], place: int) -> tuple[Ints, Floats]:
    """Return which of *functions* lie below a place, and the covariance (h²) of their travel times.

    On a tree all sections below a place lie on one way to the sea, so the error of the nearer one
    is a part of the error of the farther: cov = σ²·m₁m₂ + min(own₁², own₂²). Velocity error belongs
    here, not in the noise of the readings.
    """
    below, means, own = [], [], []
    for i, one in enumerate(functions):
        at = np.searchsorted(one.places, place)
        if at < one.places.size and one.places[at] == place:
            below.append(i)
            means.append(one.mean_h[at])
            own.append(one.own_sd_h[at] ** 2)
    if not below:
        return np.zeros(0, dtype=np.int64), np.zeros((0, 0))
    m, e = np.array(means), np.array(own)
    shared = functions[below[0]].velocity_ln_sd ** 2
    return np.array(below), shared * np.outer(m, m) + np.minimum.outer(e, e)
