from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from qingyuan.standards import aqi

title = "HJ 633 指数、级别与首要污染物 / index, class and primary pollutants"

OLD, NEW = aqi.rule_set("HJ633-2012"), aqi.rule_set("HJ 633-2026")
CLEAN = {
    name: Decimal(value)
    for name, value in {"so2": 5, "no2": 5, "pm10": 10, "pm25": 5, "co": "0.3", "o3": 20}.items()
}


def found(rules=NEW, period="day", not_planned=(), **values):
    given = CLEAN | {k: None if v is None else Decimal(v) for k, v in values.items()}
    return aqi.evaluate(given, period=period, rules=rules, not_planned=not_planned)


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        pytest.param(date(2026, 2, 28), "HJ633-2012", id="2026-02-28-仍按2012"),
        pytest.param(date(2026, 3, 1), "HJ633-2026", id="2026-03-01-起按2026"),
        pytest.param(date(2031, 1, 1), "HJ633-2026", id="2031-表3没有第二阶段"),
        pytest.param(datetime(2026, 2, 28, 16, tzinfo=UTC), "HJ633-2026", id="北京时间3月1日零时"),
    ],
)
def test_the_date_of_the_sample_chooses_the_rules(at, expected):
    assert aqi.rule_set_at(at).id == expected


def test_no_rules_are_guessed_before_the_first(raises_problem):
    with raises_problem("standards.not_in_force"):
        aqi.rule_set_at(date(2015, 12, 31))
    with raises_problem("standards.unknown_document"):
        aqi.rule_set("HJ633-2020")


@pytest.mark.parametrize(
    ("series", "value", "expected"),
    [
        pytest.param("pm25", "35.5", 52, id="4.2.2-35.5修约为36"),
        pytest.param("pm25", "34.5", 49, id="4.2.2-34.5修约为34-成双"),
        pytest.param("pm25", "35.5000001", 52, id="4.2.2-过半进一"),
        pytest.param("co", "2.05", 50, id="4.2.3-CO-2.05修约为2.0"),
        pytest.param("co", "2.15", 55, id="4.2.3-CO-2.15修约为2.2"),
        pytest.param("pm10", "51", 51, id="4.2.6-50.7向上进位"),
        pytest.param("pm25", "-0.4", 0, id="修约后为零不算负值"),
    ],
)
def test_the_concentration_is_rounded_first_and_the_index_up(series, value, expected):
    assert found(**{series: value}).sub_indices[series] == expected


def test_a_negative_concentration_is_refused(raises_problem):
    with raises_problem("standards.negative_value"):
        found(pm25="-0.6")


def test_ties_are_all_listed():
    both = found(rules=OLD, period="hour", pm10=64, pm25=40)
    assert both.aqi == 57
    assert both.primary == ("可吸入颗粒物", "细颗粒物")
    assert both.primary_shown == "颗粒物(PM10),细颗粒物(PM2.5)"


def test_there_is_no_primary_pollutant_up_to_fifty():
    assert found(pm25=35).aqi == 50
    assert found(pm25=35).primary == ()
    assert found(pm25=36).primary == ("细颗粒物",)


def test_equality_is_judged_after_rounding_up():
    close = found(rules=OLD, pm25="45", pm10="74")  # 62.5 and 62 → 63 and 62
    assert close.primary == ("细颗粒物",)
    tied = found(rules=OLD, pm25="45", pm10="75")  # 62.5 and 62.5 → 63 and 63
    assert tied.primary == ("可吸入颗粒物", "细颗粒物")


def test_above_the_ends_of_sulphur_dioxide_and_ozone_in_2026():
    assert found(period="hour", so2=801).sub_indices["so2"] == 200
    assert found(o3=801).sub_indices["o3"] == 300
    assert found(pm25=501).aqi == 500


def test_above_the_end_in_2012_the_daily_mean_speaks_for_the_hour():
    hour = {"rules": OLD, "period": "hour"}
    assert found(**hour, so2=800).sub_indices["so2"] == 200
    assert found(**hour, so2=800, so2_24h=2620).sub_indices["so2"] == 200
    assert found(**hour, so2=801, so2_24h=475).sub_indices["so2"] == 150
    alone = found(**hour, so2=801)
    assert (alone.sub_indices["so2"], alone.beyond, alone.missing) == (None, ("so2",), ())


def test_above_the_end_in_2012_the_hourly_maximum_speaks_for_ozone():
    both = found(rules=OLD, o3=801, o3_1h=900)
    assert both.sub_indices["o3"] == both.sub_indices["o3_1h"] == 350
    assert both.primary == ("臭氧",)
    assert found(rules=OLD, o3=801).beyond == ("o3",)


def test_the_day_of_2012_has_seven_items_and_that_of_2026_six():
    assert found(rules=OLD, o3=100, o3_1h=300).aqi == 150
    assert found(rules=NEW, o3=100, o3_1h=300).aqi == 50
    assert (len(OLD.ladders["day"]), len(NEW.ladders["day"])) == (7, 6)


def test_ozone_of_an_hour_is_never_read_as_eight_hours():
    assert found(period="hour", o3=160).sub_indices["o3"] == 50
    assert found(period="day", o3=160).sub_indices["o3"] == 100


def test_an_incomplete_row_of_2026_is_published_only_above_one_hundred():
    clean, foul = found(pm25=60, so2=None), found(pm25=61, so2=None)
    assert (clean.aqi, clean.is_published, clean.level, clean.primary) == (100, False, None, ())
    assert (foul.aqi, foul.is_published, foul.level.category) == (101, True, "轻度污染")
    assert foul.missing == ("so2",)


def test_an_item_outside_the_plan_is_no_gap():
    row = found(so2=None, not_planned=("so2",))
    assert (row.is_published, row.missing, row.not_planned) == (True, (), ("so2",))


def test_2012_has_no_such_rule_and_names_what_is_over():
    row = found(rules=OLD, so2=None, pm25=76, pm10=151)
    assert row.is_published
    assert row.over == ("可吸入颗粒物", "细颗粒物")
    assert found(rules=NEW, pm25=76).over == ()


def test_nothing_given_is_nothing_computed():
    row = aqi.evaluate({}, period="day", rules=NEW)
    assert (row.aqi, row.level, row.is_published, row.primary) == (None, None, False, ())
    assert set(row.missing) == set(NEW.ladders["day"])


@pytest.mark.parametrize(
    ("index", "number", "category", "rgb"),
    [
        pytest.param(0, 1, "优", "#00E400", id="附录A-0"),
        pytest.param(50, 1, "优", "#00E400", id="附录A-50"),
        pytest.param(51, 2, "良", "#FFFF00", id="附录A-51"),
        pytest.param(101, 3, "轻度污染", "#FF7E00", id="附录A-101"),
        pytest.param(200, 4, "中度污染", "#FF0000", id="附录A-200"),
        pytest.param(300, 5, "重度污染", "#99004C", id="附录A-300"),
        pytest.param(301, 6, "严重污染", "#7E0023", id="附录A-301"),
        pytest.param(500, 6, "严重污染", "#7E0023", id="附录A-500"),
    ],
)
@pytest.mark.parametrize("rules", [OLD, NEW], ids=["2012", "2026"])
def test_classes_and_their_colours(rules, index, number, category, rgb):
    level = aqi.level_of(index, rules=rules)
    assert (level.number, level.category, level.rgb) == (number, category, rgb)


def test_what_is_unverified_marks_every_answer():
    assert all(found(rules=rules).marks for rules in (OLD, NEW))
    assert found(rules=OLD).rule_set == "HJ633-2012"
