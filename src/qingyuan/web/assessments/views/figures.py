"""Any figure explained (数值说明): the page, and the same as JSON."""

from __future__ import annotations

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.translation import get_language

from qingyuan.web.assessments.selectors.figures import explain
from qingyuan.web.monitoring.selectors.charts import observations_in

__all__ = ["figure"]


def figure(request: HttpRequest, kind: str) -> HttpResponse:
    """Show one figure: value, rule set and clause, steps, inputs with flags and reasons, marks."""
    asked = request.GET.dict()
    store = observations_in(settings.FOLDER.store)
    found = explain(kind, asked, store=store, scope=request.scope, at=request.at)
    if found is None:
        raise Http404
    explanation, name, address = found
    if asked.get("format") == "json":
        return JsonResponse(explanation.as_json(), json_dumps_params={"ensure_ascii": False})
    query = request.GET.copy()
    query["format"] = "json"
    other = request.GET.copy()
    other["dust"] = "" if asked.get("dust") == "out" else "out"
    context = {
        "e": explanation,
        "name": name,
        "address": address,
        "english": (get_language() or "").startswith("en"),
        "json": query.urlencode(),
        "dust_out": asked.get("dust") == "out",
        "other": other.urlencode() if kind in ("air-day", "air-period") else "",
    }
    return render(request, "assessments/figure.html", context)
