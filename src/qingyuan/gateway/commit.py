"""Committing (入库): a thread that follows this gateway's journal, and those nobody holds.

A gateway that was killed leaves a journal with rows that are not in the store yet. Its file lock is
free then; whichever gateway finds it takes it over until it is committed (接管).
"""

from __future__ import annotations

import fcntl
import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from qingyuan.core.problems import Problem
from qingyuan.gateway.devices import Devices
from qingyuan.gateway.follow import Follower
from qingyuan.gateway.sink import Sink
from qingyuan.store.journal import Position, expire, segments, slot_folder, slots

__all__ = ["Committer", "cursor_path"]

_LOOK_S = 5.0  # between two looks for journals that nobody holds
_EXPIRE_S = 60.0
_log = logging.getLogger("qingyuan.gateway")


def cursor_path(store: Path, slot: int) -> Path:
    """Return where the position that a slot has reached is written down."""
    return store / (f"gateway-{slot}.json" if slot else "gateway.json")


class Committer:
    """Follows the journal and commits micro-batches (微批入库), in a thread of its own.

    Parameters
    ----------
    journal, store : Path
        The folder of all journals, and that of the store.
    slot : int
        The slot of this gateway.
    synced : callable
        The position up to which its journal is durable.
    open_sink : callable
        Opens the store; called again after a failure.
    devices : callable
        The devices in force.
    every : float
        Seconds between commits.
    keep_s : float
        Segments that are committed and older than this are deleted.
    """

    def __init__(
        self,
        journal: Path,
        *,
        store: Path,
        slot: int = 0,
        synced: Callable[[], Position],
        open_sink: Callable[[], Sink],
        devices: Callable[[], Devices],
        every: float = 1.5,
        keep_s: float = 30 * 86400.0,
    ) -> None:
        self._journal, self._store, self._slot = journal, store, slot
        self._devices, self._open_sink, self._synced = devices, open_sink, synced
        self._every, self._keep_s = every, keep_s
        self.own = Follower(
            slot_folder(journal, slot),
            slot,
            synced=synced,
            devices=devices,
            cursor=cursor_path(store, slot),
        )
        self._sink: Sink | None = None
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="committer", daemon=True)
        self._looked = 0.0
        self._expired = time.monotonic()
        self._taken_over: dict[int, Position] = {}
        self.problem: Problem | None = None
        self.caught_up: set[int] = set()  # slots whose journal was seen to its end
        self.batches = 0
        self.deleted = 0

    @property
    def position(self) -> Position:
        """The position up to which this gateway's journal is committed."""
        return self.own.position

    def start(self) -> None:
        """Begin to follow."""
        self._thread.start()

    def stop(self) -> None:
        """Commit what is durable, then end."""
        self._stop.set()
        self._thread.join()

    def step(self) -> bool:
        """Commit the next batch of this gateway's journal; return whether there was one."""
        if self._sink is None:
            self._sink = self._open_sink()
            self.own.begin(self._sink)
        done = self.own.step(self._sink)
        self.batches += done
        return done

    def adopt(self) -> None:
        """Commit the journals that nobody holds."""
        assert self._sink is not None  # `step` opens it
        for slot in slots(self._journal):
            folder = slot_folder(self._journal, slot)
            end = _end_of(folder)
            if slot == self._slot or end is None or self._taken_over.get(slot) == end:
                continue
            with _held(folder) as ours:
                if not ours:
                    continue
                follower = Follower(
                    folder,
                    slot,
                    synced=lambda end=end: end,
                    devices=self._devices,
                    cursor=cursor_path(self._store, slot),
                )
                batches = 0
                while follower.step(self._sink):
                    batches += 1
                expire(folder, follower.position, older_than=time.time() - self._keep_s)
                self._taken_over[slot] = end
                self.caught_up.add(slot)
                _log.info("journal_taken_over slot=%d batches=%d", slot, batches)

    def _run(self) -> None:
        last_turn = False
        while True:
            began = time.monotonic()
            try:
                upto = self._synced()  # what comes meanwhile makes the next batch
                while self.step() and self.position < upto:
                    pass
                self.caught_up.add(self._slot)
                if began - self._looked >= _LOOK_S and not last_turn:
                    self._looked = began
                    self.adopt()
                if began - self._expired >= _EXPIRE_S:
                    self._expired = began
                    self._forget_old()
                self._recovered()
            except Exception as fault:  # noqa: BLE001 -- whatever the store meets, the journal keeps it; tried again
                self._failed(fault)
            if last_turn:
                return
            spent = time.monotonic() - began
            last_turn = self._stop.wait(max(self._every - spent, self._every / 10))

    def _forget_old(self) -> None:
        folder = slot_folder(self._journal, self._slot)
        gone = expire(folder, self.position, older_than=time.time() - self._keep_s)
        self.deleted += len(gone)
        if gone:
            _log.info("segments_deleted first=%d last=%d", gone[0], gone[-1])

    def _failed(self, fault: Exception) -> None:
        if self.problem is None:
            _log.error("store_unavailable cause=%r", fault, exc_info=fault)
        self.problem = Problem("gateway.store_unavailable", cause=str(fault))
        self._sink = None

    def _recovered(self) -> None:
        if self.problem is not None:
            _log.info("store_recovered")
        self.problem = None


def _end_of(folder: Path) -> Position | None:
    """Return where the last segment of *folder* ends; None for a journal without any."""
    last = max(segments(folder), default=None)
    if last is None:
        return None
    return Position(last, (folder / f"seg-{last:012d}.qyj").stat().st_size)


@contextmanager
def _held(folder: Path) -> Iterator[bool]:
    """Hold a journal's folder while the block runs; tell whether nobody else does."""
    with (folder / "lock").open("w") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            yield False
        else:
            yield True
