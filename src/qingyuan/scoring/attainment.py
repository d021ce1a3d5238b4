"""Attainment (达标评价): a period's statistics against their limits, with exceedance multiples.

HJ 663: the mean is held against the annual limit, the percentile against the daily one (the largest
8-h mean for ozone); a pollutant attains when every statistic of it does. Rounded values are
compared, as they are published.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from qingyuan.readings.periods import Figures
from qingyuan.standards.air_periods import PeriodRules
from qingyuan.standards.limits import Limit

__all__ = ["Attainment", "attainment_of"]

_PLACES = 2


@dataclass(frozen=True, slots=True)
class Attainment:
    """Whether one pollutant attains (达标); ``multiple`` is of the worst statistic, when one exceeds."""

    attains: bool | None
    multiple: Decimal | None
    judged: tuple[tuple[str, Decimal, Limit], ...]


def attainment_of(
    figures: Figures, row: int, *, rules: PeriodRules, grade: int = 2
) -> Mapping[str, Attainment]:
    """Judge every pollutant of one station."""
    found = {}
    for name, one in rules.statistics.items():
        judged: list[tuple[str, Decimal, Limit]] = []
        if one.has_mean:
            units = int(figures.means[name].rounded(one.places)[row])
            _add(judged, "mean", units, one.places, rules.limit(name, "annual", grade=grade))
        units = int(figures.percentiles[name].rounded(one.places)[row])
        averaging = "mda8" if one.daily == "mda8" else "daily"
        limit = rules.limit(name, averaging, grade=grade)
        _add(judged, f"p{one.percentile}", units, one.places, limit)
        over = [
            Fraction(value - limit.value) / Fraction(limit.value)
            for _, value, limit in judged
            if not limit.allows(value)
        ]
        multiple = Decimal(round(max(over) * 10**_PLACES)).scaleb(-_PLACES) if over else None
        found[name] = Attainment(not over if judged else None, multiple, tuple(judged))
    return found


def _add(
    judged: list[tuple[str, Decimal, Limit]], what: str, units: int, places: int, limit: Limit
) -> None:
    if units >= 0:
        judged.append((what, Decimal(units).scaleb(-places), limit))
