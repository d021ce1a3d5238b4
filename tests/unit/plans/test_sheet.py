"""The task sheet: units in one cell, blanks filled down and marked, people nobody knows."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from qingyuan.web.plans.services.sheets import TASK_IMPORT
from qingyuan.web.plans.sheet import fill_down, names_in


def row(number: int, department: str = "", leader: str = "", person: str = "") -> dict[str, str]:
    return {
        "row": number,  # type: ignore[dict-item]  # the line number
        "number": str(number),
        "content": "任务",
        "department": department,
        "leader": leader,
        "person": person,
    }


@pytest.mark.parametrize(
    ("cell", "names"),
    [
        ("管理科、监察大队", ("管理科", "监察大队")),
        ("管理科，监察大队；管理科", ("管理科", "监察大队")),
        ("管理科\n监察大队", ("管理科", "监察大队")),
        ("办公室", ("办公室",)),
        ("  ", ()),
    ],
)
def test_departments_in_one_cell(cell: str, names: tuple[str, ...]) -> None:
    assert names_in(cell) == names


def test_a_blank_takes_what_stands_above_and_says_so() -> None:
    first, second = fill_down([row(3, "监察大队", "领导A", "人员A"), row(4)])
    assert first.doubts == set()
    assert (second.units, second.leader, second.person) == (("监察大队",), "领导A", "人员A")
    assert second.doubts == {"department", "leader", "person"}


def test_a_leader_reaches_over_departments_and_a_person_does_not() -> None:
    _, second = fill_down([row(3, "监察大队", "领导A", "人员A"), row(4, "固废科")])
    assert second.leader == "领导A"
    assert second.person == ""
    assert second.missing


def test_a_merged_person_over_departments_is_a_guess() -> None:
    merged = {4: {"person", "leader"}}
    _, second = fill_down(
        [row(3, "监察大队", "领导A", "人员A"), row(4, "固废科", "领导A", "人员A")], merged=merged
    )
    assert second.person == "人员A"
    assert second.crossing == {"person"}
    assert second.missing
    assert second.doubts == {"person", "leader"}


def test_the_first_rows_without_anything_above_stay_blank() -> None:
    (only,) = fill_down([row(3)])
    assert (only.units, only.leader, only.person, only.doubts) == ((), "", "", set())


@pytest.mark.shared
@pytest.mark.parametrize("name", ["task_plan_liyang_2014.xlsx", "task_plan_liyang_2014.csv"])
def test_the_real_sheet_has_twenty_three_legible_rows(shared_data: Path, name: str) -> None:
    assert TASK_IMPORT.reader is not None
    got = TASK_IMPORT.reader((shared_data / "cases" / name).read_bytes(), name)
    assert [r["number"] for r in got.rows] == [str(n) for n in range(1, 24)]
    assert not got.faults
    by_number = {r["number"]: r for r in got.rows}
    assert by_number["21"]["department"] == "管理科、监察大队"
    assert by_number["2"]["doubts"] == "责任部门、责任领导、责任人"
    assert by_number["1"]["doubts"] == ""
    nobody = {n for n, r in by_number.items() if not r["person"] or "跨部门" in r["doubts"]}
    assert nobody == {"21", "22", "23"}


@pytest.mark.shared
def test_the_csv_and_the_workbook_name_the_same_people(shared_data: Path) -> None:
    with (shared_data / "cases" / "task_plan_liyang_2014.csv").open(encoding="utf-8-sig") as lines:
        told = {r["责任人"] for r in csv.DictReader(lines)} - {""}
    assert TASK_IMPORT.reader is not None
    content = (shared_data / "cases" / "task_plan_liyang_2014.xlsx").read_bytes()
    assert {r["person"] for r in TASK_IMPORT.reader(content, "a.xlsx").rows} == told
