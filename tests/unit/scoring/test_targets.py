from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest

from qingyuan import scoring

TEN = [Decimal(40)] * 10


def test_the_rest_can_afford_what_the_target_leaves():
    found = scoring.mean_budget(TEN, remaining=20, target=Decimal(35), places=0)
    assert found.so_far == 40
    assert found.edge == Fraction(71, 2)
    assert found.affordable == (Fraction(71, 2) * 30 - 400) / 20
    assert (found.state, found.edge_meets) == ("open", False)  # 35.5 修约为 36


def test_an_even_target_is_met_at_its_very_edge():
    found = scoring.mean_budget([Decimal("34.5")] * 10, remaining=0, target=Decimal(34), places=0)
    assert (found.state, found.edge_meets, found.affordable) == ("met", True, None)
    odd = scoring.mean_budget([Decimal("35.5")] * 10, remaining=0, target=Decimal(35), places=0)
    assert odd.state == "missed"


def test_a_month_that_cannot_be_saved_is_missed_before_its_end():
    found = scoring.mean_budget([Decimal(60)] * 29, remaining=1, target=Decimal(35), places=0)
    assert found.state == "missed"
    assert found.affordable < 0


def test_water_is_compared_unrounded_and_oxygen_from_below():
    water = scoring.mean_budget(
        [Decimal("1.2"), Decimal("0.9")], remaining=1, target=Decimal("1.0")
    )
    assert water.affordable == Fraction(9, 10)
    oxygen = scoring.mean_budget([Decimal(6)] * 2, remaining=1, target=Decimal(5), bound="min")
    assert oxygen.affordable == 3
    rich = scoring.mean_budget([Decimal(9)] * 9, remaining=1, target=Decimal(5), bound="min")
    assert rich.state == "met"


@pytest.mark.parametrize(
    ("good", "done", "remaining", "affordable", "state"),
    [
        pytest.param(70, 80, 20, 10, "open", id="80%-还可超10天"),
        pytest.param(80, 90, 10, 10, "met", id="已达成"),
        pytest.param(50, 80, 20, 0, "missed", id="已不可能"),
    ],
)
def test_days_that_may_still_be_bad(good, done, remaining, affordable, state):
    found = scoring.days_budget(
        good=good, done=done, remaining=remaining, target_percent=Decimal("80.0")
    )
    assert (found.affordable, found.state) == (affordable, state)


def test_the_rounded_share_decides():
    # 292/365 = 80.0 %，291/365 = 79.73 % 修约 79.7 %
    found = scoring.days_budget(good=292, done=365, remaining=0, target_percent=Decimal("80.0"))
    assert found.state == "met"
    less = scoring.days_budget(good=291, done=365, remaining=0, target_percent=Decimal("80.0"))
    assert less.state == "missed"


def season(year, value):
    return {date(year, 6, 1) + timedelta(days=i): value for i in range(60)}


def test_a_forecast_stands_on_the_same_season_and_this_years_level():
    history = season(2022, 40.0) | season(2023, 40.0) | season(2024, 40.0)
    so_far = {date(2025, 7, 1) + timedelta(days=i): 20.0 for i in range(10)}
    rest = [date(2025, 7, 11) + timedelta(days=i) for i in range(20)]
    found = scoring.forecast_mean(history, so_far, remaining=rest, seed=1, target=20.5)
    assert (found.scale, found.low, found.high, found.miss) == (0.5, 20.0, 20.0, 0.0)
    over = scoring.forecast_mean(history, so_far, remaining=rest, seed=1, target=19.9)
    assert over.miss == 1.0
    assert "同期" in found.method_zh


def test_a_forecast_is_repeatable_and_its_band_is_in_order():
    history = {date(2022, 1, 1) + timedelta(days=i): 20.0 + (i * 37 % 50) for i in range(3 * 365)}
    so_far = {date(2025, 7, 1): 40.0}
    rest = [date(2025, 7, 2) + timedelta(days=i) for i in range(30)]
    one, two = (
        scoring.forecast_mean(history, so_far, remaining=rest, seed=7, target=41.0)
        for _ in range(2)
    )
    assert one == two
    assert one.low < one.middle < one.high
    assert 0 < one.miss < 1


def test_without_history_there_is_no_band():
    found = scoring.forecast_mean({}, {}, remaining=[date(2025, 7, 2)], seed=1)
    assert (found.middle, found.history_days) == (None, 0)


def test_improvement_is_relative_for_a_concentration_and_both_for_a_rate():
    pm25 = scoring.improvement(Decimal(31), Decimal(32), rule_sets=("A", "A"))
    assert (pm25.relative_percent, pm25.points, pm25.is_better) == (Decimal("3.1"), 1, True)
    rate = scoring.improvement(
        Decimal("85.2"), Decimal("83.4"), rule_sets=("A", "A"), smaller_is_better=False
    )
    assert (rate.relative_percent, rate.points) == (Decimal("2.2"), Decimal("1.8"))


def test_two_rule_sets_are_not_compared(raises_problem):
    with raises_problem("scoring.mixed_rules"):
        scoring.improvement(Decimal(1), Decimal(2), rule_sets=("HJ663-2026", "HJ663-2013"))


def test_the_worst_rebound_comes_first_and_a_gap_last():
    found = scoring.rebound_ranking(
        {
            "甲": (Decimal(66), Decimal(60)),
            "乙": (Decimal(80), Decimal(74)),
            "丙": (None, Decimal(50)),
            "丁": (Decimal(50), Decimal(55)),
        }
    )
    assert [(one.district, one.rank, one.rebounds) for one in found] == [
        ("甲", 1, True),
        ("乙", 2, True),
        ("丁", 3, False),
        ("丙", None, False),
    ]
    assert (found[0].difference, found[0].rate_percent) == (6, 10)
    tied = scoring.rebound_ranking(
        {"甲": (Decimal(66), Decimal(60)), "乙": (Decimal(80), Decimal(74))}, by="difference"
    )
    assert [one.rank for one in tied] == [1, 1]
