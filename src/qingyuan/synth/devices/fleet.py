"""The fleet (机群): links, pace, storms, and the end of a run."""

from __future__ import annotations

import asyncio
import contextlib
import random
import time
from collections.abc import Callable, Iterator, Sequence
from functools import partial

from qingyuan.synth.devices.content import Content, kind_of
from qingyuan.synth.devices.plan import Plan, mn_of
from qingyuan.synth.devices.report import Report
from qingyuan.synth.devices.station import Link, Station

__all__ = ["FieldStations", "written"]

_TICK_S = 0.005
_SWEEP_S = 0.1
_AT_ONCE = 400  # connections being opened at the same time
_PATIENCE_S = (0.1, 0.3, 1.0, 2.0, 5.0)
_STORM_S = 2.0
_FORWARDED = 20  # stations behind one forwarder
_ALIVE_S = 1.0  # no answer for so long beyond all re-sends: nobody is there


class FieldStations:
    """Any number of field stations against one gateway (现场机群).

    Parameters
    ----------
    plan : Plan
        How many, how fast, how they misbehave.

    Notes
    -----
    One process, one event loop. Times are the wall clock's at the start and monotonic from there.
    """

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self.report = Report()
        self._origin = time.time() - time.monotonic()
        self._ending = False
        self._gate = asyncio.Semaphore(_AT_ONCE)
        self._links: set[Link] = set()
        begin = self._begin()
        contents = {
            dialect: Content(kind_of(dialect, factors=plan.factors), plan.seed)
            for dialect in plan.dialects
        }
        self.stations = [
            Station(
                number,
                plan=plan,
                content=contents[plan.dialect(number)],
                mn=mn_of(plan.dialect(number), number, seed=plan.seed),
                report=self.report,
                begin=begin,
            )
            for number in range(plan.count)
        ]
        self.report.counts["stations"] = plan.count

    def now(self) -> float:
        """Return Unix seconds that never go back."""
        return self._origin + time.monotonic()

    async def run(
        self,
        host: str,
        port: int,
        *,
        stop: asyncio.Event | None = None,
        progress: Callable[[int], object] = lambda made: None,
    ) -> dict[str, object]:
        """Play the plan, then wait for the answers still due; return the report.

        Parameters
        ----------
        stop : Event, optional
            Set to end early; what is under way is not waited for.
        progress : callable
            Told now and then how many packets were sent.
        """
        stop = stop or asyncio.Event()
        began = self.now()
        if self._plan.backfill_hours:
            for station in self.stations:
                station.owe_history(_history(self._plan.backfill_hours, now=began))
        tasks = [asyncio.create_task(self._keep(group, host, port)) for group in self._groups()]
        tasks.append(asyncio.create_task(self._sweep(progress)))
        if self._plan.storm_s:
            tasks.append(asyncio.create_task(self._storm()))
        try:
            await self._pace(stop)
            if not stop.is_set():
                await self._drain(stop)
        finally:
            self._ending = True
            seconds = self.now() - began
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            for link in list(self._links):
                link.abort()
        self.report.counts["waiting"] = sum(station.waiting for station in self.stations)
        return self.report.as_json(seconds=seconds)

    def _begin(self) -> int | None:
        """Where data times begin when a station makes more than one packet a second, else None."""
        plan = self._plan
        each = plan.rate / max(1, plan.count)
        if each <= 1:
            return None
        return int(self.now() - (each * plan.seconds if plan.seconds else 86_400)) - 1

    def _groups(self) -> Iterator[Sequence[Station]]:
        """Yield the stations of each connection."""
        forwarded = [station for station in self.stations if station.forwarded]
        for start in range(0, len(forwarded), _FORWARDED):
            yield forwarded[start : start + _FORWARDED]
        for station in self.stations:
            if station.forwarded:
                continue
            yield [station]
            if station.spare:
                yield [station]

    async def _pace(self, stop: asyncio.Event) -> None:
        """Make live packets at the planned rate, stations in turn."""
        plan, stations = self._plan, list(self.stations)
        random.Random(plan.seed).shuffle(stations)
        began, made = self.now(), 0
        while not stop.is_set():
            now = self.now()
            elapsed = now - began
            if plan.seconds and elapsed >= plan.seconds:
                break
            due = int(elapsed * plan.rate) - made
            for _ in range(due):
                stations[made % len(stations)].make(now)
                made += 1
            await asyncio.sleep(_TICK_S)
        if plan.seconds and not stop.is_set():
            for _ in range(int(plan.seconds * plan.rate) - made):
                stations[made % len(stations)].make(self.now())
                made += 1

    async def _drain(self, stop: asyncio.Event) -> None:
        """Wait until nothing is owed, or nobody has answered for longer than all re-sends take."""
        counts = self.report.counts
        patience = self._plan.overtime_s * (self._plan.recount + 1) + _ALIVE_S
        seen, since = -1, self.now()
        while any(station.busy for station in self.stations) and not stop.is_set():
            progress = counts["acknowledged"] + counts["unanswered"]
            if progress != seen:
                seen, since = progress, self.now()
            elif self.now() - since > patience:
                return
            await asyncio.sleep(0.02)

    async def _sweep(self, progress: Callable[[int], object]) -> None:
        """Re-send what is late; break the links of those whose manner it is."""
        stormed = self.now()
        while True:
            await asyncio.sleep(_SWEEP_S)
            now = self.now()
            for station in self.stations:
                if station.underway:
                    station.late(now)
            if now - stormed >= _STORM_S:
                stormed = now
                for station in self.stations:
                    if station.storms and station.links:
                        station.links[0].abort()
            progress(self.report.counts["sent"])

    async def _storm(self) -> None:
        while True:
            await asyncio.sleep(self._plan.storm_s)
            for link in list(self._links):
                link.abort()

    async def _keep(self, stations: Sequence[Station], host: str, port: int) -> None:
        """Keep one connection up."""
        loop = asyncio.get_running_loop()
        counts, failures, met = self.report.counts, 0, False
        while not self._ending:
            closed = asyncio.Event()
            link = Link(stations, closed=closed, clock=self.now)
            try:
                async with self._gate:
                    await loop.create_connection(partial(_itself, link), host, port)
            except OSError:
                counts["refused_connections"] += 1
                await asyncio.sleep(_PATIENCE_S[min(failures, len(_PATIENCE_S) - 1)])
                failures += 1
                continue
            counts["reconnects"] += met
            failures, met = 0, True
            self._links.add(link)
            counts["connected_peak"] = max(counts["connected_peak"], len(self._links))
            try:
                await closed.wait()
            finally:
                self._links.discard(link)
                with contextlib.suppress(OSError):
                    link.abort()


def _itself(link: Link) -> Link:
    return link


def written(plan: Plan, *, begin: int) -> Iterator[bytes]:
    """Return the packets of a plan in the order made, with nobody listening: what a file holds.

    The first data time is *begin* (Unix seconds); history, then live packets one second apart for
    each station. The same plan and second give the same bytes.
    """
    fleet = FieldStations(plan)
    fleet.report.counts.clear()
    for station in fleet.stations:
        station.owe_history(_history(plan.backfill_hours, now=begin))
        yield from station.told_history(at=begin)
    for number in range(int(plan.rate * plan.seconds)):
        at = begin + number / plan.rate
        yield from fleet.stations[number % plan.count].told("2011", int(at), at=at)


def _history(hours: float, *, now: float) -> Iterator[tuple[str, int]]:
    """Yield what a logger owes of the past hours, oldest first: ten minutes and hours."""
    last = int(now) // 600 * 600
    first = last - int(hours * 3600) // 600 * 600
    for second in range(first, last, 600):
        yield "2051", second
        if (second + 600) % 3600 == 0:
            yield "2061", second - 3000
