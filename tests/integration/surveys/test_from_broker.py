"""From a fleet's broker to the pages: batches by MQTT, the night's run, a hot spot, counts by reason."""

from __future__ import annotations

import json
import re
from datetime import date

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse

from own_broker import MOSQUITTO, Mosquitto, until
from qingyuan.feeds import FIXED, Intake, VehiclesFile
from qingyuan.feeds.mqtt import Broker, Subscriber
from qingyuan.host.citytime import CityClock
from qingyuan.store.fixes import Fixes
from qingyuan.synth.fleet import DustSource, drive_fleet
from qingyuan.web.project import middleware
from qingyuan.web.surveys import services
from qingyuan.web.surveys.models import HotSpot, SurveyRun, VehicleDay
from survey_town import DEVICES

DAYS = (date(2026, 10, 12), date(2026, 10, 13))  # the people of the town hold their offices by then
_ODD = (  # what else T01 sends on the second day, and what it is refused or rejected for
    ({"lon": 12.5}, "feeds.fix_place"),
    ({"pm10": "n/a"}, "feeds.fix_value"),
    ({"time": "noon"}, "feeds.time"),
    ({"pm10": 99999.0}, "range"),
)


def _batches(fleet):
    """Two days of five taxis as a provider sends them: batches of a vehicle, one sent twice."""
    for day in DAYS:
        table = drive_fleet(
            fleet.streets, day=day, devices=list(DEVICES), seed=7, hours=(8, 12), step_s=6,
            sources=[DustSource(20, 10, 90, 110, (8, 12))],
        )  # fmt: skip
        rows = [
            {**row, "time": row["time"].isoformat()}
            for row in table.select(["vehicle", "time", "lon", "lat", "pm10", "pm25", "rh", "speed_ms"]).to_pylist()
        ]  # fmt: skip
        for device in DEVICES:
            mine = [row for row in rows if row["vehicle"] == device]
            if device == "T01" and day == DAYS[1]:
                for n, (odd, _) in enumerate(_ODD):
                    mine.append(
                        {
                            **mine[50 + n],
                            "time": mine[50 + n]["time"].replace("+00:00", ".5+00:00"),
                            **odd,
                        }
                    )
                mine.append({**mine[80], "vehicle": "X99"})
            yield json.dumps({"fixes": mine}).encode()
            if device == "T02" and day == DAYS[1]:
                yield json.dumps({"fixes": mine[:40]}).encode()


@pytest.mark.skipif(MOSQUITTO is None, reason="没有 Mosquitto / no Mosquitto here")
def test_a_fleet_on_a_broker_becomes_a_hot_spot_and_counts_on_pages(fleet, tmp_path, monkeypatch):
    clock = CityClock(settings.FOLDER)
    clock.start(fleet.after(DAYS[1]), rate=1.0)
    monkeypatch.setattr(middleware, "_clock", clock)
    services.publish_vehicles(settings.FOLDER.vehicles, at=fleet.town.at)
    intake = Intake(
        settings.FOLDER.journal / "fleet", settings.FOLDER.store, matter=FIXED,
        stations=VehiclesFile(settings.FOLDER.vehicles), clock=clock.now,
    )  # fmt: skip
    broker = Mosquitto(tmp_path / "broker")
    subscriber = Subscriber(Broker.parse(broker.url()), intake, longest_retry_s=1)
    try:
        subscriber.start()
        assert subscriber.connected.wait(10)
        sent = list(_batches(fleet))
        broker.publish("city/fleet/data", *sent)
        until(lambda: subscriber.acknowledged == len(sent), "every batch is acknowledged")
    finally:
        subscriber.stop()
        intake.close()
        broker.stop()
    refused = {"feeds.fix_place", "feeds.fix_value", "feeds.time"}
    rows = sum(len(json.loads(raw)["fixes"]) for raw in sent)
    stored = sum(c.count for c in Fixes(settings.FOLDER.store).counts(*DAYS))
    assert stored == rows - len(refused) - 1  # X99 is nobody's

    run = fleet.night(DAYS[1])
    assert run.state == SurveyRun.State.DONE, run.problem_zh
    told = {row.device: row.rejected for row in VehicleDay.objects.filter(day=DAYS[1])}
    assert told["T01"]["range"] == 1
    assert told["T02"]["duplicate"] == 40
    assert sum(r.read for r in VehicleDay.objects.filter(day=DAYS[1])) == run.fixes_of_day

    (spot,) = HotSpot.objects.all()
    browser = Client()
    browser.force_login(fleet.town.who("head"))

    def page(name, *args):
        answer = browser.get(reverse(name, args=args))
        assert answer.status_code == 200
        return answer.content.decode()

    assert spot.code in page("hotspots")
    assert "比背景高" in page("hotspot", spot.code)
    assert "重复 40" in page("survey-vehicle", "T02")
    said = page("survey-vehicle", "T01")
    assert "超量程 1" in said
    door = said[said.index("入库前拒收") :]
    assert {w for w in ("经纬度不对 1", "数值不对 1", "时间不对 1") if w in door} == {
        "经纬度不对 1", "数值不对 1", "时间不对 1",
    }  # fmt: skip
    assert re.search(r'data-label="拒收">3<', door)
