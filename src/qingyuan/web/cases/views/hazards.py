"""Key points of the towns: the list, the map beside it, and the table to take away."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _

from qingyuan.web.cases.hazard_table import EXPORTER, make_table
from qingyuan.web.cases.selectors import hazards as selectors
from qingyuan.web.exchange.services import export_now

_MARGIN = 0.02


def hazards(request: HttpRequest) -> HttpResponse:
    """Show the key points by town and risk, each with its control standard."""
    wanted = selectors.wanted_of(request.GET)
    chosen, every = selectors.hazards(request.scope, wanted, at=request.at)
    context = {
        "rows": chosen,
        "towns": selectors.towns(every),
        "names": sorted({h.town for h in every}),
        "risks": [(risk, label) for risk, label, _n in selectors.towns(every)[0].counts]
        if every
        else [],
        "wanted": wanted,
        "query": request.GET.urlencode(),
        "map": _map(chosen, request.GET.urlencode()),
    }
    return render(request, "cases/hazards.html", context)


def _map(found: list[selectors.HazardRow], query: str) -> dict[str, object] | None:
    spots = [h.spot for h in found if h.spot]
    if not spots:
        return None
    lons, lats = zip(*spots, strict=True)
    return {
        "bounds": [min(lons) - _MARGIN, min(lats) - _MARGIN, max(lons) + _MARGIN, max(lats) + _MARGIN],
        "layers": [
            {
                "name": "hazards", "kind": "cases", "label": _("镇街突出点"), "group": _("任务"), "on": True,
                "timed": False, "src": f"{reverse('hazards-layer')}?{query}",
                "card": reverse("map-card", args=["cases", "ID"]).replace("ID", "{id}"),
            },
            {
                "name": "districts", "kind": "districts", "label": _("行政区"), "group": _("底图"), "on": True,
                "timed": False, "src": reverse("map-layer", args=["districts"]), "card": "",
            },
        ],
    }  # fmt: skip


def layer(request: HttpRequest) -> JsonResponse:
    """Answer the hazards on the page as a layer."""
    chosen, _every = selectors.hazards(
        request.scope, selectors.wanted_of(request.GET), at=request.at
    )
    return JsonResponse(selectors.hazards_geojson(chosen))


def export(request: HttpRequest) -> HttpResponse:
    """Answer the rows on screen as a workbook."""
    query = request.GET.urlencode()
    table = make_table(query, by=request.user, at=request.at)
    file = export_now(
        EXPORTER,
        table,
        form="xlsx",
        query=query,
        by=request.user,
        at=request.at,
        language=request.LANGUAGE_CODE,
    )
    answer = HttpResponse(file.content, content_type=file.media_type)
    answer["Content-Disposition"] = content_disposition_header(True, file.name)
    return answer
