"""Tampering and drift (篡改与漂移): what a monitor says instead of what it measures, and the truth of it.

Everything here is asked by absolute time, as the rest of the world is, and draws from streams of
its own: a world without tampering says exactly what it said before this module was written.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from qingyuan.cities import City
from qingyuan.synth.chance import normal_at, uniform_at

__all__ = ["METHODS", "Drift", "Tampering", "drifting_station", "falsifiers"]

METHODS = ("clamp", "scale", "replay", "freeze", "noise")
_DAY = 86400
_HOUR = 3600
_CALIBRATION_S = 2 * _HOUR
_CHOICE, _JITTER = 211, 223  # streams
Honest = Callable[[NDArray[np.int64]], NDArray[np.float64]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Tampering:
    """One enterprise's monitor that does not say what it measures (篡改).

    Attributes
    ----------
    method : str
        ``clamp`` nothing above a height just under the limit; ``scale`` everything times a factor;
        ``replay`` one day again and again; ``freeze`` one value with a trace of jitter; ``noise``
        random numbers around a mean.
    strength : float
        The height, the factor, the relative jitter or the relative noise.
    """

    station: str
    factor: str
    method: str
    start: datetime
    end: datetime
    strength: float

    def covers(self, seconds: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Whether each instant lies in it."""
        return np.asarray(
            (seconds >= self.start.timestamp()) & (seconds < self.end.timestamp()), bool
        )

    def tell(self, honest: Honest, seconds: NDArray[np.int64], *, seed: int) -> NDArray[np.float64]:
        """Return what is said at *seconds*, all of them covered; missing stays missing."""
        began = int(self.start.timestamp())
        true = honest(seconds)
        key = sum(ord(c) * 31**k for k, c in enumerate(f"{self.station}{self.factor}"[:10]))
        chance = normal_at(seed, _JITTER, key, seconds)
        if self.method == "clamp":
            capped = self.strength * (1 - 0.006 * uniform_at(seed, _JITTER, key, seconds))
            said = np.where(true > self.strength, capped, true)
        elif self.method == "scale":
            said = true * self.strength
        elif self.method == "replay":
            said = honest(began - _DAY + (seconds - began) % _DAY)
        else:
            before = honest(began - _HOUR * np.arange(1, 25, dtype=np.int64))
            centre = before[~np.isnan(before)]
            level = float(centre[0] if self.method == "freeze" else centre.mean())
            said = level * np.maximum(1 + self.strength * chance, 0.05)
        return np.where(np.isnan(true), np.nan, said)

    def as_truth(self) -> dict[str, object]:
        """Return it as a row of the truth."""
        return {
            "station": self.station,
            "factor": self.factor,
            "method": self.method,
            "start": self.start.isoformat(),
            "end": self.end.isoformat(),
            "strength": self.strength,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Drift:
    """An analyser that drifts between calibrations (漂移); nobody's fault.

    ``per_day`` is the relative drift; every ``every_days`` a calibration of two hours, marked C,
    brings it back.
    """

    station: str
    factor: str
    start: datetime
    per_day: float
    every_days: int = 14

    def _since(self, seconds: NDArray[np.int64]) -> NDArray[np.float64]:
        return np.asarray(seconds - int(self.start.timestamp()), float)

    def factor_at(self, seconds: NDArray[np.int64]) -> NDArray[np.float64]:
        """Return what the reading is multiplied by."""
        since = self._since(seconds)
        days = (since % (self.every_days * _DAY)) / _DAY
        return np.where(since >= 0, np.maximum(1 + self.per_day * days, 0.05), 1.0)

    def calibrating(self, seconds: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Whether the analyser is being calibrated."""
        since = self._since(seconds)
        return np.asarray((since >= 0) & (since % (self.every_days * _DAY) < _CALIBRATION_S), bool)

    def as_truth(self) -> dict[str, object]:
        """Return it as a row of the truth."""
        return {
            "station": self.station,
            "factor": self.factor,
            "method": "drift",
            "start": self.start.isoformat(),
            "per_day": self.per_day,
            "every_days": self.every_days,
        }


def falsifiers(
    city: City, *, seed: int, until: datetime, spared: Sequence[str] = ()
) -> list[Tampering]:
    """Choose one enterprise for each method, with its own days before *until* (弄虚作假企业).

    Parameters
    ----------
    spared : sequence of str
        Outfalls that play another part (hidden releases) and are left alone.
    """
    limits = {(x.outfall_id, x.factor): float(x.limit) for x in city.limits}
    rows = [
        (d.station, code)
        for d in city.devices
        if d.active and d.station.startswith("outfall:") and d.station.partition(":")[2] not in spared
        for code in d.factors
        if (d.station.partition(":")[2], code) in limits
    ]  # fmt: skip
    stations = sorted({station for station, _ in rows})
    order = np.argsort(uniform_at(seed, _CHOICE, np.arange(len(stations))))
    found = []
    for k, method in enumerate(METHODS[: len(stations)]):
        station = stations[int(order[k])]
        codes = [code for of, code in rows if of == station]
        factor = codes[int(uniform_at(seed, _CHOICE, 77, k) * len(codes))]
        length = 5 + int(6 * float(uniform_at(seed, _CHOICE, 78, k)))
        limit = limits[station.partition(":")[2], factor]
        strength = {
            "clamp": 0.96 * limit,
            "scale": 0.6,
            "replay": 0.0,
            "freeze": 0.001,
            "noise": 0.08,
        }
        found.append(
            Tampering(
                station=station, factor=factor, method=method,
                start=until - timedelta(days=length + 2), end=until - timedelta(days=1),
                strength=strength[method],
            )
        )  # fmt: skip
    return found


def drifting_station(city: City, *, seed: int, until: datetime) -> Drift | None:
    """Choose one river section whose ammonia analyser drifts (漂移的站点); None without one."""
    stations = sorted(
        d.station
        for d in city.devices
        if d.active and d.station.startswith("section:") and "w21003" in d.factors
    )
    if not stations:
        return None
    chosen = stations[int(uniform_at(seed, _CHOICE, 79) * len(stations))]
    return Drift(station=chosen, factor="w21003", start=until - timedelta(days=40), per_day=0.025)
