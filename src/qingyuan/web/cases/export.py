"""The ledger as a table to take away (导出): exactly the filter, the order and the columns on screen."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from qingyuan import casework
from qingyuan.core.periods import city_date
from qingyuan.web import exchange
from qingyuan.web.accounts.models import User
from qingyuan.web.accounts.roles import STAFF
from qingyuan.web.accounts.scope import scope_of
from qingyuan.web.cases.models.case import in_language
from qingyuan.web.cases.selectors.columns import Column, lines
from qingyuan.web.cases.selectors.filters import spoken
from qingyuan.web.cases.selectors.ledger import rows
from qingyuan.web.cases.selectors.screen import Screen, screen

__all__ = ["EXPORTER", "make_table", "table_of"]

_AT_ONCE = 2000
_KINDS: Mapping[str, exchange.tables.Kind] = {
    "code": "code", "text": "text", "state": "text", "whole": "whole", "number": "number", "day": "day", "yes": "yes",
}  # fmt: skip


def _heads(columns: Sequence[Column]) -> list[exchange.Column]:
    """Return the columns of the workbook; a deadline becomes its day and the working days left."""
    made = []
    for column in columns:
        if column.kind == "left":
            made += [
                exchange.Column(name="left.day", zh=_("到期日"), kind="day", width=12),
                exchange.Column(
                    name="left", zh=_("剩余"), unit=_("工作日"), kind="whole", width=12
                ),
            ]
            continue
        made.append(
            exchange.Column(
                name=column.name,
                zh=str(column.label),
                kind=_KINDS[column.kind],
                unit=str(column.unit),
                width=column.width,
            )
        )
    return made


def _rows(seen: Screen, *, at: datetime) -> Iterator[Mapping[str, object]]:
    """Yield the rows in the order on screen, some at a time."""
    keys = list(seen.listed.values_list("pk", flat=True))
    for start in range(0, len(keys), _AT_ONCE):
        part = keys[start : start + _AT_ONCE]
        held = {case.pk: case for case in seen.found.order_by().filter(pk__in=part)}
        found = rows([held[key] for key in part if key in held], at=at)
        for line in lines(found, seen.columns):
            values = {c.name: v for c, v in zip(seen.columns, line.values, strict=True)}
            yield {**values, "left.day": None if line.row.case.closed_at else line.row.last_day}


def table_of(seen: Screen, *, user: User, at: datetime) -> exchange.Table:
    """Return the rows on screen as a table: same filter, same order, same columns."""
    scope = scope_of(user, on=city_date(at))
    said = {_("台账"): _tab(seen.tab), **spoken(seen.wanted, scope)}
    if seen.mine:
        said[_("范围")] = _("等我办")
    sheet = exchange.Sheet(
        name="cases.ledger",
        title=_("案件台账"),
        columns=tuple(_heads(seen.columns)),
        key=("number",),
    )
    return exchange.Table(
        sheet=sheet, rows=_rows(seen, at=at), count=seen.listed.order_by().count(), filters=said
    )


def _tab(tab: str) -> str:
    for ledger in casework.Ledger:
        if ledger.value == tab:
            return in_language(casework.Label(ledger.zh, ledger.en))
    return _("累计交办") if tab == "assigned" else _("全部")


def make_table(query: str, /, *, by: User, at: datetime) -> exchange.Table:
    """Gather what an address asks for, as the person would see it."""
    seen = screen(QueryDict(query), user=by, scope=scope_of(by, on=city_date(at)), at=at)
    return table_of(seen, user=by, at=at)


EXPORTER = exchange.Exporter(
    name="cases.ledger",
    title=gettext_noop("案件台账"),
    title_en="Ledger of cases",
    make=make_table,
    roles=STAFF,
)
