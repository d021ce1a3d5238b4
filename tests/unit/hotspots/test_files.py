"""Strangers' files: degrees or metres, their faults named."""

from __future__ import annotations

import json

import numpy as np
import pytest

from qingyuan.core.gcj02 import to_gcj02
from qingyuan.hotspots import read_points, read_roads, read_sites, read_stations, read_streets

_EDGES = "edge_id,u,v,lon1,lat1,lon2,lat2\n7,1,2,117.0,36.60,117.001,36.60\n8,2,1,117.001,36.60,117.0,36.60\n"


def _file(folder, name, text):
    path = folder / name
    path.write_text(text, "utf-8")
    return path


def test_degrees_become_metres_and_degrees_again(tmp_path):
    graph, plane = read_roads(_file(tmp_path, "edges.csv", _EDGES))
    assert graph.length[0] == pytest.approx(89.4, abs=0.3)
    assert plane.given(graph.x2[0], graph.y2[0]) == {"lon": 117.001, "lat": 36.6}


def test_points_in_degrees_lie_on_the_roads(tmp_path):
    graph, plane = read_roads(_file(tmp_path, "edges.csv", _EDGES))
    text = "vehicle_id,time,lon,lat,pm10\nA,2026-09-02T07:00:03,117.0005,36.6,80\nA,,117,36.6,80\n"
    fixes, missing = read_points(_file(tmp_path, "points.csv", text), plane)
    assert missing == 1
    assert fixes.t.tolist() == [7 * 3600 + 3]
    assert fixes.x[0] == pytest.approx((graph.x1[0] + graph.x2[0]) / 2, abs=0.5)
    assert np.isnan(fixes.pm25[0])


def test_metres_against_degrees_are_refused(tmp_path, raises_problem):
    _, plane = read_roads(_file(tmp_path, "edges.csv", _EDGES))
    points = _file(tmp_path, "points.csv", "vehicle_id,t_s,x,y,pm10\nA,1,2,3,4\n")
    with raises_problem("hotspots.other_plane"):
        read_points(points, plane)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        pytest.param(
            "vehicle_id,t_s,lon,lat\nA,1,117,36\n", "hotspots.missing_column", id="no pm10"
        ),
        pytest.param(
            "vehicle_id,t_s,lon,lat,pm10\nA,1,117\n", "hotspots.torn_row", id="cells missing"
        ),
        pytest.param(
            "vehicle_id,time,lon,lat,pm10\nA,noon,117,36,5\n", "hotspots.bad_cell", id="no time"
        ),
    ],
)
def test_faults_of_the_points_are_named(tmp_path, raises_problem, text, code):
    _, plane = read_roads(_file(tmp_path, "edges.csv", _EDGES))
    with raises_problem(code):
        read_points(_file(tmp_path, "points.csv", text), plane)


def test_absent_file_is_named(tmp_path, raises_problem):
    with raises_problem("hotspots.no_file"):
        read_roads(tmp_path / "none.csv")


def test_station_needs_its_hour(tmp_path, raises_problem):
    _, plane = read_roads(_file(tmp_path, "edges.csv", _EDGES))
    stations = _file(tmp_path, "s.csv", "station,lon,lat,hour_ending,pm10\nS,117,36,,50\n")
    with raises_problem("hotspots.bad_cell"):
        read_stations(stations, plane)


_HEAD = "vehicle_id,t_s,lon,lat,pm10\n"


def _plane(tmp_path):
    return read_roads(_file(tmp_path, "edges.csv", _EDGES))[1]


@pytest.mark.parametrize(
    "raw",
    [
        pytest.param("车牌,时间,经度,纬度,PM10(μg/m³)\r\n鲁A1,2026/9/2 7:00:03,117,36.6,80\r\n".encode("gb18030"), id="gb18030-crlf"),
        pytest.param("\ufeffvehicle_id;time;lng;latitude;pm10\n鲁A1;2026-09-02 07:00:03;117;36.6;80\n".encode(), id="bom-semicolons"),
        pytest.param("vehicle_id\ttime\tlon\tlat\tpm10\n鲁A1\t2026-09-01T23:00:03Z\t117\t36.6\t80\n\n".encode("utf-16"), id="utf16-tabs-utc"),
        pytest.param("Vehicle_ID,T_s,LON,LAT,PM10(mg/m3)\n鲁A1,1788303603,117,36.6,0.08\n".encode(), id="epoch-milligrams"),
        pytest.param("vehicle_id,t_s,lon,lat,pm10\n鲁A1,25203,117,36.6,80\n,25203,117,36.6,80\n".encode(), id="a-row-without-vehicle"),
    ],
)  # fmt: skip
def test_strangers_headers_encodings_and_units(tmp_path, raw):
    path = tmp_path / "points.csv"
    path.write_bytes(raw)
    fixes, _ = read_points(path, _plane(tmp_path))
    assert fixes.vehicles == ("鲁A1",)
    assert fixes.t.tolist() == [7 * 3600 + 3]
    assert fixes.pm10.tolist() == pytest.approx([80.0])


def test_gz_and_parquet_and_unsorted_time_are_the_same(tmp_path):
    import gzip

    import pyarrow as pa
    from pyarrow.parquet import write_table

    plane = _plane(tmp_path)
    (tmp_path / "p.csv.gz").write_bytes(
        gzip.compress((_HEAD + "A,9,117,36.6,\nA,3,117,36.6,7\n").encode())
    )
    columns = {
        "vehicle_id": ["A", "A"],
        "t_s": [9, 3],
        "lon": [117.0, 117.0],
        "lat": [36.6, 36.6],
        "pm10": [None, 7],
    }
    write_table(pa.table(columns), tmp_path / "p.parquet")
    one, two = (read_points(tmp_path / n, plane)[0].in_order() for n in ("p.csv.gz", "p.parquet"))
    assert one.t.tolist() == two.t.tolist() == [3, 9]
    assert np.array_equal(one.pm10, two.pm10, equal_nan=True)


def test_speed_in_kilometres_an_hour_is_seen_from_the_places(tmp_path):
    rows = "".join(f"A,{3 * k},{117 + k * 0.0003:.5f},36.6,50,32.2\n" for k in range(80))
    text = _HEAD.replace("pm10", "pm10,speed") + rows
    fixes, _ = read_points(_file(tmp_path, "p.csv", text), _plane(tmp_path))
    assert np.median(fixes.speed) == pytest.approx(8.9, abs=0.2)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        pytest.param(_HEAD + "A,1,36.6,117.0,50\n", "hotspots.not_degrees", id="swapped"),
        pytest.param(_HEAD + "A,1,117.0,36.6,0.05\n", "hotspots.wrong_unit", id="milligrams"),
        pytest.param(_HEAD + "A,1,121.5,31.2,50\n", "hotspots.elsewhere", id="another city"),
        pytest.param(_HEAD.replace("t_s", "time") + "A,7点,117,36.6,50\n", "hotspots.bad_cell", id="time"),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_refused(tmp_path, raises_problem, text, code):
    graph, plane = read_roads(_file(tmp_path, "edges.csv", _EDGES))
    with raises_problem(code):
        read_points(_file(tmp_path, "points.csv", text), plane, roads=graph)


def test_row_of_a_bad_cell_counts_blank_lines(tmp_path, raises_problem):
    plane = _plane(tmp_path)
    path = _file(tmp_path, "points.csv", _HEAD + "\nA,1,117,36.6,5\n\nA,2,117,x,5\n")
    with pytest.raises(Exception) as caught:  # noqa: PT011 - the values are looked at below
        read_points(path, plane)
    (problem,) = caught.value.problems
    assert problem.values["row"] == 5
    assert problem.values["given"] == "x"


def test_roads_in_kilometres_are_refused(tmp_path, raises_problem):
    text = "edge_id,u,v,x1,y1,x2,y2\n1,1,2,33.1,108.1,33.2,108.1\n"
    with raises_problem("hotspots.not_metres"):
        read_roads(_file(tmp_path, "edges.csv", text))


def test_named_edges_keep_their_names_and_nodes_may_be_left_out(tmp_path):
    text = "edge_id,x1,y1,x2,y2,name\nE-1,0,0,90,0,甲路\nE-2,90,0,90,80,\n"
    graph, _ = read_roads(_file(tmp_path, "edges.csv", text))
    assert graph.called(np.array([1, 0])) == ["E-1", "E-2"]
    assert graph.v[0] == graph.u[1]
    assert graph.road == ("甲路", "")


def test_sites_by_their_columns(tmp_path):
    plane = _plane(tmp_path)
    text = "编号,名称,类型,经度,纬度,责任部门\n,北园工地,建筑工地,117.0,36.6,住建\nK2,,堆场,,,\n"
    sites = read_sites(_file(tmp_path, "sites.csv", text), plane)
    assert sites.site_id == ("2",)
    assert sites.name == ("北园工地",)
    assert sites.kind == ("建筑工地",)
    assert sites.department == ("住建",)


def test_shifted_degrees_are_shifted_back_where_they_are_named(tmp_path, raises_problem):
    roads = _file(tmp_path, "edges.csv", _EDGES)
    graph, plane = read_roads(roads)
    ((lon, lat),) = to_gcj02(np.array([[117.0005, 36.6]]))
    points = _file(tmp_path, "p.csv", f"vehicle_id,t_s,lon,lat,pm10\nA,1,{lon:.8f},{lat:.8f},80\n")
    middle = (graph.x1[0] + graph.x2[0]) / 2
    assert abs(read_points(points, plane)[0].x[0] - middle) > 200
    assert read_points(points, plane, datum="gcj02")[0].x[0] == pytest.approx(middle, abs=0.05)
    shifted = _file(tmp_path, "lines.geojson", json.dumps({"features": [{
        "properties": {"name": "甲路"},
        "geometry": {"type": "LineString", "coordinates": to_gcj02(np.array([[117.0, 36.6], [117.001, 36.6]])).tolist()},
    }]}))  # fmt: skip
    back = read_streets(shifted, datum="gcj02")
    place = back.plane.given(back.graph.x1[0], back.graph.y1[0])
    assert (place["lon"], place["lat"]) == pytest.approx((117.0, 36.6), abs=2e-6)
    with raises_problem("hotspots.unknown_datum"):
        read_streets(shifted, datum="bd09")
    metres = _file(tmp_path, "m.csv", "edge_id,x1,y1,x2,y2\n1,0,0,90,0\n")
    with raises_problem("hotspots.shifted_metres"):
        read_streets(metres, datum="gcj02")
