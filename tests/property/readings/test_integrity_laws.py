from __future__ import annotations

from datetime import UTC, date, datetime

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from qingyuan.readings.integrity import Series, Site, inspect, rules_at

BEGAN = int(datetime(2026, 6, 1, tzinfo=UTC).timestamp())
RULES = rules_at(date(2026, 8, 1))
HOURS, PAST = 50 * 24, 30 * 24


def _site(seed: int) -> Site:
    rng = np.random.default_rng(seed)
    series = {}
    for code in ("w00000", "w01018", "w21003", "w21001"):
        values = rng.choice([0.01, 1.0, 1e6]) * np.exp(rng.normal(0, 0.3, HOURS))
        values = np.round(values, int(rng.integers(0, 4)))
        values[rng.random(HOURS) < rng.choice([0.0, 0.3, 0.95, 1.0])] = np.nan
        if rng.random() < 0.5:
            values[rng.integers(0, HOURS) :] = rng.choice([0.0, 5.0, np.nan])
        flags = tuple(rng.choice(["N", "C", "M", ""], HOURS, p=[0.97, 0.01, 0.01, 0.01]))
        texts = tuple("" if np.isnan(v) else f"{v:g}" for v in values)
        series[code] = Series(code, BEGAN, 3600, values, texts, flags)
    return Site("outfall:P1", series, slice(PAST, HOURS), limits={"w01018": 2.0})


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_any_site_is_answered_and_left_as_it_was(seed: int) -> None:
    site = _site(seed)
    before = {code: s.values.copy() for code, s in site.series.items()}
    for doubt in inspect(site, rules=RULES):
        assert doubt.bits >= doubt.needed
        assert 0 <= doubt.chance <= 1
        assert doubt.count >= len(doubt.rows)
        assert doubt.period.start < doubt.period.end
        assert doubt.as_json()["kind"] == doubt.kind
    for code, values in before.items():
        assert np.array_equal(values, site.series[code].values, equal_nan=True)
