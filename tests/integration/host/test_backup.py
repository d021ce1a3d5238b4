"""A city goes into one file and comes back the same; a changed file does not."""

from __future__ import annotations

import io
import tarfile
from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pytest

from qingyuan.host.backup import back_up, restore
from qingyuan.host.folder import DataFolder
from qingyuan.host.postgres import Postgres
from qingyuan.host.settings import Settings

AT = datetime(2026, 9, 22, tzinfo=UTC)
EMBEDDED = Settings.from_environment({})


@pytest.fixture
def city(tmp_path: Path) -> DataFolder:
    folder = DataFolder(tmp_path / "city").create("city")
    (folder.journal / "seg-000000000001.qyj").write_bytes(b"\x00packet\xff" * 1000)
    (folder.store / "observations" / "_delta_log").mkdir(parents=True)
    (folder.store / "observations" / "_delta_log" / "0.json").write_text("{}", "utf-8")
    (folder.store / "observations" / "part.parquet").write_bytes(b"PAR1")
    (folder.logs / "web.log").write_text("not kept", "utf-8")
    with Postgres(folder) as server, psycopg.connect(server.urls.owner) as owner:
        owner.execute("create table audit_entry (seq bigint primary key, deed text)")
        owner.execute("insert into audit_entry values (1, '交办')")
    return folder


def _back_up(city: DataFolder, target: Path, *, with_secrets: bool = False):
    return back_up(target, folder=city, settings=EMBEDDED, with_secrets=with_secrets, at=AT)


def test_a_city_comes_back_whole_and_the_app_role_stays_limited(
    city: DataFolder, tmp_path: Path
) -> None:
    file, again = tmp_path / "b.tar", DataFolder(tmp_path / "again")
    _back_up(city, file)
    assert file.stat().st_mode & 0o777 == 0o600
    restore(file, folder=again, settings=EMBEDDED)
    segment = "seg-000000000001.qyj"
    assert (again.journal / segment).read_bytes() == (city.journal / segment).read_bytes()
    assert (again.store / "observations" / "part.parquet").read_bytes() == b"PAR1"
    assert not (again.logs / "web.log").exists()
    assert again.kind == "city"
    with Postgres(again) as server, psycopg.connect(server.urls.app) as app:
        assert app.execute("select * from audit_entry").fetchall() == [(1, "交办")]
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            app.execute("delete from audit_entry")


def test_a_running_city_can_be_backed_up(city: DataFolder, tmp_path: Path) -> None:
    with city.hold(), Postgres(city):
        made = _back_up(city, tmp_path / "b.tar")
    assert "database.dump" in made.files


@pytest.mark.parametrize("with_secrets", [True, False])
def test_secrets_are_in_it_only_when_asked_for(
    city: DataFolder, tmp_path: Path, with_secrets: bool
) -> None:
    made = _back_up(city, tmp_path / "b.tar", with_secrets=with_secrets)
    assert any(name.startswith("data/secrets/") for name in made.files) is with_secrets
    assert made.with_secrets is with_secrets


def test_a_restore_needs_an_empty_folder(city: DataFolder, tmp_path: Path, raises_problem) -> None:
    _back_up(city, tmp_path / "b.tar")
    with raises_problem("host.restore_not_empty"):
        restore(tmp_path / "b.tar", folder=city, settings=EMBEDDED)


def test_a_backup_is_never_overwritten(city: DataFolder, tmp_path: Path, raises_problem) -> None:
    (tmp_path / "b.tar").write_text("mine", "utf-8")
    with raises_problem("host.backup_exists"):
        _back_up(city, tmp_path / "b.tar")
    assert (tmp_path / "b.tar").read_text("utf-8") == "mine"


def _changed(source: Path, target: Path, change) -> None:
    with tarfile.open(source) as old, tarfile.open(target, "w") as new:
        for member in old:
            data = old.extractfile(member).read()
            for name, text in change(member.name, data):
                info = tarfile.TarInfo(name)
                info.size = len(text)
                new.addfile(info, io.BytesIO(text))


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda n, d: [(n, d[:-1] + b"X")] if "seg-" in n else [(n, d)], id="byte"),
        pytest.param(lambda n, d: [] if "seg-" in n else [(n, d)], id="missing"),
        pytest.param(lambda n, d: [(n, d), (f"{n}2", d)] if "seg-" in n else [(n, d)], id="more"),
        pytest.param(lambda n, d: [] if n == "manifest.json" else [(n, d)], id="no-manifest"),
        pytest.param(lambda n, d: [("../../out", d)] if "seg-" in n else [(n, d)], id="outside"),
    ],
)
def test_a_changed_backup_restores_nothing(
    city: DataFolder, tmp_path: Path, raises_problem, change
) -> None:
    _back_up(city, tmp_path / "b.tar")
    _changed(tmp_path / "b.tar", tmp_path / "c.tar", change)
    again = DataFolder(tmp_path / "deep" / "again")
    with raises_problem("host.backup_damaged"):
        restore(tmp_path / "c.tar", folder=again, settings=EMBEDDED)
    assert not again.path.exists()
    assert not (tmp_path / "out").exists()


def test_half_a_backup_restores_nothing(city: DataFolder, tmp_path: Path, raises_problem) -> None:
    _back_up(city, tmp_path / "b.tar")
    whole = (tmp_path / "b.tar").read_bytes()
    (tmp_path / "half.tar").write_bytes(whole[: len(whole) // 2])
    with raises_problem("host.backup_damaged"):
        restore(tmp_path / "half.tar", folder=DataFolder(tmp_path / "again"), settings=EMBEDDED)
