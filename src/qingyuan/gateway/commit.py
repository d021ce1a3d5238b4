"""Committing (入库): the journal becomes rows of the store, each exactly once.

The committer follows the journal and never the sockets, so live running and the replay after a
crash are the same code. Every commit carries the journal position it reaches as application
transaction; a table that already has it, or rows before it, are skipped.
"""

from __future__ import annotations

import json
import logging
import threading
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Protocol

from qingyuan.core.problems import Problem
from qingyuan.gateway.devices import Devices
from qingyuan.gateway.judge import Judgement, judge
from qingyuan.gateway.rows import Row, observation_rows, quarantine_row
from qingyuan.hj212 import Frame, Framer, Noise
from qingyuan.host.folder import write_atomically
from qingyuan.store.journal import Position, Record, read_segment, segments

__all__ = ["APP", "Committer", "Sink", "StoreSink", "event_of", "version_of"]

APP = "gateway"
_BATCH = 20_000
_log = logging.getLogger("qingyuan.gateway")


class Sink(Protocol):
    """Where rows go: two tables that remember the version of their last commit."""

    def committed(self) -> tuple[int, int]:
        """Return the last version of the observations and of the quarantine; 0 for none."""
        ...

    def fits(self, rows: list[Row]) -> bool:
        """Whether the observations can take *rows* at all."""
        ...

    def observe(self, rows: list[Row], version: int) -> None:
        """Commit observations as transaction *version*."""
        ...

    def quarantine(self, rows: list[Row], version: int) -> None:
        """Commit quarantine rows as transaction *version*."""
        ...


class StoreSink:
    """The store's own tables in *folder*, opened when first used."""

    def __init__(self, folder: Path) -> None:
        from qingyuan.store.observations import Observations
        from qingyuan.store.quarantine import Quarantine

        self._observations = Observations(folder)
        self._quarantine = Quarantine(folder)

    def committed(self) -> tuple[int, int]:
        """Return the last version of either table; 0 for none."""
        return (
            self._observations.app_version(APP) or 0,
            self._quarantine.app_version(APP) or 0,
        )

    def fits(self, rows: list[Row]) -> bool:
        """Whether *rows* can be written in the columns of the table."""
        from qingyuan.store.columns import as_table

        try:
            as_table(rows)
        except (Problem, ValueError, TypeError, ArithmeticError):
            return False
        return True

    def observe(self, rows: list[Row], version: int) -> None:
        """Commit observations as transaction *version*."""
        self._observations.append(rows, app=(APP, version))

    def quarantine(self, rows: list[Row], version: int) -> None:
        """Commit quarantine rows as transaction *version*."""
        self._quarantine.append(rows, app=(APP, version))


def version_of(position: Position) -> int:
    """Return a journal position as one growing number: segment in the high, offset in the low half."""
    return position.segment << 32 | position.offset


def event_of(record: Record) -> Frame | Noise:
    """Return the framer's event that a journal record holds; noise says so in its header."""
    noise = record.header.get("noise")
    if isinstance(noise, str):
        return Noise(record.raw, noise)
    framer = Framer()
    events = framer.feed(record.raw) + framer.close()
    frames = [event for event in events if isinstance(event, Frame)]
    return frames[0] if frames else Noise(record.raw, "frame.broken")


class Committer:
    """Follows the journal and commits micro-batches (微批入库), in a thread of its own.

    Parameters
    ----------
    journal : Path
        The journal's folder.
    synced : callable
        The position up to which the journal is durable; nothing after it is read.
    open_sink : callable
        Opens the store; called again after a failure.
    devices : callable
        The devices in force.
    cursor : Path
        A hint where to begin after a restart; without it the tables' own versions tell.
    every : float
        Seconds between commits.
    """

    def __init__(
        self,
        journal: Path,
        *,
        synced: Callable[[], Position],
        open_sink: Callable[[], Sink],
        devices: Callable[[], Devices],
        cursor: Path,
        every: float = 2.0,
    ) -> None:
        self._folder, self._synced, self._devices = journal, synced, devices
        self._open_sink, self._cursor, self._every = open_sink, cursor, every
        self._sink: Sink | None = None
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="committer", daemon=True)
        self.position = Position(0, 0)
        self.problem: Problem | None = None
        self.batches = 0

    def start(self) -> None:
        """Begin to follow."""
        self._thread.start()

    def stop(self) -> None:
        """Commit what is durable, then end."""
        self._stop.set()
        self._thread.join()

    def _run(self) -> None:
        last_turn = False
        while True:
            try:
                while self.step():
                    pass
                self._recovered()
            except Exception as fault:  # noqa: BLE001 -- whatever the store meets, the journal keeps it; tried again
                self._failed(fault)
            if last_turn:
                return
            last_turn = self._stop.wait(self._every)

    def _failed(self, fault: Exception) -> None:
        if self.problem is None:
            _log.error("store_unavailable cause=%r", fault, exc_info=fault)
        self.problem = Problem("gateway.store_unavailable", cause=str(fault))
        self._sink = None

    def _recovered(self) -> None:
        if self.problem is not None:
            _log.info("store_recovered")
        self.problem = None

    def step(self) -> bool:
        """Commit the next batch; return whether there was anything to do."""
        if self._sink is None:
            self._sink = self._open_sink()
            self.position = self._begin(self._sink)
        records, reached = self._next(self.position, self._synced())
        if reached == self.position:
            return False
        observed, set_aside = self._sink.committed()
        rows, odd = self._rows_of(records, self._sink)
        version = version_of(reached)
        wanted = [row for end, made in rows if end > observed for row in made]
        refused = [row for end, row in odd if end > set_aside]
        if wanted:
            self._sink.observe(wanted, version)
        if refused:
            self._sink.quarantine(refused, version)
        self.position = reached
        self.batches += 1
        write_atomically(self._cursor, json.dumps(reached._asdict()))
        return True

    def _begin(self, sink: Sink) -> Position:
        least = min(sink.committed())
        begun = Position(least >> 32, least & 0xFFFFFFFF)
        try:
            said = json.loads(self._cursor.read_text("utf-8"))
            return max(begun, Position(said["segment"], said["offset"]))
        except (OSError, ValueError, KeyError, TypeError):
            return begun

    def _next(self, start: Position, upto: Position) -> tuple[list[Record], Position]:
        """Read durable records from *start*, at most one batch, and where reading ended."""
        records: list[Record] = []
        at = start
        if not start.segment:
            at = Position(min(segments(self._folder), default=upto.segment), 0)
        for number in range(at.segment, upto.segment + 1):
            if number > at.segment:
                at = Position(number, 0)
            end = upto.offset if number == upto.segment else None
            try:
                for record in read_segment(self._folder, number, at.offset, upto=end):
                    records.append(record)
                    at = record.end
                    if len(records) >= _BATCH:
                        return records, at
            except Problem as problem:
                _log.error("journal_damaged %s", problem.values)
            except FileNotFoundError:  # a number that a failed write left unused
                continue
        return records, at

    def _rows_of(
        self, records: list[Record], sink: Sink
    ) -> tuple[list[tuple[int, list[Row]]], list[tuple[int, Row]]]:
        """Return observations and quarantine rows, each with the version its record ends at."""
        devices = self._devices()
        rows: list[tuple[int, list[Row]]] = []
        odd: list[tuple[int, Row]] = []
        judged: dict[int, tuple[Record, Judgement, datetime]] = {}
        for record in records:
            end = version_of(record.end)
            received_at = datetime.fromisoformat(str(record.header["t"]))
            judgement = judge(event_of(record), devices, at=received_at)
            if judgement.accepted:
                made = observation_rows(record, judgement, received_at=received_at)
                if made:
                    rows.append((end, made))
                    judged[end] = (record, judgement, received_at)
            else:
                odd.append((end, quarantine_row(record, judgement, received_at=received_at)))
        if rows and not sink.fits([row for _, made in rows for row in made]):
            # One record that no column takes must not hold up all that came after it.
            for end, made in rows:
                if not sink.fits(made):
                    record, judgement, received_at = judged[end]
                    refusal = judgement._replace(reason="gateway.cannot_store")
                    odd.append((end, quarantine_row(record, refusal, received_at=received_at)))
                    _log.error(
                        "record_unstorable mn=%s position=%s", judgement.packet.mn, record.position
                    )
            rows = [(end, made) for end, made in rows if sink.fits(made)]
        return rows, odd
