"""Sections: the list, one section's file (一断面一档), and its chart's data."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import get_language

from qingyuan.core.factors import factor as factor_of
from qingyuan.web.cases import selectors as cases
from qingyuan.web.monitoring import selectors
from qingyuan.web.monitoring.selectors.charts import observations_in, upstream_lags
from qingyuan.web.registry import selectors as registry
from qingyuan.web.registry.models import Section
from qingyuan.web.signals import selectors as signals


def _hours(request: HttpRequest) -> int:
    given = request.GET.get("hours", "")
    return int(given) if given.isdecimal() and int(given) in selectors.HOURS else selectors.HOURS[0]


def sections(request: HttpRequest) -> HttpResponse:
    """List the sections with class now, target and what is over."""
    text = request.GET.get("text", "").strip()
    found = selectors.sections_now(request.scope, at=request.at)
    if text:
        wanted = set(
            registry.matching(registry.sections(request.scope), text).values_list("code", flat=True)
        )
        found = [now for now in found if now.section.code in wanted]
    wanted_class = request.GET.get("class", "")
    shown = [now for now in found if not wanted_class or now.water_class == wanted_class]
    counted = {
        c: sum(now.water_class == c for now in found) for c in ("Ⅰ", "Ⅱ", "Ⅲ", "Ⅳ", "Ⅴ", "劣Ⅴ")
    }
    context = {
        "sections": shown,
        "counted": counted,
        "total": len(found),
        "judged": sum(bool(now.water_class) for now in found),
        "meeting": sum(now.meets is True for now in found),
        "text": text,
        "wanted_class": wanted_class,
    }
    return render(request, "monitoring/sections.html", context)


def _section(request: HttpRequest, code: str) -> Section:
    return get_object_or_404(registry.sections(request.scope), code=code)


def _chart(request: HttpRequest, found: Section) -> tuple[str, selectors.Chart | None]:
    known = selectors.factors_of(found.station)
    factor = request.GET.get("factor", "")
    factor = factor if factor in known else next(iter(known), "")
    if not factor:
        return "", None
    store = observations_in(settings.FOLDER.store)
    made = selectors.section_chart(
        store, found, factor, scope=request.scope, at=request.at, hours=_hours(request)
    )
    return factor, made


def section(request: HttpRequest, code: str) -> HttpResponse:
    """Show one section: class, values, chart with upstream sections, alarms, cases, basics."""
    found = _section(request, code)
    factor, chart = _chart(request, found)
    english = (get_language() or "").startswith("en")
    alarms = signals.narrowed(signals.signals(request.scope), station=found.station)
    opened = (
        cases.cases(request.scope).filter(section_code=found.code).order_by("-opened_at", "-pk")
    )
    seen = set(registry.sections(request.scope).values_list("code", flat=True))
    context = {
        "section": found,
        "now": selectors.section_now(found, at=request.at),
        "chart": chart,
        "factor": factor,
        "factors": [factor_of(c) for c in selectors.factors_of(found.station)],
        "hours": _hours(request),
        "ranges": selectors.HOURS,
        "upstream": [(s, lag) for s, lag in upstream_lags(found) if s.code in seen],
        "alarms": signals.rows(alarms[:10], at=request.at, english=english),
        "cases": cases.rows(opened[:10], at=request.at),
        "targets": found.targets.order_by("valid_from"),
        "devices": registry.devices(request.scope).filter(station=found.station),
        "english": english,
    }
    return render(request, "monitoring/section.html", context)


def section_series(request: HttpRequest, code: str) -> JsonResponse:
    """Answer the chart's data: series with unit, limit with clause, upstream sections lagged."""
    factor, chart = _chart(request, _section(request, code))
    return JsonResponse(
        chart.payload if chart else {"station": f"section:{code}", "factor": factor, "series": []}
    )
