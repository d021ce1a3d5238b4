"""The worker (后台进程): follows the store, runs the jobs, keeps the city's daily rounds.

``python -m qingyuan.web.worker``. One thread makes the rounds of `ROUNDS` in turn; the main thread
runs the queue of jobs that deeds have enqueued. What fails is logged and tried again, later each
time; nothing else stops for it.
"""

from __future__ import annotations

import asyncio
import logging
import os
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "qingyuan.web.project.settings")

import django

django.setup()

from django.conf import settings  # noqa: E402 -- Django is set up first
from django.db import InterfaceError, OperationalError, close_old_connections  # noqa: E402 -- as above
from django.utils import timezone  # noqa: E402 -- as above
from procrastinate import App, RetryStrategy  # noqa: E402 -- as above
from procrastinate.contrib.django import app as jobs  # noqa: E402 -- as above

from qingyuan.core.periods import city_date, in_city  # noqa: E402 -- as above
from qingyuan.host.citytime import CityClock  # noqa: E402 -- as above
from qingyuan.web.audit import services as audit  # noqa: E402 -- as above
from qingyuan.web.bulletins.services import write_due  # noqa: E402 -- as above
from qingyuan.web.cases.services import send_cards, send_digests  # noqa: E402 -- as above
from qingyuan.web.exchange.services import sweep, sweep_exports  # noqa: E402 -- as above
from qingyuan.web.files.services import scan_waiting  # noqa: E402 -- as above
from qingyuan.web.monitoring import worker as monitoring  # noqa: E402 -- as above
from qingyuan.web.notices.services import deliver  # noqa: E402 -- as above
from qingyuan.web.petitions.services import purge  # noqa: E402 -- as above
from qingyuan.web.plans.services import remind_due  # noqa: E402 -- as above
from qingyuan.web.signals.services import begin_night  # noqa: E402 -- as above
from qingyuan.web.statistics.services import freshen  # noqa: E402 -- as above
from qingyuan.web.surveys.services import begin_nights  # noqa: E402 -- as above
from qingyuan.web.tracing.models import Trace  # noqa: E402 -- as above

__all__ = ["ROUNDS", "Round", "main", "make_round"]

_log = logging.getLogger("qingyuan.worker")
_INSPECTION_HOUR = 3
_LONGEST_PAUSE = 60.0
# A job that met a database that was away is tried again: after 4 s, 8 s, … about eight minutes.
_WHEN_DATABASE_IS_AWAY = RetryStrategy(
    max_attempts=7, exponential_wait=2, retry_exceptions=(OperationalError, InterfaceError)
)


@dataclass(slots=True)
class Round:
    """Something done again and again (巡回), every so many seconds of wall time."""

    name: str
    every: float
    do: Callable[[datetime], None]
    due: float = 0.0
    failures: int = 0


def follow(at: datetime) -> None:
    """Take in what the store has gained, look for silence, tidy the store."""
    monitoring.tick(settings.FOLDER, _clock)


def write_bulletin(at: datetime) -> None:
    """Write the bulletins that are due by now, unless somebody has."""
    write_due(at)


def anchor(at: datetime) -> None:
    """Anchor the audit chain outside the database, once a city day."""
    path = settings.FOLDER.path / audit.ANCHOR_FILE
    if audit.last_anchored_day(path) != city_date(at):
        audit.anchor(path, at=at)


def warn(at: datetime) -> None:
    """Send the cards, slips and notices that have fallen due, and the morning's reminders."""
    send_cards(at=at)
    send_digests(at=at)


def send_out(at: datetime) -> None:
    """Send the mail and the robots' messages that are due; in wall time, as the other side is."""
    deliver()


def scan_files(at: datetime) -> None:
    """Scan the files that were kept while the virus scanner was away."""
    scan_waiting(at=at)


def inspect_data(at: datetime) -> None:
    """Enqueue the night's inspection of data quality from three o'clock on, once a city day."""
    if in_city(at).hour >= _INSPECTION_HOUR:
        begin_night(at=at)


def ask_for_reports(at: datetime) -> None:
    """Remind those whose report of a plan is missing on its last day."""
    remind_due(at=at)


def let_go(at: datetime) -> None:
    """Let go what nobody confirmed, fetched or sent: previews, files made, drafts of citizens."""
    sweep(at=at)
    sweep_exports(at=at)
    purge(at=at, wall=timezone.now())


def work_out_stays(at: datetime) -> None:
    """Work out how long the cases that changed have stood in their phases, for statistics."""
    freshen(at=at)


def survey_roads(at: datetime) -> None:
    """Enqueue the analysis of the fleet's days that have ended."""
    begin_nights(at=at)


_clock = CityClock(settings.FOLDER)
ROUNDS = (
    Round("follow", 1.0, follow),
    Round("cards", 15.0, warn),
    Round("bulletin", 15.0, write_bulletin),
    Round("anchor", 30.0, anchor),
    Round("send_out", 5.0, send_out),
    Round("scan_files", 30.0, scan_files),
    Round("stays", 60.0, work_out_stays),
    Round("ask_for_reports", 300.0, ask_for_reports),
    Round("let_go", 600.0, let_go),
    # a worker that has just started has more urgent things to take up
    Round("survey_roads", 60.0, survey_roads, due=time.monotonic() + 60.0),
    Round("inspect_data", 60.0, inspect_data, due=time.monotonic() + 300.0),
)


def make_round(round_: Round, *, now: float, at: datetime) -> None:
    """Do one round if it is due; after a failure wait longer before the next try."""
    if now < round_.due:
        return
    try:
        round_.do(at)
    except Exception:  # noqa: BLE001 -- one round must not stop the others; the trace is logged
        round_.failures += 1
        pause = min(_LONGEST_PAUSE, round_.every * 2**round_.failures)
        _log.exception(
            "round_failed name=%s failures=%d pause_s=%.0f", round_.name, round_.failures, pause
        )
        round_.due = now + pause
    else:
        round_.failures = 0
        round_.due = now + round_.every


def _make_rounds(stop: threading.Event) -> None:
    while not stop.is_set():
        close_old_connections()
        for round_ in ROUNDS:
            if stop.is_set():
                return
            make_round(round_, now=time.monotonic(), at=_clock.now())
        stop.wait(0.2)


def main() -> None:
    """Run until told to stop."""
    Trace.objects.filter(state=Trace.State.RUNNING).update(state=Trace.State.QUEUED)
    for task in jobs.tasks.values():
        task.retry_strategy = task.retry_strategy or _WHEN_DATABASE_IS_AWAY
    stop = threading.Event()
    rounds = threading.Thread(target=_make_rounds, args=(stop,), name="rounds")
    rounds.start()
    try:
        asyncio.run(_run_jobs())
    finally:
        stop.set()
        rounds.join(timeout=20)


async def _run_jobs() -> None:
    # A second app object with its own connections; deeds go on enqueuing on Django's, in their
    # own transaction.
    runner = jobs.with_connector(jobs.connector.get_worker_connector())  # type: ignore[attr-defined]  # Django's connector
    async with runner.open_async():
        await _take_up_again(runner)
        await runner.run_worker_async(
            concurrency=1,
            delete_jobs="successful",
            fetch_job_polling_interval=2.0,
            shutdown_graceful_timeout=15.0,
        )


async def _take_up_again(runner: App) -> None:
    """Queue again what a killed worker had begun: one worker serves a city, and a job may run twice."""
    for job in await runner.job_manager.get_stalled_jobs(seconds_since_heartbeat=0):
        _log.warning("job_taken_up_again task=%s id=%s", job.task_name, job.id)
        await runner.job_manager.retry_job(job)


if __name__ == "__main__":
    # The module under its own name: jobs must not belong to ``__main__``.
    from qingyuan.web import worker

    worker.main()
