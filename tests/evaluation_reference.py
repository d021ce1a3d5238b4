"""A slow, plain engine for HJ 663 and the composite index in fractions: the judge of the fast ones.

Nothing here comes from the project but the shape of the question: one list of hours a station, each
a fraction or None, hour 0 of a day being 0:00–1:00. Numbers are written again from the documents.
"""

from __future__ import annotations

from fractions import Fraction

import air_reference

LIMITS = {  # SO2 NO2 PM10 PM2.5 年平均，CO 日平均，O3 日最大 8 小时
    "gb3095-2012": {"so2": 60, "no2": 40, "pm10": 70, "pm25": 35, "co": 4, "o3": 160},
    "gb3095-2026-transition": {"so2": 60, "no2": 40, "pm10": 60, "pm25": 30, "co": 4, "o3": 160},
    "gb3095-2026-final": {"so2": 20, "no2": 30, "pm10": 50, "pm25": 25, "co": 4, "o3": 160},
}
PERCENT = {"so2": 98, "no2": 98, "pm10": 95, "pm25": 95, "co": 95, "o3": 90}
PLACES = {"co": 1}
BY_PERCENTILE = ("co", "o3")


def half_even(value, places):
    return Fraction(round(value * 10**places), 10**places)


def mean(values):
    return sum(values, Fraction(0)) / len(values) if values else None


def day_mean(hours):
    """24-h mean of at least 20 hours."""
    held = [value for value in hours if value is not None]
    return mean(held) if len(held) >= 20 else None


def windows(hours):
    """The valid 8-h means ending at 8:00 … 24:00, each of at least 6 hours."""
    found = []
    for end in range(8, 25):
        held = [value for value in hours[end - 8 : end] if value is not None]
        if len(held) >= 6:
            found.append(mean(held))
    return found


def mda8(hours):
    """The largest 8-h mean: valid with 14 of them, or when it exceeds 160."""
    found = windows(hours)
    if not found:
        return None
    largest = max(found)
    return largest if len(found) >= 14 or half_even(largest, 0) > 160 else None


def max1h(hours):
    held = [value for value in hours if value is not None]
    return max(held) if len(held) >= 20 else None


def daily(name, hours):
    return mda8(hours) if name == "o3" else day_mean(hours)


def percentile(values, percent):
    ordered = sorted(values)
    if not ordered:
        return None
    k = 1 + Fraction((len(ordered) - 1) * percent, 100)
    s = int(k)
    if s == len(ordered):
        return ordered[-1]
    return ordered[s - 1] + (ordered[s] - ordered[s - 1]) * (k - s)


def day_quality(hours, rules):
    """AQI and primary series of one day from hours by series; 2012 also counts the largest hour."""
    values = {name: daily(name, held) for name, held in hours.items()}
    found = {}
    for name, value in values.items():
        if value is not None:
            ladder = air_reference.SERIES["day"][name]
            found[name] = air_reference.sub_index(
                air_reference.rounded(value, ladder), ladder, rules
            )
    whole = len(found) == 6
    if rules == "HJ633-2012":
        largest = max1h(hours["o3"])
        if largest is not None:
            index = air_reference.sub_index(half_even(largest, 0), "O3_1h", rules)
            found["o3"] = max(index, found.get("o3") or 0)
    known = {name: index for name, index in found.items() if index is not None}
    aqi = max(known.values(), default=None)
    if aqi is None:
        return None, set(), False
    published = rules == "HJ633-2012" or (whole and len(known) == 6) or aqi > 100
    primary = {name for name, index in known.items() if index == aqi}
    return aqi, primary if aqi > 50 and published else set(), published


def figures(values_by_day):
    """Mean and percentile of valid days, by series, unrounded."""
    out = {}
    for name, days in values_by_day.items():
        held = [value for value in days if value is not None]
        out[name] = (mean(held), percentile(held, PERCENT[name]), len(held))
    return out


def index(found, limits):
    """The composite index: singles to two places, then added."""
    total = Fraction(0)
    for name, (mean_, percent, _) in found.items():
        value = percent if name in BY_PERCENTILE else mean_
        if value is None:
            return None
        total += half_even(half_even(value, PLACES.get(name, 0)) / LIMITS[limits][name], 2)
    return total


def ranks(values):
    held = [value for value in values if value is not None]
    return [None if value is None else 1 + sum(one < value for one in held) for value in values]
