"""Air evaluation as expressions (空气评价表达式): days, indices, periods and ranks, once in Ibis.

For tables too large for one process: DuckDB here, Spark by configuration. Whole numbers only, as in
`qingyuan.readings.periods`; every quotient is taken with its remainder, so that nothing hangs on a
binary fraction. Numerators stay below 2^53 for up to 400 days of values below 10^5 units.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import reduce
from itertools import pairwise
from math import lcm
from operator import add, and_, or_

import ibis
from ibis.expr.types import IntegerValue as Whole
from ibis.expr.types import Table as Expression

from qingyuan.scoring.air_index import Variant
from qingyuan.standards.air_periods import PeriodRules
from qingyuan.standards.aqi import Ladder, RuleSet

__all__ = ["air_days", "air_span", "day_number"]

_EPOCH = date(1970, 1, 1)
_NONE = -1
_HUGE = 1 << 62
_LAST_END = 24


def day_number(day: date) -> int:
    """Return the Beijing date as days since 1970, as it stands in the tables."""
    return (day - _EPOCH).days


def air_days(
    hours: Expression,
    *,
    decimals: Mapping[str, int],
    rules: PeriodRules,
    index_rules: RuleSet,
    grade: int = 2,
) -> Expression:
    """Return daily values and the daily index of every station.

    Parameters
    ----------
    hours : Ibis table
        ``station``, ``day`` (days since 1970), ``hour`` (0 for 0:00–1:00) and a whole number a series
        (counts of its last place, null or negative where missing); one row an hour.
    decimals : mapping
        Series → places of those numbers.

    Returns
    -------
    Ibis table
        ``station day``; a series each ``_num`` (numerator over the denominator of
        `qingyuan.readings.periods.days_of`, null when the day is not valid) and ``_count``;
        ``aqi is_published primary`` with primary as bits in the order of the items.
    """
    clean = hours.mutate(
        **{n: ibis.cases((hours[n] >= 0, hours[n].cast("int64"))) for n in decimals}
    ).view()
    days = clean.group_by("station", "day").aggregate(
        **{f"{name}_sum": clean[name].sum().cast("int64") for name in decimals},
        **{f"{name}_hours": clean[name].count() for name in decimals},
        o3_1h=clean.o3.max(),
    )
    joined = days.left_join(_windows(clean, rules), ["station", "day"]).view()
    columns: dict[str, Whole] = {}
    dens = {name: _denominator(name, places, rules) for name, places in decimals.items()}
    for name in decimals:
        count = joined[f"{name}_hours"]
        if name == "o3":
            limit = int(rules.limit("o3", "mda8", grade=grade).value)
            exceeds = _half_even(joined.best, dens[name]) > limit
            columns["o3_num"] = ibis.cases(
                ((joined.windows >= rules.windows) | exceeds, joined.best)
            )
            columns["o3_count"] = joined.windows.fill_null(0)
            columns["o3_1h_num"] = ibis.cases((count >= rules.max1h_hours, joined.o3_1h))
        else:
            common = lcm(*range(rules.day_hours, 25))
            factor = ibis.cases(*((count == n, common // n) for n in range(rules.day_hours, 25)))
            columns[f"{name}_num"] = joined[f"{name}_sum"] * factor
            columns[f"{name}_count"] = count
    valued = joined.select("station", "day", **columns).view()
    units = {
        f"{name}_units": _half_even(
            valued[f"{name}_num"] * 10 ** rules.statistics[name].places, den
        )
        for name, den in dens.items()
    }
    units["o3_1h_units"] = _half_even(valued.o3_1h_num, _whole(10 ** decimals["o3"]))
    return _with_index(valued.mutate(**units).view(), index_rules)


def air_span(
    days: Expression,
    *,
    first: date,
    end: date,
    decimals: Mapping[str, int],
    rules: PeriodRules,
    by: Variant,
) -> Expression:
    """Return the composite index (counts of its last place) and rank of every station in a span.

    ``station``; a series each ``_days`` and ``_units`` (the rounded figure the index is made of);
    ``index`` and ``rank``, null when a figure is missing.
    """
    within = days.filter(days.day >= day_number(first), days.day < day_number(end))
    ordered = {
        f"{name}_rank": ibis.row_number().over(
            group_by=within.station, order_by=within[f"{name}_num"].fill_null(_HUGE)
        )
        for name in decimals
    }
    counted = {
        f"{name}_n": within[f"{name}_num"].count().over(group_by=within.station)
        for name in decimals
    }
    ranked = within.mutate(**ordered, **counted)
    figures = {}
    for name in decimals:
        num, at, n = ranked[f"{name}_num"], ranked[f"{name}_rank"], ranked[f"{name}_n"]
        place = (n - 1) * rules.statistics[name].percentile
        rest = place % 100
        whole = _exact_quotient(place - rest, 100)
        weight = ibis.cases((at == whole, 100 - rest), (at == whole + 1, rest), else_=0)
        figures[f"{name}_percent"] = (num * weight).sum().cast("int64")
        figures[f"{name}_total"] = num.sum().cast("int64")
        figures[f"{name}_days"] = num.count()
    sums = ranked.group_by("station").aggregate(**figures).view()
    units = {}
    for name, places in decimals.items():
        one, den = rules.statistics[name], _denominator(name, places, rules)
        count = sums[f"{name}_days"]
        num = sums[f"{name}_total" if one.has_mean else f"{name}_percent"] * 10**one.places
        below = count * den if one.has_mean else _whole(100 * den)
        units[f"{name}_units"] = ibis.cases((count > 0, _half_even(num, below)))
    days_of = {f"{name}_days": sums[f"{name}_days"] for name in decimals}
    rounded = sums.select("station", **units, **days_of).view()
    total = reduce(add, (_single(rounded[f"{name}_units"], name, by) for name in by.limits))
    told = rounded.mutate(index=total).view()
    rank = ibis.rank().over(order_by=told["index"].fill_null(_HUGE)) + 1
    return told.mutate(rank=ibis.cases((told["index"].notnull(), rank))).order_by("station")


def _single(units: Whole, name: str, by: Variant) -> Whole:
    limit = int(by.limits[name].scaleb(by.value_places[name]))
    return _half_even(units * 10**by.places, _whole(limit)) * by.weights[name]


def _windows(clean: Expression, rules: PeriodRules) -> Expression:
    """Return the largest valid 8-h mean of each day (over its denominator) and their number."""
    ends = ibis.range(clean.hour.cast("int64") + 1, clean.hour.cast("int64") + 1 + rules.window)
    spread = clean.select("station", "day", "o3", end=ends.unnest())
    inside = spread.filter(spread.end >= rules.first_end, spread.end <= _LAST_END)
    sums = inside.group_by("station", "day", "end").aggregate(
        total=inside.o3.sum().cast("int64"), count=inside.o3.count()
    )
    common = lcm(*range(rules.window_hours, rules.window + 1))
    enough = range(rules.window_hours, rules.window + 1)
    scaled = sums.select(
        "station",
        "day",
        value=ibis.cases(*((sums["count"] == n, sums.total * (common // n)) for n in enough)),
    ).view()
    return scaled.group_by("station", "day").aggregate(
        best=scaled.value.max(), windows=scaled.value.count()
    )


def _denominator(name: str, places: int, rules: PeriodRules) -> int:
    lowest, highest = (rules.window_hours, rules.window) if name == "o3" else (rules.day_hours, 24)
    return lcm(*range(lowest, highest + 1)) * int(10**places)


def _with_index(days: Expression, rules: RuleSet) -> Expression:
    """Add the daily index, step by step: each step is a query of its own, so that none is repeated."""
    ladders = rules.ladders["day"]
    found: dict[str, Whole] = {}
    for name, ladder in ladders.items():
        units = days[f"{name}_units"]
        found[name] = _sub_index(units, ladder)
        if name in rules.instead["day"]:
            other, stand_in = rules.instead["day"][name]
            speaks = units > ladder.steps[-1][0]
            instead = _sub_index(days[f"{other}_units"], stand_in)
            found[name] = ibis.ifelse(speaks.fill_null(False), instead, found[name])
    indexed = days.mutate(**{f"i_{n}": index.fill_null(_NONE) for n, index in found.items()}).view()
    known = {name: indexed[f"i_{name}"] for name in ladders}
    best = indexed.mutate(aqi=ibis.greatest(*known.values())).view()
    items = list(dict.fromkeys(ladder.item for ladder in ladders.values()))
    published = best.aqi >= 0
    if rules.publish_above is not None:
        whole = reduce(and_, (best[f"i_{name}"] >= 0 for name in ladders))
        published &= whole | (best.aqi > rules.publish_above)
    told = best.mutate(is_published=published).view()
    shows = told.is_published & (told.aqi > rules.primary_above)
    bits = []
    for bit, item in enumerate(items):
        mine = [told[f"i_{n}"] == told.aqi for n, ladder in ladders.items() if ladder.item == item]
        bits.append((shows & reduce(or_, mine)).cast("int64") * (1 << bit))
    return told.mutate(primary=reduce(add, bits)).view()


def _sub_index(units: Whole, ladder: Ladder) -> Whole:
    cases = []
    for (below, low), (above, high) in pairwise(ladder.steps):
        share = (high - low) * (units - below)
        rest = share % (above - below)
        whole = _exact_quotient(share - rest, above - below)
        cases.append((units <= above, low + whole + (rest > 0).cast("int64")))
    if ladder.top is not None:
        cases.append((units.notnull(), _whole(ladder.top)))
    return ibis.cases(*cases)


def _half_even(num: Whole, den: Whole | int) -> Whole:
    """Return num / den to whole numbers, half to even, by the remainder."""
    rest = num % den
    whole = _exact_quotient(num - rest, den)
    up = (2 * rest > den) | ((2 * rest == den) & (whole % 2 == 1))
    return whole + up.cast("int64")


def _whole(value: int) -> Whole:
    return ibis.literal(value, "int64")


def _exact_quotient(multiple: Whole, den: Whole | int) -> Whole:
    """Return the quotient of an exact multiple: whole, so that the division cannot round it."""
    return (multiple / den).round().cast("int64")
