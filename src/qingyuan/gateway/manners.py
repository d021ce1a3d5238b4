"""What each device is in the habit of (设备习惯): counted by device, told to whoever proposes a policy.

`qingyuan.hj212.Habits` sees what only many packets show; here it is fed with what came, and the
departures of accepted packets are counted, which no quarantine knows.
"""

from __future__ import annotations

from collections import Counter
from datetime import datetime

from qingyuan.gateway.judge import Judgement
from qingyuan.hj212 import Habits, Packet

__all__ = ["Manners"]

_BELIEVED = frozenset({"", "gateway.repair_not_allowed"})  # the sender is who he says he is
_SHOWN = 1_000  # devices told of
_CODES = 20


class Manners:
    """The habits of the devices of one gateway (习惯登记).

    Parameters
    ----------
    most : int
        Devices remembered; beyond it the one heard longest ago is forgotten.
    """

    def __init__(self, *, most: int = 20_000) -> None:
        self._habits = Habits(most=most)
        self._most = most
        self._counts: dict[str, Counter[str]] = {}  # only of devices with something to tell

    def heard(self, judged: Judgement, *, conn: int, at: datetime) -> None:
        """Take a packet of a registered device; those whose sender is in doubt are passed over."""
        device, packet = judged.device, judged.packet
        if device is None or judged.reason not in _BELIEVED:
            return
        notes = self._habits.heard(packet, conn=conn, at=at)
        if judged.reason:
            notes = []  # its departures are counted in the quarantine
        elif packet.deviations:
            notes = [*packet.deviations, *notes]
        plain = packet.crc == "standard" and packet.encoding == "utf-8"
        if not notes and plain and self._habits.dialect_of(packet) == device.dialect:
            return
        counts = self._counts.pop(packet.mn, None)
        self._counts[packet.mn] = counts = Counter() if counts is None else counts
        counts.update({note.code for note in notes})
        if len(self._counts) > self._most:
            del self._counts[next(iter(self._counts))]

    def answered(self, packet: Packet) -> None:
        """Note that a packet was answered."""
        self._habits.answered(packet)

    def left(self, conn: int) -> None:
        """Note that a connection has ended."""
        self._habits.closed(conn)

    def told(self) -> dict[str, dict[str, object]]:
        """Return, of the devices that departed from something last, what they are in the habit of."""
        found: dict[str, dict[str, object]] = {}
        for mn in list(self._counts)[-_SHOWN:]:
            seen = self._habits.proposal(mn)
            found[mn] = {
                "packets": seen.packets,
                "crc": seen.crc,
                "dialect": seen.dialect,
                "encoding": seen.encoding,
                "deviations": dict(self._counts[mn].most_common(_CODES)),
            }
        return found
