"""The drill: a city takes in data, is backed up while it does, is destroyed, and comes back the same."""

from __future__ import annotations

import io
import json
import shutil
from datetime import UTC, datetime, timedelta

import psycopg
import pyarrow as pa
import pytest

from qingyuan.cli import main
from qingyuan.core.periods import Period
from qingyuan.host.backup import back_up, restore
from qingyuan.host.folder import DataFolder
from qingyuan.host.postgres import Postgres
from qingyuan.host.settings import Settings
from qingyuan.store.check import check
from qingyuan.store.history import pin
from qingyuan.store.journal import Journal, read_segment, segments
from qingyuan.store.observations import Observations

START = datetime(2026, 9, 1, tzinfo=UTC)
DAYS = Period(START, START + timedelta(days=2))
SETTINGS = Settings.from_environment({})


def readings(batch):
    at = START + timedelta(hours=batch)
    return [
        {
            "station": f"section:S{n}", "factor": "w21003", "cn": "2011", "suffix": "Rtd", "time": at,
            "text": f"{n}.{batch:02}", "mn": f"A{n}", "received_at": at, "segment": 1, "offset": batch,
        }
        for n in range(5)
    ]  # fmt: skip


def ingest(folder, first, last):
    """Journal, store and database, in the order in which the city does it."""
    journal, observations = Journal(folder.journal), Observations(folder.store)
    for batch in range(first, last):
        at = START + timedelta(hours=batch)
        journal.append(f"##{batch}".encode(), {"at": at.isoformat(), "peer": f"10.0.0.{batch}:9"})
        journal.sync()
        observations.append(readings(batch), app=("gateway", batch))
    journal.close()


def figures(folder):
    """Return what the city would print and prove, as bytes."""
    observations = Observations(folder.store)
    out = io.BytesIO()
    series = observations.series("section:S1", "w21003", DAYS).combine_chunks()
    with pa.ipc.new_stream(out, series.schema) as stream:
        stream.write_table(series)
    told = [
        [mean.station, str(mean.value), mean.count, mean.is_valid]
        for step in ("hour", "day")
        for mean in observations.means(None, None, DAYS, step=step)
    ]
    journal = [
        (record.position, json.dumps(record.header), record.raw)
        for number in segments(folder.journal)
        for record in read_segment(folder.journal, number)
    ]
    with Postgres(folder) as server, psycopg.connect(server.urls.app) as app:
        rows = app.execute("select seq, deed from audit_entry order by seq").fetchall()
    return json.dumps(told).encode(), out.getvalue(), journal, rows


@pytest.fixture
def city(tmp_path):
    folder = DataFolder(tmp_path / "city").create("city")
    ingest(folder, 0, 24)
    with Postgres(folder) as server, psycopg.connect(server.urls.owner) as owner:
        owner.execute("create table audit_entry (seq bigint primary key, deed text)")
        owner.execute("insert into audit_entry select n, '第' || n from generate_series(1, 50) n")
        owner.execute("grant select on audit_entry to public")
    return folder


def test_a_destroyed_city_comes_back_with_the_same_figures_byte_for_byte(city, tmp_path):
    observations = Observations(city.store)
    pin(observations.table, "bulletin-1", at=START)
    observations.tidy()
    before = figures(city)
    back_up(tmp_path / "b.tar", folder=city, settings=SETTINGS, with_secrets=True, at=START)
    shutil.rmtree(city.path)
    restore(tmp_path / "b.tar", folder=city, settings=SETTINGS)
    assert figures(city) == before
    again = Observations(city.store)
    assert check(again.table, deep=True).is_whole
    assert len(again.pinned("bulletin-1").means(None, None, DAYS)) == 24 * 5
    ingest(city, 20, 30)  # the gateway replays from before the backup and goes on
    assert again.since(0).num_rows == 30 * 5


def test_the_tables_alone_are_put_back_by_the_verbs(city, tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("QINGYUAN_DATA", str(city.path))
    before = figures(city)
    assert main(["store", "backup", str(tmp_path / "s.tar"), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["files"] > 24
    assert main(["store", "restore", str(tmp_path / "s.tar")]) == 1  # never over what is there
    assert "host.restore_not_empty" in capsys.readouterr().err
    shutil.rmtree(city.store)
    shutil.rmtree(city.journal)
    assert main(["store", "restore", str(tmp_path / "s.tar"), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["files"] > 24
    assert figures(city) == before


def told(capsys, *arguments):
    code = main(["store", *arguments, "--json"])
    return code, json.loads(capsys.readouterr().out)


def test_the_verbs_answer_as_text_and_as_json(tmp_path, monkeypatch, capsys):
    folder = DataFolder(tmp_path / "city").create("city")
    monkeypatch.setenv("QINGYUAN_DATA", str(folder.path))
    ingest(folder, 0, 9)
    code, [found] = told(capsys, "check", "--deep")
    assert (code, found["rows"], found["is_whole"]) == (0, 45, True)
    code, kept = told(capsys, "pin", "observations", "one", "--version", "3")
    assert (code, kept["version"], kept["rows"]) == (0, 3, 15)
    code, [history] = told(capsys, "history", "--most", "2")
    assert [one["rows"] for one in history["commits"]] == [5, 5]
    assert [one["name"] for one in history["pins"]] == ["one"]
    code, [done] = told(capsys, "maintain", "observations")
    assert (code, done["compacted_days"]) == (0, 1)
    for deed in ("maintain", "check", "history"):
        assert main(["store", deed]) == 0
        assert "observations" in capsys.readouterr().out
    assert told(capsys, "pin", "observations", "one", "--remove")[1]["removed"] == "one"


def test_a_lost_file_ends_check_with_one_and_names_it(tmp_path, monkeypatch, capsys):
    folder = DataFolder(tmp_path / "city").create("city")
    monkeypatch.setenv("QINGYUAN_DATA", str(folder.path))
    ingest(folder, 0, 1)
    [path] = (folder.store / "observations").glob("day=*/*.parquet")
    path.unlink()
    assert main(["store", "check"]) == 1
    assert f"缺失 / missing: {path.parent.name}/{path.name}" in capsys.readouterr().out


def test_an_unknown_table_and_no_city_are_said(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("QINGYUAN_DATA", str(tmp_path / "none"))
    assert main(["store", "check"]) == 1
    assert "host.folder_missing" in capsys.readouterr().err
    DataFolder(tmp_path / "none").create("city")
    assert main(["store", "check", "nothing"]) == 1
    assert "store.no_table" in capsys.readouterr().err
