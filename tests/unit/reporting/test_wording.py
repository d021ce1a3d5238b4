"""The table of phrases: both languages, the same places; changes named for what they are (R170)."""

import re
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

import qingyuan.reporting as room
from qingyuan.reporting import Words, points_text, relative_text
from qingyuan.reporting.change import share
from qingyuan.reporting.wording import phrases

ZH, EN = Words("zh"), Words("en")


@pytest.mark.parametrize("key", phrases())
def test_both_languages_have_the_same_places(key):
    row = phrases()[key]
    places = [set(re.findall(r"\{(\w+)\}", row[code])) for code in ("zh", "en")]
    assert set(row) == {"zh", "en"}
    assert places[0] == places[1]
    assert not re.search(r"[\u4e00-\u9fff]", row["en"])


def test_every_phrase_is_used():
    code = "".join(p.read_text("utf-8") for p in Path(room.__file__).parent.glob("*.py"))
    built = ("unit.", "head.", "level.", "when.", "alarm.", "road.", "next.", "sampling.")
    made = (
        "supervision.",
        "waterworks.",
        "survey.title_",
        "survey.class",
        "survey.named_",
        "weekly.",
        "monthly.",
        "annual.",
    )
    unused = [
        key for key in phrases() if f'"{key}"' not in code and not key.startswith((*built, *made))
    ]
    assert unused == []


def test_a_concentration_changes_relatively_and_a_rate_in_points():
    assert relative_text(Decimal(31), Decimal(32), ZH) == "改善3.1%"
    assert relative_text(Decimal(33), Decimal(32), EN) == "worse by 3.1%"
    said = points_text(Decimal("88.2"), Decimal("86.1"), ZH)
    assert said == "提高2.1个百分点（相对变化+2.4%）"


@pytest.mark.parametrize(
    ("this", "last"), [(None, Decimal(1)), (Decimal(1), None), (Decimal(1), Decimal(0))]
)
def test_what_cannot_be_compared_is_said(this, last):
    assert relative_text(this, last, ZH) == "无可比数据"


def test_a_change_is_rounded_once_half_to_even():
    assert relative_text(Decimal("100.25"), Decimal(100), ZH) == "变差0.2%"
    assert relative_text(Decimal("100.35"), Decimal(100), ZH) == "变差0.4%"
    assert relative_text(Decimal("100.04"), Decimal(100), ZH) == "持平"


def test_a_share_of_nothing_is_none():
    assert share(0, 0) is None
    assert share(13, 31) == Decimal("41.9")


def test_dates_and_numerals_in_both_languages():
    assert ZH.span(date(2026, 9, 14), date(2026, 9, 20)) == "2026年9月14日至9月20日"
    assert EN.span(date(2026, 12, 28), date(2027, 1, 3)) == "28 December 2026 to 3 January 2027"
    assert ZH.heading(11, "air.heading") == "十一、大气环境"
    assert EN.heading(1, "air.heading") == "1. Air"


def test_a_count_has_its_measure_word():
    assert ZH.count(3, "case", None).text == "3件"
    assert EN.count(1, "case", None).text == "1 case"
    assert EN.count(3, "case", None).text == "3 cases"
