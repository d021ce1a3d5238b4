"""Matching on small graphs whose answer is seen with the eye."""

from __future__ import annotations

import numpy as np
import pytest

from qingyuan.hotspots import graph_of, matcher_of
from qingyuan.hotspots.routes import path_between, routes_within


def _street(count=6, metres=100.0):
    """A straight two-way street: edges 0, 2, 4 … eastwards, 1, 3, 5 … back."""
    u, v = [], []
    for i in range(count):
        u += [i, i + 1]
        v += [i + 1, i]
    x = np.arange(count + 1) * metres
    y = np.zeros(count + 1)
    return graph_of(edge_id=np.arange(2 * count), u=u, v=v, x1=x[u], y1=y[u], x2=x[v], y2=y[v])


def _match(graph, x, y, *, t=None, speed=None):
    t = 3.0 * np.arange(len(x)) if t is None else np.asarray(t, float)
    trace = np.zeros(len(x), dtype=np.int64)
    matcher = matcher_of(graph, noise_m=8.0)
    return matcher.match(
        trace=trace, t=t, x=np.asarray(x, float), y=np.asarray(y, float), speed=speed
    )


def test_direction_follows_the_drive():
    x = np.arange(10, 590, 25.0)
    assert set(_match(_street(), x, np.full(len(x), 4.0)).edge % 2) == {0}
    assert set(_match(_street(), x[::-1], np.full(len(x), 4.0)).edge % 2) == {1}


def test_place_on_the_edge_is_told():
    x = np.arange(10, 590, 25.0)
    found = _match(_street(), x, np.zeros(len(x)))
    assert np.abs(found.edge // 2 * 100 + found.along_m - x).max() < 15


def test_edges_are_consecutive_with_noise():
    rng = np.random.default_rng(2)
    true = np.arange(5, 595, 24.0)
    found = _match(_street(), true + rng.normal(0, 8, len(true)), rng.normal(0, 8, len(true)))
    assert (np.diff(found.edge) >= 0).all()
    assert np.mean(found.edge == true // 100 * 2) > 0.85


def test_fix_far_from_any_road_is_unmatched():
    found = _match(_street(), [10, 35, 60, 85, 110], [0, 0, 900, 0, 0])
    assert found.edge[2] == -1
    assert (found.edge[[0, 1, 3, 4]] >= 0).all()


def test_one_way_street_is_never_driven_against():
    graph = _street().part(np.arange(12) % 2 == 0)
    x = np.arange(10, 590, 25.0)
    assert set(_match(graph, x, np.zeros(len(x))).edge) <= set(range(6))


def test_nothing_in_nothing_out():
    assert len(_match(_street(), [], []).edge) == 0


def test_pause_begins_a_new_journey():
    t = np.concatenate([3.0 * np.arange(8), 600 + 3.0 * np.arange(8)])
    x = np.concatenate([np.arange(8) * 25.0, 590 - np.arange(8) * 25.0])
    found = _match(_street(), x, np.zeros(16), t=t)
    assert set(found.edge[:8] % 2) == {0}
    assert set(found.edge[8:] % 2) == {1}


def test_routes_are_shortest():
    routes = routes_within(_street(), 250.0)
    assert routes.length(np.array([0]), np.array([2]))[0] == pytest.approx(200)
    assert np.isinf(routes.length(np.array([0]), np.array([3]))[0])


def test_path_fills_what_was_passed_without_a_fix():
    way = path_between(_street(), np.array([0, 6]), np.array([50.0, 50.0]))
    assert way.tolist() == [0, 2, 4, 6]


def test_sparse_fixes_are_matched_over_several_edges():
    graph = _street(20)
    found = matcher_of(graph, noise_m=10.0, interval_s=60.0).match(
        trace=np.zeros(4, dtype=np.int64), t=60.0 * np.arange(4),
        x=np.array([50.0, 640.0, 1210.0, 1850.0]), y=np.array([5.0, -5.0, 5.0, 0.0]),
    )  # fmt: skip
    assert found.edge.tolist() == [0, 12, 24, 36]


def test_no_roads_is_a_problem(raises_problem):
    with raises_problem("hotspots.no_roads"):
        graph_of(edge_id=[], u=[], v=[], x1=[], y1=[], x2=[], y2=[])
