"""The register in versions; who sees what; tables and layers in and out."""

from __future__ import annotations

import io
import json
import zipfile
from datetime import timedelta

import pytest
import shapefile
import shapely
from pyproj import CRS
from python_calamine import CalamineWorkbook

from dusty_town import EAST, a_site, seat_departments, square
from qingyuan.core.periods import city_date
from qingyuan.web.accounts.scope import scope_of
from qingyuan.web.cases.models import Case
from qingyuan.web.dust import exchange, selectors, services
from qingyuan.web.dust.models import SiteRecord
from qingyuan.web.exchange import importer_named, read


def _import(town, name, content, file, who="head"):
    importer = importer_named(f"dust.{name}", ["department_head"])
    taken = read.rows(content, file, importer.sheet)
    assert taken.faults == ()
    plan = importer.check(taken.rows, by=town.who(who), at=town.at)
    importer.write(plan, by=town.who(who), at=town.at)
    return plan


def test_a_change_is_a_version_and_the_old_one_stays(town):
    before = a_site(town)
    after = services.revise_site(
        before.site, {"stage": "structure", "holder": "新建工"}, reason="进入主体施工",
        valid_from=city_date(town.at), seen=1, by=town.who("head"), at=town.at,
    )  # fmt: skip
    assert (after.version, after.stage) == (2, "structure")
    assert after.wkb == before.wkb
    new, old = selectors.history("YC-1")
    assert old.row.valid_to == new.row.valid_from == city_date(town.at)
    assert {c.before: c.after for c in new.changes} == {"—": "主体", "清河建工": "新建工"}


def test_two_people_revising_one_version_are_told(town, raises_problem):
    site = a_site(town).site
    given = {
        "reason": "一",
        "valid_from": city_date(town.at),
        "by": town.who("head"),
        "at": town.at,
    }
    services.revise_site(site, {"stage": "structure"}, seen=1, **given)
    with raises_problem("dust.changed_meanwhile"):
        services.revise_site(site, {"stage": "finishing"}, seen=1, **given)
    with raises_problem("dust.nothing_changed"):
        services.revise_site(site, {"stage": "structure"}, seen=2, **given)
    with raises_problem("dust.version_date"):
        early = {**given, "valid_from": city_date(town.at) - timedelta(days=1)}
        services.revise_site(site, {"stage": "finishing"}, seen=2, **early)


def test_a_bow_tie_is_no_area_and_a_code_is_given_once(town, raises_problem):
    bow = shapely.Polygon([(120, 36), (121, 37), (121, 36), (120, 37)])
    with raises_problem("dust.bad_shape"):
        a_site(town, shape=bow)
    a_site(town)
    with raises_problem("dust.code_taken"):
        a_site(town)


def test_a_branch_sees_its_district_and_a_department_what_it_keeps(town):
    seat_departments(town)
    a_site(town)
    a_site(town, "YC-2", "379902", unit=town.who("zj1").unit)
    seen = {
        who: {r.site_id for r in selectors.records(scope_of(town.who(who), on=city_date(town.at)))}
        for who in ("head", "east1", "west1", "zj1", "jj1", "ent1")
    }
    assert seen == {
        "head": {"YC-1", "YC-2"}, "east1": {"YC-1"}, "west1": {"YC-2"}, "zj1": {"YC-2"},
        "jj1": set(), "ent1": set(),
    }  # fmt: skip


def _layer(*features) -> bytes:
    return json.dumps({"type": "FeatureCollection", "features": list(features)}).encode()


def _feature(shape, **properties):
    return {
        "type": "Feature",
        "geometry": shapely.geometry.mapping(shape),
        "properties": properties,
    }


def test_a_layer_of_points_and_areas_goes_in_and_comes_out_the_same(town):
    area = square(*EAST)
    content = _layer(
        _feature(area, 编号="A-1", 名称="东山工地", 类别="建筑工地", 区市="东山区"),
        _feature(
            shapely.Point(120.31, 36.31), 编号="A-2", 名称="东山堆场", 类别="堆场", 区市="东山区"
        ),
    )
    plan = _import(town, "sites", content, "sites.geojson")
    assert len(plan.new) == 2
    site = SiteRecord.objects.get(site="A-1", valid_to=None)
    assert (site.department, site.source) == ("housing", "imported")
    assert site.area_m2 == pytest.approx(9960, rel=0.01)
    assert shapely.equals(site.shape, area)
    again = _import(town, "sites", content, "sites.geojson")
    assert (len(again.new), len(again.changed), len(again.same)) == (0, 0, 2)
    wider = _layer(_feature(square(*EAST, 0.002), 编号="A-1", 名称="东山工地", 类别="建筑工地", 区市="东山区"))  # fmt: skip
    _import(town, "sites", wider, "sites.geojson")
    now = SiteRecord.objects.get(site="A-1", valid_to=None)
    assert (now.version, round(now.area_m2 / site.area_m2)) == (2, 4)
    table = exchange.make_sites("kind=yard", by=town.who("head"), at=town.at)
    assert [row["code"] for row in table.rows] == ["A-2"]


def test_a_shapefile_of_patches_is_read(town):
    files = {name: io.BytesIO() for name in ("shp", "shx", "dbf")}
    with shapefile.Writer(**files) as writer:
        writer.field("code", "C", size=20)
        writer.field("seen_by", "C", size=20)
        writer.field("taken_on", "C", size=10)
        writer.field("kind", "C", size=20)
        writer.poly([[list(p) for p in reversed(square(*EAST).exterior.coords)]])
        writer.record("W-1", "drone", "2026-09-20", "bare")
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as box:
        for name, held in files.items():
            box.writestr(f"w.{name}", held.getvalue())
        box.writestr("w.prj", CRS.from_epsg(4490).to_wkt("WKT1_ESRI"))
    plan = _import(town, "leads", archive.getvalue(), "w.zip")
    assert [row["code"] for row in plan.new] == ["W-1"]


def test_a_workbook_of_patches_goes_in_and_is_not_changed_afterwards(town):
    head = "图斑编号,手段,影像日期,类别,经度,纬度,解译说明\n"
    first = head + "W-1,卫星遥感,2026-09-20,裸土地块,120.3,36.3,裸露\n"
    assert len(_import(town, "leads", first.encode(), "w.csv").new) == 1
    importer = importer_named("dust.leads", ["department_head"])
    other = first.replace("裸露", "已覆盖") + "W-2,卫星遥感,2026-09-20,裸土地块,100,30,城外\n"
    rows = read.rows(other.encode(), "w.csv", importer.sheet).rows
    plan = importer.check(rows, by=town.who("head"), at=town.at)
    assert {f.problem.code for f in plan.wrong} == {"dust.lead_known", "dust.outside_city"}
    rows = read.rows(first.replace("W-1", "W-3").encode(), "w.csv", importer.sheet).rows
    foreign = importer.check(rows, by=town.who("west1"), at=town.at)
    assert [f.problem.code for f in foreign.wrong] == ["dust.taken_elsewhere"]


def test_the_ledger_filters_counts_and_opens_every_page(town, enter):
    a_site(town)
    a_site(town, "DC-1", kind="yard", department="city", shape=shapely.Point(120.31, 36.31))
    client = enter("head")
    assert "YC-1工地" in client.get("/dust-sources/").content.decode()
    yards = client.get("/dust-sources/", {"kind": "yard"}).content.decode()
    assert "DC-1工地" in yards
    assert "YC-1工地" not in yards
    page = client.get("/dust-sources/sites/YC-1/").content.decode()
    for words in ("住建", "周边围挡", "国发〔2018〕22号", "第 1 版"):
        assert words in page, words
    assert enter("west1").get("/dust-sources/sites/YC-1/").status_code == 404
    answer = client.post("/exchange/out/dust.sites/", {"form": "xlsx"})
    assert answer.status_code == 200
    book = CalamineWorkbook.from_filelike(io.BytesIO(b"".join(answer)))
    assert any("YC-1" in row for name in book.sheet_names for row in book.get_sheet_by_name(name).to_python())  # fmt: skip


def test_a_site_is_registered_and_revised_by_form_and_its_problem_becomes_a_case(town, enter):
    client = enter("east1")
    given = {
        "code": "N-1", "name_zh": "新工地", "kind": "construction", "district": "379901",
        "lon": "120.3", "lat": "36.3", "department": "housing", "state": "active", "source": "patrol",
        "valid_from": "2026-09-22", "reason": "登记", "outline": "120.3 36.3\n120.301 36.3\n120.301 36.301",
    }  # fmt: skip
    answer = client.post("/dust-sources/new/", {**given, "outline": "120.3 36.3\n东 西"})
    assert answer.status_code == 422
    assert "第 2 行" in answer.content.decode()
    assert client.post("/dust-sources/new/", given).status_code == 302
    site = SiteRecord.objects.get(site="N-1")
    assert site.shape.geom_type == "Polygon"
    form = client.get("/dust-sources/sites/N-1/revise/").context["form"]
    data = {n: form.initial.get(n) for n in form.fields}
    data = {k: "" if v is None else v for k, v in data.items()}
    data |= {"stage": "earthworks", "reason": "开工"}
    answer = client.post("/dust-sources/sites/N-1/revise/", data)
    assert answer.status_code == 302, answer.context["form"].errors
    now = SiteRecord.objects.get(site="N-1", valid_to=None)
    assert (now.version, now.stage, now.wkb) == (2, "earthworks", site.wkb)
    answer = client.post("/dust-sources/sites/N-1/case/", {"trouble": "土方未覆盖"})
    case = Case.objects.get()
    assert answer["Location"].endswith(f"{case.number}/")
    assert "扬尘源档案" in client.get(answer["Location"]).content.decode()
    assert case.number in client.get("/dust-sources/sites/N-1/").content.decode()
