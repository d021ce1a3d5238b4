"""The dated tables of dust sources agree with one another."""

from __future__ import annotations

from datetime import date

import pytest

from qingyuan.web.dust.tables import (
    departments,
    kinds,
    measures,
    parameters,
    shipped_duties,
)

ON = date(2026, 9, 22)


def test_every_kind_has_one_leading_department_and_every_department_a_part():
    held = shipped_duties(on=ON)
    leads = [duty.kind for duty in held if duty.part == "lead"]
    assert sorted(leads) == sorted(kinds())
    assert {duty.department for duty in held} == set(departments())
    assert {duty.part for duty in held} == {"lead", "co"}


@pytest.mark.parametrize(
    ("kind", "department"),
    [("construction", "housing"), ("haul_road", "enforcement"), ("petrol", "commerce")],
)
def test_what_the_documents_say_stands_without_a_mark(kind, department):
    (lead,) = (d for d in shipped_duties(on=ON) if d.kind == kind and d.part == "lead")
    assert lead.department == department
    assert lead.clause
    assert not lead.mark


def test_haulage_is_done_by_enforcement_together_with_the_traffic_police():
    assert [(d.department, d.part) for d in shipped_duties(on=ON) if d.kind == "haul_road"] == [
        ("enforcement", "lead"),
        ("traffic_police", "co"),
    ]


def test_six_measures_since_the_council_named_them():
    assert len(measures(on=ON)) == 6
    assert measures(on=date(2018, 1, 1)) == []


def test_every_number_is_marked_where_it_stands():
    from qingyuan.web.dust import tables

    home = tables.__path__[0]
    from pathlib import Path

    lines = (Path(home).parent / "parameters.toml").read_text("utf-8").splitlines()
    assert all("mark" in line for line in lines if "=" in line and not line.startswith("#"))
    assert parameters("match")["near_m"] == 100
