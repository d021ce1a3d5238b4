"""The embedded PostgreSQL (内置数据库): the wheel's own server, run from the data folder.

Two roles: ``qingyuan_owner`` migrates, ``qingyuan_app`` runs the platform and has no DDL (rights
in `host.rights`). The server listens on a Unix socket only, asks for passwords (scram), and is
stopped by the kernel when its parent dies. The wheel's Python manager is not used: it does not
recover once the postmaster was killed; a plain restart does.
"""

from __future__ import annotations

import os
import shlex
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.parse import quote

import psycopg
from psycopg import sql

from qingyuan.core.problems import Problem
from qingyuan.host.folder import DataFolder
from qingyuan.host.launch import Launch, plan_launch
from qingyuan.host.processes import command_of, die_with_parent, is_alive, wait_gone
from qingyuan.host.rights import APP, OWNER, Urls, check_server
from qingyuan.host.settings import Settings

__all__ = ["Database", "Postgres", "Urls", "open_database"]

_ADMIN = "qingyuan_admin"
_DATABASE = "qingyuan"
_LONGEST_SOCKET_FOLDER = 85  # sun_path holds 104 bytes on macOS, 108 on Linux; /.s.PGSQL.5432 is 14
_LARGEST_LOG = 10_000_000
_START_SECONDS = 60.0
_STOP_SECONDS = 30.0

# Small on purpose: a city's database is hundreds of MB, and the machine also runs the rest.
_TUNING = {
    "shared_buffers": "96MB",
    "work_mem": "8MB",
    "maintenance_work_mem": "64MB",
    "max_connections": "80",
    "max_wal_size": "512MB",
    "min_wal_size": "80MB",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "random_page_cost": "1.1",
    "jit": "off",
    "parallel_setup_cost": "20000",  # helpers cost more than a short question; there are two cores
    "log_min_messages": "warning",
    "log_checkpoints": "off",
    "log_line_prefix": "%m [%p] %u ",
    "timezone": "UTC",
    "log_timezone": "UTC",
}
# For tests only: a crash may lose everything.
_FORGETFUL = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "shared_buffers": "32MB",
}


class Postgres:
    """The PostgreSQL server of one data folder.

    Parameters
    ----------
    folder : DataFolder
        Created, and held by this process tree.
    durable : bool
        False for tests: no fsync, and the owner may create databases.
    outlives_us : bool
        Do not stop the server when this process dies (a test session's workers share one).
    launch : Launch, optional
        How to run it, when not decided by `plan_launch`.
    """

    def __init__(
        self,
        folder: DataFolder,
        *,
        durable: bool = True,
        outlives_us: bool = False,
        launch: Launch | None = None,
    ) -> None:
        self._folder = folder
        self._durable = durable
        self._outlives_us = outlives_us
        self._launch = launch
        self._process: subprocess.Popen[bytes] | None = None

    # -- addresses ---------------------------------------------------------------------------

    @property
    def urls(self) -> Urls:
        """Both URLs; the same before and after `start`."""
        return Urls(owner=self._url(OWNER), app=self._url(APP))

    @property
    def socket_folder(self) -> Path:
        """``run/`` when its path is short enough for a socket, else a short folder of our own."""
        if self._plan().user is None and len(os.fsencode(self._folder.run)) <= (
            _LONGEST_SOCKET_FOLDER
        ):
            return self._folder.run
        digest = sha256(str(self._folder.path).encode()).hexdigest()[:12]
        return Path(tempfile.gettempdir()) / f"qy-{os.geteuid()}-{digest}"

    @property
    def bin(self) -> Path:
        """Folder of the server's programs (``pg_dump``, ``psql`` …)."""
        return self._plan().bin

    def _plan(self) -> Launch:
        if self._launch is None:
            self._launch = plan_launch(self._folder.pg)
        return self._launch

    def _url(self, role: str, database: str = _DATABASE) -> str:
        password = self._folder.secret(f"database-{role}")
        return f"postgresql://{role}:{password}@/{database}?host={quote(str(self.socket_folder), safe='')}"

    # -- life --------------------------------------------------------------------------------

    def start(self) -> Urls:
        """Start the server (made on first use), wait until it answers, return its URLs.

        To be called from the main thread: Linux ends the server with the thread that started it.

        Raises
        ------
        Problem
            ``host.database_start`` with the end of its log; what `plan_launch` raises.
        """
        plan = self._plan()
        self._folder.logs.mkdir(parents=True, exist_ok=True)
        if self._log.exists() and self._log.stat().st_size > _LARGEST_LOG:
            self._log.replace(self._log.with_name("postgres.log.1"))
        self._make_socket_folder()
        if not (plan.data / "PG_VERSION").exists():
            self._initialise()
        self._end_former()
        self._launch_server()
        try:
            self._make_roles()
        except psycopg.OperationalError as error:  # it ended again at once
            self.stop()
            raise Problem("host.database_start", log=self._log, tail=str(error).strip()) from error
        return self.urls

    def stop(self) -> None:
        """Stop the server: fast shutdown, then immediate, then kill. Fine if it does not run."""
        pid = self._process.pid if self._process else self._running_pid()
        if pid is not None:
            self._end(pid)
        self._process = None
        if self.socket_folder != self._folder.run:
            shutil.rmtree(self.socket_folder, ignore_errors=True)

    def is_running(self) -> bool:
        """Whether a server runs on this folder's data, whoever started it."""
        return self._running_pid() is not None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    # -- steps of a start --------------------------------------------------------------------

    @property
    def _log(self) -> Path:
        return self._folder.logs / "postgres.log"

    def _make_socket_folder(self) -> None:
        folder = self.socket_folder
        folder.mkdir(mode=0o700, exist_ok=True)
        if folder.is_symlink() or folder.stat().st_uid not in (os.geteuid(), self._plan().user):
            raise Problem("host.folder_not_writable", path=folder, reason="owned by another user")
        self._plan().own(folder)

    def _initialise(self) -> None:
        """Run ``initdb`` into a fresh folder; a half-made one from a killed start is removed."""
        plan = self._plan()
        unfinished = plan.data.with_name("pg.part")
        shutil.rmtree(unfinished, ignore_errors=True)
        unfinished.mkdir(mode=0o700)
        plan.own(unfinished)
        password = plan.data.with_name("pg.password")
        password.unlink(missing_ok=True)
        password.touch(mode=0o600)
        password.write_text(self._folder.secret(f"database-{_ADMIN}"), "ascii")
        plan.own(password)
        try:
            done = plan.run(
                "initdb", "-D", str(unfinished), "-U", _ADMIN, f"--pwfile={password}",
                "--auth=scram-sha-256", "--encoding=UTF8", "--locale=C",
                "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--no-instructions",
                *([] if self._durable else ["--no-sync"]),
            )  # fmt: skip
        finally:
            password.unlink(missing_ok=True)
        if done.returncode != 0:
            shutil.rmtree(unfinished, ignore_errors=True)
            raise Problem(
                "host.database_start", log="initdb", tail=(done.stderr or done.stdout)[-800:]
            )
        if plan.data.exists():
            plan.data.rmdir()  # only ever empty here: it holds no PG_VERSION
        unfinished.rename(plan.data)

    def _end_former(self) -> None:
        """Stop a server a killed parent left behind, and clear pid files that name no server.

        PostgreSQL would take any living process with the old number for itself, which after a
        restart of a container is the usual case. We hold the folder, so there is no other server.
        """
        pid = self._running_pid()
        if pid is not None:
            self._end(pid)
        (self._plan().data / "postmaster.pid").unlink(missing_ok=True)
        (self.socket_folder / ".s.PGSQL.5432.lock").unlink(missing_ok=True)

    def _launch_server(self) -> None:
        plan = self._plan()
        values = _TUNING | ({} if self._durable else _FORGETFUL)
        values |= {
            "listen_addresses": "",
            "unix_socket_directories": str(self.socket_folder),
            "unix_socket_permissions": "0700",
        }
        options = [part for name, value in values.items() for part in ("-c", f"{name}={value}")]
        if self._outlives_us:
            self._launch_detached(options)
            return
        until = time.monotonic() + _START_SECONDS
        while True:
            with self._log.open("ab") as log:
                log_start = log.tell()
                self._process = subprocess.Popen(
                    plan.command("postgres", "-D", str(plan.data), *options),
                    stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd="/",
                    start_new_session=True, user=plan.user, group=plan.group,
                    extra_groups=None if plan.user is None else [],
                    preexec_fn=die_with_parent(signal.SIGINT),
                )  # fmt: skip
            if self._became_ready(until):
                return
            tail = self._log.read_bytes()[log_start:].decode("utf-8", "replace")[-1200:]
            # After kill -9 of the postmaster its backends hold the shared memory for a moment.
            if "shared memory block" not in tail or time.monotonic() > until:
                self.stop()
                raise Problem("host.database_start", log=self._log, tail=tail.strip() or "…")
            time.sleep(0.2)

    def _launch_detached(self, options: list[str]) -> None:
        plan = self._plan()
        done = plan.run(
            "pg_ctl", "start", "-w", "-t", f"{_START_SECONDS:.0f}", "-D", str(plan.data),
            "-l", str(self._log), "-o", shlex.join(options),
        )  # fmt: skip
        if done.returncode != 0:
            raise Problem(
                "host.database_start", log=self._log, tail=(done.stderr or done.stdout)[-800:]
            )

    def _became_ready(self, until: float) -> bool:
        """Wait for ``ready`` in the pid file; False if the process ended or time is up."""
        process = self._process
        while process is not None and process.poll() is None and time.monotonic() < until:
            lines = self._pid_lines()
            if len(lines) >= 8 and lines[0] == str(process.pid) and lines[7].strip() == "ready":
                return True
            time.sleep(0.02)
        return False

    def _make_roles(self) -> None:
        """Make roles and database if they are not there (passwords are those of secrets/)."""
        with psycopg.connect(self._url(_ADMIN, "postgres"), autocommit=True) as admin:
            there = {
                row[0]
                for row in admin.execute(
                    "select rolname from pg_roles where rolname like 'qingyuan%'"
                )
            }
            for role in (OWNER, APP):
                if role not in there:
                    statement = sql.SQL("create role {} login password {}").format(
                        sql.Identifier(role),
                        sql.Literal(self._folder.secret(f"database-{role}")),
                    )
                    admin.execute(statement)
            if not self._durable:
                admin.execute(sql.SQL("alter role {} createdb").format(sql.Identifier(OWNER)))
            if not admin.execute(
                "select 1 from pg_database where datname = %s", [_DATABASE]
            ).fetchone():
                name = sql.Identifier(_DATABASE)
                admin.execute(
                    sql.SQL("create database {} owner {}").format(name, sql.Identifier(OWNER))
                )
                admin.execute(sql.SQL("revoke all on database {} from public").format(name))
                admin.execute(
                    sql.SQL("grant connect on database {} to {}").format(name, sql.Identifier(APP))
                )

    # -- the pid file ------------------------------------------------------------------------

    def _pid_lines(self) -> list[str]:
        with suppress(OSError):
            return (self._plan().data / "postmaster.pid").read_text("utf-8").splitlines()
        return []

    def _running_pid(self) -> int | None:
        """Return the postmaster of our data, or None; a pid since given to another program is not it."""
        lines = self._pid_lines()
        if not lines or not lines[0].isdigit() or not is_alive(int(lines[0])):
            return None
        command = command_of(int(lines[0]))
        return int(lines[0]) if not command or str(self._plan().data) in command else None

    def _end(self, pid: int) -> None:
        for sent, seconds in (
            (signal.SIGINT, _STOP_SECONDS),  # fast shutdown
            (signal.SIGQUIT, 5.0),  # immediate: recovers at the next start
            (signal.SIGKILL, 5.0),
        ):
            with suppress(ProcessLookupError):
                os.kill(pid, sent)
            if self._process is not None and self._process.pid == pid:
                with suppress(subprocess.TimeoutExpired):
                    self._process.wait(seconds)
                    return
            elif wait_gone(pid, seconds=seconds):
                return


@dataclass(frozen=True, slots=True)
class Database:
    """The database in use, and what keeps it running (nothing to do for a server of your own)."""

    urls: Urls
    server: Postgres | None = None

    def keep(self) -> None:
        """Start the embedded server again if it ended; its data recovers by itself."""
        if self.server is not None and not self.server.is_running():
            self.server.start()


@contextmanager
def open_database(folder: DataFolder, settings: Settings) -> Iterator[Database]:
    """Give the database of the settings, else the embedded one while the block runs.

    Raises
    ------
    Problem
        ``host.setting_one_database_url`` when only one URL is set; what `Postgres.start` and
        `check_server` raise.
    """
    if settings.database_url is None:
        with Postgres(folder) as server:
            yield Database(server.urls, server)
        return
    if settings.database_owner_url is None:
        raise Problem("host.setting_one_database_url")
    urls = Urls(owner=settings.database_owner_url, app=settings.database_url)
    check_server(urls)
    yield Database(urls)
