"""Figures over the database (统计值): one reading of the facts for the whole, one per grouping."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db import connection
from django.db.models import QuerySet

from qingyuan.casework.statistics import Definition, definitions
from qingyuan.web.cases.models import Case
from qingyuan.web.statistics.selectors.facts import facts
from qingyuan.web.statistics.selectors.measures import MEASURES, sides

__all__ = ["GROUPINGS", "Value", "grouped", "numbers", "whole"]

GROUPINGS = {
    "district": "f.district",
    "unit": "f.unit::text",
    "type": "t.type",
    "procedure": "f.procedure",
    "month": "to_char(f.opened_at AT TIME ZONE 'Asia/Shanghai', 'YYYY-MM')",
}


@dataclass(frozen=True, slots=True)
class Value:
    """A figure as `casework.statistics.Figure` has it, without its rows: those are asked by filter."""

    name: str
    numerator: Decimal
    denominator: int
    value: Decimal | None
    parts: dict[str, Decimal]

    @property
    def definition(self) -> Definition:
        """The definition it follows."""
        return definitions()[self.name]


def _asked(names: Sequence[str], *, ranks: bool) -> list[tuple[str, str, str]]:
    """Return (figure, part, expression) of every number to be read."""
    asked = []
    for name in names:
        one = MEASURES[name]
        if one.length:
            asked.append((name, "over", f"coalesce(sum({one.length}), 0)"))
            asked.append((name, "among", f"count({one.length})"))
            if ranks:
                asked += [
                    # one type for both: the database then sorts once
                    (
                        name,
                        "median",
                        f"percentile_cont(0.5) WITHIN GROUP (ORDER BY {one.length}::float8)",
                    ),
                    (
                        name,
                        "p90",
                        f"percentile_disc(0.9) WITHIN GROUP (ORDER BY {one.length}::float8)",
                    ),
                ]
            continue
        asked += [
            (name, side, f"count(*) FILTER (WHERE {sql})") for side, sql in sides(name).items()
        ]
    return asked


def _values(asked: Sequence[tuple[str, str, str]], row: Sequence[object]) -> dict[str, Value]:
    read: dict[str, dict[str, Decimal]] = {}
    for (name, part, _sql), number in zip(asked, row, strict=True):
        if number is not None:
            read.setdefault(name, {})[part] = Decimal(str(number))
    answer = {}
    for name, parts in read.items():
        over, among = parts.pop("over"), int(parts.pop("among"))
        value = over / among if among else None
        answer[name] = Value(name, over, among, value, parts)
    return answer


def whole(found: QuerySet[Case], *, at: datetime, names: Sequence[str] = ()) -> dict[str, Value]:
    """Return the figures over all of *found*."""
    asked = _asked(names or tuple(MEASURES), ranks=True)
    held = facts(found, at=at)
    with connection.cursor() as cursor:
        cursor.execute(f"{held.sql} SELECT {', '.join(s for *_, s in asked)} FROM f", held.params)
        return _values(asked, cursor.fetchone())


def grouped(
    found: QuerySet[Case], by: str, *, at: datetime, names: Sequence[str]
) -> dict[str, tuple[int, dict[str, Value]]]:
    """Return per group how many cases and its figures; a case of several types is in each."""
    asked = _asked(names, ranks=False)
    held = facts(found, at=at)
    more = " LEFT JOIN cases_casetype t ON t.case_id = f.id" if by == "type" else ""
    sql = (
        f"{held.sql} SELECT coalesce({GROUPINGS[by]}, ''), count(*), {', '.join(s for *_, s in asked)}"
        f" FROM f{more} GROUP BY 1"
    )
    with connection.cursor() as cursor:
        cursor.execute(sql, held.params)
        return {key: (n, _values(asked, row)) for key, n, *row in cursor.fetchall()}


def numbers(found: QuerySet[Case], name: str, side: str, *, at: datetime) -> list[int]:
    """Return the keys of the cases on one side of a figure: what its link shows."""
    held = facts(found, at=at, whole=False)
    with connection.cursor() as cursor:
        cursor.execute(f"{held.sql} SELECT id FROM f WHERE {sides(name)[side]}", held.params)
        return [key for (key,) in cursor.fetchall()]
