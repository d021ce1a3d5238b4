"""A person asks a device on the web; the gateway asks it; its answer comes back to the person."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Iterator
from datetime import date

import pytest
from django.db import connection
from django.urls import reverse
from psycopg.conninfo import make_conninfo

from qingyuan.gateway.server import Gateway, Options
from qingyuan.host.citytime import CityClock
from qingyuan.host.folder import DataFolder
from qingyuan.store.dialogues import Dialogues
from qingyuan.store.observations import Observations
from qingyuan.synth.devices import FieldStations, Plan, device_rows
from qingyuan.web.accounts.models import RoleGrant, User
from qingyuan.web.audit.services import SYSTEM
from qingyuan.web.monitoring.models import DeviceCommand
from qingyuan.web.monitoring.selectors.connections import Habit, connections
from qingyuan.web.monitoring.services import follow_dialogues
from qingyuan.web.project import middleware
from qingyuan.web.registry.models import Device
from qingyuan.web.registry.services import add_device, change_device, load_city
from small_city import AT, small_city

PLAN = Plan(dialects=("2017",), count=1, rate=2.0, seconds=0, factors=3, seed=7)


class Field:
    """A gateway and one field station, in a thread of their own."""

    def __init__(self, folder: DataFolder, database_url: str) -> None:
        self._folder, self._url = folder, database_url
        self._stop = asyncio.Event()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_until_complete, args=[self._run()])
        self.report: dict[str, object] = {}

    async def _run(self) -> None:
        gateway = Gateway(
            self._folder.path, clock=CityClock(self._folder).now, commit_every=0.1,
            options=Options(database_url=self._url),
        )  # fmt: skip
        host, port = await gateway.start(("127.0.0.1", 0))
        self.report = await FieldStations(PLAN).run(host, port, stop=self._stop)
        await gateway.stop()

    def __enter__(self) -> Field:
        self._thread.start()
        return self

    def __exit__(self, *fault: object) -> None:
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(20)
        self._loop.close()


@pytest.fixture
def folder(tmp_path, settings) -> DataFolder:
    settings.FOLDER = DataFolder(tmp_path / "city").create("city")
    return settings.FOLDER


@pytest.fixture
def station(transactional_db, folder, monkeypatch) -> Device:
    """The logger of the simulator, registered for an outfall of the town."""
    monkeypatch.setattr(middleware, "_clock", CityClock(folder))
    load_city(small_city(), by=SYSTEM, at=AT)
    row = next(device_rows(PLAN))
    factors = {code: said["unit"] for code, said in row.pop("factors").items()}
    return add_device(
        row.pop("mn"), terms={**row, "station": "outfall:O1", "factors": factors}, reason="新装",
        by=SYSTEM, at=CityClock(folder).now(), path=folder.devices,
    )  # fmt: skip


@pytest.fixture
def head(station) -> User:
    day = date(2026, 1, 1)
    unit = User.objects.get(username="duty").unit
    user = User.objects.create_user(username="head", name="综合组", unit=unit)
    RoleGrant.objects.create(
        user=user, role="department_head", separation="business", granted_by="-", granted_at=AT,
        valid_from=day,
    )  # fmt: skip
    return user


@pytest.fixture
def field(station, folder) -> Iterator[Field]:
    there = connection.settings_dict
    url = make_conninfo(
        host=there["HOST"], port=there["PORT"], dbname=there["NAME"], user=there["USER"],
        password=there["PASSWORD"],
    )  # fmt: skip
    with Field(folder, url) as running:
        yield running


def followed(folder: DataFolder, command: DeviceCommand, *, until: str) -> DeviceCommand:
    """Follow the table of dialogues, as the worker does, until the command has come so far."""
    ends = time.monotonic() + 30
    while command.state != until:
        assert time.monotonic() < ends, f"still {command.state}"
        time.sleep(0.05)
        follow_dialogues(Dialogues(folder.store), devices_path=folder.devices)
        command.refresh_from_db()
    return command


def test_what_a_person_asks_of_a_device_is_asked_answered_and_shown(client, field, station, folder):
    client.force_login(User.objects.get(username="duty"))
    address = reverse("device-command", args=[station.mn, "1061"])
    assert client.post(address, {"reason": "核对上报间隔"}).status_code == 302
    command = followed(folder, DeviceCommand.objects.get(), until="done")

    assert (command.answer, command.answers) == ("RtdInterval=30", 1)
    assert None not in (command.sent_at, command.acknowledged_at, command.ended_at)
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM gateway_outbox")
        assert cursor.fetchone() == (0,)
    told = [
        (row["cn"], row["direction"], row["event"], row["result"])
        for row in Dialogues(folder.store).news(0).rows.to_pylist()
        if row["command"] == command.pk
    ]
    assert told == [
        ("1061", "down", "sent", ""),
        ("1061", "up", "acknowledged", "1"),
        ("1061", "up", "answered", ""),
        ("1061", "up", "done", "1"),
    ]
    page = client.get(reverse("device", args=[station.mn])).content.decode()
    assert "RtdInterval=30" in page
    rows = Observations(folder.store).since(0)
    assert set(rows["station"].to_pylist()) == {"outfall:O1"}


def test_a_setting_reaches_the_device_and_is_read_back(client, field, station, folder, head):
    client.force_login(head)
    for cn, given in (("1062", {"RtdInterval": "60", "sure": "on"}), ("1061", {})):
        address = reverse("device-command", args=[station.mn, cn])
        assert client.post(address, {"reason": "按方案", **given}).status_code == 302
        command = followed(folder, DeviceCommand.objects.get(cn=cn), until="done")
    assert command.answer == "RtdInterval=60"


def test_what_accepted_packets_show_is_proposed_to_a_person(client, field, station, folder, head):
    change_device(
        station.mn, changes={"dialect": "2005"}, reason="误登记", by=SYSTEM,
        at=CityClock(folder).now(), path=folder.devices,
    )  # fmt: skip
    ends = time.monotonic() + 30
    while (seen := connections(folder.store).habits.get(station.mn, Habit())).packets < 3:
        assert time.monotonic() < ends
        time.sleep(0.1)
    assert (seen.dialect, seen.crc, seen.encoding) == ("2017", "standard", "utf-8")
    assert seen.deviations["mn.width"] >= 1
    client.force_login(head)
    page = client.get(reverse("device", args=[station.mn])).content.decode()
    assert "协议为 HJ 212-2017" in page
    assert "已接收 · 设备唯一标识" in page
    client.post(reverse("device-proposal", args=[station.mn]), {"reason": "核对报文"})
    assert Device.objects.get(mn=station.mn).dialect == "2017"
    page = client.get(reverse("device", args=[station.mn])).content.decode()
    assert "接受建议" not in page
