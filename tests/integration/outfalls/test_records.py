"""The record: versions, what follows, what is refused; samples; limits; endings."""

from __future__ import annotations

import math
from datetime import date, timedelta
from decimal import Decimal
from statistics import fmean, stdev

import pytest

from qingyuan.core.problems import Problem
from qingyuan.web.audit.models import Entry
from qingyuan.web.outfalls import selectors, services
from qingyuan.web.outfalls.models import OutfallRecord, OutfallSample
from qingyuan.web.registry.models import City, Enterprise, Outfall, OutfallLimit, OutfallProfile

DAY = date(2026, 9, 22)


def _revise(outfall, person, at, seen=0, day=DAY, who="head", **changes):
    return services.revise(
        outfall, changes, reason="排查复核", valid_from=day, seen=seen, by=person(who), at=at
    )


def test_before_anybody_changes_it_the_record_is_the_citys(outfall, at):
    record, version = selectors.current(outfall, at=at)
    assert version == 0
    assert record.outfall_class == outfall.outfall_class
    assert selectors.history(outfall) == []


def test_a_change_keeps_what_was(outfall, person, at):
    made = _revise(outfall, person, at, pipe_mm=800, mouth="submerged")
    assert made.version == 2
    told = selectors.history(outfall)
    assert [v.row.version for v in told] == [2, 1]
    assert {(c.label, c.before, c.after) for c in told[0].changes} >= {("管径（mm）", "—", "800")}
    again = _revise(outfall, person, at, seen=2, day=DAY + timedelta(days=3), pipe_mm=1000)
    rows = {r.version: r for r in OutfallRecord.objects.all()}
    assert rows[2].valid_to == again.valid_from
    assert rows[2].pipe_mm == 800
    assert again.mouth == "submerged"
    assert again.valid_to is None
    entry = Entry.objects.filter(deed="outfalls.revise").latest("pk")
    assert entry.detail["changed"] == {"pipe_mm": [800, 1000]}


def test_two_people_at_once_the_second_is_told(outfall, person, at):
    _revise(outfall, person, at, pipe_mm=800)
    with pytest.raises(Problem) as told:
        _revise(outfall, person, at, seen=0, pipe_mm=900)
    assert told.value.code == "outfalls.changed_meanwhile"
    assert OutfallRecord.objects.get(valid_to=None).pipe_mm == 800


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"outfall_class": "随便一类"}, "outfalls.unknown_class"),
        ({}, "outfalls.nothing_changed"),
        ({"official_code": "X1"}, "outfalls.code_pattern"),
        ({"lon": 110.0, "lat": 30.0}, "outfalls.off_river"),
    ],
)
def test_what_is_refused_changes_nothing(outfall, person, at, changes, code):
    City.objects.update(outfall_code_pattern=r"[A-Z]{2}\d{4}")
    with pytest.raises(Problem) as told:
        _revise(outfall, person, at, **changes)
    assert told.value.code == code
    assert not OutfallRecord.objects.exists()
    assert not Entry.objects.filter(deed="outfalls.revise").exists()


def test_a_new_place_moves_it_along_the_river(outfall, person, at):
    # R1 runs from 120.1°E 36.9°N to 120.5°E 36.5°N: its middle is 1500 of 3000 m
    _revise(outfall, person, at, lon=120.3, lat=36.7)
    outfall.refresh_from_db()
    assert outfall.reach_id == "R1"
    assert outfall.position_m == pytest.approx(1500, abs=30)


def test_samples_make_the_profile_and_withdrawing_unmakes_it(outfall, person, at):
    OutfallProfile.objects.filter(outfall=outfall).delete()
    made = []
    for i, text in enumerate(["3.0", "4.5", "<0.5"]):
        made += services.add_samples(
            outfall, [services.parse_result("w21003", text)], taken_at=at - timedelta(days=i + 1),
            laboratory="市站", report_no="", by=person("duty"), at=at,
        )  # fmt: skip
    logs = [math.log(3.0), math.log(4.5), math.log(0.5 * 0.7071)]
    profile = OutfallProfile.objects.get(outfall=outfall, factor="w21003")
    assert profile.n == 3
    assert profile.ln_mean == pytest.approx(fmean(logs), abs=1e-9)
    assert profile.ln_sd == pytest.approx(stdev(logs), abs=1e-9)
    services.withdraw(made[2], reason="报告作废", by=person("head"), at=at)
    profile.refresh_from_db()
    assert (profile.n, profile.ln_mean) == (2, pytest.approx(fmean(logs[:2])))
    assert OutfallSample.objects.count() == 3


def test_samples_are_pooled_with_what_the_city_knew(outfall, person, at):
    OutfallProfile.objects.update_or_create(
        outfall=outfall, factor="w21003", defaults={"n": 4, "ln_mean": 1.0, "ln_sd": 0.5}
    )
    services.add_samples(
        outfall, [services.parse_result("w21003", "10")], taken_at=at, laboratory="市站",
        report_no="", by=person("duty"), at=at,
    )  # fmt: skip
    profile = OutfallProfile.objects.get(outfall=outfall, factor="w21003")
    assert profile.n == 5
    assert profile.ln_mean == pytest.approx((4 * 1.0 + math.log(10)) / 5)


@pytest.mark.parametrize("text", ["abc", "-1", "3,5", "", "1e3", "=1+1"])
def test_what_is_no_result_is_told(text):
    with pytest.raises(Problem) as told:
        services.parse_result("w21003", text)
    assert told.value.code == "outfalls.sample_value"


@pytest.mark.parametrize(
    ("text", "below"), [("0.05L", True), ("＜0.05", True), ("3.2 mg/L", False)]
)
def test_laboratories_write_below_detection_in_two_ways(text, below):
    assert services.parse_result("w21003", text).below is below


def test_the_same_result_twice_and_one_from_tomorrow(outfall, person, at):
    def add(when):
        services.add_samples(
            outfall, [services.parse_result("w21003", "3")], taken_at=when, laboratory="市站",
            report_no="", by=person("duty"), at=at,
        )  # fmt: skip

    add(at)
    for when, code in (
        (at, "outfalls.sample_twice"),
        (at + timedelta(1), "outfalls.sample_future"),
    ):
        with pytest.raises(Problem) as told:
            add(when)
        assert told.value.code == code
    assert OutfallSample.objects.count() == 1


def test_a_limit_ends_the_one_before_it(outfall, person, at):
    def add(day):
        return services.add_limit(
            outfall, factor="w01018", limit=Decimal(40), unit="mg/L", averaging="daily",
            standard="GB 18918-2002", level="一级A", valid_from=day, by=person("head"), at=at,
        )  # fmt: skip

    OutfallLimit.objects.filter(outfall=outfall, factor="w01018").delete()
    first, second = add(date(2026, 1, 1)), add(DAY)
    first.refresh_from_db()
    assert first.valid_to == DAY
    assert second.valid_to is None
    with pytest.raises(Problem) as told:
        add(date(2026, 5, 1))
    assert told.value.code == "outfalls.limit_period"


def test_one_responsible_body_and_the_registry_follows(outfall, person, at):
    firm = Enterprise.objects.get(code="E2")
    made = services.add_discharger(
        outfall,
        name="",
        enterprise=firm,
        responsible=True,
        valid_from=DAY,
        by=person("head"),
        at=at,
    )
    outfall.refresh_from_db()
    assert outfall.enterprise_id == "E2"
    with pytest.raises(Problem) as told:
        services.add_discharger(
            outfall, name="另一家", enterprise=None, responsible=True, valid_from=DAY,
            by=person("head"), at=at,
        )  # fmt: skip
    assert told.value.code == "outfalls.responsible_twice"
    services.end_discharger(made, on=DAY, by=person("head"), at=at)
    outfall.refresh_from_db()
    assert outfall.enterprise is None


def test_merged_into_another_it_stays_on_record_and_takes_no_more(outfall, person, at):
    into = Outfall.objects.get(code="O2")
    with pytest.raises(Problem) as told:
        services.end(
            outfall, kind="merged", into=outfall, on=DAY, reason="并", by=person("head"), at=at
        )
    assert told.value.code == "outfalls.merge_target"
    services.end(
        outfall, kind="merged", into=into, on=DAY, reason="截污纳管", by=person("head"), at=at
    )
    outfall.refresh_from_db()
    assert outfall.ended_on == DAY
    assert [m.outfall_id for m in into.merged_from.all()] == ["O1"]
    with pytest.raises(Problem) as told:
        _revise(outfall, person, at, pipe_mm=1)
    assert told.value.code == "outfalls.ended"


def test_a_new_sign_makes_the_old_one_open_nothing(outfall, person, at):
    first = services.issue_sign(outfall, by=person("head"), at=at)
    second = services.issue_sign(outfall, by=person("head"), at=at)
    assert selectors.public_sign(first.token) is None
    assert selectors.public_sign(second.token).outfall == outfall
    services.revoke_sign(outfall, by=person("head"), at=at)
    assert selectors.public_sign(second.token) is None
