"""Water: the section board of a month, and one section's budget."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render

from qingyuan.core.periods import city_date
from qingyuan.standards.classes import CLASSES, WORSE
from qingyuan.web.assessments.selectors import water as boards
from qingyuan.web.assessments.views.asked import asked_month, month_end, months_beside
from qingyuan.web.monitoring.selectors.charts import observations_in
from qingyuan.web.registry import selectors as registry

__all__ = ["water", "water_section"]


def _month(request: HttpRequest) -> dict[str, object]:
    yesterday = city_date(request.at) - timedelta(days=1)
    first = asked_month(request, newest=yesterday)
    end = month_end(first)
    before, after = months_beside(first, newest=yesterday)
    return {"first": first, "last": min(end, yesterday), "end": end, "before": before, "after": after}  # fmt: skip


def water(request: HttpRequest) -> HttpResponse:
    """Show every section by class of its month's mean, with target, budget and forecast."""
    month = _month(request)
    store = observations_in(settings.FOLDER.store)
    rows = boards.section_rows(
        store, request.scope, first=month["first"], last=month["last"], end=month["end"]
    )
    wanted = request.GET.get("class", "")
    shown = [r for r in rows if not wanted or r.water_class == wanted]
    context = month | {
        "rows": sorted(shown, key=lambda r: (r.meets is not False, not r.warns, r.meets is None)),
        "total": len(rows),
        "judged": sum(r.meets is not None for r in rows),
        "meeting": sum(r.meets is True for r in rows),
        "warned": sum(r.warns and r.meets is True for r in rows),
        "counted": [(c, sum(r.water_class == c for r in rows)) for c in (*CLASSES, WORSE)],
        "wanted": wanted,
        "rule_sets": sorted({r.rule_set for r in rows if r.rule_set}),
    }
    return render(request, "assessments/water.html", context)


def water_section(request: HttpRequest, code: str) -> HttpResponse:
    """Show one section's month: every item, what the remaining days can afford, the forecast."""
    section = get_object_or_404(registry.sections(request.scope), code=code)
    month = _month(request)
    row = boards.section_row(
        observations_in(settings.FOLDER.store),
        section,
        first=month["first"],
        last=month["last"],
        end=month["end"],
    )
    method = next((i for i in row.items if i.forecast), None)
    return render(request, "assessments/water_section.html", month | {"row": row, "method": method})
