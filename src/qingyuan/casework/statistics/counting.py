"""Count items once and problems once per type (件与问题): what every batch bulletin prints."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import TypeVar

from qingyuan.casework.statistics.rows import CaseRow

__all__ = ["Count", "count", "grouped"]

K = TypeVar("K")


@dataclass(frozen=True, slots=True)
class Count:
    """A list of items counted (计数): items once, problems once per pollution type.

    ``by_unit`` counts items handled by one unit alone and ``joint`` those of several units, each
    once, so that the two together are the items; ``by_type`` adds up to the problems.
    """

    items: int
    problems: int
    focus: int
    by_unit: Mapping[str, int]
    joint: Mapping[tuple[str, ...], int]
    by_type: Mapping[str, int]
    by_channel: Mapping[str, int]


def count(rows: Iterable[CaseRow]) -> Count:
    """Count *rows* (计数). An item without a type is one problem of type ``""``."""
    units: Counter[str] = Counter()
    joint: Counter[tuple[str, ...]] = Counter()
    types: Counter[str] = Counter()
    channels: Counter[str] = Counter()
    items = focus = 0
    for row in rows:
        items += 1
        focus += row.focus
        named = row.units
        if len(named) > 1:
            joint[named] += 1
        else:
            units[named[0] if named else ""] += 1
        types.update(dict.fromkeys(row.types, 1) or {"": 1})
        if row.channel:
            channels[row.channel] += 1
    return Count(
        items=items,
        problems=types.total(),
        focus=focus,
        by_unit=_sorted(units),
        joint=_sorted(joint),
        by_type=_sorted(types),
        by_channel=_sorted(channels),
    )


def _sorted(counted: Counter[K]) -> Mapping[K, int]:
    return MappingProxyType(dict(counted.most_common()))


def grouped(
    rows: Iterable[CaseRow], key: Callable[[CaseRow], str | Sequence[str]]
) -> dict[str, tuple[CaseRow, ...]]:
    """Group *rows* by *key*; where it gives several words (types, units) the row is in each group."""
    found: dict[str, list[CaseRow]] = {}
    for row in rows:
        words = key(row)
        for word in (words,) if isinstance(words, str) else words:
            found.setdefault(word, []).append(row)
    return {word: tuple(found[word]) for word in sorted(found)}
