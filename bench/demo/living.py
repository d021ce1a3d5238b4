"""The demo city as a person starts it, and people in it: what the measurements share."""

from __future__ import annotations

import http.client
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlencode

from qingyuan.cities import read_city, shipped_city
from qingyuan.host.ports import free_port

PATIENCE_S = 180.0


def environment_of(folder: Path) -> dict[str, str]:
    """Return the environment of a city in *folder* on free ports, nothing of ours inherited."""
    ours = ("DATABASE_", "QINGYUAN_", "DJANGO_")
    kept = {k: v for k, v in os.environ.items() if not k.startswith(ours)}
    return kept | {
        "QINGYUAN_DATA": str(folder),
        "QINGYUAN_WEB": f"127.0.0.1:{free_port()}",
        "QINGYUAN_GATEWAY": f"127.0.0.1:{free_port()}",
    }


def staff(*roles: str) -> list[str]:
    """Return the usernames of the demo's people who hold one of *roles*."""
    people = read_city(shipped_city("demo")).people
    return [p.username for role in roles for p in people if role in p.roles]


@contextmanager
def demo(environment: Mapping[str, str], *, seed: int = 1) -> Iterator[float]:
    """Run ``qingyuan demo`` while the block runs; yield the seconds until it said it was ready."""
    began = time.monotonic()
    with subprocess.Popen(
        [sys.executable, "-m", "qingyuan.cli", "demo", "--seed", str(seed)],
        env=dict(environment), stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
    ) as city:  # fmt: skip
        assert city.stderr is not None  # asked for by PIPE
        try:
            said = []
            for line in city.stderr:
                said.append(line)
                if "is ready" in line:
                    break
            else:
                raise RuntimeError("the demo city did not start:\n" + "".join(said[-20:]))
            yield time.monotonic() - began
        finally:
            city.send_signal(signal.SIGINT)
            city.stderr.read()


@dataclass
class Answer:
    """What a page answered."""

    status: int
    text: str
    headers: Mapping[str, str]
    seconds: float


@dataclass
class Person:
    """Somebody signed in, with one connection kept open as a browser does."""

    address: str
    username: str
    cookies: dict[str, str] = field(default_factory=dict)
    _line: http.client.HTTPConnection | None = None

    def sign_in(self) -> Person:
        """Pick this person on the demo's page."""
        page = self.get("/demo/sign-in/")
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page.text)
        if token is None:
            raise RuntimeError(f"no sign-in page: {page.status}")
        self.post(
            "/demo/sign-in/", {"username": self.username, "csrfmiddlewaretoken": token.group(1)}
        )
        return self

    def get(self, path: str, **headers: str) -> Answer:
        """Ask for a page."""
        try:
            return self._ask("GET", path, None, headers)
        except (http.client.RemoteDisconnected, ConnectionError):  # it was kept open too long
            return self._ask("GET", path, None, headers)

    def post(self, path: str, form: Mapping[str, str]) -> Answer:
        """Send a form."""
        kind = "application/x-www-form-urlencoded"
        headers = {"Content-Type": kind, "Referer": f"http://{self.address}/"}
        return self._ask("POST", path, urlencode(form), headers)

    def _ask(self, method: str, path: str, body: str | None, headers: Mapping[str, str]) -> Answer:
        if self._line is None:
            self._line = http.client.HTTPConnection(self.address, timeout=60)
        cookies = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        began = time.perf_counter()
        try:
            self._line.request(method, path, body, {"Cookie": cookies, **headers})
            reply = self._line.getresponse()
            text = reply.read().decode("utf-8", "replace")
        except (http.client.HTTPException, OSError):
            self._line.close()
            self._line = None
            raise
        spent = time.perf_counter() - began
        for line in reply.headers.get_all("Set-Cookie") or ():
            name, _, rest = line.partition("=")
            self.cookies[name] = rest.partition(";")[0]
        return Answer(reply.status, text, dict(reply.headers), spent)


def figures(spent: list[float], *, unit: str = "ms") -> dict[str, float]:
    """Return median, p95, p99 and the longest, in *unit* (``ms`` or ``s``)."""
    times, digits = (1000, 1) if unit == "ms" else (1, 2)
    ordered = sorted(spent)
    return {
        "n": len(ordered),
        **{
            f"{name}_{unit}": round(at_share(ordered, share) * times, digits)
            for name, share in (("median", 0.5), ("p95", 0.95), ("p99", 0.99), ("longest", 1.0))
        },
    }


def at_share(ordered: list[float], share: float) -> float:
    """Return the value that *share* of the sorted values do not exceed (nearest rank)."""
    return ordered[max(0, -(-int(len(ordered) * share * 1000) // 1000) - 1)]
