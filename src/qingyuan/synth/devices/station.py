"""One station (现场机): what it owes, what is under way, what it answers.

HJ 212-2017 6.6, 附录C: a packet that asks for an answer is sent again after the timeout, and after
so many tries the link counts as lost; what was not acknowledged is sent again on the next link.
"""

from __future__ import annotations

import asyncio
import random
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from qingyuan.core.problems import Problem
from qingyuan.hj212 import Frame, Framer, Key, Packet, Verdict, parse
from qingyuan.synth.devices.content import Content, Said
from qingyuan.synth.devices.deviate import MANNERS, changed, deviated
from qingyuan.synth.devices.requests import History, Reply, Settings, respond

if TYPE_CHECKING:
    from qingyuan.synth.devices.plan import Plan
    from qingyuan.synth.devices.report import Report

__all__ = ["Link", "Owed", "Station"]

_CUT_S = 0.02  # between the pieces of a packet that is cut
_KEPT = 100_000  # live packets a logger keeps while it is not heard


@dataclass(slots=True)
class Owed:
    """One packet not yet acknowledged (待应答); a *hopeless* one no platform can believe."""

    raw: bytes
    qn: bytes
    purpose: str
    waits: bool = True
    hopeless: bool = False
    first: float = 0.0
    sent: float = 0.0
    tries: int = 0


class Station:
    """A logger: makes packets, keeps what it owes, obeys requests.

    Parameters
    ----------
    number : int
        Its place among the stations; seed of what is random about it.
    plan : Plan
        How it behaves.
    content : Content
        What it says.
    mn : str
        Its device id.
    report : Report
        Where it counts.
    begin : int, optional
        The second after which its data times count up, one each packet; else they are the clock's.
    """

    __slots__ = (
        "_asked", "_behind", "_content", "_counts_up", "_data_second", "_deviations", "_dialect", "_key", "_last_ms",
        "_live", "_manner", "_mn", "_number", "_plan", "_random", "_report", "_turn", "links",
        "settings", "underway",
    )  # fmt: skip

    def __init__(
        self,
        number: int,
        *,
        plan: Plan,
        content: Content,
        mn: str,
        report: Report,
        begin: int | None = None,
    ) -> None:
        self._number, self._plan, self._content, self._mn = number, plan, content, mn
        self._report = report
        self._dialect = plan.dialect(number)
        self._key = Key(bytes.fromhex(plan.key)) if plan.key and self._dialect == "2025" else None
        names = plan.deviations if plan.deviates(number) else ()
        self._manner = plan.manner(number)
        self._deviations = tuple(n for n in names if n not in MANNERS)
        self._turn = number  # so that stations do not all deviate alike at once
        self._random = random.Random(f"{plan.seed} {number}")
        self._live: deque[Owed] = deque(maxlen=_KEPT)
        self._asked: deque[Reply | History] = deque()
        self._behind: Iterator[tuple[str, int]] = iter(())
        self._counts_up = begin is not None
        self._data_second = begin or 0
        self._last_ms = 0
        self.underway: dict[bytes, Owed] = {}
        self.links: list[Link] = []
        self.settings = Settings(plan.password, plan.overtime_s, plan.recount)

    @property
    def mn(self) -> str:
        """Its device id."""
        return self._mn

    @property
    def waiting(self) -> int:
        """Packets made and not acknowledged."""
        return len(self._live) + len(self.underway)

    @property
    def storms(self) -> bool:
        """Whether its manner is to reconnect again and again."""
        return self._manner == "link.storm"

    @property
    def forwarded(self) -> bool:
        """Whether it talks through a forwarder, with others on one connection."""
        return self._manner == "link.several_devices"

    @property
    def spare(self) -> bool:
        """Whether it talks on two connections."""
        return self._manner == "link.several_links"

    @property
    def busy(self) -> bool:
        """Whether it has anything left to say or to hear."""
        return bool(self._live or self.underway or self._asked)

    def owe_history(self, times: Iterator[tuple[str, int]]) -> None:
        """Owe what lies behind: (command, second) pairs, oldest first."""
        history = self._content.kind.history
        self._behind = (one for one in times if one[0] in history)

    def told(self, cn: str, second: int, *, at: float) -> list[bytes]:
        """Return what it would send of one time, with the clock *at*."""
        return [owed.raw for owed in self._rendered(cn, second, "live", at)]

    def told_history(self, *, at: float) -> Iterator[bytes]:
        """Return what it owes of the past, with the clock *at*."""
        for cn, second in self._behind:
            yield from self.told(cn, second, at=at)

    def make(self, now: float) -> None:
        """Make one live packet, of the next second that has none yet."""
        if not self.settings.pushes:
            return
        wall = 0 if self._counts_up else int(now + self.settings.clock_s)
        self._data_second = max(self._data_second + 1, wall)
        for owed in self._rendered("2011", self._data_second, "live", now):
            self._report.counts["made"] += 1
            self._live.append(owed)
        self.pump(now)

    def pump(self, now: float) -> None:
        """Send what may be sent: live first, then what was asked for, then what lies behind."""
        link = self.links[0] if self.links else None
        if link is None or link.paused:
            return
        window = self._plan.window
        while len(self.underway) < window and not link.paused:
            owed = self._next(now)
            if owed is None:
                return
            self._send(owed, now, link)

    def _next(self, now: float) -> Owed | None:
        if self._live:
            return self._live.popleft()
        while self._asked:
            item = self._asked[0]
            if isinstance(item, Reply):
                if any(owed.purpose == "asked" for owed in self.underway.values()):
                    return None  # the result comes after the data has arrived
                self._asked.popleft()
                self._write(item.raw, self.links[0])
                continue
            self._asked.popleft()
            first, *others = self._rendered(item.cn, item.second, "asked", now)
            self._live.extend(others)
            return first
        for cn, second in self._behind:
            first, *others = self._rendered(cn, second, "behind", now)
            self._report.counts["backfilled"] += 1 + len(others)
            self._live.extend(others)
            return first
        return None

    def _rendered(self, cn: str, second: int, purpose: str, now: float) -> list[Owed]:
        start = max(self._last_ms + 1, int((now + self.settings.clock_s) * 1000))
        owed = [
            self._owed(said, purpose)
            for said in self._content.packets(
                station=self._number,
                cn=cn,
                second=second,
                mn=self._mn,
                pw=self.settings.password,
                qn_ms=start,
                answer=self._plan.answer and self._manner != "answer.insists",
                resent=purpose == "behind",
                key=self._key,
            )
        ]
        self._last_ms = start + len(owed) - 1
        return owed

    def _owed(self, said: Said, purpose: str) -> Owed:
        raw = said.raw
        if self._deviations:
            self._turn += 1
            raw = deviated(raw, self._deviations[self._turn % len(self._deviations)])
            told = parse(raw)
            insists = self._manner == "answer.insists"
            waits = insists or told.wants_answer or told.cn in ("9015", "9021")
            rejected = told.verdict is Verdict.REJECTED or told.pw != self.settings.password
            return Owed(raw, said.qn, purpose, waits, rejected)
        return Owed(raw, said.qn, purpose)

    def _send(self, owed: Owed, now: float, link: Link) -> None:
        counts = self._report.counts
        if not owed.tries:
            owed.first = now
        else:
            counts["resends"] += 1
        owed.sent = now
        owed.tries += 1
        counts["sent"] += 1
        if self._plan.answer and owed.waits:
            self.underway[owed.qn] = owed
        raw = owed.raw
        if self._manner == "repeat.changed" and owed.tries > 1:
            raw = changed(raw)
        if self._plan.loss and self._random.random() < self._plan.loss:
            counts["lost"] += 1
            return
        self._write(raw, link)
        if self._manner == "repeat.same":
            self._write(raw, link)
        for other in self.links[1:]:  # a spare logger says the same (hj212.md §6.15)
            self._write(raw, other)

    def _write(self, raw: bytes, link: Link) -> None:
        self._report.counts["bytes"] += len(raw)
        link.write(raw, cut=self._random if self._manner == "frame.cut" else None)

    def hear(self, frame: Frame, now: float, link: Link) -> None:
        """Take one packet of the platform."""
        head = frame.segment[:60]
        if b"CN=9014" in head and head.startswith(b"QN="):
            self._acknowledged(frame.segment[3:20], now)
            return
        packet = parse(frame, key=self._key)
        if packet.cn == "9014":
            self._acknowledged(packet.exchange.encode(), now)
        elif packet.cn not in ("9011", "9012", "9013"):
            self._asked_by(packet, now, link)

    def _acknowledged(self, qn: bytes, now: float) -> None:
        if self._manner == "answer.deaf":
            return
        if self._plan.loss and self._random.random() < self._plan.loss:
            return
        if not qn and self.underway:  # what was sent without a number is answered without one
            qn = next(iter(self.underway))
        owed = self.underway.pop(qn, None)
        if owed is None:
            self._report.counts["strays"] += 1
            return
        self._report.answered(now - owed.first)
        if owed.purpose == "behind":
            self._report.counts["backfill_acknowledged"] += 1
        self.pump(now)

    def _asked_by(self, packet: Packet, now: float, link: Link) -> None:
        self._report.counts["requests"] += 1
        at = datetime.fromtimestamp(now + self.settings.clock_s, tz=UTC)
        try:
            said, result = respond(
                packet, dialect=self._dialect, st=self._content.kind.st, mn=self._mn,
                settings=self.settings, now=at,
            )  # fmt: skip
        except Problem:  # a request whose header no answer can repeat
            said, result = [], "unanswerable"
        self._report.results[f"{packet.cn} {result}"] += 1
        while said and isinstance(said[0], Reply):
            reply = said.pop(0)
            assert isinstance(reply, Reply)
            self._write(reply.raw, link)
        self._asked.extend(said)
        self.pump(now)

    def late(self, now: float) -> None:
        """Send again what was not answered in time; after too many tries give the link up."""
        overtime = self.settings.overtime_s
        for owed in list(self.underway.values()):
            if now - owed.sent < overtime:
                continue
            if not self.links:
                return
            if owed.tries > self.settings.recount and owed.hopeless:
                del self.underway[owed.qn]
                self._report.counts["unanswered"] += 1
                self.pump(now)
                continue
            if owed.tries > self.settings.recount:
                self._report.counts["given_up"] += 1
                self.links[0].abort()
                return
            self._send(owed, now, self.links[0])

    def unplugged(self) -> None:
        """Put what was under way in front of the queue again: the link is gone."""
        for owed in reversed(self.underway.values()):
            if not owed.hopeless:  # that one is given up all the same
                owed.tries = min(owed.tries, 1)
            self._live.appendleft(owed)
        self.underway.clear()


class Link(asyncio.Protocol):
    """One connection, of one station or, with a forwarder, of several (连接)."""

    def __init__(
        self, stations: Sequence[Station], *, closed: asyncio.Event, clock: Callable[[], float]
    ) -> None:
        self.stations = {station.mn.encode(): station for station in stations}
        self._only = stations[0] if len(stations) == 1 else None
        self.paused = False
        self._framer = Framer()
        self._transport: asyncio.Transport | None = None
        self._closed, self._clock = closed, clock
        self._held: bytearray | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Take the connection and begin to talk."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        now = self._clock()
        for station in self.stations.values():
            station.links.append(self)
            station.pump(now)

    def connection_lost(self, exc: Exception | None) -> None:
        """Take back what was under way."""
        for station in self.stations.values():
            if self in station.links:
                station.links.remove(self)
            if not station.links:
                station.unplugged()
        self._closed.set()

    def data_received(self, data: bytes) -> None:
        """Hear the platform."""
        now = self._clock()
        for event in self._framer.feed(data):
            if isinstance(event, Frame):
                station = self._only or self._meant(event)
                if station is not None:
                    station.hear(event, now, self)

    def _meant(self, frame: Frame) -> Station | None:
        _, _, rest = frame.segment.partition(b"MN=")
        return self.stations.get(rest.partition(b";")[0])

    def pause_writing(self) -> None:
        """Wait: the gateway reads slower than we write."""
        self.paused = True

    def resume_writing(self) -> None:
        """Go on."""
        self.paused = False
        now = self._clock()
        for station in self.stations.values():
            station.pump(now)

    def write(self, raw: bytes, *, cut: random.Random | None = None) -> None:
        """Send bytes, in pieces if they shall be cut."""
        if self._transport is None or self._transport.is_closing():
            return
        if self._held is not None:
            self._held += raw  # behind the rest of a packet that was cut
        elif cut is None:
            self._transport.write(raw)
        else:
            at = cut.randrange(1, len(raw))
            self._transport.write(raw[:at])
            self._held = bytearray(raw[at:])
            asyncio.get_running_loop().call_later(_CUT_S, self._let_go)

    def _let_go(self) -> None:
        held, self._held = bytes(self._held or b""), None
        self.write(held)

    def abort(self) -> None:
        """Break the connection."""
        if self._transport is not None:
            self._transport.abort()
