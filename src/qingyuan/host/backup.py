"""Backup and restore (备份与恢复): one file that holds a whole city, verified before it is used.

A tar of the data folder's own files, a dump of the database, and ``manifest.json`` last, with size
and SHA-256 of each. The database is dumped first: what the store gained since is absorbed again
after a restore, while the reverse would lose alarms. A backup may be taken while the city runs.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import shutil
import subprocess
import tarfile
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import IO

import psycopg
from psycopg.conninfo import conninfo_to_dict

import qingyuan
from qingyuan.core.problems import Problem
from qingyuan.host.folder import DataFolder
from qingyuan.host.launch import binaries
from qingyuan.host.postgres import Database, Postgres, open_database
from qingyuan.host.rights import grant_runtime_rights, role_of
from qingyuan.host.settings import Settings

__all__ = ["Manifest", "back_up", "back_up_store", "restore", "restore_store"]

_FORMAT = 1
_MANIFEST = "manifest.json"
_DUMP = "database.dump"
_STORE = ("store", "journal")
_HINT = "_last_checkpoint"  # may already name a checkpoint that the copy does not hold
_NEVER = {"pg", "pg.part", "run", "logs", "lock", ".city-time.lock", "secrets"}


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a backup file holds."""

    kind: str
    created: str
    version: str
    with_secrets: bool
    files: dict[str, tuple[int, str]]

    def as_json(self) -> str:
        """Return it as the text of ``manifest.json``."""
        files = [{"path": p, "size": n, "sha256": s} for p, (n, s) in sorted(self.files.items())]
        return json.dumps(
            {
                "format": _FORMAT, "qingyuan": self.version, "created": self.created,
                "kind": self.kind, "with_secrets": self.with_secrets, "files": files,
            },
            indent=1,
        )  # fmt: skip

    @classmethod
    def read(cls, text: bytes, *, path: Path) -> Manifest:
        """Read ``manifest.json`` of the backup *path*."""
        try:
            row = json.loads(text)
            if row["format"] != _FORMAT:
                raise Problem("host.backup_format", path=path, found=row["format"], known=_FORMAT)
            files = {f["path"]: (int(f["size"]), str(f["sha256"])) for f in row["files"]}
            return cls(row["kind"], row["created"], row["qingyuan"], row["with_secrets"], files)
        except (ValueError, KeyError, TypeError) as error:
            raise Problem("host.backup_damaged", path=path, member=_MANIFEST) from error


class _Hashing(io.RawIOBase):
    """Hands on exactly *size* bytes of a file that may be growing, hashing them."""

    def __init__(self, source: IO[bytes], size: int) -> None:
        self._source, self._left, self.sha256 = source, size, hashlib.sha256()

    def read(self, size: int = -1) -> bytes:
        piece = self._source.read(self._left if size < 0 else min(size, self._left))
        self._left -= len(piece)
        self.sha256.update(piece)
        return piece


def back_up(
    target: Path, *, folder: DataFolder, settings: Settings, with_secrets: bool, at: datetime
) -> Manifest:
    """Write the whole of *folder* and its database into *target* (mode 0600).

    Raises
    ------
    Problem
        ``host.backup_exists`` if *target* exists; ``host.pg_dump_failed``; what opening the
        database raises. A half-written file is removed.
    """
    kind = folder.kind
    with ExitStack() as stack:
        put, close = stack.enter_context(_writing(target))
        database = stack.enter_context(_database_of(folder, settings))
        work = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="qy-backup-")))
        _run_tool(
            folder, database, "pg_dump",
            "--format=custom", "--no-owner", "--no-privileges", f"--file={work / _DUMP}",
        )  # fmt: skip
        put(work / _DUMP, _DUMP)
        for path in _own_files(folder, with_secrets=with_secrets):
            put(path, f"data/{path.relative_to(folder.path).as_posix()}")
        return close(kind, with_secrets, at)


def back_up_store(target: Path, *, folder: DataFolder, at: datetime) -> Manifest:
    """Write tables and journal of *folder* into *target*, without the database; also while running.

    Raises
    ------
    Problem
        ``host.backup_exists`` if *target* exists. A half-written file is removed.
    """
    kind = folder.kind
    with _writing(target) as (put, close):
        for path in _own_files(folder, with_secrets=False, tops=_STORE):
            put(path, f"data/{path.relative_to(folder.path).as_posix()}")
        return close(kind, False, at)


@contextmanager
def _writing(
    target: Path,
) -> Iterator[tuple[Callable[[Path, str], None], Callable[[str, bool, datetime], Manifest]]]:
    """Yield what puts one file into the backup and what closes it; a half-written one is removed."""
    if target.exists():
        raise Problem("host.backup_exists", path=target)
    files: dict[str, tuple[int, str]] = {}
    unfinished = target.with_name(f"{target.name}.part")
    with ExitStack() as stack:
        stack.callback(unfinished.unlink, missing_ok=True)
        out = stack.enter_context(_private(unfinished))
        tar = stack.enter_context(tarfile.open(fileobj=out, mode="w"))

        def put(path: Path, name: str) -> None:
            # the worker may have removed a compacted file meanwhile: no version in the copy needs it
            with suppress(FileNotFoundError):
                files[name] = _add(tar, path, name)

        def close(kind: str, with_secrets: bool, at: datetime) -> Manifest:
            manifest = Manifest(kind, at.isoformat(), qingyuan.__version__, with_secrets, files)
            text = manifest.as_json().encode()
            info = tarfile.TarInfo(_MANIFEST)
            info.size, info.mode = len(text), 0o600
            tar.addfile(info, io.BytesIO(text))
            tar.close()
            out.flush()
            os.fsync(out.fileno())
            unfinished.replace(target)
            return manifest

        yield put, close


def _private(path: Path) -> IO[bytes]:
    """Open a new file that only we may read: the dump holds personal data."""
    path.unlink(missing_ok=True)
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb")


@contextmanager
def _database_of(folder: DataFolder, settings: Settings) -> Iterator[Database]:
    """Use the server that runs; start the embedded one for a folder nobody holds."""
    if settings.database_url is None and (server := Postgres(folder)).is_running():
        yield Database(server.urls)
        return
    with ExitStack() as stack:
        if settings.database_url is None:
            stack.enter_context(folder.hold())
        yield stack.enter_context(open_database(folder, settings))


def _own_files(
    folder: DataFolder, *, with_secrets: bool, tops: Sequence[str] = ()
) -> Iterator[Path]:
    """Yield what belongs in a backup; a table's log comes before its (immutable) data files."""
    skipped = _NEVER - ({"secrets"} if with_secrets else set())
    found = [
        path
        for top in folder.path.iterdir()
        if top.name not in skipped and (not tops or top.name in tops)
        for path in ([top] if top.is_file() else top.rglob("*"))
        if path.is_file() and not path.is_symlink() and path.name != _HINT
    ]
    yield from sorted(found, key=lambda path: ("_delta_log" not in path.parts, path))


def _add(tar: tarfile.TarFile, path: Path, name: str) -> tuple[int, str]:
    with path.open("rb") as source:
        info = tarfile.TarInfo(name)
        stat = os.fstat(source.fileno())
        info.size, info.mode, info.mtime = stat.st_size, stat.st_mode & 0o777, int(stat.st_mtime)
        hashing = _Hashing(source, info.size)
        tar.addfile(info, hashing)
    return info.size, hashing.sha256.hexdigest()


def restore(source: Path, *, folder: DataFolder, settings: Settings) -> Manifest:
    """Make *folder* from the backup *source*; only where there is nothing yet.

    Every file is checked against the manifest before anything is put in its place; if the database
    cannot be filled, the folder is removed again.

    Raises
    ------
    Problem
        ``host.restore_not_empty``, ``host.backup_damaged``, ``host.backup_format``,
        ``host.pg_dump_failed``; what opening the database raises.
    """
    if folder.path.exists() and any(folder.path.iterdir()):
        raise Problem("host.restore_not_empty", path=folder.path)
    unpacked = folder.path.with_name(f"{folder.path.name}.restoring")
    shutil.rmtree(unpacked, ignore_errors=True)
    unpacked.mkdir(mode=0o700, parents=True)
    try:
        manifest = _unpack(source, unpacked)
        if folder.path.exists():
            folder.path.rmdir()
        (unpacked / "data").replace(folder.path)
        try:
            with folder.hold(), open_database(folder.create(folder.kind), settings) as database:
                _fill(database, unpacked / _DUMP, folder)
        except BaseException:
            shutil.rmtree(folder.path, ignore_errors=True)
            raise
    finally:
        shutil.rmtree(unpacked, ignore_errors=True)
    return manifest


def restore_store(source: Path, *, folder: DataFolder) -> Manifest:
    """Put tables and journal of a backup into *folder*, where there are none.

    Every file is checked against the manifest before anything is put in its place. The city must
    not be running. A whole backup (with the database) may be given; only these two are taken.

    Raises
    ------
    Problem
        ``host.restore_not_empty``, ``host.backup_damaged``, ``host.backup_format``.
    """
    with folder.hold():
        for name in _STORE:
            place = folder.path / name
            if place.exists() and any(path.is_file() for path in place.rglob("*")):
                raise Problem("host.restore_not_empty", path=place)
        unpacked = folder.path.with_name(f"{folder.path.name}.restoring")
        shutil.rmtree(unpacked, ignore_errors=True)
        unpacked.mkdir(mode=0o700, parents=True)
        try:
            manifest = _unpack(source, unpacked)
            for name in _STORE:
                if (unpacked / "data" / name).exists():
                    shutil.rmtree(folder.path / name, ignore_errors=True)
                    (unpacked / "data" / name).replace(folder.path / name)
        finally:
            shutil.rmtree(unpacked, ignore_errors=True)
    return manifest


def _unpack(source: Path, target: Path) -> Manifest:
    """Unpack *source*, checking each file; return the manifest."""
    seen: dict[str, tuple[int, str]] = {}
    manifest: Manifest | None = None
    try:
        with tarfile.open(source, "r:*") as tar:
            for member in tar:
                if not member.isfile():
                    raise Problem("host.backup_damaged", path=source, member=member.name)
                if member.name == _MANIFEST:
                    stream = tar.extractfile(member)
                    manifest = Manifest.read(stream.read() if stream else b"", path=source)
                    continue
                tar.extract(member, target, filter="data")
                with (target / member.name).open("rb") as file:
                    digest = hashlib.file_digest(file, "sha256").hexdigest()
                seen[member.name] = (member.size, digest)
    except (tarfile.TarError, EOFError, OSError) as error:
        raise Problem("host.backup_damaged", path=source, member=str(error)) from error
    if manifest is None:
        raise Problem("host.backup_damaged", path=source, member=_MANIFEST)
    for name in sorted(manifest.files.keys() | seen.keys()):
        if manifest.files.get(name) != seen.get(name):
            raise Problem("host.backup_damaged", path=source, member=name)
    return manifest


def _fill(database: Database, dump: Path, folder: DataFolder) -> None:
    with psycopg.connect(database.urls.owner) as owner:
        tables = owner.execute(
            "select count(*) from pg_tables where schemaname = 'public'"
        ).fetchone()
    if tables is None or tables[0]:
        raise Problem("host.restore_database_not_empty")
    _run_tool(
        folder, database, "pg_restore", "--no-owner", "--no-privileges", "--exit-on-error",
        "--single-transaction", f"--dbname={conninfo_to_dict(database.urls.owner)['dbname']}",
        str(dump),
    )  # fmt: skip
    grant_runtime_rights(database.urls.owner, app=role_of(database.urls.app))


def _run_tool(folder: DataFolder, database: Database, tool: str, *arguments: str) -> None:
    """Run ``pg_dump`` or ``pg_restore`` of the wheel, else of the system, as the owner.

    The address goes through the environment: a command line can be read by every user.
    """
    try:
        program = str(binaries(folder.pg) / "bin" / tool)
    except Problem:
        found = shutil.which(tool)
        if found is None:
            raise
        program = found
    names = {"dbname": "PGDATABASE", "sslmode": "PGSSLMODE"}
    address = {
        names.get(key, f"PG{key.upper()}"): str(value)
        for key, value in conninfo_to_dict(database.urls.owner).items()
    }
    done = subprocess.run(
        [program, *arguments], env={**os.environ, **address},
        stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode != 0:
        raise Problem("host.pg_dump_failed", tool=tool, tail=done.stderr.strip()[-800:])
