"""What a station answers when the platform asks (站点应答).

The dialogues are those of any field station (`qingyuan.synth.devices.requests`); the data are the
world's. These loggers keep instants and hours and nothing else, and say so: a request for minutes
or days ends with "no data" (ExeRtn=100, HJ 212-2017 附录B).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime

from qingyuan.cities import Device
from qingyuan.hj212 import Packet, answer, dialect_of, upload_command
from qingyuan.synth.devices.requests import History, Reply, Settings, respond
from qingyuan.synth.packets import hour_packet, realtime_packet
from qingyuan.synth.world import World

__all__ = ["answers"]

_NO_DATA = 100
_KEPT: dict[str, Callable[..., bytes | None]] = {"2011": realtime_packet, "2061": hour_packet}


def answers(
    packet: Packet, *, world: World, device: Device, settings: Settings, now: datetime
) -> Iterator[bytes]:
    """Return what *device* sends upon a request or notice, each packet made when its turn comes.

    *settings* are changed at once as the request says. History is sent without the answer bit: it
    is what the station sends, or has sent, of its own accord, asked for once more.
    """
    said, result = respond(
        packet, dialect=device.dialect, st=device.st, mn=device.mn, settings=settings, now=now
    )
    kept = upload_command(packet.cn, device.dialect)
    invented = any(isinstance(item, Reply) and b"CN=901" not in item.raw for item in said)
    if result == "history" or (invented and kept is not None and bool(kept.stored)):
        return _history(packet, said, world=world, device=device)
    return iter([item.raw for item in said if isinstance(item, Reply)])


def _history(
    packet: Packet, said: list[Reply | History], *, world: World, device: Device
) -> Iterator[bytes]:
    in_area = dialect_of(device.dialect).qn_in_area
    if packet.wants_answer:
        yield answer(packet, "9011", qn_in_area=in_area)
    found = False
    for item in said:
        make = _KEPT.get(item.cn) if isinstance(item, History) else None
        if make is None or not isinstance(item, History):
            continue
        raw = make(world, device, datetime.fromtimestamp(item.second, tz=UTC), wants_answer=False)
        if raw is not None:
            found = True
            yield raw
    yield answer(packet, "9012", result=1 if found else _NO_DATA, qn_in_area=in_area)
