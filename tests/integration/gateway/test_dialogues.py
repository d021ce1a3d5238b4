"""What the platform asks of a device goes out after it is on the disk, and every step is in the store."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from pathlib import Path

import pytest

from gateway_station import MN, NOW, Station, connect, device, packet, publish
from qingyuan import hj212
from qingyuan.gateway.conversation import Command, Conversations, area_of
from qingyuan.gateway.devices import Device
from qingyuan.gateway.gaps import Gaps, Wanted
from qingyuan.gateway.judge import judge
from qingyuan.store.dialogues import Dialogues
from qingyuan.store.observations import Observations

READ_CLOCK = Command(41, MN, "1011", "21", [], 5)
SET = Command(42, MN, "1062", "21", [("RtdInterval", "30")], 5)


def steps(folder: Path) -> list[tuple[object, ...]]:
    rows = Dialogues(folder / "store").news(0).rows.to_pylist()
    return [
        (row["command"], row["purpose"], row["cn"], row["direction"], row["event"], row["result"])
        for row in rows
    ]


async def asked(station: Station) -> hj212.Packet:
    """Return the next request of the platform; answers to uploads are passed over."""
    while True:
        said = await station.answer()
        if said.cn not in ("9013", "9014"):
            return said


async def at_home(gateway, *packets: bytes) -> Station:
    station = await connect(gateway)
    for raw in packets or (packet(0),):
        await station.send(raw)
    while MN not in gateway.talk.on:
        await asyncio.sleep(0.01)
    return station


def test_a_command_is_led_to_its_end_and_told_step_by_step(tmp_path, open_gateway, run):
    async def scenario():
        async with open_gateway() as gateway:
            station = await at_home(gateway)
            gateway.talk.command([READ_CLOCK, SET])
            request = await asked(station)
            assert (request.cn, request.pw, request.flag, request.area) == ("1011", "123456", 5, "")
            await station.send(hj212.answer(request, "9011"))
            data = hj212.request(
                cn="1011", mn=MN, st="21", pw="123456", qn=request.qn,
                area="SystemTime=20260922083000", flag=4,
            )  # fmt: skip
            await station.send(data + hj212.answer(request, "9012"))
            request = await asked(station)  # the second only after the first has ended
            assert (request.cn, request.area) == ("1062", "RtdInterval=30")
            await station.send(hj212.answer(request, "9011", result=2))
            while gateway.talk.conversations.open:
                await asyncio.sleep(0.01)

    publish(tmp_path, device(backfill="off"))
    run(scenario())
    assert steps(tmp_path) == [
        (41, "command", "1011", "down", "sent", ""),
        (41, "command", "1011", "up", "acknowledged", "1"),
        (41, "command", "1011", "up", "answered", ""),
        (41, "command", "1011", "up", "done", "1"),
        (42, "command", "1062", "down", "sent", ""),
        (42, "command", "1062", "up", "refused", "2"),
    ]
    told = Dialogues(tmp_path / "store").commands()
    assert {number: one["ended"] for number, one in told.items()} == {41: True, 42: True}


def test_no_answer_means_resends_then_overtime_and_the_link_is_kept(tmp_path, open_gateway, run):
    async def scenario():
        async with open_gateway() as gateway:
            station = await at_home(gateway)
            gateway.talk.command([SET])
            first, second = await asked(station), await asked(station)
            assert first == second  # sent again as it was
            while gateway.talk.conversations.open:
                await asyncio.sleep(0.05)
            await station.send(packet(1))
            assert (await station.answer()).cn == "9014"

    publish(tmp_path, device(overtime_s=0.2, recount=1, backfill="off"))
    run(scenario())
    assert [step[4:] for step in steps(tmp_path)] == [
        ("sent", ""),
        ("sent", "resend"),
        ("overtime", "silent"),
    ]


def test_a_command_to_a_device_with_a_key_is_encrypted(tmp_path, open_gateway, run):
    key = bytes(range(16))

    async def scenario():
        async with open_gateway() as gateway:
            at = NOW - timedelta(minutes=1)
            upload = hj212.parse(
                hj212.upload(
                    cn="2011", mn=MN, st="21", pw="123456", qn=at, data_time=at, flag=9,
                    values={"w21003": {"Rtd": "0.5"}, "w01018": {"Rtd": "7"}},
                )
            )  # fmt: skip
            station = await at_home(gateway, hj212.render(upload, key=hj212.Key(key)))
            area = [("InfoId", "i12001"), ("i12001-Info", "1"), ("PolId", "w01018")]
            gateway.talk.command([Command(7, MN, "3020", "21", area, None)])
            async with asyncio.timeout(10):
                raw = await station.reader.readuntil(b"CN=3020")
                raw += await station.reader.readuntil(b"\r\n")
            assert b"InfoId" not in raw

    publish(tmp_path, device(sm4={"key": key.hex()}, dialect="2025", backfill="off"))
    run(scenario())
    rows = Observations(tmp_path / "store").since(0).to_pylist()
    assert sorted(row["text"] for row in rows) == ["0.5", "7"]


def test_history_that_is_missing_is_asked_for_and_stored(tmp_path, open_gateway, run):
    async def scenario():
        async with open_gateway() as gateway:
            station = await at_home(gateway, packet(0), packet(360))  # three hours are missing
            wanted = []
            for _ in range(2):
                request = await asked(station)
                wanted.append((request.cn, request.area))
                await station.send(hj212.answer(request, "9011"))
                begin = hj212.instant(request.fields["BeginTime"])
                for number in range(3):
                    at = begin + number * timedelta(minutes=10 if request.cn == "2051" else 60)
                    await station.send(
                        hj212.upload(
                            cn=request.cn, mn=MN, st="21", pw="123456", qn=at, data_time=at,
                            values={"w21003": {"Avg": "0.4"}},
                        )
                    )  # fmt: skip
                await station.send(hj212.answer(request, "9012"))
            while gateway.talk.conversations.open or gateway.talk.conversations.waiting:
                await asyncio.sleep(0.01)
            assert wanted == [
                ("2051", "BeginTime=20260921200000;EndTime=20260921230000"),
                ("2061", "BeginTime=20260921200000;EndTime=20260921220000"),
            ]

    publish(tmp_path, device())
    run(scenario())
    rows = Observations(tmp_path / "store").since(0).to_pylist()
    assert sorted(row["cn"] for row in rows) == ["2011"] * 2 + ["2051"] * 3 + ["2061"] * 3
    assert [step[1:5] for step in steps(tmp_path)] == [
        ("backfill", cn, way, event)
        for cn in ("2051", "2061")
        for way, event in (("down", "sent"), ("up", "acknowledged"), ("up", "done"))
    ]


def test_a_gap_over_a_restart_is_seen(tmp_path, open_gateway, run):
    async def first():
        async with open_gateway() as gateway:
            await at_home(gateway, packet(0))

    async def then():
        async with open_gateway() as gateway:
            station = await at_home(gateway, packet(240))
            assert (await asked(station)).fields["BeginTime"] == "20260921200000"

    publish(tmp_path, device())
    run(first())
    run(then())


def test_a_clock_that_is_ahead_is_set(tmp_path, open_gateway, run):
    async def scenario():
        async with open_gateway() as gateway:
            ahead = NOW + timedelta(minutes=5)
            raw = hj212.upload(
                cn="2011", mn=MN, st="21", pw="123456", qn=ahead, data_time=ahead,
                values={"w21003": {"Rtd": "0.5"}},
            )  # fmt: skip
            station = await at_home(gateway, raw, raw)
            request = await asked(station)
            assert (request.cn, request.area) == ("1012", f"SystemTime={hj212.stamp(NOW)}")
            await station.send(hj212.answer(request, "9011") + hj212.answer(request, "9012"))
            while gateway.talk.conversations.open:
                await asyncio.sleep(0.01)

    publish(tmp_path, device(clock_tolerance_s=60))
    run(scenario())
    assert [step[1:5] for step in steps(tmp_path)] == [
        ("calibrate", "1012", "down", "sent"),
        ("calibrate", "1012", "up", "acknowledged"),
        ("calibrate", "1012", "up", "done"),
    ]


def _live(seconds: float, behind: float):
    """Return the judgement of live data sent *behind* by its clock, *seconds* from now."""
    at = NOW + timedelta(seconds=seconds)
    sent = at - timedelta(seconds=behind)
    raw = hj212.upload(
        cn="2011", mn=MN, st="21", pw="123456", qn=sent, data_time=sent,
        values={"w21003": {"Rtd": "0.5"}},
    )  # fmt: skip
    known = Device(mn=MN, station="section:S01", clock_tolerance_s=60, backfill="off")
    (frame,) = hj212.Framer().feed(raw)
    return judge(frame, {MN: known}, at=at), at


@pytest.mark.parametrize(
    ("lags", "asked_for"),
    [
        pytest.param([(0, 300), (30, 301)], True, id="慢五分钟"),
        pytest.param([(0, 3600), (0.1, 3570), (0.2, 3540)], False, id="补发的旧数据"),
        pytest.param([(0, 10), (30, 11)], False, id="准"),
    ],
)
def test_old_data_sent_late_is_no_slow_clock(lags, asked_for):
    conversations = Conversations()
    said = []
    for seconds, behind in lags:
        judged, at = _live(seconds, behind)
        said += conversations.hear(judged, at=at, now=at)[1]
    assert bool(said) == asked_for


def test_the_link_closes_and_what_was_asked_is_over(tmp_path, open_gateway, run):
    async def scenario():
        async with open_gateway() as gateway:
            station = await at_home(gateway)
            gateway.talk.command([SET])
            await asked(station)
            await station.close()
            while gateway.sessions:
                await asyncio.sleep(0.01)

    publish(tmp_path, device(backfill="off"))
    run(scenario())
    assert [step[4:] for step in steps(tmp_path)] == [("sent", ""), ("overtime", "closed")]


def test_gaps_are_asked_for_once_in_pieces_and_not_beyond_a_week():
    gaps, known = Gaps(), Device(mn=MN, station="section:S01", interval_minutes=10)
    start = NOW.replace(minute=0)
    assert gaps.seen(known, "2051", start, at=NOW) == []
    assert gaps.seen(known, "2051", start + timedelta(minutes=10), at=NOW) == []
    late = start + timedelta(days=30)
    wanted = gaps.seen(known, "2051", late, at=late)
    assert len(wanted) == 7
    assert wanted[0].begin == late - timedelta(days=7)
    assert all(one.end - one.begin < timedelta(days=1) for one in wanted)
    assert wanted[-1].end == late - timedelta(minutes=10)
    assert gaps.seen(known, "2011", late - timedelta(hours=9), at=late) == []
    hours = gaps.seen(known, "2011", late, at=late)  # the minutes were asked for already
    assert [one.cn for one in hours if one.begin < late - timedelta(minutes=10)] == ["2061"]
    water = Device(mn="W", station="section:S02", dialect="surface-water")
    gaps.seen(water, "2011", start, at=NOW)
    assert {one.cn for one in gaps.seen(water, "2011", late, at=late)} == {"2061"}
    assert isinstance(hours[0], Wanted)


def test_the_fields_of_one_factor_stand_in_one_item():
    pairs = [("w01018-LowValue", "1"), ("w01018-UpValue", "9"), ("PolId", "w01018")]
    assert area_of(pairs) == "w01018-LowValue=1,w01018-UpValue=9;PolId=w01018"
    assert area_of([]) == ""
