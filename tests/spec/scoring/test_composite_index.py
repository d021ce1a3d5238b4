import csv
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

import pytest

from qingyuan import scoring

title = "环境空气质量综合指数与排名 / composite index and ranks as published"

COLUMNS = {"so2": "so2", "no2": "no2", "pm10": "pm10", "pm25": "pm25"} | {
    "co": "co_p95",
    "o3": "o3_p90",
}
MARCH_2020 = {
    name: Decimal(value)
    for name, value in {"so2": 6, "no2": 29, "pm10": 68, "pm25": 29, "co": "0.9", "o3": 111}.items()
}


def table(shared_data, name):
    return list(csv.DictReader((shared_data / "air" / name).read_text("utf-8").splitlines()))


def test_single_indices_are_rounded_and_then_added():
    found = scoring.composite(MARCH_2020, by=scoring.variant("GB3095-2012"))
    assert [str(found.singles[name]) for name in COLUMNS] == [
        "0.10", "0.72", "0.97", "0.83", "0.22", "0.69",
    ]  # fmt: skip
    assert found.total == Decimal("3.53")
    assert found.largest == ("pm10",)


@pytest.mark.shared
def test_the_published_indices_are_reproduced_but_for_the_known_anomaly(shared_data):
    misses = []
    rows = table(shared_data, "composite_index_vectors.csv")
    for row in rows:
        values = {name: Decimal(row[column]) for name, column in COLUMNS.items()}
        total = scoring.composite(values, by=scoring.variant(row["limits"])).total
        assert total == Decimal(row["index_single_half_even"])
        if total != Decimal(row["index_published"]):
            misses.append((row["period"], row["index_published"], str(total)))
    assert len(rows) == 6
    assert misses == [("2024-04", "2.9", "2.96")]  # 公布值只有一位小数，任何算法都得不到


def test_neither_half_up_nor_unrounded_gives_the_published_value():
    by = scoring.variant("gb3095-2012")
    quotients = [MARCH_2020[name] / by.limits[name] for name in by.limits]
    half_up = sum(value.quantize(Decimal("0.01"), ROUND_HALF_UP) for value in quotients)
    assert half_up == Decimal("3.55")
    assert round(sum(quotients), 2) == Decimal("3.54")


@pytest.mark.parametrize(
    ("at", "limits"),
    [
        pytest.param(date(2026, 2, 1), "gb3095-2012", id="2026-02-旧限值"),
        pytest.param(date(2026, 3, 1), "gb3095-2026-transition", id="2026-03-过渡限值"),
        pytest.param(date(2031, 1, 1), "gb3095-2026-final", id="2031-最终限值"),
    ],
)
def test_the_period_chooses_the_limits(at, limits):
    assert scoring.variant_at(at).id == f"{limits}/equal"


@pytest.mark.parametrize(
    ("limits", "weights", "expected"),
    [
        pytest.param("HJ663-2013", "equal", "3.53", id="旧限值-等权"),
        pytest.param("HJ663-2013", "weighted", "6.60", id="旧限值-PM2.5×3-O3×2-NO2×2"),
        pytest.param("HJ663-2026", "equal", "3.83", id="过渡限值-等权"),
        pytest.param("HJ663-2026", "weighted", "7.18", id="过渡限值-PM2.5×3-O3×2-NO2×2"),
    ],
)
def test_the_four_variants_stand_side_by_side(limits, weights, expected):
    found = scoring.composite(MARCH_2020, by=scoring.variant(limits, weights=weights))
    assert found.total == Decimal(expected)
    assert any("权重" in mark for mark in found.marks) == (weights == "weighted")


@pytest.mark.shared
def test_the_published_ranks_are_reproduced(shared_data):
    rows = table(shared_data, "district_ranking_vectors.csv")
    ranks = scoring.rank([Decimal(row["index"]) for row in rows])
    assert ranks == [int(row["rank_best_first"]) for row in rows]
    assert ranks == [1, 1, 3, 4, 5, 6, 7, 8, 9, 10, 10]
