from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from qingyuan.core.periods import day_of
from qingyuan.readings.means import day_means, hour_means
from qingyuan.readings.rules import rules_at

START = day_of(date(2026, 9, 1)).start
RULE = rules_at(date(2026, 9, 1)).validity


def rows(values, step=timedelta(minutes=5), start=START):
    return [("air:A1", "a34004", start + i * step, Decimal(v)) for i, v in enumerate(values)]


def test_the_mean_is_the_exact_quotient():
    [mean] = hour_means(rows(["0.1", "0.1", "0.4"]), rule=RULE)
    assert mean.value == Decimal("0.2")
    assert (mean.low, mean.high, mean.count, mean.expected) == (
        Decimal("0.1"),
        Decimal("0.4"),
        3,
        None,
    )
    assert mean.period.start == START


@pytest.mark.parametrize(
    ("count", "valid"),
    [pytest.param(9, True, id="45分钟有效"), pytest.param(8, False, id="40分钟无效")],
)
def test_an_hour_needs_three_quarters_of_its_readings(count, valid):
    [mean] = hour_means(rows(["1"] * count), rule=RULE, interval_s=300)
    assert (mean.expected, mean.is_valid) == (12, valid)


@pytest.mark.parametrize(
    ("hours", "valid"),
    [
        pytest.param(20, True, id="GB3095-表4-20小时有效"),
        pytest.param(19, False, id="GB3095-表4-19小时无效"),
    ],
)
def test_a_day_needs_twenty_hours(hours, valid):
    found = hour_means(rows(["1"] * hours, timedelta(hours=1)), rule=RULE)
    [day] = day_means(found, rule=RULE)
    assert (day.count, day.expected, day.is_valid) == (hours, 24, valid)
    assert day.period == day_of(date(2026, 9, 1))


def test_a_day_is_the_mean_of_its_hours_not_of_its_readings():
    crowded = rows(["1"] * 60, timedelta(minutes=1)) + rows(["3"], start=START + timedelta(hours=1))
    [day] = day_means(hour_means(crowded, rule=RULE), rule=RULE)
    assert day.value == 2


def test_the_day_turns_at_beijing_midnight():
    late = datetime(2026, 9, 1, 15, 59, tzinfo=UTC)
    found = hour_means(rows(["1", "3"], timedelta(minutes=1), late), rule=RULE)
    assert [day.value for day in day_means(found, rule=RULE)] == [1, 3]


def test_invalid_hours_take_no_part_in_the_day():
    few = rows(["9"]) + rows(["1"] * 12, start=START + timedelta(hours=1))
    [day] = day_means(hour_means(few, rule=RULE, interval_s=300), rule=RULE)
    assert (day.value, day.count) == (1, 1)
