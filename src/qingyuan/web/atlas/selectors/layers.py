"""Layers (图层): which selector feeds which, and what the map element is told."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Max, Min
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from qingyuan.core.factors import factor as factor_of
from qingyuan.web.accounts.scope import Scope
from qingyuan.web.atlas.selectors.outfalls import outfall_tints, outfalls_geojson
from qingyuan.web.cases import selectors as cases
from qingyuan.web.cases.models import Case
from qingyuan.web.dust import selectors as dust
from qingyuan.web.monitoring import selectors as monitoring
from qingyuan.web.registry import selectors as registry
from qingyuan.web.registry.models import Outfall, RiverReach, Section
from qingyuan.web.registry.models.geometry import in_language
from qingyuan.web.signals import selectors as signals
from qingyuan.web.signals.models import Signal

__all__ = ["LAYERS", "LOOK_BACK", "Layer", "bounds", "layer", "map_config"]

LOOK_BACK = timedelta(days=3)
_MOST_ALARMS = 60


@dataclass(frozen=True, slots=True)
class Layer:
    """One layer of the tree: its words, its group, whether it follows the slider, its rows."""

    label: Promise
    group: Promise
    rows: Callable[[Scope, datetime], dict[str, Any]]
    timed: bool = False
    on: bool = True
    card: bool = True


def _cases(scope: Scope, at: datetime) -> dict[str, Any]:
    """Return the running cases at their section, outfall or enterprise."""
    found = list(cases.cases(scope).filter(closed_at=None).order_by("number"))
    places = _places(found)
    features = []
    for row in cases.rows(found, at=at):
        case = row.case
        place = places.get(case.number)
        if place is None:
            continue
        features.append(
            {
                "type": "Feature",
                "id": case.ref,
                "geometry": {"type": "Point", "coordinates": list(place)},
                "properties": {
                    "kind": "case",
                    "code": case.number,
                    "name": case.title,
                    "state": case.state_label,
                    "left": row.left,
                },
            }
        )
    return registry.collection(features)


def _places(found: list[Case]) -> dict[str, tuple[float, float]]:
    """Return where each case is drawn: beside its section, outfall or enterprise."""
    at_section = {
        s.code: (s.lon, s.lat)
        for s in Section.objects.filter(code__in={c.section_code for c in found})
    }
    at_outfall = {
        o.code: (o.lon, o.lat)
        for o in Outfall.objects.filter(code__in={c.outfall_code for c in found})
    }
    places: dict[str, tuple[float, float]] = {}
    for case in found:
        place = at_outfall.get(case.outfall_code) or at_section.get(case.section_code)
        if place is None and case.enterprise:
            place = (case.enterprise.lon, case.enterprise.lat)
        if place is not None:
            places[case.number] = place
    return places


LAYERS: Mapping[str, Layer] = {
    "sections": Layer(
        pgettext_lazy("plural", "断面"),
        _("水"),
        lambda scope, at: monitoring.sections_geojson(scope, at=at),
        timed=True,
    ),
    "rivers": Layer(
        pgettext_lazy("plural", "河流"),
        _("水"),
        lambda scope, at: monitoring.reaches_geojson(scope, at=at),
        timed=True,
        card=False,
    ),
    "outfalls": Layer(
        _("入河排污口"),
        _("水"),
        lambda scope, at: outfalls_geojson(scope, at=at),
        timed=True,
    ),
    "air": Layer(
        _("空气站"),
        _("大气"),
        lambda scope, at: registry.air_stations_geojson(scope),
        on=False,
    ),
    "dust": Layer(
        _("扬尘源"),
        _("大气"),
        lambda scope, at: dust.sites_geojson(scope),
        on=False,
    ),
    "dust-leads": Layer(
        _("图斑线索"),
        _("大气"),
        lambda scope, at: dust.leads_geojson(scope),
        on=False,
        card=False,
    ),
    "enterprises": Layer(
        pgettext_lazy("plural", "企业"),
        _("污染源"),
        lambda scope, at: registry.enterprises_geojson(scope),
    ),
    "cases": Layer(pgettext_lazy("plural", "案件"), _("任务"), _cases),
    "districts": Layer(
        _("行政区"),
        _("底图"),
        lambda scope, at: registry.districts_geojson(scope),
        card=False,
    ),
}


_KINDS = {"dust-leads": "dust"}  # drawn as sites are, in grey


def layer(name: str, scope: Scope, *, at: datetime) -> dict[str, Any]:
    """Return one layer's rows as they are now; ``KeyError`` for a name that is none."""
    return LAYERS[name].rows(scope, at)


def bounds() -> list[float]:
    """Return west, south, east, north of the rivers; the whole world before a city is loaded."""
    box = RiverReach.objects.aggregate(
        west=Min("west"), south=Min("south"), east=Max("east"), north=Max("north")
    )
    if box["west"] is None:
        return [73.0, 18.0, 135.0, 54.0]
    return [box["west"], box["south"], box["east"], box["north"]]


def map_config(scope: Scope, *, at: datetime) -> dict[str, Any]:
    """Return what the map element is told: layers, first view, time with the alarms in it."""
    end = at.replace(second=0, microsecond=0)
    start = end - LOOK_BACK
    return {
        "bounds": bounds(),
        "here": reverse("river-here"),
        "layers": [
            {
                "name": name,
                "kind": _KINDS.get(name, name),
                "label": str(one.label),
                "group": str(one.group),
                "src": reverse("map-layer", args=[name]),
                "card": reverse("map-card", args=[name, "ID"]).replace("ID", "{id}")
                if one.card
                else "",
                "on": one.on,
                "timed": one.timed,
                **({"tints": outfall_tints()} if name == "outfalls" else {}),
            }
            for name, one in LAYERS.items()
        ],
        "time": {
            "from": start.isoformat(),
            "to": end.isoformat(),
            "step_minutes": 60,
            "alarms": _alarms(scope, since=start, until=end),
        },
    }


def _factor(code: str) -> str:
    named = factor_of(code)
    return in_language(named.zh, named.en)


def _alarms(scope: Scope, *, since: datetime, until: datetime) -> list[dict[str, str]]:
    found = list(
        signals.signals(scope).filter(
            kind=Signal.Kind.EXCEEDANCE, false_at=None, first_at__gte=since, first_at__lte=until
        )[:_MOST_ALARMS]
    )
    names = registry.label_of_station(one.station for one in found)
    return [
        {
            "at": one.first_at.isoformat(),
            "label": f"{names[one.station]} {_factor(one.factor)}",
        }
        for one in found
    ]
