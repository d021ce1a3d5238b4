"""Requests (请求应答): what a station says when the platform asks (HJ 212-2017 附录C).

A station hears a request, decides by the command table how that dialogue goes, and hands back what
is to be sent in order; the station sends it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from qingyuan.hj212 import Packet, answer, dialect_of, instant, render, request_command, stamp
from qingyuan.synth.devices.content import DATA

__all__ = ["History", "Reply", "Settings", "respond"]

_MOST = 20_000  # packets one request may ask for
_HELD_DAYS = 400  # how far back a logger keeps its data


@dataclass(slots=True)
class Settings:
    """What the platform may change in a station (参数)."""

    password: str
    overtime_s: float
    recount: int
    clock_s: float = 0.0
    interval_s: int = 30
    minutes: int = 10
    pushes: bool = True
    pushes_state: bool = True


@dataclass(frozen=True, slots=True)
class Reply:
    """One packet of a dialogue, to be sent as it is."""

    raw: bytes


@dataclass(frozen=True, slots=True)
class History:
    """One data packet of a dialogue, to be rendered when its turn comes."""

    cn: str
    second: int


def respond(
    packet: Packet, *, dialect: str, st: str, mn: str, settings: Settings, now: datetime
) -> tuple[list[Reply | History], str]:
    """Return what a station sends upon a request or notice, and the result for the report.

    *settings* are changed as the request says. Answers to the station's own packets (9013, 9014)
    are not for here.
    """
    command = request_command(packet.cn, dialect)
    spoken = dialect_of(dialect)

    def reply(cn: str, result: int = 1) -> Reply:
        return Reply(answer(packet, cn, result=result, qn_in_area=spoken.qn_in_area))

    if command is None or command.kind == "interaction":
        return [reply("9011", 8)], "unknown_command"
    if packet.pw != settings.password:
        return [reply("9011", 3)], "wrong_password"
    if packet.mn != mn:
        return [reply("9011", 4)], "wrong_mn"
    said: list[Reply | History] = []
    if command.kind == "notify":
        if packet.cn in ("2012", "2022"):
            _switch(settings, packet.cn, on=False)
        return ([reply("9013")] if packet.wants_answer else []), "notified"
    if packet.wants_answer:
        said.append(reply("9011"))
    if packet.cn in DATA and "BeginTime" in packet.fields:
        data: list[Reply | History] = list(_history(packet, settings, now))
        return [*said, *data, reply("9012", 1 if data else 100)], "history"
    _obey(packet, settings, now)
    if "data" in command.flow:
        data_packet = _told(packet, command.area_up, st=st, settings=settings, now=now)
        said.append(Reply(render(data_packet)))
    return [*said, reply("9012")], "done"


def _history(packet: Packet, settings: Settings, now: datetime) -> Iterator[History]:
    begin, end = (instant(packet.fields.get(name, "")) for name in ("BeginTime", "EndTime"))
    if begin is None or end is None:
        return
    step = {"2051": 60 * settings.minutes, "2011": settings.interval_s}.get(packet.cn) or DATA[
        packet.cn
    ]
    latest = int(now.timestamp()) - step  # the interval must have ended
    first = max(int(begin.timestamp()), int(now.timestamp()) - _HELD_DAYS * 86_400)
    offset = 16 * 3600 if packet.cn == "2031" else 0  # a day begins at midnight in Beijing
    first = first + (offset - first) % step
    last = min(int(end.timestamp()), latest, first + step * _MOST)
    for second in range(first, last + 1, step):
        yield History(packet.cn, second)


def _switch(settings: Settings, cn: str, *, on: bool) -> None:
    if cn in ("2011", "2012"):
        settings.pushes = on
    else:
        settings.pushes_state = on


def _obey(packet: Packet, settings: Settings, now: datetime) -> None:
    """Change what the request sets."""
    said = packet.fields

    def number(name: str, low: int, high: int) -> int | None:
        text = said.get(name, "")
        return int(text) if text.isdigit() and low <= int(text) <= high else None

    if packet.cn in ("2011", "2021"):
        _switch(settings, packet.cn, on=True)
    elif packet.cn in ("1012", "1015") and (time := instant(said.get("SystemTime", ""))):
        settings.clock_s += (time - now).total_seconds()
    elif packet.cn == "1000":
        settings.overtime_s = number("OverTime", 1, 99_999) or settings.overtime_s
        recount = number("ReCount", 0, 99)
        settings.recount = settings.recount if recount is None else recount
    elif packet.cn == "1062":
        settings.interval_s = number("RtdInterval", 1, 3600) or settings.interval_s
    elif packet.cn == "1064":
        settings.minutes = number("MinInterval", 1, 30) or settings.minutes
    elif packet.cn == "1072" and (new := said.get("NewPW", "")):
        settings.password = new


def _told(packet: Packet, template: str, *, st: str, settings: Settings, now: datetime) -> Packet:
    """Return the data packet that answers: its area follows the command table."""
    second = now.astimezone(UTC)
    words = {
        "DataTime": stamp(second),
        "SystemTime": stamp(second),
        "RtdInterval": str(settings.interval_s),
        "MinInterval": str(settings.minutes),
        "PolId": packet.fields.get("PolId", "w01018"),
        "VaseNo": "1",
        "CstartTime": "000000",
        "CTime": "2",
        "Stime": "10",
        "AlarmTarget": "127.0.0.1",
        "ReportTime": "0830",
        "AlarmTime": stamp(second),
        "AlarmType": "0",
        "SKCreateTime": stamp(second),
    }
    factor = words["PolId"]
    items = []
    for name in template.replace("[", "").replace("]", "").replace("{", "").split(";"):
        plain = name.partition(" ")[0].partition("}")[0].partition(",")[0]
        if plain in words:
            items.append(f"{plain}={words[plain]}")
        elif plain in ("i*-Info", "i23005-Info"):
            code = packet.fields.get("InfoId", "i12001")
            items.append(f"{code}-Info=0")
        elif plain.startswith("x-") or plain.startswith("PolId-"):
            items.append(f"{factor}-{plain.partition('-')[2]}=1.0")
    # A single value is told under the number of its request (表C.2, C.5, C.7).
    flag = None if packet.flag is None else packet.flag & ~0b11
    return replace(packet, st=st, area=";".join(items), flag=flag)
