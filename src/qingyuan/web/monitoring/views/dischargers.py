"""Outfalls and enterprises: lists and files (一企一档)."""

from __future__ import annotations

from django.conf import settings
from django.core.paginator import Paginator
from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import get_language

from qingyuan.core.factors import factor as factor_of
from qingyuan.web.accounts import selectors as accounts
from qingyuan.web.cases import selectors as cases
from qingyuan.web.monitoring import selectors
from qingyuan.web.monitoring.selectors.charts import observations_in
from qingyuan.web.monitoring.views.sections import _hours
from qingyuan.web.registry import selectors as registry
from qingyuan.web.registry.models import Enterprise, Outfall
from qingyuan.web.signals import selectors as signals


def _english() -> bool:
    return (get_language() or "").startswith("en")


def outfall_online(request: HttpRequest, code: str) -> HttpResponse:
    """Answer the online values and the chart of one outfall, a fragment of its page."""
    found = get_object_or_404(registry.outfalls(request.scope), code=code)
    known = selectors.factors_of(found.station)
    factor = request.GET.get("factor", "")
    factor = factor if factor in known else next(iter(known), "")
    chart = None
    if factor:
        store = observations_in(settings.FOLDER.store)
        chart = selectors.chart_of(
            store, found.station, factor, at=request.at, hours=_hours(request), name=found.name
        )
    context = {
        "outfall": found,
        "chart": chart,
        "factor": factor,
        "factors": [factor_of(c) for c in known],
        "hours": _hours(request),
        "ranges": selectors.HOURS,
        "values": selectors.outfall_values(found, at=request.at),
        "devices": registry.devices(request.scope).filter(station=found.station),
        "english": _english(),
    }
    return render(request, "monitoring/_outfall.html", context)


def _limits(found: Outfall) -> list[dict[str, object]]:
    return [{"row": row, "factor": factor_of(row.factor)} for row in found.limits.all()]


def enterprises(request: HttpRequest) -> HttpResponse:
    """List the enterprises a person may see."""
    given = {name: request.GET.get(name, "").strip() for name in ("text", "district", "permit")}
    found = registry.matching(registry.enterprises(request.scope), given["text"])
    if given["district"]:
        found = found.filter(district_id=given["district"])
    if given["permit"]:
        found = found.filter(permit_class=given["permit"])
    found = found.annotate(outfall_count=Count("outfalls"))
    page = Paginator(found, 50).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "given": given,
        "districts": registry.districts(request.scope),
        "permits": Enterprise._meta.get_field("permit_class").choices,
    }
    return render(request, "monitoring/enterprises.html", context)


def enterprise(request: HttpRequest, code: str) -> HttpResponse:
    """Show one enterprise's file: basics, permit and limits, monitoring, alarms, cases, people."""
    found = get_object_or_404(registry.enterprises(request.scope), code=code)
    own = list(registry.outfalls(request.scope).filter(enterprise=found))
    alarms = signals.signals(request.scope).filter(
        object_kind="outfall", object_code__in=[o.code for o in own]
    )
    opened = cases.cases(request.scope).filter(enterprise=found).order_by("-opened_at", "-pk")
    context = {
        "enterprise": found,
        "outfalls": [
            {
                "outfall": o,
                "values": selectors.outfall_values(o, at=request.at),
                "limits": _limits(o),
            }
            for o in own
        ],
        "alarms": signals.rows(alarms[:10], at=request.at, english=_english()),
        "cases": cases.rows(opened[:20], at=request.at),
        "people": accounts.people_of_enterprise(found.code),
        "english": _english(),
    }
    return render(request, "monitoring/enterprise.html", context)
