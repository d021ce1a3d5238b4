"""The whole store in an object store: a service in the tests, and a real one where it is named.

``QINGYUAN_TEST_S3_ENDPOINT``, ``_BUCKET``, ``_KEY``, ``_SECRET`` (and ``_REGION``) name a real one.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import urllib.error
import urllib.request
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import pytest

import object_store
from object_store import ObjectStore
from qingyuan import hj212
from qingyuan.cli import main
from qingyuan.core.periods import Period
from qingyuan.core.problems import Problem
from qingyuan.gateway.commit import Committer
from qingyuan.gateway.devices import Device
from qingyuan.gateway.sink import StoreSink
from qingyuan.host.folder import DataFolder
from qingyuan.store import place as place_module
from qingyuan.store.check import check
from qingyuan.store.history import pin
from qingyuan.store.journal import Journal
from qingyuan.store.maintenance import maintain
from qingyuan.store.observations import Observations
from qingyuan.store.policies import policy_of

START = datetime(2026, 9, 1, tzinfo=UTC)
WHOLE = Period(START, START + timedelta(days=2))
CROWDED = replace(policy_of("observations"), small_files=2)
OUTSIDE = "QINGYUAN_TEST_S3_"


@dataclass
class Service:
    """A bucket somewhere, with a prefix of this test's own."""

    endpoint: str
    bucket: str
    region: str
    prefix: str

    def store(self, folder: Path, more: str = "") -> Path:
        """Write ``place.toml`` into a folder and return it."""
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "place.toml").write_text(
            f'url = "s3://{self.bucket}/{self.prefix}"\nendpoint = "{self.endpoint}"\n'
            f'region = "{self.region}"\n{more}',
            "utf-8",
        )
        return folder


@pytest.fixture(autouse=True)
def _keys(monkeypatch):
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", object_store.KEY)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", object_store.SECRET)
    monkeypatch.delenv("AWS_SESSION_TOKEN", raising=False)
    monkeypatch.setattr(place_module, "_PROVEN", set())


@pytest.fixture
def double():
    service = ObjectStore()
    yield service
    service.stop()


def _in(double: ObjectStore) -> Service:
    return Service(double.endpoint, object_store.BUCKET, object_store.REGION, "t")


@pytest.fixture(params=["double", "outside"])
def service(request, monkeypatch):
    if request.param == "double":
        return _in(request.getfixturevalue("double"))
    told = {
        name: os.environ.get(OUTSIDE + name) for name in ("ENDPOINT", "BUCKET", "KEY", "SECRET")
    }
    if not all(told.values()):
        pytest.skip(
            f"no S3-compatible service is named ({OUTSIDE}ENDPOINT, _BUCKET, _KEY, _SECRET)"
        )
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", told["KEY"])
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", told["SECRET"])
    region = os.environ.get(f"{OUTSIDE}REGION", "us-east-1")
    return Service(told["ENDPOINT"], told["BUCKET"], region, f"qingyuan-test-{uuid4().hex}")


def readings(batch, rows=5, who="A"):
    at = START + timedelta(minutes=10 * batch)
    return [
        {
            "station": f"section:{who}{n}", "factor": "w21003", "cn": "2011", "suffix": "Rtd", "time": at,
            "text": f"{n}.{batch:02}", "mn": f"{who}{n}", "received_at": at, "segment": 1, "offset": batch,
        }
        for n in range(rows)
    ]  # fmt: skip


def test_the_store_keeps_answers_and_looks_back(service, tmp_path, monkeypatch, capsys):
    """Append, correct, pin, compact, vacuum, check, with the answers of a store on disk."""
    folder = DataFolder(tmp_path / "city").create("city")
    monkeypatch.setenv("QINGYUAN_DATA", str(folder.path))
    there, here = Observations(service.store(folder.store)), Observations(tmp_path / "here")
    for store in (there, here):
        for batch in range(6):
            version = store.append(readings(batch), app=("gateway", batch))
        store.append(readings(5), app=("gateway", 5))  # a replay
        late = readings(1, rows=1)[0] | {"text": "9.99", "received_at": START + timedelta(days=1)}
        store.append([late])
    seen_at = START + timedelta(hours=12)

    def answers(store):
        return [
            store.means(None, None, WHOLE),
            store.means(None, None, WHOLE, step="day", interval_s=600),
            store.means(None, None, WHOLE, known_at=seen_at),
            store.latest(at=WHOLE.end).to_pylist(),
        ]

    first = answers(there)
    assert first == answers(here)
    assert first[0] != first[2]
    pin(there.table, "kept", at=START, version=version)
    done = maintain(
        there.table, today=date(2026, 9, 2), at=START, full=True,
        policy=replace(CROWDED, removed_hours=0, log_hours=0),
    )  # fmt: skip
    assert done.compacted_days == 1
    assert len(there.table.files()) == 1
    assert answers(there) == first
    assert Observations(folder.store).pinned("kept").means(None, None, WHOLE) == first[2]
    there.append(readings(6), app=("gateway", 6))
    assert there.news(there.version() - 1).rows.num_rows == 5
    assert main(["store", "check", "--deep", "--json"]) == 0
    [told] = json.loads(capsys.readouterr().out)
    assert (told["rows"], told["is_whole"], told["missing"]) == (36, True, [])
    there.table.place.remove(there.table.actions().column("path").to_pylist()[0])
    assert main(["store", "check"]) == 1
    assert "缺失 / missing: day=2026-09-01/" in capsys.readouterr().out


WRITER = """
import sys
sys.path[:0] = [sys.argv[2], sys.argv[3]]
from test_object_store import readings
from qingyuan.store.observations import Observations
store = Observations(sys.argv[1])
print("ready", flush=True)
sys.stdin.readline()
for batch in range(8):
    store.append(readings(batch, who=sys.argv[4]), app=(sys.argv[4], batch + 1))
"""


def _writers(folders):
    here = Path(__file__).parent
    started = [
        subprocess.Popen(
            [sys.executable, "-c", WRITER, str(folder), str(here), str(here.parents[1]), who],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )
        for folder, who in zip(folders, "AB", strict=True)
    ]  # fmt: skip
    for process in started:
        assert process.stdout.readline() == "ready\n"
    for process in started:
        print(file=process.stdin, flush=True)
    return started


def _all_there(store, processes):
    for process in processes:
        _, faults = process.communicate(timeout=60)
        assert process.returncode == 0, faults
    rows = store.since(0)
    assert rows.num_rows == 2 * 8 * 5
    assert len(set(zip(*(rows.column(n).to_pylist() for n in ("mn", "text")), strict=True))) == 80
    assert check(store.table, deep=True).is_whole


def test_two_machines_append_while_a_third_compacts(service, tmp_path):
    """Three folders, so no lock is shared: the conditional put alone orders the commits."""
    folders = [service.store(tmp_path / name) for name in ("a", "b", "worker")]
    worker = Observations(folders[2])
    processes = _writers(folders[:2])
    while any(process.poll() is None for process in processes):
        maintain(worker.table, today=date(2026, 9, 2), at=START, policy=CROWDED)
    _all_there(worker, processes)


def test_a_service_that_overwrites_is_not_written_to_unless_everybody_takes_turns(tmp_path):
    double = ObjectStore(overwrites=True)
    try:
        service = _in(double)
        with pytest.raises(Problem) as told:
            Observations(service.store(tmp_path / "store"))
        assert told.value.code == "store.place_overwrites"
        assert told.value.zh != told.value.en
        assert not double.objects
        folder = service.store(tmp_path / "store", more="conditional_put = false\n")
        worker = Observations(folder)
        processes = _writers([folder, folder])
        while any(process.poll() is None for process in processes):
            maintain(worker.table, today=date(2026, 9, 2), at=START, policy=CROWDED)
        _all_there(worker, processes)
    finally:
        double.stop()


@pytest.fixture
def gateway(double, tmp_path):
    """A journal and what commits it to the object store."""
    store = _in(double).store(tmp_path / "store")
    journal = Journal(tmp_path / "journal")
    device = Device(mn="A370299000000000000S0101", station="section:S1", password="123456")
    committer = Committer(
        journal.folder, store=store, synced=lambda: journal.synced,
        open_sink=lambda: StoreSink(store), devices=lambda: {device.mn: device},
    )  # fmt: skip

    def arrives(text):
        packet = hj212.upload(
            cn="2011", mn=device.mn, st="21", pw=device.password, qn=START, data_time=START,
            values={"w21003": {"Rtd": text}},
        )  # fmt: skip
        journal.append(packet, {"t": START.isoformat(), "peer": "10.0.0.1:9", "conn": 1})
        journal.sync()

    yield arrives, committer, store
    journal.close()


def test_a_service_that_goes_away_is_said_and_everything_is_stored_once_it_is_back(double, gateway):
    arrives, committer, folder = gateway
    arrives("1.0")
    assert committer.step()
    reader = Observations(folder)
    double.stop()
    arrives("2.0")
    with pytest.raises(Problem) as told:
        committer.step()
    assert told.value.code == "store.place_away"
    assert "\x1b" not in told.value.en
    assert "Connection refused" in told.value.zh
    for deed in (
        lambda: Observations(folder),
        lambda: reader.means(None, None, WHOLE),
        lambda: reader.since(0),
        lambda: reader.table.at(1),
        lambda: check(reader.table),
        lambda: reader.table.place.listing(),
        lambda: maintain(reader.table, today=date(2026, 9, 2), at=START, full=True),
    ):
        with pytest.raises(Problem) as told:
            deed()
        assert told.value.code == "store.place_away"
    arrives("3.0")
    double.start()
    while committer.step():
        pass
    assert sorted(reader.since(0).column("text").to_pylist()) == ["1.0", "2.0", "3.0"]
    assert check(reader.table, deep=True).is_whole


def test_a_service_that_goes_away_in_the_middle_of_an_answer(double, tmp_path):
    store = Observations(_in(double).store(tmp_path / "store"))
    store.append(readings(0))
    double.unanswered = lambda method, key: method == "GET" and key.endswith(".parquet")
    with pytest.raises(Problem) as told:
        store.means(None, None, WHOLE)
    assert told.value.code == "store.place_away"
    double.unanswered = lambda method, key: False
    assert len(store.means(None, None, WHOLE)) == 5


def test_a_commit_whose_answer_was_lost_is_not_made_twice(double, tmp_path):
    store = Observations(_in(double).store(tmp_path / "store"))
    store.append(readings(0), app=("gateway", 1))
    lost = []

    def unanswered(method, key):
        if method == "PUT" and "_delta_log" in key and len(lost) < 2:
            lost.append(key)
            return True
        return False

    double.unanswered = unanswered
    store.append(readings(1), app=("gateway", 2))
    assert lost
    store.append(readings(1), app=("gateway", 2))
    assert store.since(0).num_rows == 10


def test_wrong_keys_no_keys_and_no_bucket_are_told_apart(double, tmp_path, monkeypatch):
    service = _in(double)

    def code(folder, service=service):
        with pytest.raises(Problem) as told:
            Observations(service.store(tmp_path / folder))
        assert object_store.SECRET not in str(told.value)
        return told.value.code

    assert code("a", replace(service, bucket="nobodys")) == "store.place_refused"
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "wrong")
    assert code("b") == "store.place_refused"
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    assert code("c") == "store.place_keys"
    assert not double.objects


def test_every_request_is_signed_and_every_commit_conditional(double, tmp_path):
    store = Observations(_in(double).store(tmp_path / "store"))
    store.append(readings(0))
    with pytest.raises(urllib.error.HTTPError, match="403"):
        urllib.request.urlopen(f"{double.endpoint}/{object_store.BUCKET}?list-type=2")
    assert {status for _, _, status in double.seen[:-1]} <= {200, 204, 206, 404, 412}
    commits = [
        key for method, key, status in double.seen if method == "PUT" and "_delta_log" in key
    ]
    assert len(commits) == 2
    assert len(double.conditions) >= len(commits) + 2  # and the two that tried the service
