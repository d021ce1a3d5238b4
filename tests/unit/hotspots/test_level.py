"""What a fleet has in common is told by the stations, and with the error it has."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest

from qingyuan.hotspots import Stations, calibrate
from qingyuan.hotspots.calibration import Minutes
from qingyuan.hotspots.level import Anchor, anchor_of, common_of

_HOURS = np.array([h for h in range(48) if 7 <= h % 24 < 18], dtype=float)
_CAR = {"offset": (0.0, 2.0), "drift": (0.0, 0.005)}


def _air(t, rng):
    knot = np.arange(0, 172801, 1800.0)
    wander = np.cumsum(rng.normal(0, 3, len(knot)))
    return np.interp(
        t, knot, 65 + 10 * np.sin(knot / 13000) + wander - np.linspace(0, wander[-1], len(knot))
    )


def _hours(mean, weight=None):
    return Anchor(_HOURS * 3600 + 1800, mean, np.ones(len(mean)) if weight is None else weight)


def _line_of(rng):
    return 65 + 10 * np.sin(_HOURS / 4) + rng.normal(0, 4, len(_HOURS))


def test_an_hour_nobody_drove_says_nothing():
    anchor = Anchor(np.arange(24) * 3600.0 + 1800, np.ones(24), np.ones(24))
    drove = np.arange(7 * 3600 + 30.0, 18 * 3600 + 250, 60)
    assert (anchor.during(drove).when // 3600).tolist() == list(range(7, 18))


def test_a_dirty_station_does_not_lift_the_hours_it_alone_was_heard():
    hour = np.tile(np.arange(1.0, 25), 3)
    value = np.repeat([50.0, 50.0, 80.0], 24)
    value[[3, 24 + 3]] = np.nan
    found = anchor_of(("A",) * 24 + ("B",) * 24 + ("C",) * 24, hour, value)
    assert found.mean == pytest.approx(np.full(24, 60.0), abs=0.1)
    assert found.weight[3] == pytest.approx(1 / 3)
    assert anchor_of(("A",), np.array([1.0]), np.array([np.nan])) is None


def test_one_wild_reading_moves_its_hour_little():
    rng = np.random.default_rng(2)
    hour, value = np.tile(np.arange(1.0, 25), 5), 60 + rng.normal(0, 2, 120)
    value[7] = 400.0
    names = tuple(np.repeat(list("ABCDE"), 24))
    assert anchor_of(names, hour, value).mean[7] == pytest.approx(60, abs=4)


def test_scale_offset_and_drift_are_found_where_the_hours_tell_them():
    true = 65 + 40 * np.sin(_HOURS / 2.5)
    own = 1.2 * (1 + 0.004 * _HOURS / 24) * true + 3.0
    found = common_of(own, np.ones(22), _hours(true), offset=(-3.0, 2.0), drift=(-0.004, 0.005))
    assert found.scale == pytest.approx(1 / 1.2, rel=0.01)
    assert found.shift == pytest.approx(-2.5, abs=0.6)
    assert found.bend == pytest.approx(-0.004 / 1.2, abs=0.002)


def test_even_air_leaves_the_belief_that_a_fleet_has_no_offset():
    true = 65 + np.sin(_HOURS)
    found = common_of(1.1 * true, np.ones(22), _hours(true), **_CAR)
    assert found.scale == pytest.approx(1 / 1.1, rel=0.01)
    assert 0.01 < found.scale_se < 0.10


def test_a_belief_plainly_contradicted_is_let_go():
    true = 65 + 30 * np.sin(_HOURS / 2.5)
    near, far = (
        common_of(true + off, np.ones(22), _hours(true), **_CAR).scale for off in (1.5, 15.0)
    )
    assert near == pytest.approx(1, abs=0.02)
    assert far == pytest.approx(1, abs=0.03)


def test_the_stated_error_of_the_scale_holds():
    rng = np.random.default_rng(11)
    inside = 0
    for _ in range(200):
        true = _line_of(rng)
        own = 1.1 * true + rng.normal(0, 1.0)
        said = true + rng.normal(0, 0.9) + rng.normal(0, 1.1, 22)
        found = common_of(own, np.ones(22), _hours(said), **_CAR)
        inside += abs(np.log(found.scale * 1.1)) < 1.645 * found.scale_se
    assert 0.82 * 200 <= inside <= 0.98 * 200


@cache
def _fleet(seed, taxis=24):
    """Return gains, drifts and their calibration: two days of taxis, five stations that err."""
    rng = np.random.default_rng([seed, 8])
    t = np.concatenate([np.arange(d + 25200, d + 64800 + 150, 720.0) for d in (0, 86400)]) + 30
    gain, drift = rng.normal(1, 0.08, taxis), rng.normal(0, 0.02, taxis)
    offset = rng.normal(0, 4, taxis)
    air = np.random.default_rng([seed, 9])
    true = _air(np.arange(0, 172800, 60.0), air)
    t = t + 60.0 * (np.arange(taxis)[:, None] % 12)
    at = true[(t // 60).astype(int)]
    value = offset[:, None] + gain[:, None] * (1 + drift[:, None] * t / 86400) * at
    value = value + rng.normal(0, 1.0, value.shape)
    minutes = Minutes(
        np.repeat(np.arange(taxis), t.shape[1]),
        t.ravel(),
        value.ravel(),
        np.full(value.size, 20),
    )
    hourly = (
        true.reshape(48, 60).mean(axis=1) + rng.normal(0, 2, (5, 1)) + rng.normal(0, 2.5, (5, 48))
    )
    zero = np.zeros(240)
    stations = Stations(
        tuple(np.repeat(list("ABCDE"), 48)),
        zero,
        zero,
        np.tile(np.arange(1.0, 49), 5),
        hourly.ravel(),
        zero,
    )
    return gain, drift, calibrate(minutes, taxis, stations=stations, hourly=stations.pm10)


_SEEDS = range(10)


def test_a_fleet_does_not_drift_together():
    """Each drifts apart by 2 % a day: all together cannot, and no trend of the air is taken for it."""
    off = [np.median(fit.drift - drift) for _, drift, fit in map(_fleet, _SEEDS)]
    assert np.sqrt(np.mean(np.square(off))) < 0.007


def test_gains_lie_within_the_errors_told():
    inside = [
        np.abs(np.log(fit.gain / gain)) < 1.645 * fit.gain_se / fit.gain
        for gain, _, fit in map(_fleet, _SEEDS)
    ]
    assert 0.8 < np.mean(inside) <= 1.0


def test_without_stations_nothing_is_told_of_the_level():
    held = _fleet(1)[2]
    assert held.level_se > 0.005
    minutes = Minutes(
        np.zeros(300, dtype=int), np.arange(300) * 60.0, np.full(300, 50.0), np.full(300, 20)
    )
    assert calibrate(minutes, 1, stations=None, hourly=None).level_se == 0.0


def test_a_single_hour_of_stations_sets_the_level():
    t = np.arange(8 * 3600, 9 * 3600, 60.0) + 30
    minutes = Minutes(
        np.repeat(np.arange(3), 60), np.tile(t, 3), np.full(180, 84.0), np.full(180, 20)
    )
    stations = Stations(
        ("A",), np.zeros(1), np.zeros(1), np.array([9.0]), np.array([70.0]), np.zeros(1)
    )
    fit = calibrate(minutes, 3, stations=stations, hourly=stations.pm10)
    assert fit.true(np.array([0]), t[30:31], np.array([84.0]))[0] == pytest.approx(70, abs=1.5)
    assert fit.gain_se[0] > 0.03
