from datetime import date, timedelta
from fractions import Fraction

import ibis
import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qingyuan.readings.periods import MISSING, SERIES, Hours, months_in
from qingyuan.scoring import AirBoard, variant
from qingyuan.standards.air_periods import period_rules
from qingyuan.standards.aqi import rule_set
from qingyuan.store.air_expressions import _half_even, _sub_index, air_days, air_span, day_number

HIGH = {"so2": 900, "no2": 300, "pm10": 500, "pm25": 260, "co": 90, "o3": 900}
DECIMALS = {"so2": 0, "no2": 0, "pm10": 1, "pm25": 0, "co": 1, "o3": 0}


@pytest.fixture(scope="module")
def duck():
    return ibis.duckdb.connect(threads=1)


def world(seed, stations, days):
    rng = np.random.default_rng(seed)
    values = {}
    for name in SERIES:
        middle = rng.integers(0, HIGH[name], (stations, days, 1)) * 10 ** DECIMALS[name] // 2
        cube = np.abs(middle + rng.integers(-9, 10, (stations, days, 24)))
        gaps = rng.choice([0, 0, 0.1, 0.2, 0.4], (stations, days, 1))
        cube[rng.random(cube.shape) < gaps] = MISSING
        values[name] = cube.astype(np.int32)
    return Hours([f"S{i:02d}" for i in range(stations)], date(2026, 2, 25), values, DECIMALS)


def as_rows(hours):
    station, day, hour = np.indices((len(hours.stations), hours.days, 24))
    columns = {name: cube.ravel() for name, cube in hours.values.items()}
    names = np.array(hours.stations)[station.ravel()]
    first = day_number(hours.first_day)
    table = pa.table(
        {"station": names, "day": first + day.ravel(), "hour": hour.ravel(), **columns}
    )
    there = np.logical_or.reduce([cube.ravel() >= 0 for cube in hours.values.values()])
    return table.filter(pa.array(there))  # hours without any value are no rows


@pytest.mark.parametrize("rules", ["HJ633-2012", "HJ633-2026"])
def test_duckdb_has_every_sub_index_of_every_concentration(duck, rules):
    for period, ladders in rule_set(rules).ladders.items():
        for name, ladder in ladders.items():
            units = np.arange(ladder.steps[-1][0] + 60)
            duck.con.register("units", pa.table({"units": units}))
            table = duck.table("units")
            asked = table.mutate(index=_sub_index(table.units, ladder)).order_by("units")
            found = asked.to_pyarrow().column("index").fill_null(MISSING).to_numpy()
            assert (found == ladder.sub_indices(units)).all(), (period, name)


def test_duckdb_rounds_half_to_even(duck):
    num = np.arange(4000)
    duck.con.register("numbers", pa.table({"num": num}))
    table = duck.table("numbers")
    for den in (1, 2, 3, 4, 10, 24, 168):
        asked = table.mutate(found=_half_even(table.num, den)).order_by("num")
        assert asked.to_pyarrow().column("found").to_pylist() == [
            round(Fraction(int(one), den)) for one in num
        ]


@settings(max_examples=6, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), year=st.sampled_from(["2013", "2026"]))
def test_duckdb_gives_the_same_days_indices_and_ranks(duck, seed, year):
    hours = world(seed, stations=3, days=9)
    rules = period_rules(f"HJ663-{year}")
    index_rules = rule_set(f"HJ633-{'2012' if year == '2013' else year}")
    by = variant(rules.limits.name)
    board = AirBoard(hours, rules=rules, index_rules=index_rules, by=by)
    duck.con.register("hours", as_rows(hours))
    table = duck.table("hours")
    how = {"decimals": DECIMALS, "rules": rules}
    asked = air_days(table, **how, index_rules=index_rules)
    duck.con.register("days", asked.to_pyarrow())
    days = duck.table("days")
    rows = {(row["station"], row["day"]): row for row in days.to_pyarrow().to_pylist()}
    for s, station in enumerate(hours.stations):
        for d in range(hours.days):
            row = rows.get((station, day_number(hours.first_day + timedelta(days=d))))
            if row is None:
                assert board.index.aqi[s, d] == MISSING
                continue
            for name in SERIES:
                exact = board.days.values[name]
                assert row[f"{name}_num"] == (int(exact.num[s, d]) if exact.ok[s, d] else None)
            assert row["aqi"] == board.index.aqi[s, d]
            assert row["is_published"] == board.index.is_published[s, d]
            assert row["primary"] == board.index.primary[s, d]
    for span in months_in(hours.first_day, hours.days):
        month = board.months[span.name]
        asked = air_span(days, first=span.first, end=span.end, **how, by=by)
        found = {row["station"]: row for row in asked.to_pyarrow().to_pylist()}
        for s, station in enumerate(hours.stations):
            row = found.get(station, {})
            assert (row.get("index") if row.get("index") is not None else MISSING) == month.index[s]
            assert (row.get("rank") or 0) == month.rank[s]
