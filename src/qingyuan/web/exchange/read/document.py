"""Tables in a Word document (.docx), with cells joined across and down (ECMA-376 Part 1, 17.4)."""

from __future__ import annotations

from xml.etree.ElementTree import Element

from qingyuan.web.exchange.read.grid import Grid, Span
from qingyuan.web.exchange.read.safety import member_of, open_archive, parse_xml

__all__ = ["grids_of_docx"]

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_MOST_ACROSS = 200


def grids_of_docx(content: bytes, *, name: str) -> list[Grid]:
    """Read every table of a document; lines count from the table's first row."""
    archive = open_archive(content, name=name)
    body = parse_xml(member_of(archive, "word/document.xml", name=name), name=name)
    return [_grid(table, number) for number, table in enumerate(body.iter(f"{_W}tbl"), 1)]


def _grid(table: Element, number: int) -> Grid:
    cells: list[list[object]] = []
    spans: list[Span] = []
    open_at: dict[
        int, tuple[int, int]
    ] = {}  # column → first line of a cell joined downwards, width
    for line, row in enumerate(table.findall(f"{_W}tr")):
        texts: list[object] = []
        seen: set[int] = set()
        for cell in row.findall(f"{_W}tc"):
            across, down = _joined(cell)
            place = len(texts)
            if down == "continue" and place in open_at:
                seen.add(place)
                texts += [""] * across
                continue
            if place in open_at:
                spans += _closed(open_at.pop(place), place, line)
            texts += [_text(cell), *[""] * (across - 1)]
            if down == "restart":
                open_at[place] = (line, across)
                seen.add(place)
            elif across > 1:
                spans.append(Span(line, place, line, place + across - 1))
        for place in [p for p in open_at if p not in seen]:
            spans += _closed(open_at.pop(place), place, line)
        cells.append(texts)
    for place, opened in open_at.items():
        spans += _closed(opened, place, len(cells))
    return Grid(f"表 {number}", cells, tuple(spans))


def _closed(opened: tuple[int, int], place: int, line: int) -> list[Span]:
    top, across = opened
    last = line - 1
    return [Span(top, place, last, place + across - 1)] if last > top or across > 1 else []


def _joined(cell: Element) -> tuple[int, str]:
    """Return how many columns a cell covers, and whether it begins or continues one above."""
    across = cell.find(f"{_W}tcPr/{_W}gridSpan")
    down = cell.find(f"{_W}tcPr/{_W}vMerge")
    said = across.get(f"{_W}val", "1") if across is not None else "1"
    width = min(int(said), _MOST_ACROSS) if said.isdecimal() else 1
    if down is None:
        return max(width, 1), ""
    return max(width, 1), "restart" if down.get(f"{_W}val") == "restart" else "continue"


def _text(cell: Element) -> str:
    """Return a cell's paragraphs, one line each; what was deleted under revision is not text."""
    lines = []
    for paragraph in cell.findall(f"{_W}p"):
        parts = []
        for part in paragraph.iter():
            if part.tag == f"{_W}t":
                parts.append(part.text or "")
            elif part.tag in (f"{_W}tab", f"{_W}br"):
                parts.append(" ")
        lines.append("".join(parts).strip())
    return "\n".join(line for line in lines if line)
