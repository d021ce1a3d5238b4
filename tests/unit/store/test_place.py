"""Tables elsewhere: by URL, through the object store's own reading and writing.

Tested with a ``file://`` address, which takes the same way as ``s3://``: Delta by URL, data files
through a file system object, DuckDB over a dataset.
"""

from datetime import UTC, date, datetime, timedelta

import pytest

from qingyuan.core.periods import Period
from qingyuan.store.check import check
from qingyuan.store.history import pin
from qingyuan.store.maintenance import maintain, table_names
from qingyuan.store.observations import Observations
from qingyuan.store.place import Place
from qingyuan.store.refusals import absence

START = datetime(2026, 9, 1, 2, tzinfo=UTC)
DAY = Period(START, START + timedelta(hours=6))


def reading(minute, text="1"):
    time = START + timedelta(minutes=minute)
    return {
        "station": "section:S01", "factor": "w21003", "cn": "2011", "suffix": "Rtd", "time": time,
        "text": text, "mn": "A", "received_at": time, "offset": minute,
    }  # fmt: skip


@pytest.fixture
def elsewhere(tmp_path):
    folder = tmp_path / "store"
    folder.mkdir()
    (tmp_path / "bucket").mkdir()
    (folder / "place.toml").write_text(f'url = "file://{tmp_path}/bucket/city"\n', "utf-8")
    return folder


def test_a_store_elsewhere_answers_as_one_here(elsewhere, tmp_path):
    here, there = Observations(tmp_path / "here"), Observations(elsewhere)
    for minute in range(9):
        for store in (here, there):
            store.append([reading(minute, str(minute)), reading(minute // 2)])
    there.append([reading(1, "7")])
    here.append([reading(1, "7")])
    assert not (elsewhere / "observations").exists()
    assert (tmp_path / "bucket" / "city" / "observations" / "_delta_log").is_dir()
    assert there.means(None, None, DAY) == here.means(None, None, DAY)
    assert there.latest(at=DAY.end).to_pylist() == here.latest(at=DAY.end).to_pylist()
    assert there.since(0).num_rows == here.since(0).num_rows
    assert all(path.startswith("file://") for path in there.table.files())


def test_it_is_kept_checked_and_looked_back_at(elsewhere):
    store = Observations(elsewhere)
    for minute in range(9):
        version = store.append([reading(minute, str(minute))])
    pin(store.table, "kept", at=START)
    told = maintain(store.table, today=date(2026, 9, 5), at=START, full=True)
    assert (table_names(elsewhere), told.compacted_days) == (["observations"], 1)
    assert check(store.table, deep=True).rows == 9
    answers = [s.means(None, None, DAY) for s in (store, store.at(version), store.pinned("kept"))]
    assert answers[0] == answers[1] == answers[2]


@pytest.mark.parametrize("text", ['url = "ftp://x/y"', "nothing", 'url = "s3:"', 'other = "x"'])
def test_a_place_nobody_knows_opens_nothing(tmp_path, raises_problem, text):
    (tmp_path / "place.toml").write_text(text, "utf-8")
    with raises_problem("store.place"):
        Observations(tmp_path)


def test_an_s3_place_takes_its_keys_from_the_environment_alone(
    tmp_path, monkeypatch, raises_problem
):
    (tmp_path / "place.toml").write_text(
        'url = "s3://bucket/city"\nendpoint = "http://127.0.0.1:9000"\nregion = "cn-north-1"\n',
        "utf-8",
    )
    monkeypatch.delenv("AWS_ACCESS_KEY_ID", raising=False)
    with raises_problem("store.place_keys"):
        Place.of(tmp_path, "observations")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "name")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    place = Place.of(tmp_path, "observations")
    assert (place.uri, place.local) == ("s3://bucket/city/observations", None)
    assert place.conditional
    assert dict(place.options) == {
        "AWS_ENDPOINT_URL": "http://127.0.0.1:9000",
        "AWS_REGION": "cn-north-1",
        "AWS_ALLOW_HTTP": "true",
        "aws_conditional_put": "etag",
        "connect_timeout": "5s",
        "timeout": "30s",
        "max_retries": "4",
        "retry_timeout": "30s",
    }
    assert place.address("day=2026-09-01/p.parquet") == f"{place.uri}/day=2026-09-01/p.parquet"


@pytest.mark.parametrize(
    ("told", "code"),
    [
        ("Generic S3 error: … in 3s - HTTP error: error sending request", "store.place_away"),
        ("AWS Error NETWORK_CONNECTION during HeadObject operation", "store.place_away"),
        ("Kernel error -> \x1b[31m↳\x1b[0m Error performing GET http://x - 403 Forbidden", "store.place_refused"),
        ("AWS Error ACCESS_DENIED during GetObject operation", "store.place_refused"),
    ],
)  # fmt: skip
def test_what_a_service_says_is_told_in_our_own_words(told, code):
    problem = absence(OSError(told), place="s3://bucket/city")
    assert (problem.code, "\x1b" in problem.zh) == (code, False)


def test_a_fault_of_another_kind_is_not_the_service_s():
    assert absence(OSError("Object at version 3 has no such column"), place="s3://b/c") is None
