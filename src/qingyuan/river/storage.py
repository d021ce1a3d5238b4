"""Transient storage (暂存区): channels with dead zones, solved in the Laplace domain.

The equations of OTIS (Runkel 1998, USGS WRIR 98-4018) with lateral inflow, for the excess over the
background C:

    ∂C/∂t = −(Q/A)∂C/∂x + (1/A)∂/∂x(AD ∂C/∂x) − (q/A)C + α(S − C) − kC
    ∂S/∂t = α(A/A_S)(C − S) − k_S S

In the Laplace domain each stretch of steady flow is a linear relation of concentration and flux at
its two ends, exact; the curve comes back by a Fourier series. Mean and variance are all that the
fast transfer function of `transport` needs. `routing` solves the same equations on a grid.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

__all__ = ["Stretch", "breakthrough", "moments_of", "split_inflow", "transfer_of"]

Floats: TypeAlias = NDArray[np.float64]
Complexes: TypeAlias = NDArray[np.complex128]
_DAY, _HOUR = 86_400.0, 3600.0
_ALIAS = 1e-9  # what the periodic image of the response may add
_SILENT = 1e-8
_MOST_TERMS = 60_000
_PIECES = 8  # a stretch with lateral inflow is walked in so many steps of constant flow


@dataclass(frozen=True, slots=True)
class Stretch:
    """A length of channel with constant properties (河段参数); SI units, decay per day.

    ``flow_m3_s`` is the flow at the upper end; ``lateral_m3_s_m`` joins along the way, clean.
    """

    length_m: float
    area_m2: float
    flow_m3_s: float
    dispersion_m2_s: float
    storage_area_m2: float = 0.0
    exchange_per_s: float = 0.0
    lateral_m3_s_m: float = 0.0
    decay_per_day: float = 0.0
    storage_decay_per_day: float = 0.0

    @property
    def velocity_m_s(self) -> float:
        """Velocity at the upper end."""
        return self.flow_m3_s / self.area_m2


def split_inflow(stretches: Sequence[Stretch], *, pieces: int = _PIECES) -> list[Stretch]:
    """Return stretches of constant flow: those with lateral inflow are cut into *pieces*."""
    found: list[Stretch] = []
    for one in stretches:
        if one.lateral_m3_s_m == 0:
            found.append(one)
            continue
        step = one.length_m / pieces
        found += [
            replace(
                one,
                length_m=step,
                flow_m3_s=one.flow_m3_s + one.lateral_m3_s_m * step * (i + 0.5),
            )
            for i in range(pieces)
        ]
    return found


def transfer_of(
    stretches: Sequence[Stretch], s: Complexes, *, beyond: Sequence[Stretch] = ()
) -> Complexes:
    """Return outflow over inflow concentration at the Laplace variable *s* (1/s).

    *beyond* is the channel below the place of interest, whose last stretch goes on for ever; by
    default the last of *stretches* does. Concentration and dispersive flux are continuous where
    stretches meet, so what is reflected there is in the answer.
    """
    slope: Complexes | None = None  # AD·C'/C at the lower end of the stretch in hand
    ln_factor = np.zeros_like(s)
    below = split_inflow(beyond)
    for at, one in enumerate(reversed([*split_inflow(stretches), *below])):
        u, d = one.velocity_m_s, max(one.dispersion_m2_s, 1e-9)
        sink = _sink(one, s)
        root = np.sqrt(u * u + 4 * d * sink)
        falling, rising = -2 * sink / (u + root), (u + root) / (2 * d)
        ad = one.area_m2 * d
        slope = ad * falling if slope is None else slope
        back = (slope / ad - falling) / (rising - falling)
        echo = back * np.exp((falling - rising) * one.length_m)
        ahead = 1 - back
        slope = ad * (ahead * falling + echo * rising) / (ahead + echo)
        if at >= len(below):
            ln_factor = ln_factor + falling * one.length_m - np.log(ahead + echo)
    return np.exp(ln_factor)


def _sink(one: Stretch, s: Complexes) -> Complexes:
    """Return all first-order losses of the stream: change in time, decay, storage, dilution."""
    sink = s + one.decay_per_day / _DAY + one.lateral_m3_s_m / one.area_m2
    if one.exchange_per_s > 0 and one.storage_area_m2 > 0:
        back = one.exchange_per_s * one.area_m2 / one.storage_area_m2
        own = s + one.storage_decay_per_day / _DAY
        sink = sink + one.exchange_per_s * own / (own + back)
    return sink


def moments_of(stretches: Sequence[Stretch]) -> tuple[float, float]:
    """Return mean (h) and variance (h²) of the travel of what does not decay.

    Storage multiplies the mean by 1 + A_S/A and adds 2(A_S/A)²τ/α to the variance.
    """
    mean = variance = 0.0
    for one in split_inflow(stretches):
        u = one.velocity_m_s
        ratio = one.storage_area_m2 / one.area_m2 if one.exchange_per_s > 0 else 0.0
        tau = one.length_m / u
        mean += tau * (1 + ratio)
        variance += 2 * one.dispersion_m2_s * one.length_m / u**3 * (1 + ratio) ** 2
        if ratio:
            variance += 2 * ratio**2 * tau / one.exchange_per_s
    return mean / _HOUR, variance / _HOUR**2


def breakthrough(
    stretches: Sequence[Stretch],
    time_h: Floats,
    *,
    start_h: float,
    duration_h: float,
    beyond: Sequence[Stretch] = (),
) -> Floats:
    """Return the excess at the lower end per unit excess entering from *start_h* on (突破曲线).

    Inverted by the Fourier series of Dubner & Abate (1968), with as many terms as the narrowest
    feature needs; *beyond* as in `transfer_of`. Zero before the release; between 0 and 1 apart from 1e-8.
    """
    since = np.asarray(time_h, dtype=np.float64) - start_h
    last = max(float(since.max(initial=0.0)), duration_h, 1e-3)
    mean, _ = moments_of(stretches)
    half = 2 * max(last, mean) * _HOUR
    damping = -np.log(_ALIAS) / (2 * half)
    terms = int(np.clip(half / np.pi * _highest(stretches, beyond), 400, _MOST_TERMS))
    s = damping + 1j * np.pi * np.arange(terms + 1) / half
    step = transfer_of(stretches, s, beyond=beyond) / s
    step[0] /= 2

    def passed(hours: Floats) -> Floats:
        late = hours > 0
        t = np.where(late, hours, 0.0) * _HOUR
        found = np.zeros_like(t)
        for at in np.array_split(np.arange(t.size), max(1, t.size * terms // 2_000_000)):
            wave = np.exp(1j * np.pi / half * np.outer(t[at], np.arange(terms + 1)))
            found[at] = np.exp(damping * t[at]) / half * (wave @ step).real
        return np.where(late, found, 0.0)

    return passed(since) - passed(since - duration_h)


def _highest(stretches: Sequence[Stretch], beyond: Sequence[Stretch]) -> float:
    """Return the frequency in rad/s above which nothing comes through any more."""
    ladder = 1e-6 * 2.0 ** np.arange(40)
    through = np.abs(
        transfer_of(stretches, np.asarray(1j * ladder, dtype=np.complex128), beyond=beyond)
    )
    heard = np.flatnonzero(through > _SILENT * through[0])
    return float(ladder[min(heard[-1] + 1, ladder.size - 1)])
