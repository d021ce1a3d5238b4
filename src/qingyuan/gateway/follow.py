"""Following (跟读): one journal becomes rows of the store, each exactly once.

Live running, the replay after a crash and the taking over of another's journal are the same code.
What has just been received is still in memory, judged; it is read from the journal only where it is
not. Every commit carries the journal position it reaches as application transaction; rows before
what a table already has are skipped.
"""

from __future__ import annotations

import json
import logging
from collections import deque
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from itertools import islice
from pathlib import Path

from qingyuan.core.problems import Problem
from qingyuan.gateway.devices import Devices
from qingyuan.gateway.durable import Kept
from qingyuan.gateway.judge import is_part, judge, untimely
from qingyuan.gateway.rows import Observed, Row, dialogue_row, folded_row, quarantine_row
from qingyuan.gateway.sink import Committed, Sink
from qingyuan.hj212 import Frame, Framer, Gathered, Noise, Packet, Reassembly
from qingyuan.host.folder import write_atomically
from qingyuan.store.journal import SLOT, Position, Record, read_segment, segments

__all__ = ["APP", "Follower", "event_of", "kept_of", "read_cursor", "version_of"]

APP = "gateway"
_BATCH = 5_000
_FRESH = 6_000  # packets held in memory for the committer; what is beyond waits in the journal
_PATIENCE = timedelta(seconds=60)  # how long the rest of a split packet is waited for
_log = logging.getLogger("qingyuan.gateway")


def version_of(position: Position) -> int:
    """Return a journal position as one growing number: segment in the high, offset in the low half."""
    return position.segment % SLOT << 32 | position.offset


def event_of(record: Record) -> Frame | Noise:
    """Return the framer's event that a journal record holds; noise says so in its header."""
    noise = record.header.get("noise")
    if isinstance(noise, str):
        return Noise(record.raw, noise)
    framer = Framer()
    events = framer.feed(record.raw) + framer.close()
    frames = [event for event in events if isinstance(event, Frame)]
    return frames[0] if frames else Noise(record.raw, "frame.broken")


def kept_of(record: Record, devices: Devices) -> Kept:
    """Read a journal record again, as it was when it was kept."""
    header = record.header
    received_at = datetime.fromisoformat(str(header["t"]))
    peer = str(header.get("peer", ""))
    said, folded = header.get("dialogue"), header.get("folded")
    kept = Kept(
        record.raw,
        b"",
        received_at,
        peer,
        dialogue=said if isinstance(said, dict) else None,
        folded=folded if isinstance(folded, dict) else None,
        position=record.position,
        end=record.end,
    )
    from_device = kept.dialogue is None or kept.dialogue.get("direction") == "up"
    if kept.folded is None and from_device and (record.raw or "noise" in header):
        kept.judgement = judge(
            event_of(record), devices, at=received_at, peer=peer, secure=bool(header.get("tls"))
        )
    return kept


def read_cursor(path: Path) -> Position:
    """Return the position written down, or the beginning."""
    try:
        said = json.loads(path.read_text("utf-8"))
        return Position(int(said["segment"]), int(said["offset"]))
    except (OSError, ValueError, KeyError, TypeError):
        return Position(0, 0)


class Follower:
    """Follows the journal of one slot into the store (跟读一份流水).

    Parameters
    ----------
    folder : Path
        The folder of its segments.
    slot : int
        Which slot that is; slot 0 commits as ``gateway``, slot *n* as ``gateway-n``.
    synced : callable
        The position up to which the journal is durable; nothing after it is read.
    devices : callable
        The devices in force.
    cursor : Path
        A hint where to begin after a restart; without it the tables' own versions tell.
    """

    def __init__(
        self,
        folder: Path,
        slot: int,
        *,
        synced: Callable[[], Position],
        devices: Callable[[], Devices],
        cursor: Path,
    ) -> None:
        self._folder, self._synced, self._devices = folder, synced, devices
        self._app = f"{APP}-{slot}" if slot else APP
        self._slot = slot
        self._cursor = cursor
        self._fresh: deque[Kept] = deque()
        self._committed: Committed | None = None
        self._parts = Reassembly(timeout=_PATIENCE)
        self._parts_due: datetime | None = None
        self._skipped_to = self.position = Position(0, 0)
        self.behind = 0  # records taken and not yet committed

    @property
    def held(self) -> int:
        """How many records are held in memory."""
        return len(self._fresh)

    def take(self, kept: list[Kept]) -> None:
        """Take what has just become durable, in order, so that it need not be read again."""
        self.behind += len(kept)
        if len(self._fresh) + len(kept) > _FRESH:
            self._fresh.clear()  # the journal has it all
        else:
            self._fresh.extend(one for one in kept if one.fresh)

    def begin(self, sink: Sink) -> None:
        """Find where to go on in a store that was opened just now."""
        self._committed = sink.committed(self._app)
        least = min(self._committed)
        begun = Position(self._slot * SLOT + (least >> 32), least & 0xFFFFFFFF)
        self.position = max(begun, read_cursor(self._cursor))
        if not self.position.segment % SLOT:
            first = min(segments(self._folder), default=self._synced().segment)
            self.position = Position(first, 0)
        self._prime()

    def step(self, sink: Sink) -> bool:
        """Commit the next batch; return whether there was anything to do."""
        if self._committed is None:
            self.begin(sink)
        batch = list(self._next())
        reached = batch[-1].end if batch else self._skipped_to
        if reached == self.position:
            return False
        self._commit(sink, batch, version_of(reached))
        self.position = reached
        self.behind = max(self.behind - len(batch), 0)
        write_atomically(self._cursor, json.dumps(reached._asdict()))
        return True

    def _commit(self, sink: Sink, batch: list[Kept], version: int) -> None:
        committed = self._committed
        assert committed is not None  # `begin` comes first
        taken: list[tuple[Packet, Kept]] = []
        odd: list[Row] = []
        said: list[Row] = []
        for kept in batch:
            end = version_of(kept.end)
            where = {"received_at": kept.received_at, "position": kept.position}
            if kept.dialogue is not None and end > committed.dialogues:
                said.append(dialogue_row(kept.dialogue, kept.raw, **where))
            if kept.folded is not None and end > committed.quarantine:
                odd.append(folded_row(kept.folded, peer=kept.peer, **where))
            if kept.judgement is not None and not kept.judgement.accepted:
                if end > committed.quarantine:
                    odd.append(quarantine_row(kept.judgement, kept.raw, peer=kept.peer, **where))
                continue
            for packet, refusal in self._wholes(kept):
                if not refusal[0]:
                    if end > committed.observations:
                        taken.append((packet, kept))
                elif end > committed.quarantine:
                    odd.append(self._refused(packet, kept, *refusal))
        self._observe(sink, taken, odd, version)
        if odd:
            sink.quarantine(odd, self._app, version)
        if said:
            sink.converse(said, self._app, version)
        self._committed = Committed(version, version, version)

    def _observe(
        self, sink: Sink, taken: list[tuple[Packet, Kept]], odd: list[Row], version: int
    ) -> None:
        observed = self._gather(taken)
        if not observed.count:
            return
        try:
            sink.observe(observed.table(), self._app, version)
        except (Problem, ValueError, TypeError, ArithmeticError):
            # One record that no column takes must not hold up all that came after it.
            sound = [one for one in taken if sink.fits(self._gather([one]).table())]
            if len(sound) == len(taken):
                raise
            for packet, kept in taken:
                if not any(packet is other for other, _ in sound):
                    odd.append(self._refused(packet, kept, "gateway.cannot_store", ""))
                    _log.error("record_unstorable mn=%s position=%s", packet.mn, kept.position)
            if sound:
                sink.observe(self._gather(sound).table(), self._app, version)

    def _gather(self, taken: list[tuple[Packet, Kept]]) -> Observed:
        observed = Observed()
        devices = self._devices()
        for packet, kept in taken:
            judged = kept.judgement
            device = judged.device if judged is not None else None
            if device is None or device.mn != packet.mn:  # a set given up while another came
                device = devices.get(packet.mn)
            if device is not None:
                observed.add(
                    packet, device, received_at=kept.received_at, position=kept.position
                )  # fmt: skip
        return observed

    def _wholes(self, kept: Kept) -> Iterator[tuple[Packet, tuple[str, str]]]:
        """Yield the packets that a record completes, each with the reason to refuse it."""
        at, judged = kept.received_at, kept.judgement
        if self._parts_due is not None and at >= self._parts_due:
            for gathered in self._parts.expire(at):
                yield from self._whole(gathered, at)
            self._parts_due = self._parts.due()
        if judged is None:
            return
        if not is_part(judged.packet):
            yield judged.packet, ("", "")
            return
        for event in self._parts.feed(judged.packet, at=at):
            if isinstance(event, Gathered):
                yield from self._whole(event, at)
        self._parts_due = self._parts.due()

    def _whole(self, gathered: Gathered, at: datetime) -> Iterator[tuple[Packet, tuple[str, str]]]:
        if gathered.gap is not None:
            _log.info(
                "parts_missing mn=%s cn=%s parts=%s of=%d",
                gathered.gap.mn,
                gathered.gap.cn,
                gathered.gap.missing,
                gathered.gap.pnum,
            )
        yield gathered.packet, untimely(gathered.packet, at)

    def _refused(self, packet: Packet, kept: Kept, reason: str, detail: str) -> Row:
        judged = kept.judgement
        assert judged is not None or packet.raw  # a set given up by a tick has its own bytes
        return {
            "received_at": kept.received_at,
            "peer": kept.peer,
            "mn": packet.mn,
            "reason": reason,
            "detail": detail,
            "verdict": str(packet.verdict),
            "raw": packet.raw,
            "segment": kept.position.segment,
            "offset": kept.position.offset,
        }

    def _next(self) -> Iterator[Kept]:
        """Yield durable records from the position on, at most one batch: from memory or journal."""
        fresh, at = self._fresh, self.position
        self._skipped_to = at
        while fresh and fresh[0].end <= at:
            fresh.popleft()
        taken = 0
        while taken < _BATCH:
            try:
                kept = fresh.popleft()
            except IndexError:  # the end, or cleared meanwhile
                break
            if not self._joins(at, kept.position):
                fresh.appendleft(kept)
                break
            yield kept
            at = kept.end
            taken += 1
        if taken:
            return
        try:
            upto = fresh[0].position
        except IndexError:
            upto = self._synced()
        devices = self._devices()
        for record in islice(self._records(at, upto), _BATCH):
            yield kept_of(record, devices)

    def _joins(self, at: Position, position: Position) -> bool:
        """Whether nothing lies between *at* and *position* in the journal."""
        if position == at:
            return True
        if position.offset or position.segment <= at.segment:
            return False
        return next(iter(self._records(at, position)), None) is None

    def _records(self, at: Position, upto: Position) -> Iterator[Record]:
        for number in range(at.segment, upto.segment + 1):
            start = at.offset if number == at.segment else 0
            end = upto.offset if number == upto.segment else None
            if end == start:
                continue
            try:
                yield from read_segment(self._folder, number, start, upto=end)
            except Problem as problem:
                _log.error("journal_damaged %s", problem.values)
            except FileNotFoundError:  # a number that a failed write left unused
                continue
            if number < upto.segment:
                self._skipped_to = Position(number + 1, 0)

    def _prime(self) -> None:
        """Read again the parts of split packets that came shortly before the position."""
        self._parts = Reassembly(timeout=_PATIENCE)
        at = self.position
        devices = self._devices()
        found: list[list[Kept]] = []
        newest: datetime | None = None
        earlier = [number for number in segments(self._folder) if number <= at.segment]
        for number in reversed(earlier[-20:]):
            end = Position(number, at.offset if number == at.segment else 1 << 40)
            here: list[Kept] = []
            oldest: datetime | None = None
            for record in self._records(Position(number, 0), end):
                moment = datetime.fromisoformat(str(record.header["t"]))
                oldest = oldest or moment
                newest = moment if newest is None else max(newest, moment)
                if b"PNUM=" in record.raw:
                    here.append(kept_of(record, devices))
            found.append(here)
            if oldest is not None and newest is not None and newest - oldest > 2 * _PATIENCE:
                break
        for kept in (kept for here in reversed(found) for kept in here):
            judged = kept.judgement
            if judged is not None and judged.accepted and is_part(judged.packet):
                self._parts.feed(judged.packet, at=kept.received_at)
        if newest is not None:
            self._parts.expire(newest)
        self._parts_due = self._parts.due()
