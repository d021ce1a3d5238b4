"""Doors of the surveys: files, batches by HTTP, roads as a layer, the month with its namings."""

from __future__ import annotations

import json
from datetime import date, timedelta

import numpy as np
import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from shapely.geometry import LineString, Point

from qingyuan.core.gcj02 import to_gcj02
from qingyuan.core.problems import Problem
from qingyuan.host.citytime import CityClock
from qingyuan.hotspots import edge_columns, read_road_classes
from qingyuan.store.fixes import Fixes
from qingyuan.synth.fleet import drive_fleet
from qingyuan.web.api import views
from qingyuan.web.api.services import issue
from qingyuan.web.audit.services import SYSTEM
from qingyuan.web.dust.models import Site, SiteRecord
from qingyuan.web.project import middleware
from qingyuan.web.registry.models.geometry import box_columns
from qingyuan.web.surveys import selectors, services
from qingyuan.web.surveys.models import HotSpot, RoadNetwork, Stretch, StretchDay, SurveyRun
from qingyuan.web.surveys.selectors import month
from qingyuan.web.surveys.stretches import network_of, stretches_of
from survey_town import FIRST


def test_streets_are_cut_at_crossings_and_named_by_them():
    brought = network_of([
        (LineString([(0, 0), (0.001, 0), (0.002, 0)]), {"name": "甲路"}),
        (LineString([(0.001, -0.001), (0.001, 0), (0.001, 0.001)]), {"name": "乙街", "oneway": "yes"}),
    ])  # fmt: skip
    edges = edge_columns(brought)
    assert len(edges["u"]) == 6  # two edges both ways, two one way
    said = {(s.road, s.start, s.end, len(s.edges)) for s in stretches_of(edges)}
    assert said == {("甲路", "乙街", "", 2), ("乙街", "甲路", "", 1)}


def test_ends_that_nearly_meet_do_and_a_bridge_passes_over():
    gap = 2 / 111_320
    brought = network_of([
        (LineString([(0, 0), (0.001, 0)]), {"name": "甲路"}),
        (LineString([(0.001 + gap, 0), (0.002, 0)]), {"name": "甲路"}),
        (LineString([(0.0005, -0.001), (0.0005, 0.001)]), {"name": "高架", "bridge": "yes"}),
        (LineString([(0.0015, -0.001), (0.0015, 0.001)]), {"name": "丙街", "oneway": "T"}),
    ])  # fmt: skip
    assert brought.counts["snapped"] == 1
    edges = edge_columns(brought)
    upward = {
        road
        for road, a, b in zip(edges["road"], edges["lat1"], edges["lat2"], strict=True)
        if b > a
    }
    assert "丙街" not in upward  # drawn upward, driven downward
    assert "丙街" in edges["road"]
    said = [(s.road, s.start, s.end) for s in stretches_of(edges) if s.road != "丙街"]
    assert sorted(said) == [("甲路", "丙街", ""), ("甲路", "丙街", ""), ("高架", "", "")]


def test_what_was_repaired_is_kept_and_shown(fleet):
    step = 2 / 111_320
    roads = [
        {
            "type": "Feature",
            "properties": {"name": "甲路"},
            "geometry": {"type": "LineString", "coordinates": line},
        }
        for line in ([[120.5, 36.5], [120.51, 36.5]], [[120.51 + step, 36.5], [120.52, 36.5]])
    ]
    content = json.dumps({"type": "FeatureCollection", "features": roads}).encode()
    network = services.bring_roads(content=content, name="gap.geojson", by=SYSTEM, at=fleet.town.at)
    (repair,) = network.repairs
    assert (repair["line"], round(repair["lon"], 4)) == ("2", 120.51)
    browser = Client()
    browser.force_login(fleet.town.who("head"))
    said = browser.get(reverse("survey-runs")).content.decode()
    assert repair["zh"] in said
    assert "现行版本修复与存疑 1 处" in said


def test_a_registered_site_by_the_spot_is_more_probable_than_none(fleet):
    spot = HotSpot.objects.create(
        code="RD1", lon=120.5, lat=36.5, radius_m=60, first_day=FIRST, last_day=FIRST
    )
    alone = selectors.suspects_of(spot, None, on=FIRST)
    assert (alone.sites, alone.unregistered, alone.likely) == ([], 1.0, "")
    for code, kind, east in (
        ("YC-1", "construction", 30),
        ("YC-2", "petrol", 0),
        ("YC-3", "yard", 400),
    ):
        place = {"lon": 120.5 + east / 89_500, "lat": 36.5}
        shape = Point(place["lon"], place["lat"])
        SiteRecord.objects.create(
            site=Site.objects.create(code=code), version=1, valid_from=FIRST, reason="登记", name_zh=code, kind=kind,
            department="housing", district_id="379901", made_by=fleet.town.who("duty"), made_at=fleet.town.at, **place,
            **box_columns(shape),
        )  # fmt: skip
    told = selectors.suspects_of(spot, None, on=FIRST)
    assert told.sites[0].name == told.likely == "YC-1"
    assert told.sites[-1].probability < 0.01
    assert {s.name: s.probability for s in told.sites}["YC-2"] == 0
    assert sum(s.probability for s in told.sites) + told.unregistered == pytest.approx(1)


def test_the_same_roads_make_no_second_version(fleet):
    content = json.dumps(fleet.streets.geojson()).encode()
    with pytest.raises(Problem) as refused:
        services.bring_roads(content=content, name="again.geojson", by=SYSTEM, at=fleet.town.at)
    assert refused.value.code == "surveys.same_roads"
    assert RoadNetwork.objects.count() == 1
    assert Stretch.objects.filter(start="").count() == 0


def test_a_file_is_stored_once_and_its_refused_rows_are_counted(fleet):
    table = drive_fleet(
        fleet.streets, day=FIRST, devices=["T01", "NEW"], seed=1, hours=(8, 9), step_s=30
    )
    lines = ["vehicle,time,lon,lat,pm10"]
    lines += [
        f"{r['vehicle']},{r['time'].isoformat()},{r['lon']},{r['lat']},{r['pm10']}"
        for r in table.to_pylist()
    ]
    content = "\n".join(lines).encode()
    file = services.import_fixes(content=content, name="a.csv", by=SYSTEM, at=fleet.town.at)
    assert set(file.refused) == {"feeds.unknown_vehicle"}
    assert file.accepted + sum(file.refused.values()) == table.num_rows
    (day,) = Fixes(settings.FOLDER.store).counts(FIRST, FIRST)
    assert (day.vehicle, day.count) == ("T01", file.accepted)
    with pytest.raises(Problem) as refused:
        services.import_fixes(content=content, name="b.csv", by=SYSTEM, at=fleet.town.at)
    assert refused.value.code == "surveys.same_file"


def test_a_batch_by_http_is_kept_for_the_devices_of_its_token_alone(fleet, monkeypatch):
    clock = CityClock(settings.FOLDER)
    clock.start(fleet.town.at, rate=1.0)
    monkeypatch.setattr(middleware, "_clock", clock)
    monkeypatch.setattr(views, "_opened", {})
    services.publish_vehicles(settings.FOLDER.vehicles, at=fleet.town.at)
    _, text = issue(name="出租公司", mns=["T01"], expires_at=fleet.town.at + timedelta(days=9), by=fleet.town.who("admin1"), at=fleet.town.at)  # fmt: skip
    rows = [
        {"vehicle": v, "time": "2026-09-08T08:00:00", "lon": 120.5, "lat": 36.5, "pm10": 80}
        for v in ("T01", "T02")
    ]
    answer = Client().post(
        reverse("api-fixes"), json.dumps({"fixes": rows}), content_type="application/json",
        headers={"authorization": f"Bearer {text}"},
    )  # fmt: skip
    assert answer.status_code == 207, answer.content
    assert answer.json()["rows"][0]["code"] == "feeds.unknown_vehicle"
    assert [c.vehicle for c in Fixes(settings.FOLDER.store).counts(FIRST, FIRST)] == ["T01"]
    for intake in views._opened.values():
        intake.close()


def test_a_day_without_fixes_fails_with_a_sentence_and_can_be_asked_again(fleet):
    run = fleet.night(FIRST)
    assert run.state == SurveyRun.State.FAILED
    assert "没有走航数据" in run.problem_zh
    assert services.ask_night(day=FIRST, by=SYSTEM, at=fleet.town.at) is None
    assert services.ask_night(day=FIRST, by=SYSTEM, at=fleet.town.at, again=True) is not None


def _month(fleet, *values: float) -> list[Stretch]:
    run = SurveyRun.objects.create(
        day=FIRST, first_day=FIRST, asked_at=fleet.town.at, asked_by="系统"
    )
    found = list(Stretch.objects.order_by("number")[: len(values)])
    StretchDay.objects.bulk_create(
        StretchDay(run=run, stretch=s, day=FIRST + timedelta(days=n), pm10=v, increment=0, passes=4, vehicles=2)
        for s, v in zip(found, values, strict=True)
        for n in range(3)
    )  # fmt: skip
    return found


def test_a_named_road_is_no_longer_green_and_its_own_class_is_kept(fleet):
    found = _month(fleet, *range(100, 80, -1))
    worst, best = found[0], found[-1]
    of, head = FIRST.replace(day=1), fleet.town.who("head")
    row = services.override(
        stretch=best, month=of, level="city", reason="市督查 9 月通报", by=head, at=fleet.town.at
    )
    rows = selectors.month_rows(of, read_road_classes())
    assert (rows[0].stretch, rows[0].name) == (worst, "red")
    assert (rows[-1].name, rows[-1].original) == ("orange", "green")
    with pytest.raises(Problem) as twice:
        services.override(
            stretch=best, month=of, level="city", reason="又", by=head, at=fleet.town.at
        )
    assert twice.value.code == "surveys.named_already"
    services.withdraw_override(row, by=head, at=fleet.town.at)
    assert selectors.month_rows(of, read_road_classes())[-1].name == "green"


def test_transfers_are_off_until_a_city_fills_in_its_amounts(fleet, monkeypatch):
    _month(fleet, *range(100, 80, -1))
    rules = read_road_classes()
    scores = selectors.scores_of(date(2026, 9, 1), rules)
    assert selectors.transfers(scores, rules) == []
    money = {"on": True, "rates": {"red": 100, "orange": 50, "yellow": 10, "green": 20}}
    monkeypatch.setattr(month, "parameters", lambda _: money)
    (told,) = selectors.transfers(scores, rules)
    assert (told.district, told.total) == ("379901", -100 - 3 * 50 - 6 * 10 + 10 * 20)


def test_only_who_may_bring_roads_brings_them(fleet):
    browser = Client()
    browser.force_login(fleet.town.who("duty"))
    assert browser.post(reverse("survey-network")).status_code == 404
    browser.force_login(fleet.town.who("head"))
    answer = browser.post(reverse("survey-network"))
    assert answer.status_code == 422
    assert "没有选择文件" in answer.content.decode()


def test_shifted_roads_and_fixes_come_to_where_the_streets_are(fleet):
    """What a map service calls GCJ-02 is several hundred metres off until it is named."""
    plain = fleet.streets.geojson()
    for feature in plain["features"]:
        line = feature["geometry"]["coordinates"]
        feature["geometry"]["coordinates"] = to_gcj02(np.array(line)).tolist()
    browser = Client()
    browser.force_login(fleet.town.who("head"))
    whole, part = plain["features"], plain["features"][1:]

    def bring(features, datum):
        content = json.dumps({**plain, "features": features}).encode()
        file = SimpleUploadedFile("shifted.geojson", content)
        return browser.post(reverse("survey-network"), {"file": file, "datum": datum})

    assert "不认识坐标基准“BD09”" in bring(whole, "BD09").content.decode()
    assert "完全相同" in bring(whole, "GCJ02").content.decode()  # shifted back to the last digit
    assert bring(part, "GCJ02").status_code == bring(part, "").status_code == 302
    before, after, unnamed = RoadNetwork.objects.order_by("version")
    assert [n.datum for n in (before, after, unnamed)] == ["CGCS2000", "GCJ02", "CGCS2000"]
    off = np.subtract.outer(np.unique(after.edges["lon1"]), np.unique(before.edges["lon1"]))
    assert np.abs(off).min(axis=1).max() < 3e-7  # three centimetres
    east = np.mean(unnamed.edges["lon1"]) - np.mean(after.edges["lon1"])
    assert abs(east) * 89_500 > 200
    assert "由 GCJ-02 换算，未核实" in browser.get(reverse("survey-runs")).content.decode()

    rows = [{"vehicle": "T01", "time": "2026-09-08T08:00:00", "lon": lon, "lat": lat, "pm10": 80}
            for lon, lat in (*to_gcj02(np.array([[120.5, 36.5]])).tolist(), ("?", 36.5))]  # fmt: skip
    file = services.import_fixes(
        content=json.dumps(rows).encode(), name="a.json", by=SYSTEM, at=fleet.town.at, datum="GCJ02"
    )
    assert (file.accepted, file.refused) == (1, {"feeds.fix_place": 1})
    (row,) = Fixes(settings.FOLDER.store).between(FIRST, FIRST).to_pylist()
    assert (row["lon"], row["lat"]) == pytest.approx((120.5, 36.5), abs=1e-7)
