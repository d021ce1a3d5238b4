import csv
import gzip
import io
import json

import pytest

from qingyuan.cli import main

HEAD = "station,time,so2,no2,pm10,pm25,co,o3\n"
TWO = HEAD + "A,2026-03-01T00:00,10,20,64,40,0.85,50\nA,2026-03-01T01:00,10,20,64,40,0.85,50\n"


def run(capsys, monkeypatch, text, *words):
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(text.encode())))
    code = main(["air", words[0], "-", *words[1:], "--json"])
    return code, [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_an_hour_is_labelled_by_its_end_and_midnight_belongs_to_the_day_before(capsys, monkeypatch):
    code, (before, after) = run(capsys, monkeypatch, TWO, "aqi", "--period", "hour")
    assert code == 0
    assert (before["rule_set"], before["aqi"]) == ("HJ633-2012", 57)
    assert (after["rule_set"], after["aqi"]) == ("HJ633-2026", 60)
    assert before["hour_start"] == "2026-02-28T23:00:00+08:00"
    assert before["hour_end"] == "2026-03-01T00:00:00+08:00"


def test_the_answer_of_a_row_has_every_column(capsys, monkeypatch):
    _, (row, _) = run(capsys, monkeypatch, TWO, "aqi", "--period", "hour", "--rules", "HJ633-2012")
    assert [row[f"iaqi_{name}"] for name in ("so2", "no2", "pm10", "pm25", "co", "o3")] == [
        4, 10, 57, 57, 8, 16,
    ]  # fmt: skip
    assert row["primary"] == "颗粒物(PM10),细颗粒物(PM2.5)"
    assert (row["level"], row["category"], row["colour"]) == (2, "良", "#FFFF00")
    assert row["marks"]
    assert row["problems"] == []


def test_hour_twenty_four_is_read(capsys, monkeypatch):
    text = HEAD + "A,2026-02-28T24:00,10,20,64,40,0.85,50\n"
    _, [row] = run(capsys, monkeypatch, text, "aqi", "--period", "hour")
    assert (row["rule_set"], row["hour_end"]) == ("HJ633-2012", "2026-03-01T00:00:00+08:00")


def test_a_gap_is_na_in_2026_and_an_item_not_planned_is_none(capsys, monkeypatch):
    text = HEAD + "A,2026-09-01,,20,64,40,0.8,50\nB,2026-09-01,/,20,64,40,0.8,50\n"
    code, (gap, planned) = run(capsys, monkeypatch, text, "aqi", "--period", "day")
    assert code == 0
    assert (gap["aqi"], gap["level"], gap["primary"]) == ("NA", "NA", "NA")
    assert (gap["aqi_computed"], gap["missing"]) == (60, ["so2"])
    assert (planned["aqi"], planned["not_planned"]) == (60, ["so2"])


def test_what_is_wrong_is_told_and_the_rest_is_answered(capsys, monkeypatch):
    text = HEAD + "A,2025-09-01,x,20,-3,40,0.8,50\nB,soon,1,2,3,4,0.5,6\n"
    code, (first, second) = run(capsys, monkeypatch, text, "aqi", "--period", "day")
    assert code == 1
    assert first["aqi"] == 57
    codes = [problem["code"] for problem in first["problems"]]
    assert codes == ["standards.bad_value", "standards.negative_value"]
    assert second["aqi"] is None
    assert [problem["code"] for problem in second["problems"]] == ["standards.bad_time"]
    code, (_, named) = run(
        capsys, monkeypatch, text, "aqi", "--period", "day", "--rules", "HJ633-2012"
    )
    assert (code, named["aqi"]) == (1, 13)  # CO 0.5
    assert [problem["code"] for problem in named["problems"]] == ["cli.unread_time"]


def test_before_the_first_rules_nothing_is_guessed(capsys, monkeypatch):
    text = HEAD + "A,2013-03-01,1,2,3,4,0.5,6\n"
    code, [row] = run(capsys, monkeypatch, text, "aqi", "--period", "day")
    assert (code, row["aqi"], row["rule_set"]) == (1, None, None)
    assert row["problems"][0]["code"] == "standards.not_in_force"


@pytest.mark.parametrize(
    "words",
    [
        ("aqi", "--period", "day", "--rules", "HJ633-2020"),
        ("index", "--rules", "GB3838-2002"),
        ("index", "--weights", "heavy"),
        ("rank", "--rules", "GB3838-2002"),
    ],
)
def test_rules_that_do_not_exist_are_a_wrong_call(capsys, monkeypatch, words):
    text = "station," + HEAD.replace("station,", "district,") + "A,D,2026-03-01,1,2,3,4,0.5,6\n"
    code, _ = run(capsys, monkeypatch, text, *words)
    assert code == 2


def test_a_missing_column_is_a_problem_of_the_data(capsys, monkeypatch):
    for words in (("aqi", "--period", "day"), ("index",), ("rank",)):
        code, rows = run(capsys, monkeypatch, "station,time,so2\nA,2026-03-01,1\n", *words)
        assert (code, rows) == (1, [])


FIGURES = "district,period,so2,no2,pm10,pm25,co_p95,o3_p90\n"


def test_the_index_is_computed_by_the_limits_of_its_period(capsys, monkeypatch):
    text = FIGURES + "甲,2020-03,6,29,68,29,0.9,111\n甲,2026-03,6,29,68,29,0.9,111\n"
    code, (old, new) = run(capsys, monkeypatch, text, "index")
    assert (code, old["index"], new["index"]) == (0, 3.53, 3.83)
    assert (old["rule_set"], new["rule_set"]) == (
        "gb3095-2012/equal",
        "gb3095-2026-transition/equal",
    )
    assert old["single_pm25"] == 0.83


def test_a_bad_figure_leaves_no_index(capsys, monkeypatch):
    text = FIGURES + "甲,2020-03,-6,29,68,,0.9,111\n乙,2020-13,6,29,68,29,0.9,111\n"
    code, (first, second) = run(capsys, monkeypatch, text, "index")
    assert (code, first["index"], first["missing"]) == (1, None, ["so2", "pm25"])
    assert (second["index"], second["problems"][0]["code"]) == (None, "standards.bad_time")


def test_ranks_are_within_a_period_and_ties_share(capsys, monkeypatch):
    text = (
        "district,period,index,last\n甲,1月,2.68,3.00\n乙,1月,2.68,2.00\n丙,1月,3.1,\n甲,2月,9,9\n"
    )
    code, rows = run(capsys, monkeypatch, text, "rank")
    assert code == 0
    assert [row["rank"] for row in rows] == [1, 1, 3, 1]
    assert [row["change_percent"] for row in rows] == [-10.7, 34.0, None, 0.0]
    assert [row["rank_of_change"] for row in rows] == [1, 2, None, 1]


def test_ranks_may_be_asked_of_the_six_figures(capsys, monkeypatch):
    text = (
        FIGURES
        + "甲,2020-03,6,29,68,29,0.9,111\n乙,2020-03,6,29,68,28,0.9,111\n丙,2020-03,,1,1,1,1,1\n"
    )
    code, rows = run(capsys, monkeypatch, text, "rank", "--rules", "GB3095-2012")
    assert code == 0
    assert [(row["index"], row["rank"]) for row in rows] == [(3.53, 2), (3.5, 1), (None, None)]


def test_a_table_is_readable_too(tmp_path, capsys):
    path = tmp_path / "in.csv.gz"
    path.write_bytes(gzip.compress(TWO.encode("utf-8-sig")))
    assert main(["air", "aqi", str(path), "--period", "hour"]) == 0
    first = capsys.readouterr().out.splitlines()[0].split("\t")
    assert first == ["A", "2026-03-01T00:00", "57", "2", "颗粒物(PM10),细颗粒物(PM2.5)"]
    assert main(["air", "aqi", str(tmp_path / "none.csv"), "--period", "hour"]) == 2
    capsys.readouterr()


@pytest.mark.shared
def test_the_national_feed_goes_through_the_shell(shared_data, tmp_path, capsys):
    columns = {"so2": "so2", "no2": "no2", "pm10": "pm10", "pm25": "pm2_5", "co": "co"}
    columns["o3"] = "o3_24h"  # 该发布的当前小时
    source = shared_data / "air/cnemc_snapshot_20180220T07_two_thirds.csv.gz"
    with gzip.open(source, "rt", encoding="utf-8") as lines:
        rows = [row for row in csv.DictReader(lines) if row["aqi"]]
    path = tmp_path / "feed.csv"
    body = (
        ",".join([row["stationcode"], row["timepoint"], *(row[key] for key in columns.values())])
        for row in rows
    )
    path.write_text(",".join(["station", "time", *columns]) + "\n" + "\n".join(body), "utf-8")
    assert main(["air", "aqi", str(path), "--period", "hour", "--json"]) == 0
    found = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [(str(one["aqi"]), one["primary"]) for one in found] == [
        (row["aqi"], row["primarypollutant"]) for row in rows
    ]


NAMED = "站点,监测时间,二氧化硫,a21004,PM10,PM2_5,CO,臭氧\n"


def hours(day, pm25, count=24, station="甲"):
    return "".join(
        f"{station},{day}T{h:02d}:00,10,20,{2 * pm25},{pm25},0.8,50\n" for h in range(1, count)
    ) + (f"{station},{day}T24:00,10,20,{2 * pm25},{pm25},0.8,50\n" if count == 24 else "")


def test_hours_become_days_with_index_and_reasons(capsys, monkeypatch):
    text = NAMED + hours("2026-02-28", 40) + hours("2026-03-01", 40, count=11)
    code, (first, second) = run(capsys, monkeypatch, text, "period", "--to", "day", "--explain")
    assert code == 0
    assert (first["aqi"], first["pm25"], first["pm25_count"]) == (65, 40, 24)
    assert (second["aqi"], second["pm25"], second["pm25_count"]) == (None, None, 10)
    assert (first["rule_set"], second["rule_set"]) == ("HJ633-2012", "HJ633-2026")
    parts = first["explanation"]["parts"]
    [pm25] = [part for part in parts if part["what"]["zh"] == "细颗粒物分指数"]
    assert pm25["parts"][0]["counts"] == {"used": 24, "left_out": 0}


def test_a_month_of_days_has_statistics_index_and_share_of_good_days(capsys, monkeypatch):
    days = [f"乙,2024-06-{d:02d},10,20,{70 + d},{20 + 5 * d},0.8,{100 + d}\n" for d in range(1, 31)]
    text = "station,time,so2,no2,pm10,pm25,co,o3\n" + "".join(days)
    code, [row] = run(capsys, monkeypatch, text, "period", "--period", "day", "--explain")
    assert code == 0
    assert (row["pm25_mean"], row["pm25_p95"], row["o3_p90"]) == (98, 163, 127)
    assert (row["pm25_days"], row["pm25_is_valid"], row["pm25_attains"]) == (30, True, False)
    assert (row["valid_days"], row["good_days"], row["good_percent"]) == (30, 11, 36.7)
    assert row["index"] == 5.69
    assert row["explanation"]["value"] == "5.69"
    assert row["marks"]
    _, [weighted] = run(
        capsys, monkeypatch, text, "period", "--period", "day", "--weights", "weighted",
        "--rules", "HJ663-2013", "--limits", "gb3095-2026-transition",
    )  # fmt: skip
    assert weighted["index_rules"] == "gb3095-2026-transition/weighted"


def test_dust_hours_make_a_second_statistic_and_a_city_one_more_row(capsys, monkeypatch, tmp_path):
    storm = hours("2024-06-01", 40) + hours("2024-06-02", 400, station="乙")
    dust = tmp_path / "dust.csv"
    dust.write_text("start,end,stations\n2024-06-02,2024-06-02,乙\n", "utf-8")
    code, rows = run(
        capsys, monkeypatch, NAMED + storm, "period", "--dust", str(dust), "--city", "全市"
    )
    assert code == 0
    by_place = {row["station"]: row for row in rows}
    assert by_place["乙"]["pm25_mean"] == 400
    assert by_place["乙"]["without_dust"]["pm25_mean"] is None
    assert by_place["甲"]["without_dust"]["pm25_mean"] == 40
    assert by_place["全市"]["pm25_days"] == 0  # 每日只有一半点位


def test_a_bad_row_is_named_with_its_rule_and_the_rest_is_answered(capsys, monkeypatch):
    text = NAMED + hours("2024-06-01", 40) + "甲,soon,1,2,3,4,5,6\n"
    code, (told, row) = run(capsys, monkeypatch, text, "period", "--rules", "HJ663-2013")
    assert code == 1
    assert (told["row"], told["problems"][0]["rule_set"]) == (26, "HJ663-2013")
    assert row["pm25_mean"] == 40
    code, _ = run(capsys, monkeypatch, text, "period", "--rules", "HJ663-2020")
    assert code == 2


def test_an_index_explains_its_formula_and_its_rounding(capsys, monkeypatch):
    text = HEAD + "A,2026-09-01,10,20,64.5,40,0.85,\n"
    _, [row] = run(capsys, monkeypatch, text, "aqi", "--period", "day", "--explain")
    shape = row["explanation"]
    assert (shape["value"], shape["counts"]) == ("NA", {"used": 5, "left_out": 1})
    assert any("写 NA" in step["zh"] for step in shape["steps"])
    [pm10] = [part for part in shape["parts"] if "可吸入" in part["what"]["zh"]]
    assert pm10["steps"][0]["zh"] == "浓度先修约（GB/T 8170）：64.5 → 64"
    assert "(100−50)÷(120−50)×(64−50)+50 = 60" in pm10["steps"][1]["zh"]


def test_a_composite_index_explains_its_six_quotients(capsys, monkeypatch):
    text = FIGURES + "甲,2020-03,6,29,68,29,0.9,111\n"
    _, [row] = run(capsys, monkeypatch, text, "index", "--explain")
    said = [step["zh"] for step in row["explanation"]["steps"]]
    assert "no2: 29 ÷ 40 → 0.72" in said
    assert said[-1].endswith("= 3.53")
