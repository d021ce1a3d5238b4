import hashlib
from datetime import UTC, date, datetime

import pytest

from qingyuan.core.factors import factors
from qingyuan.core.problems import Problem
from qingyuan.standards import documents, items
from qingyuan.standards.classes import class_name, class_rank, worst_class


@pytest.mark.parametrize("held", documents.documents(), ids=lambda held: held.name)
def test_every_document_says_where_it_comes_from(held):
    assert held.document
    assert held.title
    assert held.issuer
    assert held.mark
    assert bool(held.checked_by) == bool(held.checked_on)
    assert held.in_force_to is None or held.in_force_from < held.in_force_to


@pytest.mark.parametrize("held", documents.documents(), ids=lambda held: held.name)
def test_every_row_names_a_known_item_a_bound_and_a_clause(held):
    for row in held.rows:
        assert items.find_item(row.item) is not None
        assert row.bound in ("max", "min")
        assert row.unit
        assert row.clause


@pytest.mark.parametrize("held", documents.documents(), ids=lambda held: held.name)
def test_no_row_is_written_twice(held):
    keys = [(row.item, row.cls, row.condition, row.bound) for row in held.rows]
    assert len(keys) == len(set(keys))


def test_at_most_one_document_of_a_family_is_in_force_on_any_day():
    days = [date(year, month, 1) for year in range(1995, 2035) for month in (1, 3, 12)]
    for family in {held.family for held in documents.documents()}:
        for day in days:
            in_force = [
                held
                for held in documents.documents()
                if held.family == family and held.is_in_force(day)
            ]
            assert len(in_force) <= 1


def test_a_changed_table_is_refused(tmp_path, monkeypatch):
    sound = documents.document("gb3838-2002-drinking")
    folder = tmp_path / "tables"
    folder.mkdir()
    source = documents.files("qingyuan.standards").joinpath("tables")
    sidecar = source.joinpath(f"{sound.name}.toml").read_text("utf-8")
    table = source.joinpath(f"{sound.name}.csv").read_text("utf-8").replace("250", "2500")
    (folder / f"{sound.name}.toml").write_text(sidecar, "utf-8")
    (folder / f"{sound.name}.csv").write_text(table, "utf-8")
    monkeypatch.setattr(documents, "files", lambda _: tmp_path)
    with pytest.raises(Problem) as caught:
        documents._read(sound.name)
    assert caught.value.code == "standards.table_changed"
    assert caught.value.values["found"] == hashlib.sha256(table.encode()).hexdigest()


def test_an_instant_is_taken_as_its_beijing_date():
    new_year = datetime(2026, 2, 28, 16, 0, tzinfo=UTC)  # 3月1日零时
    assert documents.document_at("ambient-air", new_year).name == "gb3095-2026-transition"


def test_item_codes_agree_with_the_factor_table():
    for known in items.items():
        if known.code in factors():
            assert factors()[known.code].symbol in (known.symbol, known.name, "挥发酚", "水温")


@pytest.mark.parametrize("word", ["w21003", "W21003", "氨氮", "NH3-N", "nh3n", " 氨氮 "])
def test_an_item_answers_to_code_name_and_symbol(word):
    assert items.item(word).name == "氨氮"


def test_no_word_names_two_items():
    words = [
        word.casefold()
        for known in items.items()
        for word in {known.name, known.code, known.symbol, *known.aliases}
        if word
    ]
    assert len(words) == len(set(words))


@pytest.mark.parametrize(
    ("given", "written"),
    [
        ("Ⅰ", "Ⅰ"),
        ("I", "Ⅰ"),
        (1, "Ⅰ"),
        ("iv", "Ⅳ"),
        ("III类", "Ⅲ"),
        ("劣V", "劣Ⅴ"),
        ("劣Ⅴ类", "劣Ⅴ"),
    ],
)
def test_a_class_is_always_written_one_way(given, written):
    assert class_name(given) == written


@pytest.mark.parametrize("given", ["", "0", "7", "Ⅵ", "好"])
def test_a_class_that_does_not_exist_is_refused(given, raises_problem):
    with raises_problem("standards.unknown_class"):
        class_name(given)


def test_the_worst_class_wins():
    assert worst_class("Ⅱ", "劣Ⅴ", "5") == "劣Ⅴ"
    assert class_rank("劣Ⅴ") == 6
