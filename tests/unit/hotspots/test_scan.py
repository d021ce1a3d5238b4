"""What a scan makes of witnesses."""

from __future__ import annotations

import numpy as np
import pytest

from qingyuan.hotspots.scan import Scan, false_discovery, p_values, shifted, windows_of
from qingyuan.hotspots.segments import Passes


def _passes(rise, segment, vehicle, hour):
    n = len(rise)
    return Passes(
        segment, vehicle, hour * 3600.0 + np.arange(n) % 50 * 60, np.full(n, 3), rise,
        rise * 0.2, np.full(n, 60.0),
    )  # fmt: skip


def _city(seed=1, places=60, vehicles=6):
    rng = np.random.default_rng(seed)
    grid = np.array(
        [(s, v, h) for v in range(vehicles) for h in range(8, 16) for s in range(places)]
    )
    s, v, h = grid.T
    return rng.normal(0, 4, len(s)), s, v, h, np.arange(places) * 300.0


def test_one_plume_however_strong_persuades_nobody():
    rise, s, v, h, x = _city()
    rise[(s == 30) & (v == 2) & (h == 11)] += 900
    scan = Scan(_passes(rise, s, v, h), x, np.zeros(len(x)))
    calm = scan.run(rise).best
    assert calm[30] < np.max(np.delete(calm, 30)) + 1.5


def test_what_all_see_for_hours_stands_out():
    rise, s, v, h, x = _city()
    rise[(s == 30) & (h >= 10) & (h < 13)] += 12
    scan = Scan(_passes(rise, s, v, h), x, np.zeros(len(x)))
    seen = scan.run(rise)
    assert int(seen.best.argmax()) == 30
    assert scan.windows[int(seen.window[30])][2:] == (10, 13)
    assert seen.middle[30] == pytest.approx(12, abs=3)


def test_one_vehicle_alone_is_no_witness_for_persistence():
    rise, s, v, h, x = _city()
    rise = np.where((s == 30) & (v == 2), 60.0, rise)
    only = ~((s == 30) & (v != 2))
    scan = Scan(_passes(rise[only], s[only], v[only], h[only]), x, np.zeros(len(x)))
    assert scan.run(rise[only]).best[30] == -np.inf


def test_shifting_keeps_what_was_read_and_loses_where():
    rise, s, v, h, _ = _city()
    order = np.lexsort((h, v))
    passes = _passes(rise[order], s[order], v[order], h[order])
    moved = shifted(passes, np.random.default_rng(1))
    assert sorted(moved) == pytest.approx(sorted(passes.rise10))
    assert abs(np.corrcoef(moved, passes.rise10)[0, 1]) < 0.1


def test_windows_hold_at_least_two_hours():
    assert all(d - c >= 2 and b > a for a, b, c, d in windows_of(2, 7, 18))


def test_false_discovery_keeps_the_certain_and_drops_the_rest():
    p = np.concatenate([np.full(5, 1e-6), np.linspace(0.02, 1, 95)])
    assert np.flatnonzero(false_discovery(p, 0.05)).tolist() == [0, 1, 2, 3, 4]


def test_p_values_fall_as_the_statistic_grows():
    chance = np.random.default_rng(1).normal(2, 1, 5000)
    p = p_values(np.array([0.0, 2.0, 4.0, 6.0, 12.0, -np.inf]), chance)
    assert (np.diff(p[:5]) < 0).all()
    assert p[1] == pytest.approx(0.5, abs=0.05)
    assert p[5] == 1.0
