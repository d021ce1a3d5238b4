"""Charts are drawn from data: gaps stay gaps, units and rules stand beside, the same twice."""

import re
import xml.etree.ElementTree as ET

import pytest

from qingyuan.reporting import Chart, Series, svg
from qingyuan.reporting.charts import ticks_of

COLOURS = {"良": ("#ffff00", "#17211d"), "Ⅲ": ("#33ff33", "#17211d")}


def texts(drawing: str) -> list[str]:
    return [t.text or "" for t in ET.fromstring(drawing).iter() if t.tag.endswith("text")]


@pytest.fixture
def line() -> Chart:
    return Chart(
        kind="line",
        title="逐日 <PM2.5>",
        labels=("9-1", "9-2", "9-3", "9-4", "9-5"),
        series=(Series("PM2.5", ("30", "35", None, "41", "80")),),
        unit="μg/m³",
        limit="60",
        limit_name="GB 3095-2026 二级",
        source="数据来源：自动站",
    )


def test_a_line_says_its_unit_limit_and_source_and_escapes_words(line):
    said = texts(svg(line, {}))
    assert "逐日 <PM2.5>" in said
    assert "μg/m³" in said
    assert "数据来源：自动站" in said
    assert any("GB 3095-2026 二级 60" in text for text in said)


def test_a_gap_is_not_joined(line):
    runs = re.findall(r'<polyline points="([^"]+)"', svg(line, {}))
    assert [len(run.split()) for run in runs] == [2, 2]


def test_the_same_chart_is_the_same_text(line):
    assert svg(line, COLOURS) == svg(line, COLOURS)


def test_a_calendar_colours_days_and_counts_levels_and_missing_days():
    chart = Chart(
        kind="calendar",
        title="AQI",
        labels=("2026-09-01", "2026-09-02", "2026-09-03"),
        series=(Series("AQI", ("60", None, "80"), ("良", "", "良")),),
        key=(("良", "moderate"),),
        weekdays=tuple("一二三四五六日"),
    )
    drawing = svg(chart, COLOURS)
    assert {"moderate 2", "— 1", "60", "80", "—"} <= set(texts(drawing))
    assert drawing.count('fill="#ffff00"') == 3  # two days and the key


def test_a_matrix_writes_the_class_into_each_cell():
    chart = Chart(
        kind="matrix", title="", labels=("9-1", "9-2"), series=(Series("望澜桥", ("Ⅲ", None)),)
    )
    assert {"望澜桥", "Ⅲ", "—"} <= set(texts(svg(chart, COLOURS)))


def test_a_ranking_keeps_its_order_and_prints_the_figure():
    chart = Chart(
        kind="ranking", title="", labels=("1 甲", "2 乙"), series=(Series("指数", ("3.25", None)),)
    )
    said = texts(svg(chart, {}))
    assert said.index("1 甲") < said.index("2 乙")
    assert "3.25" in said


def test_bars_stand_beside_each_other():
    chart = Chart(
        kind="bar", title="", labels=("甲", "乙"), unit="段",
        series=(Series("红", ("3", "0")), Series("橙", ("5", None))),
    )  # fmt: skip
    assert svg(chart, {}).count("<rect") >= 5


@pytest.mark.parametrize(("highest", "last"), [(0, 1), (0.7, 0.8), (9, 10), (100, 100), (423, 500)])
def test_ticks_are_round_and_cover_the_highest(highest, last):
    ticks = ticks_of(highest)
    assert ticks[0] == 0
    assert ticks[-1] == pytest.approx(last)
    assert len(ticks) <= 6
