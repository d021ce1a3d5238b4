from datetime import date

from qingyuan.core.explanation import Explanation, Input, Said
from qingyuan.core.periods import day_of

DUST = Said("沙尘时段", "sand-dust")
HOUR = Input("08时", "35", "μg/m³", "N")
MASKED = Input("09时", "900", "μg/m³", "N", DUST, "row-9")
DAY = Explanation(
    what=Said("日均值", "daily mean"), value="35", unit="μg/m³", subject="1001A",
    period=day_of(date(2024, 6, 1)), rule_set="HJ663-2013", document="HJ 663-2013", clause="6.1",
    steps=[Said("35 ÷ 1 = 35", "35 / 1 = 35")], inputs=[HOUR, MASKED], marks=["未核对 / unverified"],
)  # fmt: skip
MONTH = Explanation(
    Said("月均值", "monthly mean"), None, "HJ663-2013", "HJ 663-2013", "", parts=[DAY]
)


def test_the_shape_says_what_was_used_and_what_was_left_out_and_why():
    shape = DAY.as_json()
    assert shape["counts"] == {"used": 1, "left_out": 1}
    assert shape["period"] == {
        "start": "2024-06-01T00:00:00+08:00",
        "end": "2024-06-02T00:00:00+08:00",
    }
    assert [one["is_used"] for one in shape["inputs"]] == [True, False]
    assert shape["inputs"][1]["reason"] == {"zh": "沙尘时段", "en": "sand-dust"}
    assert shape["inputs"][1]["ref"] == "row-9"
    assert MONTH.as_json()["parts"] == [shape]
    assert MONTH.as_json()["value"] is None


def test_the_text_is_whole_in_each_language():
    zh, en = MONTH.as_text("zh"), MONTH.as_text("en")
    assert zh.splitlines()[0] == "月均值 = 无"
    assert "剔除: 09时=900μg/m³ [N] 沙尘时段" in zh
    assert "left out: 09时=900μg/m³ [N] sand-dust" in en
    assert "    1001A daily mean = 35 μg/m³" in en
    assert "注意: 未核对 / unverified" in zh
