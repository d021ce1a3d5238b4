"""A day of the stretches (路段日值): the median of the means of passes, for the day and each hour."""

from __future__ import annotations

from dataclasses import dataclass
from math import isfinite
from typing import TYPE_CHECKING

import numpy as np

from qingyuan.hotspots.roads import Floats, Ints
from qingyuan.web.surveys.models import StretchDay

if TYPE_CHECKING:
    from qingyuan.web.surveys.services.night import Night

__all__ = ["VISIT_S", "stretch_days_of"]

VISIT_S = 300


@dataclass(frozen=True)
class _Visits:
    """Drives along a stretch (通过): where, whose, in which hour, and their means in µg/m³."""

    stretch: Ints
    vehicle: Ints
    hour: Ints
    rise: Floats
    pm10: Floats
    pm25: Floats

    def told(self, rows: Ints) -> tuple[float, float | None, float, int, int]:
        """Return medians of PM10, PM2.5 and increment, and the number of passes and of vehicles."""
        fine = float(np.median(self.pm25[rows]))
        return (
            round(float(np.median(self.pm10[rows])), 1),
            round(fine, 1) if isfinite(fine) else None,
            round(float(np.median(self.rise[rows])), 1),
            len(rows),
            len(np.unique(self.vehicle[rows])),
        )


def stretch_days_of(night: Night) -> list[StretchDay]:
    """Return the day's stretches (Messier 2018; air.md §9); one without a pass has no row."""
    visits = _visits(night)
    ids = dict(night.network.stretches.values_list("number", "pk"))
    rows: list[StretchDay] = []
    for number in np.unique(visits.stretch):
        mine = np.flatnonzero(visits.stretch == number)
        pm10, pm25, increment, passes, vehicles = visits.told(mine)
        hours = [
            (int(hour), *visits.told(mine[visits.hour[mine] == hour]))
            for hour in np.unique(visits.hour[mine])
        ]
        rows.append(
            StretchDay(
                run=night.run, stretch_id=ids[int(number)], day=night.run.day, pm10=pm10, pm25=pm25,
                increment=increment, passes=passes, vehicles=vehicles, hours=hours,
            )
        )  # fmt: skip
    return rows


def _visits(night: Night) -> _Visits:
    """Gather segments' passes into drives: one vehicle on one stretch within five minutes."""
    passes, segments = night.found.passes, night.found.segments
    stretch_of_edge = np.array([-1 if s is None else s for s in night.network.edges["stretch"]])
    at = np.flatnonzero((passes.t // 86400).astype(np.int64) == night.today)
    place = stretch_of_edge[segments.edge[passes.segment[at]]]
    at, place = at[place >= 0], place[place >= 0]
    bins = (passes.t[at] // VISIT_S).astype(np.int64)
    key = np.stack([place, passes.vehicle[at], bins], axis=1).astype(np.int64)
    groups, which = np.unique(key, axis=0, return_inverse=True)
    which = np.asarray(which).reshape(-1)
    weight = passes.fixes[at].astype(np.float64)
    total = np.bincount(which, weight, len(groups))

    def mean(values: Floats) -> Floats:
        return np.asarray(np.bincount(which, weight * values[at], len(groups)) / total)

    rise = mean(passes.rise10)
    fine = np.full(len(groups), np.nan)
    if night.found.pm25 is not None and len(groups):
        fine = night.found.pm25.background(mean(passes.t)) + mean(passes.rise25)
    hour = groups[:, 2] * VISIT_S // 3600 % 24  # five minutes lie in one hour
    return _Visits(groups[:, 0], groups[:, 1], hour, rise, mean(passes.base10) + rise, fine)
