"""kill -9 at any moment, again and again: nothing acknowledged is lost, nothing is stored twice.

    python bench/hj212/kills.py [KILLS] [SEED]

Two gateways on one folder, four devices that send again what was not answered; one gateway or both
are killed at random. What a killed one leaves is committed by the other, or by the next. Prints one
JSON object; ends with 1 when anything was lost or doubled.
"""

from __future__ import annotations

import contextlib
import json
import os
import platform
import random
import re
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path

from qingyuan import hj212
from qingyuan.gateway.devices import canonical_sha256

SERVE = """
import logging, sys
from datetime import UTC, datetime
from pathlib import Path
from qingyuan.gateway import main
logging.basicConfig(stream=sys.stderr, level=logging.INFO, format="%(message)s")
main(Path(sys.argv[1]), ("127.0.0.1", 0), lambda: datetime(2026, 9, 22, tzinfo=UTC))
"""
START = datetime(2026, 9, 1, tzinfo=UTC)


class Process:
    """A gateway on a port the system chose."""

    def __init__(self, folder: Path) -> None:
        log = folder / f"gateway-{time.monotonic_ns()}.log"
        with log.open("w") as out:
            self.child = subprocess.Popen([sys.executable, "-c", SERVE, str(folder)], stderr=out)
        while not (found := re.search(r"port=(\d+)", log.read_text())):
            if self.child.poll() is not None:
                raise RuntimeError(log.read_text())
            time.sleep(0.02)
        self.address = ("127.0.0.1", int(found[1]))

    @property
    def runs(self) -> bool:
        """Whether it is still there."""
        return self.child.poll() is None

    def end(self, number: signal.Signals) -> None:
        """End it by a signal."""
        self.child.send_signal(number)
        self.child.wait(120)


class Station(threading.Thread):
    """A device that never gives up: connects to any gateway, sends, sends again."""

    def __init__(self, mn: str, gateways: list[Process], seed: int) -> None:
        super().__init__(daemon=True)
        self.mn, self.gateways = mn, gateways
        self.chance = random.Random(seed)
        self.sent: dict[str, int] = {}
        self.acknowledged: set[str] = set()
        self.stop = threading.Event()

    def run(self) -> None:
        """Talk until told to stop."""
        while not self.stop.is_set():
            gateway = self.chance.choice(self.gateways)
            with contextlib.suppress(OSError), socket.create_connection(
                gateway.address, timeout=2
            ) as link:  # fmt: skip
                self._talk(link)
            time.sleep(0.02)

    def _talk(self, link: socket.socket) -> None:
        framer = hj212.Framer()
        for qn in sorted(set(self.sent) - self.acknowledged):
            link.sendall(self._packet(self.sent[qn])[1])
        while not self.stop.is_set():
            while len(self.sent) - len(self.acknowledged) < 8:
                number = len(self.sent)
                qn, raw = self._packet(number)
                self.sent[qn] = number
                cut = self.chance.randrange(len(raw))
                link.sendall(raw[:cut])
                link.sendall(raw[cut:])
            data = link.recv(65536)
            if not data:
                return
            answers = [hj212.parse(event) for event in framer.feed(data)]
            self.acknowledged |= {one.qn for one in answers if one.cn == "9014"}

    def _packet(self, number: int) -> tuple[str, bytes]:
        at = START + timedelta(seconds=number)
        values = {"w21003": {"Rtd": f"{number}", "Flag": "N"}, "w01018": {"Rtd": f"{number}.5"}}
        raw = hj212.upload(
            cn="2011", mn=self.mn, st="21", pw="123456", qn=at, data_time=at, values=values
        )  # fmt: skip
        return hj212.qn_of(at), raw


def main() -> int:
    """Kill, count, tell."""
    kills = int(sys.argv[1]) if len(sys.argv) > 1 else 200
    seed = int(sys.argv[2]) if len(sys.argv) > 2 else 1
    chance = random.Random(seed)
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        mns = [f"A37029900000000000{n:06d}" for n in range(4)]
        devices = [
            {"mn": mn, "station": f"section:{mn[-3:]}", "password": "123456", "backfill": "off",
             "max_per_s": 100_000}
            for mn in mns
        ]  # fmt: skip
        (folder / "devices.json").write_text(
            json.dumps({"devices": devices, "sha256": canonical_sha256(devices)}), "utf-8"
        )
        gateways = [Process(folder), Process(folder)]
        stations = [Station(mn, gateways, seed + n) for n, mn in enumerate(mns)]
        for station in stations:
            station.start()
        done = 0
        while done < kills:
            time.sleep(chance.uniform(0.02, 1.2))
            for which in chance.choice([[0], [1], [0, 1]]):
                gateways[which].end(signal.SIGKILL)
                done += 1
            for which, gateway in enumerate(gateways):
                if not gateway.runs:
                    gateways[which] = Process(folder)
        time.sleep(2)
        for station in stations:
            station.stop.set()
        for station in stations:
            station.join(10)
        for gateway in gateways:
            gateway.end(signal.SIGTERM)
        result = count(folder, stations)
    machine = f"{platform.machine()} {platform.system()}, {os.cpu_count()} cores"
    result |= {"kills": done, "seed": seed, "seconds": round(time.monotonic() - began)}
    print(json.dumps(result | {"machine": machine, "load": os.getloadavg()[0]}))
    return 1 if result["lost"] or result["doubled"] or result["wrong"] else 0


def count(folder: Path, stations: list[Station]) -> dict[str, int]:
    """Compare what was acknowledged with what is stored."""
    from qingyuan.store.observations import Observations

    rows = Observations(folder / "store").since(0).select(["mn", "qn", "factor", "text"])
    found = Counter((r["mn"], r["qn"], r["factor"]) for r in rows.to_pylist())
    wanted = {
        (station.mn, qn, factor)
        for station in stations
        for qn in station.acknowledged
        for factor in ("w21003", "w01018")
    }
    texts = {(r["mn"], r["qn"]): r["text"] for r in rows.to_pylist() if r["factor"] == "w21003"}
    right = {(s.mn, qn): str(number) for s in stations for qn, number in s.sent.items()}
    return {
        "acknowledged": sum(len(station.acknowledged) for station in stations),
        "lost": len(wanted - found.keys()),
        "doubled": sum(1 for many in found.values() if many > 1),
        "wrong": sum(1 for key, text in texts.items() if right.get(key) != text),
    }


if __name__ == "__main__":
    sys.exit(main())
