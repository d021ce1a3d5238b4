"""Composite air index (环境空气质量综合指数): a period's six figures against their limits.

Each single index is rounded to two decimals, half to even, and then they are added: of the ways
tried, only this one gives every published value. Limits and weights are data; four variants are
used side by side since 2026-03-01.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Context, Decimal
from functools import cache
from importlib.resources import files
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qingyuan.core.problems import Problem
from qingyuan.core.quantities import round_gbt8170
from qingyuan.readings.periods.exact import MISSING, round_half_even
from qingyuan.standards import air
from qingyuan.standards.documents import Document, document_at, documents

__all__ = [
    "CompositeIndex",
    "Variant",
    "composite",
    "composite_many",
    "variant",
    "variant_at",
]

_EXACT = Context(prec=60)  # a quotient is rounded once, to two places; 60 digits decide every tie


@dataclass(frozen=True, slots=True, eq=False)
class Variant:
    """One way to compute the index: limits, weights and places (综合指数的一种算法)."""

    id: str
    limits: Mapping[str, Decimal]
    weights: Mapping[str, int]
    places: int
    value_places: Mapping[str, int]
    marks: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CompositeIndex:
    """The index of one place and period; ``total`` is None when a figure is missing."""

    variant: str
    singles: Mapping[str, Decimal | None]
    total: Decimal | None
    largest: tuple[str, ...]
    missing: tuple[str, ...]
    marks: tuple[str, ...]


def variant(limits: str, *, weights: str = "equal") -> Variant:
    """Return the variant with the limits of a document (``gb3095-2012``) and named weights.

    Raises
    ------
    Problem
        ``scoring.unknown_limits`` or ``scoring.unknown_weights``.
    """
    wanted = limits.replace(" ", "").casefold()
    wanted = _table()["aliases"].get(wanted, wanted)
    held = {one.name: one for one in documents() if one.family == _table()["family"]}
    if wanted not in held:
        raise Problem("scoring.unknown_limits", given=limits, known="、".join(held))
    return _variant(held[wanted], weights)


def variant_at(at: date, *, weights: str = "equal") -> Variant:
    """Return the variant with the limits in force on the Beijing date *at*.

    Raises
    ------
    Problem
        ``standards.not_in_force`` or ``scoring.unknown_weights``.
    """
    return _variant(document_at(_table()["family"], at), weights)


def composite(values: Mapping[str, Decimal | None], *, by: Variant) -> CompositeIndex:
    """Compute the composite index of a period (综合指数).

    Parameters
    ----------
    values : mapping
        Means ``so2 no2 pm10 pm25`` and ``o3`` (90th percentile of the daily largest 8-h mean) in
        μg/m³, ``co`` (95th percentile of daily means) in mg/m³. None when missing.
    by : Variant
        Limits and weights.

    Returns
    -------
    CompositeIndex
        ``largest`` names the items with the largest weighted single index (首要污染物), ties all.
    """
    singles = {name: _single(values.get(name), name, by) for name in by.limits}
    weighted = {
        name: single * by.weights[name] for name, single in singles.items() if single is not None
    }
    missing = tuple(name for name, single in singles.items() if single is None)
    highest = max(weighted.values(), default=None)
    return CompositeIndex(
        variant=by.id,
        singles=singles,
        total=None if missing else sum(weighted.values(), Decimal(0)),
        largest=tuple(name for name, value in weighted.items() if value == highest),
        missing=missing,
        marks=by.marks,
    )


def composite_many(
    units: Mapping[str, NDArray[np.int64]], *, by: Variant
) -> tuple[dict[str, NDArray[np.int64]], NDArray[np.int64]]:
    """Compute many indices at once, in whole numbers.

    Parameters
    ----------
    units : mapping
        Series as in `composite` → counts of its kept place, negative where missing.
    by : Variant
        Limits and weights.

    Returns
    -------
    singles, total
        Counts of the last kept place of the index (hundredths); ``MISSING`` where a figure is.
    """
    total: NDArray[np.int64] | None = None
    whole: NDArray[np.bool_] | None = None
    singles: dict[str, NDArray[np.int64]] = {}
    for name, limit in by.limits.items():
        given = units[name]
        scaled = int(limit.scaleb(by.value_places[name]))
        found = round_half_even(given.astype(np.int64) * 10**by.places, scaled)
        singles[name] = np.where(given < 0, MISSING, found)
        whole = given >= 0 if whole is None else whole & (given >= 0)
        weighted = found * by.weights[name]
        total = weighted if total is None else total + weighted
    assert total is not None and whole is not None  # noqa: PT018 -- a variant has six limits
    return singles, np.where(whole, total, MISSING)


def _single(value: Decimal | None, name: str, by: Variant) -> Decimal | None:
    if value is None:
        return None
    rounded = round_gbt8170(value, by.value_places[name])
    if rounded < 0:
        raise Problem("standards.negative_value", column=name, given=value)
    return round_gbt8170(_EXACT.divide(rounded, by.limits[name]), by.places)


@cache
def _table() -> Mapping[str, Any]:
    text = files(__package__).joinpath("tables/air-composite-index.toml").read_text("utf-8")
    return tomllib.loads(text)


@cache
def _variant(held: Document, weights: str) -> Variant:
    table = _table()
    if weights not in table["weights"]:
        known = "、".join(table["weights"])
        raise Problem("scoring.unknown_weights", given=weights, known=known)
    weight = table["weights"][weights]
    items: Mapping[str, tuple[str, str, int]] = table["items"]
    limits = {
        name: air.limit_in(held, item, averaging, grade=table["grade"]).value
        for name, (item, averaging, _) in items.items()
    }
    return Variant(
        id=f"{held.name}/{weights}",
        limits=limits,
        weights={name: weight[name] for name in items},
        places=table["places"],
        value_places={name: places for name, (_, _, places) in items.items()},
        marks=tuple(mark for mark in (table["mark"], weight["mark"], held.mark) if mark),
    )
