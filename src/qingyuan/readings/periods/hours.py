"""Hours (小时浓度): the concentrations of many stations as one block of whole numbers.

An hour of ambient air is labelled by its END: 16 时 is 15:00–16:00, and 24 时 (0 时 of the next
day) is the last of its day. Labels are turned into starts at the border, so that hour 0 of a day
here is [0:00, 1:00) Beijing time.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal

import numpy as np
from numpy.typing import NDArray

from qingyuan.core.periods import CITY_TZ, in_city
from qingyuan.core.problems import Problem
from qingyuan.readings.periods.exact import MISSING

__all__ = ["MISSING", "SERIES", "Hours", "gather_hours", "whole_units"]

SERIES = ("so2", "no2", "pm10", "pm25", "co", "o3")
_HOUR = timedelta(hours=1)
_PIECE = 1 << 15
_NEAR = 1e-4  # of the last place; single precision keeps 1e-7 of the value


@dataclass(frozen=True, slots=True, eq=False)
class Hours:
    """Hourly concentrations (小时浓度).

    Attributes
    ----------
    stations : sequence of str
    first_day : date
        Beijing date of day 0.
    values : mapping
        Series → integers of shape (stations, days, 24); counts of the last kept place; negative
        where there is no valid value.
    decimals : mapping
        Series → places: CO in tenths of mg/m³ has 1.
    """

    stations: Sequence[str]
    first_day: date
    values: Mapping[str, NDArray[np.signedinteger]]
    decimals: Mapping[str, int]

    @property
    def days(self) -> int:
        """How many days the block holds."""
        return int(next(iter(self.values.values())).shape[1])

    def place(self, hour_end: datetime) -> tuple[int, int]:
        """Return day and hour of the hour that ends at *hour_end*."""
        start = in_city(hour_end) - _HOUR
        return (start.date() - self.first_day).days, start.hour

    def label(self, day: int, hour: int) -> datetime:
        """Return the end of an hour, by which it is known."""
        midnight = datetime.combine(self.first_day + timedelta(days=day), time(), CITY_TZ)
        return midnight + _HOUR * (hour + 1)

    def day_slice(self, day: int) -> Hours:
        """Return the block of one day."""
        return Hours(
            self.stations,
            self.first_day + timedelta(days=day),
            {name: cube[:, day : day + 1] for name, cube in self.values.items()},
            self.decimals,
        )


def gather_hours(
    rows: Iterable[tuple[str, datetime, Mapping[str, Decimal | None]]],
    *,
    series: Sequence[str] = SERIES,
) -> Hours:
    """Gather rows of (station, end of the hour, values) into a block, exactly.

    Stations keep the order in which they first appear; of two rows for the same hour the later
    speaks. Negative values are missing here: whoever reads them says so.
    """
    held = list(rows)
    names = list(dict.fromkeys(station for station, _, _ in held))
    number = {name: i for i, name in enumerate(names)}
    starts = [in_city(end) - _HOUR for _, end, _ in held]
    first = min((start.date() for start in starts), default=date(1970, 1, 1))
    last = max((start.date() for start in starts), default=first)
    shape = (len(names), (last - first).days + 1, 24)
    at = tuple(
        np.array(part, np.intp)
        for part in (
            [number[station] for station, _, _ in held],
            [(start.date() - first).days for start in starts],
            [start.hour for start in starts],
        )
    )
    values, decimals = {}, {}
    for name in series:
        column = [row.get(name) for _, _, row in held]
        decimals[name] = max((_places(value) for value in column if value is not None), default=0)
        cube = np.full(shape, MISSING, np.int64)
        cube[at] = [_units(value, decimals[name]) for value in column]
        values[name] = cube
    return Hours(tuple(names), first, values, decimals)


def whole_units(
    values: NDArray[np.float64], decimals: int, *, column: str = ""
) -> NDArray[np.int32]:
    """Return counts of the last place from binary floats that stand for decimals; exact or refused.

    A double nearest to a decimal of few places gives it back; not-a-number and negatives are
    missing.

    Raises
    ------
    Problem
        ``readings.too_fine`` when a value has more places than *decimals*.
    """
    found = np.empty(len(values), np.int32)
    scaled, whole = np.empty(_PIECE), np.empty(_PIECE)  # pieces that stay in the cache
    for start in range(0, len(values), _PIECE):
        piece = values[start : start + _PIECE]
        mine, rounded = scaled[: len(piece)], whole[: len(piece)]
        np.multiply(piece, 10.0**decimals, out=mine)
        np.copyto(mine, MISSING, where=~(mine >= 0))  # not-a-number too
        np.rint(mine, out=rounded)
        found[start : start + _PIECE] = rounded
        np.abs(np.subtract(mine, rounded, out=mine), out=mine)
        if mine.max(initial=0.0) > _NEAR:
            given = piece[int(mine.argmax())]
            raise Problem("readings.too_fine", column=column, given=given, decimals=decimals)
    return found


def _places(value: Decimal) -> int:
    exponent = value.normalize().as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0


def _units(value: Decimal | None, places: int) -> int:
    return MISSING if value is None or value < 0 else int(value.scaleb(places))
