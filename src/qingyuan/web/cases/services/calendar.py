"""Change the working-day calendar, and compute every open deadline again (工作日历变动)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.urls import reverse

from qingyuan.core.calendar import HolidaySpan
from qingyuan.core.problems import Problem
from qingyuan.web.accounts.models import User
from qingyuan.web.audit import services as audit
from qingyuan.web.audit.services import Actor
from qingyuan.web.cases.models import CalendarChange, CaseClock
from qingyuan.web.cases.selectors.workdays import calendar
from qingyuan.web.cases.services.clocks import set_due
from qingyuan.web.cases.services.locks import locked_all
from qingyuan.web.notices import services as notices

__all__ = ["change_calendar", "change_calendar_many", "recompute_open_clocks", "withdraw_change"]

_CHUNK = 200


def change_calendar(*, span: HolidaySpan, by: User, at: datetime) -> CalendarChange:
    """Enter days off or days worked of a new notice; open deadlines are computed again.

    Raises
    ------
    Problem
        ``cases.calendar_needs_notice``: no document is named.
    """
    return change_calendar_many(spans=[span], by=by, at=at)[0]


@transaction.atomic
def change_calendar_many(
    *, spans: Sequence[HolidaySpan], by: User, at: datetime
) -> list[CalendarChange]:
    """Enter all days of a notice at once; open deadlines are computed again, once.

    Raises
    ------
    Problem
        ``cases.calendar_needs_notice``: no document is named.
    """
    rows = []
    for span in spans:
        if not span.notice.strip():
            raise Problem("cases.calendar_needs_notice", days=span.label)
        row = CalendarChange.objects.create(
            year=span.year,
            start=span.start,
            end=span.end,
            kind=span.kind,
            name=span.name[:60],
            notice=span.notice.strip()[:200],
            entered_by=str(by),
            entered_at=at,
        )
        _record(row, "cases.calendar_change", by=by, at=at)
        rows.append(row)
    recompute_open_clocks(by=by, at=at)
    return rows


@transaction.atomic
def withdraw_change(row: CalendarChange, *, by: User, at: datetime) -> None:
    """Take an entry back; it stays readable, and open deadlines are computed again."""
    found = CalendarChange.objects.select_for_update().get(pk=row.pk)
    if found.withdrawn_at is not None:
        return
    found.withdrawn_by, found.withdrawn_at = str(by), at
    found.save(update_fields=["withdrawn_by", "withdrawn_at"])
    _record(found, "cases.calendar_withdraw", by=by, at=at)
    recompute_open_clocks(by=by, at=at)


def _record(row: CalendarChange, deed: str, *, by: User, at: datetime) -> None:
    audit.record(
        actor=Actor.of(by),
        deed=deed,
        target=f"calendar:{row.pk}",
        at=at,
        clause=row.notice,
        detail={"start": row.start.isoformat(), "end": row.end.isoformat(), "kind": row.kind},
    )


@transaction.atomic
def recompute_open_clocks(*, by: User | None, at: datetime) -> int:
    """Compute the end of every running clock again; say how many cases moved.

    Each handler concerned gets one message, however many of their cases moved; the chain gets one
    line with the numbers.
    """
    days = calendar()
    open_cases = CaseClock.objects.filter(stopped_at=None).values_list("case_id", flat=True)
    wanted = sorted(set(open_cases))
    moved: list[str] = []
    concerned: dict[int, tuple[User, int]] = {}
    for start in range(0, len(wanted), _CHUNK):
        for case in locked_all(wanted[start : start + _CHUNK]).values():
            before = dict(case.clocks.filter(stopped_at=None).values_list("pk", "due_at"))
            set_due(case, calendar=days)
            after = dict(case.clocks.filter(stopped_at=None).values_list("pk", "due_at"))
            if after == before:
                continue
            case.save(update_fields=["due_at", "paused"])
            moved.append(case.number)
            people = {p.person for p in case.parts.filter(ended_at=None).select_related("person")}
            for person in people | ({case.person} if case.person else set()):
                concerned[person.pk] = (person, concerned.get(person.pk, (person, 0))[1] + 1)
    for person, n in concerned.values():
        notices.notify(
            [person],
            kind="calendar",
            title=f"工作日历有变动，您办理的 {n} 件案件期限已重算",
            title_en=f"The calendar changed; the deadlines of {n} of your cases were computed again",
            url=reverse("ledger") + "?mine=1&sort=due",
            at=at,
        )
    audit.record(
        actor=Actor.of(by) if by else audit.SYSTEM,
        deed="cases.recompute_clocks",
        target="calendar",
        at=at,
        detail={"moved": len(moved), "cases": moved[:500]},
    )
    return len(moved)
