"""Logs (日志): a child's output, line by line, into a file that never outgrows its disk."""

from __future__ import annotations

import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import IO

__all__ = ["RotatingLog", "follow", "tail_of"]

_LARGEST = 10_000_000
_KEPT = 5
_LONGEST_LINE = 64_000


class RotatingLog:
    """A log file of at most 10 MB, with four older ones beside it (``web.log.1`` is the newest)."""

    def __init__(self, path: Path, *, largest: int = _LARGEST, kept: int = _KEPT) -> None:
        self.path, self._largest, self._kept = path, largest, kept
        self._file: IO[bytes] | None = None
        self._size = 0

    def write(self, line: bytes) -> None:
        """Append *line*. A full disk loses log lines, never the process that speaks."""
        with suppress(OSError):
            if self._file is None:
                self.path.parent.mkdir(parents=True, exist_ok=True)
                self._file = self.path.open("ab", buffering=0)
                self._size = self._file.tell()
            if self._size + len(line) > self._largest:
                self._rotate()
            self._file.write(line)
            self._size += len(line)

    def _rotate(self) -> None:
        self.close()
        for older in range(self._kept - 1, 0, -1):
            name = self.path.with_name(
                f"{self.path.name}.{older - 1}" if older > 1 else self.path.name
            )
            if name.exists():
                name.replace(self.path.with_name(f"{self.path.name}.{older}"))
        self._file = self.path.open("ab", buffering=0)
        self._size = 0

    def close(self) -> None:
        """Close the file; the next line opens it again."""
        if self._file is not None:
            self._file.close()
            self._file = None


def follow(source: IO[bytes], log: RotatingLog) -> threading.Thread:
    """Copy *source* into *log* with the wall time before each line, until it ends."""

    def copy() -> None:
        with source:
            while line := source.readline(_LONGEST_LINE):
                now = time.time()
                stamp = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(now))
                end = b"" if line.endswith(b"\n") else b"\n"
                log.write(f"{stamp}.{int(now % 1 * 1000):03d}Z ".encode("ascii") + line + end)
        log.close()

    thread = threading.Thread(target=copy, name=f"log-{log.path.stem}", daemon=True)
    thread.start()
    return thread


def tail_of(path: Path, *, lines: int = 8) -> str:
    """Return the last *lines* of a log, or an empty text."""
    try:
        with path.open("rb") as log:
            log.seek(max(0, path.stat().st_size - 16_000))
            return "\n".join(log.read().decode("utf-8", "replace").splitlines()[-lines:])
    except OSError:
        return ""
