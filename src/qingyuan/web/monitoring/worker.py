"""What one worker process does about every second: read on, check silence, save, compact."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from datetime import date, datetime, timedelta
from pathlib import Path

from django.db import close_old_connections, connection
from django.utils import timezone

from qingyuan.core.periods import city_date
from qingyuan.host.citytime import CityClock
from qingyuan.host.folder import DataFolder
from qingyuan.store.maintenance import maintain_all
from qingyuan.store.observations import Observations
from qingyuan.web.monitoring.selectors.dialogues import dialogues_in
from qingyuan.web.monitoring.services import (
    Absorbed,
    Following,
    count_day,
    expire,
    follow_dialogues,
    judge_day,
)
from qingyuan.web.registry.services import publish_devices

__all__ = ["Worker", "tick"]

_log = logging.getLogger("qingyuan.monitoring")
_REFRESH_S, _SILENCE_S, _SAVE_S, _TIDY_S, _COUNT_S, _EXPIRE_S = 60.0, 5.0, 120.0, 600.0, 60.0, 5.0
_COUNT_DAYS = timedelta(days=35)  # older days are history and are not counted again
_JUMP = timedelta(seconds=45)  # a clock that moved further than this was moved by hand
_SETTLE_INTERVALS = 2
_DAY_CLOSES = timedelta(minutes=30)  # past midnight: what came late has come


class Worker:
    """The follower of one data folder, with its own rhythm (值守进程).

    Parameters
    ----------
    folder : DataFolder
        Where the store is.
    clock : CityClock
        City time of deeds.
    monotonic : callable, optional
        Seconds that only run forward; tests hand in their own.
    """

    def __init__(
        self,
        folder: DataFolder,
        clock: CityClock,
        *,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._clock = clock
        self._monotonic = monotonic
        self._folder = folder
        self._observations = Observations(folder.store)
        self._following = Following(self._observations)
        now = monotonic()
        deeds = ("refresh", "silence", "save", "tidy", "count", "expire")
        self._done = dict.fromkeys(deeds, now) | {"count": now - _COUNT_S}
        self._uncounted: set[date] = set()
        self._counted: date | None = None
        self._last: tuple[float, datetime] | None = None
        self._settled_since: datetime | None = None
        self._judged: date | None = None

    def tick(self) -> Absorbed:
        """Take what is new; the rest when its time has come."""
        at = self._clock.now()
        self._notice_jump(at)
        if self._due("refresh", _REFRESH_S):
            self._following.refresh()
            self._publish(at)
        taken = self._following.absorb(at=at)
        self._uncounted |= taken.days
        self._talk(at)
        if not taken.more and self._due("silence", _SILENCE_S):
            self._following.check_silence(at=at, stations=self._settled(at))
        if not taken.more:
            self._judge_yesterday(at)
        if not taken.more and self._due("count", _COUNT_S):
            self._count(at)
        if self._due("save", _SAVE_S):
            self._following.save()
        if self._due("tidy", _TIDY_S):
            self._tidy(at)
        return taken

    def stop(self) -> None:
        """Save the watch, so that the next start has little to read again."""
        self._following.save()

    def _due(self, deed: str, every: float) -> bool:
        now = self._monotonic()
        if now - self._done[deed] < every:
            return False
        self._done[deed] = now
        return True

    def _notice_jump(self, at: datetime) -> None:
        """After a start or a moved clock nobody is silent yet: they have not had time to speak."""
        now = self._monotonic()
        if self._last is None:
            self._settled_since = at
        else:
            expected = self._last[1] + timedelta(seconds=(now - self._last[0]) * self._clock.rate)
            if at - expected > _JUMP:
                self._settled_since = at
        self._last = (now, at)

    def _settled(self, at: datetime) -> list[str]:
        if self._settled_since is None:
            return []
        waited = (at - self._settled_since).total_seconds()
        return [
            s
            for s, every in self._following.intervals.items()
            if waited > _SETTLE_INTERVALS * every
        ]

    def _judge_yesterday(self, at: datetime) -> None:
        day = city_date(at - _DAY_CLOSES) - timedelta(days=1)
        if self._judged != day:
            judge_day(self._observations, day=day, at=at)
            self._following.compare_months(at=at)
            self._judged = day

    def _publish(self, at: datetime) -> None:
        """Publish the devices again if a deed was committed whose publishing did not happen."""
        if self._folder.devices.exists():
            publish_devices(self._folder.devices, at=at)

    def _talk(self, at: datetime) -> None:
        """Move commands on by what the gateway says of them; end those whose time is out."""
        kept = dialogues_in(self._folder.store)
        if kept is not None:
            follow_dialogues(kept, devices_path=self._folder.devices)
        if self._due("expire", _EXPIRE_S):
            expire(wall=timezone.now(), at=at)

    def _count(self, at: datetime) -> None:
        """Count today and, in turn with it, one earlier day that has gained rows."""
        today = city_date(at)
        if self._counted is None:
            self._uncounted.add(today - timedelta(days=1))
        past = {d for d in self._uncounted if today - _COUNT_DAYS <= d < today}
        day = min(past) if past and self._counted == today else today  # in turn, today first
        count_day(self._observations, day, at=at)
        self._uncounted, self._counted = past - {day}, day

    def _tidy(self, at: datetime) -> None:
        for told in maintain_all(self._folder.store, today=city_date(at), at=at):
            if told.problem:
                _log.error("store_not_kept table=%s code=%s", told.table, told.problem)
            else:
                _log.info(
                    "store_kept table=%s days=%s removed_days=%s files=%s seconds=%.1f",
                    told.table, told.compacted_days, told.removed_days, told.removed_files, told.seconds,
                )  # fmt: skip


_workers: dict[Path, Worker] = {}


def tick(folder: DataFolder, clock: CityClock) -> Absorbed:
    """Do one round for *folder*; the process keeps its follower between rounds.

    Call it about every second from one process; a second process finds the turn taken and does
    nothing.
    """
    if not connection.in_atomic_block:
        close_old_connections()  # as a request does: a lost connection is opened anew
    worker = _workers.get(folder.path)
    if worker is None:
        worker = _workers[folder.path] = Worker(folder, clock)
    return worker.tick()
