"""City time (城市时间): the one clock of deeds and observations.

``city-time.json`` in the data folder holds ``{"wall": ISO, "city": ISO, "rate": 1.0}``; city time
is ``city + (wall now − wall) × rate``. Without the file it is wall time. Sign-in, throttles and
database clocks use wall time and never come here.
"""

from __future__ import annotations

import fcntl
import json
import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from qingyuan.core.problems import Problem
from qingyuan.host.folder import DataFolder, write_atomically

__all__ = ["CityClock", "wall_now"]


def wall_now() -> datetime:
    """Return the wall-clock instant, aware, in UTC."""
    return datetime.fromtimestamp(time.time(), UTC)


@dataclass(frozen=True, slots=True)
class _Epoch:
    wall: datetime
    city: datetime
    rate: float

    def at(self, wall: datetime) -> datetime:
        return self.city + (wall - self.wall) * self.rate


class CityClock:
    """Reads and moves the city's clock (城市时间).

    Parameters
    ----------
    folder : DataFolder, Path or str
        The data folder; its ``city-time.json`` is read again whenever it changes.
    wall : callable, optional
        Where wall time comes from; tests hand in their own.
    """

    def __init__(
        self, folder: DataFolder | Path | str, *, wall: Callable[[], datetime] = wall_now
    ) -> None:
        self._path = Path(folder) / "city-time.json"
        self._wall = wall
        self._seen: tuple[int, int, int] | None = None
        self._epoch: _Epoch | None = None

    def now(self) -> datetime:
        """Return the city's instant, aware, in UTC."""
        wall = self._wall()
        epoch = self._read()
        return wall if epoch is None else epoch.at(wall)

    @property
    def rate(self) -> float:
        """How many city seconds pass in a second of wall time."""
        epoch = self._read()
        return 1.0 if epoch is None else epoch.rate

    def advance(self, by: timedelta) -> datetime:
        """Move the clock forward and return the new city time.

        Raises
        ------
        Problem
            ``host.time_backwards`` if *by* is negative: deeds already done would lie ahead.
        """
        if by < timedelta(0):
            raise Problem("host.time_backwards", given=by)
        with self._alone():
            wall, now, rate = self._wall(), self.now(), self.rate
            self._write(_Epoch(wall, now + by, rate))
        return now + by

    def start(self, city: datetime, *, rate: float = 1.0) -> None:
        """Say that it is *city* in the city now, and time passes at *rate* (a new folder's epoch)."""
        if city.tzinfo is None:
            raise ValueError("city time needs an aware instant")
        if not 0 < rate <= 100_000:
            raise Problem("host.time_rate", given=rate)
        with self._alone():
            self._write(_Epoch(self._wall(), city, rate))

    def _read(self) -> _Epoch | None:
        try:
            stat = self._path.stat()
        except FileNotFoundError:
            self._seen = self._epoch = None
            return None
        seen = (stat.st_mtime_ns, stat.st_ino, stat.st_size)
        if seen != self._seen:
            try:
                row = json.loads(self._path.read_text("utf-8"))
                epoch = _Epoch(
                    datetime.fromisoformat(row["wall"]),
                    datetime.fromisoformat(row["city"]),
                    float(row["rate"]),
                )
                epoch.at(self._wall())
            except (ValueError, KeyError, TypeError) as error:
                raise Problem("host.time_unreadable", path=self._path) from error
            self._seen, self._epoch = seen, epoch
        return self._epoch

    def _write(self, epoch: _Epoch) -> None:
        row = {
            "wall": epoch.wall.isoformat(),
            "city": epoch.city.astimezone(UTC).isoformat(),
            "rate": epoch.rate,
        }
        write_atomically(self._path, json.dumps(row) + "\n")
        self._seen = None

    def _alone(self) -> _FileLock:
        return _FileLock(self._path.with_name(".city-time.lock"))


class _FileLock:
    """Two people pressing “+1 h” at once move the clock two hours, not one."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def __enter__(self) -> None:
        self._handle = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        fcntl.flock(self._handle, fcntl.LOCK_EX)

    def __exit__(self, *_: object) -> None:
        os.close(self._handle)
