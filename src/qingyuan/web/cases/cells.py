"""Cells of a ledger as the screen writes them (单元格): numbers to the right, days short, text cut."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from functools import cache, lru_cache
from urllib.parse import quote

from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.html import conditional_escape, escape, format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from qingyuan.web.cases.selectors.columns import Column, Line
from qingyuan.web.cases.selectors.ledger import LedgerRow
from qingyuan.web.ui.templatetags.ui import count, countdown, quantity

__all__ = ["column_rows", "drawn"]

_NOTHING = mark_safe("—")
_ALIGN = {"text": "qy-nowrap", "whole": "qy-num", "number": "qy-num", "code": "qy-nowrap", "day": "qy-nowrap", "state": "qy-nowrap",
          "left": "qy-nowrap", "yes": "qy-nowrap"}  # fmt: skip


def _state(row: LedgerRow) -> SafeString:
    tone = "ok" if row.case.closed_at else "late" if row.late else "warn" if row.soon else "now"
    return format_html(
        '<span class="qy-state" data-tone="{}">{}</span>', tone, row.case.state_label
    )


def _content(column: Column, line: Line, value: object, left: object) -> SafeString:
    if column.kind == "state":
        return _state(line.row)
    if column.kind == "left":
        return left(line.row)  # type: ignore[operator]  # made by `drawn` for the page
    if value is None or value == "":
        return _NOTHING
    if column.kind == "code" or (column.kind == "text" and len(str(value)) <= 12):
        return escape(value)
    if column.kind == "yes":
        return conditional_escape(_("是")) if value else _NOTHING
    if isinstance(value, date):
        return conditional_escape(value.isoformat())
    if column.kind == "whole":
        return conditional_escape(count(value))
    if column.kind == "number":
        return conditional_escape(quantity(value))
    if column.kind == "text":
        return format_html('<span class="qy-clip" title="{}">{}</span>', value, value)
    return conditional_escape(value)


def drawn(lines: Iterable[Line], columns: Sequence[Column]) -> list[SafeString]:
    """Draw the lines of a page, each a table row: a hundred of a dozen cells are its dearest loop.

    A deadline or a state that many rows share is drawn once.
    """

    @cache
    def countdown_of(day: date | None, left: int | None, closed: bool, paused: bool) -> SafeString:
        said = countdown(None if closed else day, left, closed=closed, paused=paused)
        return render_to_string("ui/_countdown.html", said)

    def left(row: LedgerRow) -> SafeString:
        return countdown_of(row.last_day, row.left, bool(row.case.closed_at), row.case.paused)

    heads = [
        format_html(
            '<td data-label="{}" class="{}">',
            f"{c.label}{c.unit}" if c.unit else c.label,
            _ALIGN.get(c.kind, ""),
        )
        for c in columns
    ]
    choose, address = _("选择 %(n)s"), reverse("case", args=["NUMBER"])
    answer = []
    for line in lines:
        number, *rest = (
            _content(column, line, value, left)
            for column, value in zip(columns, line.values, strict=True)
        )
        code = conditional_escape(line.row.case.number)
        late = " data-late" if line.row.late else " data-warn" if line.row.soon else ""
        answer.append(
            mark_safe(
                f'<tr{late}>\n<td><input type="checkbox" data-row name="case" value="{code}" '
                f'aria-label="{conditional_escape(choose % {"n": line.row.case.number})}"></td>\n'
                f'<th scope="row" class="qy-nowrap"><a class="qy-rowlink" '
                f'href="{address.replace("NUMBER", quote(line.row.case.number))}">{number}</a></th>'
                + "".join(f"{head}{said}</td>" for head, said in zip(heads[1:], rest, strict=True))
                + "\n</tr>"
            )
        )  # each part was escaped above
    return answer


def column_rows(choices: Iterable[tuple[Column, object, bool]]) -> SafeString:
    """Draw the rows of the dialog that chooses columns."""
    rows = tuple((c.name, str(c.label), place, fixed) for c, place, fixed in choices)
    return _column_rows(rows, get_language())


@lru_cache(maxsize=64)
def _column_rows(rows: tuple[tuple[str, str, object, bool], ...], language: str) -> SafeString:
    return render_to_string("cases/_column_rows.html", {"rows": rows})
