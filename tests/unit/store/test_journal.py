"""The journal keeps what was synced, cuts what was torn, and stays clean when the disk is full."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from qingyuan.store import journal as module
from qingyuan.store.journal import Journal, Position


def everything(journal: Journal) -> list[bytes]:
    return [record.raw for number in journal.segments() for record in journal.read(number)]


def test_what_is_synced_can_be_read_from_its_position(tmp_path: Path):
    journal = Journal(tmp_path)
    first = journal.append(b"##one\r\n", {"t": "a", "peer": "1.2.3.4:5", "conn": 1})
    second = journal.append(b"\n\x00two\n", {"t": "b", "peer": "站", "conn": 2})
    assert everything(journal) == []
    reached = journal.sync()
    assert first == Position(1, 0)
    assert journal.synced == reached > second > first
    (record,) = journal.read(second.segment, second.offset)
    assert record.raw == b"\n\x00two\n"
    assert record.header == {"t": "b", "peer": "站", "conn": 2}
    assert (record.position, record.end) == (second, reached)
    assert [r.raw for r in journal.read(1, 0, upto=second.offset)] == [b"##one\r\n"]
    journal.close()


def test_segments_roll_by_size_and_by_age(tmp_path: Path, monkeypatch):
    now = [0.0]
    monkeypatch.setattr(module.time, "monotonic", lambda: now[0])
    journal = Journal(tmp_path, roll_bytes=100, roll_seconds=60)
    for text in (b"a" * 90, b"b", b"c"):
        journal.append(text, {})
    assert journal.sync().segment == 2
    now[0] = 61.0
    journal.append(b"d", {})
    assert journal.sync().segment == 3
    assert journal.segments() == [1, 2, 3]
    assert everything(journal) == [b"a" * 90, b"b", b"c", b"d"]
    journal.close()


@pytest.mark.parametrize("torn", range(1, 30))
def test_a_torn_tail_is_cut_when_the_journal_is_opened(tmp_path: Path, torn: int):
    journal = Journal(tmp_path)
    journal.append(b"whole", {"conn": 1})
    whole = journal.sync().offset
    journal.append(b"x" * 20, {"conn": 1})
    journal.close()
    path = tmp_path / "seg-000000000001.qyj"
    os.truncate(path, whole + torn)
    again = Journal(tmp_path)
    assert everything(again) == [b"whole"]
    assert path.stat().st_size == whole
    again.append(b"next", {})
    again.sync()
    assert everything(again) == [b"whole", b"next"]
    again.close()


def test_a_changed_byte_is_found(tmp_path: Path, raises_problem):
    journal = Journal(tmp_path)
    journal.append(b"one", {})
    journal.append(b"two", {})
    journal.sync()
    path = tmp_path / "seg-000000000001.qyj"
    data = bytearray(path.read_bytes())
    data[10] ^= 1
    path.write_bytes(data)
    with raises_problem("store.journal_damaged"):
        everything(journal)
    journal.close()


def test_only_one_process_writes(tmp_path: Path, raises_problem):
    journal = Journal(tmp_path)
    with raises_problem("store.journal_in_use"):
        Journal(tmp_path)
    journal.close()
    Journal(tmp_path).close()


@pytest.mark.parametrize(
    ("number", "code"),
    [(errno.ENOSPC, "store.journal_full"), (errno.EIO, "store.journal_unwritable")],
)
def test_a_full_disk_leaves_whole_records_only(
    tmp_path: Path, monkeypatch, raises_problem, number: int, code: str
):
    journal = Journal(tmp_path)
    journal.append(b"kept", {})
    durable = journal.sync()
    really = os.write

    def write_half(file: int, data: memoryview) -> int:
        if len(data) > 30:
            return really(file, data[:30])
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(module.os, "write", write_half)
    journal.append(b"lost" * 10, {})
    with raises_problem(code):
        journal.sync()
    assert journal.synced == durable
    assert journal.generation == 1
    assert everything(journal) == [b"kept"]
    monkeypatch.setattr(module.os, "write", really)
    journal.append(b"again", {})
    assert journal.sync() > durable
    assert everything(journal) == [b"kept", b"again"]
    journal.close()
    reopened = Journal(tmp_path)
    assert everything(reopened) == [b"kept", b"again"]
    reopened.close()


def test_a_limit_of_the_real_file_system_is_a_problem(tmp_path: Path):
    """The same with a real refusal of the kernel, in a child of its own."""
    import subprocess
    import sys

    code = (
        "import resource, signal, sys\n"
        "from pathlib import Path\n"
        "from qingyuan.core.problems import Problem\n"
        "from qingyuan.store.journal import Journal\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "journal = Journal(Path(sys.argv[1]))\n"
        "journal.append(b'kept', {})\n"
        "journal.sync()\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))\n"
        "journal.append(b'x' * 5000, {})\n"
        "try:\n"
        "    journal.sync()\n"
        "except Problem as problem:\n"
        "    print(problem.code, [r.raw for n in journal.segments() for r in journal.read(n)])\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path)], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "store.journal_full [b'kept']"
