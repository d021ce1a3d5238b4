"""Floods (洪泛): of what is not believed, so much is kept and the rest is counted.

A scanner, a device with a wrong password or one that was never registered can send for weeks. The
first packets of each hour are kept with their bytes; of the others the number is told every few
minutes, so that neither journal nor quarantine grows with them.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

__all__ = ["Flood", "Folded"]


class Folded(NamedTuple):
    """How many packets were not kept: of one device, or of one address for strangers."""

    mn: str
    reason: str
    peer: str
    count: int


@dataclass(slots=True)
class _Seen:
    since: datetime
    kept: int = 0
    folded: int = 0
    peer: str = ""
    told: datetime | None = None


class Flood:
    """Counts what is set aside, by device and reason (隔离限量).

    Parameters
    ----------
    most : int
        Packets kept per device (or address) and reason in an hour.
    keys : int
        Devices, addresses and reasons told apart; beyond it strangers share one count per reason.
    every : timedelta
        How often the number of what was not kept is told.
    """

    def __init__(
        self,
        *,
        most: int = 400,
        keys: int = 10_000,
        every: timedelta = timedelta(minutes=5),
    ) -> None:
        self._most, self._keys, self._every = most, keys, every
        self._seen: dict[tuple[str, str, str], _Seen] = {}

    def keeps(self, mn: str, reason: str, peer: str, *, known: bool, at: datetime) -> bool:
        """Whether this one is kept; the others are counted.

        Parameters
        ----------
        known : bool
            Whether *mn* is registered: a stranger is told apart by its address, since it may give
            itself any number of names.
        """
        key = (mn, "", reason) if known else ("", peer.rpartition(":")[0], reason)
        seen = self._seen.get(key)
        if seen is None:
            if len(self._seen) >= self._keys:
                key = ("", "", reason)
            seen = self._seen.setdefault(key, _Seen(at))
        if at - seen.since >= timedelta(hours=1) or at < seen.since:
            seen.since, seen.kept = at, 0
        seen.peer = peer
        if seen.kept < self._most:
            seen.kept += 1
            return True
        seen.folded += 1
        return False

    def due(self, at: datetime, *, all_of_them: bool = False) -> list[Folded]:
        """Return the numbers that are to be told *at*, and forget what has been quiet for long."""
        told = []
        for key, seen in list(self._seen.items()):
            waited = seen.told is None or at - seen.told >= self._every
            if seen.folded and (waited or all_of_them):
                told.append(Folded(key[0], key[2], seen.peer, seen.folded))
                seen.folded, seen.told = 0, at
            elif not seen.folded and at - seen.since >= 2 * timedelta(hours=1):
                del self._seen[key]
        return told
