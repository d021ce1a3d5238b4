from datetime import datetime, timedelta
from decimal import Decimal
from fractions import Fraction

import pyarrow.parquet as pq
import pytest

import evaluation_reference as judge
from qingyuan.core.periods import CITY_TZ
from qingyuan.readings.periods import SERIES, gather_hours
from qingyuan.scoring import AirBoard
from qingyuan.standards.air_periods import period_rules
from qingyuan.standards.aqi import rule_set

title = "北京 2013—2017 小时值 / four years of Beijing, as the plain reference has them"

COLUMNS = {"SO2": "so2", "NO2": "no2", "PM10": "pm10", "PM2.5": "pm25", "CO": "co", "O3": "o3"}


@pytest.mark.shared
def test_a_winter_of_real_hours_is_that_of_fractions(shared_data):
    rows = pq.read_table(
        shared_data / "air/beijing_prsa_8sites_2013_2017.parquet",
        filters=[("year", "=", 2014), ("month", "in", [1, 2]), ("station", "in", ["Aotizhongxin", "Tiantan"])],
    ).to_pylist()  # fmt: skip
    hours = gather_hours((row["station"], ended(row), values(row)) for row in rows)
    rules, index_rules = period_rules("HJ663-2013"), rule_set("HJ633-2012")
    board = AirBoard(hours, rules=rules, index_rules=index_rules)
    assert (len(hours.stations), hours.days) == (2, 59)
    judged = 0
    for s in range(2):
        by_day = []
        for d in range(hours.days):
            plain = {
                name: [
                    None if units < 0 else Fraction(int(units), 10 ** hours.decimals[name])
                    for units in hours.values[name][s, d]
                ]
                for name in SERIES
            }
            by_day.append({name: judge.daily(name, held) for name, held in plain.items()})
            index, _, _ = judge.day_quality(plain, "HJ633-2012")
            assert board.index.aqi[s, d] == (-1 if index is None else index)
            judged += index is not None
        for month, days in (("2014-01", by_day[:31]), ("2014-02", by_day[31:])):
            found = judge.figures({name: [day[name] for day in days] for name in SERIES})
            expected = judge.index(found, "gb3095-2012")
            assert Fraction(int(board.months[month].index[s]), 100) == expected
    assert judged > 110


def ended(row):
    """Take ``hour`` as the start of the hour; the data do not say."""
    start = datetime(row["year"], row["month"], row["day"], row["hour"], tzinfo=CITY_TZ)
    return start + timedelta(hours=1)


def values(row):
    """CO is in μg/m³ there."""
    held = {name: row[column] for column, name in COLUMNS.items()}
    exact = {
        name: None if value is None or value != value else Decimal(format(value, "g"))
        for name, value in held.items()
    }
    return exact | {"co": exact["co"] / 1000 if exact["co"] is not None else None}
