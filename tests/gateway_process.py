"""A gateway in a process of its own, and a device that sends again until it is answered."""

from __future__ import annotations

import contextlib
import re
import socket
import subprocess
import sys
import threading
from pathlib import Path

from gateway_station import MN, packet
from qingyuan import hj212

_SERVE = """
import logging, sys
from datetime import UTC, datetime
from pathlib import Path
from qingyuan.gateway import main
logging.basicConfig(stream=sys.stderr, level=logging.INFO, format="%(message)s")
main(Path(sys.argv[1]), ("127.0.0.1", 0), lambda: datetime(2026, 9, 22, tzinfo=UTC))
"""


class GatewayProcess:
    """A gateway in a process of its own, on a port the system chose."""

    def __init__(self, folder: Path) -> None:
        self.child = subprocess.Popen(
            [sys.executable, "-c", _SERVE, str(folder)], stderr=subprocess.PIPE, text=True
        )
        self.wait_for(r"gateway_listening host=(\S+) port=(\d+)")
        self.address = (self.found[1], int(self.found[2]))

    def wait_for(self, pattern: str) -> None:
        """Read its log until *pattern* is said."""
        assert self.child.stderr is not None
        patience = threading.Timer(30, self.child.kill)  # a wait for nothing ends
        patience.start()
        try:
            self._read_until(pattern)
        finally:
            patience.cancel()

    def _read_until(self, pattern: str) -> None:
        assert self.child.stderr is not None
        for line in self.child.stderr:
            if found := re.search(pattern, line):
                self.found = found
                return
        raise AssertionError(f"the gateway ended and never said {pattern}")

    def end(self) -> int:
        """Wait until it has ended."""
        code = self.child.wait(30)
        assert self.child.stderr is not None
        self.child.stderr.close()
        return code


class Device:
    """Sends numbered packets, a few ahead of the answers, and sends again what was not answered."""

    def __init__(self, mn: str = MN) -> None:
        self.mn = mn
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
                link.sendall(packet(self.numbers[qn], mn=self.mn))
            while len(self.acknowledged) < until:
                while len(self.numbers) - len(self.acknowledged) < 8:
                    raw = packet(self.next, mn=self.mn)
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
