from datetime import date
from decimal import Decimal

import pytest

from qingyuan.standards import air, discharge

title = "GB 3095 与排放标准按日期取限值 / air and discharge limits by date"


@pytest.mark.parametrize(
    ("pollutant", "averaging", "until_2026", "transition", "final"),
    [
        pytest.param("PM2.5", "daily", "75", "60", "50", id="表1-PM2.5-日均"),
        pytest.param("a34002", "daily", "150", "120", "100", id="表1-PM10-日均"),
        pytest.param("SO2", "daily", "150", "150", "50", id="表1-SO2-日均"),
        pytest.param("NO2", "daily", "80", "80", "50", id="表1-NO2-日均"),
        pytest.param("CO", "daily", "4", "4", "4", id="表1-CO-日均"),
        pytest.param("臭氧", "mda8", "160", "160", "160", id="表1-O3-日最大8小时"),
        pytest.param("SO2", "hourly", "500", "500", "150", id="表1-SO2-小时"),
        pytest.param("PM2.5", "annual", "35", "30", "25", id="表1-PM2.5-年均"),
    ],
)
def test_grade_two_air_limits_change_with_the_date(
    pollutant, averaging, until_2026, transition, final
):
    dates = (date(2026, 2, 28), date(2026, 3, 1), date(2031, 1, 1))
    found = [air.limit(pollutant, averaging, at=at).value for at in dates]
    assert found == [Decimal(until_2026), Decimal(transition), Decimal(final)]


def test_units_differ_between_carbon_monoxide_and_the_rest():
    at = date(2026, 9, 1)
    assert air.limit("CO", "daily", at=at).unit == "mg/m³"
    assert air.limit("PM10", "daily", at=at).unit == "μg/m³"


def test_there_is_no_hourly_limit_for_particles(raises_problem):
    with raises_problem("standards.no_limit"):
        air.limit("PM2.5", "hourly", at=date(2026, 9, 1))


@pytest.mark.parametrize(
    ("item", "level", "condition", "expected"),
    [
        pytest.param("COD", "一级A", None, "≤50 mg/L", id="GB18918-表1-COD"),
        pytest.param("氨氮", "一级A", "水温>12℃", "≤5 mg/L", id="GB18918-表1-氨氮-12℃以上"),
        pytest.param("氨氮", "一级A", "水温≤12℃", "≤8 mg/L", id="GB18918-表1-氨氮-12℃以下"),
        pytest.param("pH", "二级", None, "6～9", id="GB18918-表1-pH"),
    ],
)
def test_municipal_works(item, level, condition, expected):
    found = discharge.limit(
        item, standard="GB 18918-2002", level=level, at=date(2026, 9, 1), condition=condition
    )
    assert found.text == expected


def test_a_limit_that_depends_on_a_condition_is_not_guessed(raises_problem):
    with raises_problem("standards.no_limit"):
        discharge.limit("氨氮", standard="GB 18918-2002", level="一级A", at=date(2026, 9, 1))


def test_first_class_pollutants_are_judged_at_the_workshop():
    found = discharge.limit("总铅", standard="gb8978-1996", level="一级", at=date(2026, 9, 1))
    assert (found.value, found.clause) == (Decimal("1.0"), "表1")


def test_unknown_documents_and_dates_are_refused(raises_problem):
    with raises_problem("standards.unknown_document"):
        discharge.limit("COD", standard="GB 1", level="一级", at=date(2026, 9, 1))
    with raises_problem("standards.not_in_force"):
        discharge.limit("COD", standard="GB 18918-2002", level="一级A", at=date(2003, 6, 30))
