from decimal import Decimal
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

import air_reference
from qingyuan.standards import aqi
from qingyuan.standards.items import item

NAMES = ("so2", "no2", "pm10", "pm25", "co", "o3")
RULES = st.sampled_from(["HJ633-2012", "HJ633-2026"])
PERIODS = st.sampled_from(aqi.PERIODS)
AMOUNTS = st.decimals(min_value=0, max_value=4000, places=2, allow_nan=False)
ROWS = st.fixed_dictionaries({name: st.none() | AMOUNTS for name in NAMES})
FULL = st.fixed_dictionaries(dict.fromkeys(NAMES, AMOUNTS))


@given(values=ROWS, period=PERIODS, rules=RULES)
def test_index_and_primary_pollutants_are_those_of_exact_fractions(values, period, rules):
    found = aqi.evaluate(values, period=period, rules=aqi.rule_set(rules))
    exact = {name: None if v is None else Fraction(v) for name, v in values.items()}
    index, primary = air_reference.air_quality(exact, period, rules)
    assert found.aqi == index
    if found.is_published:
        assert set(found.primary) == {item(name).name for name in primary}


@given(values=FULL, name=st.sampled_from(NAMES), more=AMOUNTS, period=PERIODS)
def test_more_pollutant_never_betters_the_air(values, name, more, period):
    rules = aqi.rule_set("HJ633-2026")
    worse = values | {name: values[name] + more}
    before = aqi.evaluate(values, period=period, rules=rules)
    after = aqi.evaluate(worse, period=period, rules=rules)
    assert after.aqi >= before.aqi
    assert after.level.number >= before.level.number


@given(values=FULL, period=PERIODS)
def test_the_new_rules_are_never_milder_to_particles(values, period):
    old = aqi.evaluate(values, period=period, rules=aqi.rule_set("HJ633-2012"))
    new = aqi.evaluate(values, period=period, rules=aqi.rule_set("HJ633-2026"))
    assert all(new.sub_indices[name] >= old.sub_indices[name] for name in ("pm10", "pm25"))


@given(values=ROWS, period=PERIODS)
def test_what_is_withheld_was_incomplete_and_not_polluted(values, period):
    found = aqi.evaluate(values, period=period, rules=aqi.rule_set("HJ633-2026"))
    withheld = bool(found.missing) and (found.aqi is None or found.aqi <= 100)
    assert found.is_published != withheld


@given(value=AMOUNTS, period=PERIODS, rules=RULES, name=st.sampled_from(NAMES))
def test_trailing_zeros_change_nothing(value, period, rules, name):
    ladder = aqi.rule_set(rules).ladders[period][name]
    longer = value.quantize(Decimal("0.000001"))
    assert ladder.units(longer) == ladder.units(value)
