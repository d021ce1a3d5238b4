from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from qingyuan.casework import shipped
from qingyuan.casework.clocks import (
    Clock,
    Extension,
    Pause,
    due,
    due_day,
    explain,
    remaining,
    standing,
    warnings,
)
from qingyuan.core.calendar import WorkCalendar
from qingyuan.core.periods import CITY_TZ

CALENDAR = WorkCalendar.official()


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=CITY_TZ)


def test_a_workday_clock_ends_at_midnight_of_its_last_day():
    clock = Clock(at("2026-07-06T10:00"), "workday", 1)
    assert due(clock, calendar=CALENDAR) == at("2026-07-08T00:00").astimezone(UTC)


def test_the_start_is_a_city_date_whatever_the_zone():
    evening_utc = datetime(2026, 7, 6, 17, tzinfo=UTC)  # 01:00 on the 7th in the city
    assert due_day(Clock(evening_utc, "workday", 1), calendar=CALENDAR) == date(2026, 7, 8)


def test_calendar_days_that_end_on_a_day_off_move_to_the_next_workday():
    clock = Clock(at("2026-09-21T09:00"), "day", 10)
    assert due_day(clock, calendar=CALENDAR) == date(2026, 10, 8)
    told = explain(clock, calendar=CALENDAR)
    assert told.zh == (
        "自 2026-09-21 起 10 天（自然日），末日 2026-10-01 为休息日，顺延，至 2026-10-08 止"
    )


def test_calendar_days_inside_the_term_count_even_when_off():
    assert due_day(Clock(at("2026-07-03T09:00"), "day", 3), calendar=CALENDAR) == date(2026, 7, 6)


def test_hours_run_through_the_night():
    clock = Clock(at("2026-10-01T22:30"), "hour", 4)
    assert due(clock, calendar=CALENDAR) == at("2026-10-02T02:30").astimezone(UTC)
    assert due_day(clock, calendar=CALENDAR) == date(2026, 10, 2)


def test_paused_hours_are_added():
    clock = Clock(
        at("2026-07-06T10:00"),
        "hour",
        4,
        pauses=(Pause(at("2026-07-06T11:00"), at("2026-07-06T13:00")),),
    )
    assert due(clock, calendar=CALENDAR) == at("2026-07-06T16:00").astimezone(UTC)


def test_a_pause_after_the_hours_ran_out_adds_nothing():
    clock = Clock(
        at("2026-07-06T10:00"),
        "hour",
        2,
        pauses=(Pause(at("2026-07-06T13:00"), at("2026-07-06T15:00")),),
    )
    assert due(clock, calendar=CALENDAR) == at("2026-07-06T12:00").astimezone(UTC)


def test_an_open_pause_leaves_no_due_day_and_says_so():
    clock = Clock(at("2026-07-06T10:00"), "workday", 10, pauses=(Pause(at("2026-07-08T09:00")),))
    assert due(clock, calendar=CALENDAR) is None
    assert due_day(clock, calendar=CALENDAR) is None
    assert remaining(clock, at=at("2026-09-01T10:00"), calendar=CALENDAR) is None
    assert standing(clock, at=at("2026-09-01T10:00"), calendar=CALENDAR) == "paused"
    assert (
        warnings(clock, ladder=shipped()["exceedance"].clocks["handle"].warn, calendar=CALENDAR)
        == ()
    )
    told = explain(clock, calendar=CALENDAR)
    assert "2026-07-08 09:00 起暂停计时" in told.zh
    assert "待恢复计时后确定" in told.zh


def test_a_clock_stopped_while_paused_has_a_due_day_again():
    clock = Clock(
        at("2026-07-06T10:00"),
        "workday",
        3,
        pauses=(Pause(at("2026-07-07T09:00")),),
        stopped=at("2026-07-09T09:00"),
    )
    assert due_day(clock, calendar=CALENDAR) == date(2026, 7, 13)
    assert standing(clock, at=at("2026-12-01T00:00"), calendar=CALENDAR) == "met"


def test_pause_lifted_the_same_day_takes_nothing():
    plain = Clock(at("2026-07-06T10:00"), "workday", 3)
    paused = Clock(
        at("2026-07-06T10:00"),
        "workday",
        3,
        pauses=(Pause(at("2026-07-07T09:00"), at("2026-07-07T17:00")),),
    )
    assert due_day(paused, calendar=CALENDAR) == due_day(plain, calendar=CALENDAR)


def test_a_dated_clock_moves_by_its_paused_workdays():
    clock = Clock(
        at("2026-07-06T10:00"),
        "workday",
        until=date(2026, 7, 10),
        pauses=(Pause(at("2026-07-08T09:00"), at("2026-07-10T09:00")),),
    )
    assert due_day(clock, calendar=CALENDAR) == date(2026, 7, 14)
    assert "限 2026-07-10 前" in explain(clock, calendar=CALENDAR).zh


def test_a_dated_clock_in_calendar_days_moves_by_its_paused_days():
    clock = Clock(
        at("2026-07-06T10:00"),
        "day",
        until=date(2026, 7, 8),
        pauses=(Pause(at("2026-07-07T09:00"), at("2026-07-09T09:00")),),
    )
    assert due_day(clock, calendar=CALENDAR) == date(2026, 7, 10)


def test_a_dated_clock_can_be_extended():
    clock = Clock(
        at("2026-07-06T10:00"), "workday", until=date(2026, 7, 10), extensions=(Extension(2),)
    )
    assert due_day(clock, calendar=CALENDAR) == date(2026, 7, 14)
    assert "延期 2 个工作日" in explain(clock, calendar=CALENDAR).zh


def test_remaining_counts_working_days_and_turns_negative():
    clock = Clock(at("2026-09-28T10:00"), "workday", 10)
    left = remaining(clock, at=at("2026-09-30T10:00"), calendar=CALENDAR)
    assert left is not None
    assert (left.workdays, left.days, left.late) == (8, 16, False)
    late = remaining(clock, at=at("2026-10-19T10:00"), calendar=CALENDAR)
    assert late is not None
    assert (late.workdays, late.late) == (-1, True)


@pytest.mark.parametrize(
    ("moment", "expected"),
    [
        ("2026-10-14T10:00", "running"),
        ("2026-10-15T10:00", "due_soon"),
        ("2026-10-16T23:59", "due_soon"),
        ("2026-10-17T00:00", "late"),
    ],
)
def test_standing_through_the_last_days(moment, expected):
    clock = Clock(at("2026-09-28T10:00"), "workday", 10)
    assert standing(clock, at=at(moment), calendar=CALENDAR) == expected


def test_standing_of_a_stopped_clock_is_judged_at_its_stop():
    late = Clock(at("2026-07-06T10:00"), "workday", 1, stopped=at("2026-07-09T10:00"))
    assert standing(late, at=at("2026-07-09T10:00"), calendar=CALENDAR) == "missed"


def test_warning_ladder_falls_on_working_days_around_the_due_day():
    clock = Clock(at("2026-09-28T10:00"), "workday", 10)
    ladder = shipped()["exceedance"].clocks["handle"].warn
    found = warnings(clock, ladder=ladder, calendar=CALENDAR)
    assert [(w.card, w.at) for w in found] == [
        ("yellow", at("2026-10-15T00:00").astimezone(UTC)),
        ("red", at("2026-10-19T00:00").astimezone(UTC)),
        ("red", at("2026-10-21T00:00").astimezone(UTC)),
    ]
    assert found[-1].to == ("vice_leader",)


def test_no_warning_before_the_clock_starts():
    clock = Clock(at("2026-07-06T10:00"), "workday", 1)
    ladder = shipped()["exceedance"].clocks["handle"].warn
    assert min(w.at for w in warnings(clock, ladder=ladder, calendar=CALENDAR)) >= clock.start


def test_hour_warnings_are_hours_around_the_end():
    clock = Clock(at("2026-07-06T10:00"), "hour", 4)
    found = warnings(clock, ladder=shipped()["exceedance"].clocks["handle"].warn, calendar=CALENDAR)
    assert found[0].at == at("2026-07-06T13:00").astimezone(UTC)


def test_explanation_names_extension_and_pause():
    clock = Clock(
        at("2021-09-14T08:00"),
        "workday",
        10,
        pauses=(Pause(at("2021-09-20T08:00"), at("2021-09-24T08:00")),),
        extensions=(Extension(5),),
    )
    told = explain(clock, calendar=CALENDAR)
    assert "15 个工作日（原 10，延期 5）" in told.zh
    assert told.zh.endswith("2021-09-20 08:00 至 2021-09-24 08:00 暂停，至 2021-10-13 止")
    assert "10 plus 5 of extension" in told.en


def test_explanation_in_hours_names_the_minute():
    told = explain(Clock(at("2026-07-06T10:00"), "hour", 4), calendar=CALENDAR)
    assert told.zh == "自 2026-07-06 10:00 起 4 小时，至 2026-07-06 14:00 止"


def test_one_day_is_one_day_in_english():
    told = explain(Clock(at("2026-07-06T10:00"), "workday", 1), calendar=CALENDAR)
    assert told.en == "1 working day from 2026-07-06, until 2026-07-07"


def test_explanation_of_a_provisional_year_says_so():
    told = explain(Clock(at("2026-12-28T10:00"), "workday", 10), calendar=CALENDAR)
    assert "2027 年放假通知尚未录入" in told.zh
    assert "no holiday notice for 2027" in told.en


def test_records_that_cannot_be_are_refused(raises_problem):
    start = at("2026-07-06T10:00")
    with raises_problem("casework.naive_time"):
        Clock(datetime(2026, 7, 6), "workday", 1)  # noqa: DTZ001 -- the fault under test
    with raises_problem("casework.pause_before_start"):
        Clock(start, "workday", 1, pauses=(Pause(start - timedelta(hours=1)),))
    with raises_problem("casework.pause_ends_first"):
        Clock(start, "workday", 1, pauses=(Pause(start, start - timedelta(hours=1)),))
    with raises_problem("casework.bad_extension"):
        Clock(start, "workday", 1, extensions=(Extension(0),))
    with raises_problem("casework.due_before_start"):
        Clock(start, "workday", until=date(2026, 7, 5))
    with pytest.raises(ValueError, match="length or a date"):
        Clock(start, "workday")
