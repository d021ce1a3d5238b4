"""Air of the city (环境空气): six pollutants and the weather at each station, by absolute hour."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from qingyuan.synth.chance import hourly_noise

__all__ = ["AIR_FACTORS", "air_hours"]

AIR_FACTORS = (
    "a34004", "a34002", "a21026", "a21004", "a21005", "a05024", "a01001", "a01002", "a01007", "a01008",
)  # fmt: skip
_BEIJING_H = 8


def air_hours(seed: int, first_hour: int, hours: int, stations: int) -> NDArray[np.float64]:
    """Return (hours, stations, factors) in the units of `core.factors`."""
    hour = first_hour + np.arange(hours)
    local = (hour + _BEIJING_H) % 24
    year = 2 * np.pi * ((hour / 24.0) % 365.25) / 365.25
    cold = 0.5 + 0.5 * np.cos(year - 0.25)  # 1 in mid-January
    city = hourly_noise(seed, 83, first_hour, hours, 6)
    stale = np.exp(0.45 * city[:, 0] + 0.25 * city[:, 1])  # stagnant spells raise everything
    here = hourly_noise(seed, 89, first_hour, hours, stations * 4).reshape(hours, stations, 4)
    place = np.random.default_rng([seed, 97]).normal(0, 0.12, stations)
    sun = np.clip(np.sin(np.pi * (local - 6) / 13), 0, None)
    traffic = 1 + 0.35 * np.exp(-((local - 8) ** 2) / 6) + 0.45 * np.exp(-((local - 20) ** 2) / 12)

    def spread(values: NDArray[np.float64], k: int, size: float) -> NDArray[np.float64]:
        return values[:, None] * np.exp(place + size * here[:, :, k])

    pm25 = spread(
        (16 + 34 * cold) * stale * (0.9 + 0.12 * np.cos(2 * np.pi * (local - 7) / 24)), 0, 0.12
    )
    pm10 = pm25 * 1.5 + spread(18 * np.exp(0.4 * city[:, 2]), 1, 0.2)
    so2 = spread((4.5 + 5 * cold) * np.sqrt(stale), 2, 0.15)
    no2 = spread((13 + 15 * cold) * traffic * np.sqrt(stale), 2, 0.12)
    co = spread((0.42 + 0.4 * cold) * traffic**0.5 * np.sqrt(stale), 1, 0.08)
    ozone = spread(32 + (128 - 88 * cold) * sun * np.exp(0.18 * city[:, 3]), 3, 0.08)
    warm = (
        13.5
        - 13 * np.cos(year - 0.35)
        + 4 * np.sin(2 * np.pi * (local - 9) / 24)
        + 1.6 * city[:, 4]
    )
    humid = np.clip(66 - 14 * np.sin(2 * np.pi * (local - 9) / 24) + 9 * city[:, 5], 18, 100)
    wind = np.clip(2.1 + 0.9 * sun - 0.5 * city[:, 0], 0.3, 12)
    heading = (170 + 60 * city[:, 3] + 25 * np.sin(2 * np.pi * local / 24)) % 360
    weather = [
        np.repeat(values[:, None], stations, axis=1) + 0.25 * here[:, :, 3] * scale
        for values, scale in ((warm, 1.0), (humid, 3.0), (wind, 0.3), (heading, 12.0))
    ]
    weather[2] = np.clip(weather[2], 0.2, None)
    weather[1] = np.clip(weather[1], 15, 100)
    weather[3] %= 360
    return np.stack([pm25, pm10, so2, no2, co, ozone, *weather], axis=-1)
