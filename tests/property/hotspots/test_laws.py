"""What is true of any survey."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from qingyuan.hotspots import CLASSES, read_road_classes
from qingyuan.hotspots.pieces import cut
from qingyuan.hotspots.roads import spread


@given(st.floats(0, 900), st.floats(0, 900))
def test_more_dust_never_betters_the_class(a, b):
    rules = read_road_classes()
    low, high = sorted((a, b))
    assert CLASSES.index(rules.of("pm10", high)) <= CLASSES.index(rules.of("pm10", low))


@settings(max_examples=40)
@given(st.lists(st.integers(1, 90), min_size=1, max_size=8))
def test_pieces_answer_for_every_fix_exactly_once(lengths):
    trace = np.repeat(np.arange(len(lengths)), lengths)
    pieces = cut(trace, core=20, overlap=5)
    assert sorted(pieces.fix[pieces.core].tolist()) == list(range(len(trace)))


@given(st.lists(st.integers(0, 5), max_size=12))
def test_spread_counts_up_within_each_owner(counts):
    owner, place = spread(np.array(counts, dtype=np.int64))
    wanted = [(i, k) for i, count in enumerate(counts) for k in range(count)]
    assert list(zip(owner.tolist(), place.tolist(), strict=True)) == wanted
