"""kill -9 at any moment: what was acknowledged is stored, and stored once."""

from __future__ import annotations

import contextlib
import random
import re
import signal
import socket
import subprocess
import sys
import threading
from collections import Counter
from pathlib import Path

from gateway_station import device, packet, publish
from qingyuan import hj212
from qingyuan.store.journal import read_segment, segments
from qingyuan.store.observations import Observations
from qingyuan.store.quarantine import Quarantine

KILLS = 6
_SERVE = """
import logging, sys
from datetime import UTC, datetime
from pathlib import Path
from qingyuan.gateway import main
logging.basicConfig(stream=sys.stderr, level=logging.INFO, format="%(message)s")
main(Path(sys.argv[1]), ("127.0.0.1", 0), lambda: datetime(2026, 9, 22, tzinfo=UTC))
"""


class Process:
    """A gateway in a process of its own, on a port the system chose."""

    def __init__(self, folder: Path) -> None:
        self.child = subprocess.Popen(
            [sys.executable, "-c", _SERVE, str(folder)], stderr=subprocess.PIPE, text=True
        )
        assert self.child.stderr is not None
        for line in self.child.stderr:
            if found := re.search(r"gateway_listening host=(\S+) port=(\d+)", line):
                self.address = (found[1], int(found[2]))
                return
        raise AssertionError("the gateway did not start")

    def end(self) -> int:
        code = self.child.wait(20)
        assert self.child.stderr is not None
        self.child.stderr.close()
        return code


class Device:
    """Sends numbered packets, a few ahead of the answers, and sends again what was not answered."""

    def __init__(self) -> None:
        self.acknowledged: set[str] = set()
        self.numbers: dict[str, int] = {}
        self.next = 0

    def talk(self, address: tuple[str, int], *, until: int = 1 << 30) -> None:
        """Send and hear until *until* packets are acknowledged or the other side is gone."""
        framer = hj212.Framer()
        with (
            contextlib.suppress(ConnectionError),
            socket.create_connection(address, timeout=5) as link,
        ):
            for qn in sorted(set(self.numbers) - self.acknowledged):
                link.sendall(packet(self.numbers[qn]))
            while len(self.acknowledged) < until:
                while len(self.numbers) - len(self.acknowledged) < 8:
                    raw = packet(self.next)
                    self.numbers[hj212.parse(raw).qn] = self.next
                    self.next += 1
                    half = len(raw) // 2
                    link.sendall(raw[:half])
                    link.sendall(raw[half:] + (b"noise\r\n" if self.next % 50 == 0 else b""))
                data = link.recv(4096)
                if not data:
                    return
                answers = [hj212.parse(event) for event in framer.feed(data)]
                self.acknowledged |= {answer.qn for answer in answers if answer.cn == "9014"}


def test_killed_again_and_again_nothing_acknowledged_is_lost_or_doubled(tmp_path: Path):
    chance = random.Random(20260922)
    publish(tmp_path, device())
    station = Device()
    for _ in range(KILLS):
        process = Process(tmp_path)
        killer = threading.Timer(chance.uniform(0.05, 1.0), process.child.kill)
        killer.start()
        station.talk(process.address)  # killed in the middle of it
        killer.join()
        assert process.end() == -signal.SIGKILL
    process = Process(tmp_path)
    station.talk(process.address, until=len(station.acknowledged) + 20)
    process.child.terminate()
    assert process.end() == 0

    assert len(station.acknowledged) > 50
    kept = {
        hj212.parse(record.raw).qn
        for number in segments(tmp_path / "journal")
        for record in read_segment(tmp_path / "journal", number)
    }
    assert station.acknowledged <= kept
    rows = Observations(tmp_path / "store").since(0).to_pylist()
    count = Counter(str(row["qn"]) for row in rows)
    assert station.acknowledged <= set(count)
    assert set(count.values()) == {1}
    for row in rows:
        assert row["text"] == f"0.{station.numbers[str(row['qn'])]:03d}"
    places = Counter(
        (row["segment"], row["offset"]) for row in Quarantine(tmp_path / "store").recent(100_000)
    )
    assert not places or set(places.values()) == {1}
