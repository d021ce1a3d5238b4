"""Pace (节流): which connections wait before more is read of them.

Live data first: who sends more than its devices may waits by the clock, history waits while the
store is behind, everybody waits while the disk is.
"""

from __future__ import annotations

from qingyuan.gateway.devices import Devices
from qingyuan.gateway.link import Link
from qingyuan.gateway.session import Session

__all__ = ["Pace"]

_PENDING_MOST = 4 << 20  # bytes that wait for the disk before reading waits too
_BACKLOG = 4_000  # records not yet in the store before old data waits
_RATE = 50.0  # packets a second of a connection that has not said who it is


class Pace:
    """Holds and releases the reading of connections (读取节流)."""

    def __init__(self) -> None:
        self._held: dict[Link, float] = {}  # until when
        self._old: set[Link] = set()

    def __len__(self) -> int:
        return len(self._held) + len(self._old)

    def after(
        self,
        link: Link,
        session: Session,
        *,
        devices: Devices,
        packets: int,
        old: int,
        pending: int,
        behind: int,
        now: float,
    ) -> None:
        """Let a connection wait that sent *packets*, if it must.

        Parameters
        ----------
        old : int
            How many of them were history.
        pending, behind : int
            Bytes that wait for the disk, records that wait for the store.
        """
        rate = sum(devices[mn].max_per_s for mn in session.mns if mn in devices) or _RATE
        wait = link.spend(packets, rate, now)
        if wait > 0:
            link.hold("rate")
            self._held[link] = now + wait
            session.count("slowed")
        if pending > _PENDING_MOST:
            link.hold("disk")
            self._held.setdefault(link, now)
        if 2 * old > packets and behind > _BACKLOG:
            link.hold("store")
            self._old.add(link)

    def release(self, *, pending: int, behind: int, now: float) -> None:
        """Let those go on that have waited enough."""
        for link, until in list(self._held.items()):
            if now >= until and pending <= _PENDING_MOST // 2:
                del self._held[link]
                link.release("rate")
                link.release("disk")
        if self._old and behind <= _BACKLOG // 2:
            for link in self._old:
                link.release("store")
            self._old.clear()

    def left(self, link: Link) -> None:
        """Forget a connection that is gone."""
        self._held.pop(link, None)
        self._old.discard(link)
