from __future__ import annotations

from datetime import date, timedelta

import pytest

from qingyuan.core.calendar import HolidaySpan, WorkCalendar, read_spans

CALENDAR = WorkCalendar.official()


def test_weekday_worked_weekend_not():
    assert CALENDAR.is_workday(date(2026, 7, 3))
    assert not CALENDAR.is_workday(date(2026, 7, 4))


def test_day_of_the_act_is_not_counted():
    assert CALENDAR.add_working_days(date(2026, 7, 6), 1) == date(2026, 7, 7)
    assert CALENDAR.add_working_days(date(2026, 7, 4), 1) == date(2026, 7, 6)


def test_zero_working_days_is_the_day_itself():
    assert CALENDAR.add_working_days(date(2026, 10, 1), 0) == date(2026, 10, 1)


def test_counting_backwards_undoes_counting_forwards():
    start = date(2026, 9, 28)
    due = CALENDAR.add_working_days(start, 10)
    assert CALENDAR.add_working_days(due, -10) == start


def test_between_agrees_with_add():
    start = date(2026, 2, 13)
    for n in range(12):
        assert CALENDAR.working_days_between(start, CALENDAR.add_working_days(start, n)) == n
    assert CALENDAR.working_days_between(date(2026, 2, 27), start) == -5


def test_paused_days_are_not_counted():
    paused = frozenset({date(2026, 7, 7), date(2026, 7, 8)})
    assert CALENDAR.add_working_days(date(2026, 7, 6), 2, without=paused) == date(2026, 7, 10)


def test_explanation_of_the_national_day_term():
    told = CALENDAR.explain(date(2026, 9, 28), 10)
    assert told.due == date(2026, 10, 16)
    assert [s.label for s in told.skipped] == ["10-01—10-07"]
    assert [s.label for s in told.makeup] == ["10-10"]
    assert told.zh == (
        "自 2026-09-28 起 10 个工作日，跳过 10-01—10-07，10-10 调休上班，至 2026-10-16 止"
    )
    assert told.en == (
        "10 working days from 2026-09-28, skipping 10-01—10-07, working on 10-10, until 2026-10-16"
    )


def test_a_plain_term_says_nothing_of_holidays():
    assert (
        CALENDAR.explain(date(2026, 7, 6), 1).zh == "自 2026-07-06 起 1 个工作日，至 2026-07-07 止"
    )


def test_year_without_notice_is_provisional_and_says_so():
    told = CALENDAR.explain(date(2026, 12, 25), 10)
    assert told.provisional == (2027,)
    assert "暂定" in told.zh
    assert "provisional" in told.en
    assert CALENDAR.is_provisional(date(2027, 1, 1))
    assert not CALENDAR.is_provisional(date(2026, 12, 31))


def test_administrators_span_wins_and_announces_its_year():
    extra = HolidaySpan(2027, date(2027, 1, 1), date(2027, 1, 3), "holiday", "元旦", "市局录入")
    calendar = WorkCalendar.official(override=[extra])
    assert not calendar.is_workday(date(2027, 1, 1))
    assert calendar.explain(date(2026, 12, 25), 10).provisional == ()


def test_override_can_call_a_holiday_back_to_work():
    extra = HolidaySpan(2026, date(2026, 10, 7), date(2026, 10, 7), "makeup", "国庆节", "应急上班")
    assert WorkCalendar.official(override=[extra]).is_workday(date(2026, 10, 7))
    assert not CALENDAR.is_workday(date(2026, 10, 7))


@pytest.mark.parametrize(("kind", "days"), [("holiday", -1), ("休息", 0)])
def test_a_span_that_cannot_hold_is_refused(kind, days, raises_problem):
    start = date(2026, 5, 1)
    with raises_problem("core.bad_holiday_span"):
        HolidaySpan(2026, start, start + timedelta(days=days), kind, "劳动节", "")


def test_makeup_days_fall_on_weekends_and_no_day_is_named_twice():
    seen: set[date] = set()
    for span in read_spans():
        for day in span.days():
            assert day not in seen
            seen.add(day)
            assert span.kind == "holiday" or day.weekday() >= 5
