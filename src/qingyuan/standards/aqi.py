"""Air quality index (空气质量指数, AQI): exact sub-indices, index and primary pollutants.

A rule set is HJ 633 of a year; the sample's date chooses it unless one is named, and every answer
keeps its id. A concentration is rounded first (GB/T 8170), then everything is done in integers:
whole μg/m³, tenths of mg/m³ for carbon monoxide. Binary floats go one too high at some values.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from qingyuan.core.problems import Problem
from qingyuan.core.quantities import round_gbt8170
from qingyuan.standards.documents import Document, document_at, documents

__all__ = [
    "MISSING",
    "PERIODS",
    "AirQuality",
    "Ladder",
    "Level",
    "RuleSet",
    "evaluate",
    "level_of",
    "rule_set",
    "rule_set_at",
]

PERIODS = ("hour", "day")
MISSING = -1
_FAMILY = "air-quality-index"


@dataclass(frozen=True, slots=True)
class Level:
    """A class of the index (空气质量级别) with the colour it is shown in."""

    number: int
    name: str
    category: str
    colour: str
    rgb: str


@dataclass(frozen=True, slots=True, eq=False)
class Ladder:
    """The breakpoints of one pollutant and averaging time (浓度限值档).

    ``steps`` are (concentration, index) in whole units of the last kept place. Above the last step
    the index is ``top``; None there means that this series is no longer evaluated.
    """

    item: str
    condition: str
    unit: str
    places: int
    steps: tuple[tuple[int, int], ...]
    top: int | None
    clause: str

    def units(self, value: Decimal) -> int:
        """Return *value* rounded to its place by GB/T 8170, as a count of that place."""
        return int(round_gbt8170(value, self.places).scaleb(self.places))

    def sub_index(self, units: int) -> int | None:
        """Return the sub-index (分指数) of a rounded concentration, rounded up."""
        for (below, low), (above, high) in pairwise(self.steps):
            if units <= above:
                share = (high - low) * (units - below)
                return low - (-share // (above - below))  # rounded up, in integers
        return self.top

    def sub_indices(self, units: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return the sub-index of each rounded concentration.

        Parameters
        ----------
        units : array of int
            Counts of the last kept place; negative for missing.

        Returns
        -------
        array of int
            Same shape; ``MISSING`` where missing, or above a ladder that ends.
        """
        table = _table(self)
        found = table[np.clip(units, 0, len(table) - 1)]
        return np.where(units < 0, MISSING, found)


@dataclass(frozen=True, slots=True, eq=False)
class RuleSet:
    """HJ 633 of one year (规则集): which ladder each series uses, by period.

    ``ladders`` are the items of the report; ``instead`` names, for a series above its ladder, the
    series and ladder that speak for it.
    """

    id: str
    document: Document
    ladders: Mapping[str, Mapping[str, Ladder]]
    instead: Mapping[str, Mapping[str, tuple[str, Ladder]]]
    levels: tuple[tuple[int, Level], ...]
    primary_above: int
    over_above: int | None
    publish_above: int | None
    marks: tuple[str, ...]

    def series(self, period: str) -> tuple[str, ...]:
        """Return every series that may be given for *period*: the items, then the stand-ins."""
        named = (name for name, _ in self.instead[period].values())
        return tuple(dict.fromkeys((*self.ladders[period], *named)))


@dataclass(frozen=True, slots=True)
class AirQuality:
    """The index of one station or city in one hour or day (空气质量评价).

    ``aqi`` is computed from what there is; ``is_published`` is False where the rule wants NA.
    ``primary`` and ``over`` hold item names; ``missing`` the series without a usable value;
    ``beyond`` those above a ladder that ends, without their stand-in.
    """

    rule_set: str
    period: str
    sub_indices: Mapping[str, int | None]
    aqi: int | None
    is_published: bool
    level: Level | None
    primary: tuple[str, ...]
    primary_shown: str
    over: tuple[str, ...]
    missing: tuple[str, ...]
    not_planned: tuple[str, ...]
    beyond: tuple[str, ...]
    marks: tuple[str, ...]


def rule_set(given: str) -> RuleSet:
    """Return the rule set named ``HJ633-2026``, ``HJ 633-2026`` or ``hj633-2026``.

    Raises
    ------
    Problem
        ``standards.unknown_document``.
    """
    wanted = given.replace(" ", "").casefold()
    held = [one for one in documents() if one.family == _FAMILY]
    for one in held:
        if one.name == wanted:
            return _rules(one)
    known = "、".join(_id(one) for one in held)
    raise Problem("standards.unknown_document", given=given, known=known)


def rule_set_at(at: date) -> RuleSet:
    """Return the rule set in force on the Beijing date *at*, the day in which the hour lies.

    Raises
    ------
    Problem
        ``standards.not_in_force``.
    """
    return _rules(document_at(_FAMILY, at))


def level_of(aqi: int, *, rules: RuleSet) -> Level:
    """Return the class of an index."""
    return next(level for high, level in rules.levels if aqi <= high)


def evaluate(
    values: Mapping[str, Decimal | None],
    *,
    period: str,
    rules: RuleSet,
    not_planned: Sequence[str] = (),
) -> AirQuality:
    """Evaluate one row of concentrations (空气质量指数).

    Parameters
    ----------
    values : mapping
        ``so2 no2 pm10 pm25 o3`` in μg/m³ and ``co`` in mg/m³, unrounded, None when missing. In an
        hour all are 1-h means; in a day 24-h means and ``o3`` the largest 8-h mean. HJ 633-2012
        also reads ``o3_1h`` (largest 1-h value of the day) and ``so2_24h`` (beside an hour).
    period : str
        ``hour`` or ``day``.
    rules : RuleSet
        From `rule_set_at` or `rule_set`.
    not_planned : sequence of str
        Series outside the monitoring plan: they are no gap. That such an item was in three years
        never the primary pollutant of a polluted day (HJ 633-2026 5.3) is the caller's to know.

    Raises
    ------
    Problem
        ``standards.negative_value`` if a concentration is below zero after rounding.
    """
    ladders = rules.ladders[period]
    found = {name: _sub_index(name, values, period=period, rules=rules) for name in ladders}
    missing = tuple(
        name for name in ladders if values.get(name) is None and name not in not_planned
    )
    beyond = tuple(name for name in ladders if found[name] is None and values.get(name) is not None)
    known = [index for index in found.values() if index is not None]
    aqi = max(known, default=None)
    published = aqi is not None and (
        rules.publish_above is None or not (missing or beyond) or aqi > rules.publish_above
    )
    shows_primary = aqi is not None and published and aqi > rules.primary_above
    primary = _items(ladders, (name for name in ladders if shows_primary and found[name] == aqi))
    over = _items(ladders, (name for name in ladders if _is_over(found[name], rules=rules)))
    shown = rules.document.more["shown"]
    return AirQuality(
        rule_set=rules.id,
        period=period,
        sub_indices=found,
        aqi=aqi,
        is_published=published,
        level=level_of(aqi, rules=rules) if aqi is not None and published else None,
        primary=primary,
        primary_shown=",".join(shown.get(item, item) for item in primary),
        over=over,
        missing=missing,
        not_planned=tuple(not_planned),
        beyond=beyond,
        marks=rules.marks,
    )


def _sub_index(
    name: str, values: Mapping[str, Decimal | None], *, period: str, rules: RuleSet
) -> int | None:
    """Return the sub-index of a series, or of its stand-in where its own ladder has ended."""
    index = _on(rules.ladders[period][name], name, values)
    if index is None and values.get(name) is not None and name in rules.instead[period]:
        other, ladder = rules.instead[period][name]
        return _on(ladder, other, values)
    return index


def _on(ladder: Ladder, name: str, values: Mapping[str, Decimal | None]) -> int | None:
    value = values.get(name)
    if value is None:
        return None
    units = ladder.units(value)
    if units < 0:
        raise Problem("standards.negative_value", column=name, given=value)
    return ladder.sub_index(units)


def _items(ladders: Mapping[str, Ladder], names: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(ladders[name].item for name in names))


def _is_over(index: int | None, *, rules: RuleSet) -> bool:
    return index is not None and rules.over_above is not None and index > rules.over_above


@cache
def _table(ladder: Ladder) -> NDArray[np.int64]:
    """Return the sub-index of every concentration up to one above the last step."""
    found = (ladder.sub_index(units) for units in range(ladder.steps[-1][0] + 2))
    return np.array([MISSING if index is None else index for index in found], np.int64)


@cache
def _rules(held: Document) -> RuleSet:
    more = held.more
    above = list(more["above"].values())
    instead: dict[str, dict[str, tuple[str, Ladder]]] = {period: {} for period in PERIODS}
    tops: dict[tuple[str, str], int | None] = {}
    for one in above:
        period, name = one["period"], one["series"]
        tops[period, name] = one.get("index")
        if "instead" in one:
            other, item, condition = one["instead"]
            top = more["top"]["index"]
            instead[period][name] = (other, _ladder(held, item, condition, top=top))
    ladders = {
        period: {
            name: _ladder(held, item, condition, top=tops.get((period, name), more["top"]["index"]))
            for name, (item, condition) in more[period].items()
        }
        for period in PERIODS
    }
    return RuleSet(
        id=_id(held),
        document=held,
        ladders=ladders,
        instead=instead,
        levels=tuple(
            (int(high), Level(int(number), *rest))
            for high, (number, *rest) in more["levels"].items()
        ),
        primary_above=more["primary"]["above"],
        over_above=more["primary"].get("over"),
        publish_above=more.get("incomplete", {}).get("publish_above"),
        marks=tuple(mark for mark in (held.mark, more["rounding"].get("mark", "")) if mark),
    )


def _ladder(held: Document, item: str, condition: str, *, top: int | None) -> Ladder:
    rows = [row for row in held.rows if (row.item, row.condition) == (item, condition)]
    places = held.more["rounding"]["places"][rows[0].unit]
    return Ladder(
        item=item,
        condition=condition,
        unit=rows[0].unit,
        places=places,
        steps=tuple((int(row.value.scaleb(places)), int(row.cls)) for row in rows),
        top=top,
        clause=rows[0].clause,
    )


def _id(held: Document) -> str:
    return held.document.replace(" ", "")
