"""What a cell may say, and what it is then; what a spreadsheet destroyed is refused."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest

from qingyuan.core.periods import CITY_TZ
from qingyuan.core.problems import Problem
from qingyuan.web.exchange.read.cells import reader_of
from qingyuan.web.exchange.tables import Choice, Column

WORDS = (Choice("key", "重点管理", "Key"), Choice("simple", "简化管理", "Simple"))


def _read(kind, raw, *, epoch1904=False, **more):
    return reader_of(Column(name="x", zh="某列", kind=kind, **more), epoch1904=epoch1904)(raw)


def _at(*parts):
    return datetime(*parts, tzinfo=CITY_TZ)


@pytest.mark.parametrize(("kind", "raw", "value"), [
    ("text", "  甲（乙）　", "甲（乙）"),
    ("text", "𠮷野·买买提", "𠮷野·买买提"),
    ("text", 13800001111.0, "13800001111"),
    ("text", "👨\u200d🔧", "👨\u200d🔧"),
    ("text", "=1+1", "=1+1"),
    ("code", "００12", "0012"),
    ("number", "１２．５", Decimal("12.5")),
    ("number", " 1,234.50 ", Decimal("1234.50")),
    ("number", 0.1 + 0.2, Decimal("0.3")),
    ("number", "-3", Decimal(-3)),
    ("number", "/", None),
    ("whole", 3.0, 3),
    ("day", "2026年3月5日", date(2026, 3, 5)),
    ("day", "２０２６年３月５日", date(2026, 3, 5)),
    ("day", "2026/3/5", date(2026, 3, 5)),
    ("day", "2026.03.05", date(2026, 3, 5)),
    ("day", "20260305", date(2026, 3, 5)),
    ("day", 20260305.0, date(2026, 3, 5)),
    ("day", 46086.0, date(2026, 3, 5)),
    ("day", "46086", date(2026, 3, 5)),
    ("day", "2026-03-05 00:00:00", date(2026, 3, 5)),
    ("day", datetime(2026, 3, 5, 8), date(2026, 3, 5)),  # noqa: DTZ001 -- a workbook knows no zone
    ("time", "2026年3月5日8时30分", _at(2026, 3, 5, 8, 30)),
    ("time", "2026-03-05T08:30:15", _at(2026, 3, 5, 8, 30, 15)),
    ("time", 46086.5, _at(2026, 3, 5, 12)),
    ("time", "2026-03-05", _at(2026, 3, 5)),
    ("yes", "√", True),
    ("yes", "否", False),
    ("yes", 1.0, True),
    ("choice", "重点 管理", "key"),
    ("choice", "SIMPLE", "simple"),
    ("several", "重点管理；简化管理", ("key", "simple")),
    ("several", "", ()),
    ("lon", "120°30′36″", Decimal("120.51")),
    ("lat", "36.5°", Decimal("36.5")),
    ("credit", "９１110000802100433b", "91110000802100433B"),
], ids=repr)  # fmt: skip
def test_a_cell_becomes_its_value(kind, raw, value):
    assert _read(kind, raw, choices=WORDS, unit="°" if kind in ("lon", "lat") else "") == value


@pytest.mark.parametrize(("kind", "raw", "code"), [
    ("code", 913702.0, "exchange.code_is_number"),
    ("code", "9.13E+17", "exchange.code_is_number"),
    ("code", 9.1370200264e17, "exchange.code_is_number"),
    ("code", datetime(2026, 3, 5), "exchange.code_is_date"),  # noqa: DTZ001 -- a workbook knows no zone
    ("credit", 9.1370200264e17, "exchange.code_is_number"),
    ("credit", "9.13702E+17", "exchange.code_is_number"),
    ("credit", "911100008021004331", "exchange.credit_code"),
    ("text", 1.2e18, "exchange.digits_lost"),
    ("text", "a\0b", "exchange.invisible"),
    ("text", "a\u202eb", "exchange.invisible"),
    ("text", "a\u200bb", "exchange.invisible"),
    ("text", "字" * 501, "exchange.too_long_text"),
    ("number", "约3", "exchange.not_number"),
    ("number", "1,23", "exchange.not_number"),
    ("number", "1_000", "exchange.not_number"),
    ("number", "NaN", "exchange.not_number"),
    ("number", "1e999999", "exchange.not_number"),
    ("number", True, "exchange.not_number"),
    ("whole", "3.5", "exchange.not_whole"),
    ("day", "2026年3月", "exchange.not_day"),
    ("day", "2026-02-30", "exchange.not_day"),
    ("day", "3月5日", "exchange.not_day"),
    ("day", "2026-03-05 08:30", "exchange.not_day"),
    ("day", 3.0, "exchange.not_day"),
    ("day", timedelta(days=46086), "exchange.not_day"),
    ("time", "2026-03-05 25:00", "exchange.not_time"),
    ("time", "昨天", "exchange.not_time"),
    ("yes", "可能", "exchange.not_yes"),
    ("choice", "一般管理", "exchange.not_choice"),
    ("several", "重点管理、别的", "exchange.not_choice"),
    ("lon", 36.5, "exchange.swapped"),
    ("lat", 120.5, "exchange.swapped"),
    ("lon", 200.0, "exchange.outside"),
], ids=repr)  # fmt: skip
def test_what_cannot_be_told_is_refused(kind, raw, code, raises_problem):
    with raises_problem(code):
        _read(kind, raw, choices=WORDS)


def test_a_code_kept_as_a_number_is_exact_only_when_its_length_is_known(raises_problem):
    assert _read("code", 379901.0, digits=6) == "379901"
    assert _read("code", 379901.0, choices=(Choice("379901", "东山区"),)) == "379901"
    with raises_problem("exchange.code_is_number"):
        _read("code", 111.0, digits=4)  # 0111 谷物种植 lost its zero
    with raises_problem("exchange.code_length"):
        _read("code", "111", digits=4)


def test_a_bare_number_is_no_date_in_a_book_that_counts_from_1904(raises_problem):
    with raises_problem("exchange.not_day"):
        _read("day", 46086.0, epoch1904=True)


def test_a_required_cell_may_not_be_blank(raises_problem):
    for blank in ("", "  \u3000", None):
        with raises_problem("exchange.empty"):
            _read("text", blank, required=True)


def test_the_reason_names_column_and_value_in_both_languages():
    with pytest.raises(Problem) as refused:
        _read("number", "约3")
    assert "约3" in refused.value.zh
    assert "约3" in refused.value.en
