"""Reporting periods, the expected line in working days, backward scheduling, how a task stands."""

from __future__ import annotations

import itertools
from datetime import date

import pytest

from qingyuan.core.calendar import WorkCalendar
from qingyuan.web.plans.progress import (
    backward,
    expected_percent,
    period_named,
    period_of,
    periods,
    standing,
    worst_first,
)

DAYS = WorkCalendar.official()


@pytest.mark.parametrize(
    ("day", "rhythm", "key", "first", "last"),
    [
        (date(2026, 9, 22), "weekly", "2026-W39", date(2026, 9, 21), date(2026, 9, 27)),
        (date(2027, 1, 1), "weekly", "2026-W53", date(2026, 12, 28), date(2027, 1, 3)),
        (date(2024, 2, 29), "monthly", "2024-02", date(2024, 2, 1), date(2024, 2, 29)),
        (date(2026, 12, 31), "quarterly", "2026-Q4", date(2026, 10, 1), date(2026, 12, 31)),
        (date(2026, 1, 31), "quarterly", "2026-Q1", date(2026, 1, 1), date(2026, 3, 31)),
    ],
)
def test_a_period_holds_its_day_and_reads_back(
    day: date, rhythm: str, key: str, first: date, last: date
) -> None:
    span = period_of(day, rhythm)
    assert (span.key, span.first, span.last) == (key, first, last)
    assert period_named(key) == span


@pytest.mark.parametrize("key", ["2026-W60", "2026-Q9", "2026-13", "none", "-W", "2026-Qx"])
def test_a_key_that_is_no_period(key: str) -> None:
    assert period_named(key) is None


@pytest.mark.parametrize("rhythm", ["weekly", "monthly", "quarterly"])
def test_periods_follow_one_another_without_a_gap(rhythm: str) -> None:
    found = periods(date(2025, 11, 20), date(2026, 8, 3), rhythm)
    assert found[0].first <= date(2025, 11, 20)
    assert found[-1].last >= date(2026, 8, 3)
    assert all((b.first - a.last).days == 1 for a, b in itertools.pairwise(found))


def test_the_expected_line_rises_on_working_days_only() -> None:
    starts, due = date(2014, 4, 15), date(2014, 6, 30)
    line = [expected_percent(starts, due, date(2014, 4, d), DAYS) for d in (14, 15, 18, 19, 20)]
    assert line[0] == 0
    assert line[1] > 0
    assert line[2] == line[3] == line[4]  # a weekend adds nothing
    assert expected_percent(starts, due, due, DAYS) == 100
    assert expected_percent(starts, due, date(2015, 1, 1), DAYS) == 100


def test_a_task_of_one_holiday_is_due_at_once() -> None:
    assert expected_percent(date(2026, 10, 1), date(2026, 10, 2), date(2026, 10, 1), DAYS) == 100


def test_backward_scheduling_ends_on_the_deadline_and_leaves_no_gap() -> None:
    steps = [("动员部署", 10), ("重点推进", 30), ("总结提高", 7)]
    made = backward(date(2014, 6, 29), steps, DAYS)  # a Sunday: the last working day before it
    assert [title for title, _, _ in made] == [title for title, _ in steps]
    assert made[-1][2] == date(2014, 6, 27)
    for (_, days), (_, begin, end) in zip(steps, made, strict=True):
        assert sum(DAYS.is_workday(date.fromordinal(n)) for n in range(begin.toordinal(), end.toordinal() + 1)) == days  # fmt: skip
    for (_, _, end), (_, begin, _) in itertools.pairwise(made):
        between = range(end.toordinal() + 1, begin.toordinal())
        assert not any(DAYS.is_workday(date.fromordinal(n)) for n in between)


@pytest.mark.parametrize(
    ("percent", "expected", "on", "ended", "stands"),
    [
        pytest.param(50, 60, date(2026, 5, 1), "", "ontime", id="低十个百分点仍达序时"),
        pytest.param(49, 60, date(2026, 5, 1), "", "behind", id="低十一个百分点为滞后"),
        pytest.param(99, 100, date(2026, 6, 2), "", "overdue", id="过期未完成"),
        pytest.param(0, 0, date(2026, 1, 1), "", "waiting", id="未到启动"),
        pytest.param(0, 100, date(2026, 9, 1), "done", "done", id="已完成"),
        pytest.param(0, 100, date(2026, 9, 1), "cancelled", "cancelled", id="已取消"),
    ],
)
def test_how_a_task_stands(percent: int, expected: int, on: date, ended: str, stands: str) -> None:
    due = date(2026, 6, 1)
    assert standing(percent=percent, expected=expected, due=due, on=on, ended=ended) == stands


def test_a_heading_shows_the_worst_of_its_tasks() -> None:
    assert worst_first(["done", "behind", "ontime"]) == "behind"
    assert worst_first(["done", "done"]) == "done"
    assert worst_first([]) == "waiting"
