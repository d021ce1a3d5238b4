"""The tables hold what the standard's own tables hold."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest

from qingyuan import hj212
from qingyuan.hj212.tables import (
    COMMANDS,
    SYSTEMS,
    codes,
    dialects,
    field_names,
    upload_command,
)

title = "HJ 212-2017 表5、表8、表9 编码表 / tables of systems, data flags and commands"


@pytest.mark.parametrize(
    ("cn", "reply", "label"),
    [
        ("2011", "9014", "instant"),
        ("2051", "9014", "start"),
        ("2061", "9014", "start"),
        ("2031", "9014", "start"),
        ("1013", "9013", ""),
        ("9015", "9013", ""),
        ("9011", "", ""),
        ("9014", "", ""),
    ],
)
def test_what_a_site_sends_and_how_it_is_answered(cn: str, reply: str, label: str):
    command = upload_command(cn)
    assert command is not None
    assert (command.reply, command.label) == (reply, label)


def test_what_is_not_in_the_standard_bears_a_mark():
    assert {dialect.name: dialect.mark for dialect in dialects()}["2025"] == "second-hand"
    for rows in COMMANDS.values():
        for row in rows:
            assert (row.mark == "read") == ("2017" in row.versions), row
            assert row.zh
            assert row.en


@pytest.mark.shared
def test_every_command_system_field_and_result_is_there(shared_data: Path):
    def rows(name: str) -> list[dict[str, str]]:
        with (shared_data / "hj212" / name).open(encoding="utf-8") as lines:
            return list(csv.DictReader(lines))

    vendor_answer = {("9022", "down")}  # the other half of a vendor's 9021
    assert {(row["cn"], row["direction"]) for row in rows("commands.csv")} | vendor_answer == {
        (row.cn, row.direction) for found in COMMANDS.values() for row in found
    }
    assert {row["st"] for row in rows("system_codes_st.csv")} == set(SYSTEMS)
    known = {name for _, name in field_names()}
    for row in rows("fields.csv"):
        for name in row["field"].split(" / "):
            assert name.rpartition("-")[2] in known, name
    told = json.loads((shared_data / "hj212/result_and_flag_codes.json").read_text("utf-8"))

    def meant(field: str, dialect: str) -> dict[str, str]:
        return {value: row["zh"] for (name, value), row in codes(dialect).items() if name == field}

    assert meant("Flag", "2017") == told["DataFlag_2017"]
    assert meant("Flag", "2005") == told["DataFlag_2005_unverified"]
    assert meant("RS", "2017") == told["SBx-RS_2017"]
    assert meant("AlarmType", "2005") == told["AlarmType_2005_unverified"]
    assert meant("QnRtn", "2017") == told["QnRtn_2017"]
    assert meant("ExeRtn", "2017") == told["ExeRtn_2017"]
    assert meant("QnRtn", "surface-water")["99"] == "CRC 校验错误"
    assert meant("QnRtn", "surface-water")["9"] == "系统繁忙"


def test_an_explanation_says_what_flag_result_and_command_mean():
    raw = hj212.request(
        cn="9012", mn="010000A8900016F000169DC0", st="91", pw="123456",
        qn="20160801085857223", area="ExeRtn=100", flag=4,
    )  # fmt: skip
    lines = {line.name: line for line in hj212.explain(hj212.parse(raw))}
    assert lines["ExeRtn"].zh == "执行结果：没有数据"
    assert lines["CN"].en == "command code: result"
    assert lines["Flag"].zh == "标志：版本 2017，不要求应答"
