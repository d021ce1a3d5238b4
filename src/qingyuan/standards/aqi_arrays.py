"""The index of many rows at once (空气质量指数，成批): `qingyuan.standards.aqi` on arrays.

Concentrations are already rounded whole numbers, so a sub-index is a look-up in the table that the
exact ladder fills; nothing is computed twice and no binary float takes part.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from qingyuan.standards.aqi import MISSING, RuleSet

__all__ = ["AirQualities", "evaluate_many", "primary_names"]

Whole = NDArray[np.signedinteger]


@dataclass(frozen=True, slots=True, eq=False)
class AirQualities:
    """The index of an array of rows (空气质量评价，成批).

    Attributes
    ----------
    sub_indices : mapping
        Series → sub-index, ``MISSING`` where there is none.
    aqi : array of int
        From what there is; ``MISSING`` where nothing is.
    is_whole : array of bool
        Every item has a sub-index.
    is_published : array of bool
        False where the rule wants NA.
    primary : array of int
        One bit an item, in the order of ``items``; 0 where there is no primary pollutant.
    level : array of int
        1 to 6; 0 where nothing is published.
    """

    rule_set: str
    items: tuple[str, ...]
    sub_indices: Mapping[str, Whole]
    aqi: Whole
    is_whole: NDArray[np.bool_]
    is_published: NDArray[np.bool_]
    primary: NDArray[np.uint8]
    level: NDArray[np.uint8]


def evaluate_many(units: Mapping[str, Whole], *, period: str, rules: RuleSet) -> AirQualities:
    """Evaluate arrays of rounded concentrations.

    Parameters
    ----------
    units : mapping
        Series as in `aqi.evaluate` → counts of the last kept place, negative where missing; all of
        one shape. A series that is not given is missing everywhere.
    period : str
        ``hour`` or ``day``.
    rules : RuleSet
        The rule set of all rows.
    """
    ladders = rules.ladders[period]
    shape = next(iter(units.values())).shape
    nothing = np.full(shape, MISSING, np.int16)
    found: dict[str, Whole] = {}
    seen: set[str] = set()
    is_whole = np.ones(shape, np.bool_)
    for name, ladder in ladders.items():
        given = units.get(name, nothing)
        index = ladder.sub_indices(given).astype(np.int16)
        if name in rules.instead[period]:
            other, stand_in = rules.instead[period][name]
            speaks = (index < 0) & (given >= 0)
            index = np.where(speaks, stand_in.sub_indices(units.get(other, nothing)), index)
        found[name] = index.astype(np.int16)
        if ladder.item not in seen:  # the largest hour of ozone stands beside its 8-h mean
            is_whole &= found[name] >= 0
            seen.add(ladder.item)
    aqi = np.maximum.reduce(list(found.values()))
    published = aqi >= 0
    if rules.publish_above is not None:
        published &= is_whole | (aqi > rules.publish_above)
    items = tuple(dict.fromkeys(ladder.item for ladder in ladders.values()))
    primary = np.zeros(shape, np.uint8)
    shows = published & (aqi > rules.primary_above)
    for name, ladder in ladders.items():
        bit = np.uint8(1 << items.index(ladder.item))
        primary |= np.where(shows & (found[name] == aqi), bit, np.uint8(0))
    return AirQualities(
        rule_set=rules.id,
        items=items,
        sub_indices=found,
        aqi=aqi,
        is_whole=is_whole,
        is_published=published,
        primary=primary,
        level=np.where(published, _levels(rules)[np.maximum(aqi, 0)], 0).astype(np.uint8),
    )


def primary_names(mask: int, items: tuple[str, ...]) -> tuple[str, ...]:
    """Return the items whose bits are set in one *mask*."""
    return tuple(item for bit, item in enumerate(items) if mask >> bit & 1)


def _levels(rules: RuleSet) -> NDArray[np.uint8]:
    table = np.zeros(rules.levels[-1][0] + 1, np.uint8)
    for high, level in reversed(rules.levels):
        table[: high + 1] = level.number
    return table
