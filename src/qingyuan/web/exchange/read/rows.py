"""From cells to rows (取行): which file it is, where the heading stands, what each line says."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from qingyuan.core.problems import Problem
from qingyuan.web.exchange.read.cells import as_text, normal, reader_of
from qingyuan.web.exchange.read.document import grids_of_docx
from qingyuan.web.exchange.read.excel import OLE, grids_of_xls, grids_of_xlsx
from qingyuan.web.exchange.read.grid import Grid, Span, letter
from qingyuan.web.exchange.read.places import SQLITE, grid_of_layer, is_shapefile
from qingyuan.web.exchange.read.safety import LARGEST_MB, member_of, open_archive
from qingyuan.web.exchange.read.text import grids_of_text
from qingyuan.web.exchange.tables import Merged, Read, Row, RowFault, Sheet

__all__ = ["lines", "rows"]

_LOOKED_AT = 30  # lines among which a heading may stand
_BRACKETS = re.compile(r"[(（\[【〔].*?[)）\]】〕]")
_OURS = normal("错误原因"), normal("Error")


@dataclass(frozen=True, slots=True)
class _Heading:
    line: int
    places: dict[str, int]
    ignored: tuple[str, ...]
    lacking: tuple[str, ...]


def rows(
    content: bytes, name: str, sheet: Sheet, *, told: Callable[[int], None] | None = None
) -> Read:
    """Read a file of *sheet* (读入).

    Parameters
    ----------
    content, name : bytes, str
        The file and what it was called; what it is follows from the bytes.
    sheet : Sheet
        Its form; lists of choices are asked for once.
    told : callable, optional
        Hears the number of each line as it is read.

    Returns
    -------
    Read
        Rows that could be read, and every cell that could not, in order.

    Raises
    ------
    Problem
        When nothing of the file can be used: ``exchange.nothing``, ``exchange.too_large``,
        ``exchange.type_refused``, ``exchange.unreadable``, ``exchange.bomb``, ``exchange.macros``,
        ``exchange.encrypted``, ``exchange.too_wide``, ``exchange.no_heading``,
        ``exchange.columns_lacking``, ``exchange.heading_twice``.
    """
    if not content:
        raise Problem("exchange.nothing", name=name)
    if len(content) > LARGEST_MB * 1_000_000:
        raise Problem(
            "exchange.too_large", name=name, given=round(len(content) / 1e6, 1), most=LARGEST_MB
        )
    form = sheet.settled()
    found = [
        (heading, grid)
        for grid in _grids_of(content, name, form)
        if (heading := _heading(grid, form)) is not None
    ]
    if not found:
        raise Problem(
            "exchange.no_heading", name=name, wanted="、".join(c.zh for c in form.columns[:8])
        )
    best = max(len(heading.places) for heading, _ in found)
    heading, grid = next(pair for pair in found if len(pair[0].places) == best)
    if heading.lacking:
        raise Problem("exchange.columns_lacking", name=name, columns="、".join(heading.lacking))
    others = tuple(g.name for h, g in found if g is not grid and len(h.places) == best)
    return _read(grid, heading, form, others, told)


def lines(content: bytes, name: str) -> int:
    """Return about how many lines a file has, without reading it; never too few by much.

    Raises
    ------
    Problem
        As `rows`, for what can be told before reading.
    """
    if not content:
        raise Problem("exchange.nothing", name=name)
    if len(content) > LARGEST_MB * 1_000_000:
        raise Problem(
            "exchange.too_large", name=name, given=round(len(content) / 1e6, 1), most=LARGEST_MB
        )
    if not content.startswith(b"PK\x03\x04"):
        return len(content) // 300 if content.startswith(OLE) else content.count(b"\n") + 1
    archive = open_archive(content, name=name)
    marks = {"xl/worksheets/": b"<row", "word/document.xml": b":tr>"}
    return max(
        (
            member_of(archive, member.filename, name=name).count(mark)
            for member in archive.infolist()
            for begin, mark in marks.items()
            if member.filename.startswith(begin)
        ),
        default=len(content) // 100,
    )


def _grids_of(content: bytes, name: str, sheet: Sheet) -> list[Grid]:
    """Open a file by what it is; the name decides only between kinds of text."""
    if content.startswith(OLE):
        return grids_of_xls(content, name=name)
    if content.startswith(b"PK\x03\x04"):
        archive = open_archive(content, name=name)
        if "word/document.xml" in archive.namelist():
            return grids_of_docx(content, name=name)
        if is_shapefile(archive):
            return grid_of_layer(content, name=name, sheet=sheet)
        return grids_of_xlsx(content, name=name)
    ending = name.lower().rpartition(".")[2]
    if content.startswith(SQLITE) or ending in ("geojson", "json"):
        return grid_of_layer(content, name=name, sheet=sheet)
    if ending in ("csv", "txt", "tsv"):
        return grids_of_text(content, name=name)
    raise Problem("exchange.type_refused", name=name)


def _heading(grid: Grid, sheet: Sheet) -> _Heading | None:
    """Return the line that names the most columns; at least one, and the key if there is one."""
    words = _words(sheet)
    best: _Heading | None = None
    for line in range(min(_LOOKED_AT, len(grid.cells))):
        heading = _heading_at(grid, line, words, sheet)
        if heading.places and (best is None or len(heading.places) > len(best.places)):
            best = heading
    if best is None or len(best.places) < min(2, len(sheet.columns)):
        return None
    return best


def _words(sheet: Sheet) -> dict[str, str]:
    """Return what a heading may say, and the column it names."""
    words: dict[str, str] = {}
    for column in sheet.columns:
        for word in (column.zh, column.en, column.name, *column.aliases):
            if word:
                words.setdefault(_bare(word), column.name)
    cut = Counter(column.name[:10] for column in sheet.columns)
    for column in sheet.columns:  # a Shapefile keeps ten signs of a name
        if cut[column.name[:10]] == 1:
            words.setdefault(_bare(column.name[:10]), column.name)
    return words


def _heading_at(grid: Grid, line: int, words: dict[str, str], sheet: Sheet) -> _Heading:
    places: dict[str, int] = {}
    ignored: list[str] = []
    twice: list[str] = []
    above = {
        span.left: grid.cells[span.top][span.left]
        for span in grid.spans
        if span.top < line <= span.bottom and span.left < len(grid.cells[span.top])
    }
    cells = list(grid.cells[line])
    for number, cell in enumerate(cells):
        said = as_text(cell if cell != "" else above.get(number, "")).strip()
        if not said:
            continue
        column = words.get(_bare(said)) or words.get(normal(said))
        if column is None:
            if normal(said) not in _OURS:
                ignored.append(said[:40])
        elif column in places:
            twice.append(sheet.column(column).zh)
        else:
            places[column] = number
    if twice and len(places) >= 2:
        raise Problem("exchange.heading_twice", line=line + 1, columns="、".join(twice))
    lacking = tuple(
        c.zh for c in sheet.columns if (c.required or c.name in sheet.key) and c.name not in places
    )
    return _Heading(line, places, tuple(ignored), lacking)


def _bare(said: str) -> str:
    """Return a heading without width, blanks, star, and what stands in brackets."""
    return _BRACKETS.sub("", normal(said)).strip("*:：.")


def _read(
    grid: Grid,
    heading: _Heading,
    sheet: Sheet,
    others: tuple[str, ...],
    told: Callable[[int], None] | None,
) -> Read:
    filled, merged = _filled(grid, heading, sheet)
    readers: list[tuple[str, int, Callable[[object], Any]]] = [
        (column.name, heading.places[column.name], reader_of(column, epoch1904=grid.epoch1904))
        for column in sheet.columns
        if column.name in heading.places
    ]
    across = _across(grid, heading)
    good: list[Row] = []
    faults: list[RowFault] = []
    notes: list[tuple[int, str]] = []
    seen: dict[tuple[object, ...], int] = {}
    total = 0
    for line in range(heading.line + 1, len(grid.cells)):
        cells = grid.cells[line]
        if line in across:
            notes.append((line + 1, as_text(next((c for c in cells if c != ""), ""))[:200]))
            continue
        if not any(c != "" and (not isinstance(c, str) or c.strip()) for c in cells):
            continue
        total += 1
        if told:
            told(total)
        row, wrong = _row(line, cells, filled.get(line, {}), readers)
        if grid.shapes:
            row = Row(row.number, row.values, grid.shapes[line - heading.line - 1])
        if not wrong and sheet.key:
            wrong = _twice(row, sheet, seen)
        if wrong:
            faults += wrong
        else:
            good.append(row)
    return Read(
        rows=tuple(good),
        faults=tuple(faults),
        hidden=tuple(sorted(n for n in grid.hidden if n > heading.line + 1)),
        merged=merged,
        notes=tuple(notes),
        sheet=grid.name,
        other_sheets=others,
        letters={name: letter(place) for name, place in heading.places.items()},
        ignored=heading.ignored,
        total=total,
        heading=heading.line + 1,
        grid=grid,
    )


def _row(
    line: int,
    cells: Sequence[object],
    filled: dict[int, object],
    readers: Sequence[tuple[str, int, Callable[[object], Any]]],
) -> tuple[Row, list[RowFault]]:
    values: dict[str, Any] = {}
    wrong: list[RowFault] = []
    width = len(cells)
    for name, place, read in readers:
        raw = cells[place] if place < width else ""
        if filled and raw == "":
            raw = filled.get(place, "")
        try:
            values[name] = read(raw)
        except Problem as problem:
            wrong.append(RowFault(line + 1, name, problem, as_text(raw)[:120]))
    return Row(line + 1, values), wrong


def _twice(row: Row, sheet: Sheet, seen: dict[tuple[object, ...], int]) -> list[RowFault]:
    key = tuple(row.values[name] for name in sheet.key)
    if all(value in ("", None, ()) for value in key):
        return []
    first = seen.setdefault(key, row.number)
    if first == row.number:
        return []
    said = " ".join(str(value) for value in key)[:120]
    return [
        RowFault(row.number, sheet.key[0], Problem("exchange.twice", value=said, first=first), said)
    ]


def _filled(
    grid: Grid, heading: _Heading, sheet: Sheet
) -> tuple[dict[int, dict[int, object]], tuple[Merged, ...]]:
    """Return what merged ranges put into the cells below their first, and the ranges to confirm."""
    filled: dict[int, dict[int, object]] = {}
    merged: list[Merged] = []
    names = {place: name for name, place in heading.places.items()}
    for span in grid.spans:
        if span.top <= heading.line or span.top == span.bottom or span.left not in names:
            continue
        top = grid.cells[span.top] if span.top < len(grid.cells) else ()
        value = top[span.left] if span.left < len(top) else ""
        if value == "":
            continue
        last = min(span.bottom, len(grid.cells) - 1)
        for line in range(span.top + 1, last + 1):
            filled.setdefault(line, {})[span.left] = value
        merged.append(
            Merged(
                span.cells,
                names[span.left],
                as_text(value)[:120],
                tuple(range(span.top + 2, last + 2)),
            )
        )
    return filled, tuple(merged)


def _across(grid: Grid, heading: _Heading) -> frozenset[int]:
    """Return the lines that are one merged cell over most of the table: a title or a remark."""
    used = heading.places.values()
    left, right = min(used), max(used)
    wide = max(2, (right - left + 1) * 2 // 3)

    def covers(span: Span) -> bool:
        return min(span.right, right) - max(span.left, left) + 1 >= wide

    return frozenset(span.top for span in grid.spans if span.top == span.bottom and covers(span))
