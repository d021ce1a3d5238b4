import csv
import math
from collections import Counter

import pytest
from shapely import Polygon, unary_union
from shapely.geometry import shape

from qingyuan.cities import is_valid_credit_code, read_city, shipped_city


@pytest.fixture(scope="module")
def city():
    return read_city(shipped_city("demo"))


def test_the_sizes_are_those_that_were_asked_for(city):
    assert len(city.districts) == 10
    assert len(city.sections) == 24
    assert len(city.outfalls) == 300
    assert len(city.enterprises) == 600
    assert len(city.air_stations) == 12
    assert 380 <= sum(r.length_m for r in city.reaches) / 1000 <= 440
    assert 55 <= len(city.people) <= 75
    assert city.notes == ()
    assert city.fictional


def test_the_districts_tile_the_city(city):
    parts = [shape(d.geometry) for d in city.districts]
    whole = unary_union(parts)
    assert all(p.is_valid for p in parts)
    assert isinstance(whole, Polygon)
    assert not whole.interiors
    assert sum(p.area for p in parts) == pytest.approx(whole.area, rel=1e-9)


def test_rivers_join_end_to_start_and_grow_downstream(city):
    reaches = {r.reach_id: r for r in city.reaches}
    outlets = [r for r in city.reaches if not r.to_reach_id]
    assert 1 <= len(outlets) <= 2
    for reach in city.reaches:
        if reach.to_reach_id:
            below = reaches[reach.to_reach_id]
            assert reach.line[-1] == below.line[0]
            assert below.flow_m3_s > reach.flow_m3_s
            assert below.bottom_width_m > reach.bottom_width_m
        assert 0.0001 < reach.slope < 0.01


def test_the_velocity_by_manning_is_that_of_a_lowland_river(city):
    for r in city.reaches:
        depth = (r.flow_m3_s * r.manning_n / (r.bottom_width_m * r.slope**0.5)) ** 0.6
        assert 0.2 < r.flow_m3_s / (depth * (r.bottom_width_m + r.side_slope * depth)) < 1.2


def test_every_outfall_and_section_stands_beside_its_reach(city):
    lines = {r.reach_id: r.line for r in city.reaches}
    for place in (*city.sections, *city.outfalls):
        near = min(
            math.hypot((x - place.lon) * 89.5, (y - place.lat) * 111.2)
            for x, y in lines[place.reach_id]
        )
        assert near < 0.25, place


def test_codes_are_unique_valid_and_of_a_division_that_does_not_exist(city):
    codes = [e.credit_code for e in city.enterprises]
    assert len(set(codes)) == 600
    assert all(is_valid_credit_code(code) and code[2:4] == "98" for code in codes)


def test_names_are_unique(city):
    for names in ([e.name for e in city.enterprises], [p.name for p in city.people]):
        assert [name for name, count in Counter(names).items() if count > 1] == []


@pytest.mark.shared
def test_every_trade_stands_in_the_national_classification(city, shared_data):
    with (shared_data / "approvals" / "gbt4754_2017.csv").open(encoding="utf-8") as lines:
        official = {row["number"]: row["name"] for row in csv.DictReader(lines)}
    for enterprise in city.enterprises:
        assert official[enterprise.trade] == enterprise.trade_name


def test_every_role_of_the_story_is_played(city):
    roles = Counter(role for p in city.people for role in p.roles)
    assert set(roles) == {
        "duty_officer", "district_officer", "department_head", "vice_leader", "leader",
        "enterprise", "system_admin", "security_admin", "audit_admin",
    }  # fmt: skip
    assert roles["system_admin"] == roles["security_admin"] == roles["audit_admin"] == 1


def test_every_branch_has_two_people_who_can_recheck_each_other(city):
    for district in city.districts:
        officers = [
            p for p in city.people if p.unit_code == district.code and "district_officer" in p.roles
        ]
        assert len(officers) >= 2


def test_the_folder_stays_small():
    sizes = [f.stat().st_size for f in shipped_city("demo").iterdir()]
    assert max(sizes) < 1_000_000
    assert sum(sizes) < 1_500_000
