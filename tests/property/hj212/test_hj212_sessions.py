"""What is true of any talk: it never raises, and every session ends, once."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from qingyuan import hj212
from qingyuan.hj212 import Ended, Send, Sessions, Terms, outcomes, parse

T0 = datetime(2026, 3, 1, tzinfo=UTC)
SECOND = timedelta(seconds=1)
TERMS = Terms(overtime=5 * SECOND, resends=2, patience=20 * SECOND, longest=100 * SECOND)
QNS = [f"2026030108000000{n}" for n in range(4)]
CNS = ["1061", "2061", "2011", "2012", "3020", "9011", "9012", "9013", "9014", "9015", "7777"]
AREAS = [
    "",
    "QnRtn=1",
    "QnRtn=3",
    "ExeRtn=1",
    "ExeRtn=x",
    f"QN={QNS[0]};QnRtn=1",
    "DataTime=20260301080000;w01018-Avg=1",
    "BeginTime=20260301000000;EndTime=20260301090000",
]
packets = st.builds(
    lambda qn, cn, flag, mn, area: parse(
        hj212.frame(f"{qn}ST=32;CN={cn};PW=123456;MN={mn};Flag={flag};CP=&&{area}&&".encode())
    ),
    st.sampled_from([*(f"QN={qn};" for qn in QNS), "", "QN=;", "QN=1 2;"]),
    st.sampled_from(CNS),
    st.sampled_from([0, 4, 5]),
    st.sampled_from(["A" * 24, "B" * 24]),
    st.sampled_from(AREAS),
)
steps = st.lists(
    st.tuples(
        st.sampled_from(["ask", "hear", "hear", "tick", "close"]), st.integers(0, 8), packets
    ),
    max_size=40,
)


@given(steps)
def test_every_session_ends_once(script):
    sessions, at = Sessions(TERMS), T0
    asked: Counter[tuple[str, str]] = Counter()
    seen = []
    for deed, seconds, packet in script:
        at += seconds * SECOND
        if deed == "ask":
            taken = {request.packet.qn for request in sessions.open(packet.mn)}
            if not packet.qn or packet.qn in taken or packet.cn[0] == "9" or " " in packet.qn:
                continue
            asked[packet.mn, packet.qn] += 1
            seen += sessions.ask(packet, at=at)
        elif deed == "hear":
            seen += sessions.hear(packet, at=at)
        elif deed == "close":
            seen += sessions.close(packet.mn)
        else:
            seen += sessions.tick(at)
    turns = 0
    while (due := sessions.due()) is not None:
        at = max(at, due)
        seen += sessions.tick(at)
        turns += 1
        assert turns < 1000
    ended = [event for event in seen if isinstance(event, Ended)]
    assert Counter((e.request.packet.mn, e.request.packet.qn) for e in ended) == asked
    assert {event.outcome for event in ended} <= set(outcomes())
    sent = [event for event in seen if isinstance(event, Send) and not event.after_durable]
    assert len(sent) <= asked.total() * (1 + TERMS.resends)
