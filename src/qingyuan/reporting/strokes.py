"""Strokes (笔画): the few SVG marks that print charts are made of."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from unicodedata import east_asian_width

from qingyuan.reporting.document import Chart

__all__ = [
    "ACCENT",
    "FACES",
    "INK",
    "INK_2",
    "LINE",
    "WARN",
    "WIDTH",
    "Colours",
    "line",
    "rect",
    "sheet",
    "text",
    "width_of",
]

Colours = tuple[str, str]  # fill, ink on it

WIDTH = 640.0
INK, INK_2, LINE = "#17211d", "#4a5752", "#d3d8d3"
ACCENT, WARN = "#0e6b5c", "#a03a12"
FACES = "'Noto Sans CJK SC','Source Han Sans SC','Microsoft YaHei','SimHei',sans-serif"
_TITLE, _SOURCE = 22.0, 15.0


def width_of(said: str, size: float) -> float:
    """Return about how wide a text is: a Chinese sign is one em, a Latin letter a little over half."""
    ems = sum(1.0 if east_asian_width(c) in "WFA" else 0.56 for c in said)
    return ems * size


def text(
    x: float,
    y: float,
    said: str,
    *,
    size: float,
    fill: str = INK,
    anchor: str = "",
    bold: bool = False,
) -> str:
    """Return a text at its base line."""
    more = f' text-anchor="{anchor}"' if anchor else ""
    more += ' font-weight="700"' if bold else ""
    return f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size:g}" fill="{fill}"{more}>{escape(said)}</text>'


def line(
    x1: float,
    y1: float,
    x2: float,
    y2: float,
    *,
    stroke: str = LINE,
    weight: float = 0.7,
    dash: str = "",
) -> str:
    """Return a straight line."""
    more = f' stroke-dasharray="{dash}"' if dash else ""
    return (
        f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}"'
        f' stroke="{stroke}" stroke-width="{weight:g}"{more}/>'
    )


def rect(x: float, y: float, w: float, h: float, *, fill: str, stroke: str = "") -> str:
    """Return a filled box."""
    more = f' stroke="{stroke}" stroke-width="0.6"' if stroke else ""
    return f'<rect x="{x:.1f}" y="{y:.1f}" width="{w:.1f}" height="{h:.1f}" fill="{fill}"{more}/>'


def sheet(chart: Chart, parts: Sequence[str], height: float) -> str:
    """Return the whole drawing: title above, what was drawn, source and rule set below."""
    limit = f"- - -  {chart.limit_name} {chart.limit} {chart.unit}" if chart.limit else ""
    notes = [
        said for note in (limit, chart.source) if note for said in _wrapped(note, 9.0, WIDTH - 8)
    ]
    total = _TITLE + height + _SOURCE * len(notes)
    below = [
        text(0, _TITLE + height + _SOURCE * (n + 0.7), note, size=9, fill=INK_2)
        for n, note in enumerate(notes)
    ]
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH:g} {total:.0f}"'
        f' width="{WIDTH:g}" height="{total:.0f}" role="img" aria-label="{escape(chart.title)}"'
        f' font-family="{FACES}">'
        f'<rect width="{WIDTH:g}" height="{total:.0f}" fill="#ffffff"/>'
        + text(WIDTH / 2, 14, chart.title, size=12, anchor="middle", bold=True)
        + f'<g transform="translate(0 {_TITLE:g})">{"".join(parts)}</g>'
        + "".join(below)
        + "</svg>"
    )


def _wrapped(said: str, size: float, room: float) -> list[str]:
    """Break a note into lines that fit."""
    lines = [""]
    for sign in said:
        if width_of(lines[-1] + sign, size) > room:
            lines.append("")
        lines[-1] += sign
    return lines
