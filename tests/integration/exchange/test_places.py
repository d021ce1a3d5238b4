"""Outfalls, sections and districts as tables and layers, in and out again."""

from __future__ import annotations

import io
import json
import zipfile
from decimal import Decimal

import pytest
import shapefile
from django.urls import reverse

from qingyuan.web import exchange
from qingyuan.web.exchange import registered, services
from qingyuan.web.exchange.layers import geojson, geopackage
from qingyuan.web.outfalls.models import OutfallRecord
from qingyuan.web.registry.models import District, Outfall, Section
from small_city import AT


@pytest.fixture
def bring(city, person, at):
    def do(table, content, name, *, confirm=True):
        importer = registered.importer_named(table, {"department_head"})
        row = services.receive(
            importer=importer, content=content, name=name, by=person("head"), at=at
        )
        if confirm and row.state == "ready":
            services.confirm(import_id=row.pk, leave_wrong=False, by=row.by, at=at)
            row.refresh_from_db()
        return row

    return do


@pytest.fixture
def take(city, person, at):
    def do(table, form="xlsx", query=""):
        exporter = registered.exporter_named(table, {"department_head"})
        found = exporter.make(query, by=person("head"), at=at)
        return services.export_now(
            exporter, found, form=form, query=query, by=person("head"), at=at, language="zh"
        )

    return do


TABLES = ["registry.sections", "registry.districts", "outfalls.outfalls"]


@pytest.mark.parametrize("form", ["xlsx", "csv", "gb", "geojson", "gpkg"])
@pytest.mark.parametrize("table", TABLES)
def test_what_is_taken_and_brought_again_is_the_same(take, bring, table, form):
    file = take(table, form)
    row = bring(table, file.content, file.name, confirm=False)
    assert (row.state, row.new, row.changed, row.wrong) == ("same", 0, 0, 0), [
        row.report, list(row.faults.values("cell", "value", "zh")),
    ]  # fmt: skip
    assert row.same > 0


def _point(**properties):
    return {
        "type": "Feature",
        "properties": properties,
        "geometry": {"type": "Point", "coordinates": [120.3, 36.7]},
    }


def test_a_layer_of_points_makes_outfalls_on_the_river(bring):
    layer = {
        "type": "FeatureCollection",
        "features": [_point(编号="N1", 名称="新排口", 类别="工业企业雨洪排口", 区市="东山区")],
    }
    row = bring("outfalls.outfalls", json.dumps(layer).encode(), "排口.geojson")
    assert row.state == "done", [row.report, list(row.faults.values())]
    made = Outfall.objects.get(code="N1")
    assert (made.lon, made.lat, made.reach_id) == (120.3, 36.7, "R1")
    assert made.position_m == pytest.approx(1500, abs=1)
    assert OutfallRecord.objects.get(outfall=made).reason == "台账导入"


def test_a_zipped_shapefile_with_names_cut_to_ten_signs(bring):
    parts = {name: io.BytesIO() for name in ("shp", "shx", "dbf")}
    with shapefile.Writer(**parts, shapeType=shapefile.POINT, encoding="gb18030") as out:
        for name in ("code", "name", "outfall_cl", "district"):
            out.field(name, "C", 80)
        out.point(120.3, 36.7)
        out.record("N1", "新排口", "工业企业雨洪排口", "东山区")
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive:
        for ending, content in parts.items():
            archive.writestr(f"排口/数据.{ending}", content.getvalue())
        archive.writestr("排口/数据.cpg", "GBK")
    row = bring("outfalls.outfalls", held.getvalue(), "排口.zip")
    assert row.state == "done", [row.report, list(row.faults.values())]
    assert Outfall.objects.get(code="N1").name_zh == "新排口"


def test_a_changed_outfall_gets_a_version_and_only_what_changed(bring, take):
    held = next(
        iter(
            registered.exporter_named("outfalls.outfalls", {"leader"})
            .make("text=O1", by=_head(), at=AT)
            .rows
        )
    )
    content = exchange.workbook(
        _outfalls(), [held | {"pipe_mm": 800, "name": "改名排口"}], exchange.Cover(by="", at=AT)
    )
    row = bring("outfalls.outfalls", content, "a.xlsx")
    assert (row.state, row.changed) == ("done", 1), list(row.faults.values())
    record = OutfallRecord.objects.get(outfall_id="O1", valid_to=None)
    assert (record.version, record.pipe_mm, record.reason) == (2, 800, "台账导入")
    assert Outfall.objects.get(code="O1").name_zh == "改名排口"


def _head():
    from qingyuan.web.accounts.models import User

    return User.objects.get(username="head")


def _outfalls():
    from qingyuan.web.outfalls.exchange import OUTFALLS

    return OUTFALLS


def test_an_outfall_far_from_any_river_or_of_nobody_is_wrong(bring):
    rows = [
        {"code": "N1", "name": "a", "district": "379901", "outfall_class": "工业企业雨洪排口", "lon": Decimal(100), "lat": Decimal(30)},
        {"code": "N2", "name": "b", "district": "379901", "outfall_class": "工业企业雨洪排口", "lon": Decimal("120.3"), "lat": Decimal("36.7"), "enterprise": "没有", "found_level": 7},
        {"code": "N3", "name": "c", "district": "379901", "outfall_class": "工业排污口", "lon": Decimal("120.3"), "lat": Decimal("36.7")},
    ]  # fmt: skip
    row = bring(
        "outfalls.outfalls",
        exchange.workbook(_outfalls(), rows, exchange.Cover(by="", at=AT)),
        "a.xlsx",
        confirm=False,
    )
    assert (row.new, row.wrong) == (0, 3)
    assert row.faults.count() == 4


def test_a_section_without_a_reach_falls_on_the_nearest_and_its_target_is_dated(bring, take):
    table = registered.exporter_named("registry.sections", {"leader"}).make("", by=_head(), at=AT)
    held = {row["code"]: row for row in table.rows}
    new = held["S1"] | {
        "code": "N1",
        "name": "新断面",
        "reach": "",
        "position_m": None,
        "lon": Decimal("120.3"),
        "lat": Decimal("36.7"),
    }
    rows = [held["S1"] | {"target": "Ⅱ"}, new]
    row = bring(
        "registry.sections",
        exchange.workbook(table.sheet, rows, exchange.Cover(by="", at=AT)),
        "a.xlsx",
    )
    assert (row.state, row.new, row.changed) == ("done", 1, 1), list(row.faults.values())
    made = Section.objects.get(code="N1")
    assert (made.reach_id, made.targets.get().target_class) == ("R1", "Ⅲ")
    changed = Section.objects.get(code="S1")
    assert [t.target_class for t in changed.targets.order_by("valid_from")] == ["Ⅱ", "Ⅲ"]


def test_a_district_takes_its_border_from_a_layer(bring):
    table = registered.exporter_named("registry.districts", {"leader"}).make("", by=_head(), at=AT)
    layer = json.loads(geojson(table.sheet, table.rows))
    layer["features"][0]["geometry"]["coordinates"][0][1] = [121.0, 36.1]
    layer["features"].append(
        json.loads(json.dumps(layer["features"][1]))
        | {"properties": {"code": "379909", "name": "新区", "kind": "功能区"}}
    )
    row = bring("registry.districts", json.dumps(layer).encode(), "界线.geojson")
    assert (row.state, row.new, row.changed, row.same) == ("done", 1, 1, 1), list(
        row.faults.values()
    )
    assert District.objects.get(code="379909").east == 122.0
    assert District.objects.get(code="379901").shape.exterior.coords[1] == (121.0, 36.1)
    words = exchange.workbook(
        table.sheet,
        [{"code": "379911", "name": "无界线", "kind": "urban"}],
        exchange.Cover(by="", at=AT),
    )
    assert bring("registry.districts", words, "a.xlsx", confirm=False).wrong == 1


def test_a_geopackage_is_one_other_tools_open(take):
    file = take("outfalls.outfalls", "gpkg")
    assert file.content[68:72] == b"GPKG"
    assert geopackage  # written by the same function
    assert file.name == "入河排污口-20260922.gpkg"


def test_a_long_table_is_made_in_the_background_and_told(enter, person, at, city, monkeypatch):
    monkeypatch.setattr("qingyuan.web.exchange.services.BACKGROUND_ROWS", 1)
    client = enter("head")
    address = reverse("exchange-export", args=["registry.sections"])
    page = client.get(address)
    assert "后台生成" in page.content.decode()
    assert client.post(f"{address}?format=csv&text=桥").status_code == 302
    row = person("head").exports.get()
    assert (row.state, row.query, row.form) == ("waiting", "text=%E6%A1%A5", "csv")
    services.run_export(export_id=row.pk, at=at)
    row.refresh_from_db()
    assert (row.state, row.rows) == ("done", 2)
    assert person("head").notices.filter(kind="exchange.export").exists()
    answer = client.get(reverse("exchange-file", args=[row.pk]))
    assert answer.content.startswith(b"\xef\xbb\xbf")
    assert enter("duty").get(reverse("exchange-file", args=[row.pk])).status_code == 404


def test_an_export_is_narrowed_to_what_the_person_may_see(enter, city):
    answer = enter("east1").get(
        reverse("exchange-export", args=["registry.sections"]), {"format": "csv"}
    )
    text = answer.content.decode("utf-8-sig")
    assert "望澜桥" in text
    assert "入海口" not in text
    assert enter("east1").get(reverse("exchange-export", args=["没有"])).status_code == 404
    assert (
        enter("east1")
        .get(reverse("exchange-export", args=["registry.sections"]), {"format": "exe"})
        .status_code
        == 422
    )
