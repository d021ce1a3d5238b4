"""Split packets (拆分包): parts with PNUM and PNO in, whole packets out.

HJ 212-2017 表4, 表C.49, C.50: parts of one set agree in MN, CN, DataTime and PNUM; each has its own
QN. They may come in any order and more than once. What is still missing after the timeout is
recorded as a gap, and what came is kept. The time is an argument; nothing here reads a clock.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import NamedTuple

from qingyuan.hj212.area import read_area
from qingyuan.hj212.packet import Deviation, Packet, Verdict

__all__ = ["Gap", "Gathered", "Reassembly", "Repeat"]

_VERDICTS = tuple(Verdict)  # from the best to the worst


class Gap(NamedTuple):
    """The record of parts that never came (缺包记录)."""

    mn: str
    cn: str
    data_time: str
    pnum: int
    missing: tuple[int, ...]
    begun_at: datetime
    given_up_at: datetime


class Gathered(NamedTuple):
    """A packet that can be used: one that was never split, or the sum of its parts.

    *packet* keeps the deviations of all parts, and says ``split.missing`` when there is a *gap*.
    """

    packet: Packet
    parts: tuple[Packet, ...]
    gap: Gap | None


class Repeat(NamedTuple):
    """A part that had come before (重复包); when it *differs*, the later one counts."""

    packet: Packet
    differs: bool


_Key = tuple[str, str, str, int]


@dataclass(slots=True)
class _Set:
    begun_at: datetime
    last_at: datetime
    parts: dict[int, Packet] = field(default_factory=dict)
    differing: set[int] = field(default_factory=set)


class Reassembly:
    """Gathers the parts of split packets, for any number of devices (拆分包重组).

    Parameters
    ----------
    timeout : timedelta
        How long after its last new part a set waits for the rest.
    most : int
        Sets that may wait at once; beyond it the oldest is given up, so memory stays bounded.
    """

    def __init__(self, *, timeout: timedelta, most: int = 1000) -> None:
        self._timeout, self._most = timeout, most
        self._open: dict[_Key, _Set] = {}
        self._done: dict[_Key, _Set] = {}

    @property
    def waiting(self) -> int:
        """How many sets wait for parts."""
        return len(self._open)

    def feed(self, packet: Packet, *, at: datetime) -> list[Gathered | Repeat]:
        """Take a packet received *at* and return what it completes, and what has run out by then."""
        events: list[Gathered | Repeat] = list(self.expire(at))
        pnum, pno = packet.pnum, packet.pno
        if (pnum is None and pno is None) or packet.verdict is Verdict.REJECTED:
            return [*events, Gathered(packet, (packet,), None)]
        if pnum is None or pno is None or not 1 <= pno <= pnum:
            odd = _noted(packet, [Deviation("split.numbers", f"{pno}/{pnum}")])
            return [*events, Gathered(odd, (packet,), None)]
        key = (packet.mn, packet.cn, packet.fields.get("DataTime", ""), pnum)
        done = self._done.get(key)
        if done is not None:
            differs = done.parts[pno].area != packet.area
            events.append(Repeat(packet, differs=differs))
            if differs:  # the whole once more, with what came later
                again = _Set(done.begun_at, at, {**done.parts, pno: packet}, {pno})
                self._open[key] = again
                events.append(self._finish(key, at))
            return events
        waiting = self._open.setdefault(key, _Set(at, at))
        before = waiting.parts.get(pno)
        waiting.parts[pno] = packet
        if before is None:
            waiting.last_at = at
        else:
            differs = before.area != packet.area
            if differs:
                waiting.differing.add(pno)
            events.append(Repeat(packet, differs=differs))
        if len(waiting.parts) == pnum:
            events.append(self._finish(key, at))
        elif len(self._open) > self._most:
            events.append(self._finish(next(iter(self._open)), at))
        return events

    def expire(self, at: datetime) -> list[Gathered]:
        """Give up the sets whose time has run out *at*."""
        late = [key for key, one in self._open.items() if at - one.last_at >= self._timeout]
        for key in [k for k, one in self._done.items() if at - one.last_at >= self._timeout]:
            del self._done[key]
        return [self._finish(key, at) for key in late]

    def due(self) -> datetime | None:
        """When `expire` has something to do next."""
        return min((one.last_at + self._timeout for one in self._open.values()), default=None)

    def _finish(self, key: _Key, at: datetime) -> Gathered:
        gathered = self._open.pop(key)
        mn, cn, data_time, pnum = key
        missing = tuple(n for n in range(1, pnum + 1) if n not in gathered.parts)
        gap = Gap(mn, cn, data_time, pnum, missing, gathered.begun_at, at) if missing else None
        notes = [Deviation("split.missing", ",".join(map(str, missing)))] if missing else []
        notes += [Deviation("split.differs", str(n)) for n in sorted(gathered.differing)]
        parts = tuple(gathered.parts[n] for n in sorted(gathered.parts))
        if not missing:
            # A part sent again after the end must not begin another set.
            self._done.pop(key, None)
            self._done[key] = _Set(gathered.begun_at, at, gathered.parts)
            if len(self._done) > self._most:
                del self._done[next(iter(self._done))]
        return Gathered(_joined(parts, data_time, notes), parts, gap)


def _joined(parts: tuple[Packet, ...], data_time: str, notes: Iterable[Deviation]) -> Packet:
    """Return one packet that says what all *parts* say; DataTime, which each repeats, once."""
    first = parts[0]
    pieces = [part.area.strip(";") for part in parts]
    for n in range(1, len(pieces)):
        pieces[n] = pieces[n].removeprefix(f"DataTime={data_time}").lstrip(";")
    area = ";".join(piece for piece in pieces if piece)
    found: list[Deviation] = []
    fields, readings = read_area(area, found) if area else ({}, ())
    crcs = [part.crc for part in parts if part.crc != "standard"]
    whole = replace(
        first,
        flag=None if first.flag is None else first.flag & ~0b10,
        pnum=None,
        pno=None,
        area=area,
        fields=fields,
        readings=readings,
        raw=b"".join(part.raw for part in parts),
        crc=crcs[0] if crcs else "standard",
        verdict=max((part.verdict for part in parts), key=_VERDICTS.index),
        deviations=tuple(dict.fromkeys([*(d for part in parts for d in part.deviations), *found])),
    )
    return _noted(whole, notes)


def _noted(packet: Packet, notes: Iterable[Deviation]) -> Packet:
    return replace(packet, deviations=(*packet.deviations, *notes))
