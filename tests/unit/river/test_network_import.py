from __future__ import annotations

import csv
import json
import sqlite3
import struct
from pathlib import Path

import numpy as np
import pytest
import shapefile
import shapely

from qingyuan.cli import main
from qingyuan.core.gcj02 import to_gcj02
from qingyuan.river.importing import REPAIRS, Options, import_network, read_layer, write_network
from qingyuan.river.importing.datums import to_cgcs2000
from qingyuan.river.network import network_of

# a hundred metres at 36° N, in degrees
EAST, NORTH = 0.0011105, 0.0009011


def at(x: float, y: float, z: float | None = None) -> list[float]:
    place = [120.0 + x * EAST, 36.0 + y * NORTH]
    return place if z is None else [*place, z]


def layer(tmp_path: Path, **lines):
    """Lines by name, in units of a hundred metres; a value may be (coordinates, attributes)."""
    features = []
    for name, given in lines.items():
        points, props = given if isinstance(given, tuple) else (given, {})
        geometry = {"type": "LineString", "coordinates": [at(*p) for p in points]}
        features.append(
            {"type": "Feature", "properties": {"id": name, **props}, "geometry": geometry}
        )
    path = tmp_path / "lines.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}), "utf-8")
    return read_layer(path)


def flows(found) -> dict[str, str]:
    return {r.reach_id: r.to_reach_id for r in found.reaches}


def kinds(found) -> list[tuple[str, str]]:
    return sorted((r.kind, r.feature_id) for r in found.repairs if r.kind != "estimated")


def test_a_tributary_that_ends_on_a_course_splits_it_there(tmp_path):
    found = import_network(layer(tmp_path, main=[(0, 0), (20, 0)], side=[(8, 9), (8, 0)]))
    assert flows(found) == {"main.1": "main.2", "main.2": "", "side": "main.2"}
    assert [r.length_m for r in found.reaches] == pytest.approx([800, 1200, 900], rel=2e-3)
    assert kinds(found) == [("split", "main")]
    assert network_of(found.reaches).order.size == 3


def test_ends_that_nearly_meet_are_joined_and_the_move_is_told(tmp_path):
    found = import_network(layer(tmp_path, a=[(0, 0), (9.9, 0)], b=[(10, 0.05), (20, 0)]))
    assert flows(found) == {"a": "b", "b": ""}
    [moved] = [r for r in found.repairs if r.kind == "snapped"]
    assert moved.feature_id == "b"
    assert moved.amount == pytest.approx(11.2, abs=0.1)
    assert (moved.lon, moved.lat) == pytest.approx(tuple(at(10, 0.05)), abs=1e-6)
    assert "11.2 m" in moved.says("zh")
    assert "11.2 m" in moved.says("en")


def test_an_end_that_falls_short_of_a_course_is_drawn_up_to_it(tmp_path):
    found = import_network(layer(tmp_path, main=[(0, 0), (20, 0)], side=[(8, 9), (8, 0.1)]))
    assert flows(found)["side"] == "main.2"
    assert ("extended", "side") in kinds(found)


def test_beyond_the_tolerance_nothing_is_joined_and_the_part_is_told(tmp_path):
    found = import_network(layer(tmp_path, main=[(0, 0), (20, 0)], side=[(8, 9), (8, 0.5)]))
    assert flows(found) == {"main": "", "side": ""}
    assert kinds(found) == [("separate", "side")]


def test_duplicates_empties_and_stubs_are_dropped(tmp_path):
    found = import_network(
        layer(
            tmp_path,
            main=[(0, 0), (10, 0)],
            again=[(10, 0), (5, 0), (0, 0)],
            low=[(10, 0), (20, 0)],
            dot=[(5, 5), (5, 5)],
            stub=[(10, 0), (10, 0.15)],
        )
    )
    assert flows(found) == {"main": "low", "low": ""}
    assert kinds(found) == [
        ("dangle", "stub"), ("duplicate", "again"), ("empty", "dot"), ("snapped", "stub"),
    ]  # fmt: skip


def test_a_line_drawn_against_the_flow_is_turned_round(tmp_path):
    found = import_network(
        layer(tmp_path, a=[(0, 0), (10, 0)], b=[(20, 0), (10, 0)], c=[(20, 0), (30, 0)])
    )
    assert flows(found) == {"a": "b", "b": "c", "c": ""}
    assert kinds(found) == [("reversed", "b")]
    line = found.lines[1]
    assert line[0][0] < line[-1][0]  # drawn downstream now


def test_elevation_overrules_the_drawing_and_an_attribute_overrules_both(tmp_path):
    hills = layer(tmp_path, a=[(0, 0, 3), (10, 0, 5)], b=[(10, 0, 5), (20, 0, 9)])
    assert flows(import_network(hills)) == {"a": "", "b": "a"}
    drawn = import_network(hills, options=Options(direction="digitised"))
    assert flows(drawn) == {"a": "b", "b": ""}
    assert ("against_elevation", "b") in kinds(drawn)
    said = layer(
        tmp_path, a=([(0, 0, 3), (10, 0, 5)], {"to": "b"}), b=([(10, 0, 5), (20, 0, 9)], {"to": ""})
    )
    assert flows(import_network(said))["a"] == "b"


def test_of_a_loop_one_arm_is_the_river_and_the_other_begins_at_the_fork(tmp_path):
    found = import_network(
        layer(
            tmp_path,
            top=[(0, 0), (10, 0)],
            arm=[(10, 0), (20, 0)],
            canal=([(10, 0), (15, 9), (20, 0)], {"kind": "渠道"}),
            low=[(20, 0), (30, 0)],
        )
    )
    assert flows(found) == {"top": "arm", "arm": "low", "canal": "low", "low": ""}
    assert ("loop_opened", "canal") in kinds(found)
    assert {r.reach_id: r.kind for r in found.reaches}["canal"] == "canal"


def test_a_closed_ring_cannot_be_directed_and_is_left_out(tmp_path):
    ring = [(50, 50), (55, 50), (55, 55), (50, 50)]
    found = import_network(layer(tmp_path, main=[(0, 0), (20, 0)], moat=ring))
    assert flows(found) == {"main": ""}
    assert kinds(found) == [("closed_ring", "moat")]


def test_a_ring_of_lines_takes_its_lowest_end_as_outlet_and_says_so(tmp_path):
    found = import_network(
        layer(
            tmp_path,
            a=[(0, 0, 9), (10, 0, 6)],
            b=[(10, 0, 6), (10, 10, 2)],
            c=[(0, 0, 9), (10, 10, 2)],
        )
    )
    network_of(found.reaches)  # flows to an outlet
    assert {k for k, _ in kinds(found)} == {"loop_opened", "no_outlet"}


def test_courses_that_cross_are_split_and_told_as_doubtful(tmp_path):
    found = import_network(
        layer(tmp_path, river=[(0, 0), (20, 0)], canal=[(10, 10), (10, -10)]),
        options=Options(outlets=(tuple(at(20, 0)),)),
    )
    assert len(found.reaches) == 4
    assert ("crossing", "river") in kinds(found) or ("crossing", "canal") in kinds(found)


def test_a_named_outlet_turns_the_network(tmp_path, raises_problem):
    line = layer(tmp_path, a=[(0, 0), (10, 0)], b=[(10, 0), (20, 0)])
    turned = import_network(line, options=Options(outlets=(tuple(at(0, 0)),)))
    assert flows(turned) == {"a": "", "b": "a"}
    with raises_problem("river.outlet_far"):
        import_network(line, options=Options(outlets=(tuple(at(0, 90)),)))


def test_what_is_not_known_is_estimated_and_named(tmp_path):
    found = import_network(
        layer(
            tmp_path,
            a=([(0, 0), (100, 0)], {"So": 0.002, "n": 0.04, "流量": "3.5"}),
            b=[(100, 0, 9), (200, 0, 4)],
        )
    )
    a, b = found.reaches
    assert (a.slope, a.manning_n, a.flow_m3_s) == (0.002, 0.04, 3.5)
    assert found.estimated[0] == ("bottom_width_m", "side_slope")
    assert b.slope == pytest.approx(5 / b.length_m)
    assert "slope" not in found.estimated[1]
    assert b.flow_m3_s == pytest.approx(0.008 * (a.length_m + b.length_m) / 1000)


def polygon(tmp_path: Path):
    ring = [at(*p) for p in ((8, -3), (14, -3), (14, 3), (8, 3), (8, -3))]
    feature = {
        "type": "Feature",
        "properties": {"name": "青石水库"},
        "geometry": {"type": "Polygon", "coordinates": [ring]},
    }
    path = tmp_path / "lake.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": [feature]}), "utf-8")
    return read_layer(path)


def points(tmp_path: Path, name: str, rows: list[dict[str, object]]):
    path = tmp_path / f"{name}.csv"
    with path.open("w", encoding="utf-8", newline="") as text:
        writer = csv.DictWriter(text, rows[0])
        writer.writeheader()
        writer.writerows(rows)
    return read_layer(path)


def test_what_lies_in_a_reservoir_becomes_one(tmp_path):
    found = import_network(layer(tmp_path, main=[(0, 0), (20, 0)]), reservoirs=polygon(tmp_path))
    assert [(r.kind, round(r.length_m, -1)) for r in found.reaches] == [
        ("river", 800), ("reservoir", 600), ("river", 600),
    ]  # fmt: skip
    assert flows(found) == {"main": "main-2", "main-2": "main-3", "main-3": ""}


def test_a_closed_gate_leaves_its_upstream_connected_but_undated(tmp_path):
    lon, lat = at(10, 0.1)
    gates = points(tmp_path, "gates", [{"id": "G1", "lon": lon, "lat": lat, "state": "关闭"}])
    found = import_network(layer(tmp_path, main=[(0, 0), (20, 0)]), gates=gates)
    gate = found.reaches[1]
    assert (gate.kind, gate.flow_m3_s, round(gate.length_m)) == ("gate", 0.0, 10)
    assert ("gate", "main") in kinds(found)


def test_places_are_put_on_the_river_or_refused_with_file_row_and_distance(tmp_path):
    rows = [
        {"outfall_id": "O1", "lon": at(5, 0.3)[0], "lat": at(5, 0.3)[1], "class": "工业排污口"},
        {"outfall_id": "O2", "lon": at(5, 7)[0], "lat": at(5, 7)[1], "class": ""},
    ]
    found = import_network(
        layer(tmp_path, main=[(0, 0), (20, 0)]), outfalls=points(tmp_path, "outfalls", rows)
    )
    [one] = found.outfalls
    assert (one.properties["outfall_id"], one.reach_id) == ("O1", "main")
    assert (one.position_m, one.snap_m) == pytest.approx((500, 30), abs=1.5)
    [refused] = found.refused
    assert refused.code == "river.too_far"
    assert (refused.values["file"], refused.values["row"]) == ("outfalls.csv", 2)
    assert refused.values["distance"] == pytest.approx(700, abs=2)


def test_a_place_between_two_rivers_names_both(tmp_path):
    rows = [{"outfall_id": "O1", "lon": at(5, 0.5)[0], "lat": at(5, 0.5)[1]}]
    found = import_network(
        layer(tmp_path, a=[(0, 0), (20, 0)], b=[(0, 1.1), (20, 1.1)]),
        outfalls=points(tmp_path, "o", rows),
    )
    assert (found.outfalls[0].reach_id, found.outfalls[0].also) == ("a", "b")


# ---------------------------------------------------------------------------
# formats and datums


def _same(path: Path, **known) -> dict[str, str]:
    return flows(import_network(read_layer(path, **known)))


def test_a_shapefile_in_gb18030_and_projected_metres(tmp_path):
    path = tmp_path / "河线.shp"
    with shapefile.Writer(str(path), shapeType=shapefile.POLYLINE, encoding="gb18030") as out:
        out.field("编号", "C", size=20)
        out.field("河流名称", "C", size=40)
        for name, line in (("甲", [[0, 0], [1000, 0]]), ("乙", [[1000, 0], [2000, 0]])):
            out.line([[[500_000 + x, 3_986_000 + y] for x, y in line]])
            out.record(name, "柳青河")
    path.with_suffix(".cpg").write_text("GBK")
    from pyproj import CRS

    path.with_suffix(".prj").write_text(CRS.from_epsg(4549).to_wkt("WKT1_ESRI"), "utf-8")
    found = import_network(read_layer(path))
    assert flows(found) == {"甲": "乙", "乙": ""}
    assert found.rivers == ("柳青河", "柳青河")
    assert found.lines[0][0] == pytest.approx([120.0, 36.0], abs=0.02)
    assert found.reaches[0].length_m == pytest.approx(1000, rel=1e-3)


def _geopackage(path: Path) -> None:
    base = sqlite3.connect(path)
    base.executescript(
        """CREATE TABLE gpkg_spatial_ref_sys (srs_id INTEGER, organization TEXT,
             organization_coordsys_id INTEGER);
           INSERT INTO gpkg_spatial_ref_sys VALUES (4490, 'EPSG', 4490);
           CREATE TABLE gpkg_geometry_columns (table_name TEXT, column_name TEXT, srs_id INTEGER);
           INSERT INTO gpkg_geometry_columns VALUES ('rivers', 'geom', 4490);
           CREATE TABLE rivers (fid INTEGER PRIMARY KEY, reach_id TEXT, geom BLOB);"""
    )
    for name, line in (("a", [at(0, 0), at(10, 0)]), ("b", [at(10, 0), at(20, 0)])):
        geometry = shapely.LineString(line)
        x0, y0, x1, y1 = geometry.bounds
        blob = b"GP\x00" + bytes([0b011]) + struct.pack("<i4d", 4490, x0, x1, y0, y1)
        base.execute(
            "INSERT INTO rivers (reach_id, geom) VALUES (?, ?)", (name, blob + geometry.wkb)
        )
    base.commit()
    base.close()


def test_a_geopackage(tmp_path, raises_problem):
    path = tmp_path / "net.gpkg"
    _geopackage(path)
    assert _same(path) == {"a": "b", "b": ""}
    with raises_problem("river.no_such_layer"):
        read_layer(path, layer="roads")


def test_a_layer_named_shifted_is_shifted_back():
    places = np.array([[120.38, 36.07], [116.39, 39.91], [118.35, 35.05]])
    assert to_cgcs2000(to_gcj02(places), "GCJ02") == pytest.approx(places, abs=1e-8)


def test_degrees_that_are_none_are_refused(tmp_path, raises_problem):
    path = tmp_path / "m.geojson"
    line = {"type": "LineString", "coordinates": [[500000, 3986000], [501000, 3986000]]}
    path.write_text(json.dumps({"type": "Feature", "properties": {}, "geometry": line}))
    with raises_problem("river.not_degrees"):
        read_layer(path)
    assert _same(path, datum="EPSG:4549") == {"1": ""}
    with raises_problem("river.unknown_datum"):
        read_layer(path, datum="BD09")


def test_unreadable_files_are_named(tmp_path, raises_problem):
    for name, text, code in (
        ("a.kml", "", "river.unknown_layer_format"),
        ("b.geojson", "{", "river.unreadable_layer"),
        ("c.gpkg", "nonsense", "river.unreadable_layer"),
        ("d.csv", "x,y\n1,2\n", "river.unreadable_layer"),
    ):
        (tmp_path / name).write_text(text)
        with raises_problem(code):
            read_layer(tmp_path / name)
    with raises_problem("river.unreadable_layer"):
        read_layer(tmp_path / "none.shp")
    (tmp_path / "e.geojson").write_text('{"type":"FeatureCollection","features":[]}')
    with raises_problem("river.no_lines"):
        import_network(read_layer(tmp_path / "e.geojson"))
    with raises_problem("river.unknown_direction"):
        import_network(layer(tmp_path, a=[(0, 0), (1, 0)]), options=Options(direction="uphill"))


def test_every_kind_of_repair_has_both_sentences(tmp_path):
    found = import_network(layer(tmp_path, a=[(0, 0), (10, 0)]))
    [guess] = found.repairs
    for kind in REPAIRS:
        from dataclasses import replace

        for language in ("zh", "en"):
            assert guess.feature_id in replace(guess, kind=kind).says(language) or kind == "gate"


# ---------------------------------------------------------------------------
# the verb


def test_the_verb_writes_files_a_city_folder_takes(tmp_path, capsys):
    layer(tmp_path, main=[(0, 0), (20, 0)], side=[(8, 9), (8, 0)])
    points(tmp_path, "o", [{"outfall_id": "O1", "lon": at(8.2, 4)[0], "lat": at(8.2, 4)[1]}])
    points(tmp_path, "s", [{"section_id": "S1", "lon": at(15, 0)[0], "lat": at(15, 0)[1]}])
    out = tmp_path / "out"
    call = [
        "river", "import", str(tmp_path / "lines.geojson"), "--out", str(out), "--json",
        "--outfalls", str(tmp_path / "o.csv"), "--sections", str(tmp_path / "s.csv"),
    ]  # fmt: skip
    assert main(call) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["reaches"], told["outfalls"], told["sections"]) == (3, 1, 1)
    rows = list(csv.DictReader((out / "reaches.csv").read_text("utf-8").splitlines()))
    assert {r["reach_id"]: r["to_reach_id"] for r in rows} == {
        "main.1": "main.2", "main.2": "", "side": "main.2",
    }  # fmt: skip
    lines = json.loads((out / "rivers.geojson").read_text("utf-8"))["features"]
    assert {f["properties"]["reach_id"] for f in lines} == {r["reach_id"] for r in rows}
    [outfall] = csv.DictReader((out / "outfalls.csv").read_text("utf-8").splitlines())
    assert outfall["reach_id"] == "side"
    assert float(outfall["position_m"]) == pytest.approx(500, abs=3)


def test_the_verb_exits_1_when_a_place_is_refused_and_2_on_a_wrong_call(tmp_path, capsys):
    layer(tmp_path, main=[(0, 0), (20, 0)])
    points(tmp_path, "o", [{"outfall_id": "O1", "lon": at(8, 9)[0], "lat": at(8, 9)[1]}])
    base = ["river", "import", str(tmp_path / "lines.geojson"), "--out", str(tmp_path / "out")]
    assert main([*base, "--outfalls", str(tmp_path / "o.csv")]) == 1
    assert "river.too_far" in capsys.readouterr().out
    assert main([*base, "--outlet", "here"]) == 1
    assert "river.bad_place" in capsys.readouterr().err


def test_writing_and_reading_keeps_the_network(tmp_path):
    found = import_network(layer(tmp_path, a=[(0, 0), (10, 0)], b=[(10, 0), (20, 0)]))
    write_network(found, tmp_path / "net")
    again = import_network(read_layer(tmp_path / "net" / "rivers.geojson"))
    assert flows(again) == flows(found)
