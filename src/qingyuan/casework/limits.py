"""Time limits of laws and rules (法定与约定时限): dated data, chosen by the date of the deed.

A limit is one of six kinds: a term *after* an event, a term *before* one, a *daily* window, a date
of the year (*yearly*), a *rate* that grows day by day, or an *amount* of money, which has no date.
``answer`` says when it falls due and why.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from math import ceil
from types import MappingProxyType
from typing import Literal, cast

from qingyuan.casework.clocks import UNITS, Clock, Extension, Pause, due_day, explain, months_after
from qingyuan.casework.model import Label, Unit
from qingyuan.casework.problems import Refusal
from qingyuan.casework.tables import rows_of
from qingyuan.core.calendar import TermExplanation, WorkCalendar
from qingyuan.core.periods import CITY_TZ, city_date, day_of, in_city

__all__ = ["LIMITS", "Answer", "Kind", "Limit", "answer", "limit_on", "versions"]

Kind = Literal["after", "before", "daily", "yearly", "rate", "amount"]
_ONE = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Limit:
    """One version of a time limit (时限的一个版本); ``mark`` is empty when its text was read.

    ``valid_from`` and ``valid_to`` (the first day it no longer holds) are given where the source
    says so. ``detail`` is the opening hour of a daily window or the month and day of a yearly date.
    ``extend_max`` is the most that may be added, in ``extend_unit``.
    """

    code: str
    process: Label
    label: Label
    kind: Kind
    length: int
    unit: str
    detail: str
    from_event: Label
    extend_max: int | None
    extend_unit: str
    extension: Label
    excluded: Label
    source: str
    mark: str
    valid_from: date | None
    valid_to: date | None

    def holds_on(self, day: date) -> bool:
        """Whether this version is in force on *day*."""
        begun = self.valid_from is None or self.valid_from <= day
        return begun and (self.valid_to is None or day < self.valid_to)


@dataclass(frozen=True, slots=True)
class Answer:
    """When a limit falls due and why (期限答复); no date for an amount or a paused term."""

    limit: Limit
    day: date | None
    due: datetime | None
    zh: str
    en: str
    term: TermExplanation | None = None


def _read(row: Mapping[str, str]) -> Limit:
    def day(key: str) -> date | None:
        return date.fromisoformat(row[key]) if row[key] else None

    def label(key: str) -> Label:
        return Label(row[key], row[f"{key}_en"])

    return Limit(
        code=row["code"],
        process=label("process"),
        label=Label(row["zh"], row["en"]),
        kind=cast(Kind, row["kind"]),
        length=int(row["length"]),
        unit=row["unit"],
        detail=row["detail"],
        from_event=label("from_event"),
        extend_max=int(row["extend_max"]) if row["extend_max"] else None,
        extend_unit=row["extend_unit"],
        extension=label("extension"),
        excluded=label("excluded"),
        source=row["source"],
        mark=row["mark"],
        valid_from=day("valid_from"),
        valid_to=day("valid_to"),
    )


_ALL: tuple[Limit, ...] = tuple(_read(row) for row in rows_of("limits.csv"))
LIMITS: Mapping[str, Limit] = MappingProxyType(
    {limit.code: limit for limit in sorted(_ALL, key=lambda x: x.valid_from or date.min)}
)
"""The newest version of every limit, by code; `limit_on` chooses by date."""


def versions(code: str) -> tuple[Limit, ...]:
    """Return every version of the limit *code*, oldest first."""
    found = [limit for limit in _ALL if limit.code == code]
    return tuple(sorted(found, key=lambda x: x.valid_from or date.min))


def limit_on(code: str, day: date) -> Limit:
    """Return the version of *code* in force on *day*, the date of the deed (行为时的规定).

    Raises
    ------
    Problem
        ``casework.unknown_rule``, or ``casework.no_limit_then`` if no version is typed for that day.
    """
    known = versions(code)
    if not known:
        raise Refusal("casework.unknown_rule", given=code, known=", ".join(LIMITS))
    for limit in known:
        if limit.holds_on(day):
            return limit
    first = min(x.valid_from for x in known if x.valid_from)
    raise Refusal("casework.no_limit_then", rule=code, day=day, since=first)


def answer(
    limit: Limit,
    start: datetime,
    *,
    calendar: WorkCalendar,
    pauses: Sequence[Pause] = (),
    extensions: Sequence[Extension] = (),
) -> Answer:
    """Say when *limit* falls due, counted from *start* (期限答复).

    Parameters
    ----------
    limit : Limit
        The version to use; `limit_on` finds it.
    start : datetime
        The moment of the event (of the hearing, the expiry … for limits before an event).
    calendar : WorkCalendar
        Which days are worked.
    pauses, extensions
        Excluded time and extensions; only a term after an event has them.

    Raises
    ------
    Problem
        ``casework.extension_too_long`` beyond ``extend_max``; ``casework.no_pause_here`` if the kind
        knows neither pause nor extension.
    """
    if limit.kind != "after":
        if pauses or extensions:
            raise Refusal("casework.no_pause_here", rule=limit.code, limit=limit.label)
        return _OTHERS[limit.kind](limit, start, calendar)
    added = sum(e.amount for e in extensions)
    if limit.extend_max is not None and added > limit.extend_max:
        raise Refusal(
            "casework.extension_too_long", given=added, most=limit.extend_max, clock=limit.label
        )
    clock = Clock(
        start=start,
        unit=cast(Unit, limit.unit),
        length=limit.length,
        pauses=tuple(pauses),
        extensions=tuple(extensions),
    )
    told = explain(clock, calendar=calendar)
    day = due_day(clock, calendar=calendar)
    return Answer(limit, day, told.due, told.zh, told.en, told.term)


def _before(limit: Limit, start: datetime, calendar: WorkCalendar) -> Answer:
    event, n = city_date(start), limit.length
    if limit.unit == "workday":
        day = calendar.add_working_days(event, -n)
    elif limit.unit == "day":
        day = event - n * _ONE
    else:
        day = months_after(event, -n * (12 if limit.unit == "year" else 1))
    unit = UNITS[cast(Unit, limit.unit)]
    zh = f"{event} 之前 {n} {unit.zh}，不迟于 {day}（往前推算，不顺延）"
    en = f"{n} {unit.en if n != 1 else unit.en.removesuffix('s')} before {event}: not later than {day}"
    return Answer(limit, day, day_of(day).end, zh, en + " (counted backwards, never moved on)")


def _daily(limit: Limit, start: datetime, calendar: WorkCalendar) -> Answer:
    opens = time.fromisoformat(limit.detail)
    at = in_city(start)
    first = datetime.combine(at.date(), opens, CITY_TZ)
    if at >= first + timedelta(hours=limit.length):
        first += _ONE
    last = first + timedelta(hours=limit.length)
    zh = f"每日 {first:%H:%M}—{last:%H:%M}，所问时刻的这一段至 {last:%Y-%m-%d %H:%M} 止"
    en = f"daily {first:%H:%M}-{last:%H:%M}; the window asked about ends {last:%Y-%m-%d %H:%M}"
    return Answer(limit, last.date(), last, zh, en)


def _yearly(limit: Limit, start: datetime, calendar: WorkCalendar) -> Answer:
    today = city_date(start)
    day = date.fromisoformat(f"{today.year}-{limit.detail}")
    if day < today:
        day = date.fromisoformat(f"{today.year + 1}-{limit.detail}")
    zh, en = f"每年 {limit.detail} 前，下一次为 {day}", f"every year by {limit.detail}, next {day}"
    return Answer(limit, day, day_of(day).end, zh, en)


def _rate(limit: Limit, start: datetime, calendar: WorkCalendar) -> Answer:
    since, days = city_date(start) + _ONE, ceil(100 / limit.length)
    day = city_date(start) + days * _ONE
    zh = f"自 {since} 起每日 {limit.length}%，第 {days} 日（{day}）达到本数，不再增加"
    en = f"{limit.length} % a day from {since}; on day {days} ({day}) it equals the fine and stops"
    return Answer(limit, day, day_of(day).end, zh, en)


def _amount(limit: Limit, start: datetime, calendar: WorkCalendar) -> Answer:
    zh = f"数额上限 {limit.length} 元，不是期限：{limit.extension.zh}"
    en = f"an amount of {limit.length} yuan, no time limit: {limit.extension.en}"
    return Answer(limit, None, None, zh, en)


_OTHERS = {
    "before": _before,
    "daily": _daily,
    "yearly": _yearly,
    "rate": _rate,
    "amount": _amount,
}
