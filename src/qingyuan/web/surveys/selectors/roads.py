"""The road map (道路分级图): stretches by class on a day, hot spots as marks."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from qingyuan.core.periods import day_of
from qingyuan.hotspots import RoadClasses
from qingyuan.web.accounts.scope import Scope
from qingyuan.web.surveys.models import HotSpot, Stretch, StretchDay, SurveyRun

__all__ = ["road_time", "roads_geojson", "spots_geojson", "stretches"]

_DAYS = 30


def stretches(scope: Scope) -> QuerySet[StretchDay]:
    """Return the days of the stretches a person may see."""
    return StretchDay.objects.filter(scope.by_district("stretch__district_code"))


def road_time() -> dict[str, Any] | None:
    """Return the time bar of the road map, a step a day; None while nothing was analysed."""
    days = list(
        SurveyRun.objects.filter(state=SurveyRun.State.DONE).order_by("-day").values_list("day", flat=True)[:_DAYS]
    )  # fmt: skip
    if not days:
        return None
    first, last = min(days), max(days)
    noon = timedelta(hours=12)
    return {
        "from": (day_of(first).start + noon).isoformat(),
        "to": (day_of(max(last, first + timedelta(days=1))).start + noon).isoformat(),
        "now": (day_of(last).start + noon).isoformat(),
        "step_minutes": 1440,
        "alarms": [],
    }


def roads_geojson(scope: Scope, day: date, rules: RoadClasses) -> dict[str, Any]:
    """Return the stretches of a day with class and figures; those without data are there unclassed."""
    held = {
        row.stretch_id: row for row in stretches(scope).filter(day=day).select_related("stretch")
    }
    network = next((row.stretch.network_id for row in held.values()), None)
    found = Stretch.objects.filter(scope.by_district("district_code"))
    newest = found.order_by("-network__version").values_list("network_id", flat=True).first()
    features = [
        {
            "type": "Feature",
            "geometry": {"type": "MultiLineString", "coordinates": row.lines},
            "properties": {
                "code": row.pk, "name": str(row), "district": row.district_code,
                **_figures(held.get(row.pk), rules),
            },
        }
        for row in found.filter(network_id=network or newest).order_by("number")
    ]  # fmt: skip
    return {
        "type": "FeatureCollection",
        "features": features,
        "day": day.isoformat(),
        "units": {"pm10": "µg/m³", "pm25": "µg/m³", "increment": "µg/m³"},
    }


def _figures(row: StretchDay | None, rules: RoadClasses) -> dict[str, Any]:
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
