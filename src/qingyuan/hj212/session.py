"""Sessions (会话): the platform's side of every dialogue, without socket or clock.

HJ 212-2017 附录C, hj212.md §2: a request goes out, 9011 accepts it, data may come, 9012 ends it; a
notice is answered by 9013, an upload by 9014. Packets and the time go in, events come out; what is
to be sent is an event as well. Every session ends: each wait has a limit, and so has the whole.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import NamedTuple

from qingyuan.core.problems import Problem
from qingyuan.hj212.clock import instant
from qingyuan.hj212.packet import Packet, Verdict
from qingyuan.hj212.parse import parse
from qingyuan.hj212.render import answer, render
from qingyuan.hj212.sm4 import Key
from qingyuan.hj212.tables import request_command, should_encrypt, upload_command

__all__ = [
    "Accepted",
    "Data",
    "Ended",
    "Event",
    "LinkLost",
    "Request",
    "Send",
    "Sessions",
    "Stray",
    "Terms",
]

_REPLIES = {"9011": "request", "9012": "request", "9013": "notify"}
_INTERACTION = frozenset(("9011", "9012", "9013", "9014"))
_REMEMBERED = 64  # ended request numbers kept per device, to know a late answer


class Terms(NamedTuple):
    """What is agreed with one device (设备参数).

    ``overtime`` and ``resends`` are OverTime and ReCount of command 1000: 10 s and 3 on mobile
    links, 5 s and 3 on ADSL (HJ 212-2017). ``patience`` is the second timer, for each next data
    packet or the result after a 9011; ``longest`` bounds the whole. ``answer`` is ``flag``,
    ``always`` or ``never``; ``qn_in_area`` is the manner of 2005; with ``key``, what 2025 wants
    encrypted is (`should_encrypt`).
    """

    overtime: timedelta = timedelta(seconds=10)
    resends: int = 3
    patience: timedelta = timedelta(seconds=60)
    longest: timedelta = timedelta(minutes=30)
    answer: str = "flag"
    qn_in_area: bool = False
    key: Key | None = None


class Request(NamedTuple):
    """Something the platform asked: *kind* is ``request`` or ``notify`` (请求、通知)."""

    packet: Packet
    kind: str
    asked_at: datetime


class Send(NamedTuple):
    """Bytes to be sent to the device; ``after_durable``: only once what it answers is stored."""

    mn: str
    raw: bytes
    after_durable: bool


class Accepted(NamedTuple):
    """The site accepted a request (9011, QnRtn=1)."""

    request: Request
    packet: Packet
    note: str


class Data(NamedTuple):
    """Something the site says: answering *request*, or of its own accord (None)."""

    packet: Packet
    request: Request | None
    note: str


class Ended(NamedTuple):
    """A session is over: *outcome* is a row of ``tables/outcomes.csv``, *result* QnRtn or ExeRtn."""

    request: Request
    outcome: str
    result: str
    note: str


class Stray(NamedTuple):
    """A packet that belongs to no session; *code* is a ``session.*`` row of the deviations."""

    packet: Packet
    code: str


class LinkLost(NamedTuple):
    """All re-sends failed: the link of this device is considered lost (hj212.md §2)."""

    mn: str


Event = Send | Accepted | Data | Ended | Stray | LinkLost


@dataclass(slots=True)
class _Open:
    request: Request
    raw: bytes
    terms: Terms
    accepted: bool
    deadline: datetime
    left: int


@dataclass(slots=True)
class _Device:
    terms: Terms
    open: dict[str, _Open] = field(default_factory=dict)
    ended: deque[str] = field(default_factory=lambda: deque(maxlen=_REMEMBERED))


class Sessions:
    """All dialogues of the platform with its devices (平台侧会话).

    Parameters
    ----------
    terms : Terms
        Holds for devices that `agree` has not named.

    Examples
    --------
    >>> from datetime import UTC
    >>> at = datetime(2026, 3, 1, tzinfo=UTC)
    >>> head = "20260301080000000", "32", "1062", "123456", "010000A8900016F000169DC0"
    >>> sessions = Sessions()
    >>> sent = sessions.ask(Packet(*head, 5, None, None, "", "RtdInterval=30"), at=at)
    >>> [type(event).__name__ for event in sent], sessions.due() - at
    (['Send'], datetime.timedelta(seconds=10))
    """

    def __init__(self, terms: Terms = Terms()) -> None:  # noqa: B008 -- an immutable value
        self._terms = terms
        self._devices: dict[str, _Device] = {}

    def agree(self, mn: str, terms: Terms) -> None:
        """Set the terms of one device; what is already asked goes on as it began."""
        self._of(mn).terms = terms

    def open(self, mn: str) -> tuple[Request, ...]:
        """Return what is asked of a device and not yet ended, oldest first."""
        device = self._devices.get(mn)
        return tuple(one.request for one in device.open.values()) if device else ()

    def ask(self, packet: Packet, *, at: datetime) -> list[Event]:
        """Send a request or notice.

        Raises
        ------
        ValueError
            If it has no QN, or that QN is already open with this device.
        Problem
            As `render`.
        """
        device = self._of(packet.mn)
        if not packet.qn or packet.qn in device.open:
            raise ValueError("a request needs a request number of its own")
        terms = device.terms
        sealed = should_encrypt(packet.cn, from_site=False)
        raw = render(packet, key=terms.key if sealed else None)
        row = request_command(packet.cn)
        kind = "notify" if row is not None and row.kind == "notify" else "request"
        request = Request(parse(render(packet)), kind, at)
        events: list[Event] = [Send(packet.mn, raw, after_durable=False)]
        if kind == "notify" and not packet.wants_answer:
            return [*events, Ended(request, "done", "", "")]
        # Without the answer bit no 9011 will come; data and result may.
        accepted = not packet.wants_answer
        deadline = at + (terms.patience if accepted else terms.overtime)
        device.open[packet.qn] = _Open(request, raw, terms, accepted, deadline, terms.resends)
        return events

    def hear(self, packet: Packet, *, at: datetime) -> list[Event]:
        """Take a packet of a site, received *at*; whatever it is, this never raises."""
        device = self._devices.get(packet.mn)
        events = _due(packet.mn, device, at) if device else []
        if packet.verdict is Verdict.REJECTED:
            return [*events, Stray(packet, "session.rejected")]
        if packet.cn in _INTERACTION:
            return events + self._replied(packet, at)
        return events + self._said(packet, at)

    def tick(self, at: datetime) -> list[Event]:
        """Do what is due *at*: re-send, or give up."""
        return [event for mn, device in self._devices.items() for event in _due(mn, device, at)]

    def due(self) -> datetime | None:
        """When `tick` has something to do next; None when nothing is open."""
        ends = [
            min(one.deadline, one.request.asked_at + one.terms.longest)
            for device in self._devices.values()
            for one in device.open.values()
        ]
        return min(ends, default=None)

    def close(self, mn: str) -> list[Event]:
        """End what is open with a device whose link has closed."""
        device = self._devices.get(mn)
        return [_end(device, one, "closed") for one in list(device.open.values())] if device else []

    def _of(self, mn: str) -> _Device:
        return self._devices.setdefault(mn, _Device(self._terms))

    def _replied(self, packet: Packet, at: datetime) -> list[Event]:
        """Take a 9011, 9012 or 9013."""
        device = self._devices.get(packet.mn) or _Device(self._terms)
        kind = _REPLIES.get(packet.cn)
        one, note = device.open.get(packet.exchange), ""
        if one is None or one.request.kind != kind:
            if packet.exchange in device.ended:
                return [Stray(packet, "session.late")]
            # 表C.43 prints a 9011 with another QN: right when only one request can be meant.
            fitting = [
                one
                for one in device.open.values()
                if one.request.kind == kind and (packet.cn == "9012" or not one.accepted)
            ]
            if len(fitting) != 1:
                return [Stray(packet, "session.stray")]
            one, note = fitting[0], "session.qn_differs"
        if packet.cn == "9013":
            return [_end(device, one, "done", note=note)]
        if packet.cn == "9011":
            result = packet.fields.get("QnRtn", "")
            if result != "1":
                return [_end(device, one, "refused", result, note)]
            if one.accepted:
                return [Stray(packet, "session.repeated")]
            one.accepted, one.deadline = True, at + one.terms.patience
            return [Accepted(one.request, packet, note)]
        result = packet.fields.get("ExeRtn", "")
        outcome = {"1": "done", "100": "no_data"}.get(result, "failed")
        if not one.accepted:
            note = note or "session.no_9011"
        return [_end(device, one, outcome, result, note)]

    def _said(self, packet: Packet, at: datetime) -> list[Event]:
        """Take data, a notice or a heartbeat, and answer it as agreed."""
        device = self._devices.get(packet.mn)
        one = _asked_for(packet, device) if device else None
        note = ""
        if one is not None:
            note = "" if one.accepted else "session.no_9011"
            one.accepted, one.deadline = True, at + one.terms.patience
        events: list[Event] = [Data(packet, one.request if one else None, note)]
        terms = device.terms if device else self._terms
        row = upload_command(packet.cn)
        reply = "9014" if row is None else row.reply
        wanted = terms.answer == "always" or (terms.answer == "flag" and packet.wants_answer)
        if reply and wanted:
            try:
                raw = answer(packet, reply, qn_in_area=terms.qn_in_area)
            except Problem:
                events.append(Stray(packet, "session.unanswerable"))
            else:
                events.append(Send(packet.mn, raw, after_durable=True))
        return events


def _end(device: _Device, one: _Open, outcome: str, result: str = "", note: str = "") -> Ended:
    qn = one.request.packet.qn
    del device.open[qn]
    device.ended.append(qn)
    return Ended(one.request, outcome, result, note)


def _due(mn: str, device: _Device, at: datetime) -> list[Event]:
    """Re-send or give up what is due with one device."""
    events: list[Event] = []
    for one in list(device.open.values()):
        if at >= one.request.asked_at + one.terms.longest:
            events.append(_end(device, one, "too_long"))
        elif at < one.deadline:
            continue
        elif one.accepted:
            events.append(_end(device, one, "overdue"))
        elif one.left > 0:
            one.left -= 1
            one.deadline = at + one.terms.overtime
            events.append(Send(mn, one.raw, after_durable=False))
        else:
            events += [_end(device, one, "silent"), LinkLost(mn)]
    return events


def _asked_for(packet: Packet, device: _Device) -> _Open | None:
    """Find the request that data answers: by (MN, QN, CN), else by (MN, CN) and time range."""
    exact = device.open.get(packet.exchange)
    if exact is not None and exact.request.packet.cn == packet.cn:
        return exact
    row = request_command(packet.cn)
    answered_by_data = row is not None and "data" in row.flow
    for one in device.open.values():
        asked = one.request.packet
        if asked.cn != packet.cn or not (answered_by_data or "BeginTime" in asked.fields):
            continue
        if _covers(asked, packet):
            return one
    return None


def _covers(asked: Packet, packet: Packet) -> bool:
    """Whether *packet* can be what *asked* asks for: time range, factor and kind of information."""
    begin, end = (instant(asked.fields.get(name, "")) for name in ("BeginTime", "EndTime"))
    time = packet.data_time
    if (begin is not None and (time is None or time < begin)) or (
        end is not None and (time is None or time > end)
    ):
        return False
    wanted = asked.fields.get("InfoId")
    if wanted and all(code != wanted for code, _ in packet.readings):
        return False
    factor, given = asked.fields.get("PolId"), packet.fields.get("PolId")
    return not factor or not given or factor == given
