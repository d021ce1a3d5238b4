"""The hall (门厅): who is connected, who has not said who it is, who is let go."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import datetime

from qingyuan.gateway.devices import Devices
from qingyuan.gateway.flood import Flood
from qingyuan.gateway.link import Link
from qingyuan.gateway.session import Session

__all__ = ["Hall"]

_log = logging.getLogger("qingyuan.gateway")
_QUIET_S = 1.0  # a pause after which a frame without its tail is whole
_PATIENCE_S = 30.0  # how long the rest of a frame is waited for (hj212.md §7)
_DRAIN_S = 30.0  # a peer that does not read its answers this long is let go
_FOREIGN_MOST = 1 << 20  # bytes of a stranger that never said anything right


class Hall:
    """The connections of one gateway (连接登记).

    Parameters
    ----------
    most : int
        Connections at once; beyond it strangers make room.
    flood : Flood
        Shared by all sessions.
    """

    def __init__(self, most: int, flood: Flood) -> None:
        self._most, self._flood = most, flood
        self._strangers: dict[Link, None] = {}  # nothing right was heard of them yet
        self._inside: set[Link] = set()  # in the middle of a frame
        self._count = 0
        self.links: dict[int, Link] = {}
        self.totals: Counter[str] = Counter()
        self.reasons: Counter[str] = Counter()

    def join(self, link: Link, *, at: datetime, now: float) -> bool:
        """Give a connection its session, or turn it away when there is no place."""
        if len(self.links) >= self._most:
            self.totals["turned_away"] += 1
            stranger = next(iter(self._strangers), None)
            if stranger is None:
                return False
            stranger.abort()  # who never said anything right makes room
        self._count += 1
        link.session = Session(
            self._count,
            link.peer,
            since=at,
            secure=link.secure,
            flood=self._flood,
            totals=self.totals,
            reasons=self.reasons,
        )
        link.heard = now
        self.links[self._count] = link
        self._strangers[link] = None
        return True

    def leave(self, link: Link) -> None:
        """Forget a connection that is gone."""
        if link.session is not None:
            self.links.pop(link.session.conn, None)
        self._strangers.pop(link, None)
        self._inside.discard(link)

    def is_known(self, link: Link) -> None:
        """Note that something right was heard of a connection."""
        self._strangers.pop(link, None)

    def heard(self, link: Link, session: Session, *, whole: bool, now: float) -> None:
        """Note where a connection stands in its stream; close it when it only talks nonsense.

        Parameters
        ----------
        whole : bool
            Whether something was completed just now.
        """
        if session.inside_frame:
            if whole or link not in self._inside:
                link.began = now
            self._inside.add(link)
        else:
            self._inside.discard(link)
        if session.counts["foreign_bytes"] > _FOREIGN_MOST and not session.counts["accepted"]:
            self.totals["foreigners_closed"] += 1
            link.abort()

    def unfinished(self, now: float) -> Iterable[tuple[Link, bool]]:
        """Return the connections whose frame has paused, and whether it is to be given up."""
        found = []
        for link in self._inside:
            if now - link.began >= _PATIENCE_S:
                found.append((link, True))
            elif not link.settled and now - link.heard >= _QUIET_S:
                found.append((link, False))
        return found

    def let_go(self, on: Mapping[str, Link], devices: Devices, now: float) -> None:
        """Close connections that do not read their answers, or whose heartbeat has stopped."""
        for link in list(self.links.values()):
            if link.stuck_since is not None and now - link.stuck_since > _DRAIN_S:
                self.totals["stuck_closed"] += 1
                link.abort()
        for mn, link in list(on.items()):
            device = devices.get(mn)
            beat = device.heartbeat_s if device is not None else 0
            if beat and now - link.heard > 3 * beat + 5:
                self.totals["silent_closed"] += 1
                _log.info("heartbeat_missed mn=%s peer=%s", mn, link.peer)
                link.abort()
