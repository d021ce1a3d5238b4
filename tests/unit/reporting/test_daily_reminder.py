from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from qingyuan.reporting import (
    AirDay,
    AlarmLine,
    DailyFacts,
    Document,
    SectionClass,
    WorkCase,
    daily_reminder,
)


@pytest.fixture
def facts() -> DailyFacts:
    at = datetime(2026, 9, 22, 3, 10, tzinfo=UTC)
    case = WorkCase(
        "JD2026-1", "望澜分局", "望澜区", "handle", "办理中", "2026-10-12", False, True, False
    )
    return DailyFacts(
        city="清源市",
        city_en="Qingyuan",
        issuer="清源市生态环境局",
        day=date(2026, 9, 22),
        data_until=datetime(2026, 9, 22, 16, tzinfo=UTC),
        sections=[
            SectionClass("S1", "望澜桥", "望澜区", "Ⅲ", "Ⅳ", (("w21003", Decimal("0.345")),), 24),
            SectionClass("S2", "青石渡", "青石区", "Ⅲ", "Ⅱ", (), 24),
            SectionClass("S3", "松涛闸", "青石区", "Ⅳ", None, (), 0),
        ],
        stations=[
            AirDay("A1", "市监测站", {"a34004": Decimal("34.5"), "a34002": Decimal("70")}, 24, 50, "优"),
            AirDay("A2", "开发区", {"a34004": Decimal("35.5"), "a34002": None}, 12),
        ],
        city_air=AirDay("", "", {"a34004": Decimal("35"), "a34002": Decimal("70")}, 24, 60, "良", "PM10"),
        alarms=[
            AlarmLine(
                "7", "望澜桥", "w21003", Decimal("1.345"), Decimal("1.0"), Decimal("0.345"), at,
                "活动未确认", "exceedance",
            ),
            AlarmLine("8", "O12", "w01018", None, None, None, at, "活动", "silence", public=False),
        ],
        cases=[
            case,
            replace(case, number="JD2026-2", overdue=True, ledger="assign", opened=False),
        ],
        rule_sets=["GB 3838-2002 表1"],
    )  # fmt: skip


def test_totals_equal_the_rows_given(facts):
    totals = daily_reminder(facts, number="〔2026〕1号").totals
    classes = sum(n for name, n in totals.items() if name.startswith("class_"))
    assert classes + totals["sections_no_data"] == totals["sections"] == 3
    ledgers = sum(n for name, n in totals.items() if name.startswith("ledger_"))
    assert ledgers == totals["cases"] == 2
    assert (totals["sections_over_target"], totals["cases_overdue"], totals["cases_opened"]) == (
        1,
        1,
        1,
    )


def test_cases_are_counted_in_print_and_listed_only_behind_the_figures(facts):
    document = daily_reminder(facts, number="1")
    printed = [c.text for s in document.sections for t in s.tables for r in t.rows for c in r]
    assert not any(text.startswith("JD") for text in printed)
    (ledger,) = [t for t in document.ledgers if t.name == "cases"]
    assert [row[0].text for row in ledger.rows] == ["JD2026-1", "JD2026-2"]
    assert ledger.subject == "case"


def test_an_enterprises_alarm_is_counted_and_not_printed(facts):
    document = daily_reminder(facts, number="1")
    assert document.totals["alarms"] == 2
    assert len(document.sections[2].tables[0].rows) == 1


def test_multiples_are_rounded_half_to_even_only_when_shown(facts):
    text = [
        c.text for row in daily_reminder(facts, number="1").sections[0].tables[0].rows for c in row
    ]
    assert "氨氮（0.34）" in text  # 0.345 五成双


def test_the_citys_air_is_said_with_its_index(facts):
    said = " ".join(p.text for p in daily_reminder(facts, number="1").sections[1].paragraphs)
    assert "PM2.5 35 μg/m³" in said
    assert "全市 AQI 60，良，首要污染物PM10" in said
    without = replace(facts, city_air=replace(facts.city_air, aqi=None))
    said = " ".join(p.text for p in daily_reminder(without, number="1").sections[1].paragraphs)
    assert "不发布（NA）" in said


def test_missing_means_are_said_in_words_never_zero(facts):
    rows = daily_reminder(facts, number="1").sections[1].tables[0].rows
    assert rows[1][3].text == "无有效数据"
    assert rows[1][1].text == "NA"


def test_worst_sections_stand_first(facts):
    rows = daily_reminder(facts, number="1").sections[0].tables[0].rows
    assert [row[0].text for row in rows] == ["望澜桥", "青石渡", "松涛闸"]


def test_a_frozen_document_reads_back_as_it_was(facts):
    for language in ("zh", "en"):
        document = daily_reminder(facts, number="1", language=language)
        assert Document.from_dict(document.as_dict()) == document


def test_an_empty_day_says_so(facts):
    empty = replace(facts, sections=[], stations=[], alarms=[], cases=[], city_air=None)
    document = daily_reminder(empty, number="1")
    assert "没有案件" in document.sections[3].tables[0].empty
    assert "没有有效的空气日均值" in document.sections[1].paragraphs[0].text
    assert document.totals["sections"] == 0


def test_the_english_text_has_the_same_figures(facts):
    zh, en = (daily_reminder(facts, number="1", language=code) for code in ("zh", "en"))
    assert dict(zh.totals) == dict(en.totals)
    assert [r.link for r in zh.figures()] == [r.link for r in en.figures()]
    assert en.title == "Daily reminder on the environment of Qingyuan"
