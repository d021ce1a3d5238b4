"""Days (日均值): daily means, largest 8-h means of ozone and their validity, for many stations.

Work is done hour by hour across stations and days, which is the order in which a processor likes
it, in blocks that stay in its cache. Sums are whole numbers; a day is kept as a fraction.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from math import lcm

import numpy as np
from numpy.typing import NDArray

from qingyuan.core.periods import CITY_TZ
from qingyuan.readings.periods.exact import Exact
from qingyuan.readings.periods.hours import MISSING, Hours, gather_hours
from qingyuan.standards.air_periods import PeriodRules

__all__ = ["Days", "city_days", "days_of", "gather_days", "put_day"]

_BLOCK = 1 << 19  # hours of one block
Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class Days:
    """Daily values of many stations (日统计值).

    Attributes
    ----------
    values : mapping
        Series → exact values of shape (stations, days): 24-h means, for ``o3`` the largest 8-h mean
        and for ``o3_1h`` the largest hour; none where the day is not valid.
    counts : mapping
        Series → how many hours (8-h means for ``o3``) each day has.
    """

    stations: Sequence[str]
    first_day: date
    values: Mapping[str, Exact]
    counts: Mapping[str, NDArray[np.uint8]]

    @property
    def length(self) -> int:
        """How many days."""
        return int(next(iter(self.values.values())).ok.shape[1])

    def units(self, places: Mapping[str, int]) -> dict[str, NDArray[np.int64]]:
        """Return each series rounded to its place (GB/T 8170), ``MISSING`` where not valid."""
        return {name: values.rounded(places[name]) for name, values in self.values.items()}


def days_of(
    hours: Hours,
    *,
    rules: PeriodRules,
    without: Mapping[str, Mask] | None = None,
    grade: int = 2,
) -> Days:
    """Return the daily values of a block of hours.

    Parameters
    ----------
    rules : PeriodRules
        How many hours make a day, how the 8-h means lie, and the limit that a largest 8-h mean of
        too few must exceed to count.
    without : mapping, optional
        Series → hours to leave out (shape of the block), such as confirmed sand-dust hours.
    grade : int
        Grade of the area, for that limit.
    """
    values: dict[str, Exact] = {}
    counts: dict[str, NDArray[np.uint8]] = {}
    for name, cube in hours.values.items():
        mask = (without or {}).get(name)
        places = hours.decimals[name]
        if name == "o3":
            limit = int(rules.limit("o3", "mda8", grade=grade).value)
            values[name], counts[name] = _mda8(cube, mask, places, rules, limit)
            values["o3_1h"], counts["o3_1h"] = _largest(cube, mask, places, rules)
        else:
            values[name], counts[name] = _means(cube, mask, places, rules)
    return Days(hours.stations, hours.first_day, values, counts)


def gather_days(
    rows: Iterable[tuple[str, date, Mapping[str, Decimal | None]]], *, series: Sequence[str]
) -> Days:
    """Gather rows of (station, day, daily values) that were computed elsewhere, exactly.

    Of two rows for the same day the later speaks; negative values are missing.
    """
    held = [
        (station, datetime.combine(day, time(1), CITY_TZ), values) for station, day, values in rows
    ]
    block = gather_hours(held, series=series)
    found = {}
    for name, cube in block.values.items():
        units = cube[:, :, 0]
        found[name] = Exact.of(units, np.array(10 ** block.decimals[name], np.int64), units >= 0)
    return Days(
        block.stations,
        block.first_day,
        found,
        {name: value.ok.astype(np.uint8) for name, value in found.items()},
    )


def city_days(
    days: Days, *, rules: PeriodRules, name: str, members: Sequence[int] | None = None
) -> Days:
    """Return the daily values of a city: means of its stations' concentrations (城市日均值).

    A day counts with enough of the stations. Never the mean or the largest of station indices.
    """
    rows = np.arange(len(days.stations)) if members is None else np.asarray(members, np.intp)
    values: dict[str, Exact] = {}
    counts: dict[str, NDArray[np.uint8]] = {}
    for series, held in days.values.items():
        part = held.take(rows)
        turned = Exact(part.num.T, part.den if part.den.ndim == 0 else part.den.T, part.ok.T)
        mean, count = turned.mean(), part.ok.sum(axis=0)
        enough = count * 100 >= rules.city_percent * len(rows)
        kept = Exact.of(mean.num, mean.den, mean.ok & enough)
        values[series] = Exact(kept.num[None], _rows(kept.den), kept.ok[None])
        counts[series] = count[None].astype(np.uint8)
    return Days((name,), days.first_day, values, counts)


def put_day(days: Days, at: int, day: Days) -> None:
    """Write the only day of *day* over day *at* of *days*, in place: for whoever owns the block."""
    for name, held in days.values.items():
        held.num[:, at] = day.values[name].num[:, 0]
        held.ok[:, at] = day.values[name].ok[:, 0]
        days.counts[name][:, at] = day.counts[name][:, 0]


def _rows(den: NDArray[np.int64]) -> NDArray[np.int64]:
    return den if den.ndim == 0 else den[None]


def _blocks(
    cube: NDArray[np.signedinteger], mask: Mask | None
) -> list[tuple[slice, NDArray[np.signedinteger]]]:
    """Cut the block by stations."""
    return [
        (slice(start, start + step), cube[start : start + step])
        for step in [max(1, _BLOCK // max(1, cube.shape[1] * 24))]
        for start in range(0, cube.shape[0], step)
    ]


def _by_hour(
    cube: NDArray[np.signedinteger], mask: Mask | None, part: slice
) -> NDArray[np.signedinteger]:
    """Return a block with hours first and station-days behind, negative where there is none."""
    found = cube[part]
    if mask is not None:
        found = np.where(mask[part], MISSING, found)
    return np.ascontiguousarray(found.reshape(-1, 24).T)


def _sums(
    by_hour: NDArray[np.signedinteger],
) -> tuple[NDArray[np.signedinteger], NDArray[np.uint8]]:
    """Return sum and count over the hours."""
    wide = np.int32 if by_hour.dtype.itemsize <= 2 else np.int64
    there = by_hour >= 0
    total = np.where(there, by_hour, 0).sum(axis=0, dtype=wide)
    return total, there.sum(axis=0, dtype=np.uint8)


def _means(
    cube: NDArray[np.signedinteger], mask: Mask | None, places: int, rules: PeriodRules
) -> tuple[Exact, NDArray[np.uint8]]:
    shape = cube.shape[:2]
    total, count = np.zeros(shape, np.int64), np.zeros(shape, np.uint8)
    for part, _ in _blocks(cube, mask):
        sums, found = _sums(_by_hour(cube, mask, part))
        total[part], count[part] = sums.reshape(-1, shape[1]), found.reshape(-1, shape[1])
    common = lcm(*range(rules.day_hours, 25))
    factor = np.array([common // n if n >= rules.day_hours else 0 for n in range(25)], np.int64)
    den = np.array(common * 10**places, np.int64)
    return Exact.of(total * factor[count], den, count >= rules.day_hours), count


def _mda8(
    cube: NDArray[np.signedinteger], mask: Mask | None, places: int, rules: PeriodRules, limit: int
) -> tuple[Exact, NDArray[np.uint8]]:
    """Return the largest 8-h mean of each day and how many valid 8-h means it had."""
    shape = cube.shape[:2]
    best, windows = np.zeros(shape, np.int64), np.zeros(shape, np.uint8)
    common = lcm(*range(rules.window_hours, rules.window + 1))
    factor = np.array(
        [common // n if n >= rules.window_hours else -1 for n in range(rules.window + 1)], np.int64
    )
    for part, _ in _blocks(cube, mask):
        by_hour = _by_hour(cube, mask, part)
        found = _largest_window(by_hour, factor, rules)
        best[part] = found[0].reshape(-1, shape[1])
        windows[part] = found[1].reshape(-1, shape[1])
    value = Exact.of(best, np.array(common * 10**places, np.int64), windows > 0)
    ok = (windows >= rules.windows) | (value.ok & (value.rounded(0) > limit))
    return Exact.of(value.num, value.den, ok), windows


def _largest_window(
    by_hour: NDArray[np.signedinteger], factor: NDArray[np.int64], rules: PeriodRules
) -> tuple[NDArray[np.int64], NDArray[np.uint8]]:
    wide = np.int32 if by_hour.dtype.itemsize <= 2 else np.int64
    there = by_hour >= 0
    clean = np.where(there, by_hour, 0).astype(wide)
    total = clean[: rules.window].sum(axis=0, dtype=wide)
    count = there[: rules.window].sum(axis=0, dtype=np.int8)
    scale = factor.astype(wide)
    best, windows = np.full(total.shape, MISSING, wide), np.zeros(total.shape, np.uint8)
    for start in range(rules.first_end - rules.window, 24 - rules.window + 1):
        if start > rules.first_end - rules.window:
            total += clean[start + rules.window - 1] - clean[start - 1]
            count += there[start + rules.window - 1].view(np.int8) - there[start - 1].view(np.int8)
        np.maximum(
            best, np.where(count >= rules.window_hours, total * scale[count], MISSING), out=best
        )
        windows += count >= rules.window_hours
    return best.astype(np.int64), windows


def _largest(
    cube: NDArray[np.signedinteger], mask: Mask | None, places: int, rules: PeriodRules
) -> tuple[Exact, NDArray[np.uint8]]:
    shape = cube.shape[:2]
    best, count = np.zeros(shape, np.int64), np.zeros(shape, np.uint8)
    for part, _ in _blocks(cube, mask):
        by_hour = _by_hour(cube, mask, part)
        best[part] = by_hour.max(axis=0).reshape(-1, shape[1])
        count[part] = (by_hour >= 0).sum(axis=0, dtype=np.uint8).reshape(-1, shape[1])
    return Exact.of(best, np.array(10**places, np.int64), count >= rules.max1h_hours), count
