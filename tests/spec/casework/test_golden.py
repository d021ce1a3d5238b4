"""The golden numbers: printed by the command, reached by counting, agreeing with the shared facts."""

from __future__ import annotations

import csv
import json
import re
import tomllib
from importlib.resources import files

import pytest

from qingyuan import cli
from qingyuan.casework.golden import checks, golden
from qingyuan.casework.golden.reading import fact_rows, number_before, spread
from qingyuan.casework.statistics import count

title = "核对数 / golden numbers"

HOME = files("qingyuan.casework") / "golden"
FACTS = tomllib.loads((HOME / "facts.toml").read_text("utf-8"))["fact"]
BATCHES = tomllib.loads((HOME / "batches.toml").read_text("utf-8"))["batch"]


def test_every_golden_number_is_reached():
    wrong = [(c.name, c.expected, c.got) for c in golden() if not c.ok]
    assert wrong == []
    assert len({c.name for c in golden()}) == len(golden())


def test_the_command_prints_a_list_of_checks(capsys):
    assert cli.main(["casework", "golden", "--json"]) == 0
    rows = json.loads(capsys.readouterr().out)
    assert all({"name", "expected", "got", "ok"} <= set(row) for row in rows)
    assert all(row["ok"] is True for row in rows)
    assert cli.main(["casework", "golden"]) == 0
    assert f"{len(rows)}/{len(rows)}" in capsys.readouterr().out


def test_a_changed_fact_is_noticed(monkeypatch, capsys):
    """Counting is counting: take one row away and the number is wrong."""
    real = checks.fact_rows
    monkeypatch.setattr(checks, "fact_rows", lambda fact: real(fact)[:-1])
    wrong = {c.name for c in golden() if not c.ok}
    assert "青岛莱西分局创建报道（2022）中央督察交办件（总数/办结）" in wrong
    assert "潍坊督察保障报道（2021）抽调人员" in wrong
    assert cli.main(["casework", "golden"]) == 1
    assert "应为 101/100" in capsys.readouterr().out


@pytest.mark.parametrize("fact", FACTS, ids=lambda f: f["name"])
def test_what_is_typed_stands_in_what_was_said(fact):
    """The whole of the rows, or a part of them, is a number of the quotation."""
    said = {int(n) for n in re.findall(r"\d+", fact["said"])}
    if "rows" not in fact or fact["measure"] in ("groups", "rate", "standards"):
        return
    sizes = {row["n"] for row in fact["rows"]} | {len(fact_rows(fact))}
    assert sizes & said, fact["name"]


@pytest.mark.parametrize("batch", BATCHES, ids=lambda b: f"{b['scope']}-{b['day']}")
def test_a_bulletin_spread_over_items_counts_back(batch):
    found = count(spread(batch))
    assert (found.items, found.problems) == (batch["items"], batch["problems"])
    assert dict(found.by_unit) == batch["units"]
    assert found.joint == {tuple(j["units"]): j["items"] for j in batch["joint"]}
    assert dict(found.by_type) == batch["types"]
    assert found.focus == batch.get("focus", 0)
    if "calls" in batch:
        assert found.by_channel == {"来信": batch["letters"], "来电": batch["calls"]}


def test_numbers_are_read_in_figures_and_in_chinese():
    assert number_before("不少于两次", "次") == 2
    assert number_before("二十五项工作", "项工作") == 25
    assert number_before("10大行业", "大行业") == 10
    with pytest.raises(ValueError, match="no number"):
        number_before("若干项", "项")


@pytest.mark.shared
def test_typed_batches_agree_with_the_shared_ones(shared_data):
    shared = json.loads((shared_data / "cases" / "inspection_transfer_batches.json").read_text())
    assert len(BATCHES) == len(shared) == 9
    for mine, theirs in zip(BATCHES, shared, strict=True):
        assert mine["items"] == theirs["items"]
        assert mine["problems"] == theirs["problems"]
        assert mine["types"] == theirs["by_type"]
        assert mine["units"] == {**theirs["by_district"], **theirs["by_department"]}
        assert mine.get("focus") == theirs["focus"]


@pytest.mark.shared
def test_typed_tasks_and_tree_agree_with_the_shared_ones(shared_data):
    with (shared_data / "cases" / "task_plan_liyang_2014.csv").open(encoding="utf-8-sig") as lines:
        theirs = [row["活动内容"] for row in csv.DictReader(lines)]
    mine = [row["task"] for row in csv.DictReader((HOME / "tasks.csv").read_text().splitlines())]
    assert [t.replace("，", ",") for t in mine] == theirs
    tree = json.loads((shared_data / "cases" / "rectification_tree_2023.json").read_text())
    got = {c.name: c.got for c in golden() if c.name.startswith("巡察整改通报")}
    assert got["巡察整改通报问题组"] == str(tree["groups"])
    assert got["巡察整改通报具体问题"] == str(tree["leaf_problems"])
    assert got["巡察整改通报整改措施"] == str(tree["measures"])
