from datetime import date, datetime, timedelta

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from qingyuan.core.periods import CITY_TZ
from qingyuan.store.air_hours import read_hours

FIRST = date(2026, 3, 1)
PLACES = {"pm25": 0, "co": 1}


def write(path, rows, *, zone=None, groups=2):
    station, hour, pm25, co = zip(*rows, strict=True)
    start = datetime(2026, 3, 1, tzinfo=CITY_TZ if zone else None)
    ends = [start + timedelta(hours=h) for h in hour]
    table = pa.table(
        {
            "station": pa.array(station).dictionary_encode() if zone else pa.array(station),
            "time": pa.array(ends, pa.timestamp("us", zone)),
            "pm25": pa.array(pm25, pa.float64()),
            "co": pa.array(co, pa.float64()),
        }
    )
    pq.write_table(table, path, row_group_size=groups)


def read(path, **how):
    given = {"decimals": PLACES, "first_day": FIRST, "days": 2, "stations": ["A", "B"]}
    return read_hours(path, **given | how)


@pytest.mark.parametrize("zone", [None, "UTC"])
def test_rows_in_any_order_find_their_hour(tmp_path, zone):
    rows = [("B", 24, 7, 0.3), ("A", 1, 35, 0.7), ("A", 48, 40, None), ("C", 1, 9, 0.1), ("A", 49, 9, 0.1)]  # fmt: skip
    write(tmp_path / "x.parquet", rows, zone=zone)
    hours = read(tmp_path / "x.parquet")
    assert hours.values["pm25"][0, 0, 0] == 35
    assert hours.values["pm25"][0, 1, 23] == 40
    assert hours.values["pm25"][1, 0, 23] == 7
    assert hours.values["co"][0, 0, 0] == 7
    assert hours.values["co"][0, 1, 23] == -1
    assert (hours.values["pm25"] >= 0).sum() == 3, "别的站点、范围外的小时不取"


def test_a_whole_station_in_order_is_read_as_it_lies(tmp_path):
    rows = [("B", h + 1, h, h / 10) for h in range(48)]
    write(tmp_path / "x.parquet", rows, groups=1000)
    hours = read(tmp_path / "x.parquet")
    assert hours.values["pm25"][1].ravel().tolist() == list(range(48))
    assert hours.values["co"][1].ravel().tolist() == list(range(48))


def test_values_beyond_sixteen_bits_and_not_a_number_are_kept_apart(tmp_path):
    rows = [("A", 1, 40_000.0, 0.1), ("A", 2, float("nan"), 5000.0), ("B", 1, 3.0, 0.2)]
    write(tmp_path / "x.parquet", rows)
    hours = read(tmp_path / "x.parquet")
    assert hours.values["pm25"][0, 0, :2].tolist() == [40_000, -1]
    assert hours.values["co"][0, 0, 1] == 50_000
    assert hours.values["pm25"].dtype == np.int32


def test_a_value_with_more_places_than_said_is_refused(tmp_path, raises_problem):
    write(tmp_path / "x.parquet", [("A", 1, 35.5, 0.1)])
    with raises_problem("readings.too_fine"):
        read(tmp_path / "x.parquet")
