"""Strangers' files: degrees or metres, their faults named."""

from __future__ import annotations

import numpy as np
import pytest

from qingyuan.hotspots import read_points, read_roads, read_stations

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
