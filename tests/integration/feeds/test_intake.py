from __future__ import annotations

import os
from pathlib import Path

import pytest

from qingyuan.core.problems import Problem
from qingyuan.feeds import Arrival, receive
from qingyuan.feeds.batch import JSON
from qingyuan.store.observations import Observations
from qingyuan.store.quarantine import Quarantine

from .conftest import batch


def _texts(data: Path) -> list[str]:
    return sorted(Observations(data / "store").since(-1).column("text").to_pylist())


def _post(intake, raw: bytes, **more):
    return receive(intake, raw, media=JSON, source="http:1", allowed=None, **more)


def test_a_batch_is_stored_once_however_often_it_is_sent(data, open_intake):
    intake = open_intake()
    first = _post(intake, batch("0.350", "0.36"))
    assert (first.status, first.body["accepted"]) == (200, 2)
    assert _post(intake, batch("0.350", "0.36")).status == 200
    assert _texts(data) == ["0.350", "0.36"]
    assert _post(intake, batch("0.351")).status == 200  # another value of the same instant
    rows = Observations(data / "store").since(-1).to_pylist()
    assert [(r["text"], r["changed"]) for r in rows if r["text"] == "0.351"] == [("0.351", True)]
    assert {r["qn"].partition("@")[0] for r in rows} == {"http:1"}


def test_every_row_has_its_verdict_and_what_was_refused_is_set_aside(data, open_intake):
    intake = open_intake()
    some = _post(intake, batch("0.35", "--"))
    assert (some.status, some.body["accepted"], some.body["refused"]) == (207, 1, 1)
    (row,) = some.body["rows"]
    assert (row["row"], row["code"]) == (2, "feeds.not_a_number")
    assert "--" in row["zh"]
    assert _post(intake, batch("x")).status == 422
    assert _post(intake, b"{").status == 400
    reasons = {r["reason"] for r in Quarantine(data / "store").recent()}
    assert reasons == {"feeds.not_a_number", "feeds.unreadable"}


def test_what_was_kept_by_a_process_that_died_is_committed_by_the_next(data, open_intake):
    intake = open_intake()
    intake.keep([Arrival(batch("0.41"), JSON, "http:1")])
    intake._journal._close_file()  # the process is gone: nothing committed, the lock let go
    intake._journal._claim.close()
    again = open_intake()
    assert again.slot == intake.slot
    assert again.commit() == 1
    assert _texts(data) == ["0.41"]
    assert again.commit() == 0


def test_two_processes_have_a_journal_each_and_one_looks_after_the_other(data, open_intake):
    one, two = open_intake(), open_intake()
    assert one.slot != two.slot
    _post(one, batch("0.51"))
    two.keep([Arrival(batch("0.52", minute=5), JSON, "http:1")])
    assert one.commit_abandoned() == 0  # its owner lives
    two._journal._close_file()
    two._journal._claim.close()
    assert one.commit_abandoned() == 1
    assert one.commit_abandoned() == 0
    assert _texts(data) == ["0.51", "0.52"]


def test_while_the_store_is_away_the_journal_keeps_and_says_so(data, open_intake, monkeypatch):
    intake = open_intake()

    def away(*_: object, **__: object) -> int:
        raise OSError("store is away")

    with monkeypatch.context() as patched:
        patched.setattr(intake._observations, "append", away)
        assert _post(intake, batch("0.61")).status == 200  # durable is what counts
    assert _texts(data) == []
    _post(intake, batch("0.62", minute=5))
    assert _texts(data) == ["0.61", "0.62"]


def test_a_full_disk_keeps_nothing_and_asks_to_send_again(data, open_intake, monkeypatch):
    intake = open_intake()

    def full(*_: object) -> int:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(os, "write", full)
        answer = _post(intake, batch("0.71"))
    assert (answer.status, answer.body["problem"]["code"]) == (503, "store.journal_full")
    assert _texts(data) == []
    assert _post(intake, batch("0.71")).status == 200
    assert _texts(data) == ["0.71"]


def test_all_slots_taken_is_said(data, open_intake, monkeypatch):
    monkeypatch.setattr("qingyuan.feeds.intake.claim", lambda *_a, **_k: (_ for _ in ()).throw(Problem("store.journal_in_use", folder=data)))  # fmt: skip
    with pytest.raises(Problem) as told:
        open_intake()
    assert told.value.code == "store.journal_in_use"


def test_what_is_in_the_store_is_kept_for_its_days_and_then_deleted(data, open_intake):
    before = open_intake()
    _post(before, batch("0.41"))
    before.close()
    folder = data / "journal" / "feeds"
    (old,) = folder.glob("seg-*.qyj")
    os.utime(old, (0, 0))
    intake = open_intake()
    intake.keep([Arrival(batch("0.42"), JSON, "http:1")])
    assert old.exists()  # nothing is deleted before a commit has looked
    assert intake.commit() == 1
    assert not old.exists()
    assert _texts(data) == ["0.41", "0.42"]
    again = open_intake()
    assert again.commit() == 0


def test_what_is_not_in_the_store_is_never_deleted(data, open_intake, monkeypatch):
    intake = open_intake()
    intake.keep([Arrival(batch("0.43"), JSON, "http:1")])
    (only,) = (data / "journal" / "feeds").glob("seg-*.qyj")
    os.utime(only, (0, 0))
    intake._expire()
    assert only.exists()
    assert intake.commit() == 1
