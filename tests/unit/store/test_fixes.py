"""Fixes: kept as they came, read in order, compacted by the job that has read them."""

from datetime import UTC, date, datetime, timedelta

from qingyuan.store.fixes import Fixes

START = datetime(2026, 9, 1, 2, tzinfo=UTC)
DAY = date(2026, 9, 1)


def fix(second, vehicle="T1"):
    time = START + timedelta(seconds=second)
    return {
        "vehicle": vehicle, "time": time, "lon": 117.0, "lat": 36.6, "pm10": 80.0, "pm25": 40.0, "rh": 50.0,
        "speed_ms": 8.0, "received_at": time, "source": "mqtt",
    }  # fmt: skip


def test_a_crowded_day_is_compacted_and_says_the_same(tmp_path):
    fixes = Fixes(tmp_path / "store")
    for second in range(9):
        fixes.append([fix(second), fix(second, "T2")])
    before = fixes.between(DAY, DAY)
    assert fixes.tidy() == 1
    assert len(fixes.table.files()) == 1
    assert fixes.between(DAY, DAY).equals(before)
    assert [(one.vehicle, one.count) for one in fixes.counts(DAY, DAY)] == [("T1", 9), ("T2", 9)]
