import csv
import gzip
from decimal import Decimal

import pytest

from qingyuan.standards import aqi

title = "HJ 633-2012 复算全国实时发布 / the national feed of 2018-02-20 07:00, computed again"

COLUMNS = {"so2": "so2", "no2": "no2", "co": "co", "pm10": "pm10", "pm25": "pm2_5"}
CURRENT_OZONE = "o3_24h"  # 该发布中 o3 是当日最大值，o3_24h 才是当前小时


@pytest.fixture(scope="module")
def rows(shared_data):
    name = shared_data / "air/cnemc_snapshot_20180220T07_two_thirds.csv.gz"
    with gzip.open(name, "rt", encoding="utf-8") as lines:
        return list(csv.DictReader(lines))


def evaluated(row, ozone):
    columns = {**COLUMNS, "o3": ozone, "so2_24h": "so2_24h"}
    values = {name: Decimal(row[key]) if row[key] else None for name, key in columns.items()}
    return aqi.evaluate(values, period="hour", rules=aqi.rule_set("HJ633-2012"))


@pytest.mark.shared
def test_every_published_index_class_and_primary_pollutant_is_reproduced(rows):
    published = [(row, evaluated(row, CURRENT_OZONE)) for row in rows if row["aqi"]]
    misses = [
        row["stationcode"]
        for row, found in published
        if (str(found.aqi), found.primary_shown, found.level.category)
        != (row["aqi"], row["primarypollutant"], row["quality"])
    ]
    assert (len(rows), len(published), misses) == (995, 981, [])
    assert sum(bool(row["primarypollutant"]) for row, _ in published) == 620


@pytest.mark.shared
def test_the_rows_without_an_index_have_no_data_but_for_one(rows):
    silent = [evaluated(row, CURRENT_OZONE) for row in rows if not row["aqi"]]
    assert [found.missing for found in silent if found.aqi is not None] == [("pm25",)]
    assert sum(found.aqi is None for found in silent) == 13


@pytest.mark.shared
def test_the_column_called_o3_is_the_wrong_one(rows):
    wrong = sum(str(evaluated(row, "o3").aqi) != row["aqi"] for row in rows if row["aqi"])
    assert wrong == 132
