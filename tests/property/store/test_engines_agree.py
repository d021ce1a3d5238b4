from datetime import UTC, datetime, timedelta
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from qingyuan.core.periods import Period
from qingyuan.store.observations import Observations
from qingyuan.store.reference import Reference

START = datetime(2026, 8, 31, 14, 0, tzinfo=UTC)
WHOLE = Period(START, START + timedelta(hours=30))

texts = st.one_of(
    st.decimals(-1, 20, places=3, allow_nan=False).map(str),
    st.sampled_from(
        [
            "",
            "--",
            "1E-3",
            " 7.50 ",
            "+.5",
            "14.000000000001",
            "7.050000190734863",
            "0.0000000000005",
            "-0.0000000000015",
            "1234567.891",
            "12345678901234",
            "0.1234567",
            "5.",
            "999999999999999999",
            "1e30",
        ]
    ),
)
rows = st.fixed_dictionaries(
    {
        "station": st.sampled_from(["section:S01", "section:S02"]),
        "factor": st.sampled_from(["w21003", "w01001", "x00000"]),
        "cn": st.sampled_from(["2011", "2011", "2061", "hist"]),
        "suffix": st.sampled_from(["Rtd", "Avg"]),
        "time": st.integers(0, 60).map(lambda half: START + timedelta(minutes=30 * half)),
        "text": texts,
        "flag": st.sampled_from(["", "N", "N", "M", "?"]),
        "mn": st.sampled_from(["A1", "B2"]),
        "received_at": st.integers(0, 3).map(lambda hour: START + timedelta(hours=hour)),
        "offset": st.integers(0, 3),
    }
)
batches = st.lists(st.lists(rows, max_size=12), max_size=4)


def hour(number):
    return START + timedelta(hours=number)


periods = st.tuples(st.integers(0, 15), st.integers(0, 15)).map(
    lambda pair: Period(hour(min(pair)), hour(max(pair) + 15))
)


@pytest.fixture(scope="module", autouse=True)
def warm():
    """The engine starts once, outside the examples."""
    with TemporaryDirectory() as folder:
        Observations(folder).means(None, None, WHOLE)


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    batches=batches,
    period=periods,
    step=st.sampled_from(["hour", "day"]),
    interval_s=st.sampled_from([None, 900]),
)
def test_duckdb_agrees_with_plain_python(batches, period, step, interval_s):
    with TemporaryDirectory() as folder:
        observations = Observations(folder)
        for batch in batches:
            observations.append(batch)
        stored = observations.since(0)
        plain = Reference(stored)
        question = {"step": step, "interval_s": interval_s}
        assert observations.means(None, None, period, **question) == plain.means(
            None, None, period, **question
        )
        assert _filed(observations.latest(at=period.end).to_pylist()) == _filed(
            plain.latest(at=period.end)
        )
        for factor in ("w21003", "w01001"):
            found = observations.series("section:S01", factor, period).to_pylist()
            assert found == _filed(plain.series("section:S01", factor, period))
        only = observations.series("section:S01", "w21003", period, cn="2061").to_pylist()
        assert only == _filed(plain.series("section:S01", "w21003", period, cn="2061"))


@settings(max_examples=15, deadline=None)
@given(batches=batches)
def test_sending_everything_again_stores_nothing(batches):
    with TemporaryDirectory() as folder:
        observations = Observations(folder)
        for batch in batches:
            observations.append(batch)
        before = observations.version()
        Observations(folder).append([row for batch in reversed(batches) for row in batch])
        assert observations.version() == before


@settings(max_examples=15, deadline=None)
@given(batches=batches)
def test_every_key_and_value_is_stored_once_and_only_the_first_is_unmarked(batches):
    with TemporaryDirectory() as folder:
        observations = Observations(folder)
        for batch in batches:
            observations.append(batch)
        sent = [row for batch in batches for row in batch]
        stored = observations.since(0).to_pylist()
    assert sorted(map(_pair, stored)) == sorted(set(map(_pair, sent)))
    unmarked = [_pair(row)[0] for row in stored if not row["changed"]]
    assert sorted(unmarked) == sorted({_pair(row)[0] for row in sent})


def _pair(row):
    key = tuple(str(row[name]) for name in ("mn", "cn", "factor", "suffix"))
    return (*key, row["time"].timestamp()), row["text"], row["flag"]


def _filed(rows):
    return [{name: value for name, value in row.items() if name != "day"} for row in rows]
