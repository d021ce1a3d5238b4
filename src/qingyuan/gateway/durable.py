"""Durability (落盘): many connections share one fsync (group commit, 成组提交)."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping
from concurrent.futures import Executor
from dataclasses import dataclass
from datetime import datetime

from qingyuan.core.problems import Problem
from qingyuan.gateway.judge import Judgement
from qingyuan.store.journal import Journal, Position

__all__ = ["GroupCommit", "Kept"]

_RETRY_S = 1.0
_CROWD, _GATHER_S = 8, 0.003
_log = logging.getLogger("qingyuan.gateway")
_NOWHERE = Position(-1, -1)


@dataclass(slots=True)
class Kept:
    """One thing that is kept in the journal, and what follows once it is (流水记录).

    Parameters
    ----------
    raw : bytes
        The bytes that came, or that are to be sent.
    header : bytes
        The record's line of JSON.
    judgement : Judgement or None
        None when it is no arrival, or not held: ten times as large as the bytes it is read from,
        it is made again from the journal when many wait.
    mn : str
        The device of an accepted arrival.
    dialogue, folded : mapping or None
        A step of a dialogue; the number of packets that were not kept.
    to : object or None
        Whom `then` is to be sent to.
    then : bytes
        What is sent once the record is on the disk.
    """

    raw: bytes
    header: bytes
    received_at: datetime
    peer: str = ""
    judgement: Judgement | None = None
    mn: str = ""
    fresh: bool = True
    dialogue: Mapping[str, object] | None = None
    folded: Mapping[str, object] | None = None
    to: object = None
    then: bytes = b""
    arrived: bool = False
    position: Position = _NOWHERE
    end: Position = _NOWHERE
    generation: int = -1


class GroupCommit:
    """Appends to the journal for many connections and syncs for all of them at once.

    What could not be written is held, appended again and tried until it is: the devices wait, are
    not acknowledged, and lose nothing.

    Parameters
    ----------
    durable : callable
        Called in the event loop with what has become durable, in order.
    trouble : callable
        Called with the Problem when writing fails, with None when it works again.
    """

    def __init__(
        self,
        journal: Journal,
        executor: Executor,
        *,
        durable: Callable[[list[Kept]], None],
        trouble: Callable[[Problem | None], None],
    ) -> None:
        self._journal, self._executor = journal, executor
        self._durable, self._trouble = durable, trouble
        self._waiting: list[Kept] = []
        self._task: asyncio.Task[None] | None = None
        self.pending_bytes = 0

    @property
    def waiting(self) -> int:
        """How many records wait for the disk."""
        return len(self._waiting)

    def keep(self, kept: Kept) -> None:
        """Append one record; it will be among what `durable` is told, or tried again."""
        self._append(kept)
        self._waiting.append(kept)
        self.pending_bytes += len(kept.raw) + len(kept.header)
        if self._task is None or self._task.done():
            self._task = asyncio.get_running_loop().create_task(self._sync_while_wanted())

    async def settle(self) -> None:
        """Wait until nothing is waiting, or writing has failed."""
        while self._task is not None and not self._task.done():
            waiting = len(self._waiting)
            await asyncio.wait([self._task], timeout=_RETRY_S / 2)
            if self._waiting and len(self._waiting) >= waiting:
                return

    def stop(self) -> None:
        """Try no more."""
        if self._task is not None:
            self._task.cancel()

    def _append(self, kept: Kept) -> None:
        kept.generation = self._journal.generation  # before: a failure may come between
        kept.position = self._journal.append(kept.raw, kept.header)
        kept.end = self._journal.reached

    async def _sync_while_wanted(self) -> None:
        loop = asyncio.get_running_loop()
        crowded = False
        while self._waiting:
            if crowded:  # a little patience makes fewer and larger writes
                await asyncio.sleep(_GATHER_S)
            waiting, self._waiting = self._waiting, []
            crowded = len(waiting) >= _CROWD
            try:
                await loop.run_in_executor(self._executor, self._journal.sync)
            except Problem as problem:
                self._trouble(problem)
                self._waiting = waiting + self._waiting
                await asyncio.sleep(_RETRY_S)
                for kept in self._waiting:
                    if kept.generation != self._journal.generation:
                        self._append(kept)
                continue
            self._trouble(None)
            self.pending_bytes -= sum(len(kept.raw) + len(kept.header) for kept in waiting)
            try:
                self._durable(waiting)
            except Exception:  # noqa: BLE001 -- our bug: the others go on, these are sent again
                _log.exception("answering_failed records=%d", len(waiting))
