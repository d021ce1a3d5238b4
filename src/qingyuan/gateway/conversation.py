"""Conversations (对话): what the platform asks of its devices, and what becomes of it.

Pure: packets and times in, things to keep and to send out. The machine of each dialogue is
`qingyuan.hj212.Sessions`; here it is decided what is asked and when: commands of the outbox first,
the clock when it is off, history that is missing; one dialogue at a time with each device.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import NamedTuple

from qingyuan.core.problems import Problem
from qingyuan.gateway.devices import Device
from qingyuan.gateway.gaps import Gaps
from qingyuan.gateway.judge import Judgement
from qingyuan.hj212 import (
    Accepted,
    Data,
    Ended,
    Packet,
    Request,
    Send,
    Sessions,
    Terms,
    instant,
    qn_of,
    stamp,
)

__all__ = ["Command", "Conversations", "Say"]

_REPLIES = frozenset({"9011", "9012", "9013", "9014"})
_EVENTS = {"done": "done", "no_data": "done", "refused": "refused", "failed": "refused"}
_BACKFILLS = 16  # devices that are asked for history at the same time
_WAITING = 64  # things waiting to be asked of one device
_AGAIN = timedelta(hours=1)  # between two calibrations, and after a device that answers nothing
_PACE = timedelta(seconds=2)


class Command(NamedTuple):
    """One row of the outbox (待发指令)."""

    id: int
    mn: str
    cn: str
    st: str
    parameters: Sequence[Sequence[str]]
    flag: int | None


class Say(NamedTuple):
    """A step of a dialogue, to be kept; with *send*, its bytes go to the device afterwards."""

    mn: str
    raw: bytes
    dialogue: Mapping[str, object]
    send: bool


class _Ask(NamedTuple):
    cn: str
    area: str
    command: int | None
    purpose: str
    st: str
    flag: int | None


@dataclass(slots=True)
class _Line:
    """What is known of one device."""

    waiting: deque[_Ask] = field(default_factory=deque)
    asked: dict[str, _Ask] = field(default_factory=dict)  # by QN, not yet ended
    lag: timedelta | None = None
    heard_at: datetime | None = None
    calibrated_at: datetime | None = None
    quiet_until: datetime | None = None


class Conversations:
    """All dialogues of one gateway with the devices connected to it (平台侧对话).

    Times called *at* are city time; *now* is a clock that never jumps, for waiting.
    """

    def __init__(self) -> None:
        self.gaps = Gaps()
        self._sessions = Sessions()
        self._lines: dict[str, _Line] = {}
        self._devices: dict[str, Device] = {}
        self._busy: set[str] = set()
        self._filling: set[str] = set()
        self._queued: set[str] = set()
        self._last_qn: datetime | None = None

    @property
    def open(self) -> int:
        """How many devices are being asked something."""
        return len(self._busy)

    @property
    def waiting(self) -> int:
        """How many devices have something waiting to be asked."""
        return len(self._queued)

    def hear(
        self, judged: Judgement, *, at: datetime, now: datetime
    ) -> tuple[Mapping[str, object] | None, list[Say]]:
        """Take an accepted packet.

        Returns
        -------
        dialogue : mapping or None
            What to note on the packet's own record.
        said : list of Say
            What follows from it.
        """
        packet, device = judged.packet, judged.device
        if device is None:
            return None, []
        mn, cn = packet.mn, packet.cn
        noted: Mapping[str, object] | None = None
        said: list[Say] = []
        if cn in _REPLIES or mn in self._busy:
            for event in self._sessions.hear(packet, at=now):
                step = self._step(event)
                if step is None:
                    continue
                if isinstance(event, Send) or (
                    isinstance(event, Ended) and event.outcome not in _EVENTS
                ):
                    said.append(step)
                elif step.dialogue["event"] != "answered" or step.dialogue["command"] is not None:
                    noted = {**step.dialogue, "direction": "up"}
        if cn not in _REPLIES:
            self._watch(packet, device, at)
        line = self._lines.get(mn)
        if line is not None and line.waiting:
            said += self._next(device, at=at, now=now)
        return noted, said

    def command(
        self, command: Command, device: Device, *, at: datetime, now: datetime
    ) -> list[Say]:
        """Ask what the outbox says, now or after what is being asked already."""
        line = self._lines.setdefault(command.mn, _Line())
        ask = _Ask(
            command.cn, area_of(command.parameters), command.id, "command", command.st, command.flag
        )
        commands = sum(1 for one in line.waiting if one.command is not None)
        line.waiting.insert(commands, ask)  # before any back-fill
        return self._next(device, at=at, now=now)

    def tick(self, *, at: datetime, now: datetime) -> list[Say]:
        """Do what is due: re-send, give up, go on with the next."""
        said = [step for event in self._sessions.tick(now) if (step := self._step(event))]
        for mn in list(self._queued - self._busy):
            said += self._next(self._devices[mn], at=at, now=now)
        return said

    def lost(self, mn: str) -> tuple[list[Say], list[int]]:
        """End what is asked of a device whose link has closed; its back-fill is dropped.

        Returns
        -------
        said : list of Say
            What is to be kept.
        unsent : list of int
            Commands that were waiting and have not been sent.
        """
        said = [step for event in self._sessions.close(mn) if (step := self._step(event))]
        unsent: list[int] = []
        line = self._lines.get(mn)
        if line is not None:
            unsent = [ask.command for ask in line.waiting if ask.command is not None]
            line.waiting.clear()
            line.lag = None
            self._queued.discard(mn)
        return said, unsent

    def _watch(self, packet: Packet, device: Device, at: datetime) -> None:
        """Look at the clock and the times of what a device sends of its own accord."""
        line = self._lines.get(packet.mn)
        if line is None:
            line = self._lines[packet.mn] = _Line()
        self._devices[packet.mn] = device
        time = packet.data_time
        if time is not None and packet.cn in ("2011", "2051", "2061"):
            for cn, begin, end in self.gaps.seen(device, packet.cn, time, at=at):
                area = f"BeginTime={stamp(begin)};EndTime={stamp(end)}"
                if len(line.waiting) < _WAITING:
                    line.waiting.append(_Ask(cn, area, None, "backfill", device.st, None))
        asked = packet.cn == "1013"
        if asked or (device.clock_tolerance_s > 0 and self._clock_is_off(line, packet, device, at)):
            since = line.calibrated_at
            if since is None or not timedelta(0) <= at - since < _AGAIN or asked:
                line.calibrated_at = at
                line.waiting.appendleft(_Ask("1012", "", None, "calibrate", device.st, None))

    def _clock_is_off(self, line: _Line, packet: Packet, device: Device, at: datetime) -> bool:
        """Whether the device's clock is off more than agreed.

        By the request number of live data. Ahead is off at once; behind may be old data that is
        sent late, so the lag must be the same for two packets that came some seconds apart.
        """
        if packet.cn != "2011" or not packet.qn:
            return False
        sent = instant(packet.qn)
        if sent is None:
            return False
        lag, before, heard = at - sent, line.lag, line.heard_at
        line.lag, line.heard_at = lag, at
        tolerance = timedelta(seconds=device.clock_tolerance_s)
        if lag < -tolerance:
            return True
        steady = before is not None and abs(lag - before) <= max(tolerance / 2, _PACE)
        apart = heard is not None and at - heard >= _PACE
        return lag > tolerance and steady and apart

    def _next(self, device: Device, *, at: datetime, now: datetime) -> list[Say]:
        """Ask the next thing of a device that is not being asked anything."""
        mn = device.mn
        line = self._lines[mn]
        self._devices[mn] = device
        said: list[Say] = []
        while line.waiting and mn not in self._busy:
            ask = line.waiting[0]
            if ask.command is None:
                if line.quiet_until is not None and now < line.quiet_until:
                    line.waiting.popleft()
                    continue
                if ask.purpose == "backfill" and len(self._filling) >= _BACKFILLS:
                    break
            line.waiting.popleft()
            said += self._ask(device, line, ask, at=at, now=now)
        if line.waiting:
            self._queued.add(mn)
        else:
            self._queued.discard(mn)
        return said

    def _ask(
        self, device: Device, line: _Line, ask: _Ask, *, at: datetime, now: datetime
    ) -> list[Say]:
        area = f"SystemTime={stamp(at)}" if ask.purpose == "calibrate" else ask.area
        qn = self._number(at)
        flag = device.flag if ask.flag is None else ask.flag
        packet = Packet(
            qn, ask.st or device.st, ask.cn, device.password, device.mn, flag, None, None, "", area
        )
        self._sessions.agree(
            device.mn,
            Terms(
                overtime=timedelta(seconds=device.overtime_s),
                resends=device.recount,
                answer=device.answer,
                qn_in_area=device.dialect == "2005",
                key=device.key,
            ),
        )
        line.asked[qn] = ask
        try:
            events = self._sessions.ask(packet, at=now)
        except (Problem, ValueError):  # what the standard cannot say is not sent
            del line.asked[qn]
            return [Say(device.mn, b"", _told(ask, device.mn, qn, "refused", "unsent"), send=False)]
        self._busy.add(device.mn)
        if ask.purpose == "backfill":
            self._filling.add(device.mn)
        return [step for event in events if (step := self._step(event, qn=qn))]

    def _step(self, event: object, *, qn: str = "") -> Say | None:
        """Translate an event of the session machine; None for what is no step."""
        match event:
            case Send(mn, raw, after_durable):
                if after_durable:  # the answer to an upload: the gateway's own judgement decides
                    return None
                again = "" if qn else "resend"
                number = qn or self._number_in(mn)
                ask = self._lines[mn].asked.get(number)
                return ask and Say(mn, raw, _told(ask, mn, number, "sent", again), send=True)
            case Accepted(request, _, _):
                return self._of(request, "acknowledged", "1")
            case Data(_, Request() as request, _):
                return self._of(request, "answered", "")
            case Ended(request, outcome, result, _):
                step = self._of(request, _EVENTS.get(outcome, "overtime"), result or outcome)
                self._over(request.packet.mn, request.packet.qn)
                if outcome == "silent":  # commands are still tried, nothing else for a while
                    line = self._lines[request.packet.mn]
                    line.quiet_until = request.asked_at + _AGAIN
                return step
        return None

    def _of(self, request: Request, event: str, result: str) -> Say | None:
        mn, qn = request.packet.mn, request.packet.qn
        ask = self._lines[mn].asked.get(qn)
        return ask and Say(mn, b"", _told(ask, mn, qn, event, result), send=False)

    def _over(self, mn: str, qn: str) -> None:
        line = self._lines[mn]
        line.asked.pop(qn, None)
        if not line.asked:
            self._busy.discard(mn)
            self._filling.discard(mn)

    def _number_in(self, mn: str) -> str:
        """Return the number of what is being re-sent: one dialogue at a time is open."""
        return next(iter(self._lines[mn].asked), "")

    def _number(self, at: datetime) -> str:
        """Return a request number that no other request of this gateway has."""
        if self._last_qn is not None and at <= self._last_qn:
            at = self._last_qn + timedelta(milliseconds=1)
        self._last_qn = at
        return qn_of(at)


def area_of(parameters: Sequence[Sequence[str]]) -> str:
    """Write the fields of a command: ``,`` between those of one factor, ``;`` between others."""
    parts: list[str] = []
    before = ""
    for name, value in parameters:
        code, hyphen, _ = name.partition("-")
        joint = "," if hyphen and code == before else ";"
        parts.append(f"{joint if parts else ''}{name}={value}")
        before = code if hyphen else ""
    return "".join(parts)


def _told(ask: _Ask, mn: str, qn: str, event: str, result: str) -> Mapping[str, object]:
    return {
        "mn": mn,
        "command": ask.command,
        "purpose": ask.purpose,
        "cn": ask.cn,
        "qn": qn,
        "direction": "down",
        "event": event,
        "result": result,
    }
