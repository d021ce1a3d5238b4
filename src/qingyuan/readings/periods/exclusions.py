"""Exclusions (剔除): hours left out of a second statistic, with who, when, why and on what evidence.

Nothing is deleted: the hours stay, and the statistic with them stays beside the one without.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from qingyuan.core.periods import Period
from qingyuan.readings.periods.hours import Hours

__all__ = ["Exclusion", "mask_of"]


@dataclass(frozen=True, slots=True)
class Exclusion:
    """Hours of some stations that a decision leaves out (剔除时段).

    ``stations`` empty means all; ``items`` are series (``pm10 pm25``). An hour is left out when it
    lies wholly in the period.
    """

    period: Period
    items: tuple[str, ...]
    reason: str
    stations: tuple[str, ...] = ()
    decided_by: str = ""
    decided_at: datetime | None = None
    evidence: tuple[str, ...] = ()

    def covers(self, station: str, series: str, hour: Period) -> bool:
        """Whether one hour of one series is left out."""
        return (
            series in self.items
            and (not self.stations or station in self.stations)
            and self.period.start <= hour.start
            and hour.end <= self.period.end
        )


def mask_of(exclusions: Iterable[Exclusion], hours: Hours) -> dict[str, NDArray[np.bool_]]:
    """Return the hours left out, by series, in the shape of the block."""
    masks: dict[str, NDArray[np.bool_]] = {}
    for one in exclusions:
        first, last = _reach(one.period, hours)
        rows = _rows(one.stations, hours.stations)
        for name in one.items:
            if name in hours.values and first < last:
                mask = masks.setdefault(name, np.zeros(hours.values[name].shape, np.bool_))
                flat = mask.reshape(len(hours.stations), -1)
                flat[rows, first:last] = True
    return masks


def _reach(period: Period, hours: Hours) -> tuple[int, int]:
    """Return the first hour of the block wholly inside, and the one after the last."""
    zero = hours.label(0, -1)
    first = -((zero - period.start).total_seconds() // 3600)
    last = (period.end - zero).total_seconds() // 3600
    return max(0, int(first)), max(0, min(int(last), hours.days * 24))


def _rows(named: Sequence[str], stations: Sequence[str]) -> NDArray[np.intp]:
    return np.array([i for i, one in enumerate(stations) if not named or one in named], np.intp)
