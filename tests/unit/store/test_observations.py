from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet
import pytest

from qingyuan.core.periods import Period
from qingyuan.store.observations import Late, Observations

START = datetime(2026, 9, 1, 1, 0, tzinfo=UTC)


def reading(minute, text="0.35", **other):
    return {
        "station": "section:S01",
        "factor": "w21003",
        "cn": "2011",
        "suffix": "Rtd",
        "time": START + timedelta(minutes=minute),
        "text": text,
        "flag": "N",
        "unit": "mg/L",
        "mn": "A37",
        "qn": "20260901090000001",
        "received_at": START + timedelta(minutes=minute, seconds=2),
        "segment": 1,
        "offset": minute,
    } | other


@pytest.fixture
def observations(tmp_path):
    return Observations(tmp_path / "store")


def texts(observations):
    return [(row["text"], row["changed"]) for row in observations.since(0).to_pylist()]


def test_a_row_is_stored_as_sent_with_its_number_and_beijing_day(observations):
    observations.append([reading(0, "0.350", time=datetime(2026, 9, 1, 16, 30, tzinfo=UTC))])
    [row] = observations.since(0).to_pylist()
    assert row["text"] == "0.350"
    assert row["value"] == 0.35
    assert row["day"] == date(2026, 9, 2)


@pytest.mark.parametrize("text", ["", "--", "NaN", "inf", "1_000", "１２", "1e30"])
def test_a_text_that_is_no_number_is_kept_without_a_value(observations, text):
    observations.append([reading(0, text)])
    [row] = observations.since(0).to_pylist()
    assert (row["text"], row["value"]) == (text, None)


def test_a_resent_row_is_stored_once(observations):
    first = observations.append([reading(0), reading(1)])
    again = observations.append([reading(1, segment=2, offset=9), reading(0)])
    assert again == first
    assert observations.since(0).num_rows == 2


def test_a_changed_value_is_kept_beside_the_first_and_marked(observations):
    observations.append([reading(0, "0.35")])
    observations.append([reading(0, "0.36"), reading(0, "0.35")])
    assert texts(observations) == [("0.35", False), ("0.36", True)]


def test_a_changed_flag_is_a_change(observations):
    observations.append([reading(0), reading(0, flag="M")])
    assert texts(observations) == [("0.35", False), ("0.35", True)]


def test_doubles_inside_one_batch_are_seen(observations):
    observations.append([reading(0), reading(0), reading(0, "9"), reading(0, "9")])
    assert texts(observations) == [("0.35", False), ("9", True)]


def test_a_replayed_application_version_writes_nothing(observations):
    observations.append([reading(0)], app=("gateway", 7))
    version = observations.version()
    assert observations.append([reading(1)], app=("gateway", 7)) == version
    assert observations.append([reading(1)], app=("gateway", 6)) == version
    assert observations.append([reading(1)], app=("gateway", 8)) > version
    assert observations.app_version("gateway") == 8
    assert observations.app_version("somebody else") is None


def test_resends_are_known_after_a_restart(observations, tmp_path):
    observations.append([reading(0)])
    restarted = Observations(tmp_path / "store")
    restarted.append([reading(0), reading(0, "0.4")])
    assert texts(restarted) == [("0.35", False), ("0.4", True)]


def test_what_another_process_appended_is_known(observations, tmp_path):
    observations.append([reading(0)])
    Observations(tmp_path / "store").append([reading(1)])
    observations.append([reading(1), reading(2)])
    assert observations.since(0).num_rows == 3


def test_resends_are_known_after_days_were_forgotten(tmp_path):
    observations = Observations(tmp_path / "store", window_rows=1)
    days = [reading(1440 * day) for day in range(4)]
    observations.append(days)
    observations.append(days)
    assert observations.since(0).num_rows == 4


def test_a_follower_meets_each_row_once_across_a_compaction(observations):
    for minute in range(12):
        observations.append([reading(minute)])
    early = observations.news(0, most=5)
    assert observations.tidy() == 1
    observations.append([reading(12)])
    late = observations.news(early.version)
    assert early.rows.num_rows + late.rows.num_rows == 13
    assert observations.news(late.version).rows.num_rows == 0
    assert len(observations.table.files()) == 2


def test_following_from_before_the_log_says_so(observations, raises_problem):
    observations.append([reading(0)])
    (observations.table.path / "_delta_log" / f"{1:020d}.json").unlink()
    with raises_problem("store.version_gone"):
        observations.since(0)


def test_a_follower_without_a_log_goes_on_from_what_was_received(observations):
    observations.append([reading(minute) for minute in range(5)])
    rows = observations.received_since(START + timedelta(minutes=3))
    assert rows.column("offset").to_pylist() == [3, 4]
    assert observations.received_since(START + timedelta(days=30)).num_rows == 0


def test_resends_are_known_although_the_log_is_gone(observations, tmp_path):
    observations.append([reading(0)])
    other = Observations(tmp_path / "store")
    other.append([reading(1)])
    other.append([reading(3)])
    other.table._delta.create_checkpoint()
    for version in range(3):
        (other.table.path / "_delta_log" / f"{version:020d}.json").unlink()
    other.append([reading(2)])
    observations.append([reading(minute) for minute in range(4)])
    assert len(observations.table.read(columns=["text"])) == 4


def test_an_empty_batch_commits_nothing(observations):
    assert observations.append([], app=("gateway", 1)) == 0


def test_a_naive_time_is_refused_and_nothing_is_written(observations, raises_problem):
    with raises_problem("store.naive_time"):
        observations.append([reading(0), reading(1, time=datetime(2026, 9, 1))])  # noqa: DTZ001 -- the fault under test
    assert observations.version() == 0


def test_a_missing_column_is_named(observations, raises_problem):
    with raises_problem("store.missing_column"):
        observations.append(pa.table({"station": ["section:S01"]}))


@pytest.mark.parametrize("name", ["history.csv", "history.parquet"])
def test_history_is_imported_once(observations, tmp_path, name):
    table = pa.table(
        {
            "station": ["section:S01"] * 3,
            "factor": ["w21003"] * 3,
            "time": pa.array(
                [START + timedelta(hours=h) for h in range(3)], pa.timestamp("us", "UTC")
            ),
            "text": ["0.30", "0.31", ""],
            "mn": ["A37"] * 3,
        }
    )
    path = tmp_path / name
    writer = pyarrow.csv.write_csv if name.endswith("csv") else pyarrow.parquet.write_table
    writer(table, path)
    observations.bulk(path, app=("history", 1))
    observations.bulk(path)
    rows = observations.since(0).to_pylist()
    assert [(row["cn"], row["suffix"], row["text"], row["value"]) for row in rows] == [
        ("hist", "Avg", "0.30", 0.30),
        ("hist", "Avg", "0.31", 0.31),
        ("hist", "Avg", "", None),
    ]


def test_what_was_known_stays_the_same_whatever_comes_later(observations):
    hours = Period(START, START + timedelta(hours=3))
    observations.append([reading(0, "1"), reading(10, "2")])
    newest = START + timedelta(minutes=10, seconds=2)
    at = START + timedelta(hours=5)
    known_at = observations.known_until(at)
    assert newest <= known_at <= newest + timedelta(milliseconds=1)
    assert observations.known_until(START) == START
    known = observations.as_known(known_at)
    [before] = known.means(None, None, hours)
    assert observations.late(hours, known_at=known_at) == Late(0, 0)
    later = {"received_at": at}
    observations.append([reading(10, "8", **later), reading(20, "9", **later)])
    observations.append([reading(20, "9", cn="2061", **later)])  # no reading of real time
    observations.append([reading(240, "9", **later)])  # not of the period
    observations.tidy()
    assert observations.late(hours, known_at=known_at) == Late(2, 1)
    assert known.means(None, None, hours) == [before]
    assert known.latest(at=at).num_rows == 1
    assert known.series("section:S01", "w21003", hours).column("text").to_pylist() == ["1", "2"]
    [now] = observations.means(None, None, hours)
    assert (before.value, before.count, now.value, now.count) == (Decimal("1.5"), 2, 6, 3)


def test_an_empty_store_knows_everything_up_to_now(observations):
    assert observations.known_until(START) == START
    hours = Period(START, START + timedelta(hours=3))
    assert observations.late(hours, known_at=START) == Late(0, 0)
