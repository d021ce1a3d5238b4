"""District scores and money by one city's practice, worked out by hand."""

from __future__ import annotations

from decimal import Decimal

import pytest

from qingyuan.hotspots import Month, district_scores, month_of, read_road_classes, transfers_of

title = "济南道路月度得分与资金（未核对原文）/ monthly scores and money (unverified)"


def _rows(**means):
    return [Month(f"{d}{k}", d, Decimal(m), 20, 10) for d, values in means.items() for k, m in enumerate(values)]  # fmt: skip


NOW = _rows(甲=[100, 120], 乙=[140, 160], 丙=[200, 200])
BEFORE = _rows(甲=[110, 110], 乙=[200, 200], 丙=[200, 200])


def test_state_and_improvement_count_half_each():
    told = {s.district: s for s in district_scores(NOW, read_road_classes(), before=BEFORE)}
    # 现状 110/150/200 → 100, 82.22, 60；改善 0 %/25 %/0 % → 60, 100, 60
    assert told["甲"].state_score == Decimal("100.00")
    assert told["乙"].state_score == Decimal("82.22")
    assert told["乙"].improvement == Decimal("25.00")
    assert told["乙"].score == Decimal("91.11")
    assert told["甲"].score == Decimal("80.00")
    assert told["丙"].score == Decimal("60.00")
    assert [told[d].rank for d in "乙甲丙"] == [1, 2, 3]


def test_without_a_month_before_the_state_alone_counts():
    told = district_scores(NOW, read_road_classes())
    assert told[0].district == "甲"
    assert told[0].improvement is None
    assert told[0].score == told[0].state_score


def test_district_whose_taxis_stood_still_is_not_ranked():
    thin = [Month("丁1", "丁", Decimal(10), 3, 1)]
    assert {s.district for s in district_scores([*NOW, *thin], read_road_classes())} == set(
        "甲乙丙"
    )
    assert "丁1" not in month_of([*NOW, *thin], read_road_classes())


def test_equal_scores_share_the_rank():
    told = district_scores(_rows(甲=[100], 乙=[100], 丙=[150]), read_road_classes())
    assert [s.rank for s in told] == [1, 1, 3]


def test_money_is_off_by_default():
    assert transfers_of(district_scores(NOW, read_road_classes()), read_road_classes()) is None


def test_no_amounts_are_invented(raises_problem):
    with raises_problem("hotspots.no_rates"):
        transfers_of(district_scores(NOW, read_road_classes()), read_road_classes(), on=True)


def test_money_by_the_amounts_a_city_brings():
    rules = read_road_classes()
    scores = district_scores(NOW, rules, before=BEFORE)
    rates = {"red": Decimal(3000), "orange": Decimal(2000), "yellow": Decimal(1000),
             "green": Decimal(500), "improvement_1": Decimal(10000)}  # fmt: skip
    told = {t.district: t for t in transfers_of(scores, rules, rates=rates, on=True)}
    for score in scores:
        c = score.classes
        owed = -3000 * c["red"] - 2000 * c["orange"] - 1000 * c["yellow"] + 500 * c["green"]
        assert told[score.district].total == owed + (10000 if score.district == "乙" else 0)
    assert sum(r[1] for t in told.values() for r in t.rows if r[0] in ("red", "orange", "yellow", "green")) == 6  # fmt: skip


@pytest.mark.parametrize("key", ["score", "transfer"])
def test_unverified_parts_say_so(key):
    assert getattr(read_road_classes(), key)["mark"] == "unverified"
