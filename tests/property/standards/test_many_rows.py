from decimal import Decimal

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from qingyuan.standards import aqi
from qingyuan.standards.aqi_arrays import evaluate_many, primary_names

HIGH = {"so2": 2900, "no2": 3900, "pm10": 700, "pm25": 600, "co": 1600, "o3": 1300}
HIGH |= {"o3_1h": 1300, "so2_24h": 2900}


@settings(max_examples=40, deadline=None)
@given(
    seed=st.integers(0, 2**32 - 1),
    period=st.sampled_from(aqi.PERIODS),
    name=st.sampled_from(["HJ633-2012", "HJ633-2026"]),
)
def test_many_rows_at_once_are_the_rows_one_by_one(seed, period, name):
    rng, rules = np.random.default_rng(seed), aqi.rule_set(name)
    units = {}
    for series in rules.series(period):
        column = rng.integers(0, HIGH[series], 20) // rng.integers(1, 12)
        column[rng.random(20) < 0.15] = aqi.MISSING
        units[series] = column
    many = evaluate_many(units, period=period, rules=rules)
    for row in range(20):
        values = {
            series: None if column[row] < 0 else Decimal(int(column[row])).scaleb(-(series == "co"))
            for series, column in units.items()
        }
        one = aqi.evaluate(values, period=period, rules=rules)
        assert many.aqi[row] == (aqi.MISSING if one.aqi is None else one.aqi)
        assert many.is_published[row] == one.is_published
        assert primary_names(int(many.primary[row]), many.items) == one.primary
        assert many.level[row] == (one.level.number if one.level else 0)
