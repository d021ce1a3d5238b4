"""The map page, its layers and its cards."""

from __future__ import annotations

from datetime import UTC, datetime

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render

from qingyuan.web.atlas import selectors
from qingyuan.web.monitoring.selectors.charts import observations_in


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
    else:
        store = observations_in(settings.FOLDER.store)
        sections, rivers = selectors.river_then(request.scope, at=then, store=store)
        found = sections if name == "sections" else rivers
    return JsonResponse(
        found, content_type="application/geo+json", json_dumps_params={"ensure_ascii": False}
    )


def card(request: HttpRequest, name: str, code: str) -> HttpResponse:
    """Answer the card of one object as a fragment."""
    store = observations_in(settings.FOLDER.store)
    found = selectors.card_of(name, code, request.scope, at=request.at, store=store)
    if found is None:
        raise Http404
    return render(request, f"atlas/_{name}_card.html", found)
