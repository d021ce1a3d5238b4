"""Stations against a gateway of a few lines, over real sockets."""

import asyncio
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import pytest

from qingyuan.cities import read_city, shipped_city
from qingyuan.hj212 import Frame, Framer, Verdict, answer, parse, request
from qingyuan.synth import Fleet, World
from qingyuan.synth import stations as stations_module


@dataclass
class Gateway:
    """Answers 9014, except to the first ``deaf`` copies of packets it has not seen before."""

    deaf: int = 0
    hang_up_after: int = 0
    packets: list = field(default_factory=list)
    connections: int = 0
    talks: set = field(default_factory=set)
    asks: dict = field(default_factory=dict)  # MN → requests, sent after its first packet

    async def serve(self, reader, writer):
        self.connections += 1
        self.talks.add(asyncio.current_task())
        framer = Framer()
        try:
            while data := await reader.read(4096):
                for event in framer.feed(data):
                    assert isinstance(event, Frame)
                    packet = parse(event)
                    self.packets.append(packet)
                    if self.hang_up_after and len(self.packets) == self.hang_up_after:
                        return
                    if len(self.packets) > self.deaf and packet.wants_answer:
                        writer.write(answer(packet))
                    for raw in self.asks.pop(packet.mn, ()):
                        writer.write(raw)
        finally:
            writer.close()


@pytest.fixture(scope="module")
def town():
    return read_city(shipped_city("four_nodes"))


class Clock:
    def __init__(self, at: datetime) -> None:
        self.at = at

    def now(self) -> datetime:
        return self.at


def play(town, gateway, *, clock, since, state=None, until, seconds=15.0, **fleet_options):
    """Run a fleet until ``until(fleet, gateway)`` holds."""

    async def run():
        world = World(town, seed=1, start=since)
        fleet = Fleet(world, town.devices, now=clock.now, since=since, state=state, **fleet_options)
        server = await asyncio.start_server(gateway.serve, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        task = asyncio.create_task(fleet.run("127.0.0.1", port))
        try:
            async with asyncio.timeout(seconds):
                while not until(fleet, gateway):
                    await asyncio.sleep(0.02)
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
            server.close()
            await server.wait_closed()
            await asyncio.gather(*gateway.talks, return_exceptions=True)
        return fleet

    return asyncio.run(run())


def settled(fleet, gateway):
    return bool(gateway.packets) and all(s.idle for s in fleet.stations)


def test_every_packet_is_valid_and_acknowledged(town):
    gateway = Gateway()
    clock = Clock(town.epoch + timedelta(minutes=5))
    fleet = play(town, gateway, clock=clock, since=town.epoch, until=settled)
    assert {p.verdict for p in gateway.packets} == {Verdict.VALID}
    assert {p.mn for p in gateway.packets} == {d.mn for d in town.devices}
    sections = [p for p in gateway.packets if p.mn == town.devices[0].mn]
    assert [p.cn for p in sections] == ["2011"] * 5
    assert [s.acknowledged for s in fleet.stations] == [5, 5, 1, 1]


def test_the_newest_reading_goes_before_what_was_missed(town):
    gateway = Gateway()
    clock = Clock(town.epoch + timedelta(hours=3))
    play(town, gateway, clock=clock, since=town.epoch, until=settled, per_second=200)
    of_one = [p for p in gateway.packets if p.mn == town.devices[0].mn]
    assert of_one[0].fields["DataTime"] == "20260922113000"
    missed = [p.fields["DataTime"] for p in of_one[1:] if p.cn == "2011"]
    assert missed == sorted(missed)
    assert missed[0] == "20260922084000"
    assert len(missed) == 17  # every ten minutes between 08:30 and 11:30
    hours = [p.fields["DataTime"] for p in of_one if p.cn == "2061"]
    assert hours == ["20260922080000", "20260922090000", "20260922100000"]


def test_an_unanswered_packet_is_sent_again_with_the_same_qn(town, monkeypatch):
    monkeypatch.setattr(stations_module, "ANSWER_S", 0.3)
    gateway = Gateway(deaf=4)
    clock = Clock(town.epoch + timedelta(minutes=1))
    play(town, gateway, clock=clock, since=town.epoch, until=settled)
    copies = [(p.mn, p.qn) for p in gateway.packets]
    assert len(copies) > len(set(copies))
    raws = {(p.mn, p.qn): p.raw for p in gateway.packets}
    assert all(raws[p.mn, p.qn] == p.raw for p in gateway.packets)


def test_a_broken_link_loses_nothing(town):
    gateway = Gateway(hang_up_after=7)
    clock = Clock(town.epoch + timedelta(minutes=20))
    play(town, gateway, clock=clock, since=town.epoch, until=settled)
    assert gateway.connections > len(town.devices)
    times = {p.fields["DataTime"] for p in gateway.packets if p.mn == town.devices[0].mn}
    assert len(times) == 20


def test_a_restart_owes_only_the_rest(town, tmp_path):
    state = tmp_path / "world.json"
    clock = Clock(town.epoch + timedelta(minutes=10))
    play(town, Gateway(), clock=clock, since=town.epoch, state=state, until=settled)
    clock.at += timedelta(minutes=2)
    second = Gateway()
    play(town, second, clock=clock, since=town.epoch, state=state, until=settled)
    times = sorted(p.fields["DataTime"] for p in second.packets if p.mn == town.devices[0].mn)
    assert times == ["20260922084100", "20260922084200"]


def test_backfill_keeps_to_its_rate(town):
    gateway = Gateway()
    clock = Clock(town.epoch + timedelta(hours=30))

    def long_enough(fleet, gateway):
        return len(gateway.packets) >= 60

    loop_time = []

    async def stamp(reader, writer, serve=gateway.serve):
        loop_time.append(asyncio.get_running_loop().time())
        await serve(reader, writer)

    gateway.serve = stamp

    def done(fleet, gateway):
        if long_enough(fleet, gateway):
            loop_time.append(asyncio.get_running_loop().time())
            return True
        return False

    play(town, gateway, clock=clock, since=town.epoch, until=done, per_second=40)
    assert loop_time[-1] - loop_time[0] > 0.9  # 56 missed packets at 40 a second, ten at once


def asked_of(device, cn, area="", *, number=1):
    return request(
        cn=cn, mn=device.mn, st=device.st, pw=device.password, qn=f"202609221130000{number:02d}",
        area=area,
    )  # fmt: skip


def replies(gateway, device, cn):
    """Return what a device said to requests: CN, result, data time and value."""
    return [
        (p.cn, p.fields.get("QnRtn") or p.fields.get("ExeRtn") or p.fields.get("DataTime", p.area))
        for p in gateway.packets
        if p.mn == device.mn and (p.cn in ("9011", "9012") or (p.cn == cn and not p.wants_answer))
    ]


def test_hours_that_are_asked_for_are_those_it_sends_of_its_own_accord(town):
    device = town.devices[0]
    area = "BeginTime=20260922080000;EndTime=20260922093000"
    gateway = Gateway(asks={device.mn: [asked_of(device, "2061", area)]})
    clock = Clock(town.epoch + timedelta(hours=3))
    play(
        town, gateway, clock=clock, since=town.epoch,
        until=lambda f, g: len(replies(g, device, "2061")) == 4 and settled(f, g),
    )  # fmt: skip
    assert replies(gateway, device, "2061") == [
        ("9011", "1"), ("2061", "20260922080000"), ("2061", "20260922090000"), ("9012", "1"),
    ]  # fmt: skip
    hours = {}
    for p in gateway.packets:
        if (p.mn, p.cn) == (device.mn, "2061"):
            hours.setdefault(p.qn, set()).add(p.area)
    assert all(len(said) == 1 for said in hours.values())  # the same words twice


def test_minutes_are_not_kept_and_that_is_said(town):
    device = town.devices[1]
    area = "BeginTime=20260922080000;EndTime=20260922090000"
    asks = [asked_of(device, cn, area, number=n) for n, cn in enumerate(("2051", "2041"))]
    gateway = Gateway(asks={device.mn: asks})
    clock = Clock(town.epoch + timedelta(minutes=5))
    play(
        town, gateway, clock=clock, since=town.epoch,
        until=lambda f, g: len(replies(g, device, "2051")) == 4,
    )  # fmt: skip
    assert replies(gateway, device, "2051") == [("9011", "1"), ("9012", "100")] * 2


def test_what_the_platform_sets_is_obeyed_and_outlasts_a_restart(town, tmp_path):
    device, state = town.devices[0], tmp_path / "world.json"
    asks = [
        asked_of(device, "1062", "RtdInterval=300"),
        asked_of(device, "1061", number=2),
        asked_of(device, "1072", "NewPW=765432", number=3),
        asked_of(device, "1011", number=4),  # with the old password
    ]
    gateway = Gateway(asks={device.mn: asks})
    clock = Clock(town.epoch + timedelta(minutes=1))
    play(
        town, gateway, clock=clock, since=town.epoch, state=state,
        until=lambda f, g: len(replies(g, device, "1061")) == 8 and settled(f, g),
    )  # fmt: skip
    assert replies(gateway, device, "1061") == [
        ("9011", "1"), ("9012", "1"), ("9011", "1"), ("1061", "RtdInterval=300"), ("9012", "1"),
        ("9011", "1"), ("9012", "1"), ("9011", "3"),
    ]  # fmt: skip
    clock.at += timedelta(minutes=10)
    second = Gateway()
    play(town, second, clock=clock, since=town.epoch, state=state, until=settled)
    said = [p for p in second.packets if p.mn == device.mn]
    assert {p.pw for p in said} == {"765432"}
    assert [p.fields["DataTime"][8:12] for p in said] == ["0840", "0835"]
