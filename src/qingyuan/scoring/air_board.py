"""The board of a year's air (空气评价板): hours in; days, indices, months and ranks out, kept up.

A new or corrected hour touches one day and the months it lies in; only these are computed again,
by the very functions that compute the whole, so that both ways agree to the last digit.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from qingyuan.core.problems import Problem
from qingyuan.readings.periods.days import Days, days_of, put_day
from qingyuan.readings.periods.hours import MISSING, Hours
from qingyuan.readings.periods.spans import Span, months_in
from qingyuan.readings.periods.statistics import Figures, figures_of
from qingyuan.scoring.air_index import Variant, composite_many, variant
from qingyuan.scoring.ranking import rank_many
from qingyuan.standards import aqi
from qingyuan.standards.air_periods import PeriodRules, period_rules_at
from qingyuan.standards.aqi_arrays import AirQualities, evaluate_many

__all__ = ["AirBoard", "DailyIndex", "MonthBoard", "daily_index", "month_board"]

_PLACES = {"co": 1}
_POLLUTED = 100
_Kind = TypeVar("_Kind", bound=np.generic)


@dataclass(frozen=True, slots=True, eq=False)
class DailyIndex:
    """The daily index of every station (日空气质量指数): arrays of (stations, days).

    ``rule_sets`` names the rule set of each day; ``primary`` has one bit an item of ``items``. A day
    ``is_valid`` for counting good days when every item is there, or when it is polluted anyway.
    """

    rule_sets: Sequence[str]
    items: tuple[str, ...]
    aqi: NDArray[np.signedinteger]
    is_valid: NDArray[np.bool_]
    is_published: NDArray[np.bool_]
    primary: NDArray[np.uint8]
    level: NDArray[np.uint8]


@dataclass(frozen=True, slots=True, eq=False)
class MonthBoard:
    """A month's composite indices and their order (月综合指数与排名); hundredths, rank 0 for none."""

    span: Span
    variant: str
    figures: Figures
    singles: Mapping[str, NDArray[np.int64]]
    index: NDArray[np.int64]
    rank: NDArray[np.int64]


def daily_index(days: Days, *, rules: aqi.RuleSet | None = None) -> DailyIndex:
    """Return the daily index; without *rules* each day by the rule set in force on it."""
    units = days.units({name: _PLACES.get(name, 0) for name in days.values})
    found: list[AirQualities] = []
    names: list[str] = []
    for first, end, chosen in _ruled(days.first_day, days.length, rules):
        part = {name: column[:, first:end] for name, column in units.items()}
        found.append(evaluate_many(part, period="day", rules=chosen))
        names += [chosen.id] * (end - first)
    return DailyIndex(
        rule_sets=names,
        items=found[0].items,
        aqi=_side_by_side([one.aqi for one in found]),
        is_valid=_side_by_side([one.is_whole | (one.aqi > _POLLUTED) for one in found]),
        is_published=_side_by_side([one.is_published for one in found]),
        primary=_side_by_side([one.primary for one in found]),
        level=_side_by_side([one.level for one in found]),
    )


def month_board(
    days: Days, span: Span, *, rules: PeriodRules | None = None, by: Variant | None = None
) -> MonthBoard:
    """Return the statistics, the composite index and the rank of every station in a span."""
    chosen = rules or period_rules_at(span.first)
    how = by or variant(chosen.limits.name)
    figures = figures_of(days, span, rules=chosen)
    singles, index = composite_many(figures.index_figures(chosen), by=how)
    return MonthBoard(span, how.id, figures, singles, index, rank_many(index))


class AirBoard:
    """A block of hours with everything computed from it, kept up hour by hour (空气评价板).

    Parameters
    ----------
    hours : Hours
        The block; its arrays are the board's own from here on, and are written to.
    rules : PeriodRules, optional
        Otherwise those in force at the start of each month.
    index_rules : aqi.RuleSet, optional
        Otherwise those in force on each day.
    """

    def __init__(
        self,
        hours: Hours,
        *,
        rules: PeriodRules | None = None,
        index_rules: aqi.RuleSet | None = None,
        by: Variant | None = None,
    ) -> None:
        self.hours = hours
        self._rules, self._index_rules, self._by = rules, index_rules, by
        self.days = days_of(hours, rules=rules or period_rules_at(hours.first_day))
        self.index = daily_index(self.days, rules=index_rules)
        self.months = {
            span.name: month_board(self.days, span, rules=rules, by=by)
            for span in months_in(hours.first_day, hours.days)
        }

    def update(self, hour_end: datetime, values: Mapping[str, NDArray[np.int64]]) -> MonthBoard:
        """Take the values of one hour, new or corrected, and return the board of its month.

        Parameters
        ----------
        hour_end : datetime
            The hour by its end, as it is published.
        values : mapping
            Series → counts of the block's place for every station, negative where missing.

        Raises
        ------
        Problem
            ``scoring.outside_board`` when the hour lies outside the block.
        """
        day, hour = self.hours.place(hour_end)
        if not 0 <= day < self.hours.days:
            last = self.hours.first_day + timedelta(days=self.hours.days - 1)
            raise Problem(
                "scoring.outside_board", at=hour_end, first=self.hours.first_day, last=last
            )
        for name, column in values.items():
            self.hours.values[name][:, day, hour] = np.maximum(column, MISSING)
        at = self.hours.first_day + timedelta(days=day)
        fresh = days_of(
            self.hours.day_slice(day), rules=self._rules or period_rules_at(self.hours.first_day)
        )
        put_day(self.days, day, fresh)
        index = daily_index(fresh, rules=self._index_rules)
        for mine, new in (
            (self.index.aqi, index.aqi),
            (self.index.is_valid, index.is_valid),
            (self.index.is_published, index.is_published),
            (self.index.primary, index.primary),
            (self.index.level, index.level),
        ):
            mine[:, day] = new[:, 0]
        span = next(months_in(at, 1))
        self.months[span.name] = month_board(self.days, span, rules=self._rules, by=self._by)
        return self.months[span.name]


def _ruled(
    first_day: date, length: int, rules: aqi.RuleSet | None
) -> list[tuple[int, int, aqi.RuleSet]]:
    """Cut the days where the rule set changes."""
    if rules is not None:
        return [(0, length, rules)]
    cuts: list[tuple[int, int, aqi.RuleSet]] = []
    for day in range(length):
        chosen = aqi.rule_set_at(first_day + timedelta(days=day))
        if cuts and cuts[-1][2] is chosen:
            cuts[-1] = (cuts[-1][0], day + 1, chosen)
        else:
            cuts.append((day, day + 1, chosen))
    return cuts


def _side_by_side(parts: Sequence[NDArray[_Kind]]) -> NDArray[_Kind]:
    return np.concatenate(parts, axis=1) if len(parts) > 1 else parts[0]
