"""Air: the city's stations now, by day and by month; one station's or district's file."""

from __future__ import annotations

from datetime import date, timedelta

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from qingyuan.core.periods import city_date
from qingyuan.standards import aqi
from qingyuan.standards.air_periods import period_rules_at
from qingyuan.web.assessments.selectors import air as boards
from qingyuan.web.assessments.selectors import calendar, places, roses
from qingyuan.web.assessments.selectors.hours import SERIES
from qingyuan.web.assessments.views.asked import asked_day, asked_month, month_end, months_beside
from qingyuan.web.monitoring.selectors.charts import observations_in
from qingyuan.web.registry import selectors as registry

__all__ = ["air", "air_layer", "air_place"]

_TABS = ("hour", "day", "month")
_ROSE_DAYS = 30


def _store():  # type: ignore[no-untyped-def]  # the handle's class is the store's business
    return observations_in(settings.FOLDER.store)


def _tabs(here: str) -> list[tuple[str, str, None, bool]]:
    labels = {"hour": _("最近一小时"), "day": _("按日"), "month": _("按月")}
    return [(labels[t], f"?period={t}", None, t == here) for t in _TABS]


def air(request: HttpRequest) -> HttpResponse:
    """Show all stations of an hour, a day or a month, beside the map."""
    period = request.GET.get("period", "")
    period = period if period in _TABS else "hour"
    today = city_date(request.at)
    yesterday = today - timedelta(days=1)
    context: dict[str, object] = {
        "period": period,
        "tabs": _tabs(period),
        "items": [boards.AIR_ITEMS_SHOWN[name] for name in SERIES],
        "places": places.places(request.scope),
    }
    store, scope = _store(), request.scope
    if period == "hour":
        rows = boards.hour_rows(store, scope, at=request.at)
        context |= {
            "rows": rows,
            "end": max((r.end for r in rows if r.end), default=None),
            "rules": aqi.rule_set_at(today),
            "map": _map(scope),
            "counted": [
                (name, boards.level_label(name), sum(r.level == name for r in rows))
                for name in boards.LEVELS[1:]
            ],
        }
    elif period == "day":
        day = asked_day(request, "day", newest=today)
        if "day" not in request.GET:
            day = yesterday
        context |= {
            "day": day,
            "is_running": day == today,
            "before": day - timedelta(days=1),
            "after": day + timedelta(days=1) if day < today else None,
            "rows": boards.day_rows(store, scope, day=day),
            "rules": aqi.rule_set_at(day),
        }
    else:
        first = asked_month(request, newest=yesterday)
        last = min(month_end(first), yesterday)
        before, after = months_beside(first, newest=yesterday)
        context |= {
            "first": first,
            "last": last,
            "before": before,
            "after": after,
            "months": boards.month_rows(store, scope, first=first, last=last),
            "rules": period_rules_at(first),
        }
    return render(request, "assessments/air.html", context)


def _map(scope: object) -> dict[str, object] | None:
    found = registry.air_stations_geojson(scope)["features"]
    if not found:
        return None
    lons, lats = zip(*(f["geometry"]["coordinates"] for f in found), strict=True)
    return {
        "bounds": [min(lons) - 0.05, min(lats) - 0.05, max(lons) + 0.05, max(lats) + 0.05],
        "layers": [
            {
                "name": "air", "kind": "air", "label": _("空气站"), "group": _("大气"), "on": True,
                "timed": False, "src": reverse("air-layer"),
                "card": reverse("map-card", args=["air", "ID"]).replace("ID", "{id}"),
            },
            {
                "name": "districts", "kind": "districts", "label": _("行政区"), "group": _("底图"),
                "on": True, "timed": False, "src": reverse("map-layer", args=["districts"]), "card": "",
            },
        ],
    }  # fmt: skip


def air_layer(request: HttpRequest) -> JsonResponse:
    """Answer the stations with the index of their newest hour."""
    rows = boards.hour_rows(_store(), request.scope, at=request.at)
    return JsonResponse(
        boards.layer(rows),
        content_type="application/geo+json",
        json_dumps_params={"ensure_ascii": False},
    )


def air_place(request: HttpRequest, kind: str, code: str) -> HttpResponse:
    """Show one place: its quarter as a calendar, and a station's roses."""
    place = places.place_of(request.scope, kind, code)
    if place is None:
        raise Http404
    store, yesterday = _store(), city_date(request.at) - timedelta(days=1)
    first, last = calendar.quarter(asked_day(request, "from", newest=yesterday))
    item = request.GET.get("item", "")
    item = item if item in SERIES else "pm25"
    context: dict[str, object] = {
        "place": place,
        "calendar": calendar.calendar_of(store, place, first=first, last=last, until=yesterday),
        "weekdays": [_("一"), _("二"), _("三"), _("四"), _("五"), _("六"), _("日")],
        "first": first,
        "last": last,
        "before": first - timedelta(days=1),
        "after": last + timedelta(days=1) if last < yesterday else None,
        "rules": aqi.rule_set_at(first),
        "item": item,
        "items": boards.AIR_ITEMS_SHOWN,
        "month": _month_link(place, yesterday),
    }
    if place.is_station:
        since = yesterday - timedelta(days=_ROSE_DAYS - 1)
        context |= {
            "station": registry.air_stations(request.scope).get(code=code),
            "roses": roses.roses_of(store, code, item, first=since, last=yesterday),
            "rose_first": since,
            "rose_last": yesterday,
            "least": roses.LEAST_HOURS,
            "devices": registry.devices(request.scope).filter(station=f"air:{code}"),
        }
    return render(request, "assessments/air_place.html", context)


def _month_link(place: places.Place, yesterday: date) -> str:
    return boards.figure_link(
        "air-period",
        kind=place.kind,
        code=place.code,
        first=yesterday.replace(day=1),
        last=yesterday,
    )
