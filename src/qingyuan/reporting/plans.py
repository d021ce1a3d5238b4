"""Plans (示意图): a place among its roads, drawn to scale, north up.

A chart of kind ``plan``: each series is a line of points ``"x,y"`` in metres east and north of the
place, marked ``own`` where it is the road concerned; one marked ``spot`` is a circle, its point first
and then its radius in metres.
"""

from __future__ import annotations

import itertools

from qingyuan.reporting.document import Chart, Series
from qingyuan.reporting.strokes import ACCENT, INK, INK_2, LINE, WIDTH, line, rect, sheet, text

__all__ = ["plan"]

_HIGH, _HALF_M, _BAR_M = 300.0, 480.0, 200.0
_SCALE = _HIGH / (2 * _HALF_M)


def plan(chart: Chart) -> str:
    """Draw a plan with its bar of scale."""
    parts = [rect(0.5, 0.5, WIDTH - 1, _HIGH - 1, fill="#ffffff", stroke=INK_2)]
    parts.append(
        f'<svg x="1" y="1" width="{WIDTH - 2:g}" height="{_HIGH - 2:g}" overflow="hidden">'
    )
    named: set[str] = set()
    for row in chart.series:
        parts += _spot(row) if "spot" in row.marks else _road(row, named)
    parts.append("</svg>")
    foot = _HIGH - 10
    parts.append(line(12, foot, 12 + _BAR_M * _SCALE, foot, stroke=INK, weight=2))
    parts.append(text(18 + _BAR_M * _SCALE, foot + 3, f"{_BAR_M:g} m", size=9))
    parts.append(text(WIDTH - 24, 18, "N ↑", size=11, anchor="middle", bold=True))
    return sheet(chart, parts, _HIGH)


def _at(said: str | None) -> tuple[float, float]:
    x, _, y = (said or "0,0").partition(",")
    return WIDTH / 2 + float(x) * _SCALE, _HIGH / 2 - float(y) * _SCALE


def _road(row: Series, named: set[str]) -> list[str]:
    points = [_at(value) for value in row.values]
    own = "own" in row.marks
    drawn = [
        line(*a, *b, stroke=INK if own else LINE, weight=3.2 if own else 2.2)
        for a, b in itertools.pairwise(points)
    ]
    x, y = points[len(points) // 2]
    if row.name and row.name not in named and 20 < x < WIDTH - 110 and 30 < y < _HIGH - 26:
        named.add(row.name)
        drawn.append(text(x + 6, y - 6, row.name, size=9, fill=INK if own else INK_2))
    return drawn


def _spot(row: Series) -> list[str]:
    x, y = _at(row.values[0])
    radius = max(float(row.values[1] or 0) * _SCALE, 4.0)
    return [
        f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{radius:.1f}" fill="{ACCENT}" fill-opacity="0.25"'
        f' stroke="{ACCENT}" stroke-width="2"/>',
        text(x + radius + 5, y + 4, row.name, size=11, bold=True),
    ]
