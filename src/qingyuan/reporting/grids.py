"""Grids of days (日历图、矩阵图): a class or an index in every cell, an empty cell where there is none."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from itertools import groupby

from qingyuan.reporting.document import Chart
from qingyuan.reporting.strokes import (
    INK,
    INK_2,
    LINE,
    WIDTH,
    Colours,
    line,
    rect,
    sheet,
    text,
    width_of,
)

__all__ = ["calendar", "matrix"]

_TOP = 16.0
_WEEK = 7


def calendar(chart: Chart, colours: Mapping[str, Colours]) -> str:
    """Draw days as a calendar: one month large with its figures, a longer time as small months."""
    (series,) = chart.series
    marks = series.marks or ("",) * len(series.values)
    days = [
        (date.fromisoformat(label), value, mark)
        for label, value, mark in zip(chart.labels, series.values, marks, strict=True)
    ]
    months = [list(rows) for _, rows in groupby(days, key=lambda row: (row[0].year, row[0].month))]
    if len(months) == 1:
        parts, height = _month(
            months[0],
            colours,
            left=60,
            top=_TOP,
            cell=(74.0, 34.0),
            figures=True,
            weekdays=chart.weekdays,
        )
    else:
        parts, height = [], 0.0
        for n, month in enumerate(months):
            left, row = 10 + (n % 4) * 158.0, n // 4
            made, tall = _month(
                month,
                colours,
                left=left,
                top=_TOP + row * 138 + 12,
                cell=(20.0, 16.0),
                figures=False,
            )
            first = month[0][0]
            parts += [
                text(left, _TOP + row * 138, f"{first.year}-{first.month:02d}", size=9.5),
                *made,
            ]
            height = max(height, tall)
    parts += _key(chart, colours, days, height + 18)
    return sheet(chart, parts, height + 34)


def _month(
    days: list[tuple[date, str | None, str]],
    colours: Mapping[str, Colours],
    *,
    left: float,
    top: float,
    cell: tuple[float, float],
    figures: bool,
    weekdays: tuple[str, ...] = (),
) -> tuple[list[str], float]:
    wide, tall = cell
    first = days[0][0].replace(day=1).weekday()
    parts, bottom = [], top
    if figures:
        parts += [
            text(left + wide * (n + 0.5), top - 4, name, size=9, fill=INK_2, anchor="middle")
            for n, name in enumerate(weekdays)
        ]
    for day, value, mark in days:
        place = first + day.day - 1
        x, y = left + wide * (place % _WEEK), top + tall * (place // _WEEK)
        fill, ink = colours.get(mark, ("#ffffff", INK_2))
        parts.append(
            rect(x + 1, y + 1, wide - 2, tall - 2, fill=fill, stroke=LINE if value is None else INK)
        )
        if figures:
            parts.append(text(x + 5, y + 12, str(day.day), size=8.5, fill=ink))
            parts.append(
                text(
                    x + wide - 6,
                    y + tall - 8,
                    value or "—",
                    size=13,
                    fill=ink,
                    anchor="end",
                    bold=True,
                )
            )
        else:
            parts.append(text(x + wide / 2, y + tall / 2 + 3, str(day.day) if value else "·", size=7.5, fill=ink, anchor="middle"))  # fmt: skip
        bottom = max(bottom, y + tall)
    return parts, bottom


def _key(
    chart: Chart,
    colours: Mapping[str, Colours],
    days: list[tuple[date, str | None, str]],
    y: float,
) -> list[str]:
    """Return the key: the levels that occur, with their number of days."""
    parts, x = [], 6.0
    named = [(name, sum(mark == name for *_, mark in days)) for name in colours]
    missing = sum(value is None for _, value, _ in days)
    for name, count in [*named, ("—", missing)]:
        if not count:
            continue
        fill, _ = colours.get(name, ("#ffffff", INK))
        said = f"{dict(chart.key).get(name, name)} {count}"
        parts += [
            rect(x, y - 8, 10, 10, fill=fill, stroke=INK_2),
            text(x + 14, y + 1, said, size=9.5),
        ]
        x += 26 + width_of(said, 9.5)
    return parts


def matrix(chart: Chart, colours: Mapping[str, Colours]) -> str:
    """Draw places by days, the class written in each cell."""
    left = max([width_of(s.name, 9.5) for s in chart.series], default=0.0) + 10
    wide = min(40.0, (WIDTH - left - 4) / max(1, len(chart.labels)))
    tall, parts = 17.0, []
    every = 1 if wide >= 24 else 2 if wide >= 13 else 5
    for n, label in enumerate(chart.labels):
        if n % every == 0:
            x = left + wide * (n + 0.5)
            parts.append(text(x, _TOP - 5, label, size=8.5, fill=INK_2, anchor="middle"))
    for row, series in enumerate(chart.series):
        y = _TOP + tall * row
        parts.append(text(left - 6, y + 12, series.name, size=9.5, anchor="end"))
        for n, value in enumerate(series.values):
            x = left + wide * n
            fill, ink = colours.get(value or "", ("#ffffff", INK_2))
            parts.append(rect(x + 0.5, y + 0.5, wide - 1, tall - 1, fill=fill, stroke=LINE))
            parts.append(text(x + wide / 2, y + 12, value or "—", size=min(9.0, wide * 0.52), fill=ink, anchor="middle"))  # fmt: skip
    bottom = _TOP + tall * len(chart.series)
    parts.append(line(left, bottom, left + wide * len(chart.labels), bottom, stroke=INK))
    return sheet(chart, parts, bottom + 8)
