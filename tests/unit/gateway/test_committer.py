"""The committer: each record once, whatever is committed already, and one bad record alone."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from qingyuan import hj212
from qingyuan.gateway.commit import Committer
from qingyuan.gateway.devices import Device
from qingyuan.gateway.follow import kept_of, read_cursor, version_of
from qingyuan.gateway.rows import Row
from qingyuan.gateway.sink import Committed
from qingyuan.store.journal import Journal, header_line, read_segment

MN = "A370299000000000000S0101"
AT = datetime(2026, 9, 22, 0, 30, tzinfo=UTC)
HEADER = {"t": AT.isoformat(), "peer": "10.0.0.1:99", "conn": 1}


class Tables:
    """Three tables in memory that fail when told to."""

    def __init__(self) -> None:
        self.versions = [0, 0, 0]
        self.rows: list[Row] = []
        self.odd: list[Row] = []
        self.said: list[Row] = []
        self.fail = ""
        self.unfit = ""

    def committed(self, app: str) -> Committed:
        assert app == "gateway"
        return Committed(*self.versions)

    def fits(self, rows) -> bool:
        return self.unfit not in rows.column("text").to_pylist()

    def observe(self, rows, app: str, version: int) -> None:
        assert version > self.versions[0]
        if not self.fits(rows):
            raise ValueError("no column takes this")
        self.versions[0] = version
        self.rows += rows.to_pylist()
        if self.fail == "observe":
            raise OSError("gone after the commit")

    def quarantine(self, rows: list[Row], app: str, version: int) -> None:
        assert version > self.versions[1]
        if self.fail == "quarantine":
            raise OSError("gone before the commit")
        self.versions[1] = version
        self.odd += rows

    def converse(self, rows: list[Row], app: str, version: int) -> None:
        assert version > self.versions[2]
        self.versions[2] = version
        self.said += rows


def raw(text: str, pw: str = "123456") -> bytes:
    values = {"w21003": {"Rtd": text}}
    return hj212.upload(
        cn="2011", mn=MN, st="21", pw=pw, qn=AT, data_time=AT, values=values
    )  # fmt: skip


def committer(journal: Journal, tables: Tables, folder: Path) -> Committer:
    return Committer(
        journal.folder,
        store=folder,
        synced=lambda: journal.synced,
        open_sink=lambda: tables,
        devices=lambda: {MN: Device(mn=MN, station="section:S01", password="123456")},
    )


@pytest.fixture
def journal(tmp_path: Path):
    journal = Journal(tmp_path / "journal", roll_bytes=400)
    yield journal
    journal.close()


def follow(follower: Committer) -> None:
    while follower.step():
        pass


def texts(tables: Tables) -> list[object]:
    return [row["text"] for row in tables.rows]


def test_only_what_is_durable_is_committed(journal: Journal, tmp_path: Path):
    tables = Tables()
    follower = committer(journal, tables, tmp_path)
    journal.append(raw("1"), HEADER)
    follow(follower)
    assert tables.rows == []
    journal.sync()
    follow(follower)
    assert texts(tables) == ["1"]
    assert tables.versions[0] == version_of(journal.synced)


@pytest.mark.parametrize("fail", ["observe", "quarantine"])
@pytest.mark.parametrize("cursor_lost", [False, True])
def test_a_crash_between_two_commits_doubles_nothing(
    journal: Journal, tmp_path: Path, fail: str, cursor_lost: bool
):
    tables = Tables()
    sent = 0
    for fault in ("", fail, "", fail, fail, ""):
        for _ in range(3):
            sent += 1
            journal.append(raw(str(sent)), HEADER)
            journal.append(raw(str(sent), pw="000000"), HEADER)
        journal.sync()
        tables.fail = fault
        follower = committer(journal, tables, tmp_path)
        if fault:
            with pytest.raises(OSError, match="gone"):
                follow(follower)
        else:
            follow(follower)
        if cursor_lost:
            (tmp_path / "gateway.json").unlink(missing_ok=True)
    assert texts(tables) == [str(number) for number in range(1, sent + 1)]
    assert [row["reason"] for row in tables.odd] == ["gateway.wrong_password"] * sent
    assert len({(row["segment"], row["offset"]) for row in tables.odd}) == sent


def test_a_record_that_cannot_be_stored_is_set_aside_alone(journal: Journal, tmp_path: Path):
    tables = Tables()
    tables.unfit = "2"
    for number in range(1, 4):
        journal.append(raw(str(number)), HEADER)
    journal.sync()
    assert committer(journal, tables, tmp_path).step()
    assert texts(tables) == ["1", "3"]
    assert [(row["reason"], row["raw"]) for row in tables.odd] == [
        ("gateway.cannot_store", raw("2"))
    ]


def test_a_damaged_segment_does_not_hide_the_next(journal: Journal, tmp_path: Path, caplog):
    tables = Tables()
    for number in range(1, 9):
        journal.append(raw(str(number)), HEADER)
        journal.sync()
    path = journal.folder / "seg-000000000001.qyj"
    data = bytearray(path.read_bytes())
    data[20] ^= 1
    path.write_bytes(data)
    follow(committer(journal, tables, tmp_path))
    assert texts(tables)
    assert "8" in texts(tables)
    assert "1" not in texts(tables)
    assert "journal_damaged" in caplog.text


def test_what_is_in_memory_and_what_is_in_the_journal_make_the_same_rows(
    journal: Journal, tmp_path: Path
):
    tables = Tables()
    follower = committer(journal, tables, tmp_path)
    devices = follower._devices()
    line = header_line(HEADER)
    for number in range(1, 31):
        kept = None
        position = journal.append(raw(str(number)), line)
        end = journal.reached
        journal.sync()
        if number % 7:  # every seventh is known to the journal alone
            (record,) = read_segment(journal.folder, position.segment, position.offset, upto=end[1])
            kept = kept_of(record, devices)
            follower.own.take([kept])
        if number % 5 == 0:
            follow(follower)
    assert texts(tables) == [str(number) for number in range(1, 31)]
    assert tables.versions[0] == version_of(journal.synced)
    assert follower.own.behind == 0


def part(number: int, of: int, *, at: datetime = AT) -> bytes:
    return hj212.upload(
        cn="2011", mn=MN, st="21", pw="123456", qn=at, data_time=AT, flag=7, pnum=of, pno=number,
        values={f"w2100{number}": {"Rtd": str(number)}},
    )  # fmt: skip


@pytest.mark.parametrize("killed_after", [0, 1, 2, 3])
def test_split_packets_are_whole_before_they_are_stored_whenever_we_are_killed(
    journal: Journal, tmp_path: Path, killed_after: int
):
    tables = Tables()
    follower = committer(journal, tables, tmp_path)
    for number in (3, 1, 2):
        journal.append(part(number, 3), HEADER)
        journal.sync()
        if number == killed_after:
            follow(follower)
            assert tables.rows == [] or number == 2
            follower = committer(journal, tables, tmp_path)
    follow(follower)
    assert texts(tables) == ["1", "2", "3"]
    assert len({(row["segment"], row["offset"]) for row in tables.rows}) == 1


def test_what_came_of_a_split_packet_is_stored_when_the_rest_does_not(
    journal: Journal, tmp_path: Path
):
    tables = Tables()
    journal.append(part(2, 3), HEADER)
    journal.sync()
    follow(committer(journal, tables, tmp_path))
    assert tables.rows == []
    later = AT.replace(minute=32)
    journal.append(b"", {"t": later.isoformat()})  # the gateway tells the time
    journal.sync()
    follow(committer(journal, tables, tmp_path))
    assert texts(tables) == ["2"]


def test_steps_of_dialogues_and_folded_floods_have_their_own_rows(journal: Journal, tmp_path: Path):
    said = {
        "mn": MN,
        "command": 7,
        "purpose": "command",
        "cn": "1012",
        "qn": "1",
        "direction": "down",
    }
    tables = Tables()
    journal.append(b"##0000", HEADER | {"dialogue": {**said, "event": "sent", "result": ""}})
    journal.append(b"", HEADER | {"dialogue": {**said, "event": "overtime", "result": "silent"}})
    journal.append(b"", HEADER | {"folded": {"mn": MN, "reason": "crc.unknown", "count": 321}})
    journal.append(
        raw("5"), HEADER | {"dialogue": {**said, "direction": "up", "event": "answered"}}
    )
    journal.sync()
    follow(committer(journal, tables, tmp_path))
    assert [(row["event"], row["command"], row["raw"][:2]) for row in tables.said] == [
        ("sent", 7, b"##"),
        ("overtime", 7, b""),
        ("answered", 7, b"##"),
    ]
    assert [(row["reason"], row["count"]) for row in tables.odd] == [("crc.unknown", 321)]
    assert texts(tables) == ["5"]  # data that answers is stored as data
    assert read_cursor(tmp_path / "gateway.json") == journal.synced
