"""Air and water as the pages tell them: the numbers by hand, what is out of sight, what is missing."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from django.urls import reverse

from qingyuan.core.periods import city_date
from qingyuan.web.accounts.scope import Scope, scope_of
from qingyuan.web.assessments.selectors import air as boards
from qingyuan.web.assessments.selectors import calendar, hours, places, roses, water

from .conftest import TODAY

YESTERDAY, MONTH = date(2026, 9, 21), date(2026, 9, 1)


@pytest.fixture
def whole(air) -> Scope:
    return scope_of(air.town.who("head"), on=TODAY)


@pytest.fixture
def east(air) -> Scope:
    return scope_of(air.town.who("east1"), on=TODAY)


def test_the_last_whole_hour_of_each_station(air, whole, now):
    rows = {r.station.code: r for r in boards.hour_rows(air.store, whole, at=now)}
    # HJ 633-2026 hour: PM2.5 20 of 0–35 → 29, PM10 40 → 40, O3 80 of 0–160 → 25: the largest is 40
    assert (rows["A1"].index, rows["A1"].level, rows["A1"].primary) == (40, "优", "")
    assert rows["A1"].end == now
    assert [c.text for c in rows["A1"].cells] == ["20", "40", "6", "18", "0.6", "80"]


def test_a_silent_station_says_so_and_has_no_index(air, whole, now):
    from datetime import timedelta

    rows = boards.hour_rows(air.store, whole, at=now + timedelta(days=3))
    assert {r.index for r in rows} == {None}
    assert all("没有数据" in r.note for r in rows)


def test_the_month_of_each_station_by_its_index(air, whole):
    rows = boards.month_rows(air.store, whole, first=MONTH, last=YESTERDAY)
    assert [r.station.code for r in rows] == ["A1", "A2"]
    assert (rows[0].valid, rows[0].good) == (21, 21)
    assert Decimal(rows[0].index) < Decimal(rows[1].index)


def test_a_district_is_the_mean_of_concentrations_of_its_stations(air, whole):
    city = places.place_of(whole, "city", "379900")
    assert city is not None
    assert city.stations == ("A1", "A2")
    rules = boards.period_rules_at(MONTH)
    days = hours.days_of_place(air.store, city, YESTERDAY, YESTERDAY, rules=rules)
    assert days.values["pm25"].fraction((0, 0)) == 25


def test_hours_are_read_once_while_their_files_are_the_same(air, whole, monkeypatch):
    hours.hours_between(air.store, ["A1"], MONTH, YESTERDAY)
    monkeypatch.setattr(air.store, "means", lambda *a, **k: pytest.fail("read again"))
    assert hours.hours_between(air.store, ["A1"], MONTH, YESTERDAY) is not None


def test_the_calendar_has_a_square_for_every_day_and_none_for_tomorrow(air, whole):
    first, last = calendar.quarter(YESTERDAY)
    made = calendar.calendar_of(
        air.store, places.place_of(whole, "station", "A1"), first=first, last=last, until=YESTERDAY
    )
    assert (first, last) == (date(2026, 7, 1), date(2026, 9, 30))
    assert len(made.cells) == 83
    assert made.missing == 31  # before August there is nothing
    assert {c.colour for c in made.cells if c.index is None} == {"none"}


def test_directions_either_side_of_north_make_north_and_calm_is_dropped(air, whole):
    made = roses.roses_of(air.store, "A1", "pm25", first=MONTH, last=YESTERDAY)
    assert (made.hours, made.calm, made.missing) == (21 * 23, 21, 0)
    assert {s.direction for s in made.polar} == {0.0}


def test_no_wind_no_rose(air, whole):
    assert (
        roses.roses_of(air.store, "A1", "pm25", first=date(2026, 1, 1), last=date(2026, 1, 9))
        is None
    )


def test_sections_by_month_with_what_is_left(air, whole):
    rows = {
        r.section.code: r
        for r in water.section_rows(
            air.store, whole, first=MONTH, last=YESTERDAY, end=date(2026, 9, 30)
        )
    }
    good, bad, silent = rows["S1"], rows["S3"], rows["S2"]
    assert (good.water_class, good.meets, good.days) == ("Ⅱ", True, 21)
    ammonia = next(i for i in good.items if i.code == "w21003")
    assert ammonia.budget.affordable == (Decimal(30) - Decimal("0.4") * 21) / 9  # 2.4 mg/L
    assert (bad.water_class, bad.meets) == ("Ⅳ", False)
    assert [(i.code, i.multiple) for i in bad.over] == [("w21003", Decimal("0.4"))]
    assert bad.tightest.code == "w21003"
    assert bad.tightest.affordable == pytest.approx((30 - 1.4 * 21) / 9)
    assert bad.warns
    assert silent.meets is None


def test_a_month_without_days_left_has_no_budget(air, whole):
    rows = water.section_rows(
        air.store, whole, first=date(2026, 8, 1), last=date(2026, 8, 31), end=date(2026, 8, 31)
    )
    assert {r.remaining for r in rows} == {0}
    assert all(i.affordable is None for r in rows for i in r.items)


PAGES = [
    "/air/", "/air/?period=day", "/air/?period=day&day=2026-09-22", "/air/?period=month",
    "/air/?period=month&month=1999-01", "/air/?period=day&day=never", "/air/stations.geojson",
    "/air/station/A1/", "/air/district/379901/", "/water/", "/water/?class=Ⅳ", "/water/S1/",
    "/water/S2/", "/targets/", "/dust/", "/rebounds/",
]  # fmt: skip


@pytest.mark.parametrize("address", PAGES)
def test_every_page_opens_for_an_officer(enter, address):
    assert enter("east1").get(address).status_code == 200


@pytest.mark.parametrize(
    "address",
    [
        "/air/station/A2/", "/air/district/379902/", "/air/city/379900/", "/water/S3/",
        "/figures/air-day/?kind=station&code=A2&day=2026-09-20",
        "/figures/air-day/?kind=city&code=379900&day=2026-09-20",
        "/figures/air-hour/?station=A2&end=2026-09-22T08:00:00%2B08:00",
        "/figures/air-period/?kind=district&code=379902&first=2026-09-01&last=2026-09-20",
        "/figures/water-period/?code=S3&first=2026-09-01&last=2026-09-20",
    ],
)  # fmt: skip
def test_out_of_sight_is_not_there(enter, address):
    assert enter("east1").get(address).status_code == 404
    assert enter("head").get(address).status_code == 200


def test_an_officer_sees_only_their_own_stations_and_sections(enter):
    air_page = enter("east1").get("/air/").content.decode()
    assert "东山站" in air_page
    assert "西河站" not in air_page
    assert "入海口" not in enter("east1").get("/water/").content.decode()


def test_an_enterprise_has_no_such_page(enter):
    assert enter("ent1").get("/air/").status_code in (403, 404)


def test_the_map_layer_carries_the_index(enter):
    found = enter("head").get(reverse("air-layer")).json()["features"]
    assert {(f["properties"]["code"], f["properties"]["aqi"]) for f in found} >= {("A1", 40)}


def test_today_is_the_day_of_the_city(now):
    assert city_date(now) == TODAY
