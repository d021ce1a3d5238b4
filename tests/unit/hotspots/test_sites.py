"""Which registered site a hot spot may come from: probabilities that leave room for none."""

from __future__ import annotations

import numpy as np
import pytest

from qingyuan.hotspots import Sites, Spot, probable_sources, suspects


def _sites(*places, radius=0.0):
    n = len(places)
    x, y = (
        (np.array(c, dtype=float) for c in zip(*places, strict=True))
        if places
        else (np.zeros(0),) * 2
    )
    return Sites(tuple(f"G{i}" for i in range(n)), ("",) * n, ("construction",) * n, ("",) * n, x, y, np.full(n, radius))  # fmt: skip


def _spot(x=0.0, y=0.0, *, coarse=0.8):
    return Spot(
        x, y, 60, 30, 60, 1e-6, 0, 1, 7, 12, 20, 6, 9, coarse, 50, np.zeros(1, dtype=np.int64)
    )


def test_site_at_the_place_is_probable_and_sums_to_one():
    told = probable_sources(_spot(), _sites((20, 10), (300, 0)))
    assert told[0].site == 0
    assert told[0].probability > 0.9
    assert told[-1].site is None
    assert sum(s.probability for s in told) == pytest.approx(1, abs=0.03)


def test_far_site_leaves_the_source_unregistered():
    told = probable_sources(_spot(), _sites((900, 0)))
    assert [s.site for s in told] == [None]
    assert told[0].probability == 1.0


def test_two_sites_as_near_share():
    told = probable_sources(_spot(), _sites((50, 0), (-50, 0)))
    assert told[0].probability == pytest.approx(told[1].probability)


def test_wide_yard_counts_at_its_edge():
    far, wide = _sites((170, 0)), _sites((170, 0), radius=200)
    assert (
        probable_sources(_spot(), wide)[0].probability
        > probable_sources(_spot(), far)[0].probability
    )


def test_exhaust_makes_a_dust_site_less_likely():
    near = _sites((100, 0))
    assert probable_sources(_spot(coarse=0.1), near)[0].probability < probable_sources(_spot(), near)[0].probability  # fmt: skip


def test_a_site_that_raises_no_dust_is_no_suspect():
    away = np.array([0.0, 60.0])
    told = suspects(away, hill_m=60, coarse_share=0.8, raises=np.array([0.0, 1.0]), least=0.0)
    assert [s.site for s in told] == [1, None]
    assert sum(s.probability for s in told) == pytest.approx(1)


def test_no_sites_no_suspect():
    assert [s.site for s in probable_sources(_spot(), _sites())] == [None]
