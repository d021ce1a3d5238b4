from datetime import date
from decimal import Decimal

import pytest

from qingyuan.standards import water

title = "GB 3838-2002 与环办〔2011〕22号 单因子评价 / single-factor class"

AT = date(2024, 6, 1)


@pytest.mark.parametrize(
    ("item", "value", "expected"),
    [
        pytest.param("化学需氧量", "15", "Ⅰ", id="表1-COD-Ⅰ、Ⅱ类限值相同取Ⅰ类"),
        pytest.param("化学需氧量", "20", "Ⅲ", id="表1-COD-恰等于Ⅲ类限值仍为Ⅲ类"),
        pytest.param("化学需氧量", "20.1", "Ⅳ", id="表1-COD-超过Ⅲ类限值"),
        pytest.param("化学需氧量", "40.0000001", "劣Ⅴ", id="表1-COD-未修约值超过Ⅴ类限值"),
        pytest.param("溶解氧", "7.5", "Ⅰ", id="表1-DO-恰等于7.5为Ⅰ类"),
        pytest.param("溶解氧", "5", "Ⅲ", id="表1-DO-恰等于5为Ⅲ类"),
        pytest.param("溶解氧", "4.9", "Ⅳ", id="表1-DO-低于Ⅲ类限值"),
        pytest.param("溶解氧", "1.99", "劣Ⅴ", id="表1-DO-低于Ⅴ类限值"),
        pytest.param("氨氮", "0.15", "Ⅰ", id="表1-氨氮-Ⅰ类"),
        pytest.param("氨氮", "1.0", "Ⅲ", id="表1-氨氮-Ⅲ类"),
        pytest.param("氨氮", "2.0", "Ⅴ", id="表1-氨氮-恰等于Ⅴ类限值"),
        pytest.param("氨氮", "2.01", "劣Ⅴ", id="表1-氨氮-劣Ⅴ"),
        pytest.param("高锰酸盐指数", "6.0", "Ⅲ", id="表1-高锰酸盐指数-Ⅲ类"),
        pytest.param("汞", "0.00005", "Ⅰ", id="表1-汞-五位小数的限值"),
        pytest.param("pH值", "6", "Ⅰ", id="表1-pH-下限在内"),
        pytest.param("pH值", "9", "Ⅰ", id="表1-pH-上限在内"),
        pytest.param("pH值", "9.01", "劣Ⅴ", id="表1-pH-超出6～9为劣Ⅴ"),
        pytest.param("pH值", "5.99", "劣Ⅴ", id="表1-pH-低于6为劣Ⅴ"),
    ],
)
def test_class_of_one_item(item, value, expected):
    assert water.class_of(item, Decimal(value), at=AT) == expected


@pytest.mark.parametrize(
    ("value", "river", "lake"),
    [
        pytest.param("0.02", "Ⅰ", "Ⅱ", id="表1-总磷-0.02"),
        pytest.param("0.05", "Ⅱ", "Ⅲ", id="表1-总磷-0.05"),
        pytest.param("0.2", "Ⅲ", "Ⅴ", id="表1-总磷-0.2"),
        pytest.param("0.3", "Ⅳ", "劣Ⅴ", id="表1-总磷-0.3"),
    ],
)
def test_total_phosphorus_has_its_own_limits_in_lakes(value, river, lake):
    assert water.class_of("总磷", Decimal(value), at=AT, water_type="river") == river
    assert water.class_of("总磷", Decimal(value), at=AT, water_type="lake") == lake


def test_total_nitrogen_is_judged_in_lakes_only(raises_problem):
    assert water.class_of("总氮", Decimal("1.2"), at=AT, water_type="lake") == "Ⅳ"
    with raises_problem("standards.no_limit"):
        water.class_of("总氮", Decimal("1.2"), at=AT, water_type="river")


def test_the_90_percent_saturation_alternative_is_off_unless_asked_for():
    values = {"DO": Decimal("7.4"), "水温": Decimal("27")}  # 7.99 mg/L 为饱和，7.4 为 92.6 %
    assert water.evaluate(values, at=AT).cls == "Ⅱ"
    assert water.evaluate(values, at=AT, do_saturation=True).cls == "Ⅰ"
    cold = {"DO": Decimal("7.4"), "水温": Decimal("10")}  # 11.25 mg/L 为饱和
    assert water.evaluate(cold, at=AT, do_saturation=True).cls == "Ⅱ"


def test_the_section_is_its_worst_item():
    found = water.evaluate(
        {"w01001": Decimal("7.2"), "w21003": Decimal("1.6"), "w21011": Decimal("0.1")}, at=AT
    )
    assert found.cls == "Ⅴ"
    assert found.per_item == {"pH值": "Ⅰ", "氨氮": "Ⅴ", "总磷": "Ⅱ"}
    assert found.rule_set == "GB 3838-2002+环办〔2011〕22号/online"


@pytest.mark.parametrize("item", ["总氮", "化学需氧量", "浊度", "电导率", "w01010"])
def test_only_five_items_make_the_online_class(item):
    values = {"氨氮": Decimal("0.1"), item: Decimal("9999")}
    assert water.evaluate(values, at=AT).cls == "Ⅰ"


def test_the_section_method_judges_21_items():
    values = {"氨氮": Decimal("0.1"), "化学需氧量": Decimal("35")}
    assert water.evaluate(values, at=AT, scope="section").cls == "Ⅴ"


def test_missing_values_take_no_part():
    found = water.evaluate({"氨氮": None, "DO": Decimal("8")}, at=AT)
    assert found.per_item == {"溶解氧": "Ⅰ"}
    assert water.evaluate({"氨氮": None}, at=AT).cls is None


def test_over_the_target_names_item_multiple_and_limit():
    found = water.evaluate({"氨氮": Decimal("0.75"), "DO": Decimal("5.5")}, at=AT, target="II")
    by_item = {one.item: one for one in found.over}
    assert by_item["氨氮"].multiple == Decimal("0.5")
    assert by_item["氨氮"].limit.value == Decimal("0.5")
    assert by_item["溶解氧"].multiple is None
    assert found.target == "Ⅱ"
    assert found.meets_target is False
    assert found.main_pollutants == "", "Ⅲ类断面不列主要污染指标"


def test_main_pollutants_are_the_worst_three_with_their_multiples():
    found = water.evaluate(
        {
            "高锰酸盐指数": Decimal("13.2"),  # Ⅴ, (13.2−6)/6 = 1.2
            "氨氮": Decimal("1.9"),  # Ⅴ, 0.9
            "总磷": Decimal("0.5"),  # 劣Ⅴ, 1.5
            "DO": Decimal("2.5"),  # Ⅴ, 不计倍数
        },
        at=AT,
    )
    assert found.main_pollutants == "总磷(1.5)、高锰酸盐指数(1.2)、氨氮(0.9)"


def test_heavy_metals_over_the_limit_come_first():
    found = water.evaluate(
        {"总磷": Decimal("0.5"), "铅": Decimal("0.06"), "氰化物": Decimal("0.1")},
        at=AT,
        scope="section",
    )
    assert found.main_pollutants == "铅(0.2)、总磷(1.5)"


def test_a_small_multiple_is_not_written_as_zero():
    assert water.evaluate({"氨氮": Decimal("1.04")}, at=AT).main_pollutants == "氨氮(0.04)"


@pytest.mark.parametrize(
    ("cls", "name", "colour"),
    [
        ("1", "优", "蓝色"),
        ("Ⅲ", "良好", "绿色"),
        ("V", "中度污染", "橙色"),
        ("劣V", "重度污染", "红色"),
    ],
)
def test_each_class_has_its_grade_and_colour(cls, name, colour):
    assert water.grade_of(cls, at=AT) == water.Grade(name, colour)


def test_the_sample_date_chooses_the_document(raises_problem):
    with raises_problem("standards.not_in_force"):
        water.class_of("氨氮", Decimal("1"), at=date(2001, 1, 1))


def test_a_limit_carries_document_and_clause():
    limit = water.limit("NH3-N", 3, at=AT)
    assert (limit.value, limit.unit, limit.bound) == (Decimal("1.0"), "mg/L", "max")
    assert (limit.document, limit.clause, limit.text) == ("GB 3838-2002", "表1", "≤1 mg/L")
    assert water.limit("pH", "Ⅲ", at=AT).text == "6～9"
    assert water.limit("DO", "Ⅲ", at=AT).text == "≥5 mg/L"


def test_worse_than_five_has_no_limit(raises_problem):
    with raises_problem("standards.unknown_class"):
        water.limit("氨氮", "劣Ⅴ", at=AT)


def test_bad_words_are_named(raises_problem):
    with raises_problem("standards.unknown_item"):
        water.class_of("w99999", Decimal("1"), at=AT)
    with raises_problem("standards.unknown_water_type"):
        water.class_of("氨氮", Decimal("1"), at=AT, water_type="sea")
    with raises_problem("standards.unknown_class"):
        water.evaluate({"氨氮": Decimal("1")}, at=AT, target="Ⅶ")
