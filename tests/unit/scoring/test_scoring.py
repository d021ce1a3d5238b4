from decimal import Decimal
from fractions import Fraction

import pytest

from qingyuan import scoring

FULL = dict.fromkeys(("so2", "no2", "pm10", "pm25", "o3"), Decimal(30)) | {"co": Decimal("0.8")}
OLD = scoring.variant("gb3095-2012")


def test_a_missing_figure_leaves_no_total_but_its_other_singles():
    found = scoring.composite(FULL | {"o3": None}, by=OLD)
    assert (found.total, found.missing, found.singles["o3"]) == (None, ("o3",), None)
    assert found.singles["so2"] == Decimal("0.50")


@pytest.mark.parametrize(("value", "single"), [("15", "0.38"), ("5", "0.12"), ("3", "0.08")])
def test_a_half_goes_to_the_even_hundredth(value, single):  # 0.375, 0.125, 0.075 of 40
    found = scoring.composite(FULL | {"no2": Decimal(value)}, by=OLD)
    assert found.singles["no2"] == Decimal(single)


def test_the_figure_is_rounded_to_its_place_first():
    found = scoring.composite(FULL | {"co": Decimal("0.85"), "pm25": Decimal("35.5")}, by=OLD)
    assert (found.singles["co"], found.singles["pm25"]) == (Decimal("0.20"), Decimal("1.03"))


def test_ties_for_the_largest_are_all_listed():
    found = scoring.composite(FULL | {"so2": Decimal(60), "no2": Decimal(40)}, by=OLD)
    assert found.largest == ("so2", "no2")


def test_a_negative_figure_is_refused(raises_problem):
    with raises_problem("standards.negative_value"):
        scoring.composite(FULL | {"so2": Decimal(-1)}, by=OLD)


@pytest.mark.parametrize(
    ("limits", "weights", "code"),
    [
        ("GB3838-2002", "equal", "scoring.unknown_limits"),
        ("GB3095-2012", "heavy", "scoring.unknown_weights"),
    ],
)
def test_a_variant_that_does_not_exist_is_refused(raises_problem, limits, weights, code):
    with raises_problem(code):
        scoring.variant(limits, weights=weights)


def test_equal_values_share_a_rank_and_the_next_is_skipped():
    values = [Decimal(text) for text in ("3.25", "2.68", "2.680", "3.25", "4")]
    assert scoring.rank(values) == [3, 1, 1, 3, 5]
    assert scoring.rank([None, Decimal(1), None]) == [None, 1, None]
    assert scoring.rank([]) == []


def test_the_rate_of_change_is_exact():
    assert scoring.rate_of_change(Decimal("2.7"), Decimal("3.0")) == Fraction(-1, 10)
    assert scoring.rate_of_change(Decimal("2.7"), None) is None
    assert scoring.rate_of_change(None, Decimal(3)) is None
    assert scoring.rate_of_change(Decimal(1), Decimal(0)) is None
