"""The road map (道路分级图): stretches by class on a day and in its hours, hot spots as marks."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from qingyuan.hotspots import CLASSES, RoadClasses
from qingyuan.web.accounts.scope import Scope
from qingyuan.web.registry import selectors as registry
from qingyuan.web.surveys.models import HotSpot, RoadNetwork, Stretch, StretchDay, SurveyRun

__all__ = [
    "RoadFigure",
    "road_days",
    "road_figures",
    "road_frames",
    "roads_geojson",
    "spots_geojson",
    "stretches",
]

_DAYS = 30


def stretches(scope: Scope) -> QuerySet[StretchDay]:
    """Return the days of the stretches a person may see."""
    return StretchDay.objects.filter(scope.by_district("stretch__district_code"))


def road_days() -> list[date]:
    """Return the days the road map can show, the oldest first."""
    done = SurveyRun.objects.filter(state=SurveyRun.State.DONE).order_by("-day")
    return sorted(done.values_list("day", flat=True)[:_DAYS])


@dataclass(frozen=True, slots=True)
class RoadFigure:
    """What was measured on a stretch in an hour or a day, µg/m³, and its class."""

    stretch: Stretch
    road_class: str
    pm10: float
    pm25: float | None
    increment: float
    passes: int
    vehicles: int

    @property
    def row(self) -> list[float | int | None]:
        """The figures as the map takes them, the class by its number in `CLASSES`."""
        number = CLASSES.index(self.road_class)
        return [number, self.pm10, self.pm25, self.increment, self.passes, self.vehicles]


def _of_day(row: StretchDay, rules: RoadClasses) -> RoadFigure:
    named = rules.of("pm10", row.pm10)
    return RoadFigure(
        row.stretch, named, row.pm10, row.pm25, row.increment, row.passes, row.vehicles
    )


def _of_hours(row: StretchDay, rules: RoadClasses) -> dict[int, RoadFigure]:
    return {
        hour: RoadFigure(row.stretch, rules.of("pm10", pm10), pm10, pm25, increment, passes, vehicles)
        for hour, pm10, pm25, increment, passes, vehicles in row.hours or ()
    }  # fmt: skip


def road_figures(scope: Scope, day: date, hour: int | None, rules: RoadClasses) -> list[RoadFigure]:
    """Return what was measured on a day, or in one of its hours, the highest PM10 first."""
    rows = stretches(scope).filter(day=day).select_related("stretch")
    if hour is None:
        found = [_of_day(row, rules) for row in rows]
    else:
        hours = (_of_hours(row, rules).get(hour) for row in rows)
        found = [figure for figure in hours if figure is not None]
    return sorted(found, key=lambda f: (-f.pm10, f.stretch.number))


def road_frames(scope: Scope, day: date, rules: RoadClasses) -> dict[str, Any]:
    """Return a day's figures and those of its hours for every stretch with a pass, without lines.

    A row is class, PM10, PM2.5, increment, passes, vehicles; an hour's row has the hour before it.
    """
    rows = list(stretches(scope).filter(day=day).select_related("stretch"))
    run = SurveyRun.objects.filter(day=day).select_related("network").defer("network__edges").first()  # fmt: skip
    return {
        "day": day.isoformat(),
        "zone": "Asia/Shanghai",
        "network": run.network.version if run and run.network else None,
        "classes": CLASSES,
        "hourly": all(row.hours is not None for row in rows),
        "stretches": {
            str(row.stretch_id): {
                "day": _of_day(row, rules).row,
                "hours": [[hour, *figure.row] for hour, figure in _of_hours(row, rules).items()],
            }
            for row in rows
        },
    }


def roads_geojson(scope: Scope, day: date, rules: RoadClasses) -> dict[str, Any]:
    """Return the stretches of a day with class and figures; those without a pass are unclassed."""
    held = {
        row.stretch_id: row for row in stretches(scope).filter(day=day).select_related("stretch")
    }
    found = Stretch.objects.filter(scope.by_district("district_code"))
    run = SurveyRun.objects.filter(day=day, network__isnull=False).first()
    newest = found.order_by("-network__version").values_list("network_id", flat=True).first()
    network = run.network_id if run else newest
    version = RoadNetwork.objects.filter(pk=network).values_list("version", flat=True).first()
    names = {d.code: d.name for d in registry.districts(scope).defer("wkb")}
    features = [
        {
            "type": "Feature",
            "geometry": {"type": "MultiLineString", "coordinates": row.lines},
            "properties": {
                "code": row.pk, "name": str(row), "district": names.get(row.district_code, ""),
                **_properties(held.get(row.pk), rules),
            },
        }
        for row in found.filter(network_id=network).order_by("number")
    ]  # fmt: skip
    return {
        "type": "FeatureCollection",
        "features": features,
        "day": day.isoformat(),
        "network": version,
        "units": {"pm10": "µg/m³", "pm25": "µg/m³", "increment": "µg/m³"},
    }


def _properties(row: StretchDay | None, rules: RoadClasses) -> dict[str, Any]:
    if row is None:
        return {"road_class": "", "pm10": None, "passes": 0}
    return {
        "road_class": rules.of("pm10", row.pm10), "pm10": row.pm10, "pm25": row.pm25,
        "increment": row.increment, "passes": row.passes, "vehicles": row.vehicles,
    }  # fmt: skip


def spots_geojson(scope: Scope, day: date | None) -> dict[str, Any]:
    """Return the hot spots found on a day's run (or the newest), as points."""
    found = HotSpot.objects.filter(scope.by_district("district_code"))
    if day is not None:
        found = found.filter(Q(findings__run__day=day)).distinct()
    return {
        "type": "FeatureCollection",
        "features": [
            {
                "type": "Feature",
                "geometry": {"type": "Point", "coordinates": [row.lon, row.lat]},
                "properties": {
                    "code": row.code, "name": row.code, "place": str(row.place),
                    "radius_m": row.radius_m, "slip": row.case_id is not None,
                    "state": _("已督办") if row.case_id else _("未督办"),
                },
            }
            for row in found.order_by("code")
        ],
    }  # fmt: skip
