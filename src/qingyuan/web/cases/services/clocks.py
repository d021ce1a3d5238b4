"""Write what a decision says about clocks, and what the calendar says about their ends."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from qingyuan import casework
from qingyuan.casework import clocks
from qingyuan.core.calendar import WorkCalendar
from qingyuan.web.accounts.models import User
from qingyuan.web.cases.models import Case, CaseClock, ClockExtension, ClockPause

__all__ = ["recompute_due", "set_due", "turn"]


def turn(
    case: Case, effect: casework.ClockEffect, *, by: User, at: datetime, why: str, round_: int
) -> None:
    """Start, stop, pause, resume or extend one clock of a case."""
    if effect.action == "start":
        rule = case.rules.clocks[effect.clock]
        CaseClock.objects.create(
            case=case,
            round=round_,
            name=effect.clock,
            unit=rule.unit,
            length=rule.length,
            until=effect.until,
            started_at=at,
        )
        return
    clock = CaseClock.objects.select_for_update().get(case=case, name=effect.clock, stopped_at=None)
    if effect.action == "pause":
        ClockPause.objects.create(clock=clock, started_at=at, reason=why, by=str(by))
    elif effect.action == "extend":
        ClockExtension.objects.create(
            clock=clock, amount=effect.amount or 0, reason=why, by=str(by), at=at
        )
    else:
        clock.pauses.filter(ended_at=None).update(ended_at=at)
        if effect.action == "stop":
            clock.stopped_at = at
            clock.save(update_fields=["stopped_at"])


def set_due(case: Case, *, calendar: WorkCalendar) -> None:
    """Compute the end of every open clock, and the case's own: the next of them (not saved here)."""
    ends, paused = [], False
    for clock in case.clocks.filter(stopped_at=None).prefetch_related("pauses", "extensions"):
        record = clock.record()
        due = clocks.due(record, calendar=calendar)
        paused = paused or record.is_paused
        if due != clock.due_at:
            clock.due_at = due
            clock.save(update_fields=["due_at"])
        if due:
            ends.append(due)
    case.due_at = min(ends, default=None)
    case.paused = paused and not ends


@transaction.atomic
def recompute_due(*, calendar: WorkCalendar) -> int:
    """Compute every open case's due dates again after the calendar changed; say how many moved."""
    moved = 0
    for case in Case.objects.select_for_update().filter(closed_at=None).order_by("pk"):
        before = case.due_at
        set_due(case, calendar=calendar)
        if case.due_at != before:
            case.save(update_fields=["due_at", "paused"])
            moved += 1
    return moved
