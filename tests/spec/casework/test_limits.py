"""Every typed limit answers; worked deadlines hold; the version is that of the day of the deed."""

from __future__ import annotations

import csv
import json
from datetime import date, datetime
from importlib.resources import files

import pytest

from qingyuan import cli
from qingyuan.casework import LIMITS, answer, limit_on
from qingyuan.casework.clocks import Clock, Extension, Pause, due_day, explain
from qingyuan.core.calendar import WorkCalendar
from qingyuan.core.periods import CITY_TZ
from qingyuan.core.problems import Problem

title = "七十五条时限 / the seventy-five limits"

CALENDAR = WorkCalendar.official()
WORKED = list(
    csv.DictReader(
        (files("qingyuan.casework") / "golden" / "deadlines.csv").read_text("utf-8").splitlines()
    )
)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=CITY_TZ)


def asked(capsys, *args: str) -> tuple[int, dict]:
    code = cli.main(["casework", "deadline", *args, "--json"])
    return code, json.loads(capsys.readouterr().out)


def test_there_are_seventy_five_and_each_speaks_both_languages():
    assert len(LIMITS) == 75
    for limit in LIMITS.values():
        pairs = (limit.process, limit.label, limit.from_event, limit.extension, limit.excluded)
        assert all(bool(p.zh) == bool(p.en) for p in pairs), limit.code
        assert limit.process.zh, limit.code
        assert limit.label.zh, limit.code
        assert limit.source, limit.code


@pytest.mark.parametrize("code", sorted(LIMITS))
def test_every_limit_answers_on_the_command_line(capsys, code):
    status, told = asked(capsys, "--rule", code, "--start", "2026-09-28T10:00")
    assert status == 0
    assert told["zh"]
    assert told["en"]
    assert told["source"]
    assert (told["due_date"] is None) == (LIMITS[code].kind == "amount")
    if LIMITS[code].kind in ("after", "daily", "yearly", "rate"):
        assert told["due_date"] is None or told["due_date"] >= "2026-09-28"
    if LIMITS[code].kind == "before":
        assert told["due_date"] < "2026-09-28"


@pytest.mark.parametrize("row", WORKED, ids=lambda r: f"{r['start']}-{r['pause']}-{r['extend']}")
def test_worked_deadlines_hold(capsys, row):
    args = ["--days", row["days"], "--start", row["start"]]
    args += ["--pause", row["pause"]] if row["pause"] else []
    args += ["--extend", row["extend"]] if row["extend"] else []
    status, told = asked(capsys, *args)
    assert status == 0
    assert told["due_date"] == row["due"], row["why"]


@pytest.mark.parametrize(
    ("code", "start", "due"),
    [
        pytest.param("INS-01", "2021-09-14", "2021-09-24", id="十个自然日"),
        pytest.param("INS-02", "2021-09-16", "2021-09-22", id="三日末日在中秋，顺延"),
        pytest.param("HOT-01", "2026-09-28", "2026-10-10", id="五个工作日跨国庆，末日调休上班"),
        pytest.param("PET-04", "2026-01-05", "2026-03-06", id="六十日"),
        pytest.param("INS-04", "2026-08-31", "2027-03-01", id="六个月，二月无31日，末日星期日"),
        pytest.param("ENF-06", "2026-01-31", "2026-04-30", id="三个月，四月无31日"),
        pytest.param("EMG-04", "2024-02-29", "2027-03-01", id="三年，末日星期日"),
        pytest.param("DIS-04", "2026-12-31", "2026-11-01", id="届满前六十日"),
        pytest.param("PEN-06", "2026-10-13", "2026-09-28", id="听证前七个工作日"),
        pytest.param("HOT-04", "2026-10-08", "2026-09-30", id="黄牌在到期前一个工作日"),
        pytest.param("HOT-05", "2026-09-30", "2026-10-08", id="红牌在到期后一个工作日"),
        pytest.param("PUB-04", "2026-02-01", "2027-01-31", id="次年一月底"),
        pytest.param("PEN-09", "2026-01-01", "2026-02-04", id="三十四日到本数"),
        pytest.param("INS-05", "2026-09-28T21:00", "2026-09-29", id="当日已过，次日"),
    ],
)
def test_each_kind_by_hand(code, start, due):
    told = answer(limit_on(code, at(start).date()), at(start), calendar=CALENDAR)
    assert told.day == date.fromisoformat(due)


def test_hours_run_through_nights_and_holidays():
    told = answer(LIMITS["EMG-02"], at("2026-10-01T23:30"), calendar=CALENDAR)
    assert told.due == at("2026-10-02T01:30")


def test_the_version_is_that_of_the_day_of_the_deed(capsys):
    assert limit_on("PEN-01", date(2023, 6, 30)).unit == "workday"
    assert limit_on("PEN-01", date(2023, 7, 1)).unit == "day"
    _, told = asked(capsys, "--rule", "PEN-01", "--start", "2026-09-28", "--on", "2023-06-30")
    assert (told["length"], told["unit"]) == (7, "workday")
    with pytest.raises(Problem, match="2023-07-01"):
        limit_on("PEN-03", date(2020, 1, 1))
    with pytest.raises(Problem, match="没有名为"):
        limit_on("XXX", date(2020, 1, 1))


def test_extension_and_pause_only_where_the_rule_knows_them():
    start = at("2026-09-28")
    longer = answer(LIMITS["PET-04"], start, calendar=CALENDAR, extensions=(Extension(30),))
    assert longer.day == date(2026, 12, 28)  # 90 days end on a Sunday
    with pytest.raises(Problem, match="30"):
        answer(LIMITS["PET-04"], start, calendar=CALENDAR, extensions=(Extension(31),))
    with pytest.raises(Problem, match="不能暂停或延期"):
        answer(LIMITS["DIS-04"], start, calendar=CALENDAR, extensions=(Extension(1),))


def test_months_wait_while_paused_and_move_on_by_the_days_lost():
    begun = at("2026-03-02")
    held = Clock(begun, "month", 1, pauses=(Pause(at("2026-03-10"), at("2026-03-13")),))
    assert due_day(held, calendar=CALENDAR) == date(2026, 4, 7)  # 5 April is Qingming
    still = Clock(begun, "month", 1, pauses=(Pause(at("2026-03-10")),))
    assert due_day(still, calendar=CALENDAR) is None
    assert "待恢复计时" in explain(still, calendar=CALENDAR).zh
    dated = Clock(begun, "month", until=date(2026, 4, 30), extensions=(Extension(2),))
    assert due_day(dated, calendar=CALENDAR) == date(2026, 6, 30)
    assert "3 个月" in explain(Clock(begun, "month", 3), calendar=CALENDAR).zh
