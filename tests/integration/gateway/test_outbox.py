"""Commands are read from the database; without it, devices are served as before."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

import psycopg
import pytest

from gateway_station import MN, NOW, Station, connect, device, packet, publish
from qingyuan import hj212
from qingyuan.gateway.server import Gateway, Options
from qingyuan.host.folder import DataFolder
from qingyuan.host.ports import free_port
from qingyuan.host.postgres import Postgres
from qingyuan.store.dialogues import Dialogues
from qingyuan.store.journal import Position
from qingyuan.store.observations import Observations

_OUTBOX = """
CREATE TABLE IF NOT EXISTS command (
    id bigint PRIMARY KEY, mn text, cn text, st text, parameters jsonb, flag int,
    created_at timestamptz DEFAULT now(), expires_at timestamptz, state text DEFAULT 'queued'
);
CREATE OR REPLACE VIEW gateway_outbox AS
    SELECT id, mn, cn, st, parameters, flag, created_at, expires_at FROM command
    WHERE state IN ('queued', 'sent', 'acknowledged');
GRANT SELECT ON gateway_outbox TO PUBLIC;
"""


@dataclass
class Base:
    """A database of its own, that can be killed."""

    server: Postgres

    @property
    def url(self) -> str:
        return self.server.urls.app

    def say(self, number: int, cn: str, parameters: list[list[str]]) -> None:
        with psycopg.connect(self.server.urls.owner, autocommit=True) as database:
            database.execute(
                "INSERT INTO command VALUES (%s, %s, %s, '21', %s, 5)",
                (number, MN, cn, json.dumps(parameters)),
            )


@pytest.fixture(scope="module")
def base(tmp_path_factory) -> Iterator[Base]:
    folder = DataFolder(tmp_path_factory.mktemp("db") / "d").create("city")
    with Postgres(folder, durable=False) as server:
        with psycopg.connect(server.urls.owner, autocommit=True) as database:
            database.execute(_OUTBOX)
        yield Base(server)


@pytest.fixture(autouse=True)
def empty(base: Base) -> None:
    if base.server.is_running():
        with psycopg.connect(base.server.urls.owner, autocommit=True) as database:
            database.execute("DELETE FROM command")


async def request_of(station: Station) -> hj212.Packet:
    while (said := await station.answer()).cn == "9014":
        pass
    return said


def test_a_command_of_the_database_reaches_the_device_once(tmp_path, open_gateway, run, base):
    options = Options(database_url=base.url)

    async def first():
        async with open_gateway(options=options) as gateway:
            station = await connect(gateway)
            await station.send(packet(0))
            request = await request_of(station)
            assert (request.cn, request.area) == ("1062", "RtdInterval=30")
            await station.send(hj212.answer(request, "9011") + hj212.answer(request, "9012"))
            while gateway.talk.conversations.open:
                await asyncio.sleep(0.02)

    async def again():
        async with open_gateway(options=options) as gateway:
            station = await connect(gateway)
            await station.send(packet(1))
            base.say(6, "1061", [])
            assert (await request_of(station)).cn == "1061"  # the first is not sent again

    publish(tmp_path, device(backfill="off"))
    base.say(5, "1062", [["RtdInterval", "30"]])
    run(first())
    run(again())
    rows = Dialogues(tmp_path / "store").news(0).rows.to_pylist()
    assert [(row["command"], row["event"]) for row in rows if row["command"] == 5] == [
        (5, "sent"),
        (5, "acknowledged"),
        (5, "done"),
    ]


def test_two_gateways_send_a_command_once(tmp_path, open_gateway, run, base):
    options = Options(database_url=base.url)

    async def scenario():
        async with open_gateway(options=options) as one:
            two = Gateway(tmp_path, clock=lambda: NOW, options=options, commit_every=0.05)
            await two.start(("127.0.0.1", 0))
            stations = [await connect(one), await connect(two)]
            for number, station in enumerate(stations):
                await station.send(packet(number))
            while not (MN in one.talk.on and MN in two.talk.on):
                await asyncio.sleep(0.02)
            base.say(8, "1061", [])
            hearing = [asyncio.create_task(request_of(station)) for station in stations]
            done, waiting = await asyncio.wait(hearing, return_when=asyncio.FIRST_COMPLETED)
            more, waiting = await asyncio.wait(waiting, timeout=2.5)
            assert (len(done), len(more)) == (1, 0)
            for task in waiting:
                task.cancel()
            await two.stop()

    publish(tmp_path, device(backfill="off", overtime_s=30))
    run(scenario())


def test_what_an_earlier_life_began_is_ended_by_the_next(tmp_path, open_gateway, run, base):
    said = {
        "command": 77, "mn": MN, "cn": "1062", "qn": "20260922000000000", "purpose": "command",
        "direction": "down", "event": "sent", "segment": 1, "offset": 0,
        "received_at": NOW - timedelta(minutes=1),
    }  # fmt: skip
    (tmp_path / "store").mkdir()
    Dialogues(tmp_path / "store").append([said])
    (tmp_path / "store/gateway.json").write_text(json.dumps(Position(1, 0)._asdict()))

    async def scenario():
        async with open_gateway(options=Options(database_url=base.url)) as gateway:
            station = await connect(gateway)
            await station.send(packet(0))
            await station.answer()
            base.say(77, "1062", [["RtdInterval", "30"]])
            while 77 not in gateway.talk.abandoned:
                await asyncio.sleep(0.05)

    publish(tmp_path, device(backfill="off"))
    run(scenario())
    rows = Dialogues(tmp_path / "store").news(0).rows.to_pylist()
    assert [(row["event"], row["result"]) for row in rows] == [
        ("sent", ""),
        ("overtime", "restart"),
    ]


def test_while_the_database_is_away_everything_is_received_and_stored(
    tmp_path, open_gateway, run, monkeypatch
):
    monkeypatch.setattr("qingyuan.gateway.outbox._AWAY_S", 0.1)
    nobody = f"postgresql://qingyuan@127.0.0.1:{free_port()}/qingyuan"

    async def scenario():
        async with open_gateway(options=Options(database_url=nobody)) as gateway:
            station = await connect(gateway)
            for number in range(20):
                await station.send(packet(number))
                assert (await station.answer()).cn == "9014"
            while gateway._state().outbox != "away":
                await asyncio.sleep(0.02)

    publish(tmp_path, device(backfill="off"))
    run(scenario())
    assert Observations(tmp_path / "store").since(0).num_rows == 20


def test_a_database_that_dies_and_returns_changes_nothing_for_the_devices(
    tmp_path, open_gateway, run, base, monkeypatch
):
    monkeypatch.setattr("qingyuan.gateway.outbox._AWAY_S", 0.2)

    async def scenario():
        async with open_gateway(options=Options(database_url=base.url)) as gateway:
            station = await connect(gateway)
            await station.send(packet(0))
            await station.answer()
            base.server.stop()
            while gateway._state().outbox != "away":
                await asyncio.sleep(0.05)
            for number in range(1, 30):
                await station.send(packet(number))
                assert (await station.answer()).cn == "9014"
            base.server.start()
            base.say(9, "1061", [])
            assert (await request_of(station)).cn == "1061"

    publish(tmp_path, device(backfill="off"))
    run(scenario())
    assert Observations(tmp_path / "store").since(0).num_rows == 30


def test_a_command_waiting_when_the_device_goes_is_sent_when_it_returns(
    tmp_path, open_gateway, run, base
):
    async def scenario():
        async with open_gateway(options=Options(database_url=base.url)) as gateway:
            station = await connect(gateway)
            await station.send(packet(0))
            base.say(11, "1061", [])
            assert (await request_of(station)).cn == "1061"  # never answered: the next has to wait
            base.say(12, "1063", [])
            while not gateway.talk.conversations.waiting:
                await asyncio.sleep(0.05)
            await station.close()
            while gateway.sessions:
                await asyncio.sleep(0.05)
            station = await connect(gateway)
            await station.send(packet(1))
            assert (await request_of(station)).cn == "1063"

    publish(tmp_path, device(backfill="off", overtime_s=30))
    run(scenario())
