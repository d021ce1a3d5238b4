"""Air of a period (大气): from hours to the city's and its districts' figures, days and ranks.

The statistics are those of `readings.periods` and `scoring`; this says which stations make a
district and under which rules last year is computed again.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

import numpy as np

from qingyuan.core.factors import factor_by_name
from qingyuan.core.periods import Period, day_of
from qingyuan.core.quantities import round_gbt8170
from qingyuan.readings.means import Mean
from qingyuan.readings.periods import Days, Hours, city_days, days_of, gather_hours, span_of
from qingyuan.reporting import AIR_ITEMS, AirDay, AirDayIndex, AirFigures, AirPeriod, AirPlace
from qingyuan.scoring import rank
from qingyuan.scoring.air_board import DailyIndex, daily_index, month_board
from qingyuan.standards import aqi
from qingyuan.standards.air_periods import PeriodRules, period_rules_at
from qingyuan.store.observations import Observations
from qingyuan.web.registry.models import AirStation

__all__ = [
    "Area",
    "air_days",
    "air_of",
    "areas",
    "city_day",
    "hours_between",
    "period_of",
    "spread",
]

_HOUR = timedelta(hours=1)
_KEPT = 3  # places of an hourly mean of readings; what is published is rounded from it, once
_SERIES = {code: name for name, code in AIR_ITEMS.items()}
_LEVELS = ("", "优", "良", "轻度", "中度", "重度", "严重")


@dataclass(frozen=True, slots=True)
class Area:
    """A district or the city and the codes of the stations that speak for it."""

    code: str
    name: str
    name_en: str
    stations: tuple[str, ...]


def areas() -> tuple[Area, list[Area]]:
    """Return the city and its districts with their assessed stations; all stations where none is assessed."""
    found = list(
        AirStation.objects.select_related("district").defer("district__wkb").order_by("code")
    )
    assessed = [s for s in found if s.kind == "assessed"] or found
    held: dict[str, list[AirStation]] = defaultdict(list)
    for station in assessed:
        held[station.district.code].append(station)
    districts = [
        Area(code, rows[0].district.name_zh, rows[0].district.name_en, tuple(s.code for s in rows))
        for code, rows in sorted(held.items())
    ]
    return Area("", "", "", tuple(s.code for s in assessed)), districts


def hours_between(store: Observations, first: date, last: date) -> Hours | None:
    """Return the hourly means of all air stations from *first* to *last*; None when there are none."""
    period = Period(day_of(first).start, day_of(last).end)
    return _gathered(store.means(None, list(_SERIES), period, step="hour"), first, last)


def _gathered(means: Iterable[Mean], first: date, last: date) -> Hours | None:
    rows: dict[tuple[str, datetime], dict[str, Decimal | None]] = defaultdict(dict)
    for mean in means:
        kind, _, code = mean.station.partition(":")
        if kind == "air" and mean.is_valid:
            value = round_gbt8170(mean.value, _KEPT)
            rows[code, mean.period.start][_SERIES[mean.factor]] = value
    if not rows:
        return None
    gathered = gather_hours(
        (code, start + _HOUR, values) for (code, start), values in sorted(rows.items())
    )
    return spread(gathered, first, last)


def spread(hours: Hours, first: date, last: date) -> Hours:
    """Return the block cut and filled to whole days from *first* to *last*; what is not there is missing."""
    length, offset = (last - first).days + 1, (first - hours.first_day).days
    values = {}
    for name, cube in hours.values.items():
        whole = np.full((cube.shape[0], length, 24), -1, cube.dtype)
        begin, end = max(0, offset), min(cube.shape[1], offset + length)
        if end > begin:
            whole[:, begin - offset : end - offset] = cube[:, begin:end]
        values[name] = whole
    return Hours(hours.stations, first, values, hours.decimals)


def air_of(
    hours: Hours | None,
    *,
    first: date,
    last: date,
    city: Area,
    districts: Sequence[Area],
    year_ago: Hours | None = None,
) -> AirPeriod:
    """Return the air of a period, last year computed again under this period's rules.

    Parameters
    ----------
    hours, year_ago : Hours or None
        Blocks of the period and of the same days a year before; None without any data.
    first, last : date
        Beijing dates, both inside.
    """
    rules = period_rules_at(first)
    index_rules = aqi.rule_set_at(first)
    placed = [_place(area, hours, year_ago, rules, index_rules, first, last) for area in districts]
    ranks = rank([p.now.index for p in placed])
    ranked = [
        AirPlace(p.code, p.name, p.name_en, p.now, p.year_ago, r)
        for p, r in zip(placed, ranks, strict=True)
    ]
    limit = rules.limit("pm25", "daily")
    return AirPeriod(
        city=_place(city, hours, year_ago, rules, index_rules, first, last),
        districts=ranked,
        days=_days(city, hours, rules, index_rules, first, last),
        rules=(rules.id, rules.limits.document, index_rules.id),
        pm25_limit=limit.value,
        pm25_limit_name=rules.limits.document,
    )


def _area_days(area: Area, hours: Hours | None, rules: PeriodRules) -> Days | None:
    if hours is None:
        return None
    members = [n for n, code in enumerate(hours.stations) if code in area.stations]
    if not members:
        return None
    return city_days(days_of(hours, rules=rules), rules=rules, name=area.code, members=members)


def _place(
    area: Area,
    hours: Hours | None,
    year_ago: Hours | None,
    rules: PeriodRules,
    index_rules: aqi.RuleSet,
    first: date,
    last: date,
) -> AirPlace:
    length = (last - first).days + 1
    now = _area_days(area, hours, rules)
    then = _area_days(area, year_ago, rules)
    return AirPlace(
        area.code,
        area.name,
        area.name_en,
        period_of(now, rules, index_rules) if now else AirFigures(days=length),
        period_of(then, rules, index_rules) if then else None,
    )


def period_of(days: Days, rules: PeriodRules, index_rules: aqi.RuleSet) -> AirFigures:
    """Return the figures of one place over all the days of a block of one row."""
    span = span_of(days.first_day, days.first_day + timedelta(days=days.length))
    board = month_board(days, span, rules=rules)
    units = board.figures.index_figures(rules)
    found = daily_index(days, rules=index_rules)
    published = found.is_published[0]
    return AirFigures(
        values={
            name: _decimal(int(units[name][0]), one.places)
            for name, one in rules.statistics.items()
        },
        index=_decimal(int(board.index[0]), 2),
        days=days.length,
        valid_days=int(published.sum()),
        good_days=int((published & (found.aqi[0] <= rules.good_aqi)).sum()),
    )


def _decimal(units: int, places: int) -> Decimal | None:
    return None if units < 0 else Decimal(units).scaleb(-places)


def _days(
    city: Area,
    hours: Hours | None,
    rules: PeriodRules,
    index_rules: aqi.RuleSet,
    first: date,
    last: date,
) -> list[AirDayIndex]:
    days = _area_days(city, hours, rules)
    every = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    if days is None:
        return [AirDayIndex(day, None) for day in every]
    found = daily_index(days, rules=index_rules)
    units = days.units({name: 1 if name == "co" else 0 for name in days.values})
    return [
        AirDayIndex(
            day,
            _aqi(found, n),
            _LEVELS[int(found.level[0, n])],
            _primary(found, n),
            _decimal(int(units["pm25"][0, n]), 0),
            _decimal(int(units["o3"][0, n]), 0),
        )
        for n, day in enumerate(every)
    ]


def _aqi(found: DailyIndex, n: int, row: int = 0) -> int | None:
    return int(found.aqi[row, n]) if found.is_published[row, n] else None


def _primary(found: DailyIndex, n: int, row: int = 0) -> str:
    bits = int(found.primary[row, n])
    return "、".join(_item(item) for i, item in enumerate(found.items) if bits >> i & 1)


def _item(item: str) -> str:
    known = factor_by_name(item)
    return known.symbol if known else item


def air_days(hours: Hours | None, day: date, names: Sequence[tuple[str, str, str]]) -> list[AirDay]:
    """Return each station's day (code, name, English name) with its index; a silent one too."""
    rules, index_rules = period_rules_at(day), aqi.rule_set_at(day)
    block = days_of(hours, rules=rules) if hours is not None else None
    rows = {code: n for n, code in enumerate(hours.stations)} if hours is not None else {}
    return [
        _station_day(block, rows.get(code), code, name, en, index_rules) for code, name, en in names
    ]


def city_day(hours: Hours | None, day: date, city: Area) -> AirDay | None:
    """Return the city's own day: the index of the means of its stations' concentrations."""
    rules = period_rules_at(day)
    days = _area_days(city, hours, rules)
    return _station_day(days, 0, "", "", "", aqi.rule_set_at(day)) if days else None


def _station_day(
    block: Days | None, row: int | None, code: str, name: str, en: str, rules: aqi.RuleSet
) -> AirDay:
    if block is None or row is None:
        return AirDay(code, name, dict.fromkeys(AIR_ITEMS.values()), name_en=en)
    found = daily_index(block, rules=rules)
    means: dict[str, Decimal | None] = {}
    for series, factor in AIR_ITEMS.items():
        value = block.values[series].fraction((row, 0))
        means[factor] = None if value is None else Decimal(value.numerator) / value.denominator
    counts = [int(block.counts[s][row, 0]) for s in AIR_ITEMS if s != "o3"]
    return AirDay(
        code,
        name,
        means,
        hours=max(counts, default=0),
        aqi=_aqi(found, 0, row),
        level=_LEVELS[int(found.level[row, 0])],
        primary=_primary(found, 0, row),
        name_en=en,
    )
