import os
import tempfile
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from qingyuan.core.periods import Period, day_of
from qingyuan.store.engine import Engine, engine
from qingyuan.store.observations import Observations

START = day_of(date(2026, 9, 1)).start
DAY = day_of(date(2026, 9, 1))


def reading(minute, text="0.35", **other):
    time = START + timedelta(minutes=minute)
    return {
        "station": "section:S01",
        "factor": "w21003",
        "cn": "2011",
        "suffix": "Rtd",
        "time": time,
        "text": text,
        "flag": "N",
        "mn": "A37",
        "received_at": time + timedelta(seconds=2),
    } | other


@pytest.fixture
def observations(tmp_path):
    return Observations(tmp_path)


def test_a_series_is_in_order_and_holds_the_value_received_last(observations):
    later = START + timedelta(days=1)
    observations.append([reading(10, "0.3"), reading(0, "0.1"), reading(5, "0.2")])
    observations.append([reading(5, "0.25", received_at=later)])
    rows = observations.series("section:S01", "w21003", DAY)
    assert rows.column("text").to_pylist() == ["0.1", "0.25", "0.3"]
    assert rows.column("changed").to_pylist() == [False, True, False]


def test_the_end_of_a_period_is_outside(observations):
    observations.append([reading(0), reading(24 * 60)])
    assert observations.series("section:S01", "w21003", DAY).num_rows == 1


def test_hours_sent_by_the_device_are_asked_for_by_their_command(observations):
    observations.append([reading(0), reading(0, "0.4", cn="2061", suffix="Avg")])
    assert observations.series("section:S01", "w21003", DAY).column("cn").to_pylist() == ["2011"]
    hours = observations.series("section:S01", "w21003", DAY, cn="2061", suffix="Avg")
    assert hours.column("text").to_pylist() == ["0.4"]


def test_latest_is_one_row_a_series(observations):
    observations.append([reading(0, "1"), reading(5, "2"), reading(3, "7", factor="w01001")])
    rows = observations.latest(at=START + timedelta(minutes=5)).to_pylist()
    assert [(row["factor"], row["text"]) for row in rows] == [("w01001", "7"), ("w21003", "2")]
    assert observations.latest(at=START + timedelta(days=3)).num_rows == 0
    assert observations.latest(at=START + timedelta(minutes=5), stations=["air:A"]).num_rows == 0


def test_means_are_exact_and_leave_out_what_does_not_count(observations):
    observations.append(
        [
            reading(0, "0.1"),
            reading(5, "0.2"),
            reading(10, "9", flag="M"),
            reading(15, "--"),
            reading(20, "-5"),
            reading(60, "0.7"),
        ]
    )
    first, second = observations.means(["section:S01"], ["w21003"], DAY, interval_s=300)
    assert (first.value, first.count, first.expected) == (Decimal("0.15"), 2, 12)
    assert (first.low, first.high) == (Decimal("0.1"), Decimal("0.2"))
    assert not first.is_valid
    assert second.period.start == START + timedelta(hours=1)


def test_a_day_of_history_has_a_valid_mean(observations):
    hours = [reading(60 * h, str(h), cn="hist", suffix="Avg") for h in range(24)]
    observations.append(hours)
    [mean] = observations.means(None, None, DAY, step="day")
    assert (mean.value, mean.count, mean.is_valid) == (Decimal("11.5"), 24, True)
    assert mean.period == DAY


def test_an_empty_store_answers_empty(observations):
    assert observations.means(None, None, DAY) == []
    assert observations.latest(at=START).num_rows == 0
    assert observations.series("section:S01", "w21003", DAY).num_rows == 0


def test_answers_are_the_same_after_compaction(observations):
    for minute in range(9):
        observations.append([reading(minute, str(minute))])
    before = observations.means(None, None, DAY)
    observations.tidy()
    assert observations.means(None, None, DAY) == before


def test_a_process_has_one_engine_that_downloads_nothing():
    assert engine() is engine(threads=4)
    settings = Engine(threads=2, memory_mb=256)._backend.con.execute(
        "SELECT name, value FROM duckdb_settings() WHERE name IN "
        "('threads', 'memory_limit', 'autoinstall_known_extensions', 'autoload_known_extensions', "
        "'temp_directory')"
    )
    assert dict(settings.fetchall()) == {
        "threads": "2",
        "memory_limit": "244.1 MiB",
        "autoinstall_known_extensions": "false",
        "autoload_known_extensions": "false",
        "temp_directory": f"{tempfile.gettempdir()}/qingyuan-duckdb-{os.getpid()}",
    }


def test_no_view_is_left_behind(observations):
    observations.append([reading(0)])
    observations.latest(at=START)
    views = engine()._backend.con.execute("SELECT count(*) FROM duckdb_views() WHERE NOT internal")
    assert views.fetchone() == (0,)


def test_a_period_across_beijing_midnight_reads_both_days(observations):
    observations.append([reading(-1), reading(0)])
    around = Period(START - timedelta(minutes=5), START + timedelta(minutes=5))
    assert observations.series("section:S01", "w21003", around).num_rows == 2
    assert datetime(2026, 8, 31, 16, tzinfo=UTC) == START
