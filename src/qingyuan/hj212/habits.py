"""Habits (习惯): what only many packets of a device show, and the policy they suggest.

hj212.md §6.1 (which checksum), §6.15 to §6.17 (forwarders, spare loggers, reconnect storms,
back-fill, repeats, answers). Nothing here decides: codes are noted, a policy is proposed to a person.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import NamedTuple

from qingyuan.hj212.packet import Deviation, Packet
from qingyuan.hj212.tables import detect_dialect, upload_command

__all__ = ["Habits", "Proposal"]

_IN_A_ROW = 3  # packets that agree before anything is proposed (hj212.md §6.1)
_REMEMBERED = 16  # data times per device by which a repeat is known
_STORM = 5  # connections within the time below
_STORM_IN = timedelta(minutes=1)
_OVERLAP = timedelta(seconds=30)
_BEHIND = timedelta(hours=3)  # beyond it data is history: hours come one hour after their start
_DAILY = timedelta(days=2)  # and days one day after it


class Proposal(NamedTuple):
    """What the last packets of a device suggest for its registration; empty where they disagree.

    *crc* is ``standard``, ``modbus``, ``modbus-swapped``, ``none`` or ``unknown`` (the checksum
    cannot be used); *packets* is how many were heard.
    """

    mn: str
    crc: str
    dialect: str
    encoding: str
    packets: int


@dataclass(slots=True)
class _Device:
    packets: int = 0
    manners: deque[tuple[str, str, str]] = field(default_factory=lambda: deque(maxlen=_IN_A_ROW))
    links: dict[int, tuple[datetime, datetime]] = field(default_factory=dict)
    said: dict[int, int] = field(default_factory=dict)  # hash of what it is about: of what it says
    repeats: int = 0
    answered: dict[str, None] = field(default_factory=dict)


class Habits:
    """What was seen of every device (设备习惯).

    Parameters
    ----------
    most : int
        Devices and connections remembered; beyond it the one heard longest ago is forgotten.

    Examples
    --------
    >>> from datetime import UTC
    >>> habits = Habits()
    >>> packet = Packet("", "32", "2011", "", "A", 5, None, None, "", "", crc="modbus")
    >>> at = datetime(2026, 3, 1, tzinfo=UTC)
    >>> [habits.heard(packet, conn=1, at=at) for _ in range(3)][0]
    []
    >>> habits.proposal("A").crc
    'modbus'
    """

    def __init__(self, *, most: int = 20_000) -> None:
        self._most = most
        self._devices: dict[str, _Device] = {}
        self._links: dict[int, set[str]] = {}

    def heard(self, packet: Packet, *, conn: int, at: datetime) -> list[Deviation]:
        """Take a packet that came on connection *conn*; return what it shows about its device."""
        if not packet.mn:
            return []
        device = self._devices.pop(packet.mn, None) or _Device()
        self._devices[packet.mn] = device
        if len(self._devices) > self._most:
            del self._devices[next(iter(self._devices))]
        device.packets += 1
        device.manners.append((packet.crc, self.dialect_of(packet), packet.encoding))
        notes = self._of_links(packet.mn, device, conn, at)
        command = upload_command(packet.cn, packet.dialect)
        if command is not None and command.stored and packet.area:
            notes += _of_repeats(packet, device)
            time = packet.data_time
            late = _DAILY if packet.cn in ("2031", "2041") else _BEHIND
            if time is not None and at - time > late:
                notes.append(Deviation("link.backfill", packet.fields["DataTime"]))
        return notes

    def answered(self, packet: Packet) -> None:
        """Note that a packet was answered by 9014."""
        device = self._devices.get(packet.mn)
        if device is not None and packet.qn:
            device.answered[packet.qn] = None
            if len(device.answered) > _REMEMBERED:
                del device.answered[next(iter(device.answered))]

    def closed(self, conn: int) -> None:
        """Note that a connection has ended."""
        for mn in self._links.pop(conn, ()):
            device = self._devices.get(mn)
            if device is not None and conn in device.links:
                first, last = device.links[conn]
                device.links[conn] = (first, last - _OVERLAP)

    @staticmethod
    def dialect_of(packet: Packet) -> str:
        """Return the dialect a packet seems to be of, whatever it was read as."""
        return detect_dialect(packet.st, packet.mn, packet.version)

    def proposal(self, mn: str) -> Proposal:
        """Return what the last packets of a device agree in."""
        device = self._devices.get(mn)
        if device is None:
            return Proposal(mn, "", "", "", 0)
        full = len(device.manners) == _IN_A_ROW
        crc, dialect, encoding = (
            column[0] if full and len(set(column)) == 1 else ""
            for column in zip(*device.manners, strict=True)
        )
        return Proposal(mn, crc, dialect, encoding, device.packets)

    def _of_links(self, mn: str, device: _Device, conn: int, at: datetime) -> list[Deviation]:
        notes = []
        others = self._links.setdefault(conn, set())
        if len(self._links) > self._most:
            del self._links[next(iter(self._links))]
        if others - {mn}:
            notes.append(Deviation("link.several_devices", str(len(others | {mn}))))
        others.add(mn)
        first, _ = device.links.get(conn, (at, at))
        device.links[conn] = (first, at)
        for old in [c for c, (_, last) in device.links.items() if at - last > _STORM_IN]:
            del device.links[old]
        if any(c != conn and at - last < _OVERLAP for c, (_, last) in device.links.items()):
            notes.append(Deviation("link.several_links", str(len(device.links))))
        began = sum(at - first <= _STORM_IN for first, _ in device.links.values())
        if began >= _STORM:
            notes.append(Deviation("link.storm", str(began)))
        return notes


def _of_repeats(packet: Packet, device: _Device) -> list[Deviation]:
    time = packet.fields.get("DataTime", "")
    key, says = hash((packet.cn, time, packet.pno)), hash(packet.area)
    before = device.said.pop(key, None)
    device.said[key] = says
    if len(device.said) > _REMEMBERED:
        del device.said[next(iter(device.said))]
    if before is None:
        device.repeats = 0
        return []
    device.repeats += 1
    notes = [Deviation("repeat.same" if before == says else "repeat.changed", time)]
    if device.repeats >= _IN_A_ROW and packet.qn in device.answered:
        notes.append(Deviation("answer.deaf", packet.qn))
    elif device.repeats >= _IN_A_ROW and not packet.wants_answer:
        notes.append(Deviation("answer.insists", packet.qn))
    return notes
