"""The workbook given back (错误工作簿): as it was brought, the wrong cells red, a column saying why."""

from __future__ import annotations

import io
from collections import defaultdict
from collections.abc import Iterable

import xlsxwriter

from qingyuan.web.exchange.books import OPTIONS, Pen, sheet_name
from qingyuan.web.exchange.read.grid import Grid
from qingyuan.web.exchange.tables import Read, RowFault, Sheet

__all__ = ["HEADING", "faulty_workbook"]

HEADING = "错误原因"


def faulty_workbook(sheet: Sheet, read: Read, faults: Iterable[RowFault]) -> bytes:
    """Return the file's own lines with a red column 错误原因; what is right stays as it was.

    Brought again, lines that went in already are the same and change nothing. A file that was no
    table comes back as the list of its faults.
    """
    held = io.BytesIO()
    book = xlsxwriter.Workbook(held, {**OPTIONS, "constant_memory": True})
    pen = Pen(book)
    by_row: dict[int, list[RowFault]] = defaultdict(list)
    for fault in faults:
        by_row[fault.row].append(fault)
    if isinstance(read.grid, Grid):
        _again(book, pen, sheet, read, read.grid, by_row)
    else:
        _list(book, pen, sheet, by_row)
    book.close()
    return held.getvalue()


def _again(
    book: xlsxwriter.Workbook,
    pen: Pen,
    sheet: Sheet,
    read: Read,
    grid: Grid,
    by_row: dict[int, list[RowFault]],
) -> None:
    body = book.add_worksheet(sheet_name(read.sheet or sheet.title))
    places = {_column(letters): name for name, letters in read.letters.items()}
    titles = {column.name: column for column in sheet.columns}
    last = max((len(line) for line in grid.cells), default=0)
    body.freeze_panes(read.heading, 1)
    for place in range(last):
        column = titles.get(places.get(place, ""))
        body.set_column(place, place, column.width if column else 12)
    body.set_column(last, last, 60)
    for line, cells in enumerate(grid.cells):
        wrong = by_row.get(line + 1, [])
        bad = {fault.column for fault in wrong}
        for place, cell in enumerate(cells):
            if places.get(place, "") in bad:
                # a number stays a number: as text it would look like the code it no longer is
                pen.put(body, line, place, cell, look=pen.bad)
                if cell == "":
                    body.write_blank(line, place, None, pen.bad)
            elif line + 1 == read.heading and cell != "":
                body.write_string(line, place, str(cell), pen.strong)
            else:
                pen.put(body, line, place, cell)
        if line + 1 == read.heading:
            body.write_string(line, last, HEADING, pen.strong)
        elif wrong:
            body.write_string(line, last, _why(wrong), pen.red)


def _list(
    book: xlsxwriter.Workbook, pen: Pen, sheet: Sheet, by_row: dict[int, list[RowFault]]
) -> None:
    body = book.add_worksheet(sheet_name(sheet.title))
    body.set_column(1, 1, 40)
    body.set_column(2, 2, 80)
    for place, words in enumerate(("行", "内容", HEADING)):
        body.write_string(0, place, words, pen.strong)
    for line, (row, faults) in enumerate(sorted(by_row.items()), 1):
        body.write_number(line, 0, row)
        pen.put(body, line, 1, faults[0].value)
        body.write_string(line, 2, _why(faults), pen.red)


def _why(faults: list[RowFault]) -> str:
    return "\n".join(dict.fromkeys(fault.problem.zh for fault in faults))[:32_000]


def _column(letters: str) -> int:
    number = 0
    for one in letters:
        number = number * 26 + ord(one) - 64
    return number - 1
