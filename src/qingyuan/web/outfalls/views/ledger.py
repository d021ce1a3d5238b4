"""The ledger of outfalls, and the coverage of sampling history."""

from __future__ import annotations

from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from qingyuan.standards.outfalls import class_in_english, outfall_classes
from qingyuan.web.outfalls import selectors
from qingyuan.web.outfalls.models import OutfallRecord
from qingyuan.web.registry import selectors as registry
from qingyuan.web.registry.models import Outfall
from qingyuan.web.registry.models.geometry import in_language


def _wanted(request: HttpRequest) -> dict[str, str]:
    return {name: request.GET.get(name, "").strip() for name in selectors.FILTERS}


def _found(request: HttpRequest) -> QuerySet[Outfall]:
    return selectors.narrowed(registry.outfalls(request.scope), **_wanted(request))


def _open_records(rows: list[Outfall]) -> dict[str, OutfallRecord]:
    held = OutfallRecord.objects.filter(valid_to=None, outfall__in=[r.code for r in rows])
    return {row.outfall_id: row for row in held}


def outfalls(request: HttpRequest) -> HttpResponse:
    """List the outfalls a person may see."""
    page = Paginator(_found(request), 50).get_page(request.GET.get("page"))
    records = _open_records(list(page.object_list))
    context = {
        "page": page,
        "rows": [
            (o, records.get(o.code) or OutfallRecord.as_registered(o, at=request.at)) for o in page
        ],
        "given": _wanted(request),
        "query": request.GET.urlencode(),
        "districts": registry.districts(request.scope),
        "level1s": {
            c.level1: in_language(c.level1, class_in_english(c.level1))
            for c in outfall_classes().values()
        },
        "states": OutfallRecord.State.choices,
        "monitorings": OutfallRecord.Monitoring.choices,
    }
    return render(request, "outfalls/ledger.html", context)


def coverage(request: HttpRequest) -> HttpResponse:
    """Show how many outfalls have a sampling history, and which missing ones cost the most."""
    found = selectors.coverage(request.scope)
    return render(
        request, "outfalls/coverage.html", {"found": found, "missing": found.missing[:100]}
    )
