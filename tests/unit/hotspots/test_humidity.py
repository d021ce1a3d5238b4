"""Water on particles: told from stations, left to the literature where it cannot be."""

from __future__ import annotations

import numpy as np
import pytest

from qingyuan.hotspots import Stations, calibrate
from qingyuan.hotspots.calibration import Minutes
from qingyuan.hotspots.humidity import BELIEFS, Humidity, estimate_kappa, swelling
from qingyuan.hotspots.level import Anchor

_HOURS = np.arange(24.0)
_AIR = 60 + 15 * np.sin(_HOURS / 3.7)
_RH = 65 + 27 * np.cos(_HOURS / 3.8)
_FREE = {"offset": (0.0, 4.0), "drift": (0.0, 0.01)}


def test_dry_air_swells_nothing_and_damp_air_much():
    assert swelling(np.array([0.0]), 0.3)[0] == 1.0
    assert swelling(np.array([50.0]), 0.33)[0] == pytest.approx(1.2)
    assert swelling(np.array([90.0]), 0.33)[0] == pytest.approx(2.8)
    assert swelling(np.array([100.0]), 0.33)[0] == swelling(np.array([95.0]), 0.33)[0]


def _kappa(seen, rh, hours=24, belief="pm10"):
    anchor = Anchor(_HOURS[:hours] * 3600 + 1800, _AIR[:hours], np.ones(hours))
    seen, rh = seen[:hours, None], rh[:hours, None]
    return estimate_kappa(seen, rh, anchor, BELIEFS[belief], **_FREE)


def test_kappa_is_found_where_humidity_varies():
    told = _kappa(_AIR * swelling(_RH, 0.24), _RH)
    assert told.kappa == pytest.approx(0.24, abs=0.03)
    assert 0 < told.se < 0.05
    assert 0 < told.scale_se < 0.05


def test_even_humidity_leaves_the_literature():
    told = _kappa(1.3 * _AIR, np.full(24, 60.0))
    assert told.kappa == pytest.approx(BELIEFS["pm10"].kappa, abs=0.03)
    assert told.se > 0.05
    assert told.scale_se > 0.05  # gain and water look alike: the gains are told to be as uncertain


def test_two_hours_leave_the_literature_and_a_gain_as_uncertain():
    told = _kappa(_AIR * swelling(_RH, 0.22), _RH, hours=2, belief="pm25")
    assert told.kappa == pytest.approx(0.22, abs=0.03)
    assert told.scale_se > 0.04


def test_no_hour_leaves_the_literature():
    told = _kappa(_AIR, _RH, hours=0, belief="pm25")
    assert (told.kappa, told.se) == (0.22, 0.10)


def _fleet(gain, rh, kappa, rng):
    t = np.tile(np.arange(0, 86400, 60.0) + 30, len(gain))
    v = np.repeat(np.arange(len(gain)), 1440)
    air = np.interp(t, _HOURS * 3600, _AIR)
    swell = swelling(np.interp(t, _HOURS * 3600, rh), kappa)
    value = np.asarray(gain)[v] * air * swell + rng.normal(0, 2, len(t))
    return Minutes(v, t, value, np.full(len(t), 20))


def _stations():
    fine = [
        np.interp(np.arange(h * 3600, h * 3600 + 3600, 60.0), _HOURS * 3600, _AIR).mean()
        for h in range(24)
    ]
    return Stations(("A",) * 24, np.zeros(24), np.zeros(24), np.arange(1, 25.0), np.array(fine), np.full(24, np.nan))  # fmt: skip


def test_gains_are_right_after_a_damp_night():
    gain = [0.9, 1.0, 1.1, 1.0]
    stations, damp = _stations(), Humidity(_HOURS * 3600, _RH)
    minutes = _fleet(gain, _RH, 0.2, np.random.default_rng(4))
    told = {"vehicles": 4, "stations": stations, "hourly": stations.pm10}
    fit = calibrate(minutes, **told, humidity=damp, belief=BELIEFS["pm10"])
    assert fit.kappa == pytest.approx(0.2, abs=0.05)
    assert np.abs(fit.gain / gain - 1).max() < 0.08
    without = calibrate(minutes, **told)
    assert without.kappa == 0.0
    assert np.abs(without.gain / gain - 1).max() > 0.2
    wet = np.array([0]), np.array([86400.0 * 0.01])
    assert fit.true(*wet, np.array([100.0]))[0] < 60


@pytest.mark.parametrize("rh", [np.full(24, 50.0), np.linspace(20, 60, 24)], ids=["even", "dry"])
def test_nothing_is_corrected_where_it_was_never_damp(rh):
    assert not Humidity(_HOURS * 3600, rh).varies
