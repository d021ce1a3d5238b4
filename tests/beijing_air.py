"""Beijing 2013–2017, eight stations, hourly (shared data), as blocks of hours for bulletins.

Whether `hour` opens or closes the hour is not stated there; it is read as the start.
"""

from __future__ import annotations

from datetime import date
from pathlib import Path

import numpy as np
import pyarrow.compute as pc
import pyarrow.parquet as pq

from qingyuan.readings.periods import Hours
from qingyuan.web.bulletins.facts.air import Area

__all__ = ["STATIONS", "beijing_hours", "beijing_places"]

STATIONS = {
    "Aotizhongxin": "奥体中心", "Changping": "昌平", "Dingling": "定陵", "Dongsi": "东四",
    "Guanyuan": "官园", "Gucheng": "古城", "Huairou": "怀柔", "Nongzhanguan": "农展馆",
    "Shunyi": "顺义", "Tiantan": "天坛", "Wanliu": "万柳", "Wanshouxigong": "万寿西宫",
}  # fmt: skip
_COLUMNS = {"so2": "SO2", "no2": "NO2", "pm10": "PM10", "pm25": "PM2.5", "co": "CO", "o3": "O3"}


def beijing_hours(shared: Path, first: date, last: date) -> Hours:
    """Return the block of hours from *first* to *last*; CO in tenths of mg/m³."""
    table = pq.read_table(shared / "air" / "beijing_prsa_8sites_2013_2017.parquet")
    inside = pc.and_(
        pc.greater_equal(table["year"], first.year), pc.less_equal(table["year"], last.year)
    )
    table = table.filter(inside)
    names = sorted(set(table["station"].to_pylist()))
    row = {name: n for n, name in enumerate(names)}
    days = [
        (date(y, m, d) - first).days
        for y, m, d in zip(*(table[c].to_pylist() for c in ("year", "month", "day")), strict=True)
    ]
    at = np.array(days), np.array(table["hour"].to_pylist())
    station = np.array([row[name] for name in table["station"].to_pylist()])
    length = (last - first).days + 1
    kept = (at[0] >= 0) & (at[0] < length)
    values = {}
    for series, column in _COLUMNS.items():
        found = table[column].to_numpy(zero_copy_only=False).astype(float)
        if series == "co":
            found = found / 100  # μg/m³ → tenths of mg/m³
        whole = np.where(np.isnan(found), -1, np.rint(found)).astype(np.int64)
        cube = np.full((len(names), length, 24), -1, np.int64)
        cube[station[kept], at[0][kept], at[1][kept]] = whole[kept]
        values[series] = cube
    places = {series: 1 if series == "co" else 0 for series in _COLUMNS}
    return Hours(tuple(names), first, values, places)


def beijing_places(hours: Hours) -> tuple[Area, list[Area]]:
    """Return the city and, as its districts, the places of the stations."""
    places = [Area(name, STATIONS[name], name, (name,)) for name in hours.stations]
    return Area("beijing", "北京市", "Beijing", tuple(hours.stations)), places
