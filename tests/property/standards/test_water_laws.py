from datetime import date
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from qingyuan.standards import water
from qingyuan.standards.classes import class_rank
from qingyuan.standards.documents import document

AT = date(2024, 6, 1)
TABLE = document("gb3838-2002")
HARMFUL = sorted({row.item for row in TABLE.rows if row.bound == "max"} - {"pH值", "总氮"})
amounts = st.decimals(min_value=0, max_value=100, places=6, allow_nan=False)
waters = st.sampled_from(["river", "lake"])


@given(item=st.sampled_from(HARMFUL), value=amounts, more=amounts, water_type=waters)
def test_more_pollutant_never_betters_the_class(item, value, more, water_type):
    before = water.class_of(item, value, at=AT, water_type=water_type)
    after = water.class_of(item, value + more, at=AT, water_type=water_type)
    assert class_rank(after) >= class_rank(before)


@given(value=amounts, more=amounts)
def test_more_oxygen_never_worsens_the_class(value, more):
    before = water.class_of("溶解氧", value, at=AT)
    assert class_rank(water.class_of("溶解氧", value + more, at=AT)) <= class_rank(before)


@given(row=st.sampled_from([row for row in TABLE.rows if row.condition != "饱和率"]))
def test_a_value_equal_to_a_limit_is_inside_its_class(row):
    water_type = "lake" if row.condition == "湖库" else "river"
    found = water.class_of(row.item, row.value, at=AT, water_type=water_type)
    assert class_rank(found) <= class_rank(row.cls)


@given(
    values=st.dictionaries(
        st.sampled_from(["DO", "高锰酸盐指数", "氨氮", "总磷", "pH"]), amounts, min_size=1
    ),
    target=st.sampled_from("ⅠⅡⅢⅣⅤ"),
    water_type=waters,
)
def test_a_section_is_over_its_target_exactly_when_some_item_is(values, target, water_type):
    found = water.evaluate(values, at=AT, target=target, water_type=water_type)
    assert found.meets_target == (not found.over)
    assert all(not over.limit.allows(over.value) for over in found.over)
    assert (class_rank(found.cls) > 3) == bool(found.main_pollutants)


@given(value=st.decimals(min_value=Decimal("1.000001"), max_value=1000, places=6))
def test_the_multiple_is_exact(value):
    [over] = water.evaluate({"氨氮": value}, at=AT).over
    assert over.multiple == value - 1
