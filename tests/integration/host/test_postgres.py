"""The embedded server with real processes: as root, inside a private folder, after kill -9."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from qingyuan.host.folder import DataFolder
from qingyuan.host.launch import Launch, plan_launch
from qingyuan.host.postgres import Postgres
from qingyuan.host.processes import is_alive, wait_gone
from qingyuan.host.rights import check_runtime_role, grant_runtime_rights


@pytest.fixture
def private_folder(tmp_path: Path) -> DataFolder:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    return DataFolder(closed / "data").create("city")


@pytest.fixture
def server(private_folder: DataFolder) -> Iterator[Postgres]:
    with Postgres(private_folder, durable=False) as running:
        yield running


def _pid(folder: DataFolder) -> int:
    return int((folder.pg / "postmaster.pid").read_text("utf-8").splitlines()[0])


def test_both_roles_connect_and_nothing_listens_on_tcp(server: Postgres) -> None:
    for url, role in ((server.urls.owner, "qingyuan_owner"), (server.urls.app, "qingyuan_app")):
        with psycopg.connect(url) as connection:
            assert connection.execute("select current_user").fetchone() == (role,)
            assert connection.execute("show listen_addresses").fetchone() == ("",)
            assert connection.execute("select upper('é'), version()").fetchone()[0] == "É"


def test_a_wrong_password_is_refused(server: Postgres) -> None:
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(server.urls.app, password="guess")


def test_parents_keep_their_permissions(server: Postgres, private_folder: DataFolder) -> None:
    assert private_folder.path.parent.stat().st_mode & 0o777 == 0o700
    assert private_folder.secrets.stat().st_mode & 0o777 == 0o700


def test_the_running_role_has_no_ddl_and_only_adds_to_the_audit(server: Postgres) -> None:
    with psycopg.connect(server.urls.owner) as owner:
        owner.execute("create table audit_entry (seq bigint primary key)")
        owner.execute("create table cases_case (id bigserial primary key, title text)")
        owner.execute("create table django_migrations (id bigserial primary key)")
    grant_runtime_rights(server.urls.owner)
    with psycopg.connect(server.urls.app, autocommit=True) as app:
        app.execute("insert into cases_case (title) values ('a')")
        app.execute("update cases_case set title = 'b'")
        app.execute("delete from cases_case")
        app.execute("insert into audit_entry values (1)")
        assert app.execute("select count(*) from audit_entry").fetchone() == (1,)
        for forbidden in (
            "update audit_entry set seq = 2",
            "delete from audit_entry",
            "truncate audit_entry",
            "truncate cases_case",
            "insert into django_migrations default values",
            "create table mine (id int)",
            "alter table cases_case add column x int",
            "drop table cases_case",
            "create schema mine",
            "create temporary table mine (id int)",
        ):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                app.execute(forbidden)


def test_running_as_owner_is_refused(server: Postgres, raises_problem) -> None:
    check_runtime_role(server.urls.app)
    with raises_problem("host.started_as_owner"):
        check_runtime_role(server.urls.owner)


def test_a_new_start_recovers_after_the_postmaster_is_killed(private_folder: DataFolder) -> None:
    first = Postgres(private_folder)
    first.start()
    with psycopg.connect(first.urls.owner) as owner:
        owner.execute("create table kept (id int)")
        owner.execute("insert into kept values (7)")
    os.kill(_pid(private_folder), signal.SIGKILL)
    with Postgres(private_folder) as second, psycopg.connect(second.urls.owner) as owner:
        assert owner.execute("select id from kept").fetchone() == (7,)
    first.stop()


def test_a_server_left_behind_is_replaced(private_folder: DataFolder) -> None:
    first = Postgres(private_folder, durable=False, outlives_us=True)
    first.start()
    former = _pid(private_folder)
    with Postgres(private_folder, durable=False) as second:
        assert not is_alive(former)
        assert second.is_running()
    assert not second.is_running()


def test_a_pid_file_that_names_another_program_does_not_stop_a_start(
    private_folder: DataFolder,
) -> None:
    with Postgres(private_folder, durable=False):
        pid_file = (private_folder.pg / "postmaster.pid").read_text("utf-8")
    stale = pid_file.replace(pid_file.splitlines()[0], str(os.getpid()), 1)
    (private_folder.pg / "postmaster.pid").write_text(stale, "utf-8")
    with Postgres(private_folder, durable=False) as server:
        assert server.is_running()


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells a child its parent died")
def test_the_server_stops_when_its_parent_is_killed(private_folder: DataFolder) -> None:
    program = (
        "import sys, time\n"
        "from qingyuan.host.folder import DataFolder\n"
        "from qingyuan.host.postgres import Postgres\n"
        "Postgres(DataFolder(sys.argv[1]), durable=False).start()\n"
        "print('up', flush=True); time.sleep(600)\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", program, str(private_folder.path)], stdout=subprocess.PIPE
    ) as parent:
        assert parent.stdout is not None
        assert parent.stdout.readline() == b"up\n"
        pid = _pid(private_folder)
        parent.kill()
    assert wait_gone(pid, seconds=20)


def test_a_long_path_gets_a_short_socket(tmp_path: Path) -> None:
    folder = DataFolder(tmp_path / ("long" * 30)).create("city")
    with Postgres(folder, durable=False) as server:
        assert len(str(server.socket_folder)) < 85
        with psycopg.connect(server.urls.app) as app:
            assert app.execute("select 1").fetchone() == (1,)
    assert not server.socket_folder.exists()


def test_a_broken_start_says_the_end_of_the_log(private_folder: DataFolder, raises_problem) -> None:
    with Postgres(private_folder, durable=False):
        pass
    (private_folder.pg / "postgresql.conf").write_text("shared_buffers = 'no number'\n", "utf-8")
    (private_folder.pg / "pg_hba.conf").unlink()
    with raises_problem("host.database_start"):
        Postgres(private_folder, durable=False).start()


def test_data_of_another_major_version_is_refused(
    private_folder: DataFolder, raises_problem
) -> None:
    private_folder.pg.mkdir()
    (private_folder.pg / "PG_VERSION").write_text("9\n", "ascii")
    with raises_problem("host.database_major"):
        plan_launch(private_folder.pg)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root needs a service user")
def test_without_namespaces_root_uses_a_service_user(private_folder: DataFolder) -> None:
    home = Path(tempfile.mkdtemp(prefix="qy-service-"))
    try:
        home.chmod(0o755)
        launch: Launch = plan_launch(private_folder.pg, service_user=True, service_home=home)
        with (
            Postgres(private_folder, durable=False, launch=launch) as server,
            psycopg.connect(server.urls.owner) as owner,
        ):
            assert owner.execute("select 1").fetchone() == (1,)
            assert launch.data.stat().st_uid != 0
        with Postgres(private_folder, durable=False, launch=launch) as again:
            assert again.is_running()
    finally:
        shutil.rmtree(home)
