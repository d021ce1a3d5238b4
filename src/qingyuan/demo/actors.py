"""The people who act by themselves (演示人物): ``python -m qingyuan.demo.actors``.

They live through the past once, and then take the second incident from its alarm to its close-out,
so that no ledger is ever empty. Everything they do goes through the services that people use, in
city time; the main incident is left to whoever sits before the screen.
"""

from __future__ import annotations

import argparse
import logging
import os
import signal
import sys
import threading
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from qingyuan.demo.incidents import Plan

__all__ = ["act", "main"]

_log = logging.getLogger("qingyuan.demo.actors")
_TICK_S = 2.0
_SEEN_AFTER = timedelta(minutes=1)
_OPENED_AFTER = timedelta(minutes=3)


def act(plan: Plan, *, now: datetime) -> bool:
    """Do what falls due until *now* in the second incident; whether there was a case to act on.

    Nothing happens before the platform itself has raised the alarm.
    """
    from qingyuan.core.periods import city_date
    from qingyuan.demo.past import open_for
    from qingyuan.demo.script import live_on
    from qingyuan.web.accounts import selectors as accounts
    from qingyuan.web.cases.models import Case
    from qingyuan.web.cases.services import Origin
    from qingyuan.web.signals import services as signals
    from qingyuan.web.signals.models import Signal

    if not plan.of("second"):
        return False
    story = plan.of("second")[0]
    case = Case.objects.filter(
        origin_kind="signal", section_code=story.incident.section_id, outfall_code=story.outfall_id
    ).first()
    if case is None:
        alarm = (
            Signal.objects.filter(
                kind=Signal.Kind.EXCEEDANCE,
                object_kind="section",
                object_code=story.incident.section_id,
                factor=story.incident.factor,
                case_ref="",
                false_at=None,
            )
            .order_by("raised_at")
            .first()
        )
        if alarm is None or now < alarm.raised_at + _SEEN_AFTER:
            return False
        duty = accounts.holders_of("duty_officer", on=city_date(alarm.raised_at))[0]
        if not alarm.acknowledged:
            signals.acknowledge(alarm, by=duty, at=alarm.raised_at + _SEEN_AFTER)
        if now < alarm.raised_at + _OPENED_AFTER:
            return False
        at = alarm.raised_at + _OPENED_AFTER
        case = open_for(story, origin=Origin("signal", alarm.ref, story.title), at=at)
        signals.link_case(alarm, case_ref=case.ref, by=duty, at=at)
    live_on(case, until=now)
    return True


def main() -> int:
    """Act until told to stop."""
    parser = argparse.ArgumentParser(prog="python -m qingyuan.demo.actors")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--size", choices=("demo", "four-nodes"), default="demo")
    call = parser.parse_args()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "qingyuan.web.project.settings")
    import django

    django.setup()
    from django.conf import settings
    from django.db import close_old_connections

    from qingyuan.core.problems import Problem
    from qingyuan.demo.incidents import plan
    from qingyuan.demo.past import live_through
    from qingyuan.host.citytime import CityClock

    stopped = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopped.set())
    clock = CityClock(settings.FOLDER)
    found = plan(size=call.size, seed=call.seed)
    epoch = found.city.epoch
    if epoch is not None:
        live_through(found, until=epoch)
    while not stopped.wait(_TICK_S):
        close_old_connections()
        try:
            act(found, now=clock.now())
        except Problem as problem:  # somebody was faster; the next look shows how things stand
            _log.info("actor_refused code=%s", problem.code)
    return 0


if __name__ == "__main__":
    sys.exit(main())
