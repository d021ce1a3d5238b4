"""A slow, plain engine for HJ 633 in fractions, with breakpoints of its own: the judge of the fast one.

Nothing here comes from `qingyuan.standards`: the tables are written again, the rule is the formula
of the standard word by word, and rounding is done on exact fractions.
"""

from __future__ import annotations

from fractions import Fraction
from math import ceil

INDEX = (0, 50, 100, 150, 200, 300, 400, 500)
_SAME = {
    "SO2_daily": (0, 50, 150, 475, 800, 1600, 2100, 2620),
    "SO2_1h": (0, 150, 500, 650, 800),
    "NO2_daily": (0, 40, 80, 180, 280, 565, 750, 940),
    "NO2_1h": (0, 100, 200, 700, 1200, 2340, 3090, 3840),
    "CO_daily": (0, 2, 4, 14, 24, 36, 48, 60),
    "CO_1h": (0, 5, 10, 35, 60, 90, 120, 150),
    "O3_1h": (0, 160, 200, 300, 400, 800, 1000, 1200),
    "O3_8h": (0, 100, 160, 215, 265, 800),
}
TABLES = {
    "HJ633-2012": {
        **_SAME,
        "PM10_daily": (0, 50, 150, 250, 350, 420, 500, 600),
        "PM2.5_daily": (0, 35, 75, 115, 150, 250, 350, 500),
    },
    "HJ633-2026": {
        **_SAME,
        "PM10_daily": (0, 50, 120, 250, 350, 420, 500, 600),
        "PM2.5_daily": (0, 35, 60, 115, 150, 250, 350, 500),
    },
}
ABOVE = {
    "HJ633-2012": {"SO2_1h": None, "O3_8h": None},  # 改按 24 小时、1 小时平均报告
    "HJ633-2026": {"SO2_1h": 200, "O3_8h": 300},
}
SERIES = {
    "hour": {
        "so2": "SO2_1h",
        "no2": "NO2_1h",
        "co": "CO_1h",
        "o3": "O3_1h",
        "pm10": "PM10_daily",
        "pm25": "PM2.5_daily",
    },
    "day": {
        "so2": "SO2_daily",
        "no2": "NO2_daily",
        "co": "CO_daily",
        "o3": "O3_8h",
        "pm10": "PM10_daily",
        "pm25": "PM2.5_daily",
    },
}


def rounded(value: Fraction, ladder: str) -> Fraction:
    """Return *value* to one decimal for carbon monoxide, to a whole number for the rest."""
    place = 10 if ladder.startswith("CO") else 1
    return Fraction(round(value * place), place)  # Python rounds a fraction half to even


def sub_index(value: Fraction, ladder: str, rules: str) -> int | None:
    """Return the sub-index of an already rounded concentration."""
    points = TABLES[rules][ladder]
    for i in range(1, len(points)):
        if value <= points[i]:
            low, high, below, above = INDEX[i - 1], INDEX[i], points[i - 1], points[i]
            return ceil(Fraction(high - low, above - below) * (value - below) + low)
    return ABOVE[rules].get(ladder, 500)


def air_quality(
    values: dict[str, Fraction | None], period: str, rules: str
) -> tuple[int | None, set[str]]:
    """Return the index and its primary series (2012's stand-ins and second ozone not given)."""
    found = {
        name: sub_index(rounded(value, SERIES[period][name]), SERIES[period][name], rules)
        for name, value in values.items()
        if value is not None
    }
    known = {name: index for name, index in found.items() if index is not None}
    aqi = max(known.values(), default=None)
    if aqi is None or aqi <= 50:
        return aqi, set()
    return aqi, {name for name, index in known.items() if index == aqi}
