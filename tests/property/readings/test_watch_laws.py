import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from qingyuan.readings.model import Reading
from qingyuan.readings.watch import Watch
from qingyuan.standards import water

START = datetime(2026, 9, 1, 0, 0, tzinfo=UTC)
LIMIT = water.limit("氨氮", "Ⅲ", at=START)

series = st.lists(st.sampled_from(["0.2", "1.0", "1.1", "1.9"]), min_size=1, max_size=24)


def readings(texts, step=1):
    return [
        Reading(
            "section:S01",
            "w21003",
            START + timedelta(minutes=m * step),
            text,
            received_at=START + timedelta(minutes=m * step),
        )
        for m, text in enumerate(texts)
    ]


def state_of(batches):
    """What stands at the end: per key, the last thing told (withdrawn ones are gone)."""
    watch = Watch(limit_for=lambda *_: LIMIT)
    standing = {}
    for batch in batches:
        for one in watch.take(batch, at=START):
            standing[one.key] = one
    return sorted(
        (one.first_at, one.last_at, one.value, one.count, one.cleared_at)
        for one in standing.values()
        if one.state != "withdrawn"
    )


@given(texts=series, order=st.randoms(use_true_random=False), cut=st.integers(1, 5))
def test_the_order_of_arrival_does_not_change_the_episodes(texts, order, cut):
    rows = readings(texts)
    shuffled = rows + order.choices(rows, k=3)  # and some sent again
    order.shuffle(shuffled)
    batches = [shuffled[at : at + cut] for at in range(0, len(shuffled), cut)]
    assert state_of(batches) == state_of([rows])


@given(texts=series, cut=st.integers(1, 5), step=st.sampled_from([1, 30, 240]))
def test_a_restart_between_batches_changes_nothing(texts, cut, step):
    rows = readings(texts, step)
    whole, halting = Watch(limit_for=lambda *_: LIMIT), Watch(limit_for=lambda *_: LIMIT)
    for at in range(0, len(rows), cut):
        batch = rows[at : at + cut]
        assert halting.take(batch, at=START) == whole.take(batch, at=START)
        halting = Watch.from_json(
            json.loads(json.dumps(halting.as_json())), limit_for=lambda *_: LIMIT
        )


@given(texts=series)
def test_no_episode_without_two_readings_beyond(texts):
    beyond = [text for text in texts if Decimal(text) > LIMIT.value]
    found = state_of([readings(texts)])
    assert bool(found) <= (len(beyond) >= 2)
    assert sum(row[3] for row in found) <= len(beyond)
