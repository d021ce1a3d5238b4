import gzip
import io
import json

import pytest

from qingyuan.cli import main

TABLE = """section,time,type,pH,DO,高锰酸盐指数,w21003,TP,浊度
清水桥,2026-09-01T08:00,river,7.2,8.0,3.9,0.12,0.05,3
黑水桥,2026-09-01,river,7.2,4.1,7.2,1.6,0.5,--
大湖心,2026-09-01,lake,7.2,8.0,1.9,0.12,0.05,
缺测桥,2026-09-01,,,--,*,,,
"""


@pytest.fixture
def table(tmp_path):
    path = tmp_path / "in.csv"
    path.write_text(TABLE, "utf-8")
    return path


def lines(capsys):
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_each_row_answers_in_order_with_its_reasons(table, capsys):
    assert main(["water", "class", str(table), "--json"]) == 0
    clean, black, lake, empty = lines(capsys)
    assert [row["class"] for row in (clean, black, lake, empty)] == ["Ⅱ", "劣Ⅴ", "Ⅲ", None]
    assert black["main_pollutants"] == "总磷(1.5)、氨氮(0.6)、高锰酸盐指数(0.2)"
    assert black["multiples"] == {"总磷": 1.5, "氨氮": 0.6, "高锰酸盐指数": 0.2, "溶解氧": None}
    assert black["items_over"][1] == {
        "item": "氨氮",
        "factor": "w21003",
        "value": "1.6",
        "limit": "≤1 mg/L",
        "class": "Ⅴ",
        "multiple": 0.6,
        "document": "GB 3838-2002",
        "clause": "表1",
    }
    assert empty["items"] == {}
    assert empty["type"] == "river"


def test_a_table_is_readable_too(table, capsys):
    assert main(["water", "class", str(table)]) == 0
    out = capsys.readouterr()
    assert out.out.splitlines()[1].split("\t")[2:4] == ["劣Ⅴ", "总磷 氨氮 高锰酸盐指数 溶解氧"]
    assert "浊度" in out.err


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_packed_input_from_standard_input_in_any_usual_encoding(monkeypatch, capsys, encoding):
    given = TABLE.replace("pH", "pH值").encode(encoding)
    stream = io.TextIOWrapper(io.BytesIO(gzip.compress(given)))
    monkeypatch.setattr("sys.stdin", stream)
    assert main(["water", "class", "-", "--json"]) == 0
    assert [row["class"] for row in lines(capsys)] == ["Ⅱ", "劣Ⅴ", "Ⅲ", None]


def test_a_bad_cell_is_told_and_the_rest_of_the_row_is_judged(tmp_path, capsys):
    path = tmp_path / "in.csv"
    path.write_text("section,time,NH3-N,TP\nS1,2026-09-01,about 2,0.3\nS2,1 Sep,1,0.1\n", "utf-8")
    assert main(["water", "class", str(path), "--json"]) == 1
    first, second = lines(capsys)
    assert first["class"] == "Ⅳ"
    assert [one["code"] for one in first["problems"]] == ["standards.bad_value"]
    assert second["class"] is None
    assert [one["code"] for one in second["problems"]] == ["standards.bad_time"]
    assert first["problems"][0]["values"] == {"line": 2, "column": "NH3-N", "given": "about 2"}


def test_the_target_may_be_given_for_all_or_by_row(tmp_path, capsys):
    path = tmp_path / "in.csv"
    path.write_text("section,time,氨氮,target\nS1,2026-09-01,0.6,II\nS2,2026-09-01,0.6,\n", "utf-8")
    assert main(["water", "class", str(path), "--json", "--target", "1"]) == 0
    first, second = lines(capsys)
    assert (first["target"], first["multiples"]) == ("Ⅱ", {"氨氮": 0.2})
    assert (second["target"], second["multiples"]) == ("Ⅰ", {"氨氮": 3.0})


def test_a_missing_column_is_a_problem_of_the_data(tmp_path, capsys):
    path = tmp_path / "in.csv"
    path.write_text("名称,氨氮\nS1,0.6\n", "utf-8")
    assert main(["water", "class", str(path)]) == 1
    assert "section" in capsys.readouterr().err


def test_a_wrong_call_answers_two(tmp_path, capsys):
    assert main(["water", "class", str(tmp_path / "none.csv")]) == 2
    with pytest.raises(SystemExit) as stopped:
        main(["water", "class", "x.csv", "--target", "Ⅸ"])
    assert stopped.value.code == 2
    capsys.readouterr()


def test_help_can_be_printed(capsys):
    with pytest.raises(SystemExit) as stopped:
        main(["water", "class", "--help"])
    assert stopped.value.code == 0
    assert "90 %" in capsys.readouterr().out


PERIODS = """城市,断面,监测时间,水体类型,pH,DO,高锰酸盐指数,w21003,TP
甲,S1,2026-08-01,河流,7.2,8.0,3.9,0.12,0.05
甲,S1,2026-08-15,河流,7.6,7.0,4.9,0.02L,0.3
乙,S2,2026-08-01,湖库,7.2,8.0,1.9,0.12,0.05
乙,S2,2025-08-01,湖库,7.2,8.0,1.9,0.12,0.10
乙,S2,bad,湖库,7.2,8.0,1.9,x,0.05
"""


@pytest.fixture
def periods_table(tmp_path):
    path = tmp_path / "periods.csv"
    path.write_text(PERIODS, "utf-8")
    return str(path)


def test_a_month_is_classed_from_its_unrounded_means(periods_table, capsys):
    assert main(["water", "month", periods_table, "--json", "--explain"]) == 1
    told, s1, before, s2 = lines(capsys)
    assert [one["row"] for one in told["problems"]] == [6, 6]
    assert (s1["section"], s1["period"], s1["class"], s1["samplings"]) == ("S1", "2026-08", "Ⅲ", 2)
    assert s1["means"]["氨氮"] == "0.065"  # (0.12 + 0.01) / 2
    parts = [part["what"]["zh"] for part in s1["explanation"]["parts"]]
    assert "总磷均值" in parts
    assert [before["period"], s2["period"]] == ["2025-08", "2026-08"]
    assert s1["marks"]


def test_cities_are_ranked_within_a_period_and_by_change(periods_table, capsys):
    code = main(
        ["water", "rank", periods_table, "--json", "--scope", "online", "--against", "2025-08"]
    )
    assert code == 1
    _, before, second, first = lines(capsys)
    ranked = [(row["city"], row["period"], row["rank"]) for row in (before, first, second)]
    assert ranked == [("乙", "2025-08", 1), ("甲", "2026-08", 2), ("乙", "2026-08", 1)]
    assert second["change_percent"] == -31.63
    assert first["change_percent"] is None
    assert second["points"] == 1


def test_lakes_have_a_trophic_state(tmp_path, capsys):
    path = tmp_path / "lakes.csv"
    path.write_text(
        "lake,time,chla,TP,TN,SD,CODMn\nL1,2026-08-01,10,0.05,1.0,1.0,4.0\nL2,2026-08-01,0,1,1,1,1\n",
        "utf-8",
    )
    assert main(["water", "tli", str(path), "--json", "--explain"]) == 1
    first, second = lines(capsys)
    assert (first["tli"], first["state"]) == ("48.0", "中营养")
    assert any("总磷" in step["zh"] for step in first["explanation"]["steps"])
    assert [one["code"] for one in second["problems"]] == ["standards.not_positive"]
    assert second["problems"][0]["row"] == 3


def test_a_class_explains_itself_as_text(table, capsys):
    assert main(["water", "class", str(table), "--explain"]) == 0
    out = capsys.readouterr().out
    assert "步骤: 单因子评价，取最差项目：总磷 → 劣Ⅴ" in out
    assert "不在Ⅳ类限值 ≤1.5 mg/L 之内" in out
    assert "剔除" in out


@pytest.mark.parametrize("verb", ["class", "month", "rank"])
def test_an_unknown_kind_of_water_is_told_once_and_not_dropped(tmp_path, capsys, verb):
    path = tmp_path / "in.csv"
    path.write_text("city,section,time,type,氨氮\n甲,S1,2026-08-01,sea,1\n", "utf-8")
    assert main(["water", verb, str(path), "--json"]) == 1
    [row] = lines(capsys)
    assert [one["code"] for one in row["problems"]] == ["standards.unknown_water_type"]
    assert row["problems"][0]["row"] == 2
