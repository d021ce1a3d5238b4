"""Charts drawn for print (印刷用图): SVG from a chart's data, in black and one colour.

The same drawing stands on the page, in the PDF and in the docx. Time runs along x, the unit stands
at the axis, the limit is a labelled line, gaps are gaps; below stand the source and the rule set.
Official colours are handed in: they have one home elsewhere.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import ceil, floor, log10

from qingyuan.reporting.document import Chart
from qingyuan.reporting.grids import calendar, matrix
from qingyuan.reporting.plans import plan
from qingyuan.reporting.strokes import (
    ACCENT,
    INK,
    INK_2,
    LINE,
    WARN,
    WIDTH,
    Colours,
    line,
    rect,
    sheet,
    text,
    width_of,
)

__all__ = ["svg"]

_LEFT, _RIGHT, _TOP, _BOTTOM = 46.0, 92.0, 24.0, 26.0
_PLOT = 196.0
_DASHES = ("", "5 3", "1.5 2.5", "8 3 2 3", "3 3")
_TINTS = (ACCENT, INK, INK_2, "#7a8f3c", "#5b2a86")
_FILLS = (ACCENT, "#b7cfc9", "#5b6963", "#d9dcd6", "#17211d")


def svg(chart: Chart, colours: Mapping[str, Colours]) -> str:
    """Draw a chart.

    Parameters
    ----------
    chart : Chart
        What is drawn; values are decimal texts, None where there is a gap.
    colours : mapping
        Fill and ink by class or level name (Ⅲ, 良), for ``calendar`` and ``matrix``.

    Returns
    -------
    str
        An SVG image, 640 wide; the same chart gives the same text.
    """
    if chart.kind == "calendar":
        return calendar(chart, colours)
    if chart.kind == "matrix":
        return matrix(chart, colours)
    if chart.kind == "plan":
        return plan(chart)
    if chart.kind == "ranking":
        return _ranking(chart)
    return _columns(chart) if chart.kind == "bar" else _lines(chart)


def _numbers(values: Sequence[str | None]) -> list[float | None]:
    return [None if v is None else float(v) for v in values]


def ticks_of(highest: float) -> list[float]:
    """Return up to six round ticks from 0 to at least *highest*."""
    if highest <= 0:
        return [0.0, 1.0]
    rough = highest / 5
    power = 10.0 ** floor(log10(rough))
    step = next(m * power for m in (1, 2, 2.5, 5, 10) if m * power >= rough * 0.999)
    return [n * step for n in range(ceil(highest / step - 1e-9) + 1)]


def _axis(chart: Chart, highest: float) -> tuple[list[str], float]:
    """Return the horizontal grid with its figures and unit, and the value at its top."""
    ticks = ticks_of(highest)
    parts = [text(_LEFT, _TOP - 10, chart.unit, size=9, fill=INK_2, anchor="middle")]
    for tick in ticks:
        y = _y(tick, ticks[-1])
        parts.append(line(_LEFT, y, WIDTH - _RIGHT, y, stroke=INK if tick == 0 else LINE))
        parts.append(text(_LEFT - 6, y + 3, f"{tick:g}", size=9, fill=INK_2, anchor="end"))
    return parts, ticks[-1]


def _y(value: float, top: float) -> float:
    return _TOP + _PLOT * (1 - value / top)


def _labels(chart: Chart, xs: Sequence[float]) -> list[str]:
    """Return the labels along x, thinned so that none touches the next."""
    widest = max((width_of(label, 9) for label in chart.labels), default=0.0)
    room = (xs[1] - xs[0]) if len(xs) > 1 else 999.0
    every = max(1, ceil((widest + 8) / room))
    y = _TOP + _PLOT + 15
    return [
        text(x, y, label, size=9, fill=INK_2, anchor="middle")
        for n, (x, label) in enumerate(zip(xs, chart.labels, strict=True))
        if n % every == 0
    ]


def _limit(chart: Chart, top: float) -> list[str]:
    """Return the limit as a dashed line; its name stands below the chart, its value at its end."""
    if not chart.limit:
        return []
    y = _y(float(chart.limit), top)
    return [line(_LEFT, y, WIDTH - _RIGHT, y, stroke=WARN, dash="6 3", weight=1.1)]


def _highest(chart: Chart) -> float:
    known = [v for s in chart.series for v in _numbers(s.values) if v is not None]
    return max([*known, float(chart.limit) if chart.limit else 0.0, 0.0])


def _lines(chart: Chart) -> str:
    parts, top = _axis(chart, _highest(chart))
    count = len(chart.labels)
    step = (WIDTH - _LEFT - _RIGHT - 24) / max(1, count - 1)
    xs = [_LEFT + 12 + n * step for n in range(count)]
    parts += _labels(chart, xs)
    parts += _limit(chart, top)
    ends: list[tuple[float, str, str]] = []
    if chart.limit:
        ends.append((_y(float(chart.limit), top), chart.limit, WARN))
    for n, series in enumerate(chart.series):
        tint, dash = _TINTS[n % len(_TINTS)], _DASHES[n % len(_DASHES)]
        values = _numbers(series.values)
        points = [None if v is None else (x, _y(v, top)) for x, v in zip(xs, values, strict=True)]
        for run in _runs(points):
            path = " ".join(f"{x:.1f},{y:.1f}" for x, y in run)
            parts.append(
                f'<polyline points="{path}" fill="none" stroke="{tint}" stroke-width="1.6"'
                + (f' stroke-dasharray="{dash}"' if dash else "")
                + "/>"
            )
        parts += [
            f'<circle cx="{p[0]:.1f}" cy="{p[1]:.1f}" r="2.1" fill="{tint}"/>' for p in points if p
        ]
        shown = [p for p in points if p]
        ends.append((shown[-1][1] if shown else _TOP + _PLOT, series.name, tint))
    for y, name, tint in _apart(ends):
        parts.append(text(WIDTH - _RIGHT + 6, y + 3, name, size=9.5, fill=tint))
    return sheet(chart, parts, _TOP + _PLOT + _BOTTOM)


def _runs(
    points: Sequence[tuple[float, float] | None],
) -> list[list[tuple[float, float]]]:
    """Cut at gaps: what was not measured is not joined."""
    runs: list[list[tuple[float, float]]] = [[]]
    for point in points:
        if point is None:
            runs.append([])
        else:
            runs[-1].append(point)
    return [run for run in runs if len(run) > 1]


def _apart(ends: list[tuple[float, str, str]]) -> list[tuple[float, str, str]]:
    """Move the names at the ends of lines apart so that none covers another."""
    placed: list[tuple[float, str, str]] = []
    for y, name, tint in sorted(ends):
        low = placed[-1][0] + 12 if placed else y
        placed.append((max(y, low), name, tint))
    return placed


def _columns(chart: Chart) -> str:
    parts, top = _axis(chart, _highest(chart))
    room = (WIDTH - _LEFT - _RIGHT) / max(1, len(chart.labels))
    xs = [_LEFT + room * (n + 0.5) for n in range(len(chart.labels))]
    bar = min(26.0, room * 0.72 / max(1, len(chart.series)))
    for n, series in enumerate(chart.series):
        fill = _FILLS[n % len(_FILLS)]
        for x, value in zip(xs, _numbers(series.values), strict=True):
            left = x + bar * (n - len(chart.series) / 2)
            if value is None:
                parts.append(
                    text(left + bar / 2, _TOP + _PLOT - 4, "—", size=9, fill=INK_2, anchor="middle")
                )
                continue
            y = _y(value, top)
            parts.append(rect(left, y, bar - 1, _TOP + _PLOT - y, fill=fill))
            parts.append(
                text(left + bar / 2, y - 3, f"{value:g}", size=8.5, fill=INK, anchor="middle")
            )
        y = _TOP + 10 + 14 * n
        parts.append(rect(WIDTH - _RIGHT + 8, y - 7, 9, 9, fill=fill))
        parts.append(text(WIDTH - _RIGHT + 21, y + 1, series.name, size=9.5, fill=INK))
    return sheet(chart, parts + _labels(chart, xs) + _limit(chart, top), _TOP + _PLOT + _BOTTOM)  # fmt: skip


def _ranking(chart: Chart) -> str:
    """Draw horizontal bars, best on top, the figure at the end of each."""
    (series,) = chart.series
    values = _numbers(series.values)
    highest = max([v for v in values if v is not None], default=1.0) or 1.0
    left = max([width_of(label, 10.5) for label in chart.labels], default=0.0) + 12
    reach, row = WIDTH - left - 60, 21.0
    parts = [text(left, _TOP - 8, " ".join(p for p in (series.name, chart.unit) if p), size=9, fill=INK_2)]  # fmt: skip
    for n, (label, value, said) in enumerate(zip(chart.labels, values, series.values, strict=True)):
        y = _TOP + row * n
        parts.append(text(left - 6, y + 12, label, size=10.5, anchor="end"))
        if value is None:
            parts.append(text(left + 4, y + 12, "—", size=10.5, fill=INK_2))
            continue
        parts.append(rect(left, y + 2, max(1.0, reach * value / highest), 13, fill=ACCENT))
        parts.append(text(left + reach * value / highest + 6, y + 12.5, said or "", size=10.5))
    parts.append(line(left, _TOP, left, _TOP + row * len(values), stroke=INK))
    return sheet(chart, parts, _TOP + row * len(values) + 8)
