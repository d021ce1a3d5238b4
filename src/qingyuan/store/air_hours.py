"""Air hours (小时浓度文件): Parquet files of hourly concentrations into one block of whole numbers.

Read row group by row group, so that the file is never in memory as binary floats. A double that
came from a decimal of few places gives that decimal back exactly; one that did not is refused.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, time
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from numpy.typing import NDArray

from qingyuan.core.periods import CITY_TZ
from qingyuan.readings.periods.hours import MISSING, SERIES, Hours, whole_units

__all__ = ["read_hours"]

_HOUR_US = 3_600_000_000
_BATCH = 1 << 16
_SHORT = np.iinfo(np.int16).max


def read_hours(
    path: Path,
    *,
    decimals: Mapping[str, int],
    first_day: date,
    days: int,
    stations: Sequence[str],
    station: str = "station",
    hour_end: str = "time",
    threads: int = 2,
) -> Hours:
    """Read hourly concentrations of known stations and days, in any order of rows.

    Parameters
    ----------
    decimals : mapping
        Series → places that its values have at most.
    stations : sequence of str
        Rows of other stations, and hours outside the days, are left aside.
    station, hour_end : str
        Columns: name of the station; end of the hour, an instant or a naive Beijing time.

    Raises
    ------
    Problem
        ``readings.too_fine`` when a value has more places than said.
    """
    file = pq.ParquetFile(path)
    shape = (len(stations), days, 24)
    wanted = [name for name in SERIES if name in decimals]
    names = pa.array(stations)
    zero = datetime.combine(first_day, time(), CITY_TZ)
    columns = [station, hour_end, *wanted]

    def read(group: int, cubes: Mapping[str, NDArray[np.signedinteger]]) -> bool:
        """Fill in one row group, in batches that stay in the cache; False when one is too wide."""
        with pq.ParquetFile(path, metadata=file.metadata) as mine:  # a reader serves one thread
            for part in mine.iter_batches(_BATCH, [group], columns, use_threads=False):
                at = _places(part.column(station), part.column(hour_end), names, zero, days)
                kept = at >= 0
                target, whole = _target(at, kept)
                for name, cube in cubes.items():
                    units = _whole(part.column(name), decimals[name], name)
                    if units.dtype.itemsize > cube.itemsize and units.max(initial=0) > _SHORT:
                        return False
                    cube.reshape(-1)[target] = units if whole else units[kept]
        return True

    for width in (np.int16, np.int32):
        cubes = {name: np.full(shape, MISSING, width) for name in wanted}
        with ThreadPoolExecutor(threads) as pool:
            if all(pool.map(lambda group: read(group, cubes), range(file.num_row_groups))):  # noqa: B023 -- the pool ends with the turn
                break
    return Hours(tuple(stations), first_day, cubes, dict(decimals))


def _places(
    station: pa.Array, end: pa.Array, names: pa.Array, zero: datetime, days: int
) -> NDArray[np.intp]:
    """Return where each row lies in the block; negative when it does not."""
    coded = station
    if pa.types.is_dictionary(coded.type):
        known = pc.index_in(coded.dictionary, names).fill_null(-1).to_numpy(zero_copy_only=False)
        row = known[coded.indices.to_numpy(zero_copy_only=False)]
    else:
        row = pc.index_in(coded, names).fill_null(-1).to_numpy(zero_copy_only=False)
    start = zero if end.type.tz else zero.replace(tzinfo=UTC)
    micros = end.cast(pa.timestamp("us", end.type.tz)).cast(pa.int64()).to_numpy()
    hour = (micros - int(start.timestamp()) * 1_000_000) // _HOUR_US - 1
    outside = (row < 0) | (hour < 0) | (hour >= days * 24)
    return np.where(outside, -1, row * np.intp(days * 24) + hour)


def _target(at: NDArray[np.intp], kept: NDArray[np.bool_]) -> tuple[slice | NDArray[np.intp], bool]:
    """Return where rows go, as a plain run where they are in order, and whether all are kept."""
    if not kept.all():
        return at[kept], False
    if len(at) and at[-1] - at[0] == len(at) - 1 and bool((np.diff(at) == 1).all()):
        return slice(int(at[0]), int(at[-1]) + 1), True
    return at, True


def _whole(column: pa.Array, decimals: int, name: str) -> NDArray[np.signedinteger]:
    """Return counts of the last place; a checked cast where the values are whole anyway."""
    if not decimals:
        try:
            short = column.cast(pa.int16(), safe=True).fill_null(MISSING)
        except pa.ArrowInvalid:  # a fraction, not-a-number, or beyond 16 bits
            pass
        else:
            return np.asarray(short.to_numpy(zero_copy_only=False))
    floats = np.asarray(column.to_numpy(zero_copy_only=False), np.float64)
    return whole_units(floats, decimals, column=name)
