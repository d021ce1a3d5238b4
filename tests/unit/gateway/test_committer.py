"""The committer: each record once, whatever is committed already, and one bad record alone."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from qingyuan import hj212
from qingyuan.gateway.commit import Committer, Row, version_of
from qingyuan.gateway.devices import Device
from qingyuan.store.journal import Journal

MN = "A370299000000000000S0101"
AT = datetime(2026, 9, 22, 0, 30, tzinfo=UTC)
HEADER = {"t": AT.isoformat(), "peer": "10.0.0.1:99", "conn": 1}


class Tables:
    """Two tables in memory that fail when told to."""

    def __init__(self) -> None:
        self.versions = [0, 0]
        self.rows: list[Row] = []
        self.odd: list[Row] = []
        self.fail = ""
        self.unfit = ""

    def committed(self) -> tuple[int, int]:
        return self.versions[0], self.versions[1]

    def fits(self, rows: list[Row]) -> bool:
        return all(row["text"] != self.unfit for row in rows)

    def observe(self, rows: list[Row], version: int) -> None:
        assert version > self.versions[0]
        self.versions[0] = version
        self.rows += rows
        if self.fail == "observe":
            raise OSError("gone after the commit")

    def quarantine(self, rows: list[Row], version: int) -> None:
        assert version > self.versions[1]
        if self.fail == "quarantine":
            raise OSError("gone before the commit")
        self.versions[1] = version
        self.odd += rows


def raw(text: str, pw: str = "123456") -> bytes:
    values = {"w21003": {"Rtd": text}}
    return hj212.upload(
        cn="2011", mn=MN, st="21", pw=pw, qn=AT, data_time=AT, values=values
    )  # fmt: skip


def committer(journal: Journal, tables: Tables, folder: Path) -> Committer:
    return Committer(
        journal.folder,
        synced=lambda: journal.synced,
        open_sink=lambda: tables,
        devices=lambda: {MN: Device(mn=MN, station="section:S01", password="123456")},
        cursor=folder / "cursor.json",
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
            (tmp_path / "cursor.json").unlink(missing_ok=True)
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
