"""Write what is due (按计划编写), in city time: the worker asks on its rounds.

A cron of the job queue would count wall time, and the city's clock may run ahead of it; so the
round asks which periods have ended by now and are not yet written, and long ones become jobs.
"""

from __future__ import annotations

import time
from datetime import date, datetime

from django.conf import settings
from django.db import transaction
from procrastinate.contrib.django import app as jobs
from procrastinate.exceptions import AlreadyEnqueued

from qingyuan.store.observations import Observations
from qingyuan.web.accounts.models import User
from qingyuan.web.audit import services as audit
from qingyuan.web.audit.services import Actor
from qingyuan.web.bulletins.facts import section_days
from qingyuan.web.bulletins.kinds import kind_named
from qingyuan.web.bulletins.models import Schedule
from qingyuan.web.bulletins.selectors import Due, due_now, plan_of
from qingyuan.web.bulletins.services.compose import compose

__all__ = ["due", "enqueue_due", "set_schedule", "write_due"]

_BACKFILL_S, _HOURS_ENOUGH, _SHARE_ENOUGH = 40.0, 20, 0.9
_asked_first: dict[date, float] = {}


def due(at: datetime) -> list[Due]:
    """Return what should have been written by now and was not."""
    return due_now(at=at)


def write_due(at: datetime) -> None:
    """Write the reminder that is due in this call, and queue the longer bulletins."""
    for one in due(at):
        if one.kind == "daily":
            if _data_is_in(one.day):
                compose(kind="daily", day=one.day, at=at)
        elif _has_waited(one.day):
            enqueue_due(one)


def enqueue_due(one: Due) -> None:
    """Queue one bulletin to be written; twice is once."""
    task = jobs.configure_task(
        "bulletins.compose", queueing_lock=f"bulletins.{one.kind}.{one.day.isoformat()}"
    )
    try:
        with transaction.atomic():
            task.defer(kind=one.kind, day=one.day.isoformat())
    except AlreadyEnqueued:
        return


def _has_waited(day: date) -> bool:
    """Whether the stations were given time to back-fill; a long bulletin always gives it."""
    began = _asked_first.setdefault(day, time.monotonic())
    return time.monotonic() - began > _BACKFILL_S


def _data_is_in(day: date) -> bool:
    """Whether most sections have most hours of *day*, or enough time was given to back-fill."""
    if _has_waited(day):
        return True
    sections, _ = section_days(Observations(settings.FOLDER.store), day)
    whole = sum(1 for s in sections if s.hours >= _HOURS_ENOUGH)
    return whole >= _SHARE_ENOUGH * len(sections)


@transaction.atomic
def set_schedule(
    *,
    kind: str,
    on: bool,
    hour: int,
    by: User,
    at: datetime,
    weekday: int | None = None,
    monthday: int | None = None,
) -> Schedule:
    """Set when a kind is written, or that it is not."""
    rules = kind_named(kind)
    old = plan_of(kind)
    made, _ = Schedule.objects.update_or_create(
        kind=kind,
        defaults={
            "on": on,
            "hour": hour,
            "weekday": weekday if rules.period == "week" else None,
            "monthday": monthday if rules.period in ("month", "year") else None,
            "changed_by": str(by),
            "changed_at": at,
        },
    )
    audit.record(
        actor=Actor.of(by),
        deed="bulletins.schedule",
        target=f"bulletin-kind:{kind}",
        at=at,
        detail={"old": old.said, "new": plan_of(kind).said},
    )
    return made
