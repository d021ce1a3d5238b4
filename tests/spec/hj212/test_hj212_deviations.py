"""The nineteen kinds of deviation met in real traffic: each has a code, and is seen when it comes."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from qingyuan import hj212
from qingyuan.hj212 import Deviation, Framer, Habits, Packet, Verdict, parse
from qingyuan.hj212.tables import field_names
from qingyuan.synth.devices.deviate import DEVIATIONS, MANNERS, deviated

title = "hj212.md §6 实采偏差 / deviations seen in real traffic"

AT = datetime(2026, 9, 22, tzinfo=UTC)
GOOD = hj212.upload(
    cn="2011", mn="010000A8900016F000169DC0", st="32", pw="123456", qn=AT, data_time=AT,
    values={"w01018": {"Rtd": "20.1", "Flag": "N"}, "w21011": {"Rtd": "0.11", "Flag": "N"}},
)  # fmt: skip


def test_every_point_of_the_list_can_be_made_and_has_a_code():
    assert {deviation.point for deviation in DEVIATIONS.values()} == set(range(1, 20))
    assert MANNERS - {"frame.cut"} <= set(hj212.DEVIATIONS)


@pytest.mark.parametrize("name", sorted(set(DEVIATIONS) - MANNERS))
def test_a_deviation_in_a_packet_is_noted_by_its_code(name: str):
    raw = deviated(GOOD, name)
    framer = Framer()
    packets = [parse(event) for event in framer.feed(raw + GOOD) + framer.close()]
    assert name in {reason for packet in packets for reason in packet.reasons}
    assert packets[-1].raw.endswith(GOOD), "the good packet after it is read"
    severity = hj212.DEVIATIONS[name].severity
    if severity == "repair":
        assert packets[0].verdict == "repaired"
    if name not in ("frame.foreign", "frame.blank", "crc.none"):
        assert packets[0].factors or name in ("cn.vendor", "heartbeat.disguised")


def test_a_frame_cut_anywhere_is_one_frame():
    for at in range(1, len(GOOD)):
        framer = Framer()
        events = framer.feed(GOOD[:at]) + framer.feed(GOOD[at:])
        assert [event.raw for event in events] == [GOOD]


def said(mn: str = "A", *, second: int = 0, value: str = "1", **other: object) -> Packet:
    time = hj212.stamp(AT + timedelta(seconds=second))
    fields = {"qn": f"2026092208000{second:04d}", "flag": 5, **other}
    made = Packet(
        fields["qn"], "32", "2011", "123456", mn, fields["flag"], None, None, "",
        f"DataTime={time};w01018-Rtd={value}",
    )  # fmt: skip
    return parse(hj212.render(made)) if fields.get("crc") is None else made


def codes(notes: list[Deviation]) -> set[str]:
    return {note.code for note in notes}


def test_a_forwarder_and_a_spare_logger_are_told_apart():
    habits = Habits()
    assert codes(habits.heard(said("A"), conn=1, at=AT)) == set()
    assert codes(habits.heard(said("B"), conn=1, at=AT)) == {"link.several_devices"}
    habits = Habits()
    habits.heard(said("A"), conn=1, at=AT)
    assert codes(habits.heard(said("A", second=1), conn=2, at=AT)) == {"link.several_links"}
    habits = Habits()
    habits.heard(said("A"), conn=1, at=AT)
    habits.closed(1)
    assert codes(habits.heard(said("A", second=1), conn=2, at=AT)) == set()


def test_a_reconnect_storm_and_back_filled_hours_are_noted():
    habits, seen = Habits(), set()
    for conn in range(6):
        at = AT + timedelta(seconds=conn)
        seen = codes(habits.heard(said("A", second=conn), conn=conn, at=at))
        habits.closed(conn)
    assert seen == {"link.storm"}
    for cn, hours, late in (("2011", 5, True), ("2061", 2, False), ("2061", 30, True),
                            ("2031", 25, False), ("2031", 72, True)):  # fmt: skip
        packet = replace(said("A"), cn=cn)
        noted = codes(Habits().heard(packet, conn=1, at=AT + timedelta(hours=hours)))
        assert noted == ({"link.backfill"} if late else set()), (cn, hours)


def test_repeats_and_what_they_insist_on():
    habits = Habits()
    habits.heard(said(), conn=1, at=AT)
    assert codes(habits.heard(said(), conn=1, at=AT)) == {"repeat.same"}
    assert codes(habits.heard(said(value="2"), conn=1, at=AT)) == {"repeat.changed"}
    habits.answered(said())
    assert codes(habits.heard(said(value="2"), conn=1, at=AT)) == {"repeat.same", "answer.deaf"}
    habits = Habits()
    for _ in range(4):
        seen = codes(habits.heard(said(flag=4), conn=1, at=AT))
    assert seen == {"repeat.same", "answer.insists"}


def test_three_packets_in_a_row_propose_a_checksum():
    habits = Habits()
    for number in range(5):
        raw = GOOD if number < 2 else deviated(GOOD, "crc.modbus")
        habits.heard(parse(raw), conn=1, at=AT)
        proposed = habits.proposal("010000A8900016F000169DC0")
        assert proposed.crc == ("modbus" if number == 4 else "")
    assert (proposed.dialect, proposed.encoding, proposed.packets) == ("2017", "utf-8", 5)
    assert habits.proposal("nobody").packets == 0


def test_memory_of_habits_is_bounded():
    habits = Habits(most=10)
    for number in range(200):
        habits.heard(said(f"M{number}", second=number), conn=number, at=AT)
    assert habits.proposal("M199").packets == 1
    assert habits.proposal("M0").packets == 0


def test_every_deviation_says_what_would_be_right_and_where():
    pieces = {name for where, name in field_names() if where in ("header", "frame")}
    for kind in hj212.DEVIATIONS.values():
        assert kind.right_zh, kind.code
        assert kind.right_en, kind.code
        assert kind.at in {*pieces, "*", ""}, kind.code


@pytest.mark.parametrize(
    ("dialect", "cn", "noted"),
    [
        ("2017", "1021", True),
        ("2005", "1021", False),
        ("2017", "2013", True),
        ("2025", "2013", False),
        ("surface-water", "2063", False),
        ("2025", "2063", True),
        ("2017", "9021", False),
    ],
)
def test_a_command_of_another_edition_is_noted_for_a_registered_device(dialect, cn, noted):
    raw = hj212.request(
        cn=cn, mn="010000A8900016F000169DC0", st="32", pw="123456", qn="20160801085857223"
    )
    assert ("cn.edition" in parse(raw, dialect=dialect).reasons) is noted
    assert "cn.edition" not in parse(raw).reasons, "detection only proposes"


def test_a_device_id_is_measured_by_its_own_dialect():
    raw = hj212.heartbeat(mn="A110000_0001", st="21", pw="123456", qn=AT, flag=9)
    assert parse(raw).dialect == "surface-water"
    assert "mn.width" not in parse(raw).reasons
    assert "mn.width" in parse(raw, dialect="2025").reasons
    assert parse(raw, dialect="2025").verdict is Verdict.VALID


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_manual_lists_every_deviation(language: str):
    page = (Path(__file__).parents[3] / "docs" / language / "hj212.md").read_text("utf-8")
    for kind in hj212.DEVIATIONS.values():
        words = (kind.zh, kind.right_zh) if language == "zh" else (kind.en, kind.right_en)
        (row,) = [line for line in page.splitlines() if line.startswith(f"| `{kind.code}` |")]
        assert all(word in row for word in words), kind.code
