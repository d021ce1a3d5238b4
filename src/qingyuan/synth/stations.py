"""Stations as TCP clients (站点上传): store and forward, live first, nothing forgotten.

Each station keeps what it owes until the 9014 of the gateway; a lost link or a silent gateway makes
it send the same packet, with the same QN, again. What was missed while city time jumped follows
behind the live readings, at a bounded rate shared by all stations. What the platform asks is
answered between the live readings.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from qingyuan.cities import Device
from qingyuan.hj212 import Frame, Framer, Packet, parse
from qingyuan.synth.answers import answers
from qingyuan.synth.devices.requests import Settings
from qingyuan.synth.packets import hour_packet, realtime_packet
from qingyuan.synth.timetable import due
from qingyuan.synth.world import World

__all__ = ["Fleet", "Station"]

ANSWER_S = 10.0  # HJ 212-2017: time-out of an answer on a mobile link
TRIES = 3
_WINDOW = 6  # packets under way per station
_TICK_S = 0.25
_PATIENCE_S = (0.2, 0.5, 1.0, 2.0, 4.0)
_SAVE_S = 5.0
_REPLIES = frozenset({"9011", "9012", "9013", "9014"})
_SET = ("password", "interval_s", "pushes")  # what the platform has set outlasts a restart


@dataclass(slots=True)
class _Owed:
    """One packet not yet acknowledged; the bytes are made when it is first sent."""

    cn: str
    at: datetime
    raw: bytes = b""
    sent: float = 0.0
    tries: int = 0

    @property
    def qn(self) -> str:
        return self.raw[9:26].decode("ascii")  # "##0123QN=" then seventeen digits


class _Budget:
    """So many packets a second for back-fill, all stations together."""

    def __init__(self, per_second: float) -> None:
        self._rate = per_second
        self._left = per_second / 4
        self._seen = time.monotonic()

    def take(self) -> bool:
        now = time.monotonic()
        self._left = min(self._rate / 4, self._left + (now - self._seen) * self._rate)
        self._seen = now
        if self._left < 1:
            return False
        self._left -= 1
        return True


@dataclass(slots=True)
class Station:
    """One logger: what it owes, what is under way, what it was asked."""

    device: Device
    after: datetime
    settings: Settings
    issued: Settings  # as the city's folder has it
    live: deque[_Owed] = field(default_factory=deque)
    missed: deque[_Owed] = field(default_factory=deque)
    underway: dict[str, _Owed] = field(default_factory=dict)
    asked: deque[Iterator[bytes]] = field(default_factory=deque)
    sent: int = 0
    acknowledged: int = 0

    def owe(self, now: datetime) -> None:
        """Note everything that has come due until *now*."""
        interval = timedelta(seconds=self.settings.interval_s)
        found = due(after=self.after, now=now, interval=interval)
        if self.settings.pushes:
            self.missed.extend(_Owed("2011", at) for at in found.missed)
        hours = [_Owed("2061", at) for at in found.hours]
        (self.live if len(hours) == 1 else self.missed).extend(hours)
        if found.live and self.settings.pushes:
            self.live.append(_Owed("2011", found.live))
        self.after = max(self.after, now)

    @property
    def settled_until(self) -> datetime:
        """Everything up to here was acknowledged."""
        a_moment = timedelta(seconds=1)  # so that the packet itself is owed again
        waiting = (*self.live, *self.missed, *self.underway.values())
        return min([self.after, *(owed.at - a_moment for owed in waiting)])

    @property
    def idle(self) -> bool:
        """Whether nothing is owed, nor asked."""
        return not (self.live or self.missed or self.underway or self.asked)

    def take_back(self) -> None:
        """Put what was under way in front of the queue again: the link is gone."""
        for owed in sorted(self.underway.values(), key=lambda o: o.at, reverse=True):
            owed.tries = 0
            self.live.appendleft(owed)
        self.underway.clear()
        self.asked.clear()  # the dialogue ended with the link

    def hear(self, packet: Packet, *, world: World, now: datetime) -> None:
        """Take what the platform says: an acknowledgement, or a request to be answered."""
        if packet.cn not in _REPLIES:
            self.asked.append(
                answers(packet, world=world, device=self.device, settings=self.settings, now=now)
            )
            self.obey()
        elif packet.cn == "9014" and packet.qn in self.underway:
            del self.underway[packet.qn]
            self.acknowledged += 1

    def obey(self) -> None:
        """Go on with the password that was set."""
        if self.device.password != self.settings.password:
            self.device = replace(self.device, password=self.settings.password)

    def kept(self) -> dict[str, object]:
        """Return what a restart needs to know."""
        said = {name: getattr(self.settings, name) for name in _SET}
        changed = {n: value for n, value in said.items() if value != getattr(self.issued, n)}
        return {"until": self.settled_until.isoformat(), **changed}


def _settings(device: Device) -> Settings:
    return Settings(device.password, ANSWER_S, TRIES, interval_s=device.interval_s)


class Fleet:
    """All stations of a world against one gateway.

    Parameters
    ----------
    world : World
        Is advanced to the present before anything is read.
    devices : sequence of Device
        The stations; inactive ones stay silent.
    now : callable
        City time.
    since : datetime
        What lies after this is owed when no state was kept.
    state : Path, optional
        Where to keep how far every station got, so that a restart owes only the rest.
    per_second : float
        Bound on back-filled packets, all stations together.
    """

    def __init__(
        self,
        world: World,
        devices: Sequence[Device],
        *,
        now: Callable[[], datetime],
        since: datetime,
        state: Path | None = None,
        per_second: float = 500.0,
    ) -> None:
        self.world = world
        self._now = now
        self._state = state
        self._budget = _Budget(per_second)
        kept = _read_state(state)
        self.stations = [
            _station(device, kept.get(device.mn, {}), since=since)
            for device in devices
            if device.active
        ]

    async def run(self, host: str, port: int) -> None:
        """Send until cancelled."""
        tasks = [asyncio.create_task(self._keep_time())]
        tasks += [asyncio.create_task(self._serve(s, host, port)) for s in self.stations]
        try:
            await asyncio.gather(*tasks)
        finally:
            for task in tasks:
                if not task.cancelling():  # a second cancel would cut their leave-taking short
                    task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            self.save()

    def save(self) -> None:
        """Write how far every station got."""
        if self._state is None:
            return
        rows = {s.device.mn: s.kept() for s in self.stations}
        part = self._state.with_suffix(".part")
        part.write_text(json.dumps(rows), "utf-8")
        part.replace(self._state)

    async def _keep_time(self) -> None:
        saved = time.monotonic()
        while True:
            now = self._now()
            self.world.advance(now)
            for station in self.stations:
                station.owe(now)
            if time.monotonic() - saved > _SAVE_S:
                self.save()
                saved = time.monotonic()
            await asyncio.sleep(_TICK_S)

    async def _serve(self, station: Station, host: str, port: int) -> None:
        failures = 0
        while True:
            try:
                reader, writer = await asyncio.open_connection(host, port)
            except OSError:
                await asyncio.sleep(_PATIENCE_S[min(failures, len(_PATIENCE_S) - 1)])
                failures += 1
                continue
            failures = 0
            listening = asyncio.create_task(self._listen(station, reader))
            try:
                while not listening.done():
                    if not await self._send_next(station, writer):
                        await asyncio.sleep(0.05)
            except OSError:
                pass  # the link broke; what was under way is sent again
            finally:
                writer.close()
                listening.cancel()
                station.take_back()
                await asyncio.gather(listening, return_exceptions=True)
                with contextlib.suppress(OSError):
                    await writer.wait_closed()
            await asyncio.sleep(_PATIENCE_S[0])

    async def _listen(self, station: Station, reader: asyncio.StreamReader) -> None:
        framer = Framer()
        while data := await reader.read(4096):
            for event in framer.feed(data):
                if isinstance(event, Frame):
                    station.hear(parse(event), world=self.world, now=self._now())

    async def _send_next(self, station: Station, writer: asyncio.StreamWriter) -> bool:
        """Send one packet: an unanswered one again, a live one, what was asked, a missed one."""
        owed = self._late(station)
        if owed is None and station.asked and not station.live:
            raw = next(station.asked[0], None)
            if raw is None:
                station.asked.popleft()
            else:
                writer.write(raw)
                await writer.drain()
                station.sent += 1
            return True
        if owed is None and len(station.underway) < _WINDOW:
            owed = self._fresh(station)
        if owed is None:
            return False
        owed.sent = time.monotonic()
        owed.tries += 1
        writer.write(owed.raw)
        await writer.drain()
        station.sent += 1
        return True

    def _late(self, station: Station) -> _Owed | None:
        now = time.monotonic()
        for owed in station.underway.values():
            if now - owed.sent > ANSWER_S:
                if owed.tries >= TRIES:  # 6.6.1: three failures, the link counts as lost
                    raise ConnectionAbortedError
                return owed
        return None

    def _fresh(self, station: Station) -> _Owed | None:
        """Take the next owed packet that has something to say."""
        while station.live or station.missed:
            if station.live:
                owed = station.live.popleft()
            elif self._budget.take():
                owed = station.missed.popleft()
            else:
                return None
            if not owed.raw:
                make = realtime_packet if owed.cn == "2011" else hour_packet
                owed.raw = make(self.world, station.device, owed.at) or b""
            if owed.raw:
                station.underway[owed.qn] = owed
                return owed
        return None


def _station(device: Device, kept: dict[str, Any], *, since: datetime) -> Station:
    settings = _settings(device)
    for name in _SET:
        setattr(settings, name, kept.get(name, getattr(settings, name)))
    until = datetime.fromisoformat(kept["until"]) if "until" in kept else since
    station = Station(device, max(since, until), settings, issued=_settings(device))
    station.obey()
    return station


def _read_state(path: Path | None) -> dict[str, dict[str, Any]]:
    try:
        rows = json.loads(path.read_text("utf-8")) if path else {}
        for row in rows.values():
            datetime.fromisoformat(row["until"])
    except (OSError, ValueError, AttributeError, TypeError, KeyError):
        return {}  # without it everything since the beginning is sent again: slow, never wrong
    return rows
