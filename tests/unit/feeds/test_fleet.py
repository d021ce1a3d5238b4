"""Fixes of a fleet: what is kept, what is refused and why."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from qingyuan.core.problems import Problem
from qingyuan.feeds import Vehicle, judge_fix, read_fixes
from qingyuan.feeds.intake import Arrival

AT = datetime(2026, 9, 22, 1, 0, tzinfo=UTC)
FLEET = {"T01": Vehicle("T01", ((date(2026, 9, 1), date(2026, 9, 22)),))}
GOOD = {
    "vehicle": "T01",
    "time": "2026-09-21T08:00:00",
    "lon": "120.5",
    "lat": "36.5",
    "pm10": "80",
}


def _judged(*, allowed=None, **other):
    arrival = Arrival(b"", "", "test", allowed)
    return judge_fix(1, {**GOOD, **other}, FLEET, received_at=AT, source="test", arrival=arrival)


def test_a_time_without_a_zone_is_beijing_time():
    assert _judged().row["time"] == datetime(2026, 9, 21, 0, 0, tzinfo=UTC)


def test_kilometres_an_hour_become_metres_a_second():
    assert _judged(speed_kmh="36").row["speed_ms"] == 10.0


@pytest.mark.parametrize(
    ("other", "reason"),
    [
        pytest.param({"vehicle": "T09"}, "feeds.unknown_vehicle", id="未登记"),
        pytest.param({"allowed": {"T02"}}, "feeds.unknown_vehicle", id="令牌不管这台"),
        pytest.param({"time": "2026-09-22T00:30:00"}, "feeds.off_duty", id="已拆下"),
        pytest.param({"time": "昨天"}, "feeds.time", id="时间不对"),
        pytest.param({"time": "2026-09-24T00:00:00"}, "feeds.untimely", id="太早"),
        pytest.param({"lat": "0"}, "feeds.fix_place", id="经纬度为零"),
        pytest.param({"pm10": "八十"}, "feeds.fix_value", id="数值不对"),
    ],
)
def test_what_is_refused_says_why(other, reason):
    assert _judged(**other).reason == reason


def test_an_empty_cell_is_nothing_and_no_reason_to_refuse():
    assert _judged(pm10="").row["pm10"] is None


def test_chinese_headings_and_json_are_read_alike():
    sheet = "车辆,时间,经度,纬度,PM10\nT01,2026-09-21T08:00:00,120.5,36.5,80\n".encode()
    told = b'{"fixes": [{"vehicle_id": "T01", "timestamp": "2026-09-21T08:00:00", "lng": 120.5, "lat": 36.5, "pm10": 80}]}'
    rows = [read_fixes(sheet, media="text/csv"), read_fixes(told, media="application/json")]
    for found in rows:
        assert judge_fix(
            1, found[0], FLEET, received_at=AT, source="", arrival=Arrival(b"", "", "")
        ).accepted


def test_a_batch_without_a_place_is_not_read():
    with pytest.raises(Problem) as refused:
        read_fixes(b"vehicle,time\nT01,2026-09-21\n", media="text/csv")
    assert refused.value.code == "feeds.fixes_unreadable"
