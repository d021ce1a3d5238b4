"""The taxis of the last days (往日走航): two towns' streets, a fleet, dust that was found, one slip.

Streets and dust are invented with the city; everything enters through the doors of the surveys.
"""

from __future__ import annotations

import json
from collections import defaultdict
from datetime import date, datetime, timedelta

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from django.conf import settings

from qingyuan.cities import AirStation, City
from qingyuan.core.periods import Period, city_date, day_of
from qingyuan.demo.pictures import picture
from qingyuan.demo.script import office_hours
from qingyuan.store.fixes import Fixes
from qingyuan.store.observations import Observations
from qingyuan.synth.fleet import DustSource, Floats, Streets, drive_fleet, streets_of
from qingyuan.web.accounts import selectors as accounts
from qingyuan.web.audit.services import SYSTEM
from qingyuan.web.bulletins.services import compose
from qingyuan.web.cases.services import Upload, perform
from qingyuan.web.registry.selectors import responsible_for
from qingyuan.web.surveys import services
from qingyuan.web.surveys.models import HotSpot, Mounting, RoadNetwork

__all__ = ["live_through_fleet"]

_DAYS = 4
_HOURS = (7, 15)
_STEP_S = 5
_TAXIS = 4  # in each town
_SIZE = 8
# metres from the middle of the town, radius, µg/m³ at the top, hours
_DUST = (
    ((260.0, -130.0, 100.0, 165.0, (7, 12)), (-650.0, 520.0, 80.0, 100.0, (9, 15))),
    ((130.0, 260.0, 90.0, 120.0, (7, 14)),),
)


def live_through_fleet(city: City, *, until: datetime) -> None:
    """Drive the last days, analyse two nights, supervise the first hot spot, draft the day's report.

    Parameters
    ----------
    until : datetime
        City time; the fleet drives on the days before it.
    """
    if RoadNetwork.objects.exists():
        return
    today = city_date(until)
    towns = [streets_of(s.lon, s.lat, seed=n + 5, size=_SIZE) for n, s in enumerate(_middles(city))]
    began = until - timedelta(days=_DAYS + 30)
    features = [f for town in towns for f in town.geojson()["features"]]
    content = json.dumps({"type": "FeatureCollection", "features": features}).encode()
    services.bring_roads(content=content, name="道路中心线.geojson", by=SYSTEM, at=began)
    _register(towns, since=city_date(began), at=began)
    for back in range(_DAYS, 0, -1):
        _drive(towns, today - timedelta(days=back))
    first = today - timedelta(days=2)
    services.analyse(day=first, at=day_of(first).end + timedelta(hours=3))
    _supervise(at=office_hours(day_of(first).end + timedelta(hours=9)), until=until)
    yesterday = today - timedelta(days=1)
    services.analyse(day=yesterday, at=day_of(today).start + timedelta(hours=3))
    compose(kind="survey_daily", day=yesterday, at=until)


def _middles(city: City) -> list[AirStation]:
    """Return a station of each of the first two districts that have one: towns lie around them."""
    by_district = {s.district_code: s for s in reversed(city.air_stations)}
    return [by_district[code] for code in sorted(by_district)[: len(_DUST)]]


def _devices(town: int) -> list[str]:
    return [f"ZH{town + 1}{n + 1:02d}" for n in range(_TAXIS)]


def _register(towns: list[Streets], *, since: date, at: datetime) -> None:
    Mounting.objects.bulk_create(
        Mounting(
            device=device, plate=f"鲁UX{1000 + 100 * town + n}", operator=("清源出租", "望海出租")[town % 2], valid_from=since
        )
        for town in range(len(towns))
        for n, device in enumerate(_devices(town))
    )  # fmt: skip
    services.publish_vehicles(settings.FOLDER.vehicles, at=at)


def _drive(towns: list[Streets], day: date) -> None:
    """Let both towns' taxis drive a day in the air the city's stations measured."""
    hours, values = _air_of(day)

    def air(hour: Floats) -> Floats:
        return np.interp(hour, hours, values)

    for number, town in enumerate(towns):
        devices = _devices(number)
        table = drive_fleet(
            town, day=day, devices=devices, seed=11 + number, hours=_HOURS, step_s=_STEP_S, air=air,
            sources=[DustSource(x, y, r, top, span) for x, y, r, top, span in _DUST[number]],
            faults={devices[-1]: "gain"} if number == 0 else {},
        )  # fmt: skip
        # a device that sends a piece again, and one whose place jumps: the day's counts show both
        jump = table.slice(400, 3)
        jump = jump.set_column(2, "lon", pc.add(jump.column("lon"), 0.4))
        table = pa.concat_tables([table, table.slice(900, 40), _later(jump)])
        count = table.num_rows
        received = pa.array([day_of(day).end] * count, pa.timestamp("us", "UTC"))
        table = table.append_column("received_at", received)
        table = table.append_column("source", pa.array(["demo"] * count, pa.string()))
        local = pc.cast(pa.array([day] * count), pa.date32())
        Fixes(settings.FOLDER.store).append(
            table.append_column("day", local), app=(f"demo-fleet-{number}", day.toordinal())
        )


def _later(rows: pa.Table) -> pa.Table:
    """Return fixes two seconds later, where the device sent nothing."""
    late = pc.add(rows.column("time"), pa.scalar(timedelta(seconds=2), pa.duration("us")))
    return rows.set_column(1, "time", late)


def _air_of(day: date) -> tuple[Floats, Floats]:
    """Return the mean PM10 of the city's stations by hour, or a usual day where they are silent."""
    span = day_of(day)
    means = Observations(settings.FOLDER.store).means(
        None, ["a34002"], Period(span.start, span.end)
    )
    held: dict[float, list[float]] = defaultdict(list)
    for mean in means:
        if mean.is_valid:
            held[(mean.period.start - span.start).total_seconds() / 3600 + 0.5].append(
                float(mean.value)
            )
    if not held:
        return np.array([0.0, 24.0]), np.array([70.0, 70.0])
    hours = sorted(held)
    return np.array(hours), np.array([float(np.mean(held[h])) for h in hours])


def _supervise(*, at: datetime, until: datetime) -> None:
    """Issue a slip on the strongest hot spot; its district signs for it and reports it rectified."""
    spots = [s for s in HotSpot.objects.order_by("code") if s.district_code]
    spot = max(spots, key=lambda s: s.findings.latest("run__day").increment, default=None)
    if spot is None or at >= until:
        return
    duty = accounts.holders_of("duty_officer", on=city_date(at), district="")[0]
    unit, person = responsible_for(spot.district_code, "air", at)
    slip = services.issue_slip(
        spot=spot,
        unit=unit,
        person=person,
        due_on=city_date(at) + timedelta(days=3),
        by=duty,
        at=at,
    )
    case, later = slip.case, office_hours(at + timedelta(hours=1))
    if later < until:
        case = perform(case=case, deed="sign", by=person, at=later)
    later = office_hours(later + timedelta(hours=4))
    if later < until:
        photos = [
            Upload(kind, f"{kind}.jpg", picture(kind, case=case.number, at=later))
            for kind in ("before_photo", "after_photo")
        ]
        perform(
            case=case, deed="rectify", by=person, at=later,
            data={"measures": "工地出口硬化并设冲洗，路段加密洗扫"}, evidence=photos,
        )  # fmt: skip
