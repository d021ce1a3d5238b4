"""Judging (判定): what becomes of one arrival: stored, set aside, answered.

Pure: the same bytes, devices, peer and time give the same judgement, so that the journal can be
judged again after a crash.
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import NamedTuple

from qingyuan.gateway.devices import Device, Devices
from qingyuan.hj212 import DEVIATIONS, Frame, Noise, Packet, Verdict, parse, upload_command

__all__ = ["Judgement", "is_part", "judge", "untimely"]

_EARLY = timedelta(days=1)  # a logger's clock may be wrong; a day ahead it cannot be believed
_CRC_REPAIRS = {"crc.modbus": "modbus", "crc.modbus_swapped": "modbus-swapped"}
_NO_CHECKSUM = frozenset({"crc.unknown", "crc.none"})  # what the policy "ignore" overlooks
_MN = re.compile(rb"MN=([^;,=&]+);")


class Judgement(NamedTuple):
    """The outcome for one arrival: *reason* is empty when it is accepted (判定)."""

    packet: Packet
    device: Device | None
    reason: str
    detail: str
    reply: str

    @property
    def accepted(self) -> bool:
        """Whether it may enter the store."""
        return not self.reason


def is_part(packet: Packet) -> bool:
    """Whether *packet* is one of several that make a whole (拆分包)."""
    pnum, pno = packet.pnum, packet.pno
    return pnum is not None and pno is not None and 1 <= pno <= pnum and pnum > 1


def judge(
    event: Frame | Noise, devices: Devices, *, at: datetime, peer: str = "", secure: bool = False
) -> Judgement:
    """Decide about one event of the framer, received *at*.

    Parameters
    ----------
    peer : str
        ``ip:port`` of the other side.
    secure : bool
        Whether it came on the TLS port.

    Returns
    -------
    Judgement
        ``reason`` is a code of hj212's deviation table (``crc.unknown``) or of this room's
        messages (``gateway.unknown_device``); ``reply`` is the CN of the answer that is due once
        the bytes are durable, or empty.
    """
    packet, device = _read(event, devices)
    reason, detail = _objection(packet, device, at, peer, secure)
    reply = "" if reason or device is None else _reply(packet, device)
    return Judgement(packet, device, reason, detail, reply)


def _read(event: Frame | Noise, devices: Devices) -> tuple[Packet, Device | None]:
    """Read a packet by the terms of the device that it says it is of."""
    found = _MN.search(event.segment) if isinstance(event, Frame) else None
    device = devices.get(found[1].decode("latin-1")) if found else None
    packet = _by_terms(event, device)
    if packet.mn != ("" if device is None else device.mn):
        other = devices.get(packet.mn)  # the header is in disorder: its MN stands elsewhere
        if other is not device:
            device, packet = other, _by_terms(event, other)
    return packet, device if device is not None and device.mn == packet.mn else None


def _by_terms(event: Frame | Noise, device: Device | None) -> Packet:
    if device is None:
        return parse(event)
    encoding = "gb18030" if device.encoding == "gb18030" else ""  # auto: whatever it is
    return parse(event, dialect=device.dialect, key=device.key, encoding=encoding)


def untimely(packet: Packet, at: datetime) -> tuple[str, str]:
    """Return why the time of an upload cannot be believed, as code and detail; both may be empty."""
    command = upload_command(packet.cn)
    if command is None or not command.stored or not packet.readings:
        return "", ""
    time = packet.data_time
    if time is None:
        return "gateway.no_time", packet.fields.get("DataTime", "")
    if time - at > _EARLY:
        return "gateway.future_time", packet.fields["DataTime"]
    return "", ""


def _objection(
    packet: Packet, device: Device | None, at: datetime, peer: str, secure: bool
) -> tuple[str, str]:
    if packet.verdict is Verdict.REJECTED:
        fatal = [d for d in packet.deviations if DEVIATIONS[d.code].severity == "reject"]
        overlooked = device is not None and "ignore" in device.crc
        if not (overlooked and {d.code for d in fatal} <= _NO_CHECKSUM):
            return fatal[0].code, fatal[0].detail
    if device is None:
        return "gateway.unknown_device", packet.mn
    if not device.active:
        return "gateway.inactive_device", packet.mn
    if device.networks and not device.admits(peer.rpartition(":")[0].strip("[]")):
        return "gateway.wrong_network", peer
    if device.tls and not secure:
        return "gateway.tls_required", packet.mn
    if device.password and packet.pw != device.password:
        return "gateway.wrong_password", packet.mn
    if packet.verdict is not Verdict.VALID:
        for deviation in packet.deviations:
            code = deviation.code
            if DEVIATIONS[code].severity != "repair" or code in device.repairs:
                continue
            if _CRC_REPAIRS.get(code) not in device.crc:
                return "gateway.repair_not_allowed", code
    if is_part(packet):  # what a part lacks may stand in another
        return "", ""
    return untimely(packet, at)


def _reply(packet: Packet, device: Device) -> str:
    command = upload_command(packet.cn, device.dialect)
    reply = "9014" if command is None else command.reply
    wanted = device.answer == "always" or (device.answer == "flag" and packet.wants_answer)
    return reply if wanted else ""
