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
from qingyuan.hotspots.roads import Bools, Floats

__all__ = ["BELIEFS", "Belief", "Humidity", "estimate_kappa", "humidity_of", "swelling"]

_DENSITY = 1.65
_WETTEST = 95.0  # beyond, droplets; no correction grows further
_KNOT_S = 1800.0
_DAMP, _SPAN = 65.0, 10.0  # % RH: below the one and within the other there is nothing to correct
_KAPPAS = np.arange(0.0, 0.8, 0.005)
_FEWEST_HOURS = 6
_STATION_SD = 2.5  # µg/m³, of an hour's mean over stations against the fleet


@dataclass(frozen=True)
class Belief:
    """What the literature says of κ before a fix is read."""

    kappa: float
    sd: float


BELIEFS = {"pm10": Belief(0.15, 0.10), "pm25": Belief(0.22, 0.10)}


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
    seen: Floats, rh: Floats, station: Floats, belief: Belief, *, offset: float, offset_sd: float
) -> tuple[float, float]:
    """Return κ and its error from what fleet and stations say in the same hours.

    Parameters
    ----------
    seen, rh, station : array
        By hour: the fleet's curve in its own scale, relative humidity in %, and the stations' mean.
        Beside κ the fleet's scale and offset are free: station = (s · seen + b) / swelling.
    belief : Belief
        Weighed in: hours of even humidity leave κ where the literature has it.
    offset, offset_sd : float
        What b / s is believed to be, and how firmly, µg/m³.
    """
    if len(seen) < _FEWEST_HOURS:
        return belief.kappa, belief.sd
    rest = np.empty(len(_KAPPAS))
    firm = _STATION_SD / offset_sd
    for k, kappa in enumerate(_KAPPAS):
        dry = 1 / swelling(rh, kappa)
        a = np.stack([np.append(seen * dry, -firm * offset), np.append(dry, firm)], axis=1)
        b = np.append(station, 0.0)
        rest[k] = float(((b - a @ np.linalg.lstsq(a, b, rcond=None)[0]) ** 2).sum())
    error = max(float(rest.min()) / max(len(seen) - 3, 1), 1.0)
    cost = 0.5 * rest / error + 0.5 * ((_KAPPAS - belief.kappa) / belief.sd) ** 2
    weight = np.exp(cost.min() - cost)
    weight /= weight.sum()
    mean = float(weight @ _KAPPAS)
    return mean, float(np.sqrt(weight @ (_KAPPAS - mean) ** 2))
