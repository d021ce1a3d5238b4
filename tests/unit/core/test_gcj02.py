"""GCJ-02 and the way back, by the published examples of others."""

from __future__ import annotations

import numpy as np
import pytest

from qingyuan.core.gcj02 import from_gcj02, to_gcj02


def test_shifted_coordinates_come_back_within_a_centimetre():
    lon, lat = np.meshgrid(np.linspace(74, 134, 31), np.linspace(19, 53, 18))
    places = np.column_stack([lon.ravel(), lat.ravel()])
    shown = to_gcj02(places)
    east, north = ((shown - places) * 111_000).T
    assert 300 < np.median(np.hypot(east, north)) < 800
    assert from_gcj02(shown) == pytest.approx(places, abs=5e-9)


def test_the_shift_is_that_of_the_formula_in_general_use():
    # https://github.com/wandergis/coordtransform: the example of its README, 116.404 E 39.915 N
    (shown,) = to_gcj02(np.array([[116.404, 39.915]]))
    assert shown == pytest.approx([116.41024449916938, 39.91640428150164], abs=1e-9)
