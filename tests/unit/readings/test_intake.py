from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from qingyuan.readings.intake import flags, is_valid_flag, judge
from qingyuan.readings.model import Reading
from qingyuan.readings.numbers import number
from qingyuan.readings.rules import rules_at

AT = datetime(2026, 9, 1, 1, 0, tzinfo=UTC)
RULES = rules_at(AT)


def reading(text="0.35", **other):
    fields = {"station": "section:S01", "factor": "w21003", "time": AT, "received_at": AT}
    return Reading(text=text, **(fields | other))


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("0.350", "0.350"),
        (" 7 ", "7"),
        ("-0.1", "-0.1"),
        (".5", "0.5"),
        ("1E-3", "0.001"),
        ("0e30", "0e30"),
    ],
)
def test_a_number_is_read_exactly(text, value):
    assert number(text) == Decimal(value)


@pytest.mark.parametrize(
    "text",
    ["", "-", "--", "*", "1,000", "1_0", "nan", "Infinity", "0x1", "１", "1e18", "0." + "1" * 40],
)
def test_what_is_no_measurable_number_is_none(text):
    assert number(text) is None


@pytest.mark.parametrize(
    ("given", "reasons"),
    [
        (reading(), ()),
        (reading(flag="N"), ()),
        (reading("--"), ("not_a_number",)),
        (reading("-0.01"), ("below_range",)),
        (reading("10000.1"), ("above_range",)),
        (reading(flag="M"), ("flag",)),
        (reading(flag="Q"), ("unknown_flag",)),
        (reading("--", flag="D"), ("not_a_number", "flag")),
        (reading(time=AT + timedelta(seconds=600)), ()),
        (reading(time=AT + timedelta(seconds=601)), ("clock_ahead",)),
        (reading("-1", factor="unknown factor"), ()),
        (reading("14.01", factor="w01001"), ("above_range",)),
    ],
)
def test_every_reason_not_to_use_a_reading_is_named(given, reasons):
    verdict = judge(given, rules=RULES)
    assert verdict.reasons == reasons
    assert verdict.is_valid == (not reasons)


def test_only_working_instruments_count_among_the_flags_of_2017():
    assert {flag for flag in "NFMSDCTB" if is_valid_flag(flag)} == {"N"}
    assert all(known.zh and known.en and known.source for known in flags().values())
