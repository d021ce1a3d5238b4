"""Items (项目): one pollutant under its code, its Chinese name and its symbol."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from qingyuan.core.problems import Problem

__all__ = ["Item", "find_item", "item", "items"]


@dataclass(frozen=True, slots=True)
class Item:
    """An item as the standards name it (监测项目); ``code`` is of HJ 212-2017, maybe empty."""

    name: str
    code: str
    symbol: str
    aliases: tuple[str, ...]


@cache
def items() -> tuple[Item, ...]:
    """Return every item the tables know, in the order of the table."""
    with files(__package__).joinpath("tables/items.csv").open(encoding="utf-8") as lines:
        return tuple(
            Item(row["item"], row["code"], row["symbol"], tuple(row["aliases"].split()))
            for row in csv.DictReader(lines)
        )


def find_item(given: str) -> Item | None:
    """Return the item that *given* names by code, name, symbol or alias, or None."""
    return _by_word().get(given.strip().casefold())


def item(given: str) -> Item:
    """Return the item that *given* names.

    Raises
    ------
    Problem
        ``standards.unknown_item``.
    """
    found = find_item(given)
    if found is None:
        raise Problem("standards.unknown_item", given=given)
    return found


@cache
def _by_word() -> dict[str, Item]:
    return {
        word.casefold(): known
        for known in items()
        for word in (known.name, known.code, known.symbol, *known.aliases)
        if word
    }
