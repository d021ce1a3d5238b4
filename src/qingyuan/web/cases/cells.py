"""Cells of a ledger as the screen writes them (单元格): numbers to the right, days short, text cut."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache

from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from qingyuan.web.cases.selectors.columns import Column, Line
from qingyuan.web.cases.selectors.ledger import LedgerRow
from qingyuan.web.ui.templatetags.ui import count, countdown, quantity

__all__ = ["Drawn", "drawn"]

_NOTHING = mark_safe("—")
_ALIGN = {"text": "qy-nowrap", "whole": "qy-num", "number": "qy-num", "code": "qy-nowrap", "day": "qy-nowrap", "state": "qy-nowrap",
          "left": "qy-nowrap", "yes": "qy-nowrap"}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Drawn:
    """One line drawn: what the row is marked with, its case, its number, and its other cells.

    The cells are one string: a hundred rows of a dozen cells are the page's most expensive loop.
    """

    row: LedgerRow
    href: str
    number: SafeString
    cells: SafeString


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
    if column.kind == "yes":
        return conditional_escape(_("是")) if value else _NOTHING
    if isinstance(value, date):
        return conditional_escape(value.isoformat())
    if column.kind == "whole":
        return conditional_escape(count(value))
    if column.kind == "number":
        return conditional_escape(quantity(value))
    if column.kind == "text" and len(str(value)) > 12:
        return format_html('<span class="qy-clip" title="{}">{}</span>', value, value)
    return conditional_escape(value)


def drawn(lines: Iterable[Line], columns: Sequence[Column]) -> list[Drawn]:
    """Draw the lines of a page; a deadline that many rows share is drawn once."""

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
    answer = []
    for line in lines:
        number, *rest = (
            _content(column, line, value, left)
            for column, value in zip(columns, line.values, strict=True)
        )
        cells = mark_safe(
            "".join(f"{head}{said}</td>" for head, said in zip(heads[1:], rest, strict=True))
        )  # each part was escaped above
        href = reverse("case", args=[line.row.case.number])
        answer.append(Drawn(line.row, href, number, cells))
    return answer
