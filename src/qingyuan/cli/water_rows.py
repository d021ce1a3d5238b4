"""Rows of water (水质数据行): sections and items by whatever name a stranger gave them."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from qingyuan.cli.tables import MISSING_WORDS, number_of, read_table, time_of
from qingyuan.core.problems import Problem
from qingyuan.readings.periods import undetected
from qingyuan.standards.items import find_item

__all__ = ["WaterRow", "read_water"]

_WORDS = {
    "section": ("断面", "断面名称", "站点", "station", "湖库", "lake"),
    "time": ("监测时间", "采样时间", "时间", "日期", "date", "day", "monitor_time"),
    "type": ("水体类型", "类型", "water_type"),
    "target": ("目标", "目标类别", "水质目标"),
    "city": ("城市", "地市"),
}
_TYPES = {"": "river", "河流": "river", "湖库": "lake", "湖泊": "lake", "水库": "lake"}
_KNOWN = frozenset(_WORDS)


@dataclass(frozen=True, slots=True)
class WaterRow:
    """One row: its cells, the exact values by column, and what is wrong with it.

    ``day`` is None when the row cannot be judged: no date, or a kind of water nobody knows.
    ``below`` names items under the detection limit, whose value is half of it.
    """

    line: int
    cells: Mapping[str, str]
    day: date | None
    water_type: str
    values: Mapping[str, Decimal | None]
    below: frozenset[str]
    problems: tuple[Problem, ...]


def read_water(path: str, *, need: Sequence[str]) -> Iterator[WaterRow]:
    """Read a table of sections; columns that are no item are named on standard error."""
    words = {other: name for name, others in _WORDS.items() for other in others}
    table = read_table(path).called(words)
    table.need(*need)
    items = [name for name in table.columns if name not in _KNOWN and find_item(name)]
    unread = [
        table.titles[name]
        for name in table.columns
        if name and name not in _KNOWN and name not in items
    ]
    if unread:
        print(f"未识别、未使用的列 / columns not used: {'、'.join(unread)}", file=sys.stderr)
    for line, cells in table.rows:
        yield _row(line, cells, items, table.titles)


def _row(
    line: int, cells: Mapping[str, str], items: Sequence[str], titles: Mapping[str, str]
) -> WaterRow:
    problems: list[Problem] = []
    values: dict[str, Decimal | None] = {}
    below = set()
    for column in items:
        known = find_item(column)
        name = known.name if known else column
        limit = None if cells[column] in MISSING_WORDS else undetected(cells[column])
        if limit is not None:
            values[name] = limit / 2
            below.add(name)
        else:
            values[name] = number_of(
                cells, column, line=line, problems=problems, title=titles[column]
            )
    day = None
    try:
        at = time_of(cells["time"], line=line)
        day = at.date() if isinstance(at, datetime) else at
    except Problem as problem:
        problems.append(problem)
    given = cells.get("type", "")
    kind = _TYPES.get(given, given)
    if kind not in ("river", "lake"):
        problems.append(Problem("standards.unknown_water_type", given=given))
        day = None
    return WaterRow(line, cells, day, kind, values, frozenset(below), tuple(problems))
