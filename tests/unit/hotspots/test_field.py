"""The lasting field of the air: a dirty quarter is found, a hot spot does not enter it."""

from __future__ import annotations

import numpy as np

from qingyuan.hotspots.field import field_of


def _drive(rise, n=60_000):
    rng = np.random.default_rng(3)
    x, y = rng.uniform(0, 6000, n), rng.uniform(0, 6000, n)
    return field_of(rng.integers(0, 6, n), x, y, rise(x, y) + rng.normal(0, 4, n))


def test_dirty_quarter_is_told():
    field = _drive(lambda x, y: 12.0 * (x < 2500))
    west, east = field.at(np.array([1000.0, 5000.0]), np.array([3000.0, 3000.0]))
    assert 10 < west - east < 14


def test_hot_spot_does_not_enter():
    field = _drive(lambda x, y: 150 * np.exp(-0.5 * ((x - 3200) ** 2 + (y - 3200) ** 2) / 150**2))
    assert abs(field.at(np.array([3200.0]), np.array([3200.0]))[0]) < 2.0


def test_one_vehicle_alone_says_nothing():
    rng = np.random.default_rng(3)
    x, y = rng.uniform(0, 3000, 9000), rng.uniform(0, 3000, 9000)
    field = field_of(np.zeros(9000, dtype=np.int64), x, y, 9.0 * (x < 1500))
    assert not field.rise.any()


def test_nothing_in_nothing_out():
    none = np.zeros(0)
    assert field_of(none.astype(np.int64), none, none, none).at(np.ones(1), np.ones(1))[0] == 0
