"""The journal (流水): every byte that arrived, durable before it is acknowledged.

Append-only segments ``seg-<12 digits>.qyj``. A record is ``u32 length, u32 crc32, payload``, both
little-endian; the payload is one line of JSON (the header) and the raw bytes. Appending only buffers;
`Journal.sync` writes what was buffered, forces it to disk and only then moves `Journal.synced`.

Several gateways write one journal each: slot 0 is ``journal/`` itself, slot *n* is ``journal/n/``,
and a segment's number tells its slot, so a place in the journal is one pair of numbers everywhere.
Who holds the file lock of a slot writes it; a slot nobody holds may be taken over.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import json
import os
import struct
import threading
import time
import zlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from qingyuan.core.problems import Problem

__all__ = [
    "SLOT",
    "Journal",
    "Position",
    "Record",
    "claim",
    "expire",
    "header_line",
    "read_segment",
    "segments",
    "slot_folder",
    "slots",
]

SLOT = 1_000_000_000  # segments of one slot; segment // SLOT is the slot

_HEAD = struct.Struct("<II")
_MOST = 1 << 20  # no record is longer: a length above this is damage
_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
_force = getattr(os, "fdatasync", os.fsync)  # macOS has no fdatasync


class Position(NamedTuple):
    """A place in the journal: segment number and byte offset; positions order in time."""

    segment: int
    offset: int


class Record(NamedTuple):
    """One journalled arrival: where it begins and ends, its header and its bytes."""

    position: Position
    end: Position
    header: Mapping[str, object]
    raw: bytes


class Journal:
    """The journal in *folder*, opened for writing by one process (流水).

    Opening cuts a torn tail off the last segment and begins a new one, so nothing is ever appended
    to a file another process wrote. `append` and `sync` may be called from different threads.

    Parameters
    ----------
    folder : Path
        Made when it is not there.
    after : int
        A segment number that is taken already: numbers never fall back, even when the files of a
        journal are gone.
    roll_bytes, roll_seconds : int, float
        A segment that has grown past the one, or is older than the other, is not appended to.

    Raises
    ------
    Problem
        ``store.journal_in_use`` while another process has it open.
    """

    def __init__(
        self,
        folder: Path,
        *,
        after: int = 0,
        roll_bytes: int = 16 << 20,
        roll_seconds: float = 60.0,
    ) -> None:
        self.folder = Path(folder)
        self.folder.mkdir(parents=True, exist_ok=True)
        self._roll_bytes, self._roll_seconds = roll_bytes, roll_seconds
        self._claim = (self.folder / "lock").open("w")
        try:
            fcntl.flock(self._claim, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            self._claim.close()
            raise Problem("store.journal_in_use", folder=self.folder) from None
        self._lock = threading.Lock()  # buffer, positions, generation
        self._writing = threading.Lock()  # one sync at a time
        self._buffer: list[tuple[int, bytes]] = []
        self._file = -1
        self._file_segment = -1
        last = max(segments(self.folder), default=0)
        if last:
            _cut_torn_tail(_path(self.folder, last))
        self._segment, self._offset, self._began = max(last, after) + 1, 0, 0.0
        self.synced = Position(self._segment, 0)
        self.generation = 0

    @property
    def buffered(self) -> int:
        """How many records wait for the next `sync`."""
        return len(self._buffer)

    @property
    def reached(self) -> Position:
        """Where the record appended last ends."""
        return Position(self._segment, self._offset)

    def append(self, raw: bytes, header: Mapping[str, object] | bytes) -> Position:
        """Buffer one record and return where it will stand; it is not durable before `sync`.

        A header that many records share may be given as its line of JSON.
        """
        line = header if isinstance(header, bytes) else header_line(header)
        payload = line + b"\n" + raw
        record = _HEAD.pack(len(payload), zlib.crc32(payload)) + payload
        with self._lock:
            now = time.monotonic()
            if not self._offset:
                self._began = now
            elif self._offset >= self._roll_bytes or now - self._began >= self._roll_seconds:
                self._segment, self._offset, self._began = self._segment + 1, 0, now
            position = Position(self._segment, self._offset)
            self._buffer.append((self._segment, record))
            self._offset += len(record)
        return position

    def sync(self) -> Position:
        """Write what is buffered, force it to disk and return the position it reaches.

        Raises
        ------
        Problem
            ``store.journal_full`` or ``store.journal_unwritable``: nothing of what was buffered is
            kept, files hold whole durable records only, `generation` has grown by one and the
            next append begins a new segment. Records appended before must be appended again.
        """
        with self._writing:
            with self._lock:
                batch, self._buffer = self._buffer, []
                reached = Position(self._segment, self._offset)
            if not batch:
                return self.synced
            try:
                self._write(batch)
            except OSError as fault:
                self._back_out()
                code = "store.journal_full" if fault.errno in _FULL else "store.journal_unwritable"
                raise Problem(
                    code, folder=self.folder, cause=os.strerror(fault.errno or 0)
                ) from fault
            self.synced = reached
            return reached

    def read(self, segment: int, start: int = 0, *, upto: int | None = None) -> Iterator[Record]:
        """Yield the records of *segment* from byte *start*; see `read_segment`."""
        return read_segment(self.folder, segment, start, upto=upto)

    def segments(self) -> list[int]:
        """Return the numbers of the segments on disk, in order."""
        return segments(self.folder)

    def close(self) -> None:
        """Sync, close the files and give the journal up to another process."""
        try:
            self.sync()
        finally:
            self._close_file()
            self._claim.close()

    def _write(self, batch: list[tuple[int, bytes]]) -> None:
        at = 0
        while at < len(batch):
            segment = batch[at][0]
            stop = at
            while stop < len(batch) and batch[stop][0] == segment:
                stop += 1
            if segment != self._file_segment:
                self._open_file(segment)
            data = memoryview(b"".join(record for _, record in batch[at:stop]))
            while data:
                data = data[os.write(self._file, data) :]
            _force(self._file)
            at = stop

    def _open_file(self, segment: int) -> None:
        self._close_file()
        path = _path(self.folder, segment)
        self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND, 0o600)
        self._file_segment = segment
        _sync_folder(self.folder)

    def _close_file(self) -> None:
        if self._file >= 0:
            os.close(self._file)
        self._file, self._file_segment = -1, -1

    def _back_out(self) -> None:
        """After a failed write: keep durable bytes only, forget the rest, begin a new segment."""
        with self._lock:
            self._buffer.clear()
            durable = self.synced
            with contextlib.suppress(OSError):
                self._close_file()
            for segment in segments(self.folder):
                if segment >= durable.segment:
                    keep = durable.offset if segment == durable.segment else 0
                    with contextlib.suppress(OSError):
                        os.truncate(_path(self.folder, segment), keep)
            last = max(segments(self.folder), default=0)
            self._segment, self._offset = max(last, self._segment) + 1, 0
            self.generation += 1


def header_line(header: Mapping[str, object]) -> bytes:
    """Write a header as the line of JSON that a record begins with."""
    return json.dumps(header, ensure_ascii=False, separators=(",", ":")).encode()


def slot_folder(journal: Path, slot: int) -> Path:
    """Return the folder of *slot*: the journal's own, or a numbered one in it."""
    return Path(journal) / str(slot) if slot else Path(journal)


def slots(journal: Path) -> list[int]:
    """Return the slots that have a folder, in order; slot 0 always has one."""
    found = [int(path.name) for path in Path(journal).glob("[1-9]*") if path.name.isdigit()]
    return [0, *sorted(found)]


def claim(
    journal: Path, *, taken: Mapping[int, int] | None = None, most: int = 64
) -> tuple[int, Journal]:
    """Open the first slot of *journal* that nobody holds (认领).

    Parameters
    ----------
    taken : mapping, optional
        By slot, the segment number that its numbering must go on after.
    most : int
        Slots that are tried.

    Raises
    ------
    Problem
        ``store.journal_in_use`` when all are held.
    """
    for slot in range(most):
        after = max(slot * SLOT, (taken or {}).get(slot, 0))
        try:
            return slot, Journal(slot_folder(journal, slot), after=after)
        except Problem as problem:
            if problem.code != "store.journal_in_use":
                raise
    raise Problem("store.journal_in_use", folder=journal)


def expire(folder: Path, committed: Position, *, older_than: float) -> list[int]:
    """Delete the segments of *folder* that are committed and written before *older_than*.

    The segment that *committed* lies in stays, so that numbering goes on after it.

    Parameters
    ----------
    older_than : float
        Seconds since the epoch.
    """
    gone = []
    for number in segments(folder):
        path = _path(folder, number)
        if number >= committed.segment or path.stat().st_mtime >= older_than:
            break
        path.unlink()
        gone.append(number)
    return gone


def segments(folder: Path) -> list[int]:
    """Return the numbers of the segments in *folder*, in order."""
    return sorted(int(path.stem[4:]) for path in Path(folder).glob("seg-*.qyj"))


def read_segment(
    folder: Path, segment: int, start: int = 0, *, upto: int | None = None
) -> Iterator[Record]:
    """Yield the whole records of *segment* from byte *start*, ending before byte *upto*.

    A tail that is not whole yet is not yielded and is no fault.

    Raises
    ------
    Problem
        ``store.journal_damaged`` where a whole record does not match its own checksum.
    """
    with _path(folder, segment).open("rb") as file:
        file.seek(start)
        at = start
        while upto is None or at < upto:
            head = file.read(_HEAD.size)
            if len(head) < _HEAD.size:
                return
            length, crc = _HEAD.unpack(head)
            payload = file.read(length) if length <= _MOST else b""
            if length <= _MOST and len(payload) < length:
                return
            line, found, raw = payload.partition(b"\n")
            if zlib.crc32(payload) != crc or not found:
                raise Problem("store.journal_damaged", segment=segment, offset=at)
            end = at + _HEAD.size + length
            yield Record(Position(segment, at), Position(segment, end), json.loads(line), raw)
            at = end


def _cut_torn_tail(path: Path) -> None:
    segment = int(path.stem[4:])
    end = 0
    with contextlib.suppress(Problem):
        for record in read_segment(path.parent, segment):
            end = record.end.offset
    if end < path.stat().st_size:
        with path.open("r+b") as file:
            file.truncate(end)
            os.fsync(file.fileno())


def _path(folder: Path, segment: int) -> Path:
    return Path(folder) / f"seg-{segment:012d}.qyj"


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
