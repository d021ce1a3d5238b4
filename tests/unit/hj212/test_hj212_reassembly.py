"""Parts in any order, twice, never: what comes out and what is recorded."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from qingyuan import hj212
from qingyuan.hj212 import Gathered, Packet, Reassembly, Repeat, parse

T0 = datetime(2016, 8, 1, tzinfo=UTC)
TIMEOUT = timedelta(seconds=60)
TIME = "DataTime=20160801080000"


def part(pno: int | None, area: str, *, pnum: int = 3, mn: str = "A" * 24) -> Packet:
    head = f"QN=2016080108585753{pno or 0};ST=32;CN=2061;PW=123456;MN={mn};Flag=6;PNUM={pnum};"
    return parse(hj212.frame(f"{head}PNO={pno};CP=&&{TIME};{area}&&".encode()))


ONE = part(1, "w00000-Avg=1,w00000-Flag=N")
TWO = part(2, "w01018-Avg=2,w01018-Flag=N;")
THREE = part(3, "w21003-Avg=3,w21003-Flag=D")
JOINED = f"{TIME};{ONE.area[24:]};{TWO.area[24:-1]};{THREE.area[24:]}"


def fed(machine: Reassembly, *packets: Packet) -> list[Gathered | Repeat]:
    return [event for packet in packets for event in machine.feed(packet, at=T0)]


def test_parts_are_put_in_order_and_joined():
    machine = Reassembly(timeout=TIMEOUT)
    (whole,) = fed(machine, THREE, ONE, TWO)
    assert isinstance(whole, Gathered)
    assert whole.packet.area == JOINED
    assert list(whole.packet.factors) == ["w00000", "w01018", "w21003"]
    assert (whole.packet.flag, whole.packet.pnum, whole.packet.pno) == (4, None, None)
    assert whole.parts == (ONE, TWO, THREE)
    assert whole.gap is None
    assert machine.waiting == 0


def test_a_packet_that_was_never_split_passes():
    plain = parse(hj212.frame(b"ST=32;CN=2011;PW=1;MN=A;Flag=4;CP=&&&&"))
    assert fed(Reassembly(timeout=TIMEOUT), plain) == [Gathered(plain, (plain,), None)]


def test_what_never_comes_is_a_gap_and_what_came_is_kept():
    machine = Reassembly(timeout=TIMEOUT)
    assert fed(machine, ONE, THREE) == []
    assert machine.due() == T0 + TIMEOUT
    assert machine.expire(T0 + TIMEOUT - timedelta(seconds=1)) == []
    (given_up,) = machine.expire(T0 + TIMEOUT)
    assert given_up.gap is not None
    assert given_up.gap == ("A" * 24, "2061", "20160801080000", 3, (2,), T0, T0 + TIMEOUT)
    assert list(given_up.packet.factors) == ["w00000", "w21003"]
    assert ("split.missing", "2") in given_up.packet.deviations
    assert machine.due() is None


def test_a_repeated_part_counts_once_before_and_after_the_end():
    machine = Reassembly(timeout=TIMEOUT)
    events = fed(machine, ONE, ONE, TWO, THREE, TWO)
    assert [type(event).__name__ for event in events] == ["Repeat", "Gathered", "Repeat"]
    assert events[1].packet.area == JOINED
    assert machine.waiting == 0


def test_of_two_different_sendings_the_later_counts_and_both_are_seen():
    machine = Reassembly(timeout=TIMEOUT)
    other = part(1, "w00000-Avg=9,w00000-Flag=N")
    repeat, whole = fed(machine, ONE, other, TWO, THREE)
    assert repeat == Repeat(other, differs=True)
    assert whole.packet.factors["w00000"] == {"Avg": "9", "Flag": "N"}
    assert ("split.differs", "1") in whole.packet.deviations


def test_other_values_after_the_end_give_the_whole_once_more():
    machine = Reassembly(timeout=TIMEOUT)
    other = part(1, "w00000-Avg=9,w00000-Flag=N")
    events = fed(machine, ONE, TWO, THREE, TWO, other, THREE)
    wholes = [event for event in events if isinstance(event, Gathered)]
    assert [whole.packet.factors["w00000"]["Avg"] for whole in wholes] == ["1", "9"]
    assert ("split.differs", "1") in wholes[1].packet.deviations
    assert machine.waiting == 0


@pytest.mark.parametrize("pno", [0, 4])
def test_a_number_outside_the_set_is_a_packet_of_its_own(pno: int):
    (event,) = fed(Reassembly(timeout=TIMEOUT), part(pno, "w00000-Avg=1"))
    assert "split.numbers" in event.packet.reasons


def test_sets_of_different_devices_do_not_mix():
    machine = Reassembly(timeout=TIMEOUT)
    other = part(2, "w01018-Avg=8", mn="B" * 24)
    assert fed(machine, ONE, other, THREE) == []
    assert machine.waiting == 2


def test_memory_is_bounded():
    machine = Reassembly(timeout=TIMEOUT, most=5)
    for number in range(50):
        fed(machine, part(1, "w00000-Avg=1", mn=f"{number:024d}"))
    assert machine.waiting == 5


@pytest.mark.shared
def test_the_split_dialogue_of_annex_c(shared_data: Path):
    import json

    lines = (shared_data / "hj212/dialogues_2017.jsonl").read_text("utf-8").splitlines()
    steps = next(d["steps"] for d in map(json.loads, lines) if d["table"] == "C.49")
    packets = [parse(hj212.frame(step["data_segment"].encode())) for step in steps]
    events = fed(Reassembly(timeout=TIMEOUT), *(p for p in packets if p.cn == "2061" and p.pnum))
    assert len(events) == 1
    assert {"w00000", "w01018"} <= set(events[0].packet.factors)
