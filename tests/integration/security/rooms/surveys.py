"""Objects of surveys: on each side a hot spot with its slip, a stretch that was named; the fleet."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.conf import settings
from shapely.geometry import LineString

from qingyuan.core.periods import city_date
from qingyuan.store.fixes import Fixes
from qingyuan.web.accounts.models import Unit, User
from qingyuan.web.audit.services import SYSTEM
from qingyuan.web.surveys.models import (
    Finding,
    HotSpot,
    Mounting,
    Override,
    RoadNetwork,
    SpotPass,
    Stretch,
    StretchDay,
    SurveyRun,
    VehicleDay,
)
from qingyuan.web.surveys.services import issue_slip, put_network
from qingyuan.web.surveys.stretches import network_of

ROUTES_WITHOUT_OBJECTS = {
    "surveys", "surveys-roads", "surveys-hours", "surveys-spots", "hotspots", "survey-slips", "survey-ranking",
    "survey-vehicles", "survey-runs", "survey-upload", "survey-network", "api-fixes",
}  # fmt: skip
ALSO = {"api-fixes": {401}, "hotspot-slip": {422}, "survey-upload": {422}, "survey-network": {422}}
PLACES = {"east": ("379901", 120.5), "west": ("379902", 121.5)}


def build(world: Any) -> None:
    """Draw one road through both districts, and a hot spot on it on either side."""
    at, day = world.town.at, city_date(world.town.at) - timedelta(days=1)
    lines = [
        (LineString([(120.4, 36.5), (120.5, 36.5), (120.6, 36.5)]), {"name": "望海路"}),
        (LineString([(120.5, 36.4), (120.5, 36.5), (120.5, 36.6)]), {"name": "文昌路"}),
        (LineString([(121.4, 36.5), (121.5, 36.5), (121.6, 36.5)]), {"name": "春阳路"}),
    ]
    network = put_network(network_of(lines), source="roads.geojson", by=SYSTEM, at=at)
    run = SurveyRun.objects.create(
        day=day, first_day=day, state=SurveyRun.State.DONE, revision=1, network=network, algorithm="1",
        asked_at=at, asked_by="系统", finished_at=at, vehicles_of_day=1, fixes_of_day=10, kilometres=5.0,
    )  # fmt: skip
    Mounting.objects.create(device="T01", plate="鲁U10001", operator="清河出租", valid_from=day)
    VehicleDay.objects.create(run=run, device="T01", day=day, read=10, rejected={"jump": 1}, gain=1.0, gain_se=0.1, offset=0.0, offset_se=1.0, drift=0.0)  # fmt: skip
    Fixes(settings.FOLDER.store).append([
        {"vehicle": "T01", "time": at - timedelta(days=1), "lon": 120.5, "lat": 36.5, "pm10": 80.0, "pm25": 40.0,
         "rh": 50.0, "speed_ms": 8.0, "received_at": at, "source": "test"}
    ])  # fmt: skip
    for number, (side, (district, lon)) in enumerate(PLACES.items(), 1):
        _side(world, run, network, side, district, lon, number)


def _side(
    world: Any, run: SurveyRun, network: RoadNetwork, side: str, district: str, lon: float, number: int
) -> None:  # fmt: skip
    at = world.town.at
    spot = HotSpot.objects.create(
        code=f"RD2026-{number:04d}", lon=lon, lat=36.5, radius_m=80, road="望海路",
        start=f"探针·{side}·spot·", end="文昌路", district_code=district, first_day=run.day, last_day=run.day,
    )  # fmt: skip
    Finding.objects.create(
        run=run, spot=spot, increment=40.0, low=30.0, high=50.0, peak=60.0, background=70.0, p_value=0.001,
        first_hour=8, end_hour=12, active_days=[run.day.isoformat()], passes=6, vehicles=2, coarse_share=0.7, kind="dust",
    )  # fmt: skip
    SpotPass.objects.create(
        spot=spot, run=run, day=run.day, at=at - timedelta(hours=23), device="T01", fixes=9, increment=41.0,
        increment25=9.0, background=70.0,
    )  # fmt: skip
    stretch = Stretch.objects.filter(network=network, district_code=district).order_by("number").first()  # fmt: skip
    assert stretch is not None
    for n in range(3):
        StretchDay.objects.create(run=run, stretch=stretch, day=run.day - timedelta(days=n), pm10=120.0, pm25=50.0, increment=20.0, passes=6, vehicles=2, hours=[[8, 120.0, 50.0, 20.0, 6, 2]])  # fmt: skip
    Override.objects.create(
        stretch=stretch, month=run.day.replace(day=1), level="city", reason=f"探针·{side}·naming·",
        made_by=world.user("head"), made_at=at,
    )  # fmt: skip
    unit, person = (("east", "east1"), ("west", "west1"))[side == "west"]
    issue_slip(
        spot=spot, unit=Unit.objects.get(code=unit), person=world.user(person),
        due_on=city_date(at) + timedelta(days=10), by=world.user("duty"), at=at,
    )  # fmt: skip


def examples(world: Any, side: Any, user: User) -> dict[str, list[tuple[object, ...]]]:
    """Name them."""
    spot = HotSpot.objects.get(district_code=PLACES[side.name][0])
    slip = spot.slips.get()
    row = Override.objects.filter(stretch__district_code=spot.district_code).first()
    assert row is not None
    run = SurveyRun.objects.get()
    return {
        "hotspot": [(spot.code,)],
        "hotspot-card": [(spot.code,)],
        "hotspot-slip": [(spot.code,)],
        "survey-slip-file": [(slip.pk, "pdf"), (slip.pk, "docx")],
        "survey-override": [(row.stretch_id,)],
        "survey-override-withdraw": [(row.pk,)],
        "survey-vehicle": [("T01",)],
        "survey-run-again": [(f"{run.day:%Y-%m-%d}",)],
    }
