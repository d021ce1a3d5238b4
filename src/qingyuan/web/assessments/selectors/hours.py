"""Hours of air (空气小时值): blocks from the store, kept while the files behind them are the same.

An hourly mean is kept to three places; what is published is rounded from it, once. The files of the
table never change, so a block is good for as long as its days consist of the very same files.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import lru_cache

import numpy as np

from qingyuan.core.periods import Period, day_of
from qingyuan.core.quantities import round_gbt8170
from qingyuan.readings.means import Mean
from qingyuan.readings.periods import Days, Hours, city_days, days_of, gather_hours
from qingyuan.readings.periods.exclusions import Exclusion, mask_of
from qingyuan.reporting import AIR_ITEMS
from qingyuan.standards.air_periods import PeriodRules
from qingyuan.store.observations import Observations
from qingyuan.web.assessments.selectors.places import Place

__all__ = ["SERIES", "days_of_place", "files_of", "hours_between"]

SERIES = tuple(AIR_ITEMS)
_NAMES = {code: name for name, code in AIR_ITEMS.items()}
_HOUR = timedelta(hours=1)
_KEPT = 3


def files_of(store: Observations, period: Period) -> tuple[str, ...]:
    """Return the files that hold a period: the same files, the same figures."""
    start, end = (round(t.timestamp() * 1_000_000) for t in (period.start, period.end))
    return tuple(sorted(store.table.files_between("time", start, end)))


def hours_between(
    store: Observations, codes: Iterable[str], first: date, last: date
) -> Hours | None:
    """Return the hourly means of stations on whole days, both inside; None when there are none."""
    period = Period(day_of(first).start, day_of(last).end)
    return _block(store, tuple(sorted(codes)), first, last, files_of(store, period))


@lru_cache(maxsize=32)
def _block(
    store: Observations, codes: tuple[str, ...], first: date, last: date, files: tuple[str, ...]
) -> Hours | None:
    if not files or not codes:
        return None
    period = Period(day_of(first).start, day_of(last).end)
    wanted = [f"air:{code}" for code in codes]
    return _gathered(store.means(wanted, list(_NAMES), period, step="hour"), first, last)


def _gathered(means: Iterable[Mean], first: date, last: date) -> Hours | None:
    rows: dict[tuple[str, datetime], dict[str, Decimal | None]] = defaultdict(dict)
    for mean in means:
        if mean.is_valid:
            code = mean.station.partition(":")[2]
            value = round_gbt8170(mean.value, _KEPT)
            rows[code, mean.period.start][_NAMES[mean.factor]] = value
    if not rows:
        return None
    found = gather_hours((code, start + _HOUR, row) for (code, start), row in sorted(rows.items()))
    length, offset = (last - first).days + 1, (found.first_day - first).days
    values = {}
    for name, cube in found.values.items():
        whole = np.full((cube.shape[0], length, 24), -1, cube.dtype)
        whole[:, offset : offset + cube.shape[1]] = cube
        values[name] = whole
    return Hours(found.stations, first, values, found.decimals)


def days_of_place(
    store: Observations,
    place: Place,
    first: date,
    last: date,
    *,
    rules: PeriodRules,
    without: Iterable[Exclusion] = (),
) -> Days | None:
    """Return the daily values of a place: its own, or the mean of its stations' concentrations."""
    hours = hours_between(store, place.stations, first, last)
    if hours is None:
        return None
    found = days_of(hours, rules=rules, without=mask_of(without, hours) or None)
    if place.is_station:
        return found
    return city_days(found, rules=rules, name=place.code)
