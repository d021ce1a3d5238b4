"""Sessions (会话): one connection's side of the talk, without its socket."""

from __future__ import annotations

import json
import logging
from collections import Counter
from datetime import datetime
from typing import NamedTuple

from qingyuan.core.problems import Problem
from qingyuan.gateway.devices import Devices
from qingyuan.gateway.flood import Flood
from qingyuan.gateway.judge import Judgement, judge
from qingyuan.hj212 import Frame, Framer, Noise, answer

__all__ = ["Arrival", "Session"]

_log = logging.getLogger("qingyuan.gateway")
_NOISE_KEPT = 20  # foreign blocks kept per connection; a port scanner must not fill the disk
_MOST_MNS = 100
_SHOWN = ("packets", "accepted", "acknowledged", "quarantined", "foreign_bytes")


class Arrival(NamedTuple):
    """Something to be journalled, and the answer that is due afterwards (or nothing)."""

    raw: bytes
    judgement: Judgement
    reply: bytes
    noise: str


class Session:
    """Frames one connection's bytes, judges them and keeps count (会话).

    Parameters
    ----------
    conn : int
        Number of the connection since the gateway started.
    peer : str
        ``ip:port`` of the other side.
    since : datetime
        When it connected.
    secure : bool
        Whether it came on the TLS port.
    flood : Flood
        Decides how much of what is set aside is kept; shared by all connections.
    totals, reasons : Counter
        Shared by all connections as well.
    """

    def __init__(
        self,
        conn: int,
        peer: str,
        *,
        since: datetime,
        secure: bool = False,
        flood: Flood | None = None,
        totals: Counter[str] | None = None,
        reasons: Counter[str] | None = None,
    ) -> None:
        self.conn, self.peer, self.since, self.secure = conn, peer, since, secure
        self.last: datetime | None = None
        self.mns: dict[str, None] = {}
        self.counts: Counter[str] = Counter()
        self.reasons: Counter[str] = Counter()
        self._totals = Counter() if totals is None else totals
        self._all_reasons = Counter() if reasons is None else reasons
        self._flood = Flood() if flood is None else flood
        self._framer = Framer()
        self._told: tuple[tuple[object, ...], str] = ((), "")

    @property
    def inside_frame(self) -> bool:
        """Whether a frame has begun that has not ended."""
        return self._framer.inside_frame

    def receive(self, data: bytes, devices: Devices, *, at: datetime) -> list[Arrival]:
        """Take bytes of the stream; return what they complete, in order."""
        return self._arrivals(self._framer.feed(data), devices, at)

    def quiet(self, devices: Devices, *, at: datetime) -> list[Arrival]:
        """Take a pause of the stream: a frame without its tail is whole now."""
        return self._arrivals(self._framer.settle(), devices, at)

    def give_up(self, devices: Devices, *, at: datetime) -> list[Arrival]:
        """Stop waiting for the rest of a frame (or the stream has ended)."""
        return self._arrivals(self._framer.close(), devices, at)

    def count(self, name: str, much: int = 1) -> None:
        """Count for this connection and for all."""
        self.counts[name] += much
        self._totals[name] += much

    def told(self) -> str:
        """Return what the connection list shows, as JSON; made again only when it has changed."""
        mark = (self.last, *(self.counts[name] for name in _SHOWN))
        if self._told[0] != mark:
            self._told = (mark, json.dumps(self._describe(), ensure_ascii=False))
        return self._told[1]

    def _describe(self) -> dict[str, object]:
        return {
            "conn": self.conn,
            "peer": self.peer,
            "tls": self.secure,
            "mn": list(self.mns),
            "since": self.since.isoformat(),
            "last": None if self.last is None else self.last.isoformat(),
            **{name: self.counts[name] for name in _SHOWN},
            "reasons": dict(self.reasons),
        }

    def _arrivals(
        self, events: list[Frame | Noise], devices: Devices, at: datetime
    ) -> list[Arrival]:
        arrivals = []
        for event in events:
            noise = ""
            if isinstance(event, Frame):
                self.last = at
                self.count("packets")
            else:
                if not self._keeps(event):
                    continue
                noise = event.code
            judgement = judge(event, devices, at=at, peer=self.peer, secure=self.secure)
            if not judgement.reason:
                self.count("accepted")
                mn = judgement.packet.mn
                if mn not in self.mns and len(self.mns) < _MOST_MNS:
                    self.mns[mn] = None
                arrivals.append(Arrival(event.raw, judgement, _reply(judgement), noise))
            elif self._quarantined(judgement, at):
                arrivals.append(Arrival(event.raw, judgement, b"", noise))
        return arrivals

    def _keeps(self, noise: Noise) -> bool:
        if noise.code == "frame.blank":
            return False
        if noise.code != "frame.foreign":
            return True
        self.count("foreign_bytes", len(noise.raw))
        if self.counts["foreign_kept"] >= _NOISE_KEPT:
            return False
        self.counts["foreign_kept"] += 1
        return True

    def _quarantined(self, judgement: Judgement, at: datetime) -> bool:
        """Count what is set aside; return whether its bytes are kept."""
        self.count("quarantined")
        reason, mn = judgement.reason, judgement.packet.mn
        if not self.reasons[reason]:
            _log.info(
                "frame_quarantined conn=%d peer=%s mn=%s code=%s",
                self.conn,
                self.peer,
                mn or "-",
                reason,
            )
        self.reasons[reason] += 1
        self._all_reasons[reason] += 1
        known = judgement.device is not None
        kept = self._flood.keeps(mn, reason, self.peer, known=known, at=at)
        if not kept:
            self.count("folded")
        return kept


def _reply(judgement: Judgement) -> bytes:
    if not judgement.reply:
        return b""
    packet, device = judgement.packet, judgement.device
    in_area = device is not None and device.dialect == "2005" and not packet.qn
    try:
        return answer(packet, judgement.reply, qn_in_area=in_area)
    except Problem as problem:  # a header so odd that no correct answer repeats it
        _log.info("answer_impossible mn=%s code=%s", packet.mn, problem.code)
        return b""
