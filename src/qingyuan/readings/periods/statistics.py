"""Statistics of a period (时段统计): means and percentiles of valid days, exact, with their counts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from qingyuan.readings.periods.days import Days
from qingyuan.readings.periods.exact import Exact
from qingyuan.readings.periods.spans import Span, months_in
from qingyuan.standards.air_periods import PeriodRules

__all__ = ["Figures", "figures_of"]


@dataclass(frozen=True, slots=True, eq=False)
class Figures:
    """The statistics of one span for every station (时段统计值).

    Attributes
    ----------
    means, percentiles : mapping
        Series → exact values, one a station, from the valid days there are.
    days : mapping
        Series → how many valid days.
    is_valid : mapping
        Series → whether they are enough for the span (HJ 663, GB 3095 表4). A value is given all
        the same: a month still running has one.
    """

    span: Span
    means: Mapping[str, Exact]
    percentiles: Mapping[str, Exact]
    days: Mapping[str, NDArray[np.int64]]
    is_valid: Mapping[str, NDArray[np.bool_]]

    def index_figures(self, rules: PeriodRules) -> dict[str, NDArray[np.int64]]:
        """Return what the composite index is made of, rounded: CO and O3 by their percentile."""
        return {
            name: (self.means if one.has_mean else self.percentiles)[name].rounded(one.places)
            for name, one in rules.statistics.items()
        }


def figures_of(days: Days, span: Span, *, rules: PeriodRules) -> Figures:
    """Return the statistics of a span for every station.

    A month is valid with enough valid days; a season when each of its months is; a year with enough
    days in all and in each month; any other span when every day of it is.
    """
    within = span.within(days.first_day, days.length)
    means: dict[str, Exact] = {}
    percentiles: dict[str, Exact] = {}
    count: dict[str, NDArray[np.int64]] = {}
    valid: dict[str, NDArray[np.bool_]] = {}
    for name, one in rules.statistics.items():
        held = days.values[name].take((slice(None), within))
        means[name], percentiles[name] = held.mean(), held.percentile(one.percentile)
        count[name] = held.ok.sum(axis=-1)
        valid[name] = _enough(days, name, span, rules)
    return Figures(span, means, percentiles, count, valid)


def _enough(days: Days, name: str, span: Span, rules: PeriodRules) -> NDArray[np.bool_]:
    ok = days.values[name].ok
    total = ok[:, span.within(days.first_day, days.length)].sum(axis=-1)
    if span.kind == "days":
        return np.asarray(total == span.length)
    found = np.ones(len(total), np.bool_)
    for month in months_in(span.first, span.length):
        held = ok[:, month.within(days.first_day, days.length)].sum(axis=-1)
        found &= held >= rules.days_needed(month.first.month)
    return found & (total >= rules.year_days) if span.kind == "year" else found
