"""A station whose last days ask to be checked: one value for six days, under an honest past."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

import numpy as np

from qingyuan.core.periods import Period, city_date, day_of
from qingyuan.readings.integrity import Doubt, Series, Site, inspect, rules_at

__all__ = ["DAYS", "FROZEN", "doubt_at", "frozen_values", "hour_rows"]

DAYS = 88
FROZEN = slice(80 * 24, 86 * 24)


def frozen_values(*, seed: int = 1, mean: float = 4.0) -> np.ndarray:
    """Return 88 days of hours; the value stays from day 80 to day 86."""
    rng = np.random.default_rng(seed)
    level, out = 0.0, np.empty(DAYS * 24)
    for i in range(len(out)):
        level = 0.9 * level + rng.normal(0, 0.08)
        out[i] = mean * np.exp(level)
    out[FROZEN] = out[FROZEN.start]
    return np.round(out, 3)


def hour_rows(
    station: str, *, until: datetime, factor: str = "w21003", mn: str = "A37990000000000000000D01"
) -> Iterator[dict[str, object]]:
    """Return the values as rows of the store that end at *until*."""
    for i, value in enumerate(frozen_values()):
        at = until - timedelta(hours=DAYS * 24 - i)
        yield {
            "station": station, "factor": factor, "cn": "2061", "suffix": "Avg", "time": at,
            "text": f"{value:.3f}", "flag": "N", "unit": "mg/L", "mn": mn,
            "received_at": at + timedelta(hours=1),
        }  # fmt: skip


def doubt_at(station: str, *, at: datetime, factor: str = "w21003") -> Doubt:
    """Return the doubt about these values at a station, inspected in the night of *at*."""
    end = day_of(city_date(at)).start
    values = frozen_values()
    period = Period(end - timedelta(days=DAYS), end)
    series = Series(
        factor, int(period.start.timestamp()), 3600, values,
        tuple(f"{v:.3f}" for v in values), unit="mg/L",
    )  # fmt: skip
    site = Site(station, {factor: series}, slice(60 * 24, DAYS * 24))
    return inspect(site, rules=rules_at(city_date(at)))[0]
