"""A four-node demo city with its real processes, to be struck and watched recover."""

from __future__ import annotations

import http.client
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import psycopg

from qingyuan import hj212
from qingyuan.cities import Device, read_city, shipped_city
from qingyuan.host.citytime import CityClock
from qingyuan.host.folder import DataFolder
from qingyuan.host.ports import free_port
from qingyuan.host.postgres import Postgres
from qingyuan.host.processes import command_of
from qingyuan.store.observations import Observations

PATIENCE_S = 90.0


def eventually(look: Callable[[], Any], *, what: str, seconds: float = PATIENCE_S) -> Any:
    """Look again until there is an answer; a connection refused meanwhile is no answer."""
    end = time.monotonic() + seconds
    last: object = None
    while time.monotonic() < end:
        try:
            last = look()
        except (OSError, http.client.HTTPException, psycopg.Error) as fault:
            last = fault
        else:
            if last:
                return last
        time.sleep(0.2)
    raise AssertionError(f"waited {seconds:.0f} s in vain for {what}; last saw {last!r}")


def bare_environment(folder: Path) -> dict[str, str]:
    """Return an environment for a city in *folder* on free ports."""
    ours = ("DATABASE_", "QINGYUAN_", "DJANGO_", "PYTEST_")
    kept = {k: v for k, v in os.environ.items() if not k.startswith(ours)}
    return kept | {
        "QINGYUAN_DATA": str(folder),
        "QINGYUAN_WEB": f"127.0.0.1:{free_port()}",
        "QINGYUAN_GATEWAY": f"127.0.0.1:{free_port()}",
    }


@dataclass
class Page:
    """What was answered."""

    status: int
    text: str


@dataclass
class Visitor:
    """A person with cookies."""

    address: str
    cookies: dict[str, str] = field(default_factory=dict)

    def ask(self, path: str, form: Mapping[str, str] | None = None) -> Page:
        """Ask for a page, or send a form with the token of the session."""
        line = http.client.HTTPConnection(self.address, timeout=30)
        headers = {"Cookie": "; ".join(f"{n}={v}" for n, v in self.cookies.items())}
        body = None
        if form is not None:
            token = {"csrfmiddlewaretoken": self.cookies.get("qycsrf", "")}
            body = urlencode({**form, **token})
            headers |= {
                "Content-Type": "application/x-www-form-urlencoded",
                "Referer": f"http://{self.address}/",
            }
        try:
            line.request("GET" if form is None else "POST", path, body, headers)
            reply = line.getresponse()
            text = reply.read().decode("utf-8", "replace")
            for cookie in reply.headers.get_all("Set-Cookie") or ():
                name, _, rest = cookie.partition("=")
                self.cookies[name] = rest.partition(";")[0]
            return Page(reply.status, text)
        finally:
            line.close()


class LivingCity:
    """A demo city that runs, seen from outside."""

    def __init__(self, environment: dict[str, str]) -> None:
        self.environment = environment
        self.folder = DataFolder(environment["QINGYUAN_DATA"])
        self.clock = CityClock(self.folder)
        self.process: subprocess.Popen[str] | None = None
        self.said: list[str] = []

    # -- its life ----------------------------------------------------------------------------

    def start(self) -> None:
        """Start it and wait until it says it is ready."""
        self.process = subprocess.Popen(
            [sys.executable, "-m", "qingyuan.cli", "demo", "--size", "four-nodes"],
            env=self.environment, stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
            start_new_session=True,
        )  # fmt: skip
        assert self.process.stderr is not None
        self.said = []
        for line in self.process.stderr:
            self.said.append(line)
            if "is ready" in line:
                # read on, or a full pipe would hold the city up
                threading.Thread(target=self._listen, daemon=True).start()
                return
        raise AssertionError("the city did not start:\n" + "".join(self.said))

    def _listen(self) -> None:
        assert self.process is not None
        assert self.process.stderr is not None
        for line in self.process.stderr:
            self.said.append(line)

    def stop(self) -> int:
        """Press Ctrl-C and return its exit code."""
        assert self.process is not None
        self.process.send_signal(signal.SIGINT)
        code = self.process.wait(60)
        assert self.process.stderr is not None
        self.process.stderr.close()
        self.process = None
        return code

    def pids(self, what: str) -> list[int]:
        """Return the processes under this city whose command holds *what*."""
        assert self.process is not None
        parents = {int(p.name): _parent(p) for p in Path("/proc").glob("[0-9]*")}

        def ours(pid: int) -> bool:
            while pid > 1:
                if pid == self.process.pid:
                    return True
                pid = parents.get(pid, 0)
            return False

        return [p for p in parents if p != self.process.pid and ours(p) and what in command_of(p)]

    def kill(self, what: str) -> None:
        """Kill -9 every process whose command holds *what*."""
        found = self.pids(what)
        assert found, f"no process {what}"
        for pid in found:
            os.kill(pid, signal.SIGKILL)

    def left_behind(self) -> list[str]:
        """Return the commands of any process that still speaks of the folder."""
        commands = (command_of(int(p.name)) for p in Path("/proc").glob("[0-9]*"))
        return [c for c in commands if str(self.folder.path) in c and "pytest" not in c]

    # -- its front doors ---------------------------------------------------------------------

    def signed_in(self, username: str) -> Visitor:
        """Return a person signed in by the demo's page."""
        visitor = Visitor(self.environment["QINGYUAN_WEB"])
        visitor.ask("/demo/sign-in/")
        answer = visitor.ask("/demo/sign-in/", {"username": username})
        assert answer.status == 302, answer.text[:400]
        return visitor

    def device(self, station: str) -> Device:
        """Return the registered device of a station."""
        city = read_city(shipped_city("four_nodes"))
        return next(d for d in city.devices if d.station == station)

    def send(self, factor: str, *texts: str, station: str = "section:S1") -> list[str]:
        """Send one packet a value, a minute apart and the last one now; wait for each 9014.

        Returns
        -------
        list of str
            The request numbers (QN) that were acknowledged.
        """
        device, answered = self.device(station), []
        host, _, port = self.environment["QINGYUAN_GATEWAY"].rpartition(":")
        with socket.create_connection((host, int(port)), timeout=30) as link:
            for back, text in zip(reversed(range(len(texts))), texts, strict=True):
                at = self.clock.now().replace(microsecond=0) - timedelta(minutes=back)
                raw = hj212.upload(
                    cn="2011", mn=device.mn, st=device.st, pw=device.password, qn=at,
                    data_time=at, values={factor: {"Rtd": text, "Flag": "N"}},
                )  # fmt: skip
                link.sendall(raw)
                reply = b""
                while b"\r\n" not in reply:
                    piece = link.recv(4096)
                    assert piece, "the gateway closed the connection"
                    reply += piece
                assert b"CN=9014" in reply
                answered.append(hj212.parse(raw).qn)
        return answered

    # -- its books ---------------------------------------------------------------------------

    def ask(self, question: str, *values: object) -> Any:
        """Return the first column of the first row of a question to the database."""
        with psycopg.connect(Postgres(self.folder).urls.app, autocommit=True) as app:
            row = app.execute(question, values).fetchone()
            return row and row[0]

    @contextmanager
    def no_writes_to(self, table: str) -> Iterator[Callable[[], bool]]:
        """Hold up whoever writes to *table*; yield a look whether somebody waits."""
        urls = Postgres(self.folder).urls
        with psycopg.connect(urls.owner) as holder:
            holder.execute(f"lock table {table} in share mode")
            waiting = (
                "select count(*) > 0 from pg_locks where not granted and relation = %s::regclass"
            )
            yield lambda: self.ask(waiting, table)
            holder.rollback()

    def stored(self, qns: list[str]) -> dict[str, int]:
        """Return how often each packet's value lies in the store."""
        rows = Observations(self.folder.store).table.read(columns=("qn",))
        found = rows.column("qn").to_pylist()
        return {qn: found.count(qn) for qn in qns}

    def audit_is_whole(self) -> bool:
        """Whether ``qingyuan audit verify`` finds no break."""
        done = subprocess.run(
            [sys.executable, "-m", "qingyuan.cli", "audit", "verify"],
            env=self.environment, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode in (0, 1), done.stderr
        return done.returncode == 0

    def answers(self) -> bool:
        """Whether the pages are there."""
        page = Visitor(self.environment["QINGYUAN_WEB"]).ask("/health")
        return page.status == 200

    def token(self, text: str) -> str:
        """Return the form token in a page."""
        found = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', text)
        assert found, text[:300]
        return found[1]


def _parent(process: Path) -> int:
    try:
        return int((process / "stat").read_text("utf-8", "replace").rpartition(") ")[2].split()[1])
    except (OSError, IndexError, ValueError):
        return 0
