"""What a ledger shows (台账列): the house's columns, and those a procedure declares for its own.

A column is named by where its value is read from (`casework.COLUMNS`, ``form.NAME``,
``given.DEED.FIELD``); the same name stands in addresses, saved views and procedure files.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Literal

from django.utils.translation import gettext_lazy as _

from qingyuan import casework
from qingyuan.core.periods import city_date
from qingyuan.web.accounts.models import Unit, User
from qingyuan.web.cases.models import Case, CasePart, CaseType, Deed
from qingyuan.web.cases.models.case import in_language
from qingyuan.web.cases.selectors.ledger import LedgerRow
from qingyuan.web.cases.selectors.rules import current

__all__ = ["COLUMNS", "FIXED", "LINES", "Column", "Line", "lines", "offered", "shown"]

Kind = Literal["code", "text", "state", "left", "whole", "number", "day", "yes"]


@dataclass(frozen=True, slots=True)
class _More:
    """What a row needs besides the case: read for a page at once, and only when a column asks."""

    types: Mapping[int, list[str]] = field(default_factory=dict)
    parts: Mapping[int, list[CasePart]] = field(default_factory=dict)
    forms: Mapping[int, Mapping[str, object]] = field(default_factory=dict)
    given: Mapping[tuple[int, str], Mapping[str, object]] = field(default_factory=dict)
    names: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Column:
    """One column: what it is called, how its values are written, where they come from."""

    name: str
    label: str
    kind: Kind
    value: Callable[[LedgerRow, _More], object]
    sort: str = ""
    unit: str = ""
    width: int = 14


@dataclass(frozen=True, slots=True)
class Line:
    """A row of the ledger and its values, one per column shown."""

    row: LedgerRow
    values: list[object]


def _day(moment: datetime | None) -> date | None:
    return city_date(moment) if moment else None


def _co(row: LedgerRow, more: _More) -> str:
    return "、".join(p.unit.name_zh for p in more.parts.get(row.case.pk, ()) if p.role != "lead")


def _reported(row: LedgerRow, more: _More) -> str:
    co = [p for p in more.parts.get(row.case.pk, ()) if p.role == "co"]
    return f"{sum(p.state == 'reported' for p in co)}/{len(co)}" if co else ""


def _of(name: str, label: str, kind: Kind, value: Callable[[Case], object], **more: object) -> Column:  # fmt: skip
    return Column(name, label, kind, lambda row, _more: value(row.case), **more)  # type: ignore[arg-type]  # sort, unit, width


def _labelled(table: Mapping[str, casework.Label], word: str) -> str:
    return in_language(table[word]) if word in table else ""


def _ledger_label(case: Case) -> str:
    ledger = casework.Ledger(case.ledger)
    return in_language(casework.Label(ledger.zh, ledger.en))


def _phase_label(case: Case) -> str:
    phase = casework.Phase(case.phase)
    return in_language(casework.Label(phase.zh, phase.en))


COLUMNS: Mapping[str, Column] = {
    c.name: c
    for c in (
        _of("number", _("编号"), "code", lambda c: c.number, sort="number", width=22),
        _of("title", _("标题"), "text", lambda c: c.title, width=44),
        _of("procedure", _("程序"), "text", lambda c: in_language(c.rules.label), width=16),
        _of("district", _("区市"), "text", lambda c: c.district.name, sort="district", width=12),
        _of("unit", _("责任单位"), "text", lambda c: c.unit.name_zh if c.unit else "", sort="unit", width=18),
        _of("person", _("责任人"), "text", lambda c: c.person.name if c.person else "", width=10),
        _of("sponsor", _("包案领导"), "text", lambda c: c.sponsor.name if c.sponsor else "", width=10),
        Column("part.units", _("协办单位"), "text", _co, width=24),
        Column("part.reported", _("协办反馈"), "text", _reported, width=10),
        _of("state", _("环节"), "state", lambda c: c.state_label, sort="state", width=12),
        _of("phase", _("阶段"), "text", _phase_label, width=8),
        _of("ledger", _("台账"), "text", _ledger_label, width=8),
        Column("left", _("期限"), "left", lambda row, more: row.left, sort="due", width=12),
        Column("elapsed", _("已用"), "whole", lambda row, more: row.elapsed, unit=_("工作日"), width=12),
        _of("opened_at", _("立案"), "day", lambda c: _day(c.opened_at), sort="opened", width=12),
        _of("assigned_at", _("交办"), "day", lambda c: _day(c.assigned_at), sort="assigned", width=12),
        _of("signed_at", _("签收"), "day", lambda c: _day(c.signed_at), width=12),
        Column("due_at", _("到期日"), "day", lambda row, more: row.last_day, sort="due", width=12),
        _of("closed_at", _("办结"), "day", lambda c: _day(c.closed_at), sort="closed", width=12),
        _of("changed_at", _("最近变动"), "day", lambda c: _day(c.changed_at), sort="changed", width=12),
        _of("round", _("轮次"), "whole", lambda c: c.round, sort="round", width=8),
        Column("types", _("污染类型"), "text", lambda row, more: "、".join(more.types.get(row.case.pk, ())), width=16),
        _of("truth", _("属实情况"), "text", lambda c: _labelled(casework.TRUTHS, c.truth), width=12),
        _of("progress", _("办理进度"), "text", lambda c: _labelled(casework.PROGRESS, c.progress), width=12),
        _of("immediate", _("立行立改"), "yes", lambda c: c.immediate, width=10),
        _of("matter", _("事项"), "text", lambda c: str(c.get_matter_display()), width=12),
        _of("level", _("级别"), "text", lambda c: str(c.get_level_display()), sort="level", width=8),
        _of("enterprise", _("企业"), "text", lambda c: c.enterprise.name if c.enterprise else "", width=28),
        _of("section", _("断面编号"), "code", lambda c: c.section_code, width=12),
        _of("outfall", _("排污口编号"), "code", lambda c: c.outfall_code, width=12),
        _of("origin", _("来源"), "text", lambda c: c.origin_label, width=26),
        _of("source_system", _("来源系统"), "text", lambda c: c.source_system, width=12),
        _of("source_no", _("来源编号"), "code", lambda c: c.source_no, width=22),
        _of("summary", _("基本情况"), "text", lambda c: c.summary, width=44),
    )
}  # fmt: skip
FIXED = ("number", "title")
"""The two columns that stand still and cannot be taken away."""
LINES = ("left", "elapsed")
"""Remaining and elapsed working time: on every row (R007)."""
_PLAIN = ("number", "title", "district", "unit", "person", "state", "left", "elapsed", "opened_at",
          "round", "enterprise", "origin")  # fmt: skip


def _scalar(value: object, asked: casework.Field, more: _More) -> object:
    """Turn one value as kept in JSON into what a cell shows."""
    if value in (None, ""):
        return None
    if asked.kind == "choice":
        return _labelled(asked.choices, str(value)) or str(value)
    if asked.kind == "yes":
        return bool(value)
    if asked.kind in ("number", "days"):
        try:
            return Decimal(str(value))
        except InvalidOperation:
            return str(value)
    if asked.kind == "date":
        try:
            return date.fromisoformat(str(value)[:10])
        except ValueError:
            return str(value)
    if asked.kind == "day_time":
        return str(value)[:16].replace("T", " ")
    if asked.kind == "types":
        words = value if isinstance(value, (list, tuple)) else [value]
        return "、".join(_labelled(casework.TYPES, str(w)) or str(w) for w in words)
    if isinstance(value, (list, tuple)):
        return "、".join(more.names.get(str(v), str(v)) for v in value)
    return more.names.get(str(value), str(value))


_KINDS: Mapping[str, Kind] = {"number": "number", "days": "whole", "date": "day", "yes": "yes"}


def _filled(column: casework.Column, rules: casework.Procedure) -> Column | None:
    """Return a column read from what people filled in; None when nothing asks for it."""
    where, _dot, rest = column.source.partition(".")
    if where == "form" and rest in rules.form:
        asked = rules.form[rest]
        return Column(
            column.source, in_language(column.label), _KINDS.get(asked.kind, "text"),
            lambda row, more: _scalar(more.forms.get(row.case.pk, {}).get(rest), asked, more),
        )  # fmt: skip
    deed_name, _dot, name = rest.partition(".")
    deed = rules.deeds.get(deed_name)
    found = next((f for f in deed.fields if f.name == name), None) if deed else None
    if where != "given" or found is None:
        return None
    return Column(
        column.source, in_language(column.label), _KINDS.get(found.kind, "text"),
        lambda row, more: _scalar(
            more.given.get((row.case.pk, deed_name), {}).get(name), found, more
        ),
    )  # fmt: skip


def _declared(rules: casework.Procedure) -> list[Column]:
    """Return the columns of a procedure, under the names it gives them."""
    answer = []
    for column in rules.columns.values():
        known = COLUMNS.get(column.source)
        made = replace(known, label=in_language(column.label)) if known else _filled(column, rules)
        if made is not None:
            answer.append(made)
    return answer


def offered(procedure: str = "") -> dict[str, Column]:
    """Return every column one may choose: the procedure's own under its names, then the house's."""
    rules = current().get(procedure)
    own = {c.name: c for c in _declared(rules)} if rules else {}
    return {**{n: own.get(n, COLUMNS[n]) for n in FIXED}, **own, **{n: c for n, c in COLUMNS.items() if n not in own}}  # fmt: skip


def shown(procedure: str = "", chosen: Sequence[str] = ()) -> list[Column]:
    """Return the columns in order: the two that stand still, the chosen or usual ones, time.

    Names that are not offered (a column a newer procedure gave up) are passed over.
    """
    known = offered(procedure)
    rules = current().get(procedure)
    usual = [c.name for c in _declared(rules)] if rules else []
    names = [n for n in (chosen or usual or _PLAIN) if n in known and n not in FIXED]
    names += [n for n in LINES if n not in names]
    return [known[n] for n in (*FIXED, *dict.fromkeys(names))]


def _more_of(found: Sequence[LedgerRow], columns: Iterable[Column]) -> _More:
    """Read what the columns need beyond the case, a query or two for the whole page."""
    names = {c.name for c in columns}
    keys = [row.case.pk for row in found]
    types: dict[int, list[str]] = {}
    if "types" in names:
        for case, word in CaseType.objects.filter(case__in=keys).order_by("pk").values_list("case_id", "type"):  # fmt: skip
            types.setdefault(case, []).append(_labelled(casework.TYPES, word) or word)
    parts: dict[int, list[CasePart]] = {}
    if names & {"part.units", "part.reported"}:
        for part in CasePart.objects.filter(case__in=keys, ended_at=None).select_related("unit").order_by("pk"):  # fmt: skip
            parts.setdefault(part.case_id, []).append(part)
    forms: dict[int, Mapping[str, object]] = {}
    if any(name.startswith("form.") for name in names):
        forms = dict(Case.objects.filter(pk__in=keys).values_list("pk", "form"))
    deeds = {name.split(".")[1] for name in names if name.startswith("given.")}
    given: dict[tuple[int, str], Mapping[str, object]] = {}
    if deeds:
        told = Deed.objects.filter(case__in=keys, name__in=deeds).order_by("seq")
        for case, name, values in told.values_list("case_id", "name", "given"):
            given[case, name] = values  # the last of a name stands
    people: dict[str, str] = {}
    if forms or given:
        people = dict(Unit.objects.values_list("code", "name_zh"))
        people |= dict(User.objects.values_list("username", "name")) if given else {}
    return _More(types, parts, forms, given, people)


def lines(found: Sequence[LedgerRow], columns: Sequence[Column]) -> list[Line]:
    """Return the rows with their values, one per column."""
    more = _more_of(found, columns)
    return [Line(row, [column.value(row, more) for column in columns]) for row in found]
