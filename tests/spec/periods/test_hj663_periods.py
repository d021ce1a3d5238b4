from datetime import date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest

import evaluation_reference as judge
from qingyuan import scoring
from qingyuan.core.periods import CITY_TZ, Period
from qingyuan.readings import periods
from qingyuan.readings.periods.exact import Exact, round_half_even
from qingyuan.scoring.attainment import attainment_of
from qingyuan.standards.air_periods import period_rules, period_rules_at
from qingyuan.standards.aqi import rule_set

title = "HJ 663、GB 3095 表4 时段有效性与统计 / validity and statistics of periods"

RULES = period_rules("HJ663-2013")
DAY = date(2024, 6, 1)
NAMES = periods.SERIES


def hours_of(*days, series="pm25", first=DAY, decimals=0, stations=1):
    """A block with one series; each day is a list of 24 values or None."""
    cube = np.array([[[-1 if v is None else v for v in day] for day in days]] * stations)
    none = np.full(cube.shape, -1)
    values = {name: cube if name == series else none for name in NAMES}
    places = {name: decimals if name == series else 0 for name in NAMES}
    return periods.Hours([f"S{i}" for i in range(stations)], first, values, places)


def value_of(hours, series, **how):
    days = periods.days_of(hours, rules=RULES, **how)
    return days.values[series].fraction((0, 0)), int(days.counts[series][0, 0])


@pytest.mark.parametrize(
    ("count", "valid"),
    [
        pytest.param(20, True, id="GB3095-表4-20个小时有效"),
        pytest.param(19, False, id="GB3095-表4-19个小时无效"),
    ],
)
def test_a_day_needs_twenty_hours(count, valid):
    exact, held = value_of(hours_of([30] * count + [None] * (24 - count)), "pm25")
    assert held == count
    assert (exact == 30) if valid else (exact is None)


@pytest.mark.parametrize(
    ("missing", "level", "windows", "valid"),
    [
        pytest.param(range(0), 100, 17, True, id="6.1.2-17个窗口"),
        pytest.param(range(5), 100, 14, True, id="6.1.2-恰14个有效"),
        pytest.param(range(6), 100, 13, False, id="6.1.2-13个且未超限值无效"),
        pytest.param(range(6), 160, 13, False, id="6.1.2-13个且恰等于限值无效"),
        pytest.param(range(6), 161, 13, True, id="6.1.2-13个但超过限值有效"),
    ],
)
def test_mda8_needs_fourteen_windows_or_to_exceed(missing, level, windows, valid):
    day = [None if hour in missing else level for hour in range(24)]
    exact, held = value_of(hours_of(day, series="o3"), "o3")
    assert held == windows
    assert (exact == level) if valid else (exact is None)


def test_eight_hour_means_end_at_eight_to_twenty_four_of_the_same_day():
    evening = [500] * 7 + [0] * 17  # 前 7 小时：只进 8 时及以后窗口
    exact, _ = value_of(hours_of(evening, series="o3"), "o3")
    assert exact == Fraction(3500, 8)
    six = [None] * 2 + [500] * 6 + [0] * 16
    exact, _ = value_of(hours_of(six, series="o3"), "o3")
    assert exact == 500  # 8 时窗口恰 6 个小时值


def test_the_hour_labelled_midnight_is_the_last_of_the_day_before():
    midnight = datetime(2024, 6, 2, 0, tzinfo=CITY_TZ)
    rows = [
        (f"S{i}", midnight - timedelta(hours=h), {"pm25": Decimal(24 - h)})
        for i in range(1)
        for h in range(24)
    ]
    hours = periods.gather_hours(rows)
    assert (hours.first_day, hours.days) == (DAY, 1)
    assert hours.values["pm25"][0, 0].tolist() == list(range(1, 25))


def test_the_mean_is_rounded_once_half_to_even():
    exact, _ = value_of(hours_of([34, 35] * 12), "pm25")
    assert exact == Fraction(69, 2)
    days = periods.days_of(hours_of([34, 35] * 12), rules=RULES)
    assert days.values["pm25"].rounded(0).tolist() == [[34]]
    up = periods.days_of(hours_of([35, 36] * 12), rules=RULES)
    assert up.values["pm25"].rounded(0).tolist() == [[36]]


@pytest.mark.parametrize(
    ("units", "den", "expected"),
    [(5, 10, 0), (15, 10, 2), (25, 10, 2), (26, 10, 3), (24, 10, 2), (1, 3, 0), (2, 3, 1)],
)
def test_gbt8170_half_to_even(units, den, expected):
    assert round_half_even(np.array([units]), den).tolist() == [expected]


@pytest.mark.parametrize(
    ("values", "percent", "expected"),
    [
        pytest.param([10], 95, Fraction(10), id="n=1"),
        pytest.param([10, 20], 90, Fraction(19), id="n=2-k=1.9"),
        pytest.param(range(1, 101), 98, Fraction("98.02"), id="n=100-k=98.02"),
        pytest.param(range(1, 22), 95, Fraction(20), id="n=21-k=20整数位"),
        pytest.param([3, 1, 2], 90, Fraction("2.8"), id="未排序"),
    ],
)
def test_percentiles_interpolate_at_one_plus_n_minus_one_p(values, percent, expected):
    held = np.array([list(values)])
    exact = Exact.of(held, 1, np.ones(held.shape, bool))
    assert exact.percentile(percent).fraction(0) == expected
    assert judge.percentile([Fraction(int(v)) for v in values], percent) == expected


def month_of(valid_days, first, length):
    block = hours_of(
        *([[40] * 24] * valid_days + [[None] * 24] * (length - valid_days)), first=first
    )
    days = periods.days_of(block, rules=RULES)
    span = next(periods.months_in(first, length))
    return periods.figures_of(days, span, rules=RULES)


@pytest.mark.parametrize(
    ("first", "length", "count", "valid"),
    [
        pytest.param(date(2024, 6, 1), 30, 27, True, id="表4-每月27天"),
        pytest.param(date(2024, 6, 1), 30, 26, False, id="表4-26天不足"),
        pytest.param(date(2024, 2, 1), 29, 25, True, id="表4-二月25天"),
        pytest.param(date(2024, 2, 1), 29, 24, False, id="表4-二月24天不足"),
    ],
)
def test_a_month_needs_twenty_seven_days(first, length, count, valid):
    found = month_of(count, first, length)
    assert bool(found.is_valid["pm25"][0]) == valid
    assert found.means["pm25"].fraction(0) == 40, "数值照给，有效性另说"


@pytest.mark.parametrize(
    ("lost", "valid"),
    [
        pytest.param([], True, id="表4-满一年"),
        pytest.param(range(42), False, id="表4-324天不足"),
        pytest.param(range(31, 36), False, id="表4-二月不足25天"),
        pytest.param([i * 14 for i in range(26)], True, id="表4-339天且各月足够"),
    ],
)
def test_a_year_needs_324_days_and_each_month(lost, valid):
    rows = [("S", date(2023, 1, 1) + timedelta(days=i), {"pm25": None if i in lost else Decimal(40)}) for i in range(365)]  # fmt: skip
    days = periods.gather_days(rows, series=NAMES)
    [span] = periods.years_in(days.first_day, days.length)
    found = periods.figures_of(days, span, rules=RULES)
    assert bool(found.is_valid["pm25"][0]) == valid


def test_a_season_needs_each_of_its_months():
    for lost, valid in (([], True), (range(4), False)):
        rows = [("S", date(2023, 4, 1) + timedelta(days=i), {"pm25": None if i in lost else Decimal(40)}) for i in range(91)]  # fmt: skip
        days = periods.gather_days(rows, series=NAMES)
        [span] = periods.seasons_in(days.first_day, days.length)
        assert span.name == "2023-Q2"
        assert bool(periods.figures_of(days, span, rules=RULES).is_valid["pm25"][0]) == valid


def test_a_city_is_the_mean_of_concentrations_not_of_indices():
    rows = [(name, DAY, {"pm25": Decimal(value)}) for name, value in (("A", 20), ("B", 130))]
    days = periods.gather_days(rows, series=NAMES)
    city = periods.city_days(days, rules=RULES, name="市")
    assert city.values["pm25"].fraction((0, 0)) == 75
    rules = rule_set("HJ633-2012")
    assert scoring.daily_index(city, rules=rules).aqi.tolist() == [[100]]
    assert scoring.daily_index(days, rules=rules).aqi.mean() != 100


@pytest.mark.parametrize(("there", "valid"), [(3, True), (2, False)])
def test_a_city_day_needs_three_quarters_of_its_stations(there, valid):
    rows = [(f"S{i}", DAY, {"pm25": Decimal(20) if i < there else None}) for i in range(4)]
    days = periods.gather_days(rows, series=NAMES)
    city = periods.city_days(days, rules=RULES, name="市")
    assert bool(city.values["pm25"].ok[0, 0]) == valid


def test_many_stations_of_changing_number_stay_exact_beyond_64_bits():
    rng = np.random.default_rng(4)
    rows = [
        (f"S{s}", DAY + timedelta(days=d), {"pm25": Decimal(int(rng.integers(0, 10**9))) / 10**6 if rng.random() > 0.1 else None})
        for s in range(60)
        for d in range(40)
    ]  # fmt: skip
    days = periods.gather_days(rows, series=NAMES)
    city = periods.city_days(days, rules=RULES, name="市")
    held = [
        judge.mean(
            [Fraction(v["pm25"]) for _, day, v in rows if day == at and v["pm25"] is not None]
        )
        for at in (DAY + timedelta(days=d) for d in range(40))
    ]
    found = city.values["pm25"]
    assert found.mean().fraction(0) == judge.mean(held)
    assert found.percentile(95).fraction(0) == judge.percentile(held, 95)
    assert found.aligned().num.dtype == object


def dusty():
    calm, storm = [40] * 24, [40] * 12 + [900] * 4 + [40] * 8
    hours = hours_of(calm, storm, series="pm10")
    start = hours.label(1, 12) - timedelta(hours=1)
    by = {"reason": "沙尘", "decided_by": "李工", "evidence": ("卫星图",)}
    mask = periods.Exclusion(Period(start, start + timedelta(hours=4)), ("pm10", "pm25"), **by)
    return hours, mask


def test_two_statistics_stand_side_by_side_and_nothing_is_deleted():
    hours, exclusion = dusty()
    before = hours.values["pm10"].copy()
    with_dust = periods.days_of(hours, rules=RULES)
    without = periods.days_of(hours, rules=RULES, without=periods.mask_of([exclusion], hours))
    assert with_dust.values["pm10"].fraction((0, 1)) == Fraction(20 * 40 + 4 * 900, 24)
    assert without.values["pm10"].fraction((0, 1)) == 40
    assert int(without.counts["pm10"][0, 1]) == 20
    assert (hours.values["pm10"] == before).all()


def test_an_exclusion_covers_only_its_stations_items_and_whole_hours():
    hours, exclusion = dusty()
    other = periods.Exclusion(exclusion.period, ("pm10",), "沙尘", stations=("T9",))
    assert not any(mask.any() for mask in periods.mask_of([other], hours).values())
    shifted = Period(exclusion.period.start + timedelta(minutes=30), exclusion.period.end)
    part = periods.mask_of([periods.Exclusion(shifted, ("pm10",), "沙尘")], hours)
    assert part["pm10"].sum() == 3
    assert set(part) == {"pm10"}


def test_a_day_explains_which_hours_were_left_out_and_why():
    hours, exclusion = dusty()
    found = periods.explain_day(
        hours, "S0", date(2024, 6, 2), "pm10", rules=RULES, exclusions=[exclusion],
        flags={(1, 0): "N"},
    )  # fmt: skip
    shape = found.as_json()
    assert (shape["value"], shape["counts"]) == ("40", {"used": 20, "left_out": 4})
    assert shape["inputs"][0]["flag"] == "N"
    assert {one["reason"]["zh"] for one in shape["inputs"] if not one["is_used"]} == {"沙尘"}
    assert shape["clause"] == "GB 3095-2012 表4"
    assert shape["inputs"][12]["name"] == "13:00"


def test_a_figure_explains_its_days_and_its_place_among_them():
    rows = [("S", DAY + timedelta(days=i), {"o3": Decimal(v) if v else None}) for i, v in enumerate([100, 120, None, 140])]  # fmt: skip
    days = periods.gather_days(rows, series=NAMES)
    span = periods.span_of(DAY, DAY + timedelta(days=4))
    found = periods.explain_figure(days, "S", span, "o3", "percentile", rules=RULES)
    assert found.value == "136"
    assert "k=1+(n−1)×90%=2.8" in found.steps[0].zh
    assert found.as_json()["counts"] == {"used": 3, "left_out": 1}
    assert found.marks


def test_attainment_is_of_mean_and_percentile_and_the_multiple_of_the_worst():
    rows = [("S", DAY + timedelta(days=i), {"pm25": Decimal(30 + 60 * (i % 10 == 0)), "o3": Decimal(160)}) for i in range(30)]  # fmt: skip
    days = periods.gather_days(rows, series=NAMES)
    figures = periods.figures_of(days, next(periods.months_in(DAY, 30)), rules=RULES)
    found = attainment_of(figures, 0, rules=RULES)
    assert found["o3"].attains
    pm25 = found["pm25"]
    assert [name for name, _, _ in pm25.judged] == ["mean", "p95"]
    assert (pm25.attains, pm25.multiple) == (False, Decimal("0.20"))  # P95 = 90，(90−75)/75
    assert found["so2"].attains is None


@pytest.mark.parametrize(
    ("at", "name", "limits"),
    [
        pytest.param(date(2014, 1, 1), "HJ663-2013", "gb3095-2012", id="2014"),
        pytest.param(date(2026, 2, 28), "HJ663-2013", "gb3095-2012", id="2026-02-28"),
        pytest.param(date(2026, 3, 1), "HJ663-2026", "gb3095-2026-transition", id="2026-03-01"),
        pytest.param(date(2031, 1, 1), "HJ663-2026+gb3095-2026-final", "gb3095-2026-final", id="2031"),
    ],
)  # fmt: skip
def test_the_date_chooses_rules_and_limits(at, name, limits):
    found = period_rules_at(at)
    assert (found.id, found.limits.name) == (name, limits)
    assert found.marks


def test_both_years_can_be_held_against_one_table():
    assert RULES.with_limits("gb3095-2026-transition").limit("pm25", "annual").value == 30


def test_before_the_first_rules_nothing_is_guessed(raises_problem):
    with raises_problem("standards.not_in_force"):
        period_rules_at(date(2012, 1, 1))
    with raises_problem("standards.unknown_document"):
        period_rules("HJ663-2020")


def test_floats_that_stand_for_decimals_are_taken_exactly_or_refused(raises_problem):
    from qingyuan.readings.periods.hours import whole_units

    given = np.array([0.1, 0.7, 1.15, np.nan, -3.0])
    assert whole_units(given[:2], 1).tolist() == [1, 7]
    assert whole_units(given[3:], 0).tolist() == [-1, -1]
    assert whole_units(given[:3].astype(np.float32).astype(float), 2).tolist() == [10, 70, 115]
    with raises_problem("readings.too_fine"):
        whole_units(given, 1)
