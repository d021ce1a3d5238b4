"""Road lines as people draw them: what is repaired, what is only told."""

from __future__ import annotations

import csv
import json

import numpy as np
import pytest
import shapefile

from qingyuan.hotspots import network_of, read_network, read_roads, write_edges
from qingyuan.hotspots.lines import Line
from qingyuan.hotspots.network import repair_kinds
from qingyuan.hotspots.plane import Plane


def _line(name, *xy, way=0, level=0, driven=True, road=""):
    return Line(name, np.array(xy, dtype=float), road, "", way, level, driven)


def _made(*lines, **options):
    return network_of(lines, Plane(), **options)


def _reached(network):
    return {(round(x), round(y)) for x, y in zip(network.graph.x2, network.graph.y2, strict=True)}


def test_crossing_without_a_node_is_split():
    made = _made(_line("a", (0, 0), (200, 0)), _line("b", (100, -80), (100, 80)))
    assert made.counts == {"crossing": 1}
    assert made.graph.nodes == 5
    assert len(made.graph.u) == 8
    assert (100, 0) in _reached(made)


def test_bridge_passes_over():
    made = _made(_line("a", (0, 0), (200, 0)), _line("b", (100, -80), (100, 80), level=1))
    assert made.graph.nodes == 4
    assert made.counts == {"island": 1}


def test_shared_vertex_is_a_node_whatever_the_level():
    made = _made(_line("a", (0, 0), (100, 0), (200, 0)), _line("b", (100, 0), (100, 80), level=1))
    assert made.graph.nodes == 4
    assert made.counts == {}


def test_ends_that_nearly_meet_are_snapped():
    made = _made(_line("a", (0, 0), (100, 0)), _line("b", (101.5, 1), (200, 0)))
    assert made.counts == {"snapped": 1}
    assert made.repairs[0].amount == pytest.approx(1.8, abs=0.1)
    assert made.graph.nodes == 3


def test_end_near_a_course_is_joined_to_it():
    made = _made(_line("a", (0, 0), (200, 0)), _line("b", (100, 2), (100, 80)))
    assert made.counts == {"joined": 1}
    assert made.graph.nodes == 4


def test_ends_far_apart_stay_apart():
    made = _made(_line("a", (0, 0), (100, 0)), _line("b", (110, 0), (200, 0)))
    assert made.counts == {"island": 1}


def test_stub_is_dropped_and_short_link_between_streets_is_not():
    streets = [_line("a", (0, 0), (200, 0)), _line("b", (0, 4), (200, 4))]
    made = _made(*streets, _line("link", (100, 0), (100, 4)), _line("stub", (50, 0), (50, -4)),
                 tolerance_m=1.0)  # fmt: skip
    assert made.counts == {"stub": 1}
    assert made.repairs[0].line_id == "stub"


def test_one_way_is_driven_one_way_and_a_trap_is_told():
    made = _made(_line("a", (0, 0), (100, 0)), _line("b", (100, 0), (200, 0), way=1),
                 _line("c", (0, 0), (0, 90), (100, 90), (100, 0), way=-1))  # fmt: skip
    graph = made.graph
    towards = {(graph.label[e], graph.x2[e] > graph.x1[e]) for e in range(len(graph.u))}
    assert ("b", True) in towards
    assert ("b", False) not in towards
    assert made.counts == {"trap": 1}
    assert made.repairs[0].line_id == "b"


def test_doubles_empties_and_footways_are_left_out():
    made = _made(_line("a", (0, 0), (100, 0)), _line("a2", (100, 0), (0, 0)),
                 _line("dot", (5, 5), (5, 5)), _line("path", (0, 0), (9, 90), driven=False))  # fmt: skip
    assert made.counts == {"duplicate": 1, "empty": 1, "not_driven": 1}
    assert len(made.graph.u) == 2


def test_nothing_to_drive_is_a_problem(raises_problem):
    with raises_problem("hotspots.no_roads"):
        _made(_line("path", (0, 0), (9, 90), driven=False))


def test_every_kind_speaks_both_languages():
    from qingyuan.hotspots import Repair

    for kind in repair_kinds():
        said = Repair(kind, "L1", 0, 0, 1.5, "L2")
        assert "L1" in said.says("zh")
        assert "L1" in said.says("en")


def _geojson(folder, *features):
    rows = [{"type": "Feature", "properties": tags, "geometry": {"type": "LineString", "coordinates": xy}}
            for tags, xy in features]  # fmt: skip
    path = folder / "roads.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": rows}), "utf-8")
    return path


def test_geojson_of_a_map_extract(tmp_path):
    path = _geojson(
        tmp_path,
        ({"osm_id": "11", "name": "经十路", "highway": "primary", "oneway": "yes"}, [[117.0, 36.6], [117.002, 36.6]]),
        ({"osm_id": "12", "name": "舜耕路", "highway": "secondary"}, [[117.001, 36.599], [117.001, 36.601]]),
        ({"osm_id": "13", "highway": "footway"}, [[117.0, 36.6], [117.0, 36.601]]),
        ({"osm_id": "14", "highway": "residential", "oneway": "sometimes"}, [[117.001, 36.601], [117.003, 36.601]]),
    )  # fmt: skip
    made = read_network(path)
    assert made.counts["crossing"] == 1
    assert made.counts["not_driven"] == 1
    assert made.counts["unknown_tag"] == 1
    assert set(made.graph.road) == {"经十路", "舜耕路", ""}
    assert made.plane.meridian == 117.0


def test_shapefile_in_gb18030_without_cpg(tmp_path):
    with shapefile.Writer(str(tmp_path / "roads"), shapeType=3, encoding="gb18030") as out:
        out.field("名称", "C", 40)
        out.field("oneway", "C", 2)
        out.line([[[0, 0], [100, 0], [200, 30]]])
        out.record("解放路", "F")
    (tmp_path / "roads.cpg").unlink(missing_ok=True)
    graph, plane = read_roads(tmp_path / "roads.shp")
    assert plane.meridian is None
    assert set(graph.road) == {"解放路"}
    assert (graph.x2 > graph.x1).all()


def test_openstreetmap_xml(tmp_path):
    path = tmp_path / "map.osm"
    path.write_text(
        '<osm><node id="1" lon="117.0" lat="36.6"/><node id="2" lon="117.002" lat="36.6"/>'
        '<way id="7"><nd ref="1"/><nd ref="2"/><tag k="highway" v="motorway"/><tag k="name" v="绕城"/></way>'
        '<way id="8"><nd ref="1"/><nd ref="2"/><tag k="building" v="yes"/></way></osm>',
        "utf-8",
    )
    graph, _ = read_roads(path)
    assert graph.label == ("7",)
    assert graph.called(np.array([0])) == ["7"]


@pytest.mark.parametrize("text", ["not json", '{"features": 3}', '{"features": [{"geometry": {"type": "LineString", "coordinates": [[1]]}}]}'])  # fmt: skip
def test_broken_lines_are_a_problem(tmp_path, raises_problem, text):
    (tmp_path / "roads.geojson").write_text(text, "utf-8")
    with raises_problem("hotspots.unread_lines"):
        read_roads(tmp_path / "roads.geojson")


def test_written_edges_are_read_again(tmp_path):
    made = read_network(_geojson(
        tmp_path, ({"id": 1, "name": "甲路"}, [[117.0, 36.6], [117.002, 36.6]]),
        ({"id": 2, "name": "乙路"}, [[117.001, 36.599], [117.001, 36.601]]),
    ))  # fmt: skip
    write_edges(made, tmp_path / "edges.csv")
    graph, _ = read_roads(tmp_path / "edges.csv")
    assert sorted(graph.length.round(1)) == sorted(made.graph.length.round(1))
    assert set(graph.road) == {"甲路", "乙路"}
    with (tmp_path / "edges.repairs.csv").open(encoding="utf-8") as rows:
        told = list(csv.DictReader(rows))
    assert [r["kind"] for r in told] == ["crossing"]
    assert "1" in told[0]["zh"]
