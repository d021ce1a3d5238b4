"""The map page, its layers and its cards."""

from __future__ import annotations

from datetime import UTC, datetime

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render

from qingyuan.core.factors import factor as factor_of
from qingyuan.core.periods import city_date
from qingyuan.web.atlas import selectors
from qingyuan.web.monitoring.selectors.charts import observations_in
from qingyuan.web.registry import selectors as registry


def city_map(request: HttpRequest) -> HttpResponse:
    """Show the whole city on one map."""
    config = selectors.map_config(request.scope, at=request.at)
    return render(request, "atlas/map.html", {"config": config})


_EARLIEST = datetime(1991, 10, 1, tzinfo=UTC)  # the store holds nothing older


def _moment(request: HttpRequest) -> datetime | None:
    """Return the earlier moment asked for; None for now, for the future and for what is no time."""
    try:
        at = datetime.fromisoformat(request.GET.get("at", "")).astimezone(UTC)
    except (ValueError, OverflowError):
        return None
    return at if _EARLIEST < at < request.at else None


def layer(request: HttpRequest, name: str) -> JsonResponse:
    """Answer one layer as GeoJSON, now or at an earlier moment."""
    known = selectors.LAYERS.get(name)
    if known is None:
        raise Http404
    then = _moment(request) if known.timed else None
    if then is None:
        found = selectors.layer(name, request.scope, at=request.at)
    elif name == "outfalls":
        found = selectors.outfalls_geojson(request.scope, at=request.at, then=then)
    else:
        store = observations_in(settings.FOLDER.store)
        sections, rivers = selectors.river_then(request.scope, at=then, store=store)
        found = sections if name == "sections" else rivers
    return JsonResponse(
        found, content_type="application/geo+json", json_dumps_params={"ensure_ascii": False}
    )


def river_along(request: HttpRequest) -> HttpResponse:
    """Show one river from head to mouth, and what lies above and below a place on it."""
    scope, today = request.scope, city_date(request.at)
    waterway, spot, name = selectors.whereabouts(scope, request.GET)
    rivers = waterway.rivers()
    wanted = request.GET.get("river", "")
    if spot is not None and wanted not in rivers:
        wanted = waterway.by_code[spot.reach].river_zh
    wanted = wanted if wanted in rivers else next(iter(rivers), "")
    factors = selectors.FACTORS_ALONG
    code = request.GET.get("factor", "")
    code = code if code in factors else factors[0]
    found = selectors.along(scope, wanted, code, on=today) if wanted else None
    context = {
        "rivers": rivers,
        "river": wanted,
        "river_name": rivers.get(wanted, ""),
        "factors": [factor_of(c) for c in factors],
        "factor": factor_of(code),
        "found": found,
        "figure": selectors.figure_of(found) if found else None,
        "spot": spot,
        "spot_name": name,
        "kept": {k: v for k, v in request.GET.items() if k in ("outfall", "section", "lon", "lat")},
    }
    if spot is not None:
        context |= _around(request, waterway, spot)
    return render(request, "atlas/along.html", context)


def river_here(request: HttpRequest) -> HttpResponse:
    """Answer the card of a click on the river: where it is, what is above, what below."""
    waterway, spot, _name = selectors.whereabouts(request.scope, request.GET)
    context: dict[str, object] = {"spot": spot, "farthest_m": registry.FARTHEST_M}
    if spot is not None:
        context |= _around(request, waterway, spot) | {"reach": waterway.by_code[spot.reach]}
    return render(request, "atlas/_river_card.html", context)


def _around(
    request: HttpRequest, waterway: registry.Waterway, spot: registry.Spot
) -> dict[str, object]:
    held = waterway.things(request.scope, on=city_date(request.at))
    above, below = waterway.upstream(spot, held), waterway.downstream(spot, held)
    return {
        "above": above,
        "below": below,
        "keep": {
            "reaches": waterway.reaches_upstream(spot.reach),
            "outfalls": [p.thing.code for p in above if p.kind == "outfall"],
        },
        "spot_reach": waterway.by_code[spot.reach],
    }


def card(request: HttpRequest, name: str, code: str) -> HttpResponse:
    """Answer the card of one object as a fragment."""
    store = observations_in(settings.FOLDER.store)
    found = selectors.card_of(name, code, request.scope, at=request.at, store=store)
    if found is None:
        raise Http404
    return render(request, f"atlas/_{name}_card.html", found)
