"""The server (服务): sockets around sessions; bytes are durable before they are acknowledged."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import logging
import os
import ssl
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from pathlib import Path

from qingyuan.core.problems import Problem
from qingyuan.gateway.commit import Committer, cursor_path
from qingyuan.gateway.conversation import Say
from qingyuan.gateway.devices import DevicesFile
from qingyuan.gateway.durable import GroupCommit, Kept
from qingyuan.gateway.flood import Flood
from qingyuan.gateway.follow import read_cursor
from qingyuan.gateway.hall import Hall
from qingyuan.gateway.judge import is_part
from qingyuan.gateway.link import Link
from qingyuan.gateway.manners import Manners
from qingyuan.gateway.options import Options, files_allowed, server_context
from qingyuan.gateway.pace import Pace
from qingyuan.gateway.session import Arrival, Session
from qingyuan.gateway.sink import Sink, StoreSink
from qingyuan.gateway.state import Published, publish, read_seen, seen_path, state_path, write_seen
from qingyuan.gateway.talk import Talk
from qingyuan.host.folder import DataFolder
from qingyuan.store.journal import Position, claim, header_line, slots

__all__ = ["Gateway", "Options"]

_log = logging.getLogger("qingyuan.gateway")
_PARTS_S = 65.0  # after the last part of a split packet the committer is told the time
_STATE_EVERY_S = 2.0
_MANY, _STATE_MANY_S = 2_000, 10.0  # a list of many connections is written less often
_SEEN_EVERY_S = 30.0
_HELD = 8_000  # packets held as they were read; of more, the bytes alone
_OLD = timedelta(hours=1)  # data older than this is history


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
    options : Options
        The rest; *commit_every* may be given by itself.
    """

    def __init__(
        self,
        folder: Path,
        *,
        clock: Callable[[], datetime],
        open_sink: Callable[[], Sink] | None = None,
        options: Options | None = None,
        commit_every: float | None = None,
    ) -> None:
        self._data = data = DataFolder(folder)
        self._clock, self._options = clock, options or Options()
        self._devices = DevicesFile(data.devices)
        data.store.mkdir(parents=True, exist_ok=True)
        data.journal.mkdir(parents=True, exist_ok=True)
        taken = {
            slot: read_cursor(cursor_path(data.store, slot)).segment
            for slot in [*slots(data.journal), max(slots(data.journal)) + 1]
        }
        self.slot, self.journal = claim(data.journal, taken=taken)
        self._executor = ThreadPoolExecutor(2, thread_name_prefix="journal")
        self._group = GroupCommit(
            self.journal, self._executor, durable=self._durable, trouble=self._trouble
        )
        self.committer = Committer(
            data.journal,
            store=data.store,
            slot=self.slot,
            synced=lambda: self.journal.synced,
            open_sink=open_sink or (lambda: StoreSink(data.store)),
            devices=lambda: self._devices.devices,
            every=self._options.commit_every if commit_every is None else commit_every,
            keep_s=self._options.keep_days * 86400,
        )
        self._pace = Pace()
        self._flood = Flood()
        self.hall = Hall(self._options.most_links or files_allowed(), self._flood)
        self._manners = Manners()
        self._last_seen: dict[str, str] = {}
        self._parts_until = 0.0
        self._stopping = False
        self._state_due = self._seen_due = 0.0
        self._servers: list[asyncio.Server] = []
        self._watches: list[asyncio.Task[None]] = []
        self.talk = Talk(
            store=data.store,
            clock=clock,
            steady=self._time,
            devices=lambda: self._devices.devices,
            note=self._note,
            totals=self.hall.totals,
            slot=self.slot,
            first_segment=self.journal.synced.segment,
            caught_up=self.committer.caught_up,
        )
        self.problem: Problem | None = None
        self.address = ("", 0)
        self.tls_address: tuple[str, int] | None = None

    @property
    def sessions(self) -> Mapping[int, Session]:
        """The sessions of all connections, by number."""
        return {conn: link.session for conn, link in self.hall.links.items() if link.session}

    async def start(self, bind: tuple[str, int]) -> tuple[str, int]:
        """Replay what the store lacks, listen on *bind* and return the address bound.

        Raises
        ------
        Problem
            ``gateway.port_in_use``, ``gateway.cannot_bind`` or ``gateway.no_certificate``.
        """
        self._devices.refresh()
        self.talk.conversations.gaps.remember(read_seen(self._data.store))
        try:
            self.address = await self._listen(bind, None)
            if self._options.tls is not None:
                where, certificate, key = self._options.tls
                self.tls_address = await self._listen(where, server_context(certificate, key))
        except Problem:
            for server in self._servers:
                server.close()
            self._executor.shutdown()
            self.journal.close()
            raise
        self.committer.start()
        self.talk.start(self._options.database_url)
        self._watches = [
            asyncio.create_task(self._keep_watch()),
            asyncio.create_task(self._keep_time()),
        ]
        self._publish(self._state())
        _log.info("gateway_listening host=%s port=%d", *self.address)
        if self.tls_address is not None:
            _log.info("gateway_listening_tls host=%s port=%d", *self.tls_address)
        return self.address

    async def stop(self) -> None:
        """Stop listening, let what was received become durable, commit it, and close."""
        if self._stopping:
            return
        self._stopping = True
        for server in self._servers:
            server.close()
        loop = asyncio.get_running_loop()
        await loop.run_in_executor(None, self.talk.stop)
        for link in list(self.hall.links.values()):
            link.hold("stopping")
        self._tell_folded(all_of_them=True)
        await self._group.settle()
        for link in list(self.hall.links.values()):
            link.close()
        await asyncio.sleep(0)
        for watch in self._watches:
            watch.cancel()
        self._group.stop()
        with contextlib.suppress(Problem):
            await loop.run_in_executor(self._executor, self.journal.sync)
        await loop.run_in_executor(None, self.committer.stop)
        self._publish(self._state())
        write_seen(seen_path(self._data.store, self.slot), self.talk.conversations.gaps.told())
        self._executor.shutdown()
        for link in list(self.hall.links.values()):
            link.abort()
        await asyncio.sleep(0)
        with contextlib.suppress(Problem):
            self.journal.close()
        _log.info("gateway_stopped synced=%s committed=%s", *self._places())

    async def _listen(
        self, bind: tuple[str, int], secure: ssl.SSLContext | None
    ) -> tuple[str, int]:
        loop = asyncio.get_running_loop()
        try:
            server = await loop.create_server(
                lambda: Link(self._joined, self._received, self._left),
                *bind,
                backlog=4096,
                ssl=secure,
                ssl_handshake_timeout=None if secure is None else 20.0,
            )
        except OSError as fault:
            in_use = fault.errno == errno.EADDRINUSE
            raise Problem(
                "gateway.port_in_use" if in_use else "gateway.cannot_bind",
                host=bind[0],
                port=bind[1],
                cause=os.strerror(fault.errno) if fault.errno else str(fault),
            ) from fault
        self._servers.append(server)
        host, port = server.sockets[0].getsockname()[:2]
        return host, port

    # -- connections -------------------------------------------------------------------------

    def _joined(self, link: Link) -> bool:
        return not self._stopping and self.hall.join(link, at=self._clock(), now=self._time())

    def _left(self, link: Link) -> None:
        self.hall.leave(link)
        self._pace.left(link)
        self.talk.left(link)
        if link.session is not None:
            self._manners.left(link.session.conn)

    def _received(self, link: Link, data: bytes) -> None:
        """Take bytes of a connection; none at the end of its stream."""
        session = link.session
        assert session is not None  # as above
        at, devices, now = self._clock(), self._devices.devices, self._time()
        link.heard = now
        link.settled = False
        try:
            if data:
                arrivals = session.receive(data, devices, at=at)
            else:
                arrivals = session.give_up(devices, at=at)
            self._take(link, session, arrivals, at, now)
        except Exception:  # noqa: BLE001 -- our bug: logged with its trace, only this connection ends
            _log.exception("session_failed conn=%d peer=%s", session.conn, session.peer)
            link.abort()

    def _take(
        self, link: Link, session: Session, arrivals: list[Arrival], at: datetime, now: float
    ) -> None:
        self.hall.heard(link, session, whole=bool(arrivals), now=now)
        if not arrivals:
            return
        line = self._header_of(session, at)
        old = 0
        room = _HELD - self._group.waiting - self.committer.own.held
        for arrival in arrivals:
            judged = arrival.judgement
            dialogue: Mapping[str, object] | None = None
            said: list[Say] = []
            self._manners.heard(judged, conn=session.conn, at=at)
            if not judged.reason:
                self.hall.is_known(link)
                dialogue, said = self.talk.heard(link, judged, at)
                time_of = judged.packet.data_time
                old += time_of is not None and at - time_of > _OLD
                if is_part(judged.packet):
                    self._parts_until = now + _PARTS_S
            header = line
            if dialogue is not None or arrival.noise:
                more: dict[str, object] = {"noise": arrival.noise} if arrival.noise else {}
                if dialogue is not None:
                    more["dialogue"] = dialogue
                header = line[:-1] + b"," + header_line(more)[1:]
            link.pending += 1
            room -= 1
            self._group.keep(
                Kept(
                    arrival.raw,
                    header,
                    at,
                    session.peer,
                    judgement=judged if room > 0 else None,
                    mn="" if judged.reason else judged.packet.mn,
                    fresh=room > 0,
                    dialogue=dialogue,
                    to=link,
                    then=arrival.reply,
                    arrived=True,
                )
            )
            if said:
                self.talk.say(said)
        self._pace.after(
            link,
            session,
            devices=self._devices.devices,
            packets=len(arrivals),
            old=old,
            pending=self._group.pending_bytes,
            behind=self.committer.own.behind,
            now=now,
        )

    def _header_of(self, session: Session, at: datetime) -> bytes:
        """Return the header that records received now on this connection share."""
        text = at.isoformat(timespec="microseconds")
        fields: dict[str, object] = {"t": text, "peer": session.peer, "conn": session.conn}
        if session.secure:
            fields["tls"] = True
        return header_line(fields)

    # -- what is durable ---------------------------------------------------------------------

    def _durable(self, kept: list[Kept]) -> None:
        """Answer what has reached the disk, and hand it to the committer."""
        replies: dict[Link, list[bytes]] = {}
        for one in kept:
            link = one.to
            if not isinstance(link, Link):
                continue
            if one.arrived:
                link.pending -= 1
                if one.mn:
                    self._last_seen[one.mn] = one.received_at.isoformat(timespec="microseconds")
            if one.then:
                if one.judgement is not None:
                    self._manners.answered(one.judgement.packet)
                replies.setdefault(link, []).append(one.then)
            elif link.ended and not link.pending:
                replies.setdefault(link, [])
        self.committer.own.take(kept)
        for link, wanted in replies.items():
            if wanted and link.send(b"".join(wanted)) and link.session is not None:
                link.session.count("acknowledged", len(wanted))
            if link.ended and not link.pending:
                link.close()

    def _trouble(self, problem: Problem | None) -> None:
        if problem is not None and self.problem is None:
            _log.error("acknowledging_stopped code=%s %s", problem.code, problem.values)
        elif problem is None and self.problem is not None:
            _log.info("acknowledging_resumed")
        self.problem = problem

    def _note(self, raw: bytes, then: Link | None, **more: Mapping[str, object]) -> None:
        """Keep something that is no arrival."""
        at = self._clock()
        header: dict[str, object] = {"t": at.isoformat(timespec="microseconds"), **more}
        peer = ""
        if then is not None and then.session is not None:
            peer = header["peer"] = then.peer
            header["conn"] = then.session.conn
        kept = Kept(raw, header_line(header), at, peer, **more)  # type: ignore[arg-type]  # dialogue or folded
        if then is not None:
            kept.to, kept.then = then, raw
        self._group.keep(kept)

    # -- time --------------------------------------------------------------------------------

    def _time(self) -> float:
        return time.monotonic()

    async def _keep_time(self) -> None:
        """Look several times a second after what waits: frames, answers, allowances."""
        while True:
            await asyncio.sleep(0.1)
            try:
                self._look_around(self._time())
            except Exception:  # noqa: BLE001 -- our bug: logged with its trace, the next look comes
                _log.exception("look_failed")

    def _look_around(self, now: float) -> None:
        devices, at = self._devices.devices, self._clock()
        for link, given_up in self.hall.unfinished(now):
            session = link.session
            assert session is not None  # one that was heard has a session
            link.settled = True
            look = session.give_up if given_up else session.quiet
            self._take(link, session, look(devices, at=at), at, now)
        self._pace.release(
            pending=self._group.pending_bytes, behind=self.committer.own.behind, now=now
        )
        self.talk.tick()
        if self._parts_until and now >= self._parts_until:
            self._parts_until = 0.0
            self._note(b"", None)

    async def _keep_watch(self) -> None:
        """Follow devices.json, publish the state, let go of those who are gone."""
        self._state_due, self._seen_due = 0.0, self._time() + _SEEN_EVERY_S
        while True:
            try:
                await self._watch_once(self._time())
            except Exception:  # noqa: BLE001 -- as above
                _log.exception("watch_failed")
            await asyncio.sleep(0.5)

    async def _watch_once(self, now: float) -> None:
        loop, gaps = asyncio.get_running_loop(), self.talk.conversations.gaps
        self._devices.refresh()
        if now >= self._state_due:
            many = len(self.hall.links) > _MANY
            self._state_due = now + (_STATE_MANY_S if many else _STATE_EVERY_S)
            self.hall.let_go(self.talk.on, self._devices.devices, now)
            self._tell_folded()
            await loop.run_in_executor(self._executor, self._publish, self._state())
        if now >= self._seen_due:
            self._seen_due = now + _SEEN_EVERY_S
            path = seen_path(self._data.store, self.slot)
            await loop.run_in_executor(self._executor, write_seen, path, gaps.told())
            gaps.remember(await loop.run_in_executor(self._executor, read_seen, self._data.store))

    def _tell_folded(self, *, all_of_them: bool = False) -> None:
        for folded in self._flood.due(self._clock(), all_of_them=all_of_them):
            self._note(b"", None, folded=folded._asdict())

    # -- state -------------------------------------------------------------------------------

    def _places(self) -> tuple[Position, Position]:
        return self.journal.synced, self.committer.position

    def _state(self) -> Published:
        synced, committed = self._places()
        problem = self.problem or self.committer.problem
        return Published(
            at=self._clock(),
            listening=f"{self.address[0]}:{self.address[1]}",
            tls="" if self.tls_address is None else "{}:{}".format(*self.tls_address),
            slot=self.slot,
            state="stopped" if self._stopping else problem.code if problem else "ok",
            problem=problem.as_dict() if problem else None,
            outbox=self.talk.outbox,
            devices=len(self._devices.devices),
            synced=synced,
            committed=committed,
            behind=self.committer.own.behind,
            totals=dict(self.hall.totals),
            reasons=dict(self.hall.reasons),
            last_seen=dict(self._last_seen),
            habits=self._manners.told(),
            sessions=list(self.sessions.values()),
            slowed=len(self._pace),
            keep_days=self._options.keep_days,
        )

    def _publish(self, state: Published) -> None:
        publish(state_path(self._data.store, self.slot), state, journal=self._data.journal)
