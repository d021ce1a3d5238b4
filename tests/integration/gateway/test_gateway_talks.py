"""Real sockets, real journal, real tables: what is acknowledged, stored and set aside."""

from __future__ import annotations

import asyncio
import errno
import gzip
import json
import os
import threading
from pathlib import Path

import pytest

from gateway_station import MN, Station, connect, device, packet, publish
from qingyuan import hj212
from qingyuan.gateway.server import Gateway
from qingyuan.hj212.crc import modbus16
from qingyuan.store import journal as journal_module
from qingyuan.store.journal import read_segment, segments
from qingyuan.store.observations import Observations
from qingyuan.store.quarantine import Quarantine


def stored(folder: Path) -> list[dict[str, object]]:
    return Observations(folder / "store").since(0).to_pylist()


def set_aside(folder: Path) -> list[dict[str, object]]:
    return Quarantine(folder / "store").recent(1000)


def journalled(folder: Path) -> list[bytes]:
    return [
        record.raw
        for number in segments(folder / "journal")
        for record in read_segment(folder / "journal", number)
    ]


def test_an_upload_is_durable_before_9014_and_stored_once(tmp_path, open_gateway, run):
    async def scenario():
        async with open_gateway() as gateway:
            station = await connect(gateway)
            for _ in range(2):  # the second is a re-send
                await station.send(packet(7))
                answer = await station.answer()
                assert packet(7) in journalled(tmp_path)
                assert (answer.cn, answer.mn, answer.flag) == ("9014", MN, 4)
                assert answer.qn == hj212.parse(packet(7)).qn

    publish(tmp_path, device())
    run(scenario())
    (row,) = stored(tmp_path)
    assert (row["station"], row["factor"], row["cn"], row["suffix"]) == (
        "section:101",
        "w21003",
        "2011",
        "Rtd",
    )
    assert (row["text"], row["flag"], row["unit"], row["changed"]) == ("0.007", "N", "mg/L", False)
    assert row["time"].isoformat() == "2026-09-21T12:03:30+00:00"
    assert set_aside(tmp_path) == []


def test_no_answer_before_the_disk_has_it(tmp_path, open_gateway, run, monkeypatch):
    allowed = threading.Event()

    async def scenario():
        async with open_gateway() as gateway:
            really = gateway.journal.sync

            def slow_disk():
                allowed.wait(10)
                return really()

            monkeypatch.setattr(gateway.journal, "sync", slow_disk)
            stations = [await connect(gateway) for _ in range(3)]
            for number, station in enumerate(stations):
                await station.send(packet(number))
            with pytest.raises(TimeoutError):
                await asyncio.wait_for(stations[0].reader.read(1), 0.3)
            assert journalled(tmp_path) == []
            allowed.set()
            for station in stations:
                assert (await station.answer()).cn == "9014"
            assert len(journalled(tmp_path)) == 3

    publish(tmp_path, device())
    run(scenario())


BAD = {
    "未登记": (packet(1, mn="B000000000000000000000ff"), "gateway.unknown_device"),
    "密码不符": (packet(1, pw="654321"), "gateway.wrong_password"),
    "校验不符": (packet(1)[:-6] + b"BEEF\r\n", "crc.unknown"),
    "Modbus校验": (
        packet(1)[:-6] + b"%04X\r\n" % modbus16(packet(1)[6:-6]),
        "gateway.repair_not_allowed",
    ),
    "超长": (b"##9999" + packet(1)[6:-8] + b"0" * 9000 + b"&&0000\r\n", "frame.too_long"),
    "杂字节": (b"GET / HTTP/1.1\r\n\r\n", "frame.foreign"),
    "残包": (packet(1)[:80], "frame.broken"),
}


@pytest.mark.parametrize("name", BAD)
def test_a_bad_packet_is_set_aside_and_the_connection_kept(name, tmp_path, open_gateway, run):
    bad, code = BAD[name]

    async def scenario():
        async with open_gateway() as gateway:
            station = await connect(gateway)
            await station.send(bad + packet(2))
            answer = await station.answer()  # the first answer is that of the good packet
            assert answer.qn == hj212.parse(packet(2)).qn
            (state,) = gateway.sessions.values()
            assert state.reasons == {code: 1}

    publish(tmp_path, device())
    run(scenario())
    assert [row["text"] for row in stored(tmp_path)] == ["0.002"]
    (row,) = set_aside(tmp_path)
    assert row["reason"] == code
    assert row["raw"].startswith(bad[:60])
    assert row["peer"].startswith("127.0.0.1:")


def test_policies_of_the_device_decide(tmp_path, open_gateway, run):
    modbus = packet(1)[:-6] + b"%04X\r\n" % modbus16(packet(1)[6:-6])

    async def scenario():
        async with open_gateway() as gateway:
            station = await connect(gateway)
            await station.send(modbus)
            assert (await station.answer()).cn == "9014"
            publish(tmp_path, device(crc=["standard", "modbus"], answer="never"))
            async with asyncio.timeout(5):
                while next(iter(gateway._devices.devices.values())).answer != "never":
                    await asyncio.sleep(0.05)
            await station.send(
                packet(2) + hj212.heartbeat(mn=MN, st="21", pw="123456", qn="1" * 17)
            )
            with pytest.raises(TimeoutError):
                await asyncio.wait_for(station.reader.read(1), 0.3)

    publish(tmp_path, device(crc=["standard", "modbus"]))
    run(scenario())
    assert len(stored(tmp_path)) == 2
    assert set_aside(tmp_path) == []


def test_heartbeat_is_answered_by_9013(tmp_path, open_gateway, run):
    async def scenario():
        async with open_gateway() as gateway:
            station = await connect(gateway)
            qn = "20260921200000000"
            await station.send(hj212.heartbeat(mn=MN, st="21", pw="123456", qn=qn))
            answer = await station.answer()
            assert (answer.cn, answer.qn) == ("9013", qn)

    publish(tmp_path, device())
    run(scenario())
    assert stored(tmp_path) == []


def test_a_frame_without_its_tail_is_answered_after_a_pause(tmp_path, open_gateway, run):
    async def scenario():
        async with open_gateway() as gateway:
            station = await connect(gateway)
            await station.send(packet(1)[:-2])
            assert (await station.answer()).cn == "9014"

    publish(tmp_path, device())
    run(scenario())


def test_a_frame_that_trickles_is_given_up_and_the_connection_kept(
    tmp_path, open_gateway, run, monkeypatch
):
    monkeypatch.setattr("qingyuan.gateway.hall._PATIENCE_S", 0.4)

    async def scenario():
        async with open_gateway() as gateway:
            station = await connect(gateway)
            (session,) = gateway.sessions.values()
            for byte in b"##0500" + b"x" * 400:
                await station.send(bytes([byte]))
                await asyncio.sleep(0.02)
                if session.reasons["frame.partial"]:
                    break
            assert session.reasons["frame.partial"] == 1
            assert session.inside_frame is False
            await station.send(packet(1))
            assert (await station.answer()).cn == "9014"

    publish(tmp_path, device())
    run(scenario())


def test_a_silent_station_does_not_hold_the_gateway_open(tmp_path, open_gateway, run):
    async def scenario():
        async with open_gateway() as gateway:
            stations = [await connect(gateway) for _ in range(200)]
            await stations[7].send(packet(7)[:50])
            await stations[8].send(packet(8))
            assert (await stations[8].answer()).cn == "9014"
            assert len(gateway.sessions) == 200
            await asyncio.wait_for(gateway.stop(), 10)
            assert gateway.sessions == {}
            assert await stations[9].reader.read(1) == b""

    publish(tmp_path, device())
    run(scenario())


def test_a_full_disk_stops_acknowledging_and_keeps_the_connection(
    tmp_path, open_gateway, run, monkeypatch, caplog
):
    really = os.write

    def refuse(file: int, data: bytes) -> int:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    async def scenario():
        async with open_gateway() as gateway:
            station = await connect(gateway)
            monkeypatch.setattr(journal_module.os, "write", refuse)
            await station.send(packet(1))
            with pytest.raises(TimeoutError):
                await asyncio.wait_for(station.reader.read(1), 0.5)
            assert gateway.problem is not None
            assert gateway.problem.code == "store.journal_full"
            monkeypatch.setattr(journal_module.os, "write", really)
            assert (await station.answer()).cn == "9014"
            assert gateway.problem is None

    publish(tmp_path, device())
    run(scenario())
    assert len(stored(tmp_path)) == 1
    assert "acknowledging_stopped code=store.journal_full" in caplog.text


class Broken:
    """A store that is away."""

    def __init__(self) -> None:
        raise OSError("the store is away")


def test_while_the_store_is_away_the_journal_carries_on_and_nothing_is_lost(
    tmp_path, open_gateway, run
):
    async def scenario(**options):
        async with open_gateway(**options) as gateway:
            station = await connect(gateway)
            for number in range(5):
                await station.send(packet(number))
                await station.answer()
            while options and gateway.committer.problem is None:
                await asyncio.sleep(0.02)

    publish(tmp_path, device())
    run(scenario(open_sink=Broken))
    assert not (tmp_path / "store/observations").exists()
    run(scenario())  # the same packets again, and the journal of the first time
    assert sorted(str(row["text"]) for row in stored(tmp_path)) == [
        f"0.00{number}" for number in range(5)
    ]


def test_state_of_the_connections_is_published(tmp_path, open_gateway, run):
    async def scenario():
        async with open_gateway() as gateway:
            station = await connect(gateway)
            await station.send(packet(1))
            await station.answer()
            path = tmp_path / "store/connections.json"
            async with asyncio.timeout(10):
                while not json.loads(path.read_text("utf-8"))["connections"]:
                    await asyncio.sleep(0.05)
            state = json.loads(path.read_text("utf-8"))
            (row,) = state["connections"]
            assert (row["mn"], row["packets"], row["acknowledged"]) == ([MN], 1, 1)
            assert state["state"] == "ok"
            assert state["last_seen"][MN].startswith("2026-09-22T00:30:00")
            assert state["listening"].endswith(str(gateway.address[1]))

    publish(tmp_path, device())
    run(scenario())
    assert json.loads((tmp_path / "store/connections.json").read_text())["state"] == "stopped"


def test_a_taken_port_is_said_plainly(tmp_path, open_gateway, run, raises_problem):
    async def scenario():
        async with open_gateway() as gateway:
            other = Gateway(tmp_path / "other", clock=gateway._clock)
            with raises_problem("gateway.port_in_use"):
                await other.start(gateway.address)

    run(scenario())


ANSWERS = ("9011", "9012", "9013", "9014")


@pytest.mark.shared
def test_the_bulk_log_replayed_is_acknowledged_and_stored_once(
    tmp_path, open_gateway, run, shared_data
):
    data = gzip.decompress((shared_data / "hj212/bulk_packets.txt.gz").read_bytes())
    packets = [hj212.parse(event) for event in hj212.Framer().feed(data)]
    uploads = [p for p in packets if p.cn == "2011"]
    asking = [p.qn for p in packets if p.wants_answer and p.cn not in ANSWERS]
    expected = {
        (p.mn, p.fields["DataTime"], code, values["Rtd"], values.get("Flag", ""))
        for p in uploads
        for code, values in p.readings
    }

    async def send(station: Station) -> None:
        for start in range(0, len(data), 7001):
            await station.send(data[start : start + 7001])

    async def scenario():
        async with open_gateway() as gateway:
            station = await connect(gateway)
            sending = asyncio.create_task(send(station))
            answered: list[str] = []
            while len(answered) < len(asking):
                said = await station.answer()
                if said.cn in ANSWERS:  # some ask for the time, and are told it
                    answered.append(said.qn)
            await sending
            assert answered == asking

    quickly = {"max_per_s": 1_000_000, "backfill": "off"}
    publish(tmp_path, *(device(mn, **quickly) for mn in {p.mn for p in packets}))
    run(scenario())
    rows = [row for row in stored(tmp_path) if row["cn"] == "2011"]
    found = [(r["mn"], hj212.stamp(r["time"]), r["factor"], r["text"], r["flag"]) for r in rows]
    assert len(found) == len(set(found))
    assert set(found) == expected
