from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from datetime import date, timedelta

import pytest
from django.db import IntegrityError, transaction

from qingyuan.core.periods import city_date
from qingyuan.web.accounts.models import User
from qingyuan.web.accounts.scope import scope_of
from qingyuan.web.audit.models import Entry
from qingyuan.web.audit.services import Actor
from qingyuan.web.registry import selectors
from qingyuan.web.registry.models import District, Outfall, Responsibility, RiverReach, Section
from qingyuan.web.registry.services import load_city, publish_devices, responsible_for

pytestmark = pytest.mark.django_db
BY = Actor("system", "系统")


def test_a_city_is_loaded_whole_and_loading_it_again_changes_nothing(small_city, at):
    first = load_city(small_city, by=BY, at=at)
    again = load_city(small_city, by=BY, at=at + timedelta(hours=1))
    assert {name: c.new for name, c in first.items() if c.new} == {
        "city": 1, "units": 5, "people": 5, "grants": 5, "districts": 2, "reaches": 3, "sections": 3,
        "enterprises": 2, "outfalls": 2, "limits": 1, "profiles": 1, "air_stations": 1, "devices": 3,
        "targets": 3, "responsibilities": 2,
    }  # fmt: skip
    assert all((c.new, c.changed, c.absent) == (0, 0, 0) for c in again.values()), again
    assert (
        Entry.objects.filter(deed="registry.load_city").count() == 1
    )  # what changed nothing is no deed


def test_a_changed_row_is_changed_alone_and_a_missing_one_is_kept(small_city, at):
    load_city(small_city, by=BY, at=at)
    outfalls = (replace(small_city.outfalls[0], permitted_m3_d=900.0),)
    counts = load_city(replace(small_city, outfalls=outfalls), by=BY, at=at)["outfalls"]
    assert (counts.new, counts.changed, counts.same, counts.absent) == (0, 1, 0, 1)
    assert Outfall.objects.get(code="O1").permitted_m3_d == 900
    assert Outfall.objects.filter(code="O2").exists()


def test_a_fault_half_way_leaves_nothing_behind(small_city, at):
    broken = replace(small_city, outfalls=(replace(small_city.outfalls[0], reach_id="R9"),))
    with transaction.atomic():
        load_city(broken, by=BY, at=at)
        with pytest.raises(IntegrityError):  # what a commit would find
            transaction.get_connection().check_constraints()
        transaction.set_rollback(True)
    assert District.objects.count() == 0


def test_a_new_target_holds_from_its_day_and_the_old_one_before(small_city, at):
    load_city(small_city, by=BY, at=at)
    stricter = (replace(small_city.sections[0], target_class="Ⅱ"), *small_city.sections[1:])
    load_city(replace(small_city, sections=stricter), by=BY, at=at + timedelta(days=10))
    section = Section.objects.prefetch_related("targets").get(code="S1")
    assert section.target_on(date(2020, 1, 1)) == "Ⅲ"
    assert section.target_on(city_date(at + timedelta(days=9))) == "Ⅲ"
    assert section.target_on(city_date(at + timedelta(days=10))) == "Ⅱ"


def test_who_answered_then_and_who_answers_now(small_city, at, raises_problem):
    load_city(small_city, by=BY, at=at)
    later = at + timedelta(days=30)
    rows = (
        replace(small_city.responsibilities[0], username="duty"),
        small_city.responsibilities[1],
    )
    assert (
        load_city(replace(small_city, responsibilities=rows), by=BY, at=later)[
            "responsibilities"
        ].changed
        == 1
    )
    unit, person = responsible_for("379901", "water", at)
    assert (unit.code, person.username) == ("east", "east1")
    assert responsible_for("379901", "water", later)[1].username == "duty"
    assert selectors.responsibility_for("379901", "water", at=at).sponsor.username == "duty"
    with raises_problem("registry.nobody_responsible"):
        responsible_for("379901", "air", at)


def test_the_database_keeps_one_answer_in_force(small_city, at):
    load_city(small_city, by=BY, at=at)
    row = Responsibility.objects.get(district_id="379901")
    with pytest.raises(IntegrityError), transaction.atomic():
        Responsibility.objects.create(
            district_id="379901", matter="water", unit=row.unit, user=row.user
        )


def test_devices_are_published_whole_hashed_and_for_the_owner_alone(small_city, at, tmp_path):
    load_city(small_city, by=BY, at=at)
    path = tmp_path / "devices.json"
    digest = publish_devices(path, at=at)
    document = json.loads(path.read_text("utf-8"))
    canonical = json.dumps(
        document["devices"], ensure_ascii=False, sort_keys=True, separators=(",", ":")
    )
    assert document["sha256"] == digest == hashlib.sha256(canonical.encode()).hexdigest()
    assert document["devices"][0] | {"mn": "", "station": ""} == {
        "mn": "", "station": "", "st": "32", "password": "123456", "dialect": "2017", "crc": ["standard"],
        "repairs": [], "answer": "flag", "label": "start", "encoding": "utf-8",
        "factors": {"w21003": {"unit": "mg/L"}}, "interval_s": 60, "active": True,
        "interval_minutes": 10, "networks": [], "overtime_s": 5, "recount": 3, "heartbeat_s": 0,
        "clock_tolerance_s": 0, "backfill": "auto", "sm4": None, "tls": False, "max_per_s": 50,
    }  # fmt: skip
    assert path.stat().st_mode & 0o777 == 0o600
    before = path.stat().st_ino
    publish_devices(path, at=at + timedelta(hours=1))
    assert path.stat().st_ino == before  # nothing new to say


def test_geometry_comes_back_as_it_went_in(small_city, at):
    load_city(small_city, by=BY, at=at)
    reach = RiverReach.objects.get(code="R1")
    assert list(reach.shape.coords) == [(120.1, 36.9), (120.5, 36.5)]
    assert (reach.datum, reach.west, reach.south, reach.east, reach.north) == (
        "CGCS2000",
        120.1,
        36.5,
        120.5,
        36.9,
    )
    assert selectors.district_of(121.5, 36.5) == "379902"
    assert selectors.district_of(125, 36.5) == ""


@pytest.mark.parametrize(
    ("username", "sections", "outfalls", "enterprises", "reaches"),
    [
        ("duty", {"S1", "S2", "S3"}, {"O1", "O2"}, {"E1", "E2"}, 3),
        ("west1", {"S3"}, {"O2"}, {"E2"}, 3),
        ("ent1", set(), {"O1"}, {"E1"}, 0),
        ("admin1", set(), set(), set(), 0),
    ],
)
def test_each_sees_their_part_of_the_city(
    small_city, at, username, sections, outfalls, enterprises, reaches
):
    load_city(small_city, by=BY, at=at)
    scope = scope_of(User.objects.get(username=username), on=city_date(at))
    assert {s.code for s in selectors.sections(scope)} == sections
    assert {o.code for o in selectors.outfalls(scope)} == outfalls
    assert {e.code for e in selectors.enterprises(scope)} == enterprises
    assert selectors.reaches(scope).count() == reaches
    assert len(selectors.enterprises_geojson(scope)["features"]) == len(enterprises)


def test_upstream_ends_at_the_first_section_of_each_branch(small_city, at):
    load_city(small_city, by=BY, at=at)
    found = selectors.sections_upstream(Section.objects.get(code="S3"))
    assert {s.code: path for s, path in found} == {
        "S1": [("R1", 2000.0), ("R3", 4000.0)],
        "S2": [("R2", 1500.0), ("R3", 4000.0)],
    }
    assert selectors.section_of_reach() == {"R1": "S1", "R2": "S2", "R3": "S3"}


def test_names_are_found_by_pinyin_initials(small_city, at):
    load_city(small_city, by=BY, at=at)
    scope = scope_of(User.objects.get(username="duty"), on=city_date(at))
    assert [s.code for s in selectors.matching(selectors.sections(scope), "wlq")] == ["S1"]
    assert [s.code for s in selectors.matching(selectors.sections(scope), "青石")] == ["S2"]
