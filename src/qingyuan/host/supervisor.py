"""The supervisor (进程看护): starts the platform's processes by command and keeps them running.

It imports none of them. Each child leads its own process group and writes to its own log; a child
that ends is started again after a growing pause. On Ctrl-C or SIGTERM everything is stopped in
reverse order; on Linux the kernel stops the children when the supervisor itself is killed (more
exactly when the thread that started them ends, so use it from a thread that outlives them).
"""

from __future__ import annotations

import http.client
import os
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from types import FrameType, TracebackType
from typing import Self

from qingyuan.core.problems import Problem
from qingyuan.host.folder import DataFolder
from qingyuan.host.logs import RotatingLog, follow, tail_of
from qingyuan.host.processes import die_with_parent
from qingyuan.host.settings import Address

__all__ = ["Program", "Supervisor"]

_FIRST_PAUSE = 0.5
_LONGEST_PAUSE = 30.0
_STEADY_SECONDS = 60.0  # a child that lived this long starts again at once
_BEGINNING_SECONDS = 1.0
_TRIES_BEFORE_READY = 4
_TICK = 0.2


@dataclass(frozen=True, slots=True)
class Program:
    """One process to keep running: its name, its command, and what its environment adds."""

    name: str
    command: tuple[str, ...]
    environment: Mapping[str, str] = field(default_factory=dict, repr=False)
    stop_seconds: float = 10.0


class _Child:
    """One program and its current process."""

    def __init__(self, program: Program, folder: DataFolder) -> None:
        self.program = program
        self.log = RotatingLog(folder.logs / f"{program.name}.log")
        self.process: subprocess.Popen[bytes] | None = None
        self.starts = 0
        self._reader: threading.Thread | None = None
        self._pause = _FIRST_PAUSE
        self._started = 0.0
        self._due = 0.0

    def start(self) -> None:
        environment = {**os.environ, "PYTHONUNBUFFERED": "1", **self.program.environment}
        self.process = subprocess.Popen(
            self.program.command, env=environment, stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, start_new_session=True,
            preexec_fn=die_with_parent(signal.SIGTERM),
        )  # fmt: skip
        assert self.process.stdout is not None  # asked for by PIPE
        self._reader = follow(self.process.stdout, self.log)
        self.starts += 1
        self._started = time.monotonic()
        self._due = 0.0

    @property
    def is_steady(self) -> bool:
        """Whether it runs and did not end as soon as it began."""
        running = self.process is not None and self.process.poll() is None
        return running and time.monotonic() - self._started > _BEGINNING_SECONDS

    def look_after(self) -> int | None:
        """Start it again when it ended and its pause is over; return the exit code when it ended."""
        now = time.monotonic()
        if self.process is not None:
            code = self.process.poll()
            if code is None:
                return None
            self.end_group()
            self.process = None
            if now - self._started > _STEADY_SECONDS:
                self._pause = _FIRST_PAUSE
            self._due = now + self._pause
            self._pause = min(self._pause * 2, _LONGEST_PAUSE)
            return code
        if now >= self._due:
            self.start()
        return None

    def end_group(self) -> None:
        """Kill what is left of its process group (a grandchild that outlived its parent)."""
        if self.process is not None:
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(self.process.pid, signal.SIGKILL)

    def stop(self) -> None:
        if self.process is not None:
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(self.process.pid, signal.SIGTERM)
            with suppress(subprocess.TimeoutExpired):
                self.process.wait(self.program.stop_seconds)
            self.end_group()
            self.process.wait()
            self.process = None
        if self._reader is not None:
            self._reader.join(5.0)


class Supervisor:
    """Keeps programs running until told to stop.

    Parameters
    ----------
    folder : DataFolder
        Whose ``logs/`` the programs write to.
    programs : sequence of Program
        Started in this order, stopped in the reverse.
    health : Address, optional
        Where the pages answer ``/health``; without it, ready means started.
    duties : sequence of callable
        Called a few times a second, such as what keeps the database running.
    """

    def __init__(
        self,
        folder: DataFolder,
        programs: Sequence[Program],
        *,
        health: Address | None = None,
        duties: Sequence[Callable[[], None]] = (),
    ) -> None:
        self._folder = folder
        self._children = [_Child(program, folder) for program in programs]
        self._health = health
        self._duties = duties
        self._asked = threading.Event()

    def start(self) -> None:
        """Start every program; fine to call `stop` at any time after."""
        for child in self._children:
            child.start()

    def wait_ready(self, *, seconds: float = 120.0) -> float:
        """Wait until every program runs and the pages answer; return how many seconds it took.

        Raises
        ------
        Problem
            ``host.program_fails`` if a program keeps ending, ``host.not_ready`` if time is up.
        """
        began = time.monotonic()
        while not self._asked.is_set():
            self.tick()
            for child in self._children:
                if child.starts > _TRIES_BEFORE_READY:
                    log = child.log.path
                    raise Problem(
                        "host.program_fails", name=child.program.name, log=log, tail=tail_of(log)
                    )
            if all(child.is_steady for child in self._children) and (
                self._health is None or _answers(self._health)
            ):
                break
            if time.monotonic() - began > seconds:
                raise Problem(
                    "host.not_ready", address=self._health, seconds=seconds, logs=self._folder.logs
                )
            self._asked.wait(_TICK)
        return time.monotonic() - began

    def tick(self) -> list[tuple[str, int]]:
        """Do the duties and restart what ended; return (name, exit code) of each that ended."""
        self._do_duties()
        return self._look_after()

    def _do_duties(self) -> None:
        for duty in self._duties:
            duty()

    def _look_after(self) -> list[tuple[str, int]]:
        codes = ((child.program.name, child.look_after()) for child in self._children)
        return [(name, code) for name, code in codes if code is not None]

    def run(
        self,
        *,
        on_end: Callable[[str, int], None] = lambda name, code: None,
        on_trouble: Callable[[Problem], None] = lambda problem: None,
    ) -> None:
        """Keep everything running until `ask_to_stop`, Ctrl-C or SIGTERM; then return.

        A duty that raises a `Problem` (the database does not come back: a full disk) is told once
        and tried again, later each time; the programs run on, so that packets are still kept.
        The signals are taken over while the supervisor is used as a context manager.
        """
        failures, due = 0, 0.0
        while not self._asked.wait(_TICK):
            if time.monotonic() >= due:
                try:
                    self._do_duties()
                except Problem as problem:
                    if failures == 0:
                        on_trouble(problem)
                    due = time.monotonic() + min(_FIRST_PAUSE * 2**failures, _LONGEST_PAUSE)
                    failures += 1
                else:
                    failures = 0
            for name, code in self._look_after():
                on_end(name, code)

    def ask_to_stop(self) -> None:
        """Let `run` and `wait_ready` return; safe from any thread and from a signal handler."""
        self._asked.set()

    @property
    def was_asked_to_stop(self) -> bool:
        """Whether somebody asked to stop."""
        return self._asked.is_set()

    def stop(self) -> None:
        """Stop every program in reverse order; each has its time, then it is killed."""
        for child in reversed(self._children):
            child.stop()

    def pids(self) -> dict[str, int]:
        """Return the process id of each program that runs now."""
        return {c.program.name: c.process.pid for c in self._children if c.process is not None}

    def __enter__(self) -> Self:
        with ExitStack() as stack:
            stack.enter_context(self._signals())
            stack.callback(self.stop)  # before the signals are given back: a second Ctrl-C waits
            self.start()
            self._exit = stack.pop_all()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._exit.close()

    @contextmanager
    def _signals(self) -> Iterator[None]:
        """Turn Ctrl-C and SIGTERM into `ask_to_stop` while the block runs (main thread only)."""
        if threading.current_thread() is not threading.main_thread():
            yield
            return

        def ask(number: int, frame: FrameType | None) -> None:
            self._asked.set()

        former = {number: signal.signal(number, ask) for number in (signal.SIGINT, signal.SIGTERM)}
        try:
            yield
        finally:
            for number, handler in former.items():
                signal.signal(number, handler)


def _answers(address: Address) -> bool:
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(address.host, address.host)
    connection = http.client.HTTPConnection(host, address.port, timeout=2.0)
    try:
        connection.request("GET", "/health")
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
