from datetime import timedelta

import pyarrow.compute as pc
import pytest

from qingyuan.cities import read_city, shipped_city
from qingyuan.synth import history
from qingyuan.synth.bulk import schema


@pytest.fixture(scope="module")
def town():
    return read_city(shipped_city("four_nodes"))


@pytest.fixture(scope="module")
def rows(town):
    return history(town, seed=1, until=town.epoch, days=3)


def test_the_rows_have_the_columns_of_the_store(rows):
    assert rows.schema.equals(schema())
    assert set(rows["cn"].unique().to_pylist()) == {"hist"}
    assert set(rows["suffix"].unique().to_pylist()) == {"Avg"}


def test_hours_are_whole_begin_the_days_before_and_end_at_the_epoch(town, rows):
    times = rows["time"]
    last_hour = town.epoch.replace(minute=0)
    assert pc.max(times).as_py() == last_hour - timedelta(hours=1)
    assert pc.min(times).as_py() == last_hour - timedelta(days=3)
    assert set(pc.minute(times).unique().to_pylist()) == {0}


def test_every_station_and_factor_has_its_unit_and_about_72_hours(town, rows):
    counts = (
        rows.group_by(["station", "factor", "unit"]).aggregate([("value", "count")]).to_pylist()
    )
    assert len(counts) == sum(len(d.factors) for d in town.devices)
    assert all(60 <= row["value_count"] <= 72 for row in counts)


def test_the_value_is_exactly_what_the_text_says(rows):
    assert all(float(row["text"]) == row["value"] for row in rows.slice(0, 500).to_pylist())


def test_the_day_is_the_beijing_date_of_the_hour(rows):
    for row in rows.slice(0, 200).to_pylist():
        assert row["day"] == (row["time"] + timedelta(hours=8)).date()


def test_the_same_seed_gives_the_same_rows(town, rows):
    assert history(town, seed=1, until=town.epoch, days=3).equals(rows)
