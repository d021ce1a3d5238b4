"""The outbox (待发指令): commands that the platform has written down for its devices.

A thread of its own asks the database once a second, only with SELECT, and goes on without it while
it is away. With several gateways, an advisory lock of the database says who sends a command, and
the store says what was sent before.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Collection

from qingyuan.core.problems import Problem
from qingyuan.gateway.conversation import Command

__all__ = ["Outbox"]

_log = logging.getLogger("qingyuan.gateway")
_AWAY_S = 5.0
_REMEMBERED = 10_000
_ASK = (
    "SELECT id, mn, cn, st, parameters, flag FROM gateway_outbox"
    " WHERE mn = ANY(%s) AND NOT id = ANY(%s) ORDER BY id LIMIT 200"
)
_CLAIM = "SELECT pg_try_advisory_lock(212, %s::int)"


class Outbox:
    """Reads the outbox while the database is there (待发指令).

    Parameters
    ----------
    url : str
        The database, as the role that runs.
    connected : callable
        The devices connected here, asked from the outbox's own thread.
    sent : callable
        The commands that were sent before, as the store knows them; None while it does not.
    deliver : callable
        Takes commands that are to be sent now, each once.
    every : float
        Seconds between two looks.
    """

    def __init__(
        self,
        url: str,
        *,
        connected: Callable[[], Collection[str]],
        sent: Callable[[], Collection[int] | None],
        deliver: Callable[[list[Command]], None],
        every: float = 1.0,
    ) -> None:
        self._url, self._every = url, every
        self._connected, self._sent, self._deliver = connected, sent, deliver
        self._known: set[int] = set()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="outbox", daemon=True)
        self.problem: Problem | None = None

    def start(self) -> None:
        """Begin to look."""
        self._thread.start()

    def stop(self) -> None:
        """Look no more."""
        self._stop.set()
        self._thread.join(timeout=10)

    def forget(self, number: int) -> None:
        """Read a command again that could not be sent: its device had gone."""
        self._known.discard(number)

    def _run(self) -> None:
        import psycopg

        while not self._stop.is_set():
            try:
                with psycopg.connect(self._url, autocommit=True, connect_timeout=3) as database:
                    database.execute("SET statement_timeout = '3s'")
                    while not self._stop.wait(self._every):
                        self._look(database)
                        self._recovered()
            except psycopg.Error as fault:
                self._failed(fault)
                self._stop.wait(_AWAY_S)
            except Exception as fault:  # noqa: BLE001 -- whatever it is, the devices are served on
                _log.exception("outbox_failed")
                self._failed(fault)
                self._stop.wait(_AWAY_S)

    def _look(self, database: object) -> None:
        from psycopg import Connection

        assert isinstance(database, Connection)
        here = list(self._connected())
        if not here:
            return
        rows = database.execute(_ASK, (here, list(self._known))).fetchall()
        if not rows:
            return
        before = self._sent()
        if before is None:
            return
        wanted = []
        for number, mn, cn, st, parameters, flag in rows:
            if number in before:
                self._known.add(number)
                continue
            claimed = database.execute(_CLAIM, (number % (1 << 31),)).fetchone()
            if claimed is None or not claimed[0]:  # another gateway has it
                continue
            self._known.add(number)
            pairs = [(str(name), str(value)) for name, value in parameters or []]
            wanted.append(Command(number, mn, cn, st or "", pairs, flag))
        if len(self._known) > _REMEMBERED:  # the newest; older ones have left the view
            self._known = set(sorted(self._known)[-_REMEMBERED // 2 :])
        if wanted:
            self._deliver(wanted)

    def _failed(self, fault: Exception) -> None:
        if self.problem is None:
            _log.warning("outbox_away cause=%s", str(fault).strip().splitlines()[:1])
        self.problem = Problem("gateway.outbox_away", cause=type(fault).__name__)

    def _recovered(self) -> None:
        if self.problem is not None:
            _log.info("outbox_back")
        self.problem = None
