"""The server (服务): sockets around sessions; bytes are durable before they are acknowledged."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import json
import logging
import os
import socket
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from pathlib import Path

from qingyuan.core.problems import Problem
from qingyuan.gateway.commit import Committer, Sink, StoreSink
from qingyuan.gateway.devices import DevicesFile
from qingyuan.gateway.durable import GroupCommit
from qingyuan.gateway.session import Arrival, Session
from qingyuan.host.folder import DataFolder, write_atomically
from qingyuan.store.journal import Journal, Position

__all__ = ["Gateway"]

_log = logging.getLogger("qingyuan.gateway")
_CHUNK = 16_384
_STREAM_LIMIT = 32_768  # the transport pauses at twice this: 64 KB per connection
_QUIET_S = 1.0  # a pause after which a frame without its tail is whole
_PATIENCE_S = 30.0  # how long the rest of a frame is waited for (hj212.md §7)
_DRAIN_S = 30.0  # a peer that does not read its answers this long is let go
_RETRY_S = 1.0
_STATE_EVERY_S = 2.0


class Gateway:
    """The TCP front door of the field devices (数据接入).

    Parameters
    ----------
    folder : Path
        The data folder; journal, store, ``devices.json`` and ``store/connections.json`` lie in it.
    clock : callable
        City time, aware.
    open_sink : callable, optional
        Where rows go; the store by default.
    commit_every : float
        Seconds between commits to the store.
    """

    def __init__(
        self,
        folder: Path,
        *,
        clock: Callable[[], datetime],
        open_sink: Callable[[], Sink] | None = None,
        commit_every: float = 2.0,
    ) -> None:
        data = DataFolder(folder)
        self._clock = clock
        self._devices = DevicesFile(data.devices)
        self._state_path = data.store / "connections.json"
        data.store.mkdir(parents=True, exist_ok=True)
        self.journal = Journal(data.journal)
        self._executor = ThreadPoolExecutor(2, thread_name_prefix="journal")
        self._group = GroupCommit(self.journal, self._executor)
        self.committer = Committer(
            data.journal,
            synced=lambda: self.journal.synced,
            open_sink=open_sink or (lambda: StoreSink(data.store)),
            devices=lambda: self._devices.devices,
            cursor=data.store / "gateway.json",
            every=commit_every,
        )
        self.sessions: dict[int, Session] = {}
        self._handlers: set[asyncio.Task[None]] = set()
        self._totals: Counter[str] = Counter()
        self._reasons: Counter[str] = Counter()
        self._last_seen: dict[str, str] = {}
        self._connected = 0
        self._stopping = False
        self._server: asyncio.Server | None = None
        self._watch: asyncio.Task[None] | None = None
        self.problem: Problem | None = None
        self.address = ("", 0)

    async def start(self, bind: tuple[str, int]) -> tuple[str, int]:
        """Replay what the store lacks, listen on *bind* and return the address bound.

        Raises
        ------
        Problem
            ``gateway.port_in_use`` or ``gateway.cannot_bind``.
        """
        self._devices.refresh()
        try:
            self._server = await asyncio.start_server(
                self._handle, *bind, limit=_STREAM_LIMIT, backlog=1024
            )
        except OSError as fault:
            self._executor.shutdown()
            self.journal.close()
            in_use = fault.errno == errno.EADDRINUSE
            raise Problem(
                "gateway.port_in_use" if in_use else "gateway.cannot_bind",
                host=bind[0],
                port=bind[1],
                cause=os.strerror(fault.errno) if fault.errno else str(fault),
            ) from fault
        self.address = self._server.sockets[0].getsockname()[:2]
        self.committer.start()
        self._watch = asyncio.create_task(self._keep_watch())
        self._write_state()
        _log.info("gateway_listening host=%s port=%d", *self.address)
        return self.address

    async def stop(self) -> None:
        """Stop listening, let what was received become durable, commit it, and close."""
        if self._stopping:
            return
        self._stopping = True
        if self._server is not None:
            self._server.close()
        for task in list(self._handlers):
            task.cancel()
        if self._handlers:
            await asyncio.wait(self._handlers, timeout=5)
        if self._watch is not None:
            self._watch.cancel()
        loop = asyncio.get_running_loop()
        with contextlib.suppress(Problem):
            await loop.run_in_executor(self._executor, self.journal.sync)
        await loop.run_in_executor(None, self.committer.stop)
        self._write_state()
        self._executor.shutdown()
        with contextlib.suppress(Problem):
            self.journal.close()
        _log.info("gateway_stopped synced=%s committed=%s", *self._places())

    async def _handle(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None  # a handler always runs in a task
        self._handlers.add(task)
        self._connected += 1
        name = writer.get_extra_info("peername") or ("?", 0)
        session = Session(self._connected, f"{name[0]}:{name[1]}", since=self._clock())
        self.sessions[session.conn] = session
        _keep_alive(writer)
        try:
            await self._talk(session, reader, writer)
        except (ConnectionError, TimeoutError):
            pass  # the other side went away; what it sent is in the journal
        except asyncio.CancelledError:
            if not self._stopping:
                raise
        except Exception:  # noqa: BLE001 -- our bug: logged with its trace, only this connection ends
            _log.exception("session_failed conn=%d peer=%s", session.conn, session.peer)
        finally:
            self._handlers.discard(task)
            del self.sessions[session.conn]
            self._totals.update(session.counts)
            self._reasons.update(session.reasons)
            writer.close()

    async def _talk(
        self, session: Session, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        now = asyncio.get_running_loop().time
        began = 0.0  # when the frame that is being received began
        settled = False
        while True:
            pause: float | None = None
            if session.inside_frame:
                left = max(began + _PATIENCE_S - now(), 0.0)
                pause = left if settled else min(_QUIET_S, left)
            try:
                async with asyncio.timeout(pause):
                    data = await reader.read(_CHUNK)
            except TimeoutError:
                data = None
            at, devices = self._clock(), self._devices.devices
            if data:
                arrivals = session.receive(data, devices, at=at)
                settled = False
            elif data is None and now() < began + _PATIENCE_S:
                arrivals = session.quiet(devices, at=at)
                settled = True
            else:
                arrivals = session.give_up(devices, at=at)
            if arrivals or not began or not session.inside_frame:
                began = now()
            await self._keep_and_answer(session, arrivals, writer, at)
            if data == b"":
                return

    async def _keep_and_answer(
        self,
        session: Session,
        arrivals: list[Arrival],
        writer: asyncio.StreamWriter,
        at: datetime,
    ) -> None:
        if not arrivals:
            return
        received = at.isoformat(timespec="microseconds")
        header: dict[str, object] = {"t": received, "peer": session.peer, "conn": session.conn}
        records = [
            (arrival.raw, {**header, "noise": arrival.noise} if arrival.noise else header)
            for arrival in arrivals
        ]
        while True:
            try:
                await self._group.keep(records)
            except Problem as problem:
                # Not acknowledged and not read on: the device keeps its data and sends it again.
                self._trouble(problem)
                await asyncio.sleep(_RETRY_S)
            else:
                self._trouble(None)
                break
        replies = [arrival.reply for arrival in arrivals if arrival.reply]
        for arrival in arrivals:
            if arrival.judgement.accepted:
                self._last_seen[arrival.judgement.packet.mn] = received
        if replies:
            writer.write(b"".join(replies))
            async with asyncio.timeout(_DRAIN_S):
                await writer.drain()
            session.counts["acknowledged"] += len(replies)

    def _trouble(self, problem: Problem | None) -> None:
        if problem is not None and self.problem is None:
            _log.error("acknowledging_stopped code=%s %s", problem.code, problem.values)
        elif problem is None and self.problem is not None:
            _log.info("acknowledging_resumed")
        self.problem = problem

    async def _keep_watch(self) -> None:
        """Follow devices.json and publish the state of the connections."""
        loop = asyncio.get_running_loop()
        due = 0.0
        while True:
            self._devices.refresh()
            if loop.time() >= due:
                text = self._state_text()
                await loop.run_in_executor(self._executor, self._publish, text)
                due = loop.time() + _STATE_EVERY_S
            await asyncio.sleep(0.5)

    def _write_state(self) -> None:
        self._publish(self._state_text())

    def _publish(self, text: str) -> None:
        try:
            write_atomically(self._state_path, text)
        except OSError as fault:  # a full disk; the journal says so already
            _log.warning("state_not_written cause=%s", fault.strerror)

    def _places(self) -> tuple[Position, Position]:
        return self.journal.synced, self.committer.position

    def _state_text(self) -> str:
        synced, committed = self._places()
        totals, reasons = Counter(self._totals), Counter(self._reasons)
        for session in self.sessions.values():
            totals.update(session.counts)
            reasons.update(session.reasons)
        problem = self.problem or self.committer.problem
        state = {
            "at": self._clock().isoformat(),
            "listening": f"{self.address[0]}:{self.address[1]}",
            "state": "stopped" if self._stopping else problem.code if problem else "ok",
            "problem": problem.as_dict() if problem else None,
            "devices": len(self._devices.devices),
            "synced": synced._asdict(),
            "committed": committed._asdict(),
            "totals": dict(totals),
            "reasons": dict(reasons),
            "last_seen": self._last_seen,
            "connections": [session.describe() for session in self.sessions.values()],
        }
        return json.dumps(state, ensure_ascii=False)


def _keep_alive(writer: asyncio.StreamWriter) -> None:
    """Let the kernel find peers that vanished without a word (a mobile link, a power cut)."""
    sock = writer.get_extra_info("socket")
    with contextlib.suppress(OSError, AttributeError):
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for option, value in (("TCP_KEEPIDLE", 300), ("TCP_KEEPINTVL", 30), ("TCP_KEEPCNT", 4)):
            if hasattr(socket, option):
                sock.setsockopt(socket.IPPROTO_TCP, getattr(socket, option), value)
