"""What one gateway process bears: stations, connections, reconnects, back-fill.

    python bench/hj212/server.py [PHASE ...] [--seconds N] [--minutes N] [--stations N] [--rate R]

Phases: ``steady`` 5,000 stations and 2,000 packets a second of 20 factors; ``connections`` 10,000
connections with a packet each in 10 s; ``reconnect`` 5,000 stations that lost the link come back;
``backfill`` history poured while live data flows. Three processes: gateway, stations, and this one,
which counts in the store afterwards what was lost or stored twice. Prints one JSON object a phase.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import platform
import re
import resource
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from qingyuan import hj212
from qingyuan.gateway.devices import canonical_sha256

SERVE = """
import logging, sys
from datetime import UTC, datetime
from pathlib import Path
from qingyuan.gateway import main
logging.basicConfig(stream=sys.stderr, level=logging.INFO, format="%(message)s")
main(Path(sys.argv[1]), ("127.0.0.1", 0), lambda: datetime.now(UTC))
"""
HEADERS = ("QN", "ST", "CN", "PW", "MN", "Flag")


def mn_of(number: int) -> str:
    """Return the station's identity."""
    return f"A370299000000000{number:08d}"


class Pen:
    """Writes packets fast: the data areas are made once, times and numbers are put in."""

    def __init__(self, factors: int) -> None:
        self.factors = factors
        self.areas = [
            b";".join(
                b"w2%04d-Rtd=%d.%03d,w2%04d-Flag=N" % (n, (v * 7 + n) % 90, v * 13 % 1000, n)
                for n in range(factors)
            )
            for v in range(97)
        ]

    def packet(
        self, mn: bytes, at: datetime, number: int, cn: bytes = b"2011"
    ) -> tuple[bytes, bytes]:
        """Return QN and packet; *number* keeps request numbers of one station apart."""
        data = at.strftime("%Y%m%d%H%M%S").encode()
        qn = data + b"%03d" % (number % 1000)
        segment = b"QN=%b;ST=21;CN=%b;PW=123456;MN=%b;Flag=5;CP=&&DataTime=%b;%b&&" % (
            qn, cn, mn, data, self.areas[number % 97],
        )  # fmt: skip
        return qn, hj212.frame(segment)


class Station(asyncio.Protocol):
    """One connection: sends what it is told, notes how long each answer takes."""

    def __init__(self, number: int, waits: list[float]) -> None:
        self.number, self.mn, self.waits = number, mn_of(number).encode(), waits
        self.sent: dict[bytes, float] = {}
        self.answered = 0
        self.count = 0
        self.transport: asyncio.Transport | None = None
        self.rest = b""
        self.on_answer: Any = None
        self.offset = timedelta(seconds=0)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Take the socket."""
        self.transport = transport  # type: ignore[assignment]  # of a stream

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the socket."""
        self.transport = None

    def data_received(self, data: bytes) -> None:
        """Note which packets are answered."""
        now = time.monotonic()
        *lines, self.rest = (self.rest + data).split(b"\r\n")
        for line in lines:
            at = line.find(b"QN=")
            sent = self.sent.pop(line[at + 3 : at + 20], None)
            if sent is not None and b"CN=9014" in line:
                self.waits.append(now - sent)
                self.answered += 1
                if self.on_answer is not None:
                    self.on_answer(self)

    def send(self, pen: Pen, at: datetime, cn: bytes = b"2011") -> None:
        """Send the next packet."""
        if self.transport is None:
            return
        self.count += 1
        qn, raw = pen.packet(self.mn, at, self.count, cn)
        self.sent[qn] = time.monotonic()
        self.transport.write(raw)


def beijing() -> datetime:
    """Return the time as it is written on the wire."""
    return datetime.now(UTC) + timedelta(hours=8)  # noqa: TID251 -- a generator of load is an edge


async def connect(address: tuple[str, int], stations: list[Station], *, most: int = 200) -> None:
    """Connect all, some at a time."""
    loop = asyncio.get_running_loop()
    gate = asyncio.Semaphore(most)

    async def one(station: Station) -> None:
        async with gate:
            for _ in range(20):
                try:
                    await loop.create_connection(lambda: station, *address)
                except OSError:
                    await asyncio.sleep(0.2)
                else:
                    return

    await asyncio.gather(*(one(station) for station in stations))


async def flow(
    stations: list[Station], pen: Pen, rate: float, seconds: float, *, last: dict[int, int]
) -> float:
    """Send *rate* packets a second in turn; return how far behind the plan the sender ended."""
    began = time.monotonic()
    sent, at = 0, 0
    while (now := time.monotonic() - began) < seconds:
        due = int(now * rate)
        stamp = beijing()
        second = int(stamp.timestamp())
        while sent < due:
            station = stations[at % len(stations)]
            at += 1
            sent += 1
            # a station's times are seconds: two packets of one second would be one reading
            mine = max(second, last.get(station.number, 0) + 1)
            last[station.number] = mine
            station.send(pen, stamp + timedelta(seconds=mine - second))
        await asyncio.sleep(0.005)
    late = seconds * rate - sent
    await settled(stations)
    return late / rate


async def settled(stations: list[Station], *, patience: float = 60) -> None:
    """Wait until everything sent is answered, or not a single answer has come for *patience*."""
    end = time.monotonic() + patience
    before = -1
    while any(station.sent for station in stations) and time.monotonic() < end:
        answered = sum(station.answered for station in stations)
        if answered != before:
            before, end = answered, time.monotonic() + patience
        await asyncio.sleep(0.1)


def told(waits: list[float]) -> dict[str, float]:
    """Return the waits for a 9014 in milliseconds."""
    waits.sort()
    if not waits:
        return {}
    pick = {"median": 0.5, "p99": 0.99, "p999": 0.999}
    found = {
        f"wait_ms_{name}": round(waits[min(int(len(waits) * share), len(waits) - 1)] * 1000, 1)
        for name, share in pick.items()
    }
    within = sum(1 for wait in waits if wait <= 0.1) / len(waits)
    return found | {
        "wait_ms_max": round(waits[-1] * 1000, 1),
        "share_within_100_ms": round(within, 5),
    }


async def load(call: argparse.Namespace) -> dict[str, object]:
    """Be the stations of one phase."""
    address = ("127.0.0.1", call.port)
    waits: list[float] = []
    pen = Pen(call.factors)
    stations = [Station(number, waits) for number in range(call.stations)]
    began = time.monotonic()
    await connect(address, stations)
    result: dict[str, object] = {"seconds_to_connect": round(time.monotonic() - began, 1)}
    last: dict[int, int] = {}
    if call.phase == "reconnect":
        await flow(stations, pen, call.rate, 5, last=last)
        for station in stations:
            if station.transport is not None:
                station.transport.abort()
        await asyncio.sleep(1)
        began = time.monotonic()
        waits.clear()

        async def back(station: Station) -> None:
            await asyncio.sleep(station.number / len(stations) * call.spread)
            await connect(address, [station])
            mine = max(int(beijing().timestamp()), last.get(station.number, 0) + 1)
            station.send(pen, datetime.fromtimestamp(mine, UTC))

        await asyncio.gather(*(back(station) for station in stations))
        await settled(stations)
        result["seconds_until_all_answered"] = round(time.monotonic() - began, 1)
    elif call.phase == "backfill":
        live, pouring = stations[: call.live], stations[call.live :]
        poured: list[float] = []
        start = beijing() - timedelta(days=2)
        start -= timedelta(seconds=start.second)
        left = call.history

        def go_on(station: Station) -> None:
            nonlocal left
            if left > 0:
                left -= 1
                station.offset += timedelta(minutes=1)
                station.send(pen, start + station.offset, b"2051")

        for station in pouring:
            station.waits = poured
            station.on_answer = go_on
        for _ in range(20):  # what a logger sends ahead of the answers
            for station in pouring:
                go_on(station)
        began = time.monotonic()
        late = 0.0
        while left > 0 or any(station.sent for station in pouring):
            late += await flow_some(live, pen, call.rate, 2.0, last)
            if time.monotonic() - began > call.seconds:
                left = 0
        seconds = time.monotonic() - began
        await settled(stations)
        result |= {
            "history_answered": sum(station.answered for station in pouring),
            "history_answered_per_s": round(sum(s.answered for s in pouring) / seconds),
            "seconds": round(seconds, 1),
        }
    else:
        late = await flow(stations, pen, call.rate, call.seconds, last=last)
        result["generator_late_s"] = round(late, 2)
    sent = sum(station.count for station in stations)
    answered = sum(station.answered for station in stations)
    return result | {"sent": sent, "answered": answered} | told(waits)


async def flow_some(
    stations: list[Station], pen: Pen, rate: float, seconds: float, last: dict[int, int]
) -> float:
    """As `flow`, without waiting for the answers."""
    began = time.monotonic()
    sent = 0
    order = list(stations)
    while (now := time.monotonic() - began) < seconds:
        stamp = beijing()
        second = int(stamp.timestamp())
        while sent < int(now * rate):
            station = order[(last.get(-1, 0) + sent) % len(order)]
            sent += 1
            mine = max(second, last.get(station.number, 0) + 1)
            last[station.number] = mine
            station.send(pen, stamp + timedelta(seconds=mine - second))
        await asyncio.sleep(0.005)
    last[-1] = last.get(-1, 0) + sent
    return 0.0


@contextmanager
def gateway(folder: Path) -> Iterator[tuple[subprocess.Popen[str], int]]:
    """Run a gateway; yield it and its port; it is stopped and has committed at the end."""
    log = (folder / "gateway.log").open("w+")
    child = subprocess.Popen([sys.executable, "-c", SERVE, str(folder)], stderr=log, text=True)
    try:
        while not (found := re.search(r"port=(\d+)", (folder / "gateway.log").read_text())):
            assert child.poll() is None, (folder / "gateway.log").read_text()
            time.sleep(0.05)
        yield child, int(found[1])
    finally:
        child.send_signal(signal.SIGTERM)
        child.wait(300)
        log.close()


def figures_of(child: subprocess.Popen[str]) -> dict[str, object]:
    """Return memory and processor time of the gateway."""
    status = Path(f"/proc/{child.pid}/status")
    if not status.exists():
        return {}
    text = status.read_text()
    peak = int(re.search(r"VmHWM:\s+(\d+)", text)[1])  # type: ignore[index]  # Linux has it
    fields = Path(f"/proc/{child.pid}/stat").read_text().rpartition(")")[2].split()
    ticks = os.sysconf("SC_CLK_TCK")
    return {
        "gateway_peak_mb": peak // 1024,
        "gateway_cpu_s": round((int(fields[11]) + int(fields[12])) / ticks, 1),
    }


def count(folder: Path, factors: int) -> dict[str, object]:
    """Count in the store what came through, and how long after its receipt it was there."""
    import pyarrow as pa
    import pyarrow.compute as pc

    from qingyuan.store.observations import Observations

    table = Observations(folder / "store").table
    rows = 0
    keys: list[pa.Table] = []
    lags: list[float] = []
    for file in table.added(0, upto=table.version()):
        entry = table.path / "_delta_log" / f"{file.version:020d}.json"
        read = table.place.parquet(file.path).read(
            columns=["mn", "time", "cn", "factor", "received_at"]
        )
        rows += read.num_rows
        read = read.filter(pc.equal(read["factor"], "w20000"))
        keys.append(read.select(["mn", "time", "cn"]))
        live = read.filter(pc.equal(read["cn"], "2011"))["received_at"].cast(pa.int64()).to_numpy()
        lags += (entry.stat().st_mtime - live / 1e6).tolist()
    packets = pa.concat_tables(keys)
    once = packets.group_by(["mn", "time", "cn"]).aggregate([]).num_rows
    lags.sort()
    return {
        "packets_stored": packets.num_rows,
        "packets_doubled": packets.num_rows - once,
        "rows_stored": rows,
        "rows_missing": packets.num_rows * factors - rows,
        "live_lag_s_median": round(lags[len(lags) // 2], 2),
        "live_lag_s_p99": round(lags[int(len(lags) * 0.99)], 2),
        "live_lag_s_max": round(lags[-1], 2),
    }


def run(phase: str, call: argparse.Namespace) -> dict[str, object]:
    """Run one phase in a folder of its own."""
    settings = PHASES[phase] | {k: v for k, v in vars(call).items() if v is not None}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        devices = [
            {"mn": mn_of(n), "station": f"section:B{n}", "password": "123456", "backfill": "off"}
            for n in range(int(settings["stations"]))
        ]
        (folder / "devices.json").write_text(
            json.dumps({"devices": devices, "sha256": canonical_sha256(devices)}), "utf-8"
        )
        with gateway(folder) as (child, port):
            words = [f"--{k}={settings[k]}" for k in OPTIONS if k in settings]
            done = subprocess.run(
                [sys.executable, __file__, phase, f"--port={port}", *words],
                stdout=subprocess.PIPE, text=True, check=True,
            )  # fmt: skip
            result: dict[str, Any] = json.loads(done.stdout)
            result |= figures_of(child)
            stopping = time.monotonic()
        result["seconds_to_commit_the_rest"] = round(time.monotonic() - stopping, 2)
        stored = count(folder, int(settings["factors"]))
        result |= stored | {"packets_lost": result["answered"] - stored["packets_stored"]}
        shown = {k: settings[k] for k in OPTIONS if k in settings}
    machine = f"{platform.machine()} {platform.system()}, {os.cpu_count()} cores"
    load_average = os.getloadavg()[0]
    return {"phase": phase} | shown | result | {"machine": machine, "load": load_average}


PHASES: dict[str, dict[str, float]] = {
    "steady": {"stations": 5000, "rate": 2000, "factors": 20, "seconds": 60},
    "connections": {"stations": 10000, "rate": 1000, "factors": 5, "seconds": 60},
    "reconnect": {"stations": 5000, "rate": 500, "factors": 5, "spread": 30},
    "backfill": {
        "stations": 700, "live": 500, "rate": 100, "factors": 5, "history": 200_000, "seconds": 120,
    },
}  # fmt: skip
OPTIONS = ("stations", "rate", "factors", "seconds", "spread", "live", "history")


def main() -> None:
    """Run the phases that are named, or all."""
    parser = argparse.ArgumentParser()
    parser.add_argument("phases", nargs="*", metavar="PHASE", choices=[*PHASES, []])
    parser.add_argument("--port", type=int)
    parser.add_argument("--minutes", type=float)
    for name in OPTIONS:
        kind = float if name in ("rate", "seconds", "spread") else int
        parser.add_argument(f"--{name}", type=kind)
    call = parser.parse_args()
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    if call.port is not None:
        call.phase = call.phases[0]
        print(json.dumps(asyncio.run(load(call))))
        return
    if call.minutes is not None:
        call.seconds = call.minutes * 60
    for phase in call.phases or list(PHASES):
        print(json.dumps(run(phase, call)), flush=True)


if __name__ == "__main__":
    main()
