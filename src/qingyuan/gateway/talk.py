"""Talk (下行): what goes down to the devices of one gateway, and by which connection."""

from __future__ import annotations

import asyncio
import contextlib
from collections import Counter
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Protocol

from qingyuan.gateway.conversation import Command, Conversations, Say
from qingyuan.gateway.devices import Devices
from qingyuan.gateway.judge import Judgement
from qingyuan.gateway.link import Link
from qingyuan.gateway.outbox import Outbox
from qingyuan.store.journal import SLOT

__all__ = ["Talk"]

_REMEMBERED = timedelta(days=30)  # commands sent longer ago are not asked after


class _Note(Protocol):
    """Keeps something that is no arrival; its bytes go to *then* once they are on the disk."""

    def __call__(
        self, raw: bytes, then: Link | None, *, dialogue: Mapping[str, object]
    ) -> None: ...


class Talk:
    """The conversations of one gateway, the outbox, and the connection of each device (下行对话).

    Parameters
    ----------
    store : Path
        The store's folder.
    clock : callable
        City time, aware.
    steady : callable
        Seconds that never jump, for waiting.
    devices : callable
        The devices in force.
    note : callable
        Keeps a step in the journal and sends its bytes afterwards.
    totals : Counter
        Counted for the state of the gateway.
    slot, first_segment : int
        The slot of this gateway and the first segment of this life of it.
    caught_up : set of int
        Slots whose journal is wholly in the store.
    """

    def __init__(
        self,
        *,
        store: Path,
        clock: Callable[[], datetime],
        steady: Callable[[], float],
        devices: Callable[[], Devices],
        note: _Note,
        totals: Counter[str],
        slot: int,
        first_segment: int,
        caught_up: set[int],
    ) -> None:
        self.conversations = Conversations()
        self.on: dict[str, Link] = {}
        self.abandoned: set[int] = set()
        self._store, self._clock, self._devices, self._note = store, clock, devices, note
        self._totals, self._slot, self._first = totals, slot, first_segment
        self._caught_up = caught_up
        self._steady, self._begun = steady, steady()
        self._outbox: Outbox | None = None
        self._loop: asyncio.AbstractEventLoop | None = None

    @property
    def outbox(self) -> str:
        """``off``, ``away`` or ``ok``."""
        if self._outbox is None:
            return "off"
        return "away" if self._outbox.problem else "ok"

    def start(self, database_url: str) -> None:
        """Begin to read the outbox, in a thread of its own; an empty address is none."""
        self._loop = asyncio.get_running_loop()
        if database_url:
            self._outbox = Outbox(
                database_url,
                connected=lambda: list(self.on),
                sent=self._sent_before,
                deliver=self._delivered,
            )
            self._outbox.start()

    def stop(self) -> None:
        """Read no more."""
        if self._outbox is not None:
            self._outbox.stop()

    def heard(
        self, link: Link, judged: Judgement, at: datetime
    ) -> tuple[Mapping[str, object] | None, list[Say]]:
        """Note who speaks on a connection; return what it answers and what follows."""
        mn = judged.packet.mn
        if self.on.get(mn) is not link:
            self.on[mn] = link
        return self.conversations.hear(judged, at=at, now=self._now())

    def left(self, link: Link) -> None:
        """End what is asked of the devices of a connection that is gone."""
        assert link.session is not None  # one that was heard has a session
        for mn in link.session.mns:
            if self.on.get(mn) is link:
                del self.on[mn]
                said, unsent = self.conversations.lost(mn)
                self.say(said)
                self._forget(unsent)

    def tick(self) -> None:
        """Do what is due."""
        if self.conversations.open or self.conversations.waiting:
            self.say(self.conversations.tick(at=self._clock(), now=self._now()))

    def say(self, said: list[Say]) -> None:
        """Keep each step; what is to be sent goes out once it is on the disk."""
        for step in said:
            self._totals[f"dialogues_{step.dialogue['event']}"] += 1
            link = self.on.get(step.mn) if step.send else None
            self._note(step.raw, link, dialogue=step.dialogue)

    def command(self, commands: list[Command]) -> None:
        """Ask the devices that are connected here what the outbox says."""
        for command in commands:
            device = self._devices().get(command.mn)
            if device is None or command.mn not in self.on:
                self._forget([command.id])
                continue
            at, now = self._clock(), self._now()
            self.say(self.conversations.command(command, device, at=at, now=now))

    def _forget(self, numbers: list[int]) -> None:
        if self._outbox is not None:
            for number in numbers:
                self._outbox.forget(number)

    def _now(self) -> datetime:
        """Return a time that never jumps, for waiting."""
        start = datetime(2000, 1, 1, tzinfo=UTC)
        return start + timedelta(seconds=self._steady() - self._begun)

    def _delivered(self, commands: list[Command]) -> None:
        assert self._loop is not None  # set by `start`
        with contextlib.suppress(RuntimeError):  # the loop has ended
            self._loop.call_soon_threadsafe(self.command, commands)

    def _sent_before(self) -> set[int] | None:
        """Return the commands that were sent before, or None while the journal is not in the store.

        Asked from the outbox's thread.

        What an earlier life of this journal began and did not end is ended here: nobody waits for
        its answer any more.
        """
        from qingyuan.store.dialogues import Dialogues

        if self._slot not in self._caught_up:
            return None
        first = (self._clock() - _REMEMBERED).date()
        told = Dialogues(self._store).commands(first=first)
        assert self._loop is not None  # as above
        for number, one in told.items():
            segment = int(str(one["segment"]))
            slot = segment // SLOT
            earlier = slot != self._slot or segment < self._first
            if not one["ended"] and earlier and slot in self._caught_up:
                with contextlib.suppress(RuntimeError):
                    self._loop.call_soon_threadsafe(self._abandon, number, one)
        return set(told)

    def _abandon(self, number: int, one: Mapping[str, object]) -> None:
        if number in self.abandoned:
            return
        self.abandoned.add(number)
        dialogue = {name: one[name] for name in ("mn", "cn", "qn")} | {
            "command": number,
            "purpose": "command",
            "direction": "down",
            "event": "overtime",
            "result": "restart",
        }
        self._note(b"", None, dialogue=dialogue)
