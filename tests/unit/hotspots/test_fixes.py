"""Each rejected fix keeps its reason."""

from __future__ import annotations

import numpy as np
import pytest

from qingyuan.hotspots import REASONS, Fixes, check_fixes, noise_of, rejected_counts


def _fixes(count=200, **changed):
    rng = np.random.default_rng(4)
    columns = {
        "vehicle": np.zeros(count, dtype=np.int64), "t": 3.0 * np.arange(count),
        "x": 25.0 * np.arange(count) + rng.normal(0, 6, count), "y": rng.normal(0, 6, count),
        "speed": np.full(count, 8.3), "pm10": np.round(80 + rng.normal(0, 6, count)),
        "pm25": np.round(30 + rng.normal(0, 3, count)), "rh": np.full(count, 50.0),
        "row": np.arange(count),
    }  # fmt: skip
    for name, (rows, value) in changed.items():
        columns[name][rows] = value
    return Fixes(("A",), **columns)


def _reasons(fixes):
    return [REASONS[r] for r in check_fixes(fixes)]


def test_sound_fixes_pass():
    assert set(_reasons(_fixes())) == {""}


@pytest.mark.parametrize(
    ("name", "value", "reason"),
    [
        pytest.param("t", 27.0, "duplicate", id="the time of the one before"),
        pytest.param("x", 2500.0, "jump", id="kilometres away and back"),
        pytest.param("pm10", 9999.0, "range", id="above the range"),
        pytest.param("pm10", np.nan, "range", id="no reading"),
        pytest.param("rh", 140.0, "range", id="impossible humidity"),
        pytest.param("speed", 55.0, "speed", id="198 km/h"),
    ],
)
def test_one_bad_fix_keeps_its_reason(name, value, reason):
    said = _reasons(_fixes(**{name: (10, value)}))
    assert said[10] == reason
    assert set(said[:9] + said[12:]) == {""}


def test_a_minute_of_one_value_is_stuck():
    said = _reasons(_fixes(pm10=(slice(100, 150), 77.0)))
    assert set(said[100:150]) == {"stuck"}


def test_noise_is_measured_from_the_fixes():
    assert noise_of(_fixes(3000)) == pytest.approx(6, rel=0.1)


def test_rejected_are_counted_by_vehicle_and_day():
    fixes = _fixes(pm10=(slice(3, 5), 9999.0))
    assert rejected_counts(fixes, check_fixes(fixes)) == [
        {"vehicle_id": "A", "day": 0, "reason": "range", "fixes": 2}
    ]
