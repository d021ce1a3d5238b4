"""Humidity (湿度): how much larger an optical sensor sees particles that have taken up water.

κ-Köhler in terms of mass: seen / dry = 1 + κ / 1.65 · a / (1 − a), with a the water activity, here
relative humidity / 100, and 1.65 g/cm³ the dry density (form as used by Crilley et al. 2018,
Atmos. Meas. Tech. 11, 709; the constants unverified against the original). κ of 0.15 to 0.29 for
PM2.5 and 0.05 to 0.13 for the coarse part were derived from low-cost optical counters (Huang et al.
2024, Atmos. Meas. Tech. 17, 6073, abstract); the beliefs below are the middle of these.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from qingyuan.hotspots.fixes import Fixes
from qingyuan.hotspots.level import Anchor, Common, common_of
from qingyuan.hotspots.roads import Bools, Floats

__all__ = ["BELIEFS", "Belief", "Humidity", "Kappa", "estimate_kappa", "humidity_of", "swelling"]

_DENSITY = 1.65
_WETTEST = 95.0  # beyond, droplets; no correction grows further
_KNOT_S = 1800.0
_DAMP, _SPAN = 65.0, 10.0  # % RH: below the one and within the other there is nothing to correct
_KAPPAS = np.arange(0.0, 0.8, 0.005)
_STRIDE = 16


@dataclass(frozen=True)
class Belief:
    """What is believed before a fix is read: κ (literature), and what offset a batch of sensors has.

    Nought, within ``offset_width`` µg/m³: half as much for PM2.5, of which there is half.
    """

    kappa: float
    sd: float
    offset_width: float


BELIEFS = {"pm10": Belief(0.15, 0.10, 2.0), "pm25": Belief(0.22, 0.10, 1.0)}


@dataclass(frozen=True)
class Kappa:
    """κ and its standard error; ``scale_se`` is what that error makes of every gain, relative."""

    kappa: float
    se: float
    scale_se: float


@dataclass(frozen=True)
class Humidity:
    """The fleet's relative humidity as one curve of time, %: a sensor in a warm lamp errs alone."""

    t: Floats
    rh: Floats

    @property
    def varies(self) -> bool:
        """Whether it was damp at times and drier at others, so that swelling can be told."""
        low, high = np.quantile(self.rh, [0.05, 0.95])
        return bool(high >= _DAMP and high - low >= _SPAN)


def humidity_of(fixes: Fixes, good: Bools) -> Humidity | None:
    """Return the median of each half hour, or None where fewer than half of the fixes say."""
    known = good & np.isfinite(fixes.rh)
    if not known.any() or known.sum() < 0.5 * good.sum():
        return None
    slot = (fixes.t[known] // _KNOT_S).astype(np.int64)
    order = np.lexsort((fixes.rh[known], slot))
    slot, value = slot[order], fixes.rh[known][order]
    start = np.flatnonzero(np.concatenate([[True], np.diff(slot) != 0]))
    count = np.diff(np.concatenate([start, [len(slot)]]))
    middle = np.asarray((slot[start] + 0.5) * _KNOT_S, dtype=np.float64)
    return Humidity(middle, value[start + count // 2])


def swelling(rh: Floats, kappa: float) -> Floats:
    """Return seen over dry mass at a relative humidity in %, for κ."""
    activity = np.clip(rh, 0.0, _WETTEST) / 100.0
    return 1.0 + kappa / _DENSITY * activity / (1.0 - activity)


def estimate_kappa(
    seen: Floats, rh: Floats, hours: Anchor, belief: Belief,
    *, offset: tuple[float, float], drift: tuple[float, float],
) -> Kappa:  # fmt: skip
    """Return κ, its error and what it does to the scale, from fleet and stations in the same hours.

    Parameters
    ----------
    seen, rh : array
        By hour and part of it: the fleet's curve in its own scale, relative humidity in %.
    hours : Anchor
        What the stations said. Beside κ the fleet's scale, offset and drift are free (`common_of`).
    belief : Belief
        Weighed in: hours of even humidity leave κ where the literature has it.
    offset, drift : (float, float)
        The fleet's middle ones now, and how far from nought they may be.
    """
    if not len(seen):
        return Kappa(belief.kappa, belief.sd, 0.0)

    def fitted(drier: list[Floats], variance: float | None) -> list[Common]:
        return [
            common_of((seen * dry).mean(axis=1), dry.mean(axis=1), hours,
                      offset=offset, drift=drift, variance=variance)
            for dry in drier
        ]  # fmt: skip

    drier = [1 / swelling(rh, kappa) for kappa in _KAPPAS]
    told = fitted(drier, min(c.variance for c in fitted(drier[::_STRIDE], None)))
    cost = (
        0.5 * np.array([c.lost for c in told]) + 0.5 * ((_KAPPAS - belief.kappa) / belief.sd) ** 2
    )
    weight = np.exp(cost.min() - cost)
    weight /= weight.sum()
    logs = np.log([c.scale for c in told])
    mean, scale = float(weight @ _KAPPAS), float(weight @ logs)
    return Kappa(
        mean,
        float(np.sqrt(weight @ (_KAPPAS - mean) ** 2)),
        float(np.sqrt(weight @ (logs - scale) ** 2)),
    )
