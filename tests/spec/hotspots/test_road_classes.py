"""Road classes as one city's table has them."""

from __future__ import annotations

import pytest

from qingyuan.hotspots import read_road_classes

title = "济南道路扬尘分级（2019，未核对原文）/ road classes of Jinan (unverified)"


@pytest.mark.parametrize(
    ("item", "value", "expected"),
    [
        pytest.param("pm10", 250, "orange", id="PM10-恰为250仍为橙色"),
        pytest.param("pm10", 250.1, "red", id="PM10-超过250为红色"),
        pytest.param("pm10", 50, "green", id="PM10-恰为50为绿色"),
        pytest.param("pm25", 75.5, "orange", id="PM2.5-超过75为橙色"),
        pytest.param("pm25", 0, "green", id="PM2.5-零为绿色"),
    ],
)
def test_class_of_an_hour_or_a_day(item, value, expected):
    assert read_road_classes().of(item, value) == expected


def test_month_goes_by_rank():
    told = read_road_classes().of_month({f"s{i:03d}": 300.0 - i for i in range(100)})
    classes = [told[f"s{i:03d}"][1] for i in range(100)]
    assert classes == ["red"] * 5 + ["orange"] * 15 + ["yellow"] * 30 + ["green"] * 50


def test_equal_means_share_rank_and_class():
    told = read_road_classes().of_month({"a": 9.0, "b": 9.0, "c": 1.0})
    assert told["a"] == told["b"]
    assert told["c"][0] == 3


def test_named_segments_may_not_look_clean():
    means = {f"s{i:02d}": 100.0 - i for i in range(20)}
    told = read_road_classes().of_month(means, named_by_city=["s19"], named_above=["s18"])
    assert told["s19"][1] == "orange"
    assert told["s18"][1] == "red"


def test_unverified_table_says_so():
    assert read_road_classes().mark == "unverified"


def test_unknown_item_is_told(raises_problem):
    with raises_problem("hotspots.unknown_item"):
        read_road_classes().of("no2", 40)
