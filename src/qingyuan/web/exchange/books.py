"""A table as a workbook (工作簿): a cover, then real dates and numbers, codes as text, no formula."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime, time
from decimal import Decimal
from math import isfinite
from typing import Any

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from qingyuan.core.periods import in_city
from qingyuan.web.exchange.tables import Column, Cover, Sheet

__all__ = ["MEDIA_TYPE", "OPTIONS", "Pen", "sheet_name", "shown", "workbook"]

MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
OPTIONS = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
_MOST_EXACT = 10**15  # Excel keeps fifteen digits
_LONGEST = 32_767  # characters of one cell
_WORDS = {
    "zh": {
        "cover": "说明", "table": "表名", "rows": "行数", "filter": "筛选", "none": "无", "by": "导出人",
        "at": "数据截至", "note": "备注", "yes": "是", "no": "否", "join": "、", "colon": "：",
        "mark": "内部资料，不得外传 · %(by)s · %(at)s 导出",
    },
    "en": {
        "cover": "Cover", "table": "Table", "rows": "Rows", "filter": "Filter", "none": "none",
        "by": "Taken by", "at": "Data as of", "note": "Note", "yes": "yes", "no": "no", "join": "; ",
        "colon": ": ", "mark": "Internal, not to be passed on · %(by)s · %(at)s",
    },
}  # fmt: skip
_BAD_IN_NAMES = str.maketrans(dict.fromkeys("[]:*?/\\'", "-"))


def sheet_name(title: str) -> str:
    r"""Return a title as a worksheet may be called: 31 characters, none of ``[]:*?/\\``."""
    return (title.translate(_BAD_IN_NAMES).strip() or "-")[:31]


def shown(column: Column, language: str) -> Callable[[Any], object]:
    """Return what turns a kept value into the one a reader sees: choices in words, yes and no."""
    words = _WORDS[language]
    if column.kind in ("choice", "several"):
        names = {c.code: (c.en or c.zh) if language == "en" else c.zh for c in column.words}
        if column.kind == "choice":
            return lambda value: names.get(value, value)
        return lambda value: words["join"].join(names.get(v, v) for v in value or ())
    if column.kind == "yes":
        return lambda value: "" if value is None else words["yes" if value else "no"]
    return lambda value: value


class Pen:
    """Writes cells by what they are (写单元格): text stays text whatever it begins with."""

    def __init__(self, book: xlsxwriter.Workbook) -> None:
        self.strong = book.add_format(
            {
                "bold": True,
                "text_wrap": True,
                "valign": "vcenter",
                "bottom": 1,
                "bg_color": "#F2F4F7",
            }
        )
        self.mark = book.add_format({"font_color": "#B42318", "italic": True})
        self.red = book.add_format({"font_color": "#B42318", "text_wrap": True})
        self.bad = book.add_format({"bg_color": "#FEE4E2", "font_color": "#B42318"})
        self.text = book.add_format({"num_format": "@"})
        self._day = book.add_format({"num_format": "yyyy-mm-dd"})
        self._time = book.add_format({"num_format": "yyyy-mm-dd hh:mm"})

    def put(
        self, sheet: Worksheet, row: int, column: int, value: object, *, look: Format | None = None
    ) -> None:
        """Write one value; nothing is written for what is empty."""
        if value is None or value == "":
            return
        if isinstance(value, bool):
            sheet.write_boolean(row, column, value, look)
        elif isinstance(value, datetime):
            local = in_city(value).replace(tzinfo=None) if value.tzinfo else value
            bare = value.tzinfo is None and local.time() == time()
            sheet.write_datetime(row, column, local, look or (self._day if bare else self._time))
        elif isinstance(value, date):
            sheet.write_datetime(row, column, value, look or self._day)
        elif isinstance(value, (int, float, Decimal)) and -_MOST_EXACT < value < _MOST_EXACT:
            sheet.write_number(row, column, float(value), look)
        elif isinstance(value, float) and isfinite(value):
            sheet.write_number(row, column, value, look)
        else:
            sheet.write_string(row, column, _cut(str(value)), look or self.text)


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"


def workbook(sheet: Sheet, rows: Iterable[Mapping[str, object]], cover: Cover) -> bytes:
    """Return *rows* as an .xlsx: cover, units in the headings, frozen heading and first columns (导出).

    Parameters
    ----------
    sheet : Sheet
        The columns, in order.
    rows : iterable of mapping
        Column name → value as a `Row` has it; what is missing stays blank. Written as they come,
        so a long table need not be held.
    cover : Cover
        Who, when, which filter; ``sensitive`` puts a watermark row above the headings and into the
        header of every printed page.
    """
    language = "en" if cover.language.startswith("en") else "zh"
    words, title = _WORDS[language], cover.title or sheet.called(language)
    stamp = f"{in_city(cover.at):%Y-%m-%d %H:%M}"
    held = io.BytesIO()
    book = xlsxwriter.Workbook(held, {**OPTIONS, "constant_memory": True})
    pen = Pen(book)
    front = book.add_worksheet(words["cover"])
    body = book.add_worksheet(sheet_name(title if title != words["cover"] else f"{title} 1"))
    head = 0
    if cover.sensitive:
        mark = words["mark"] % {"by": cover.by, "at": stamp}
        body.write_string(0, 0, mark, pen.mark)
        body.set_header("&C" + mark.replace("&", "&&"))
        head = 1
    for number, column in enumerate(sheet.columns):
        body.set_column(number, number, column.width)
        body.write_string(head, number, column.title(language), pen.strong)
    body.freeze_panes(head + 1, min(2, len(sheet.columns) - 1))
    body.repeat_rows(head)
    say = [(column.name, shown(column, language)) for column in sheet.columns]
    count = 0
    for count, row in enumerate(rows, 1):
        for number, (name, words_of) in enumerate(say):
            pen.put(body, head + count, number, words_of(row.get(name)))
    body.autofilter(head, 0, head + max(count, 1), len(sheet.columns) - 1)
    _write_cover(front, pen, cover, (title, count, stamp, words))
    book.close()
    return held.getvalue()


def _write_cover(
    front: Worksheet, pen: Pen, cover: Cover, said: tuple[str, int, str, Mapping[str, str]]
) -> None:
    title, count, stamp, words = said
    filters = words["join"].join(f"{k}{words['colon']}{v}" for k, v in cover.filters.items() if v)
    lines: list[tuple[str, object]] = [
        (words["table"], title),
        (words["rows"], count),
        (words["filter"], filters or words["none"]),
        (words["by"], cover.by),
        (words["at"], stamp),
    ]
    if cover.note:
        lines.append((words["note"], cover.note))
    if cover.sensitive:
        lines.append(("", words["mark"] % {"by": cover.by, "at": stamp}))
    front.set_column(0, 0, 14)
    front.set_column(1, 1, 72)
    for line, (name, value) in enumerate(lines):
        if name:
            front.write_string(line, 0, name, pen.strong)
        pen.put(front, line, 1, value)
