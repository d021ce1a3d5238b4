"""Targets set, dust decided, districts asked in: who may, what is kept, what changes."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest

from qingyuan.web.accounts.scope import scope_of
from qingyuan.web.assessments import services
from qingyuan.web.assessments.models import DustDecision, Interview
from qingyuan.web.assessments.selectors import dust, rebounds, targets
from qingyuan.web.audit.models import Entry
from qingyuan.web.audit.services import verify
from qingyuan.web.registry.models import AirStation, AirTarget, District, Section
from qingyuan.web.registry.services import set_air_target

from .conftest import DUST, TODAY

YESTERDAY, MONTH = date(2026, 9, 21), date(2026, 9, 1)


def _target(air, now, *, item: str = "pm25", value: str = "30", **more: object) -> AirTarget:
    given = {
        "district": District.objects.get(code="379901"), "station": None, "year": 2026,
        "item": item, "value": Decimal(value), "valid_from": date(2026, 1, 1), "basis": "清环〔2026〕1号",
        "by": air.town.who("head"), "at": now,
    }  # fmt: skip
    return set_air_target(**{**given, **more})


def test_a_target_is_an_audited_deed_and_the_last_one_holds(air, now):
    _target(air, now, value="30")
    _target(air, now, value="28", valid_from=date(2026, 7, 1))
    scope = scope_of(air.town.who("head"), on=TODAY)
    found = list(targets.targets(scope))
    assert [t.value for t in targets.in_force(found, on=YESTERDAY)] == [28]
    assert [t.value for t in targets.in_force(found, on=date(2026, 3, 1))] == [30]
    assert Entry.objects.filter(deed="registry.set_air_target").count() == 2
    assert verify() is None


def test_a_target_that_cannot_be_is_refused(air, now, raises_problem):
    with raises_problem("registry.target_value"):
        _target(air, now, item="good", value="101")
    with raises_problem("registry.target_day"):
        _target(air, now, valid_from=date(2025, 7, 1))


def test_progress_tells_what_the_rest_of_the_year_can_afford(air, now):
    scope = scope_of(air.town.who("head"), on=TODAY)
    row = targets.progress_of(air.store, scope, _target(air, now, value="30"), until=YESTERDAY)
    done, left = 52, 101  # days since 1 August; days after 21 September
    so_far = 20 * 51 + (20 * 19 + 60 * 5) / 24
    assert row.so_far == "20"
    assert row.affordable == pytest.approx((30.5 * (done + left) - so_far) / left)
    assert (row.state, row.warns, row.forecast) == ("open", False, None)


def test_a_target_out_of_reach_is_marked(air, now):
    scope = scope_of(air.town.who("head"), on=TODAY)
    row = targets.progress_of(air.store, scope, _target(air, now, value="1"), until=YESTERDAY)
    assert (row.state, row.warns) == ("missed", True)


def test_good_days_count_against_a_share(air, now):
    scope = scope_of(air.town.who("head"), on=TODAY)
    row = targets.progress_of(
        air.store, scope, _target(air, now, item="good", value="80"), until=YESTERDAY
    )
    assert row.is_days
    assert row.budget.good == 52
    assert not row.warns


def test_only_the_head_sets_targets_and_an_officer_sees_their_own(air, now, enter):
    given = {
        "place": "district:379901", "year": "2026", "item": "pm25", "value": "29",
        "valid_from": "2026-01-01", "basis": "清环〔2026〕1号",
    }  # fmt: skip
    assert enter("east1").post("/targets/air/", given).status_code in (403, 404)
    assert enter("head").post("/targets/air/", given).status_code == 302
    assert enter("head").post("/targets/air/", given | {"value": "x"}).status_code == 422
    assert enter("head").post("/targets/air/", given | {"valid_from": "2025-01-01"}).status_code == 422  # fmt: skip
    assert "清环〔2026〕1号" in enter("east1").get("/targets/").content.decode()
    assert "清环〔2026〕1号" not in enter("west1").get("/targets/").content.decode()


def test_a_section_target_holds_from_its_day(air, enter):
    given = {"section": "S1", "target_class": "Ⅱ", "valid_from": "2026-10-01", "basis": "清环〔2026〕2号"}  # fmt: skip
    assert enter("head").post("/targets/section/", given).status_code == 302
    section = Section.objects.get(code="S1")
    assert (section.target_on(TODAY), section.target_on(date(2026, 10, 1))) == ("Ⅲ", "Ⅱ")


def test_the_rule_proposes_the_dusty_hours_of_both_stations(air):
    scope = scope_of(air.town.who("head"), on=TODAY)
    found = dust.proposals(air.store, scope, first=MONTH, last=YESTERDAY)
    assert {p.station.code for p in found} == {"A1", "A2"}
    assert {(p.proposal.period.start, p.hours, p.peak) for p in found} == {(DUST, 5, "400")}


def _decide(air, now, **more: object) -> DustDecision:
    given = {
        "station": AirStation.objects.get(code="A1"), "from_at": DUST,
        "to_at": DUST + timedelta(hours=5), "verdict": "confirmed", "reason": "北方沙尘过境",
        "grounds": {}, "by": air.town.who("head"), "at": now,
    }  # fmt: skip
    return services.decide_dust(**{**given, **more})


def test_confirmed_hours_leave_the_second_statistic_and_nothing_else(air, now, enter):
    scope = scope_of(air.town.who("head"), on=TODAY)
    assert dust.compared(air.store, scope, first=MONTH, last=YESTERDAY) == []
    row = _decide(air, now)
    pm10 = next(
        c for c in dust.compared(air.store, scope, first=MONTH, last=YESTERDAY) if c.item == "PM10"
    )
    # 20 days of 40 and one of (19·40 + 5·400)/24 = 115: 43.6; that day without the five has
    # 19 hours, too few for a day, and is left out
    assert (pm10.with_dust, pm10.without, pm10.hours) == ("44", "40", 5)
    day = "/figures/air-day/?kind=station&code=A1&day=2026-09-10&format=json"
    whole, parted = (enter("head").get(day + more).json() for more in ("", "&dust=out"))
    assert whole["value"] != parted["value"]
    left_out = [
        one
        for part in parted["parts"]
        for p in [part, *part["parts"]]
        for one in p["inputs"]
        if one["reason"] and "沙尘" in one["reason"]["zh"]
    ]
    assert len(left_out) == 10  # five hours of PM10 and of PM2.5, still shown
    services.withdraw_dust(row, why="卫星影像未见", by=air.town.who("head"), at=now)
    assert dust.compared(air.store, scope, first=MONTH, last=YESTERDAY) == []
    assert DustDecision.objects.count() == 1
    assert verify() is None


def test_hours_are_decided_once_and_only_whole(air, now, raises_problem):
    row = _decide(air, now)
    with raises_problem("assessments.dust_decided"):
        _decide(air, now, verdict="rejected", from_at=DUST + timedelta(hours=4))
    with raises_problem("assessments.dust_period"):
        _decide(air, now, from_at=DUST + timedelta(minutes=30))
    services.withdraw_dust(row, why="误判", by=air.town.who("head"), at=now)
    with raises_problem("assessments.dust_withdrawn"):
        services.withdraw_dust(row, why="误判", by=air.town.who("head"), at=now)
    assert _decide(air, now, verdict="rejected").verdict == "rejected"


def test_dust_is_decided_at_the_desk_with_what_the_rule_said(enter):
    desk = enter("duty")
    assert "2026-09-10 04:00" in desk.get("/dust/").content.decode()
    given = {
        "station": "A1", "from_at": "2026-09-10T04:00", "to_at": "2026-09-10T09:00",
        "verdict": "confirmed", "reason": "北方沙尘过境",
    }  # fmt: skip
    assert enter("east1").post("/dust/decide/", given).status_code in (403, 404)
    assert desk.post("/dust/decide/", given | {"reason": ""}).status_code == 422
    assert desk.post("/dust/decide/", given).status_code == 302
    assert desk.post("/dust/decide/", given).status_code == 422
    row = DustDecision.objects.get()
    assert row.from_at == DUST
    assert row.grounds["proposals"][0]["peak"] == "400"
    assert desk.post(f"/dust/{row.pk}/withdraw/", {"why": ""}).status_code == 422
    assert desk.post(f"/dust/{row.pk}/withdraw/", {"why": "误判"}).status_code == 302
    assert "误判" in desk.get("/dust/").content.decode()


def test_without_last_year_nobody_rebounds(air, enter):
    scope = scope_of(air.town.who("head"), on=TODAY)
    rows, _rules = rebounds.ranking(air.store, scope, item="pm10", first=MONTH, last=YESTERDAY)
    assert {r.rebound.rank for r in rows} == {None}
    assert "没有上年同期" in enter("head").get("/rebounds/").content.decode()
    given = {"district": "379901", "held_on": "2026-09-22", "record": "约谈"}
    assert enter("head").post("/rebounds/interview/", given).status_code == 422


@pytest.fixture
def risen(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let last year have been cleaner by a tenth."""
    real = rebounds._mean

    def mean(store, place, item, first, last, rules):
        if first.year == 2025:
            return Decimal(36) if place.code == "379901" else Decimal(60)
        return real(store, place, item, first, last, rules)

    monkeypatch.setattr(rebounds, "_mean", mean)


def test_who_rebounds_is_asked_in_and_the_table_is_frozen(air, enter, risen):
    case = air.town.open(title="东山扬尘整治", matter="air", section_code="", enterprise_id=None)
    head = enter("head")
    page = head.get("/rebounds/").content.decode()
    assert "应约谈" in page
    assert "东山区：扬尘源 0 处，在办 0 件" in page
    given = {
        "district": "379901",
        "held_on": "2026-09-22",
        "record": "约谈东山区政府",
        "case": "JD0",
    }
    assert head.post("/rebounds/interview/", given).status_code == 422  # no such case
    given["case"] = case.number
    assert head.post("/rebounds/interview/", given).status_code == 302
    row = Interview.objects.get()
    mine = next(r for r in row.grounds["rows"] if r["district"] == "379901")
    assert (mine["this"], mine["last"], mine["rate_percent"], mine["rank"]) == (
        "44",
        "36",
        "22.2",
        1,
    )
    assert row.case_ref == case.number
    assert "约谈东山区政府" in enter("east1").get("/rebounds/").content.decode()
    assert "约谈东山区政府" not in enter("west1").get("/rebounds/").content.decode()
    assert verify() is None
    improved = {**given, "district": "379902"}
    assert head.post("/rebounds/interview/", improved).status_code == 422
