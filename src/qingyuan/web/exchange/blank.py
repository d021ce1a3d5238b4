"""The template (模板): headings, drop-downs, notes, code lists; codes already set to text."""

from __future__ import annotations

import io
from datetime import date

import xlsxwriter
from xlsxwriter.worksheet import Worksheet

from qingyuan.web.exchange.books import OPTIONS, Pen, sheet_name, shown
from qingyuan.web.exchange.read.grid import letter
from qingyuan.web.exchange.tables import Column, Sheet

__all__ = ["blank_workbook"]

_LINES = 5000  # lines that carry the drop-downs
_NOTE = 255  # characters Excel shows beside a cell
_SAID = {
    "zh": {
        "how": "填写说明", "lists": "可选值", "column": "列", "must": "必填", "kind": "填什么", "note": "说明",
        "yes": "是", "no": "否", "required": "必填", "optional": "选填", "key": "用来识别同一对象",
        "head": "表头可以调换次序，不要改名；空行、隐藏行、合并单元格都会读取并列出。编码列已设为文本，请勿改成数字。",
    },
    "en": {
        "how": "How to fill in", "lists": "Lists", "column": "Column", "must": "Required", "kind": "What to enter",
        "note": "Note", "yes": "yes", "no": "no", "required": "required", "optional": "optional",
        "key": "tells things apart",
        "head": "Columns may be moved but not renamed; blank, hidden and merged cells are read and listed. Columns of codes are text; do not turn them into numbers.",
    },
}  # fmt: skip
_KINDS = {
    "text": ("文字", "text"), "code": ("编码（文本）", "code, as text"),
    "credit": ("18 位统一社会信用代码（文本）", "unified social credit code, 18 characters, as text"),
    "number": ("数字", "number"), "whole": ("整数", "whole number"), "day": ("日期，如 2026-03-05", "date, as 2026-03-05"),
    "time": ("日期和时间，如 2026-03-05 08:30", "date and time, as 2026-03-05 08:30"), "yes": ("是 或 否", "yes or no"),
    "choice": ("从列表选一项", "one of the list"), "several": ("列表中的一项或多项，用、分开", "one or more of the list, joined by ;"),
    "lon": ("经度，度（CGCS2000）", "longitude, degrees (CGCS2000)"), "lat": ("纬度，度（CGCS2000）", "latitude, degrees (CGCS2000)"),
}  # fmt: skip


def blank_workbook(sheet: Sheet, *, language: str = "zh") -> bytes:
    """Return the empty form of a sheet (下载模板): it reads back as a table without rows."""
    form, words = sheet.settled(), _SAID[language]
    held = io.BytesIO()
    book = xlsxwriter.Workbook(held, OPTIONS)
    pen = Pen(book)
    body = book.add_worksheet(sheet_name(form.called(language)))
    guide = book.add_worksheet(sheet_name(words["how"]))
    lists = book.add_worksheet(sheet_name(words["lists"]))
    looks = {
        "code": book.add_format({"num_format": "@"}),
        "day": book.add_format({"num_format": "yyyy-mm-dd"}),
        "time": book.add_format({"num_format": "yyyy-mm-dd hh:mm"}),
    }
    looks |= {"credit": looks["code"], "text": looks["code"]}
    must = book.add_format(
        {
            "bold": True,
            "font_color": "#B42318",
            "bg_color": "#F2F4F7",
            "bottom": 1,
            "text_wrap": True,
        }
    )
    for place, column in enumerate(form.columns):
        title = column.title(language) + ("*" if column.required else "")
        body.set_column(place, place, column.width, looks.get(column.kind))
        body.write_string(0, place, title, must if column.required else pen.strong)
        _guard(body, lists, pen, column, place, language, sheet_name(words["lists"]))
    body.freeze_panes(1, min(2, len(form.columns) - 1))
    _guide(guide, pen, form, language)
    book.close()
    return held.getvalue()


def _note(column: Column, language: str) -> str:
    note = (column.note_en or column.note) if language == "en" else column.note
    return "；".join(part for part in (_KINDS[column.kind][language == "en"], note) if part)


def _guard(
    body: Worksheet,
    lists: Worksheet,
    pen: Pen,
    column: Column,
    place: int,
    language: str,
    listed: str,
) -> None:
    """Put the drop-down or the check of a column, with its note, on the lines below the heading."""
    words = _SAID[language]
    rule: dict[str, object] = {
        "validate": "any",
        "input_title": column.title(language)[:32],
        "input_message": _note(column, language)[:_NOTE],
    }
    if column.kind in ("choice", "several"):
        say = shown(column, language) if column.kind == "choice" else None
        names = [
            str(say(choice.code))
            if say
            else ((choice.en or choice.zh) if language == "en" else choice.zh)
            for choice in column.words
        ]
        lists.set_column(place, place, max(12, min(40, column.width)))
        lists.write_string(0, place, "☐ " + column.title(language), pen.strong)
        for line, name in enumerate(names, 1):
            lists.write_string(line, place, name)
        if column.kind == "choice" and names:
            at = letter(place)
            rule |= {"validate": "list", "source": f"='{listed}'!${at}$2:${at}${len(names) + 1}"}
    elif column.kind == "yes":
        rule |= {"validate": "list", "source": [words["yes"], words["no"]]}
    elif column.kind == "day":
        rule |= {
            "validate": "date", "criteria": "between", "minimum": date(1950, 1, 1), "maximum": date(2150, 1, 1),
        }  # fmt: skip
    elif column.kind in ("number", "lon", "lat"):
        rule |= {"validate": "decimal", "criteria": "between", "minimum": -1e15, "maximum": 1e15}
    elif column.kind == "whole":
        rule |= {"validate": "integer", "criteria": "between", "minimum": -1e15, "maximum": 1e15}
    if rule["validate"] != "any":
        rule["error_type"] = "warning"
    body.data_validation(1, place, _LINES, place, rule)


def _guide(guide: Worksheet, pen: Pen, form: Sheet, language: str) -> None:
    words = _SAID[language]
    guide.write_string(0, 0, words["head"])
    for place, name in enumerate(("column", "must", "kind", "note")):
        guide.write_string(2, place, words[name], pen.strong)
    for line, column in enumerate(form.columns, 3):
        note = (column.note_en or column.note) if language == "en" else column.note
        if column.name in form.key:
            note = "；".join(part for part in (note, words["key"]) if part)
        guide.write_string(line, 0, column.title(language))
        guide.write_string(line, 1, words["required" if column.required else "optional"])
        guide.write_string(line, 2, _KINDS[column.kind][language == "en"])
        guide.write_string(line, 3, note)
    for place, width in enumerate((26, 10, 44, 70)):
        guide.set_column(place, place, width)
