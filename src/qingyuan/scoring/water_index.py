"""City water index (城市地表水水质指数, CWQI): cities in order of their rivers and lakes.

Every item is averaged over a city's sections and held against class Ⅲ; the river and the lake index
are weighted by their numbers of sections. Smaller is better; the change between two periods has an
order of its own.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction

from qingyuan.core.problems import Problem
from qingyuan.core.quantities import round_gbt8170
from qingyuan.standards import water
from qingyuan.standards.documents import document_at
from qingyuan.standards.items import find_item

__all__ = ["CityWaterIndex", "Section", "city_water_index"]


@dataclass(frozen=True, slots=True)
class Section:
    """One section's unrounded values of the period (断面); ``water_type`` river or lake."""

    values: Mapping[str, Decimal | None]
    water_type: str = "river"


@dataclass(frozen=True, slots=True)
class CityWaterIndex:
    """The index of one city (城市水质指数).

    ``river`` and ``lake`` are exact, ``total`` rounded to its places; ``items`` holds the single
    indices by kind of water; ``missing`` the items without any value, which add nothing and make
    cities incomparable: tell them.
    """

    total: Decimal | None
    river: Fraction | None
    lake: Fraction | None
    sections: int
    points: int
    items: Mapping[str, Mapping[str, Fraction]]
    missing: tuple[str, ...]
    rule_set: str
    marks: tuple[str, ...]


def city_water_index(
    sections: Sequence[Section], *, at: date, scope: str = "section"
) -> CityWaterIndex:
    """Return the index of a city from the means of its sections.

    Parameters
    ----------
    scope : str
        ``section``: the 21 items of the method; ``online``: the five of the national platform,
        a comparison of one's own that no document knows.

    Raises
    ------
    Problem
        ``standards.not_positive`` when there is no dissolved oxygen at all, which has no index.
    """
    rules = document_at("water-city-index", at)
    wanted = document_at("water-evaluation", at).more["items"][scope]
    by_kind = {
        kind: [one for one in sections if one.water_type == kind] for kind in ("river", "lake")
    }
    items: dict[str, dict[str, Fraction]] = {}
    missing: dict[str, None] = {}
    for kind, held in by_kind.items():
        if held:
            means = _means(held)
            items[kind] = {
                name: _single(name, means[name], kind, at=at) for name in wanted if name in means
            }
            missing |= dict.fromkeys(name for name in wanted if name not in means)
    sums = {kind: sum(found.values(), Fraction(0)) for kind, found in items.items() if found}
    counts = {kind: len(by_kind[kind]) for kind in sums}
    total = None
    if sums:
        exact = Fraction(sum(sums[k] * counts[k] for k in sums), sum(counts.values()))
        total = _rounded(exact, rules.more["index"]["places"])
    marks = [rules.mark]
    if scope != "section":
        marks.append(
            "只取五项，非规定的 21 项指数 / five items only, not the index of 21 items of the document"
        )
    return CityWaterIndex(
        total=total,
        river=sums.get("river"),
        lake=sums.get("lake"),
        sections=len(by_kind["river"]),
        points=len(by_kind["lake"]),
        items=items,
        missing=tuple(missing),
        rule_set=f"{rules.document}/{scope}",
        marks=tuple(marks),
    )


def _means(sections: Sequence[Section]) -> dict[str, Fraction]:
    held: dict[str, list[Fraction]] = {}
    for section in sections:
        for given, value in section.values.items():
            known = find_item(given)
            if value is not None and known is not None:
                held.setdefault(known.name, []).append(Fraction(value))
    return {name: sum(values, Fraction(0)) / len(values) for name, values in held.items()}


def _single(name: str, mean: Fraction, water_type: str, *, at: date) -> Fraction:
    rule = document_at("water-city-index", at).more["index"]
    if name in rule["neutral"]:
        low, middle, high = (Fraction(text) for text in rule["ph"])
        return (
            (middle - mean) / (middle - low)
            if mean <= middle
            else (mean - middle) / (high - middle)
        )
    third = Fraction(water.limit(name, rule["limit_class"], at=at, water_type=water_type).value)
    if name in rule["inverse"]:
        if mean <= 0:
            raise Problem("standards.not_positive", column=name, given=0)
        return third / mean
    return mean / third


def _rounded(value: Fraction, places: int) -> Decimal:
    units = round(value * 10**places)  # Python rounds a fraction half to even
    return round_gbt8170(Decimal(units).scaleb(-places), places)
