"""Durability (落盘): many connections share one fsync (group commit, 成组提交)."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from concurrent.futures import Executor

from qingyuan.core.problems import Problem
from qingyuan.store.journal import Journal

__all__ = ["GroupCommit"]


class GroupCommit:
    """Appends to the journal for many connections and syncs for all of them at once."""

    def __init__(self, journal: Journal, executor: Executor) -> None:
        self._journal = journal
        self._executor = executor
        self._waiting: list[tuple[int, asyncio.Future[None]]] = []
        self._task: asyncio.Task[None] | None = None

    async def keep(self, records: Iterable[tuple[bytes, Mapping[str, object]]]) -> None:
        """Append *records* and return when they are on the disk.

        Raises
        ------
        Problem
            ``store.journal_full`` or ``store.journal_unwritable``: none of them is kept.
        """
        generation = self._journal.generation  # before the append: a failure may come between
        for raw, header in records:
            self._journal.append(raw, header)
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append((generation, done))
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._sync_while_wanted())
        await done

    async def _sync_while_wanted(self) -> None:
        loop = asyncio.get_running_loop()
        while self._waiting:
            waiting, self._waiting = self._waiting, []
            fault: Problem | None = None
            try:
                await loop.run_in_executor(self._executor, self._journal.sync)
            except Problem as problem:
                fault = problem
            for generation, done in waiting:
                if done.done():
                    continue
                if fault is None and generation == self._journal.generation:
                    done.set_result(None)
                else:
                    done.set_exception(
                        fault
                        or Problem(
                            "store.journal_unwritable",
                            folder=self._journal.folder,
                            cause="a write before this one failed",
                        )
                    )
