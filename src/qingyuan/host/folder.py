"""The data folder (数据目录): one place for everything a running city keeps.

Paths are those of docs/en/architecture.md §1. A folder is stamped ``demo`` or ``city`` once and
never changes its kind; one process tree at a time holds its lock.
"""

from __future__ import annotations

import fcntl
import os
import secrets
import shutil
import tempfile
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal, cast

from qingyuan.core.problems import Problem

__all__ = ["FORMAT", "DataFolder", "Kind", "write_atomically"]

Kind = Literal["demo", "city"]
FORMAT = 1
_LEAST_FREE_MB = 500
_OURS = {
    "lock", "pg", "run", "city-time.json", ".city-time.lock", "devices.json", "journal", "store",
    "events", "files", "bulletins", "logs", "secrets",
}  # fmt: skip


def write_atomically(path: Path, text: str, *, mode: int = 0o644) -> None:
    """Write *text* so that a reader sees the old file or the whole new one, also after a crash."""
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as out:
            out.write(text)
            out.flush()
            os.fsync(out.fileno())
        Path(name).chmod(mode)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


class DataFolder:
    """The paths, the stamp and the lock of one data folder (数据目录).

    Parameters
    ----------
    path : Path or str
        Where it is; need not exist before `create`.
    """

    def __init__(self, path: Path | str) -> None:
        self.path = Path(path).absolute()

    def __repr__(self) -> str:
        return f"DataFolder({str(self.path)!r})"

    def __fspath__(self) -> str:
        return str(self.path)

    @property
    def stamp(self) -> Path:
        """``folder.toml``: kind, format, created."""
        return self.path / "folder.toml"

    @property
    def lock(self) -> Path:
        """The file whose flock marks the folder as in use."""
        return self.path / "lock"

    @property
    def pg(self) -> Path:
        """Data of the embedded PostgreSQL."""
        return self.path / "pg"

    @property
    def run(self) -> Path:
        """Sockets and process ids."""
        return self.path / "run"

    @property
    def city_time(self) -> Path:
        """``city-time.json``, read by `CityClock`."""
        return self.path / "city-time.json"

    @property
    def devices(self) -> Path:
        """``devices.json``, published by the registry for the gateway."""
        return self.path / "devices.json"

    @property
    def vehicles(self) -> Path:
        """``vehicles.json``, published by the surveys for the feed of fixes."""
        return self.path / "vehicles.json"

    @property
    def journal(self) -> Path:
        """Segments of raw packets."""
        return self.path / "journal"

    @property
    def store(self) -> Path:
        """Delta tables."""
        return self.path / "store"

    @property
    def events(self) -> Path:
        """Event folders of traces."""
        return self.path / "events"

    @property
    def files(self) -> Path:
        """Evidence: originals and display copies."""
        return self.path / "files"

    @property
    def bulletins(self) -> Path:
        """Frozen documents."""
        return self.path / "bulletins"

    @property
    def logs(self) -> Path:
        """One rotating log per process."""
        return self.path / "logs"

    @property
    def secrets(self) -> Path:
        """Passwords and keys, 0700."""
        return self.path / "secrets"

    # -- the stamp ---------------------------------------------------------------------------

    def create(self, kind: Kind) -> DataFolder:
        """Make the folder and what belongs in it; keep what is there (idempotent).

        Raises
        ------
        Problem
            ``host.folder_kind`` if it was stamped with the other kind, ``host.folder_foreign`` if
            it holds files but no stamp, ``host.folder_format`` if a newer release made it,
            ``host.folder_not_writable`` if it cannot be written.
        """
        try:
            self.path.mkdir(parents=True, exist_ok=True)
            if self.stamp.exists():
                self.check_kind(kind)
            else:
                if any(p.name not in _OURS for p in self.path.iterdir()):
                    raise Problem("host.folder_foreign", path=self.path)
                created = datetime.now(UTC).isoformat(timespec="seconds")  # noqa: TID251 -- the edge
                write_atomically(
                    self.stamp, f'kind = "{kind}"\nformat = {FORMAT}\ncreated = "{created}"\n'
                )
            for part in (
                self.run, self.journal, self.store, self.events, self.files, self.bulletins, self.logs,
            ):  # fmt: skip
                part.mkdir(exist_ok=True)
            self.secrets.mkdir(mode=0o700, exist_ok=True)
            self.secrets.chmod(0o700)
        except OSError as error:
            raise Problem(
                "host.folder_not_writable", path=self.path, reason=error.strerror
            ) from error
        return self

    @property
    def kind(self) -> Kind:
        """``demo`` or ``city``, as stamped.

        Raises
        ------
        Problem
            ``host.folder_missing`` without a readable stamp, ``host.folder_format`` if a newer
            release made it.
        """
        try:
            stamp = tomllib.loads(self.stamp.read_text("utf-8"))
            kind, version = stamp["kind"], int(stamp["format"])
        except (OSError, tomllib.TOMLDecodeError, KeyError, ValueError) as error:
            raise Problem("host.folder_missing", path=self.path) from error
        if kind not in ("demo", "city") or version > FORMAT:
            raise Problem("host.folder_format", path=self.path, found=version, known=FORMAT)
        return cast(Kind, kind)

    def check_kind(self, kind: Kind) -> None:
        """Raise ``host.folder_kind`` unless the folder is stamped *kind*."""
        if self.kind != kind:
            raise Problem("host.folder_kind", path=self.path, found=self.kind, wanted=kind)

    # -- the lock ----------------------------------------------------------------------------

    @contextmanager
    def hold(self) -> Iterator[None]:
        """Hold the folder for this process tree while the block runs.

        Raises
        ------
        Problem
            ``host.folder_in_use`` naming the process that holds it.
        """
        try:
            self.path.mkdir(parents=True, exist_ok=True)
            handle = os.open(self.lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        except OSError as error:
            raise Problem(
                "host.folder_not_writable", path=self.path, reason=error.strerror
            ) from error
        try:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                pid = os.pread(handle, 32, 0).decode("ascii", "replace").strip() or "?"
                raise Problem("host.folder_in_use", path=self.path, pid=pid) from None
            os.ftruncate(handle, 0)
            os.pwrite(handle, f"{os.getpid()}\n".encode("ascii"), 0)
            yield
            with suppress(OSError):
                os.ftruncate(handle, 0)
        finally:
            os.close(handle)

    # -- disk and secrets --------------------------------------------------------------------

    def free_mb(self) -> int:
        """Free space for this user on the folder's disk, in MB."""
        return shutil.disk_usage(self.path).free // 1_000_000

    def check_space(self, *, least_mb: int = _LEAST_FREE_MB) -> None:
        """Raise ``host.disk_full`` when less than *least_mb* is free."""
        free = self.free_mb()
        if free < least_mb:
            raise Problem("host.disk_full", path=self.path, free=free, least=least_mb)

    def secret(self, name: str, *, length: int = 32) -> str:
        """Return the secret called *name*, made at random the first time (0600)."""
        path = self.secrets / name
        self.secrets.mkdir(parents=True, mode=0o700, exist_ok=True)
        try:
            handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError:
            return path.read_text("ascii").strip()
        value = secrets.token_urlsafe(length)
        with os.fdopen(handle, "w", encoding="ascii") as out:
            out.write(value)
        return value
