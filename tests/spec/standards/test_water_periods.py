from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest

from qingyuan.readings.periods import Sampling, section_means, undetected
from qingyuan.scoring.water_index import Section, city_water_index
from qingyuan.standards import basin, drinking, trophic

title = "环办〔2011〕22号、CWQI、TLI、饮用水水源 / periods, basins, cities, lakes and sources"

AT = date(2024, 6, 1)


def samples(*pairs):
    return [Sampling("S1", day, {"氨氮": Decimal(value)}) for day, value in pairs]


def test_a_month_is_the_exact_mean_of_its_samplings():
    [june] = section_means(
        samples((date(2024, 6, 1), "1.0"), (date(2024, 6, 8), "1.0"), (date(2024, 6, 30), "1.1"))
    )
    assert june.exact["氨氮"] == Fraction("3.1") / 3
    assert (june.samplings, june.is_valid, june.span.name) == ({"氨氮": 3}, True, "2024-06")


@pytest.mark.parametrize(
    ("days", "valid"),
    [
        pytest.param([date(2024, 4, 1)], False, id="季-一次无效"),
        pytest.param([date(2024, 4, 1), date(2024, 6, 1)], True, id="季-两次有效"),
    ],
)
def test_a_quarter_needs_two_samplings(days, valid):
    [quarter] = section_means(samples(*((day, "1") for day in days)), kind="season")
    assert quarter.is_valid == valid


@pytest.mark.parametrize(("months", "valid"), [(7, False), (8, True), (12, True)])
def test_a_year_is_the_mean_of_its_months_and_needs_eight(months, valid):
    rows = [(date(2024, month, 2), str(month)) for month in range(1, months + 1)]
    rows += [(date(2024, 1, day), "1") for day in range(3, 20)]  # 一月多次，只算一个月均值
    [year] = section_means(samples(*rows), kind="year")
    assert year.exact["氨氮"] == Fraction(months + 1, 2)
    assert year.is_valid == valid


@pytest.mark.parametrize(
    ("text", "limit"),
    [("0.01L", "0.01"), ("<0.004", "0.004"), ("＜ 0.05", "0.05"), ("0.01", None), ("L", None)],
)
def test_results_below_the_detection_limit_are_read(text, limit):
    assert undetected(text) == (None if limit is None else Decimal(limit))


def sections(*values):
    return [{"氨氮": Decimal(value)} for value in values]


def test_fewer_than_five_sections_are_averaged_item_by_item():
    found = basin.basin_state(sections("0.4", "1.4", "1.3", "0.9"), at=AT)
    assert (found.cls, found.grade, found.share_good) == ("Ⅲ", "良好", Fraction(1, 2))


@pytest.mark.parametrize(
    ("values", "grade"),
    [
        pytest.param(["0.5"] * 9 + ["1.2"], "优", id="Ⅰ～Ⅲ恰为90%-优"),
        pytest.param(["0.5"] * 3 + ["1.2"], None, id="四个断面不用比例"),
        pytest.param(["0.5"] * 6 + ["1.2"] * 2, "良好", id="恰为75%-良好"),
        pytest.param(["0.5"] * 7 + ["1.2"] * 3, "轻度污染", id="70%且劣Ⅴ为0-轻度"),
        pytest.param(["0.5"] * 3 + ["1.2"] + ["9"], "中度污染", id="劣Ⅴ恰为20%-中度"),
        pytest.param(["0.5"] * 3 + ["9"] * 2, "重度污染", id="劣Ⅴ恰为40%且Ⅰ～Ⅲ60%-重度"),
    ],
)
def test_five_and_more_sections_are_graded_by_shares(values, grade):
    found = basin.basin_state(sections(*values), at=AT)
    assert (found.grade == grade) if grade else (found.cls is not None)
    assert found.marks


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        pytest.param(["0.5"] * 10, ["0.5"] * 10, "无明显变化", id="四-不变"),
        pytest.param(["0.5"] * 7 + ["1.2"] * 3, ["0.5"] * 8 + ["1.2"] * 2, "有所好转", id="四-差一级"),
        pytest.param(["0.5"] * 10, ["0.5"] * 5 + ["9"] * 5, "明显变差", id="四-差两级以上"),
        pytest.param(
            ["0.5"] * 20 + ["1.2"] * 20,
            ["0.5"] * 25 + ["1.2"] * 15,
            "有所好转",
            id="四-同级ΔG−ΔD=12.5",
        ),
        pytest.param(
            ["0.5"] * 4 + ["1.2"] * 16,
            ["0.5"] * 9 + ["1.2"] * 11,
            "明显好转",
            id="四-同级ΔG−ΔD=25",
        ),
        pytest.param(
            ["0.5"] * 6 + ["1.2"] * 14, ["0.5"] * 8 + ["1.2"] * 12, "无明显变化", id="四-同级恰为10"
        ),
    ],
)  # fmt: skip
def test_change_between_two_periods(before, after, said):
    states = [basin.basin_state(sections(*values), at=AT) for values in (before, after)]
    assert basin.change_between(*states, at=AT).said == said


def test_the_rank_correlation_needs_five_periods_and_is_exact():
    assert basin.spearman([Decimal(value) for value in "1234"]) is None
    assert basin.spearman([Decimal(value) for value in "12345"]) == 1
    assert basin.spearman([Decimal(value) for value in "54321"]) == -1
    assert basin.spearman([Decimal(value) for value in "21345"]) == Fraction(9, 10)


LAKE = {"chla": "10", "TP": "0.05", "TN": "1.0", "SD": "1.0", "CODMn": "4.0"}


def test_the_trophic_state_is_the_weighted_sum_of_five():
    found = trophic.trophic_state({k: Decimal(v) for k, v in LAKE.items()}, at=AT)
    # 叶绿素a 50.0、总磷 45.7、总氮 54.5、透明度 51.2、高锰酸盐指数 38.0，权重 0.2663 …
    assert [round(value, 1) for value in found.per_item.values()] == [
        Decimal(text) for text in ("50.0", "45.7", "54.5", "51.2", "38.0")
    ]
    assert (found.index, found.state) == (Decimal("48.0"), "中营养")


def test_a_trophic_state_without_an_item_is_none_and_named():
    found = trophic.trophic_state({"chla": Decimal(10)}, at=AT)
    assert (found.index, found.state) == (None, None)
    assert "透明度" in found.missing


def test_what_has_no_logarithm_is_refused(raises_problem):
    with raises_problem("standards.not_positive"):
        trophic.trophic_state({"chla": Decimal(0)}, at=AT)


@pytest.mark.shared
def test_the_weights_are_those_of_the_shared_table(shared_data):
    import csv

    from qingyuan.standards.documents import document

    held = document("tli-2001").more["items"].values()
    total = sum(Decimal(row[4]) ** 2 for row in held)
    lines = (shared_data / "water/standards/tli.csv").read_text("utf-8").splitlines()
    for mine, row in zip(held, csv.DictReader(lines), strict=True):
        assert (Decimal(mine[1]), Decimal(mine[2])) == (Decimal(row["a"]), Decimal(row["b"]))
        assert round(Decimal(mine[4]) ** 2 / total, 4) == Decimal(row["weight"])


def test_a_city_index_is_weighted_by_sections_and_points():
    river = Section({"氨氮": Decimal("0.5"), "DO": Decimal(10), "pH": Decimal("7.5")})
    lake = Section({"总磷": Decimal("0.05")}, "lake")
    found = city_water_index([river, river, lake], at=AT)
    assert found.items["river"] == {
        "pH值": Fraction(1, 4),
        "溶解氧": Fraction(1, 2),
        "氨氮": Fraction(1, 2),
    }
    assert (found.river, found.lake) == (Fraction(5, 4), 1)
    assert found.total == Decimal("1.1667")
    assert "化学需氧量" in found.missing
    assert found.marks


def test_acid_water_is_measured_from_seven_to_six():
    found = city_water_index([Section({"pH": Decimal("6.5")})], at=AT)
    assert found.river == Fraction(1, 2)


def test_a_source_needs_class_three_and_the_supplementary_limits():
    sound = {"氨氮": Decimal("0.2"), "总磷": Decimal("0.05"), "硝酸盐": Decimal(10)}
    assert drinking.source_state(sound, at=AT).meets
    salty = drinking.source_state(sound | {"w21007": Decimal("10.1")}, at=AT)
    assert (salty.meets, [name for name, _, _ in salty.over]) == (False, ["硝酸盐"])
    rich = drinking.source_state(sound | {"总磷": Decimal("0.06")}, at=AT)
    assert (rich.meets, rich.cls) == (False, "Ⅳ")
    none = drinking.source_state({}, at=AT)
    assert none.meets is None
    assert drinking.share_met([rich, drinking.source_state(sound, at=AT), none]) == Fraction(1, 2)
