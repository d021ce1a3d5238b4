"""What is true of any order of parts: whatever the interleaving, each set comes out once, whole."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from qingyuan.hj212 import Gathered, Reassembly, parse, uploads

T0 = datetime(2026, 3, 1, tzinfo=UTC)
TIMEOUT = timedelta(seconds=30)


def split(mn: str, hour: int, factors: int) -> tuple[dict[str, dict[str, str]], list[bytes]]:
    values = {f"w{n:05d}": {"Avg": f"{n}.{hour}", "Flag": "N"} for n in range(factors)}
    raws = uploads(
        cn="2061",
        mn=mn,
        st="32",
        pw="123456",
        qn=T0,
        data_time=f"202603010{hour}0000",
        values=values,
    )
    return values, raws


SETS = [split(mn, hour, factors) for mn, hour, factors in
        [("A" * 24, 1, 60), ("A" * 24, 2, 90), ("B" * 24, 1, 60), ("C" * 24, 3, 3)]]  # fmt: skip
PARTS = [(which, raw) for which, (_, raws) in enumerate(SETS) for raw in raws]


@given(st.permutations(PARTS), st.lists(st.sampled_from(PARTS), max_size=8), st.randoms())
def test_any_interleaving_with_repeats_gives_every_set_once(order, again, random):
    sent = list(order)
    for one in again:
        sent.insert(random.randint(0, len(sent)), one)
    machine = Reassembly(timeout=TIMEOUT)
    whole = [
        event
        for which, raw in sent
        for event in machine.feed(parse(raw), at=T0)
        if isinstance(event, Gathered) and which != 3
    ]
    assert sorted(len(event.packet.factors) for event in whole) == [60, 60, 90]
    for event in whole:
        assert event.gap is None
        wanted = next(
            values
            for values, raws in SETS
            if parse(raws[0]).mn == event.packet.mn
            and parse(raws[0]).data_time == event.packet.data_time
        )
        assert event.packet.factors == wanted
    assert machine.waiting == 0


@given(st.permutations(PARTS), st.integers(0, len(PARTS)))
def test_parts_that_came_are_in_the_whole_or_in_the_gap(order, lost):
    machine = Reassembly(timeout=TIMEOUT)
    events = [e for _, raw in order[lost:] for e in machine.feed(parse(raw), at=T0)]
    events += machine.expire(T0 + TIMEOUT)
    kept = sorted(part.raw for event in events for part in event.parts)
    assert kept == sorted(raw for _, raw in order[lost:])
    for event in events:
        came = {part.pno for part in event.parts}
        missing = event.gap.missing if event.gap else ()
        assert came.isdisjoint(missing)
        if event.parts[0].pnum:
            assert came | set(missing) == set(range(1, event.parts[0].pnum + 1))
    assert machine.due() is None
