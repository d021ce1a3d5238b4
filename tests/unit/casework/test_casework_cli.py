from __future__ import annotations

import io
import json

import pytest

from qingyuan.cli import main


def run(capsys, *argv: str) -> tuple[int, str]:
    code = main(["casework", *argv])
    return code, capsys.readouterr().out


def test_check_of_the_shipped_procedures(capsys):
    code, out = run(capsys, "check")
    assert code == 0
    assert "exceedance.toml" in out
    assert "通过" in out


def test_check_of_a_broken_file_names_the_line(capsys, tmp_path, exceedance_text):
    path = tmp_path / "mine.toml"
    path.write_text(exceedance_text.replace('to = "listed"', 'to = "lisetd"'), "utf-8")
    code, out = run(capsys, "check", str(path), "--json")
    assert code == 1
    (row,) = json.loads(out)["problems"]
    assert row["code"] == "casework.unknown_name"
    assert row["values"]["path"].endswith(".to")
    path.write_text("[", "utf-8")
    assert run(capsys, "check", str(path))[0] == 1
    code, out = run(capsys, "check", str(path), "--json")
    assert code == 1
    assert json.loads(out)["problems"][0]["code"] == "casework.toml_syntax"


def test_check_in_json_is_one_object_per_procedure(capsys):
    code, out = run(capsys, "check", "--json")
    told = {row["name"]: row for row in map(json.loads, out.splitlines())}
    assert code == 0
    assert all(row["problems"] == [] for row in told.values())
    assert "close_out" in told["exceedance"]["deeds"]


def test_check_reads_standard_input_and_draws(capsys, monkeypatch, exceedance_text):
    monkeypatch.setattr("sys.stdin", io.StringIO(exceedance_text))
    code, out = run(capsys, "check", "-", "--diagram")
    assert code == 0
    assert "stateDiagram-v2" in out


def test_check_of_a_missing_file_is_a_wrong_call(capsys):
    assert run(capsys, "check", "/nowhere/x.toml")[0] == 2


def test_deadline_in_json(capsys):
    code, out = run(
        capsys, "deadline", "--start", "2021-09-14", "--days", "10", "--extend", "5",
        "--pause", "2021-09-20..2021-09-24", "--json",
    )  # fmt: skip
    told = json.loads(out)
    assert code == 0
    assert told["due_date"] == "2021-10-13"
    assert told["length"] == 15
    assert told["skipped"] == ["09-19—09-21", "10-01—10-07"]


@pytest.mark.parametrize(
    ("rule", "due"),
    [
        ("INS-01", "2026-10-08"),
        ("HOT-01", "2026-10-10"),
        ("exceedance/handle", "2026-10-16"),
        ("EMG-02", "2026-09-28"),
    ],
)
def test_deadline_by_rule_cites_its_source(capsys, rule, due):
    code, out = run(capsys, "deadline", "--rule", rule, "--start", "2026-09-28T10:00", "--json")
    told = json.loads(out)
    assert (code, told["due_date"]) == (0, due)
    assert told["source"]


def test_deadline_in_words(capsys):
    code, out = run(capsys, "deadline", "--start", "2026-09-28", "--days", "10")
    assert code == 0
    assert out.startswith("自 2026-09-28 起 10 个工作日，跳过 10-01—10-07，10-10 调休上班")


@pytest.mark.parametrize(
    "argv",
    [
        ["--start", "2026-09-28"],
        ["--start", "2026-09-28", "--days", "0"],
        ["--start", "昨天", "--days", "3"],
        ["--start", "2026-09-28", "--rule", "XX-99"],
    ],
)
def test_a_wrong_call_answers_two(capsys, argv):
    assert main(["casework", "deadline", *argv]) == 2


def test_a_pause_before_the_start_is_a_problem_of_the_data(capsys):
    code, out = run(
        capsys, "deadline", "--start", "2026-09-28", "--days", "3", "--pause", "2026-09-01..2026-09-02"
    )  # fmt: skip
    assert code == 1
    assert "早于计时开始" in out


MOVES = [
    {"deed": "assign", "at": "2026-07-06T09:00", "by": "d", "roles": ["duty_officer"], "given": {"unit": "laixi", "person": "o"}},
    {"deed": "sign", "at": "2026-07-06T10:00", "by": "x", "roles": ["district_officer"], "units": ["shinan"]},
    {"deed": "sign", "at": "2026-07-06T10:00", "by": "o", "roles": ["district_officer"], "units": ["laixi"]},
]  # fmt: skip


def test_simulate_answers_every_move(capsys, tmp_path):
    path = tmp_path / "moves.jsonl"
    path.write_text("\n".join(json.dumps(m) for m in MOVES) + "\n\n", "utf-8")
    code, out = run(capsys, "simulate", "exceedance", "--deeds", str(path), "--json")
    rows = [json.loads(line) for line in out.splitlines()]
    assert code == 1
    assert rows[0]["ledger"] == "assign"
    assert rows[1]["problem"]["code"] == "casework.tie_responsible_unit"
    assert rows[2]["state"] == "signed"
    assert rows[2]["clocks"] == {"sign": "stopped", "handle": "running"}
    code, out = run(capsys, "simulate", "exceedance", "--deeds", str(path))
    assert "交办 → 待签收（交办·处理）" in out
    assert "✗ sign" in out


def test_simulate_names_the_unreadable_line(capsys, tmp_path):
    path = tmp_path / "moves.jsonl"
    path.write_text('{"deed": "sign"}\n', "utf-8")
    code, out = run(capsys, "simulate", "exceedance", "--deeds", str(path))
    assert code == 1
    assert "第 1 行" in out


def test_diff_of_two_versions(capsys, tmp_path, exceedance_text):
    path = tmp_path / "new.toml"
    path.write_text(exceedance_text.replace("length = 10", "length = 7"), "utf-8")
    code, out = run(capsys, "diff", "exceedance", str(path), "--json")
    told = json.loads(out)
    assert code == 0
    assert told["needs_map"] is False
    assert [(c["kind"], c["name"], c["key"]) for c in told["changes"]] == [
        ("clock", "handle", "length")
    ]
    code, out = run(capsys, "diff", "exceedance", str(path))
    assert "10 → 7" in out
    assert "无须对照表" in out
    assert run(capsys, "diff", "exceedance", str(tmp_path / "none.toml"))[0] == 2
    path.write_text("[", "utf-8")
    assert run(capsys, "diff", "exceedance", str(path))[0] == 1


def test_dry_run_over_closed_cases(capsys, tmp_path):
    rows = [
        {
            "number": number,
            "moves": [
                {"deed": deed, "at": "2026-07-06T09:00", "by": "d", "roles": ["duty_officer"],
                 "given": {"reason": "误报"}, "marks": []}
            ],
        }
        for number, deed in (("JD1", "dismiss"), ("JD2", "sign"))
    ]  # fmt: skip
    path = tmp_path / "cases.jsonl"
    path.write_text("\n".join(json.dumps(r, ensure_ascii=False) for r in rows) + "\n", "utf-8")
    code, out = run(capsys, "dry-run", "exceedance", "--cases", str(path), "--json")
    first, second = map(json.loads, out.splitlines())
    assert code == 1
    assert (first["number"], first["problem"], first["state"]) == ("JD1", None, "dismissed")
    assert second["problem"]["code"] == "casework.not_now"
    code, out = run(capsys, "dry-run", "exceedance", "--cases", str(path))
    assert "1/2 件" in out
    path.write_text('{"number": 1}\n', "utf-8")
    assert run(capsys, "dry-run", "exceedance", "--cases", str(path))[0] == 1
    assert run(capsys, "dry-run", "exceedance", "--cases", "/nowhere")[0] == 2


def test_diagram_as_text_and_as_drawing(capsys, tmp_path):
    assert run(capsys, "diagram", "exceedance")[1].startswith("stateDiagram-v2")
    assert run(capsys, "diagram", "exceedance", "--svg", "--language", "en")[1].startswith("<svg")
    assert run(capsys, "diagram", str(tmp_path / "none.toml"))[0] == 2
    broken = tmp_path / "x.toml"
    broken.write_text("[", "utf-8")
    assert run(capsys, "diagram", str(broken))[0] == 1
