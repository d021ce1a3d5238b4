import tomllib
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

import qingyuan
from qingyuan.core.factors import factor, factor_by_name, factors
from qingyuan.core.periods import Period, day_of, hour_of, in_city, month_of
from qingyuan.core.places import Place, distance_m
from qingyuan.core.problems import Problem, Problems
from qingyuan.core.quantities import as_decimal, exceedance_multiple, plain, round_gbt8170

_HOME = Path(qingyuan.__file__).parent


@pytest.mark.parametrize(
    ("given", "places", "expected"),
    [
        ("0.345", 2, "0.34"),
        ("0.355", 2, "0.36"),
        ("2.5", 0, "2"),
        ("-0.5", 0, "-0"),
        ("1.2501", 1, "1.3"),
    ],
)
def test_gbt8170_rounds_half_to_even(given, places, expected):
    assert str(round_gbt8170(Decimal(given), places)) == expected


def test_a_float_is_read_by_its_shortest_text():
    assert as_decimal(0.1) == Decimal("0.1")


@pytest.mark.parametrize("given", ["", "NaN", "inf", "—", "1,5"])
def test_what_is_no_number_is_a_problem(given, raises_problem):
    with raises_problem("core.not_a_number"):
        as_decimal(given)


def test_exceedance_multiple_is_exact():
    assert exceedance_multiple(Decimal("1.34"), Decimal("1.0")) == Decimal("0.34")
    assert plain(Decimal("0.340")) == "0.34"
    assert plain(Decimal("100")) == "100"


def test_periods_are_half_open_and_beijing_days():
    day = day_of(date(2026, 9, 22))
    assert in_city(day.start).hour == 0
    assert day.start in day
    assert day.end not in day
    assert len(list(day.split(timedelta(hours=1)))) == 24
    assert month_of(date(2026, 12, 31)).end == day_of(date(2027, 1, 1)).start
    assert hour_of(datetime(2026, 9, 22, 1, 59, tzinfo=UTC)).start == datetime(
        2026, 9, 22, 1, tzinfo=UTC
    )


def test_a_period_needs_order_and_zone():
    at = datetime(2026, 9, 22, tzinfo=UTC)
    with pytest.raises(ValueError, match="before it starts"):
        Period(at, at - timedelta(seconds=1))
    with pytest.raises(ValueError, match="aware"):
        Period(at.replace(tzinfo=None), at)


def test_distance_of_one_degree_of_latitude():
    assert distance_m(Place(120, 36), Place(120, 37)) == pytest.approx(111_195, rel=1e-3)


def test_gcj02_never_enters_unconverted(raises_problem):
    with raises_problem("core.unknown_datum"):
        Place(120, 36, "GCJ02")


def test_factors_are_found_by_code_name_and_symbol_and_unknown_codes_are_kept():
    assert factor("w21003").zh == "氨氮"
    assert factor_by_name("NH3-N") == factor_by_name("氨氮") == factor("w21003")
    assert factor("ua19001").code == "ua19001"
    assert all(row.unit for row in factors().values())


def test_a_problem_speaks_both_languages_and_reads_as_json():
    problem = Problem("core.not_a_number", given="x")
    assert "x" in problem.zh
    assert "x" in problem.en
    assert problem.as_dict()["code"] == "core.not_a_number"


def test_problems_are_raised_together_or_not_at_all():
    Problems.raise_any([])
    with pytest.raises(Problems):
        Problems.raise_any([Problem("core.not_a_number", given=1)])


def _tables() -> list[Path]:
    return sorted(_HOME.rglob("messages.toml"))


@pytest.mark.parametrize("path", _tables(), ids=lambda p: p.parent.name)
def test_both_languages_say_the_same_names(path):
    import re

    names = re.compile(r"%\((\w+)\)")
    for code, row in tomllib.loads(path.read_text("utf-8")).items():
        assert code.startswith(f"{path.parent.name}."), f"{code} stands in {path}"
        assert set(names.findall(row["zh"])) == set(names.findall(row["en"])), code
        assert "!" not in row["en"], code
        assert "！" not in row["zh"], code


def test_every_raised_code_has_its_sentences_and_every_sentence_is_raised():
    import re

    raised: set[str] = set()
    for path in _HOME.rglob("*.py"):
        raised |= set(
            re.findall(r'Problem\(\s*"([a-z0-9_]+\.[a-z0-9_]+)"', path.read_text("utf-8"))
        )
    known = {code for path in _tables() for code in tomllib.loads(path.read_text("utf-8"))}
    assert raised - known == set()
