"""The verbs that run a city, as a person calls them."""

from __future__ import annotations

import http.client
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psycopg
import pytest

from qingyuan.host.folder import DataFolder
from qingyuan.host.ports import free_port
from qingyuan.host.postgres import Postgres


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    ours = ("DATABASE_", "QINGYUAN_", "DJANGO_", "PYTEST_")
    kept = {k: v for k, v in os.environ.items() if not k.startswith(ours)}
    return kept | {
        "QINGYUAN_DATA": str(tmp_path / "city"),
        "QINGYUAN_WEB": f"127.0.0.1:{free_port()}",
        "QINGYUAN_GATEWAY": f"127.0.0.1:{free_port()}",
    }


def _command(verb: str) -> list[str]:
    return [sys.executable, "-m", "qingyuan.cli", verb]


def _call(verb: str, environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        _command(verb), env=environment, capture_output=True, text=True, check=False
    )


def test_migrate_publishes_devices_and_leaves_the_app_role_without_ddl(environment) -> None:
    done = _call("migrate", environment)
    assert (done.returncode, done.stderr) == (0, "")
    folder = DataFolder(environment["QINGYUAN_DATA"])
    assert json.loads(folder.devices.read_text("utf-8"))["devices"] == []
    with Postgres(folder) as server, psycopg.connect(server.urls.app, autocommit=True) as app:
        assert app.execute("select count(*) > 0 from audit_entry").fetchone() is not None
        for forbidden in ("delete from audit_entry", "create table mine (id int)"):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                app.execute(forbidden)


def test_tables_of_a_newer_release_are_left_alone(environment) -> None:
    assert _call("migrate", environment).returncode == 0
    folder = DataFolder(environment["QINGYUAN_DATA"])
    with Postgres(folder) as server, psycopg.connect(server.urls.owner) as owner:
        owner.execute(
            "insert into django_migrations (app, name, applied)"
            " values ('audit', '9999_from_the_future', now())"
        )
    refused = _call("migrate", environment)
    assert refused.returncode == 1
    assert "host.database_newer" in refused.stderr
    assert "audit.9999_from_the_future" in refused.stderr


def test_a_server_of_ones_own_is_migrated_through_the_two_urls(environment, tmp_path: Path) -> None:
    with Postgres(DataFolder(tmp_path / "elsewhere").create("city"), durable=False) as own:
        urls = {"DATABASE_URL": own.urls.app, "DATABASE_OWNER_URL": own.urls.owner}
        done = _call("migrate", environment | urls)
        assert (done.returncode, done.stderr) == (0, "")
        with psycopg.connect(own.urls.app) as app:
            assert app.execute("select count(*) > 5 from django_migrations").fetchone() == (True,)
    assert not (DataFolder(environment["QINGYUAN_DATA"]).pg).exists()


def test_one_url_alone_is_not_enough_to_migrate(environment) -> None:
    done = _call("migrate", environment | {"DATABASE_URL": "postgresql://a@/b"})
    assert done.returncode == 1
    assert "host.setting_one_database_url" in done.stderr


@pytest.mark.slow
def test_a_city_comes_up_answers_and_goes_down_without_a_trace(environment) -> None:
    with subprocess.Popen(
        _command("up"), env=environment, stderr=subprocess.PIPE, text=True
    ) as city:
        assert city.stderr is not None
        first = city.stderr.readline()
        assert "ready" in first, first + city.stderr.read()
        second = _call("up", environment)
        assert second.returncode == 1
        assert "host.folder_in_use" in second.stderr
        pages = http.client.HTTPConnection(environment["QINGYUAN_WEB"], timeout=10)
        pages.request("GET", "/health")
        assert pages.getresponse().status == 200
        pages.close()
        city.send_signal(signal.SIGTERM)
        city.stderr.read()
    assert city.returncode == 0
    _until_nothing_is_left(environment, seconds=1)


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells a child its parent died")
def test_a_killed_city_comes_up_again_at_once(environment) -> None:
    for _ in range(2):
        with subprocess.Popen(
            _command("up"), env=environment, stderr=subprocess.PIPE, text=True
        ) as city:
            assert city.stderr is not None
            first = city.stderr.readline()
            if "ready" not in first:
                pytest.fail(first + city.stderr.read())
            city.kill()
    _until_nothing_is_left(environment)


def _until_nothing_is_left(environment: dict[str, str], *, seconds: float = 20) -> None:
    end = time.monotonic() + seconds
    while any(
        environment["QINGYUAN_DATA"] in _command_line(p) for p in Path("/proc").glob("[0-9]*")
    ):
        assert time.monotonic() < end, "something was left behind"
        time.sleep(0.1)


def _command_line(process: Path) -> str:
    try:
        return (process / "cmdline").read_text("utf-8", "replace")
    except OSError:
        return ""
