"""Sessions (会话): one connection's side of the talk, without its socket."""

from __future__ import annotations

import logging
from collections import Counter
from datetime import datetime
from typing import NamedTuple

from qingyuan.core.problems import Problem
from qingyuan.gateway.devices import Devices
from qingyuan.gateway.judge import Judgement, judge
from qingyuan.hj212 import Frame, Framer, Noise, answer

__all__ = ["Arrival", "Session"]

_log = logging.getLogger("qingyuan.gateway")
_NOISE_KEPT = 20  # foreign blocks kept per connection; a port scanner must not fill the disk


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
    """

    def __init__(self, conn: int, peer: str, *, since: datetime) -> None:
        self.conn, self.peer, self.since = conn, peer, since
        self.last: datetime | None = None
        self.mns: dict[str, None] = {}
        self.counts: Counter[str] = Counter()
        self.reasons: Counter[str] = Counter()
        self._framer = Framer()

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

    def describe(self) -> dict[str, object]:
        """Return what the connection list shows."""
        return {
            "conn": self.conn,
            "peer": self.peer,
            "mn": list(self.mns),
            "since": self.since.isoformat(),
            "last": None if self.last is None else self.last.isoformat(),
            **{
                name: self.counts[name]
                for name in ("packets", "accepted", "acknowledged", "quarantined", "foreign_bytes")
            },
            "reasons": dict(self.reasons),
        }

    def _arrivals(
        self, events: list[Frame | Noise], devices: Devices, at: datetime
    ) -> list[Arrival]:
        arrivals = []
        for event in events:
            if isinstance(event, Noise) and not self._keeps(event):
                continue
            judgement = judge(event, devices, at=at)
            if isinstance(event, Frame):
                self.last = at
                self.counts["packets"] += 1
            if judgement.accepted:
                self.counts["accepted"] += 1
                if len(self.mns) < 100:
                    self.mns[judgement.packet.mn] = None
            else:
                self._quarantined(judgement)
            noise = event.code if isinstance(event, Noise) else ""
            arrivals.append(Arrival(event.raw, judgement, _reply(judgement), noise))
        return arrivals

    def _keeps(self, noise: Noise) -> bool:
        if noise.code == "frame.blank":
            return False
        if noise.code != "frame.foreign":
            return True
        self.counts["foreign_bytes"] += len(noise.raw)
        if self.counts["foreign_kept"] >= _NOISE_KEPT:
            return False
        self.counts["foreign_kept"] += 1
        return True

    def _quarantined(self, judgement: Judgement) -> None:
        self.counts["quarantined"] += 1
        if not self.reasons[judgement.reason]:
            _log.info(
                "frame_quarantined conn=%d peer=%s mn=%s code=%s",
                self.conn,
                self.peer,
                judgement.packet.mn or "-",
                judgement.reason,
            )
        self.reasons[judgement.reason] += 1


def _reply(judgement: Judgement) -> bytes:
    if not judgement.reply:
        return b""
    try:
        return answer(judgement.packet, judgement.reply)
    except Problem as problem:  # a header so odd that no correct answer repeats it
        _log.info("answer_impossible mn=%s code=%s", judgement.packet.mn, problem.code)
        return b""
