"""The edition of 2005: its factor codes by medium, QN inside replies, alarms, packets without QN."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from qingyuan import hj212
from qingyuan.hj212 import CODES_2005, explain, factor_2017, parse
from qingyuan.hj212.tables import COMMANDS

title = "HJ/T 212-2005 老版协议（二手）/ the edition of 2005 (second-hand)"

HEAD = "PW=123456;MN=88888880000001;"


def read(segment: str) -> hj212.Packet:
    return parse(hj212.frame(segment.encode()))


@pytest.mark.parametrize(
    ("code", "st", "expected"),
    [
        ("011", "32", "w01018"),
        ("060", "21", "w21003"),
        ("B01", "32", "w00000"),
        ("B02", "31", "a00000"),
        ("02", "31", "a21026"),
        ("101", "32", "w21011"),
        ("101", "31", None),
        ("02", "32", None),
        ("011", "91", None),
        ("011", "", None),
        ("S101", "31", None),
        ("w01018", "32", None),
    ],
)
def test_a_code_is_resolved_with_its_system(code: str, st: str, expected: str | None):
    assert factor_2017(code, st=st) == expected


@pytest.mark.shared
def test_the_table_is_that_of_annex_b(shared_data: Path):
    with (shared_data / "hj212/factor_codes_2005_to_2017.csv").open(encoding="utf-8") as lines:
        rows = {row["code_2005"]: row for row in csv.DictReader(lines)}
    assert {code: row["code_2017"] for code, row in CODES_2005.items()} == {
        code: row["code_2017"] for code, row in rows.items()
    }
    for code, row in CODES_2005.items():
        assert (row["medium"] == "water") == ("water" in rows[code]["annex_table"]), code
        assert row["source"]


def test_codes_stay_as_sent_with_a_mapped_view_beside():
    packet = read(f"ST=32;CN=2011;{HEAD}CP=&&DataTime=20160824003817;011-Rtd=231.0;H1x-Rtd=2&&")
    assert packet.dialect == "2005"
    assert packet.readings == (("011", {"Rtd": "231.0"}), ("H1x", {"Rtd": "2"}))
    assert packet.mapped == (("w01018", {"Rtd": "231.0"}), ("H1x", {"Rtd": "2"}))
    assert set(packet.reasons) == {"qn.missing", "flag.missing"}
    assert "化学需氧量" in next(line.zh for line in explain(packet) if line.name == "011-Rtd")


def test_an_old_code_under_a_new_header_is_named():
    packet = read(f"QN=20160801085857223;ST=32;CN=2011;{HEAD}Flag=4;CP=&&011-Rtd=1;w01001-Rtd=7&&")
    assert packet.reasons == ("factor.code_2005",)
    vendor = read(f"QN=20160801085857223;ST=31;CN=2011;{HEAD}Flag=4;CP=&&101-Rtd=1;112-Rtd=2&&")
    assert vendor.reasons == ()
    assert vendor.mapped == vendor.readings


def test_replies_hold_the_request_number_in_the_area():
    packet = read(f"ST=91;CN=9011;{HEAD}Flag=0;CP=&&QN=20040516010101001;QnRtn=1&&")
    assert packet.qn == ""
    assert packet.exchange == "20040516010101001"
    assert packet.reasons == ("qn.in_area",)
    asked = read(f"QN=20040516010101001;ST=32;CN=1013;{HEAD}Flag=1;CP=&&&&")
    assert parse(hj212.answer(asked, "9013", qn_in_area=True)).area == "QN=20040516010101001"
    assert parse(hj212.answer(asked, "9011", qn_in_area=True)) == packet
    assert parse(hj212.answer(asked, "9013")).qn == "20040516010101001"


@pytest.mark.parametrize(
    "cn", ["1001", "1021", "1022", "1031", "1032", "1041", "1042", "2071", "2072"]
)
def test_alarm_commands_are_those_of_2005(cn: str):
    assert any("2005" in row.versions.split() for row in COMMANDS[cn])


def test_an_alarm_event_is_read():
    packet = read(f"ST=32;CN=2072;{HEAD}CP=&&AlarmTime=20040516021100;011-Ala=500;AlarmType=0&&")
    assert packet.fields == {"AlarmTime": "20040516021100", "AlarmType": "0"}
    assert packet.mapped == (("w01018", {"Ala": "500"}),)
    assert set(packet.reasons) == {"qn.missing", "flag.missing"}
