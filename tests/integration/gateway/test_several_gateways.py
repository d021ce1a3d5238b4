"""Several gateway processes write one store; a killed one's journal is taken over."""

from __future__ import annotations

import signal
import threading
from collections import Counter
from pathlib import Path

import pytest

from gateway_process import Device, GatewayProcess
from gateway_station import MN, device, publish
from qingyuan import hj212
from qingyuan.store.journal import SLOT, Journal, claim, read_segment, segments, slot_folder, slots
from qingyuan.store.observations import Observations

OTHER = "A370299000000000000S0202"


def kept(folder: Path) -> set[tuple[str, str]]:
    return {
        (packet.mn, packet.qn)
        for slot in slots(folder / "journal")
        for number in segments(slot_folder(folder / "journal", slot))
        for record in read_segment(slot_folder(folder / "journal", slot), number)
        if record.raw and (packet := hj212.parse(record.raw)).cn == "2011"
    }


def stored(folder: Path) -> Counter[tuple[str, str]]:
    rows = Observations(folder / "store").since(0).to_pylist()
    return Counter((str(row["mn"]), str(row["qn"])) for row in rows)


def test_two_gateways_one_is_killed_and_the_other_stores_what_it_acknowledged(tmp_path):
    publish(tmp_path, device(), device(OTHER))
    first, second = GatewayProcess(tmp_path), GatewayProcess(tmp_path)
    one, two = Device(MN), Device(OTHER)
    both = [
        threading.Thread(target=one.talk, args=(first.address,), kwargs={"until": 300}),
        threading.Thread(target=two.talk, args=(second.address,), kwargs={"until": 300}),
    ]
    for thread in both:
        thread.start()
    for thread in both:
        thread.join()
    assert slots(tmp_path / "journal") == [0, 1]
    first.child.kill()
    assert first.end() == -signal.SIGKILL
    one.talk(second.address, until=len(one.acknowledged) + 20)  # the balancer sends it elsewhere
    second.wait_for(r"journal_taken_over slot=0")
    second.child.terminate()
    assert second.end() == 0

    acknowledged = {(d.mn, qn) for d in (one, two) for qn in d.acknowledged}
    assert len(acknowledged) >= 620
    assert acknowledged <= kept(tmp_path)
    found = stored(tmp_path)
    assert acknowledged <= set(found)
    assert set(found.values()) == {1}
    places = {int(str(s)) // SLOT for s in Observations(tmp_path / "store").since(0)["segment"]}
    assert len(places) <= 2


def test_a_killed_gateway_goes_on_with_its_own_journal(tmp_path):
    publish(tmp_path, device())
    one = Device(MN)
    for until in (50, 100):
        gateway = GatewayProcess(tmp_path)
        one.talk(gateway.address, until=until)
        gateway.child.kill()
        gateway.end()
    gateway = GatewayProcess(tmp_path)
    gateway.child.terminate()
    assert gateway.end() == 0
    assert slots(tmp_path / "journal") == [0]
    found = stored(tmp_path)
    assert {(MN, qn) for qn in one.acknowledged} <= set(found)
    assert set(found.values()) == {1}


def test_each_gateway_has_its_own_slot_and_numbers(tmp_path, raises_problem):
    journal = tmp_path / "journal"
    held = [claim(journal, most=3) for _ in range(3)]
    assert [slot for slot, _ in held] == [0, 1, 2]
    assert [one.synced.segment for _, one in held] == [1, SLOT + 1, 2 * SLOT + 1]
    with raises_problem("store.journal_in_use"):
        claim(journal, most=3)
    held[1][1].close()
    slot, again = claim(journal, most=3, taken={1: SLOT + 7})
    assert (slot, again.synced.segment) == (1, SLOT + 8)
    for one in (held[0][1], again, held[2][1]):
        one.close()


@pytest.mark.parametrize("slot", [0, 3])
def test_positions_of_a_slot_are_found_again(tmp_path, slot):
    folder = slot_folder(tmp_path, slot)
    journal = Journal(folder, after=slot * SLOT)
    position = journal.append(b"x", {"t": "1"})
    journal.close()
    assert position.segment // SLOT == slot
    (record,) = read_segment(folder, position.segment)
    assert (record.raw, record.position) == (b"x", position)
