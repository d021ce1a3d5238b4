"""Hours of air (空气小时值): blocks from the store, kept while the files behind them are the same.

An hourly mean is kept to three places; what is published is rounded from it, once. The files of the
table never change, so a block is good for as long as its days consist of the very same files.
"""

from __future__ import annotations

from collections import OrderedDict, defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal
from threading import Lock

import numpy as np
from numpy.typing import NDArray

from qingyuan.core.periods import Period, day_of
from qingyuan.core.quantities import round_gbt8170
from qingyuan.readings.periods import MISSING, Days, Hours, city_days, days_of
from qingyuan.readings.periods.exclusions import Exclusion, mask_of
from qingyuan.reporting import AIR_ITEMS
from qingyuan.standards.air_periods import PeriodRules
from qingyuan.store.observations import Observations
from qingyuan.web.assessments.selectors.places import Place

__all__ = ["SERIES", "days_of_place", "files_of", "hours_between"]

SERIES = tuple(AIR_ITEMS)
_NAMES = {code: name for name, code in AIR_ITEMS.items()}
_KEPT = 3
_MOST_KEPT = 96  # stations' blocks; a year of one is 0.4 MB
_Block = dict[str, NDArray[np.int64]]
_Key = tuple[Observations, str, date, date, tuple[str, ...]]
_kept: OrderedDict[_Key, _Block] = OrderedDict()
_lock = Lock()


def files_of(store: Observations, period: Period) -> tuple[str, ...]:
    """Return the files that hold a period: the same files, the same figures."""
    start, end = (round(t.timestamp() * 1_000_000) for t in (period.start, period.end))
    return tuple(sorted(store.table.files_between("time", start, end)))


def hours_between(
    store: Observations, codes: Iterable[str], first: date, last: date
) -> Hours | None:
    """Return the hourly means of stations on whole days, both inside; None when there are none."""
    wanted = tuple(sorted(codes))
    files = files_of(store, Period(day_of(first).start, day_of(last).end))
    if not files or not wanted:
        return None
    held = {code: _kept.get((store, code, first, last, files)) for code in wanted}
    missing = tuple(code for code, block in held.items() if block is None)
    if missing:
        for code, block in _read(store, missing, first, last).items():
            held[code] = block
            _keep((store, code, first, last, files), block)
    found = [code for code in wanted if held[code] is not None and held[code]]
    if not found:
        return None
    values = {name: np.stack([held[code][name] for code in found]) for name in SERIES}  # type: ignore[index]  # `found` holds those with a block
    return Hours(tuple(found), first, values, dict.fromkeys(SERIES, _KEPT))


def _keep(key: _Key, block: _Block) -> None:
    with _lock:
        _kept[key] = block
        while len(_kept) > _MOST_KEPT:
            _kept.popitem(last=False)


def _read(store: Observations, codes: Sequence[str], first: date, last: date) -> dict[str, _Block]:
    """Return each station's hours as whole thousandths, in one question; empty where there are none."""
    period = Period(day_of(first).start, day_of(last).end)
    rows: dict[str, list[tuple[datetime, str, Decimal]]] = defaultdict(list)
    for mean in store.means([f"air:{code}" for code in codes], list(_NAMES), period, step="hour"):
        if mean.is_valid and mean.value >= 0:
            value = round_gbt8170(mean.value, _KEPT)
            rows[mean.station.partition(":")[2]].append((mean.period.start, mean.factor, value))
    days = (last - first).days + 1
    found: dict[str, _Block] = {}
    for code in codes:
        block = {name: np.full((days, 24), MISSING, np.int64) for name in SERIES}
        for start, factor, value in rows[code]:
            hour = int((start - period.start).total_seconds()) // 3600
            block[_NAMES[factor]].reshape(-1)[hour] = int(value.scaleb(_KEPT))
        found[code] = block if rows[code] else {}
    return found


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
