"""The clocks of a case as a reader sees them (时限): due, left, why, and what was sent."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.utils.translation import get_language

from qingyuan.casework import clocks
from qingyuan.core.calendar import WorkCalendar
from qingyuan.core.periods import last_day
from qingyuan.web.cases.models import CardSent, Case, CaseClock
from qingyuan.web.cases.models.case import in_language
from qingyuan.web.cases.selectors.file import case_file
from qingyuan.web.cases.selectors.workdays import calendar

__all__ = ["ClockView", "clock_views"]


@dataclass(frozen=True, slots=True)
class ClockView:
    """One clock as a reader sees it; ``unit`` is named when it is one unit's own."""

    name: str
    label: str
    unit: str
    due: datetime | None
    last_day: date | None
    left: int | None
    standing: str
    paused: bool
    stopped: datetime | None
    rule: str
    clause: str
    mark: str
    provisional: bool
    pauses: tuple[clocks.Pause, ...]
    extensions: tuple[clocks.Extension, ...]
    cards: tuple[CardSent, ...]


def clock_views(
    case: Case, *, at: datetime, rows: Sequence[CaseClock] | None = None
) -> tuple[ClockView, ...]:
    """Return every clock of the case, running ones first, the next to end on top."""
    days = calendar()
    rows = case_file(case).clocks if rows is None else rows
    found = [view for row in rows if (view := _view(case, row, at=at, days=days))]
    far = datetime.max.replace(tzinfo=at.tzinfo)
    return tuple(sorted(found, key=lambda v: (v.stopped is not None, v.unit != "", v.due or far)))


def _view(case: Case, row: CaseClock, *, at: datetime, days: WorkCalendar) -> ClockView | None:
    rule = case.rules.clocks.get(row.name)
    if rule is None:
        return None
    record = row.record()
    told = clocks.explain(record, calendar=days)
    left = clocks.remaining(record, at=at, calendar=days)
    workdays = left.workdays if left else None
    if left and left.late and workdays is not None:
        workdays = min(workdays, -1)
    return ClockView(
        name=row.name,
        label=in_language(rule.label),
        unit=row.part.unit.name_zh if row.part else "",
        due=told.due,
        last_day=last_day(told.due) if told.due else None,
        left=workdays,
        standing=clocks.standing(record, at=at, calendar=days),
        paused=record.is_paused and row.stopped_at is None,
        stopped=row.stopped_at,
        rule=told.en if (get_language() or "").startswith("en") else told.zh,
        clause=rule.clause,
        mark=rule.mark,
        provisional=bool(told.term.provisional),
        pauses=record.pauses,
        extensions=record.extensions,
        cards=tuple(sorted(row.cards.all(), key=lambda card: (card.at, card.rung))),
    )
