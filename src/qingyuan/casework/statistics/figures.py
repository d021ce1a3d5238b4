"""Statistics as definitions (统计口径): one function per name, the same wherever a figure is shown.

Each answers with the rows behind both sides of the fraction, so that a figure opens its cases. Names,
formulas and traps are the table ``tables/statistics.toml``.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from functools import cache
from math import ceil
from pathlib import Path
from types import MappingProxyType
from typing import Literal

from qingyuan.casework.model import Label, Phase
from qingyuan.casework.statistics.places import repeated
from qingyuan.casework.statistics.rows import CaseRow
from qingyuan.casework.statistics.times import WorkTime
from qingyuan.core.calendar import WorkCalendar

__all__ = ["Definition", "Figure", "Question", "definitions", "figure", "figures", "ranked"]

_TABLE = Path(__file__).parents[1] / "tables" / "statistics.toml"


@dataclass(frozen=True, slots=True)
class Definition:
    """How a figure is defined (口径): shown beside the figure, in both languages."""

    name: str
    label: Label
    formula: Label
    numerator: Label
    denominator: Label
    trap: Label
    unit: Literal["percent", "workday", "hour", "count"]
    parts: Mapping[str, Label]


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure with what it was made of (统计值).

    ``value`` is unrounded (a rate is a fraction of one) and None when nothing is counted below.
    ``over`` and ``among`` are the numbers of the rows of numerator and denominator; ``parts`` are
    the figures the definition wants shown beside it, ``part_rows`` their rows where they are counts.
    """

    name: str
    numerator: Decimal
    denominator: int
    value: Decimal | None
    over: tuple[str, ...]
    among: tuple[str, ...]
    parts: Mapping[str, Decimal] = field(default_factory=lambda: MappingProxyType({}))
    part_rows: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: MappingProxyType({}))

    @property
    def definition(self) -> Definition:
        """The definition it follows."""
        return definitions()[self.name]


@dataclass(frozen=True, slots=True)
class Question:
    """What a definition needs besides the rows: the moment, working time, and what "again" means."""

    at: datetime
    work: WorkTime
    near_m: float = 100.0
    within_days: int = 30


Rows = Sequence[CaseRow]


@cache
def definitions() -> Mapping[str, Definition]:
    """Return every definition by name, in the order of the table."""
    table = tomllib.loads(_TABLE.read_text("utf-8"))
    return MappingProxyType({name: _definition(name, row) for name, row in table.items()})


def _definition(name: str, row: dict[str, dict[str, str]]) -> Definition:
    def label(key: str) -> Label:
        said = row.get(key, {"zh": "", "en": ""})
        return Label(said["zh"], said["en"])

    unit = row["unit"]
    parts = {key[5:]: label(key) for key in row if key.startswith("part_")}
    return Definition(
        name=name,
        label=label("name"),
        formula=label("formula"),
        numerator=label("numerator"),
        denominator=label("denominator"),
        trap=label("trap"),
        unit=unit,  # type: ignore[arg-type]  # a test holds the table's words to the type's
        parts=MappingProxyType(parts),
    )


def _numbers(rows: Iterable[CaseRow]) -> tuple[str, ...]:
    return tuple(row.number for row in rows)


def _rate(name: str, over: Rows, among: Rows, **parts: Rows) -> Figure:
    return Figure(
        name=name,
        numerator=Decimal(len(over)),
        denominator=len(among),
        value=Decimal(len(over)) / len(among) if among else None,
        over=_numbers(over),
        among=_numbers(among),
        parts=MappingProxyType({key: Decimal(len(rows)) for key, rows in parts.items()}),
        part_rows=MappingProxyType({key: _numbers(rows) for key, rows in parts.items()}),
    )


def _closing(rows: Rows, ask: Question) -> Figure:
    done = [r for r in rows if r.is_done]
    return _rate("closing_rate", done, rows, staged=[r for r in rows if r.is_staged])


def _closing_staged(rows: Rows, ask: Question) -> Figure:
    done, staged = [r for r in rows if r.is_done], [r for r in rows if r.is_staged]
    return _rate("closing_rate_staged", [*done, *staged], rows, done=done, staged=staged)


def _closing_due(rows: Rows, ask: Question) -> Figure:
    due = [r for r in rows if r.due_at is not None and r.due_at <= ask.at]
    return _rate("closing_rate_due", [r for r in due if r.is_done], due)


def _on_time(rows: Rows, ask: Question) -> Figure:
    timed = [r for r in rows if r.due_at is not None]
    closed = [r for r in timed if r.closed_at is not None]
    good = [r for r in closed if r.due_at and r.closed_at and r.closed_at < r.due_at]
    overdue = [r for r in timed if r.closed_at is None and r.due_at and r.due_at <= ask.at]
    among = [*closed, *overdue]
    extended = [r for r in among if r.extensions]
    return _rate("on_time_rate", good, among, overdue=overdue, extended=extended)


def _receipt(rows: Rows, ask: Question) -> Figure:
    given = [r for r in rows if r.assigned_at is not None]
    waiting = [
        r for r in given if r.signed_at is None and r.sign_by is not None and r.sign_by > ask.at
    ]
    good = [r for r in given if r.signed_at and (r.sign_by is None or r.signed_at < r.sign_by)]
    return _rate("receipt_rate", good, given, waiting=waiting)


def _returned(rows: Rows, ask: Question) -> Figure:
    given = [r for r in rows if r.assigned_at is not None or r.returns]
    return _rate("return_rate", [r for r in given if r.returns], given)


def _satisfaction(rows: Rows, ask: Question) -> Figure:
    said = {
        word: [r for r in rows if r.satisfaction == word]
        for word in ("satisfied", "basically", "unsatisfied", "unreachable")
    }
    answered = [*said["satisfied"], *said["basically"], *said["unsatisfied"]]
    waiting = [r for r in rows if r.complaint and not r.satisfaction]
    return _rate("satisfaction_rate", said["satisfied"], answered, **said, waiting=waiting)


def _solved(rows: Rows, ask: Question) -> Figure:
    asked = [r for r in rows if r.solved is not None]
    return _rate(
        "solved_rate",
        [r for r in asked if r.solved],
        asked,
        unsolved=[r for r in asked if not r.solved],
        unreachable=[r for r in rows if r.satisfaction == "unreachable"],
        waiting=[r for r in rows if r.complaint and not r.satisfaction],
    )


def _once(rows: Rows, ask: Question) -> Figure:
    closed = [r for r in rows if r.closed_at is not None]
    again = [r for r in closed if r.reopened]
    return _rate("once_rate", [r for r in closed if not r.reopened], closed, again=again)


def _repeats(rows: Rows, ask: Question) -> Figure:
    placed = [r for r in rows if r.place is not None]
    again = repeated(placed, near_m=ask.near_m, within_days=ask.within_days)
    over = [
        r for r in placed if r.reports > 1 or (r.number in again if r.again is None else r.again)
    ]
    unplaced = [r for r in rows if r.complaint and r.place is None]
    merged = [r for r in placed if r.reports > 1]
    return _rate("repeat_rate", over, placed, unplaced=unplaced, merged=merged)


def _truth(rows: Rows, ask: Question) -> Figure:
    found = {
        word: [r for r in rows if r.truth == word]
        for word in ("proven", "mostly", "partly", "unproven")
    }
    true = [*found["proven"], *found["mostly"], *found["partly"]]
    return _rate("truth_rate", true, [*true, *found["unproven"]], **found)


def _struck(rows: Rows, ask: Question) -> Figure:
    listed = [r for r in rows if r.listed]
    struck = [r for r in listed if r.struck_at is not None]
    return _rate("strike_off_rate", struck, listed, rebound=[r for r in listed if r.reopened])


def _check_list(rows: Rows, ask: Question) -> Figure:
    return _rate("check_list", [r for r in rows if r.listed], rows)


def _check_duty(rows: Rows, ask: Question) -> Figure:
    named = [r for r in rows if r.unit and r.person and r.due_at is not None]
    return _rate("check_duty", named, rows, nobody=[r for r in rows if not (r.unit and r.person)])


def _check_strike(rows: Rows, ask: Question) -> Figure:
    struck = [r for r in rows if r.struck_at is not None]
    return _rate("check_strike", [r for r in struck if r.evidence], struck)


def _accepted(rows: Rows, ask: Question) -> Figure:
    yes = [r for r in rows if r.accepted]
    return _rate("acceptance_rate", yes, rows, refused=[r for r in rows if r.accepted is False])


def _immediate(rows: Rows, ask: Question) -> Figure:
    at_once = [r for r in rows if r.immediate]
    return _rate("immediate_rate", [r for r in at_once if r.is_done], at_once)


def _visits(rows: Rows, ask: Question) -> Figure:
    merged = [r for r in rows if r.visits_merged]
    online = [r for r in rows if r.closed_online]
    saved = sum(r.visits_merged for r in merged) + len(online)
    over = tuple(dict.fromkeys(_numbers([*merged, *online])))
    return Figure(
        name="visits_saved",
        numerator=Decimal(saved),
        denominator=len(rows),
        value=Decimal(saved),
        over=over,
        among=_numbers(rows),
        parts=MappingProxyType(
            {"merged": Decimal(saved - len(online)), "online": Decimal(len(online))}
        ),
        part_rows=MappingProxyType({"merged": _numbers(merged), "online": _numbers(online)}),
    )


def _lengths(name: str, lengths: Mapping[str, Decimal]) -> Figure:
    """Return mean, median and P90 (nearest rank) of *lengths* by case number."""
    among, total = tuple(lengths), sum(lengths.values(), Decimal(0))
    parts: dict[str, Decimal] = {}
    if among:
        ordered, n = sorted(lengths.values()), len(among)
        parts = {
            "median": (ordered[(n - 1) // 2] + ordered[n // 2]) / 2,
            "p90": ordered[ceil(n * 0.9) - 1],
        }
    return Figure(
        name=name,
        numerator=total,
        denominator=len(among),
        value=total / len(among) if among else None,
        over=among,
        among=among,
        parts=MappingProxyType(parts),
    )


def _handling(rows: Rows, ask: Question) -> Figure:
    closed = {
        r.number: Decimal(ask.work.days(r.opened_at, r.closed_at, r.pauses))
        for r in rows
        if r.closed_at is not None
    }
    return _lengths("handling_days", closed)


def _hours(name: str, start: str, end: str) -> Callable[[Rows, Question], Figure]:
    def measured(rows: Rows, ask: Question) -> Figure:
        lengths = {}
        for row in rows:
            since, until = getattr(row, start), getattr(row, end)
            if since is not None and until is not None:
                lengths[row.number] = Decimal(str(round(ask.work.hours(since, until), 4)))
        return _lengths(name, lengths)

    return measured


def _dwell(phase: Phase) -> Callable[[Rows, Question], Figure]:
    def measured(rows: Rows, ask: Question) -> Figure:
        lengths: dict[str, Decimal] = {}
        for row in rows:
            for spell in row.spells:
                if spell.phase is phase:
                    end = min(spell.end or row.closed_at or ask.at, ask.at)
                    days = max(ask.work.days(spell.start, end), 0)
                    lengths[row.number] = lengths.get(row.number, Decimal(0)) + days
        return _lengths(f"dwell_{phase.value}", lengths)

    return measured


_MEASURES: Mapping[str, Callable[[Rows, Question], Figure]] = MappingProxyType(
    {
        "closing_rate": _closing,
        "closing_rate_staged": _closing_staged,
        "closing_rate_due": _closing_due,
        "on_time_rate": _on_time,
        "receipt_rate": _receipt,
        "return_rate": _returned,
        "satisfaction_rate": _satisfaction,
        "solved_rate": _solved,
        "repeat_rate": _repeats,
        "once_rate": _once,
        "truth_rate": _truth,
        "handling_days": _handling,
        "strike_off_rate": _struck,
        "visits_saved": _visits,
        "acceptance_rate": _accepted,
        "immediate_rate": _immediate,
        "receipt_hours": _hours("receipt_hours", "assigned_at", "signed_at"),
        "first_action_hours": _hours("first_action_hours", "assigned_at", "acted_at"),
        "dwell_discover": _dwell(Phase.DISCOVER),
        "dwell_handle": _dwell(Phase.HANDLE),
        "dwell_feedback": _dwell(Phase.FEEDBACK),
        "check_list": _check_list,
        "check_duty": _check_duty,
        "check_strike": _check_strike,
    }
)


def figure(
    name: str,
    rows: Iterable[CaseRow],
    *,
    at: datetime,
    calendar: WorkCalendar | WorkTime,
    near_m: float = 100.0,
    within_days: int = 30,
) -> Figure:
    """Compute one figure (统计值).

    Parameters
    ----------
    name : str
        A name of the table, such as ``on_time_rate``.
    rows : iterable of CaseRow
        The cases counted.
    at : datetime
        The moment of the count: what is overdue, how long open phases have lasted.
    calendar : WorkCalendar or WorkTime
        For working time; hand in one `WorkTime` to share its sums between figures.
    near_m, within_days
        What counts as the same place and as again, for ``repeat_rate``.

    Raises
    ------
    KeyError
        If no definition has that name.
    """
    work = calendar if isinstance(calendar, WorkTime) else WorkTime(calendar)
    return _MEASURES[name](tuple(rows), Question(at, work, near_m, within_days))


def figures(
    rows: Iterable[CaseRow],
    *,
    at: datetime,
    calendar: WorkCalendar | WorkTime,
    names: Sequence[str] | None = None,
    near_m: float = 100.0,
    within_days: int = 30,
) -> dict[str, Figure]:
    """Compute the figures *names* (all of them if not given) over the same rows."""
    work = calendar if isinstance(calendar, WorkTime) else WorkTime(calendar)
    kept, ask = tuple(rows), Question(at, work, near_m, within_days)
    return {name: _MEASURES[name](kept, ask) for name in names or definitions()}


def ranked(
    name: str,
    groups: Mapping[str, Sequence[CaseRow]],
    *,
    at: datetime,
    calendar: WorkCalendar | WorkTime,
    least: int = 5,
) -> list[tuple[str, Figure]]:
    """Order groups (units, districts) by a figure, smallest value first (最快在前).

    Groups with fewer than *least* rows below the fraction say nothing and are left out.
    """
    work = calendar if isinstance(calendar, WorkTime) else WorkTime(calendar)
    found = [(key, figure(name, rows, at=at, calendar=work)) for key, rows in groups.items()]
    kept = [(key, f) for key, f in found if f.value is not None and f.denominator >= least]
    return sorted(kept, key=lambda pair: (pair[1].value or Decimal(0), pair[0]))
