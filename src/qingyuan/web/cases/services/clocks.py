"""Write what a decision says about clocks, and what the calendar says about their ends."""

from __future__ import annotations

from datetime import datetime

from qingyuan import casework
from qingyuan.casework import clocks
from qingyuan.core.calendar import WorkCalendar
from qingyuan.web.accounts.models import User
from qingyuan.web.cases.models import Case, CaseClock, ClockExtension, ClockPause

__all__ = ["next_card", "set_due", "turn"]


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
    clock = CaseClock.objects.select_for_update().get(
        case=case, part=None, name=effect.clock, stopped_at=None
    )
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
    """Compute the end of every open clock, and the case's own: the next of them (not saved here).

    The clocks of parts have ends of their own; the case is due by its own clocks.
    """
    ends, paused = [], False
    for clock in case.clocks.filter(stopped_at=None).prefetch_related("pauses", "extensions"):
        record = clock.record()
        due = clocks.due(record, calendar=calendar)
        if due != clock.due_at or due is None:
            clock.due_at = due
            clock.card_at = next_card(case, clock, calendar=calendar)
            clock.save(update_fields=["due_at", "card_at"])
        if clock.part_id is not None:
            continue
        paused = paused or record.is_paused
        if due:
            ends.append(due)
    case.due_at = min(ends, default=None)
    case.paused = paused and not ends


def next_card(case: Case, clock: CaseClock, *, calendar: WorkCalendar) -> datetime | None:
    """Return when the next rung of a clock's ladder falls that was not sent for its present end."""
    rule = case.rules.clocks.get(clock.name)
    if rule is None or clock.due_at is None:
        return None
    sent = set(clock.cards.filter(due_at=clock.due_at).values_list("rung", flat=True))
    record = clock.record()
    moments = [
        warning.at
        for n, rung in enumerate(rule.warn)
        if n not in sent
        for warning in clocks.warnings(record, ladder=[rung], calendar=calendar)
    ]
    return min(moments, default=None)
