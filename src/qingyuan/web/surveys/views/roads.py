"""Roads: the map by class with its days and hours, the month's ranking, namings by inspections."""

from __future__ import annotations

from collections import Counter
from datetime import date, datetime
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import get_language, gettext_noop
from django.utils.translation import gettext as _

from qingyuan.core.periods import city_date
from qingyuan.core.problems import Problem
from qingyuan.hotspots import CLASSES, RoadClasses, read_road_classes
from qingyuan.web.registry import selectors as registry
from qingyuan.web.surveys import selectors, services
from qingyuan.web.surveys.models import Override, Stretch, SurveyRun
from qingyuan.web.surveys.parameters import parameters

_NAMES = {
    "red": gettext_noop("红"), "orange": gettext_noop("橙"), "yellow": gettext_noop("黄"), "green": gettext_noop("绿"),
}  # fmt: skip
_NAMERS = frozenset({"department_head", "vice_leader"})


def _rules() -> RoadClasses:
    return read_road_classes()


def _bounds(request: HttpRequest) -> list[float]:
    newest = Stretch.objects.order_by("-network__version").values_list("network_id", flat=True).first()  # fmt: skip
    found = Stretch.objects.filter(request.scope.by_district("district_code"), network_id=newest)
    points = [p for lines in found.values_list("lines", flat=True) for line in lines for p in line]
    if not points:
        city = registry.city()
        lon, lat = (city.lon, city.lat) if city else (120.0, 36.0)
        return [lon - 0.3, lat - 0.2, lon + 0.3, lat + 0.2]
    lons, lats = [p[0] for p in points], [p[1] for p in points]
    return [min(lons), min(lats), max(lons), max(lats)]


def _hour(request: HttpRequest) -> int | None:
    text = request.GET.get("hour", "")
    if not text:
        return None
    if not text.isascii() or not text.isdigit() or int(text) > 23:
        raise Http404
    return int(text)


def _layers() -> list[dict[str, Any]]:
    return [
        {"name": "hotspots", "kind": "hotspots", "label": _("热点"), "group": _("走航"),
         "src": reverse("surveys-spots"), "on": True, "timed": True,
         "card": reverse("hotspot-card", args=["ID"]).replace("ID", "{id}")},
        {"name": "roads", "kind": "roads", "label": _("路段分级"), "group": _("走航"),
         "src": reverse("surveys-roads"), "on": True, "timed": True},
        {"name": "districts", "kind": "districts", "label": _("行政区"), "group": _("走航"),
         "src": reverse("map-layer", args=["districts"]), "on": True},
    ]  # fmt: skip


def road_map(request: HttpRequest) -> HttpResponse:
    """Show the roads by class, a day or an hour at a time, with the hot spots."""
    rules, days, hour = _rules(), selectors.road_days(), _hour(request)
    day = _day(request)
    run = SurveyRun.objects.filter(state=SurveyRun.State.DONE, day=day).first()
    if run is None and days:
        raise Http404
    figures = selectors.road_figures(request.scope, day, hour, rules) if day else []
    counts = Counter(f.road_class for f in figures)
    spots = selectors.spots(request.scope)
    districts = {d.code: d.name for d in registry.districts(request.scope).defer("wkb")}
    known = Stretch.objects.filter(request.scope.by_district("district_code"))
    all_of = known.filter(network=run.network_id).count() if run else 0
    bounds = list(rules.bounds["pm10"])
    context = {
        "run": run,
        "hour": hour,
        "next_hour": None if hour is None else hour + 1,
        "map": {
            "bounds": _bounds(request),
            "layers": _layers(),
            "hours": {
                "days": sorted({d.isoformat() for d in [*days, *([day] if run and day else [])]}),
                "day": day.isoformat() if day else "", "hour": hour, "layer": "roads",
                "src": reverse("surveys-hours"), "names": {n: _(_NAMES[n]) for n in CLASSES},
            },
        },
        "legend": [
            (n, _(_NAMES[n]), counts[n], above, bounds[k - 1][1] if k else None)
            for k, (n, above) in enumerate(bounds)
        ],
        "unpassed": all_of - len(figures),
        "passed": len(figures),
        "passes": sum(f.passes for f in figures),
        "worst": [(f, _(_NAMES[f.road_class]), districts.get(f.stretch.district_code, "")) for f in figures[:20]],
        "spots": spots.filter(findings__run=run).distinct().count() if run else 0,
        "standing": spots.filter(case__isnull=False).exclude(case__ledger="conclude").count(),
        "rules": rules,
    }  # fmt: skip
    return render(request, "surveys/map.html", context)


def _day(request: HttpRequest) -> date | None:
    for name in ("at", "day"):
        text = request.GET.get(name, "")
        if not text:
            continue
        try:
            when = datetime.fromisoformat(text)
            return city_date(when) if when.tzinfo else when.date()
        except (ValueError, OverflowError):
            raise Http404 from None
    return (
        SurveyRun.objects.filter(state=SurveyRun.State.DONE).order_by("-day").values_list("day", flat=True).first()
    )  # fmt: skip


def roads(request: HttpRequest) -> JsonResponse:
    """Return the stretches of a day as GeoJSON."""
    day = _day(request) or city_date(request.at)
    found = selectors.roads_geojson(request.scope, day, _rules())
    for feature in found["features"]:
        name = feature["properties"]["road_class"]
        feature["properties"]["state"] = _(_NAMES[name]) if name else _("无通过")
    return JsonResponse(found, json_dumps_params={"ensure_ascii": False})


def hours(request: HttpRequest) -> JsonResponse:
    """Return a day's figures of every stretch and those of its hours, in one answer."""
    day = _day(request) or city_date(request.at)
    found = selectors.road_frames(request.scope, day, _rules())
    return JsonResponse(found, json_dumps_params={"separators": (",", ":")})


def spot_layer(request: HttpRequest) -> JsonResponse:
    """Return the hot spots of a day's run, or all of them, as GeoJSON."""
    day = _day(request) if request.GET.get("at") else None
    found = selectors.spots_geojson(request.scope, day)
    return JsonResponse(found, json_dumps_params={"ensure_ascii": False})


def _month(request: HttpRequest, known: list[date]) -> date | None:
    text = request.GET.get("month", "")
    try:
        wanted = date.fromisoformat(f"{text}-01") if text else None
    except ValueError:
        raise Http404 from None
    return wanted or (known[0] if known else None)


def _ranking(request: HttpRequest, *, status: int = 200, **more: object) -> HttpResponse:
    known = selectors.months(request.scope)
    month = _month(request, known)
    rules = _rules()
    everything = selectors.month_rows(month, rules) if month else []
    scope = request.scope
    seen = [r for r in everything if scope.city or r.stretch.district_code in scope.districts]
    names = {d.code: d.name for d in registry.districts(scope).defer("wkb")}
    districts = selectors.scores_of(month, rules) if month else []
    context = {
        "months": known,
        "month": month,
        "rows": [(r, _(_NAMES[r.name]), _(_NAMES[r.original]), names.get(r.stretch.district_code, "")) for r in seen[:300]],
        "total": len(everything),
        "districts": [(d, names[d.district], [d.classes[n] for n in CLASSES]) for d in districts if d.district in names],
        "transfers": [(t, names[t.district]) for t in selectors.transfers(districts, rules) if t.district in names],
        "rule": parameters("month"),
        "rules": rules,
        "classes": [(n, _(_NAMES[n])) for n in CLASSES],
        "levels": Override.Level.choices,
        "may_name": bool(scope.roles & _NAMERS),
        "english": (get_language() or "").startswith("en"),
        **more,
    }  # fmt: skip
    return render(request, "surveys/ranking.html", context, status=status)


def ranking(request: HttpRequest) -> HttpResponse:
    """Rank the stretches and score the districts of a month."""
    return _ranking(request)


def _named_month(given: str) -> date:
    """Return the first day of a month written 2026-03."""
    try:
        return date.fromisoformat(f"{given}-01")
    except ValueError:
        raise Problem("surveys.bad_month", given=given) from None


def name_stretch(request: HttpRequest, pk: int) -> HttpResponse:
    """Record that an inspection named a stretch."""
    found = Stretch.objects.filter(request.scope.by_district("district_code"))
    stretch = get_object_or_404(found, pk=pk)
    level = request.POST.get("level", "")
    given = request.POST.get("month", "")
    try:
        month = _named_month(given)
        if level not in Override.Level.values:
            raise Problem("surveys.bad_level", given=level)
        services.override(
            stretch=stretch, month=month, level=level, reason=request.POST.get("reason", ""),
            by=request.user, at=request.at,
        )  # fmt: skip
    except Problem as problem:
        return _ranking(request, status=422, problem=problem)
    return HttpResponseRedirect(f"{reverse('survey-ranking')}?month={month:%Y-%m}")


def withdraw_naming(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a naming back."""
    found = Override.objects.filter(request.scope.by_district("stretch__district_code"))
    row = services.withdraw_override(get_object_or_404(found, pk=pk), by=request.user, at=request.at)  # fmt: skip
    return HttpResponseRedirect(f"{reverse('survey-ranking')}?month={row.month:%Y-%m}")
