"""Workbooks (工作簿): .xlsx and .xls, with merged ranges and hidden rows, macros refused.

Values come from calamine; what it does not tell (hidden rows, the 1904 epoch) is read from the
workbook's own XML (ECMA-376 Part 1, 18.3.1.73 and 18.2.28).
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator

import python_calamine

from qingyuan.core.problems import Problem
from qingyuan.web.exchange.read.grid import Grid, Span
from qingyuan.web.exchange.read.safety import (
    first_line,
    member_of,
    open_archive,
    parse_xml,
    refuse_declarations,
)

__all__ = ["OLE", "grids_of_xls", "grids_of_xlsx"]

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"  # compound file: .xls, or an encrypted .xlsx
_MOST_CELLS = 12_000_000
_MOST_SPANS = 20_000
_MACRO = "_VBA_PROJECT".encode("utf-16-le")
_ROW = re.compile(rb"<(?:\w+:)?row\b([^>]*)>")
_NUMBER = re.compile(rb"\br=\"(\d{1,7})\"")
_HIDDEN = re.compile(rb"\bhidden=\"(?:1|true)\"")
_PLACE = re.compile(rb"\br=\"([A-Z]{1,3})(\d{1,7})\"")


def grids_of_xlsx(content: bytes, *, name: str) -> list[Grid]:
    """Read every visible worksheet of an .xlsx."""
    archive = open_archive(content, name=name)
    held = {member.filename for member in archive.infolist()}
    if "xl/workbook.bin" in held or "xl/workbook.xml" not in held:
        raise Problem("exchange.type_refused", name=name)
    epoch1904, parts = _parts(archive, held, name=name)
    hidden = {}
    for title, part in parts.items():
        xml = member_of(archive, part, name=name)
        refuse_declarations(xml, name=name)
        _refuse_wide(xml, name=name)
        hidden[title] = _hidden_rows(xml)
    return [
        Grid(grid.name, grid.cells, grid.spans, hidden.get(grid.name, frozenset()), epoch1904)
        for grid in _calamine(content, name=name)
    ]


def grids_of_xls(content: bytes, *, name: str) -> list[Grid]:
    """Read every visible worksheet of an .xls (BIFF8); hidden rows are not known here."""
    if _MACRO in content:
        raise Problem("exchange.macros", name=name, member="VBA")
    return list(_calamine(content, name=name))


def _parts(archive: zipfile.ZipFile, held: set[str], *, name: str) -> tuple[bool, dict[str, str]]:
    """Return whether dates count from 1904, and the XML part of each worksheet."""
    book = parse_xml(member_of(archive, "xl/workbook.xml", name=name), name=name)
    links = parse_xml(member_of(archive, "xl/_rels/workbook.xml.rels", name=name), name=name)
    targets = {link.get("Id", ""): link.get("Target", "") for link in links}
    epoch1904, parts = False, {}
    for element in book.iter():
        kind = element.tag.rpartition("}")[2]
        if kind == "workbookPr":
            epoch1904 = element.get("date1904") in ("1", "true")
        elif kind == "sheet":
            relation = next((v for k, v in element.items() if k.endswith("}id")), "")
            target = targets.get(relation, "")
            part = target.lstrip("/") if target.startswith("/") else f"xl/{target}"
            if part in held:
                parts[element.get("name", "")] = part
    return epoch1904, parts


def _hidden_rows(xml: bytes) -> frozenset[int]:
    rows, number = set(), 0
    for found in _ROW.finditer(xml):
        said = _NUMBER.search(found[1])
        number = int(said[1]) if said else number + 1
        if _HIDDEN.search(found[1]):
            rows.add(number)
    return frozenset(rows)


def _refuse_wide(xml: bytes, *, name: str) -> None:
    """Refuse a sheet whose outermost cells span more than a reader can hold.

    A single value in XFD1048576 makes a dense table of seventeen thousand million cells.
    """
    columns: set[bytes] = set()
    rows = 1
    for found in _PLACE.finditer(xml):
        columns.add(found[1])
        rows = max(rows, int(found[2]))
    across = max((_index(c) for c in columns), default=1)
    if rows * across > _MOST_CELLS:
        raise Problem("exchange.too_wide", name=name, rows=rows, columns=across)


def _index(letters: bytes) -> int:
    number = 0
    for one in letters:
        number = number * 26 + one - 64
    return number


def _calamine(content: bytes, *, name: str) -> Iterator[Grid]:
    try:
        book = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(content))
        for about in book.sheets_metadata:
            if (
                about.typ != python_calamine.SheetTypeEnum.WorkSheet
                or about.visible != python_calamine.SheetVisibleEnum.Visible
            ):
                continue
            sheet = book.get_sheet_by_name(about.name)
            if sheet.total_height * sheet.total_width > _MOST_CELLS:
                raise Problem(
                    "exchange.too_wide",
                    name=name,
                    rows=sheet.total_height,
                    columns=sheet.total_width,
                )
            spans = sheet.merged_cell_ranges or []
            if len(spans) > _MOST_SPANS:
                raise Problem("exchange.too_many_merged", name=name, most=_MOST_SPANS)
            yield Grid(
                about.name,
                sheet.to_python(skip_empty_area=False),
                tuple(Span(a[0], a[1], b[0], b[1]) for a, b in spans),
            )
    except python_calamine.PasswordError as fault:
        raise Problem("exchange.encrypted", name=name) from fault
    except (Problem, KeyboardInterrupt, SystemExit, MemoryError, GeneratorExit):
        raise
    except BaseException as fault:  # a panic of the reader is no Exception
        raise Problem("exchange.unreadable", name=name, reason=first_line(fault)) from fault
