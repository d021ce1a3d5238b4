from __future__ import annotations

import json
from datetime import UTC, datetime

from hypothesis import given, settings
from hypothesis import strategies as st

from qingyuan.core.problems import Problem
from qingyuan.feeds import Station, judge, read_batch
from qingyuan.feeds.batch import COLUMNS, CSV, JSON

STATIONS = {"MN1": Station("MN1", "outfall:O1", {"w21003": "mg/L"})}
AT = datetime(2026, 9, 22, 2, tzinfo=UTC)
_text = st.text(max_size=12) | st.sampled_from(["MN1", "w21003", "1.0", "2026-09-22T09:00:00Z"])
_value = _text | st.integers() | st.floats() | st.none() | st.lists(st.booleans(), max_size=2)
_rows = st.lists(st.dictionaries(st.sampled_from(COLUMNS) | _text, _value, max_size=8), max_size=4)


@settings(max_examples=60, deadline=None)
@given(
    st.binary(max_size=200) | _rows.map(lambda r: json.dumps(r).encode()),
    st.sampled_from([JSON, CSV]),
)
def test_any_bytes_are_refused_in_words_or_judged_item_by_item(raw: bytes, media: str) -> None:
    items, refused = [], ""
    try:
        items = read_batch(raw, media=media)
    except Problem as problem:
        refused = problem.code
    assert not refused or refused.startswith("feeds.")
    assert [item.number for item in items] == list(range(1, len(items) + 1))
    for item in items:
        verdict = judge(item, STATIONS, received_at=AT)
        assert verdict.accepted is (verdict.row is not None)
