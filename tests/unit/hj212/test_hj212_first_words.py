"""What is said on first contact is strict HJ 212, in order, and every word can be answered."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from qingyuan.hj212 import Ended, Sessions, Terms, answer, first_words, parse

T0 = datetime(2016, 8, 1, 0, 58, 57, 223000, tzinfo=UTC)
ABOUT = {
    "mn": "010000A8900016F000169DC0",
    "st": "32",
    "pw": "123456",
    "at": T0,
    "terms": Terms(overtime=timedelta(seconds=5), resends=3),
    "realtime_s": 30,
    "minute_interval": 10,
}


def test_clock_timing_intervals_and_pushing_in_this_order():
    words = [(word.cn, word.area) for word in first_words(**ABOUT)]
    assert words == [
        ("1012", "SystemTime=20160801085857"),
        ("1000", "OverTime=5;ReCount=3"),
        ("1062", "RtdInterval=30"),
        ("1064", "MinInterval=10"),
        ("2011", ""),
        ("2021", ""),
    ]
    quiet = first_words(**ABOUT, push_realtime=False, push_state=False)
    assert [word.cn for word in quiet[-2:]] == ["2012", "2022"]


def test_each_word_is_a_dialogue_that_ends_well():
    sessions = Sessions(ABOUT["terms"])
    for word in first_words(**ABOUT, push_state=False):
        (sent,) = sessions.ask(word, at=T0)
        heard = parse(sent.raw)
        assert heard.verdict == "valid"
        assert heard.reasons == ()
        replies = ["9013"] if word.cn == "2022" else ["9011", "9012"]
        events = [e for cn in replies for e in sessions.hear(parse(answer(heard, cn)), at=T0)]
        assert isinstance(events[-1], Ended)
        assert events[-1].outcome == "done"
