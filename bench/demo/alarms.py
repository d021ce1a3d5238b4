"""From an accepted packet to the alarm console: a station beyond its limit, a duty officer watching.

Packets go through the gateway as a station's do (HJ 212-2017, 9014 waited for); the officer's
console is asked every three seconds, as the page asks by itself. The clock starts when the packet
that makes the exceedance lasting was acknowledged, and stops when the console shows the row.
Factors are used that the city's own stations do not send, so that nothing else raises them.
"""

from __future__ import annotations

import random
import socket
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from itertools import product
from pathlib import Path

from living import Person, figures, staff

from qingyuan import hj212
from qingyuan.cities import Device, read_city, shipped_city
from qingyuan.host.citytime import CityClock

GOAL_P99_S = 10.0
POLL_S = 3.0  # frontend/src/live.ts: every="3"
PATIENCE_S = 45.0
# factor → (what the console calls it, a value ten times the class Ⅲ limit, an ordinary one)
FACTORS = {
    "w20123": ("锌", "10.0", "0.02"),
    "w20122": ("铜", "10.0", "0.01"),
    "w22001": ("石油类", "0.5", "0.01"),
    "w21019": ("硫化物", "2.0", "0.01"),
}


@dataclass
class Station:
    """A monitored section that sends, with its own connection."""

    device: Device
    name: str
    address: tuple[str, int]

    def send(self, values: list[tuple[str, str]], *, clock: CityClock, ago: timedelta) -> float:
        """Send one real-time packet, wait for the acknowledgement, return when it came."""
        at = (clock.now() - ago).replace(microsecond=0)
        raw = hj212.upload(
            cn="2011", mn=self.device.mn, st=self.device.st, pw=self.device.password, qn=at,
            data_time=at, values={code: {"Rtd": text, "Flag": "N"} for code, text in values},
        )  # fmt: skip
        with socket.create_connection(self.address, timeout=20) as link:
            link.sendall(raw)
            answer = b""
            while b"CN=9014" not in answer:
                piece = link.recv(4096)
                if not piece:
                    raise RuntimeError("the gateway closed the connection without an answer")
                answer += piece
        return time.monotonic()


class Console(threading.Thread):
    """The open page of a duty officer: asks every three seconds, notes when a row is first seen."""

    def __init__(self, officer: Person) -> None:
        super().__init__(daemon=True)
        self._officer = officer
        self._closed = threading.Event()
        self.seen: dict[str, float] = {}
        self.polls: list[float] = []

    def run(self) -> None:
        """Poll until told to stop."""
        since = ""
        while not self._closed.wait(POLL_S):
            answer = self._officer.get(
                f"/signals/live/?state=all&kind=exceedance&since={since}",
                **{"X-Qingyuan-Live": "1"},
            )
            now = time.monotonic()
            self.polls.append(answer.seconds)
            since = answer.headers.get("X-Live-Since", since)
            for row in answer.text.split("<tr")[1:]:
                for station, factor in self.wanted(row):
                    self.seen.setdefault(f"{station} {factor}", now)

    def wanted(self, row: str) -> Iterator[tuple[str, str]]:
        """Yield the pairs of station and factor this row of the console is about."""
        for name, (label, _, _) in product(self.names, FACTORS.values()):
            if f">{name}</a>" in row and f">{label}</td>" in row:
                yield name, label

    def stop(self) -> None:
        """Close the page."""
        self._closed.set()
        self.join()

    names: tuple[str, ...] = ()


def stations(gateway: str) -> list[Station]:
    """Return every section station of the demo city."""
    city = read_city(shipped_city("demo"))
    host, _, port = gateway.rpartition(":")
    names = {f"section:{s.section_id}": s.name for s in city.sections}
    return [
        Station(device, names[device.station], (host, int(port)))
        for device in city.devices
        if device.station in names and not set(FACTORS) & set(device.factors)
    ]


def measure(environment: dict[str, str], *, alarms: int = 40) -> dict[str, object]:
    """Raise *alarms* alarms one after another and say how long each took to be seen."""
    chance = random.Random(1)
    clock = CityClock(Path(environment["QINGYUAN_DATA"]))
    officer = Person(environment["QINGYUAN_WEB"], staff("duty_officer")[0]).sign_in()
    found = stations(environment["QINGYUAN_GATEWAY"])
    pairs = [(s, f) for f in FACTORS for s in chance.sample(found, len(found))][:alarms]
    console = Console(officer)
    console.names = tuple(s.name for s in found)
    console.start()
    sent: dict[str, float] = {}
    acknowledged: list[float] = []
    for station, factor in pairs:
        label, beyond, ordinary = FACTORS[factor]
        station.send([(factor, ordinary)], clock=clock, ago=timedelta(minutes=2))
        station.send([(factor, beyond)], clock=clock, ago=timedelta(minutes=1))
        began = time.monotonic()
        sent[f"{station.name} {label}"] = station.send(
            [(factor, beyond)], clock=clock, ago=timedelta(0)
        )
        acknowledged.append(time.monotonic() - began)
        time.sleep(chance.uniform(1.0, 4.0))  # no step with the console's own three seconds
    end = time.monotonic() + PATIENCE_S
    while len(console.seen.keys() & sent.keys()) < len(sent) and time.monotonic() < end:
        time.sleep(0.2)
    console.stop()
    waits = [console.seen[key] - at for key, at in sent.items() if key in console.seen]
    told = figures(waits, unit="s") if waits else {"n": 0}
    return (_why(environment) if len(waits) < len(sent) else {}) | {
        "alarms": len(sent),
        "never_seen": len(sent) - len(waits),
        "packet_to_screen": told,
        "goal_p99_s": GOAL_P99_S,
        "meets_goal": len(waits) == len(sent) and float(told["p99_s"]) <= GOAL_P99_S,
        "packet_to_acknowledgement": figures(acknowledged),
        "console_answers": figures(console.polls),
        "console_asks_every_s": POLL_S,
        "mean_wait_for_the_next_look_s": POLL_S / 2,
    }


def _why(environment: dict[str, str]) -> dict[str, object]:
    """Return the last words of the worker, when alarms were not seen."""
    log = Path(environment["QINGYUAN_DATA"]) / "logs" / "worker.log"
    lines = log.read_text("utf-8", "replace").splitlines() if log.exists() else []
    return {"worker_log": lines[-12:]}
