"""Intake (接收): keep what arrived, say what becomes of it, commit it; each row exactly once.

What arrived is durable in the journal before anybody is told so. The store may be away: then the
journal waits, here or, after a crash, for whoever opens the same folder next.
"""

from __future__ import annotations

import contextlib
import json
import logging
import threading
import time
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol

from qingyuan.core.problems import Problem
from qingyuan.feeds.batch import read_batch
from qingyuan.feeds.judging import Verdict, judge
from qingyuan.store.journal import (
    SLOT,
    Journal,
    Position,
    Record,
    claim,
    expire,
    read_segment,
    segments,
    slot_folder,
    slots,
)
from qingyuan.store.observations import Observations
from qingyuan.store.quarantine import Quarantine

__all__ = ["OBSERVED", "Arrival", "Intake", "Matter", "Outcome", "Verdicts"]

_log = logging.getLogger("qingyuan.feeds")
_ROWS = 20_000  # of one commit
_EXPIRE_EVERY_S = 3600.0


@dataclass(frozen=True, slots=True)
class Arrival:
    """One batch as it came, from whom, and for which devices that one may speak (None: all).

    ``mn`` is the device of observations that name none.
    """

    raw: bytes
    media: str
    source: str
    allowed: Collection[str] | None = None
    mn: str = ""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one batch: its verdicts, or the problem of the whole."""

    verdicts: tuple[Verdict, ...] = ()
    problem: Problem | None = None


class _Ledger(Protocol):
    def append(
        self, rows: Iterable[Mapping[str, object]], *, app: tuple[str, int] | None = None
    ) -> int: ...

    def app_version(self, app: str) -> int | None: ...


Verdicts = Callable[[Arrival, Any, datetime, str], tuple[Verdict, ...]]


@dataclass(frozen=True, slots=True)
class Matter:
    """What is taken in (接收的内容): its name in the store, its table, and how a batch is judged.

    ``judge(arrival, roster, received_at, qn)`` raises a `Problem` for a batch that cannot be read;
    the roster says who may send.
    """

    name: str
    table: Callable[[Path], _Ledger]
    judge: Verdicts


def _observed(arrival: Arrival, roster: Any, at: datetime, qn: str) -> tuple[Verdict, ...]:
    items = read_batch(arrival.raw, media=arrival.media)
    return tuple(
        judge(item, roster, received_at=at, allowed=arrival.allowed, mn=arrival.mn, qn=qn)
        for item in items
    )


OBSERVED = Matter("feeds", Observations, _observed)


class Intake:
    """One process's way into journal and store (一个进程的接收口); safe to share among threads.

    Parameters
    ----------
    journal : Path
        Folder of the feeds' journals; each process claims a slot of its own.
    store : Path
        The store's folder.
    stations : callable
        The registered senders in force, as *matter* judges by them.
    matter : Matter
        What is taken in; observations unless said otherwise.
    clock : callable
        City time.
    keep_days : float
        How long what arrived is kept once it is in the store.
    """

    def __init__(
        self,
        journal: Path,
        store: Path,
        *,
        stations: Callable[[], Any],
        clock: Callable[[], datetime],
        keep_days: float = 30.0,
        matter: Matter = OBSERVED,
    ) -> None:
        self._keep_s, self._expired_at = keep_days * 86400, 0.0
        self._root, self._store = Path(journal), Path(store)
        self._stations, self._clock = stations, clock
        self._matter = matter
        self._observations = matter.table(self._store)
        self._quarantine = Quarantine(self._store)
        self._committing = threading.Lock()
        # a slot whose journal was deleted must not use its numbers again
        taken = {slot: self._reached(slot).segment for slot in slots(self._root)}
        self.slot, self._journal = claim(self._root, taken=taken)
        self._position = self._begin(self.slot)

    def keep(self, arrivals: Sequence[Arrival]) -> list[Outcome]:
        """Make *arrivals* durable and say what becomes of each.

        Raises
        ------
        Problem
            ``store.journal_full`` or ``store.journal_unwritable``: none of them is kept, nobody may
            be told otherwise.
        """
        at = self._clock()
        generation = self._journal.generation
        placed = [self._journal.append(a.raw, _header(a, at)) for a in arrivals]
        self._journal.sync()
        if generation != self._journal.generation:  # another thread's failure took ours with it
            raise Problem(
                "store.journal_unwritable", folder=self._journal.folder, cause="a write failed"
            )
        stations = self._stations()
        return [
            self._outcome(a, stations, at=at, place=place)
            for a, place in zip(arrivals, placed, strict=True)
        ]

    def commit(self) -> int:
        """Commit what is durable and not yet in the store; return how many rows that was."""
        with self._committing:
            rows, self._position = self._follow(self.slot, self._position, self._journal.synced)
            self._expire()
            return rows

    def _expire(self) -> None:
        """Delete old segments that are in the store, now and then."""
        now = time.time()
        if now - self._expired_at < _EXPIRE_EVERY_S:
            return
        self._expired_at = now
        try:
            for slot in slots(self._root):
                reached = self._position if slot == self.slot else self._reached(slot)
                expire(slot_folder(self._root, slot), reached, older_than=now - self._keep_s)
        except OSError as fault:  # another process was first, or the disk will not; next hour
            _log.warning("journal_not_expired cause=%s", fault.strerror)

    def commit_abandoned(self) -> int:
        """Commit the journals of processes that are gone; return how many rows that was."""
        total = 0
        for slot in slots(self._root):
            folder = slot_folder(self._root, slot)
            if slot == self.slot or not segments(folder):
                continue
            with contextlib.suppress(Problem):  # somebody holds it and looks after it
                held = Journal(folder, after=max(slot * SLOT, self._reached(slot).segment))
                try:
                    total += self._follow(slot, self._begin(slot), held.synced)[0]
                finally:
                    held.close()
        return total

    def close(self) -> None:
        """Commit what can be committed and give the journal up."""
        try:
            self.commit()
        finally:
            self._journal.close()

    def _versions(self, slot: int) -> tuple[int, int]:
        """Return how far the observations and the quarantine have this slot's journal."""
        app = self._app(slot)
        return self._observations.app_version(app) or 0, self._quarantine.app_version(app) or 0

    def _cursor(self, slot: int) -> Path:
        return self._store / f"{self._app(slot)}.json"

    def _reached(self, slot: int) -> Position:
        """Return the farthest place of a slot's journal that is surely in the store."""
        least = min(self._versions(slot))
        begun = Position(slot * SLOT + (least >> 32), least & 0xFFFFFFFF)
        try:
            said = json.loads(self._cursor(slot).read_text("utf-8"))
            return max(begun, Position(int(said["segment"]), int(said["offset"])))
        except (OSError, ValueError, KeyError, TypeError):
            return begun

    def _begin(self, slot: int) -> Position:
        reached = self._reached(slot)
        if reached.segment % SLOT:
            return reached
        first = min(segments(slot_folder(self._root, slot)), default=slot * SLOT + 1)
        return Position(first, 0)

    def _follow(self, slot: int, start: Position, upto: Position) -> tuple[int, Position]:
        folder, at, total = slot_folder(self._root, slot), start, 0
        while at < upto:
            records, reached = _next(folder, at, upto)
            if reached == at:
                break
            total += self._write(slot, records, reached)
            at = reached
        return total, at

    def _app(self, slot: int) -> str:
        return f"{self._matter.name}-{slot}"

    def _outcome(self, arrival: Arrival, roster: Any, *, at: datetime, place: Position) -> Outcome:
        qn = f"{arrival.source}@{place.segment}/{place.offset}"
        try:
            return Outcome(self._matter.judge(arrival, roster, at, qn))
        except Problem as problem:
            return Outcome(problem=problem)

    def _write(self, slot: int, records: Sequence[Record], reached: Position) -> int:
        stations, version, app = self._stations(), _version(reached), self._app(slot)
        observed, set_aside = self._versions(slot)
        rows: list[dict[str, object]] = []
        odd: list[dict[str, object]] = []
        for record in records:
            arrival, at = _arrival(record)
            outcome = self._outcome(arrival, stations, at=at, place=record.position)
            end = _version(record.end)
            if end > observed:
                rows += [dict(v.row) for v in outcome.verdicts if v.row is not None]
            if end > set_aside:
                odd += _refused(arrival, outcome, record, at=at)
        if rows:
            self._observations.append(rows, app=(app, version))
        if odd:
            self._quarantine.append(odd, app=(app, version))
        part = self._cursor(slot).with_suffix(".part")
        part.write_text(json.dumps(reached._asdict()), "utf-8")
        part.replace(self._cursor(slot))  # a hint: lost with the power, the tables' versions tell
        return len(rows)


def _version(position: Position) -> int:
    return position.segment % SLOT << 32 | position.offset


def _header(arrival: Arrival, at: datetime) -> dict[str, object]:
    return {
        "t": at.isoformat(timespec="microseconds"),
        "feed": arrival.source,
        "media": arrival.media,
        "allowed": None if arrival.allowed is None else sorted(arrival.allowed),
        "mn": arrival.mn,
    }


def _arrival(record: Record) -> tuple[Arrival, datetime]:
    header = record.header
    allowed = header.get("allowed")
    return (
        Arrival(
            record.raw,
            str(header["media"]),
            str(header["feed"]),
            frozenset(map(str, allowed)) if isinstance(allowed, list) else None,
            str(header.get("mn", "")),
        ),
        datetime.fromisoformat(str(header["t"])),
    )


def _refused(
    arrival: Arrival, outcome: Outcome, record: Record, *, at: datetime
) -> list[dict[str, object]]:
    shared = {
        "received_at": at,
        "peer": arrival.source,
        "verdict": "rejected",
        "segment": record.position.segment,
        "offset": record.position.offset,
    }
    if outcome.problem is not None:
        values = json.dumps(outcome.problem.values, ensure_ascii=False, default=str)
        return [
            {**shared, "reason": outcome.problem.code, "detail": values, "raw": arrival.raw[:4096]}
        ]
    return [
        {**shared, "reason": v.reason, "mn": v.mn, "detail": f"#{v.number} {v.detail}", "raw": b""}
        for v in outcome.verdicts
        if not v.accepted
    ]  # fmt: skip


def _next(folder: Path, start: Position, upto: Position) -> tuple[list[Record], Position]:
    """Read records from *start*, about one commit's worth, and where reading ended."""
    records: list[Record] = []
    at, size = start, 0
    for number in range(start.segment, upto.segment + 1):
        if number > at.segment:
            at = Position(number, 0)
        try:
            end = upto.offset if number == upto.segment else None
            for record in read_segment(folder, number, at.offset, upto=end):
                records.append(record)
                at, size = record.end, size + len(record.raw)
                if size >= _ROWS * 60:
                    return records, at
        except FileNotFoundError:  # a number that a failed write left unused
            continue
        except Problem as problem:
            _log.error("journal_damaged %s", problem.values)
    return records, max(at, upto)
