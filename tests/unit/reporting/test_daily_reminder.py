from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from qingyuan.reporting import (
    AirDay,
    AlarmLine,
    CaseLine,
    DailyFacts,
    Document,
    SectionDay,
    daily_reminder,
)


@pytest.fixture
def facts() -> DailyFacts:
    at = datetime(2026, 9, 22, 3, 10, tzinfo=UTC)
    case = CaseLine(
        "JD2026-1",
        "氨氮超标",
        "望澜分局",
        "林望",
        "handle",
        "办理中",
        "2026-10-12",
        False,
        True,
        False,
    )
    return DailyFacts(
        city="清源市",
        issuer="清源市生态环境局",
        day=date(2026, 9, 22),
        data_until=datetime(2026, 9, 22, 16, tzinfo=UTC),
        sections=[
            SectionDay("S1", "望澜桥", "望澜区", "Ⅲ", "Ⅳ", (("w21003", Decimal("0.345")),), 24),
            SectionDay("S2", "青石渡", "青石区", "Ⅲ", "Ⅱ", (), 24),
            SectionDay("S3", "松涛闸", "青石区", "Ⅳ", None, (), 0),
        ],
        stations=[
            AirDay("A1", "市监测站", {"a34004": Decimal("34.5"), "a34002": Decimal("70")}, 24),
            AirDay("A2", "开发区", {"a34004": Decimal("35.5"), "a34002": None}, 12),
        ],
        alarms=[
            AlarmLine(
                "7",
                "望澜桥",
                "w21003",
                Decimal("1.345"),
                Decimal("1.0"),
                Decimal("0.345"),
                at,
                "活动未确认",
                "exceedance",
            )
        ],
        cases=[
            case,
            replace(case, number="JD2026-2", overdue=True, ledger="assign", opened_that_day=False),
        ],
        rule_sets=["GB 3838-2002 表1"],
    )


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


def test_every_count_in_a_sentence_opens_its_rows(facts):
    document = daily_reminder(facts, number="〔2026〕1号")
    for section in document.sections:
        for paragraph in section.paragraphs:
            assert all(run.link for run in paragraph.runs if run.strong)


def test_multiples_are_rounded_half_to_even_only_when_shown(facts):
    text = [
        c.text for row in daily_reminder(facts, number="1").sections[0].tables[0].rows for c in row
    ]
    assert "氨氮（0.34）" in text  # 0.345 五成双


def test_city_mean_leaves_out_stations_without_a_mean(facts):
    sentence = daily_reminder(facts, number="1").sections[1].paragraphs[0].text
    assert "PM2.5 35 μg/m³" in sentence
    assert "PM10 70 μg/m³" in sentence


def test_worst_sections_stand_first(facts):
    rows = daily_reminder(facts, number="1").sections[0].tables[0].rows
    assert [row[0].text for row in rows] == ["望澜桥", "青石渡", "松涛闸"]


def test_a_frozen_document_reads_back_as_it_was(facts):
    document = daily_reminder(facts, number="1")
    assert Document.from_dict(document.as_dict()) == document


def test_an_empty_day_says_so(facts):
    empty = replace(facts, sections=[], stations=[], alarms=[], cases=[])
    document = daily_reminder(empty, number="1")
    assert "没有逾期案件" in document.sections[3].tables[0].empty
    assert document.totals["sections"] == 0
