"""kill -9 at any moment: what was acknowledged is stored, and stored once."""

from __future__ import annotations

import random
import signal
import threading
from collections import Counter
from pathlib import Path

from gateway_process import Device, GatewayProcess
from gateway_station import device, publish
from qingyuan import hj212
from qingyuan.store.journal import read_segment, segments
from qingyuan.store.observations import Observations
from qingyuan.store.quarantine import Quarantine

KILLS = 3


def test_killed_again_and_again_nothing_acknowledged_is_lost_or_doubled(tmp_path: Path):
    chance = random.Random(20260922)
    publish(tmp_path, device())
    station = Device()
    for _ in range(KILLS):
        process = GatewayProcess(tmp_path)
        killer = threading.Timer(chance.uniform(0.05, 1.0), process.child.kill)
        killer.start()
        station.talk(process.address)  # killed in the middle of it
        killer.join()
        assert process.end() == -signal.SIGKILL
    process = GatewayProcess(tmp_path)
    station.talk(process.address, until=len(station.acknowledged) + 20)
    process.child.terminate()
    assert process.end() == 0

    assert len(station.acknowledged) > 50
    kept = {
        hj212.parse(record.raw).qn
        for number in segments(tmp_path / "journal")
        for record in read_segment(tmp_path / "journal", number)
    }
    assert station.acknowledged <= kept
    rows = Observations(tmp_path / "store").since(0).to_pylist()
    count = Counter(str(row["qn"]) for row in rows)
    assert station.acknowledged <= set(count)
    assert set(count.values()) == {1}
    for row in rows:
        assert row["text"] == f"0.{station.numbers[str(row['qn'])]:03d}"
    places = Counter(
        (row["segment"], row["offset"]) for row in Quarantine(tmp_path / "store").recent(100_000)
    )
    assert not places or set(places.values()) == {1}
