from __future__ import annotations

from datetime import UTC, datetime, timedelta

from qingyuan.core.periods import Period
from qingyuan.standards import water
from qingyuan.web.monitoring.selectors.charts import Chart, Series
from qingyuan.web.monitoring.selectors.quarantine import masked, reason_name, shown

AT = datetime(2026, 9, 22, tzinfo=UTC)


def _chart(factor: str, points):
    limit = water.limit(factor, "Ⅲ", at=AT.date())
    return Chart(
        station="section:S1",
        factor=factor,
        title=factor,
        unit=limit.unit,
        period=Period(AT, AT + timedelta(hours=1)),
        step="reading",
        series=[Series("望澜桥", points, "section:S1")],
        limit=limit,
    )


def test_values_stay_as_sent_and_a_gap_is_a_gap():
    chart = _chart("w21003", [(AT, "0.350", "N"), (AT, None, "D")])
    assert chart.config["series"][0]["points"] == [
        [AT.timestamp() * 1000, "0.350", "N"],
        [AT.timestamp() * 1000, None, "D"],
    ]


def test_a_value_at_the_limit_is_inside_also_in_the_table():
    chart = _chart("w21003", [(AT, "1.0", "N"), (AT, "1.001", "N"), (AT, None, "D")])
    assert [row["over"] for row in chart.rows] == [False, True, False]


def test_oxygen_is_drawn_with_its_lower_bound_and_ph_without_a_line():
    assert _chart("w01009", [(AT, "4.9", "N")]).config["limit"]["bound"] == "min"
    assert _chart("w01001", [(AT, "7", "N")]).config["limit"] is None


def test_bytes_are_cut_covered_and_escaped():
    assert masked(b"##0010PW=123456;MN=1&&") == b"##0010PW=******;MN=1&&"
    assert shown(b"\x00<script>") == "\\x00<script>"  # the template escapes what is markup
    assert shown(b"a" * 2000).endswith("…")
    assert len(shown(b"a" * 2000)) == 1201


def test_a_reason_is_said_in_words_and_an_unknown_one_as_it_is():
    assert reason_name("gateway.unknown_device", english=False) == "设备没有登记"
    assert reason_name("nobody.knows", english=True) == "nobody.knows"
