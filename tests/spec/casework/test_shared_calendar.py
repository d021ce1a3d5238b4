"""The shared working-day calendar and its worked deadlines hold."""

from __future__ import annotations

import csv
import re
from datetime import date, datetime, time

import pytest

from qingyuan.casework import clocks
from qingyuan.core.calendar import WorkCalendar
from qingyuan.core.periods import CITY_TZ

title = "工作日历与期限算例 / working days and worked deadlines"

CALENDAR = WorkCalendar.official()


def _at(day: date) -> datetime:
    return datetime.combine(day, time(10), CITY_TZ)


@pytest.mark.shared
def test_every_day_of_2020_to_2026_agrees(shared_data):
    with (shared_data / "cases" / "cn_calendar_2004_2026.csv").open(encoding="utf-8") as lines:
        rows = [r for r in csv.DictReader(lines) if "2020" <= r["date"][:4] <= "2026"]
    assert len(rows) == 2557
    wrong = [
        r["date"]
        for r in rows
        if CALENDAR.is_workday(date.fromisoformat(r["date"])) != (r["is_workday"] == "1")
    ]
    assert wrong == []


@pytest.mark.shared
def test_every_worked_deadline_is_reproduced(shared_data):
    with (shared_data / "cases" / "deadline_examples.csv").open(encoding="utf-8") as lines:
        rows = list(csv.DictReader(lines))
    assert len(rows) == 6
    paused: tuple[clocks.Pause, ...] = ()
    for row in rows:
        start = date.fromisoformat(row["start_date"])
        extension = int((re.search(r"extend (\d+)", row["mode"]) or [0, "0"])[1])
        if span := re.search(r"pause (\d{4}-\d\d-\d\d)\.\.(\d\d)", row["mode"]):
            first = date.fromisoformat(span[1])
            paused = (clocks.Pause(_at(first), _at(first.replace(day=int(span[2])))),)
        clock = clocks.Clock(
            start=_at(start),
            unit="workday",
            length=int(row["days"]) - extension,
            pauses=paused if "pause" in row["mode"] else (),
            extensions=(clocks.Extension(extension),) if extension else (),
        )
        assert clocks.due_day(clock, calendar=CALENDAR) == date.fromisoformat(row["due_date"]), row


@pytest.mark.parametrize(
    ("start", "days", "due"),
    [
        pytest.param("2021-09-14", 10, "2021-09-28", id="中秋放假-两个调休"),
        pytest.param("2024-02-06", 5, "2024-02-19", id="2024除夕上班"),
        pytest.param("2025-04-25", 5, "2025-05-06", id="劳动节前调休"),
        pytest.param("2026-02-13", 5, "2026-02-27", id="2026春节九天"),
        pytest.param("2026-09-28", 10, "2026-10-16", id="2026国庆"),
    ],
)
def test_terms_worked_out_by_hand(start, days, due):
    assert CALENDAR.add_working_days(date.fromisoformat(start), days) == date.fromisoformat(due)


_KINDS = {
    "percent_per_day": ("rate", "percent"),
    "CNY": ("amount", "yuan"),
    "workday_before_due": ("before", "workday"),
    "workday_after_due": ("after", "workday"),
    "hour_window 08:00-20:00": ("daily", "hour"),
    "day_before": ("before", "day"),
    "by 01-31": ("yearly", "day"),
}


@pytest.mark.shared
def test_every_limit_agrees_with_the_table_of_limits(shared_data):
    from qingyuan.casework import LIMITS

    with (shared_data / "cases" / "time_limits.csv").open(encoding="utf-8") as lines:
        table = {row["code"]: row for row in csv.DictReader(lines)}
    assert len(table) == 75
    assert set(LIMITS) == set(table)
    for code, row in table.items():
        limit = LIMITS[code]
        kind, unit = _KINDS.get(row["unit"], ("after", row["unit"]))
        if code == "PEN-06":  # 举行听证的七日前：在听证之前，不在其后
            kind = "before"
        assert (limit.length, limit.unit, limit.kind) == (int(row["limit"]), unit, kind), code
        assert limit.mark == ("" if row["certainty"] == "verified" else row["certainty"]), code
        assert bool(limit.extension.zh) == bool(row["extension"]), code
        assert bool(limit.excluded.zh) == bool(row["excluded_time"]), code
