"""办案统计 as a page shows it: every figure with its two numbers, and the rows each of them opens."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.utils.translation import gettext as _

from qingyuan import casework
from qingyuan.casework.statistics import definitions
from qingyuan.web.accounts.models import Unit
from qingyuan.web.accounts.scope import Scope
from qingyuan.web.cases import selectors as cases
from qingyuan.web.cases.models.case import in_language
from qingyuan.web.registry import selectors as registry
from qingyuan.web.statistics.selectors.figures import Value, grouped, whole
from qingyuan.web.statistics.selectors.links import link
from qingyuan.web.statistics.selectors.measures import MEASURES

__all__ = ["CHECKS", "COLUMNS", "DWELLS", "Board", "Cell", "Group", "Line", "board"]

CHECKS = ("check_list", "check_duty", "check_strike")
DWELLS = ("dwell_discover", "dwell_handle", "dwell_feedback")
COLUMNS = ("closing_rate", "closing_rate_staged", "on_time_rate", "receipt_rate", "truth_rate",
           "strike_off_rate", "handling_days")  # fmt: skip
LEAST = 5
"""Groups with fewer closed cases than this are not ranked: their mean says nothing."""


@dataclass(frozen=True, slots=True)
class Cell:
    """One figure: written, its numerator and denominator, and the rows of both."""

    said: str
    over: str
    among: str
    over_href: str
    among_href: str


@dataclass(frozen=True, slots=True)
class Line:
    """One definition with its figure: name, formula, trap, parts shown beside it."""

    name: str
    label: str
    formula: str
    numerator: str
    denominator: str
    trap: str
    cell: Cell
    parts: list[tuple[str, str, str]]


@dataclass(frozen=True, slots=True)
class Group:
    """One row of the table: a district, unit, type, procedure or month."""

    label: str
    n: int
    href: str
    cells: list[Cell]


@dataclass(frozen=True, slots=True)
class Board:
    """Everything the page shows."""

    n: int
    href: str
    lines: dict[str, Line]
    heads: list[tuple[str, str]]
    groups: list[Group]
    ranked: list[tuple[str, Cell]]


def _number(value: Decimal | None, places: int = 1) -> str:
    return "—" if value is None else f"{value:,.{places}f}"


def _said(value: Value) -> str:
    unit = value.definition.unit
    if value.value is None:
        return "—"
    if unit == "percent":
        return f"{value.value * 100:.1f}%"
    words = _("%(n)s 个工作日") if unit == "workday" else _("%(n)s 小时")
    return words % {"n": _number(value.value)}


def _cell(value: Value, wanted: Mapping[str, str]) -> Cell:
    length = bool(MEASURES[value.name].length)
    return Cell(
        said=_said(value),
        over=_number(value.numerator, 1 if length and value.numerator % 1 else 0),
        among=f"{value.denominator:,}",
        over_href=""
        if length or value.value is None
        else link(wanted, figure=f"{value.name}.over"),
        among_href=link(wanted, figure=f"{value.name}.among"),
    )


def _line(value: Value, wanted: Mapping[str, str]) -> Line:
    defined = value.definition
    length = bool(MEASURES[value.name].length)
    parts = [
        (
            in_language(label),
            _number(value.parts.get(part), 1 if length else 0),
            "" if length else link(wanted, figure=f"{value.name}.{part}"),
        )
        for part, label in defined.parts.items()
    ]
    return Line(
        name=value.name,
        label=in_language(defined.label),
        formula=in_language(defined.formula),
        numerator=in_language(defined.numerator),
        denominator=in_language(defined.denominator),
        trap=in_language(defined.trap),
        cell=_cell(value, wanted),
        parts=parts,
    )


def _month(key: str, wanted: Mapping[str, str]) -> dict[str, str]:
    """Return the days of a month that lie in the period asked for."""
    year, month = map(int, key.split("-"))
    first, last = f"{key}-01", f"{key}-{monthrange(year, month)[1]:02d}"
    since, until = wanted.get("opened_from", ""), wanted.get("opened_to", "")
    return {"opened_from": max(first, since), "opened_to": min(last, until) if until else last}


def _names(by: str, scope: Scope) -> dict[str, tuple[str, dict[str, str]]]:
    """Return, for each key of a grouping, its name and the filter that shows its rows."""
    if by == "district":
        return {d.code: (d.name, {"district": d.code}) for d in registry.districts(scope)}
    if by == "unit":
        return {str(u.pk): (u.name_zh, {"unit": u.code}) for u in Unit.objects.all()} | {"": (_("尚无责任单位"), {"unit": "-"})}  # fmt: skip
    if by == "type":
        named = {w: (in_language(label), {"type": w}) for w, label in casework.TYPES.items()}
        return named | {"": (_("未定类型"), {"type": "-"})}
    return {n: (in_language(r.label), {"procedure": n}) for n, r in casework.shipped().items()}


def board(scope: Scope, wanted: Mapping[str, str], by: str, *, at: datetime) -> Board:
    """Return the statistics of the cases a person may see, narrowed as the ledger is.

    Parameters
    ----------
    wanted : mapping
        Filters of the ledger; the figures and the ledger behind them use the same ones.
    by : str
        A name of `GROUPINGS`.
    """
    found = cases.narrowed(cases.cases(scope), at=at, **wanted)
    values = whole(found, at=at)
    rows = grouped(found, by, at=at, names=COLUMNS)
    names = {} if by == "month" else _names(by, scope)
    order = list(names)
    groups = []
    keys = sorted(rows, reverse=True) if by == "month" else sorted(rows, key=lambda k: (order.index(k) if k in names else len(order), k))  # fmt: skip
    for key in keys:
        n, figures = rows[key]
        label, more = (key, _month(key, wanted)) if by == "month" else names.get(key, (key, {by: key}))  # fmt: skip
        here = {**wanted, **more}
        groups.append(Group(label, n, link(here), [_cell(figures[c], here) for c in COLUMNS]))
    return Board(
        n=values["check_list"].denominator,
        href=link(wanted),
        lines={name: _line(value, wanted) for name, value in values.items()},
        heads=[(c, in_language(definitions()[c].label)) for c in COLUMNS],
        groups=groups,
        ranked=_ranked(rows, names, wanted, by),
    )


def _ranked(
    rows: Mapping[str, tuple[int, dict[str, Value]]],
    names: Mapping[str, tuple[str, dict[str, str]]],
    wanted: Mapping[str, str],
    by: str,
) -> list[tuple[str, Cell]]:
    """Order the groups by mean handling time, fastest first; too few closed are left out."""
    if by == "month":
        return []
    kept = [
        (value.value, key, value)
        for key, (_n, figures) in rows.items()
        if (value := figures["handling_days"]).value is not None and value.denominator >= LEAST
    ]
    kept.sort(key=lambda x: (x[0], x[1]))
    said = []
    for _value, key, value in kept:
        label, more = names.get(key, (key, {by: key}))
        said.append((label, _cell(value, {**wanted, **more})))
    return said
