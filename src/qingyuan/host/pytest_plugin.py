"""One embedded PostgreSQL for a whole test session, so that ``pytest`` alone is enough.

Loaded by ``-p`` in ``pyproject.toml``, because pytest-django reads the settings before any
``conftest.py``: it only chooses the folder and puts the URLs into the environment. The server starts when the first test asks for a database;
workers of pytest-xdist share it; it is stopped and removed when the session ends. A session that
was killed is cleared up by the next one. Set DATABASE_URL and DATABASE_OWNER_URL to use your own.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
from contextlib import suppress
from pathlib import Path

import pytest

from qingyuan.host.folder import DataFolder
from qingyuan.host.postgres import Postgres
from qingyuan.host.processes import is_alive

_PREFIX = "qy-test-"
_OURS = "QINGYUAN_TEST_FOLDER"


def _clear_dead_sessions() -> None:
    for folder in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*"):
        with suppress(OSError, ValueError):
            if not is_alive(int((folder / "session.pid").read_text("ascii"))):
                _server(folder).stop()
                shutil.rmtree(folder, ignore_errors=True)


def _server(folder: Path) -> Postgres:
    return Postgres(DataFolder(folder / "data"), durable=False, outlives_us=True)


def _choose() -> Path | None:
    """Return this session's folder, or None when the environment names a server."""
    if _OURS in os.environ:  # a worker of pytest-xdist
        return Path(os.environ[_OURS])
    if "DATABASE_URL" in os.environ:
        return None
    _clear_dead_sessions()
    folder = Path(tempfile.mkdtemp(prefix=_PREFIX))
    (folder / "session.pid").write_text(str(os.getpid()), "ascii")
    data = DataFolder(folder / "data").create("city")
    urls = _server(folder).urls
    os.environ[_OURS] = str(folder)
    os.environ["DATABASE_URL"], os.environ["DATABASE_OWNER_URL"] = urls.app, urls.owner
    os.environ["QINGYUAN_DATABASE_ROLE"] = "owner"  # tests create their databases
    os.environ.setdefault("QINGYUAN_DATA", str(data.path))
    return folder


_FOLDER = _choose()


def start_database() -> None:
    """Start the session's server, once for all workers."""
    if _FOLDER is None:
        return
    with (_FOLDER / "starting").open("w") as alone:
        fcntl.flock(alone, fcntl.LOCK_EX)
        server = _server(_FOLDER)
        if not server.is_running():
            server.start()


@pytest.fixture(scope="session")
def embedded_database() -> None:
    """Have a server, for a test that speaks to it without Django."""
    start_database()


@pytest.hookimpl(tryfirst=True)
def pytest_fixture_setup(fixturedef: pytest.FixtureDef[object]) -> None:
    """Before pytest-django makes the test database, have a server."""
    if fixturedef.argname == "django_db_setup":
        start_database()


def pytest_unconfigure(config: pytest.Config) -> None:
    """Stop and remove the server when the session's first process ends."""
    if _FOLDER is None or hasattr(config, "workerinput"):
        return
    with suppress(OSError, ValueError):
        if int((_FOLDER / "session.pid").read_text("ascii")) == os.getpid():
            _server(_FOLDER).stop()
            shutil.rmtree(_FOLDER, ignore_errors=True)
