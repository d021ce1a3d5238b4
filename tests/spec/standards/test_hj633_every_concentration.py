import csv
from fractions import Fraction
from itertools import pairwise
from math import ceil

import numpy as np
import pytest

import air_reference
from qingyuan.standards import aqi

title = "HJ 633 每一可表示浓度 / every representable concentration"

RULES = ["HJ633-2012", "HJ633-2026"]
CASES = [
    pytest.param(rules, period, name, ladder, id=f"{rules}-{period}-{name}")
    for rules in RULES
    for period, series in air_reference.SERIES.items()
    for name, ladder in series.items()
] + [pytest.param("HJ633-2012", "day", "o3_1h", "O3_1h", id="HJ633-2012-day-o3_1h")]
BEYOND = 60  # 末档以上再走这么多步


@pytest.mark.parametrize(("rules", "period", "name", "ladder"), CASES)
def test_every_sub_index_is_that_of_exact_fractions(rules, period, name, ladder):
    fast = aqi.rule_set(rules).ladders[period][name]
    place = 10 if name == "co" else 1
    count = air_reference.TABLES[rules][ladder][-1] * place + BEYOND + 1
    expected = [
        air_reference.sub_index(Fraction(units, place), ladder, rules) for units in range(count)
    ]
    assert [fast.sub_index(units) for units in range(count)] == expected
    found = fast.sub_indices(np.arange(count))
    assert found.tolist() == [aqi.MISSING if index is None else index for index in expected]


@pytest.mark.parametrize("rules", RULES)
def test_the_sweep_covers_the_whole_table(rules):
    held = aqi.rule_set(rules)
    covered = {
        (ladder.item, ladder.condition)
        for series in held.ladders.values()
        for ladder in series.values()
    }
    assert covered == {(row.item, row.condition) for row in held.document.rows}
    assert len(covered) == len(air_reference.TABLES[rules])


def test_binary_floats_would_go_one_too_high():
    ladder = aqi.rule_set("HJ633-2026").ladders["hour"]["co"]
    points = list(
        pairwise(zip(air_reference.TABLES["HJ633-2026"]["CO_1h"], air_reference.INDEX, strict=True))
    )

    def by_floats(value):
        (below, low), (above, high) = next(pair for pair in points if value <= pair[1][0])
        return ceil((high - low) / (above - below) * (value - below) + low)

    errors = [by_floats(tenths / 10) - ladder.sub_index(tenths) for tenths in range(1501)]
    assert (errors.count(1), errors.count(0)) == (22, 1479)


@pytest.mark.shared
def test_the_judge_has_the_breakpoints_of_the_shared_table(shared_data):
    lines = (shared_data / "air/iaqi_breakpoints.csv").read_text("utf-8").splitlines()
    checked = 0
    for row in csv.DictReader(lines):
        points = [row[f"iaqi{index}"] for index in air_reference.INDEX]
        held = air_reference.TABLES[row["standard"].replace(" ", "")][row["item"]]
        assert [int(point) for point in points if point] == list(held)
        checked += 1
    assert checked == 20
