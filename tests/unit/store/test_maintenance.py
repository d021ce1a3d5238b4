"""A table is kept as its policy says: expired, compacted, cleaned; pinned versions stay."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pyarrow as pa
import pytest

from qingyuan.core.periods import Period
from qingyuan.core.problems import Problem
from qingyuan.store.check import check
from qingyuan.store.columns import OBSERVATIONS, as_table
from qingyuan.store.history import at_instant, commits, pin, pinned, pins, unpin
from qingyuan.store.maintenance import maintain, maintain_all, states, table_names
from qingyuan.store.observations import Observations
from qingyuan.store.policies import policy_of
from qingyuan.store.tables import Table

START = datetime(2026, 9, 1, 2, tzinfo=UTC)
DAY = Period(START, START + timedelta(hours=6))
AT = datetime(2026, 9, 5, 8, tzinfo=UTC)
NOW = replace(policy_of("observations"), log_hours=0, removed_hours=0)


def reading(minute, text="1", **more):
    time = START + timedelta(minutes=minute)
    return {
        "station": "section:S01", "factor": "w21003", "cn": "2011", "suffix": "Rtd", "time": time,
        "text": text, "mn": "A", "received_at": time, "offset": minute, **more,
    }  # fmt: skip


@pytest.fixture
def observations(tmp_path):
    return Observations(tmp_path / "store")


def sums(observations, **more):
    return [(m.value, m.count) for m in observations.means(None, None, DAY, **more)]


def keep(observations, **policy):
    rules = replace(policy_of("observations"), **policy)
    return maintain(observations.table, today=date(2026, 9, 5), at=AT, full=True, policy=rules)


def test_crowded_days_are_compacted_and_old_ones_removed(observations):
    for minute in range(9):
        observations.append([reading(minute)])
    observations.append([reading(-10 * 1440)])
    told = keep(observations, keep_days=7)
    assert (told.compacted_days, told.removed_days) == (1, 1)
    assert observations.table.days() == [date(2026, 9, 1)]
    assert len(observations.table.files()) == 1


def test_without_a_limit_no_day_is_ever_removed(observations):
    observations.append([reading(-3000 * 1440)])
    assert keep(observations).removed_days == 0


def test_every_table_is_kept_and_what_was_done_is_written_down(observations, tmp_path):
    observations.append([reading(0)])
    assert table_names(tmp_path / "store") == ["observations"]
    [done] = maintain_all(tmp_path / "store", today=date(2026, 9, 5), at=AT)
    assert states(tmp_path / "store") == {"observations": done}
    [again] = maintain_all(tmp_path / "store", today=date(2026, 9, 5), at=AT + timedelta(hours=1))
    assert again.full_at == done.full_at == AT  # the folder is searched once a day


def test_a_table_that_cannot_be_kept_is_told_and_the_others_are_kept(
    observations, tmp_path, monkeypatch
):
    Table(tmp_path / "store", "fixes", pa.schema([("x", pa.int64()), ("day", pa.date32())]))

    def tidy(table, **_):
        if table.name == "fixes":
            raise Problem("store.busy", table="fixes", tries=5)
        return 0

    monkeypatch.setattr("qingyuan.store.maintenance.tidy", tidy)
    done = maintain_all(tmp_path / "store", today=date(2026, 9, 5), at=AT)
    assert [(one.table, one.problem) for one in done] == [
        ("observations", None),
        ("fixes", "store.busy"),
    ]
    assert states(tmp_path / "store")["fixes"].zh


def test_a_version_is_read_as_it_stood_and_takes_no_rows(observations):
    version = observations.append([reading(0, "1")])
    observations.append([reading(0, "3"), reading(1, "5")])
    past = observations.at(version)
    assert (sums(past), sums(observations)) == ([(1, 1)], [(4, 2)])
    assert past.version() == version


def test_a_version_long_gone_says_so(observations, raises_problem):
    version = observations.append([reading(0)])
    for minute in range(1, 9):
        observations.append([reading(minute)])
    keep(observations)
    for path in observations.at(version).table.files():
        observations.table.place.remove("/".join(path.split("/")[-2:]))
    with raises_problem("store.version_gone"):
        observations.at(version)


def test_an_instant_finds_the_version_of_its_time(observations, raises_problem):
    observations.append([reading(0)])
    told = commits(observations.table)
    assert [one.rows for one in told if one.operation == "WRITE"] == [1]
    assert at_instant(observations.table, told[0].at).version() == told[0].version
    with raises_problem("store.version_gone"):
        at_instant(observations.table, told[-1].at - timedelta(seconds=1))


def test_what_the_bulletin_saw_is_asked_by_the_time_of_receipt(observations):
    """No version needed: a correction received later is left out."""
    observations.append([reading(0, "1")])
    observations.append([reading(0, "9", received_at=START + timedelta(hours=20))])
    assert sums(observations) == [(9, 1)]
    assert sums(observations, known_at=START + timedelta(hours=8)) == [(1, 1)]


def test_a_pinned_version_outlives_compaction_and_cleaning(observations, monkeypatch):
    for minute in range(8):
        observations.append([reading(minute, str(minute))])
    kept = pin(observations.table, "bulletin-1", at=AT)
    assert (kept.rows, kept.files) == (8, 8)
    observations.append([reading(0, "100")])
    vacuum = observations.table.delta.vacuum
    monkeypatch.setattr(
        type(observations.table.delta), "vacuum",
        lambda self, **k: vacuum(retention_hours=0, enforce_retention_duration=False, **k),
    )  # fmt: skip
    keep(observations)
    assert check(observations.table).is_whole
    assert sums(observations.pinned("bulletin-1")) == [(3.5, 8)]
    unpin(observations.table, "bulletin-1")
    keep(observations)
    there = observations.table.place.listing()
    assert len([path for path in there if path.startswith("day=")]) == 1
    assert pins(observations.table) == []


@pytest.mark.parametrize(
    ("name", "code"), [("../out", "store.pin_name"), ("taken", "store.pin_taken")]
)
def test_a_pin_needs_a_new_and_plain_name(observations, raises_problem, name, code):
    observations.append([reading(0)])
    pin(observations.table, "taken", at=AT)
    with raises_problem(code):
        pin(observations.table, name, at=AT)


def test_an_unknown_pin_says_so(observations, raises_problem):
    with raises_problem("store.pin_unknown"):
        pinned(observations.table, "none")
    with raises_problem("store.pin_unknown"):
        unpin(observations.table, "none")


def test_a_new_column_is_read_by_old_readers_and_written_by_old_writers(tmp_path):
    """Two releases at once: the old process began before the new one added a column."""
    old = Observations(tmp_path / "store")
    old.append([reading(0, "1")])
    wider = pa.schema([*list(OBSERVATIONS)[:-1], pa.field("lab", pa.string()), OBSERVATIONS[-1]])
    new = Table(tmp_path / "store", "observations", wider)
    with_lab = as_table([reading(1, "3")]).append_column("lab", pa.array(["化验室"]))
    new.append(with_lab.select(wider.names))
    old.append([reading(2, "5")])
    assert sums(old) == [(3, 3)]
    assert new.read(columns=["text", "lab"]).sort_by("text").to_pylist() == [
        {"text": "1", "lab": None}, {"text": "3", "lab": "化验室"}, {"text": "5", "lab": None},
    ]  # fmt: skip


def test_the_engine_reads_files_from_before_a_column(tmp_path):
    from qingyuan.store.engine import Engine

    narrow = pa.schema([("x", pa.int64()), ("day", pa.date32())])
    table = Table(tmp_path / "store", "fixes", narrow)
    table.append(pa.table({"x": [1], "day": [date(2026, 9, 1)]}, schema=narrow))
    wide = pa.schema([("x", pa.int64()), ("lab", pa.string()), ("day", pa.date32())])
    asked = pa.schema([("x", pa.int64()), ("lab", pa.string())])
    wider = Table(tmp_path / "store", "fixes", wide)

    def answer():
        found = Engine().ask([wider.files()], lambda rows: rows.order_by("x"), schema=asked)
        return found.to_pylist()

    assert answer() == [{"x": 1, "lab": None}]
    row = {"x": [2], "lab": ["a"], "day": [date(2026, 9, 2)]}
    wider.append(pa.table(row, schema=wide))
    assert answer() == [{"x": 1, "lab": None}, {"x": 2, "lab": "a"}]


def test_a_lost_and_a_torn_file_are_found(observations):
    for minute in range(3):
        observations.append([reading(minute)])
    lost, torn, longer = (observations.table.path / p.split("observations/")[1] for p in observations.table.files())  # fmt: skip
    whole = torn.read_bytes()
    lost.unlink()
    torn.write_bytes(whole[:-8])
    longer.write_bytes(longer.read_bytes()[:-9] + b"\x00" * 9)  # as long as it was
    found = check(observations.table)
    assert (len(found.missing), len(found.wrong)) == (1, 1)
    assert len(check(observations.table, deep=True).wrong) == 2


def test_what_a_dead_writer_left_half_is_rubbish_not_loss(observations):
    observations.append([reading(0)])
    half = observations.table.path / "day=2026-09-01" / "part-x.parquet#1"
    half.write_bytes(b"PAR1half")
    found = check(observations.table)
    assert found.is_whole
    assert found.half_written == ("day=2026-09-01/part-x.parquet#1",)
    assert keep(observations, removed_hours=0).removed_files == 1
    assert not half.exists()
