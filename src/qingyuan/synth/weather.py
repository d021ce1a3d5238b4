"""Weather (天气): rain, how much the land sheds, and the warmth of the water, by absolute hour."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from qingyuan.synth.chance import hourly_noise

__all__ = ["rain_mm", "runoff", "water_temperature"]

_CHANCE_BY_MONTH = (0.06, 0.07, 0.09, 0.12, 0.15, 0.22, 0.38, 0.34, 0.14, 0.10, 0.09, 0.06)
_MEMORY_H = 60
_RELEASE = np.exp(-np.arange(_MEMORY_H) / 9.0) * (1 - np.exp(-np.arange(_MEMORY_H) / 3.0))
_RELEASE /= _RELEASE.sum()
_GAIN_PER_MM = 0.75  # lateral inflow, as a multiple of dry weather, per mm of rain spread over time
_BEIJING_H = 8


def rain_mm(seed: int, first_hour: int, hours: int) -> NDArray[np.float64]:
    """Return areal rain per hour (mm) from *first_hour* (hours since 1970, UTC)."""
    first_day, last_day = first_hour // 24 - 1, (first_hour + hours) // 24
    out = np.zeros((last_day - first_day + 2) * 24)
    for day in range(first_day, last_day + 1):
        rng = np.random.default_rng([seed, 61, day])
        month = int(np.datetime64(day, "D").astype("datetime64[M]").astype(int) % 12)
        if rng.random() >= _CHANCE_BY_MONTH[month]:
            continue
        length = int(rng.integers(2, 11))
        at = (day - first_day) * 24 + int(rng.integers(0, 24))
        shape = rng.dirichlet(np.full(length, 2.0)) * rng.exponential(13.0)
        out[at : at + length] += shape[: len(out) - at]
    start = first_hour - first_day * 24
    return out[start : start + hours]


def runoff(seed: int, first_hour: int, hours: int) -> NDArray[np.float64]:
    """Return what rain adds to lateral inflow, as a multiple of dry weather (0 = dry)."""
    rain = rain_mm(seed, first_hour - _MEMORY_H, hours + _MEMORY_H)
    return _GAIN_PER_MM * np.convolve(rain, _RELEASE)[_MEMORY_H : _MEMORY_H + hours]


def water_temperature(seed: int, first_hour: int, hours: int) -> NDArray[np.float64]:
    """Return the temperature of river water (℃): season, time of day, and slow chance."""
    hour = first_hour + np.arange(hours)
    day_of_year = (hour / 24.0) % 365.25
    season = 14.5 + 12.0 * np.sin(2 * np.pi * (day_of_year - 112) / 365.25)
    daily = 1.1 * np.sin(2 * np.pi * (hour + _BEIJING_H - 9) / 24.0)
    slow = hourly_noise(seed, 67, first_hour, hours, 1)[:, 0]
    return season + daily + 0.5 * slow
