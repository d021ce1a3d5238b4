"""The ledger of outfalls, its export, and the coverage of sampling history."""

from __future__ import annotations

import io

import xlsxwriter
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from qingyuan.core.periods import city_date
from qingyuan.standards.outfalls import class_in_english, outfall_classes
from qingyuan.web.audit import services as audit
from qingyuan.web.audit.services import Actor
from qingyuan.web.outfalls import selectors
from qingyuan.web.outfalls.models import OutfallRecord
from qingyuan.web.registry import selectors as registry
from qingyuan.web.registry.models import Outfall
from qingyuan.web.registry.models.geometry import in_language

_FILTERS = ("text", "district", "level1", "state", "monitoring", "use")


def _wanted(request: HttpRequest) -> dict[str, str]:
    return {name: request.GET.get(name, "").strip() for name in _FILTERS}


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


def export(request: HttpRequest) -> HttpResponse:
    """Answer the rows on screen as a workbook: same filter, same order, every column."""
    rows = list(_found(request))
    records = _open_records(rows)
    held = io.BytesIO()
    book = xlsxwriter.Workbook(
        held, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    )
    sheet = book.add_worksheet(_("入河排污口"))
    fields = [f for f in OutfallRecord._meta.fields if f.name in selectors.RECORD_FIELDS]
    head = [
        _("编号"),
        _("名称"),
        _("区市"),
        _("河流"),
        _("河段"),
        _("距河段上游端（m）"),
        _("岸别"),
        _("责任主体"),
    ]
    sheet.write_row(
        0, 0, [*head, *(str(f.verbose_name) for f in fields)], book.add_format({"bold": True})
    )
    for at, row in enumerate(rows, 1):
        record = records.get(row.code) or OutfallRecord.as_registered(row, at=request.at)
        values = [
            row.code, row.name, row.district.name, row.reach.river, row.reach_id, row.position_m,
            row.get_bank_display(), row.enterprise.name if row.enterprise else "",
            *(_cell(record, f.name) for f in fields),
        ]  # fmt: skip
        for column, value in enumerate(values):
            if isinstance(value, (int, float)):
                sheet.write_number(at, column, value)
            elif value not in (None, ""):
                sheet.write_string(at, column, str(value))
    sheet.freeze_panes(1, 2)
    sheet.autofilter(0, 0, max(len(rows), 1), len(head) + len(fields) - 1)
    book.close()
    audit.record(
        actor=Actor.of(request.user),
        deed="outfalls.export",
        target="outfalls",
        at=request.at,
        detail={"rows": len(rows), "query": request.GET.urlencode()},
    )
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    answer = HttpResponse(held.getvalue(), content_type=kind)
    answer["Content-Disposition"] = (
        f'attachment; filename="outfalls-{city_date(request.at):%Y%m%d}.xlsx"'
    )
    return answer


def _cell(record: OutfallRecord, name: str) -> object:
    display = getattr(record, f"get_{name}_display", None)
    return display() if display else getattr(record, name)


def coverage(request: HttpRequest) -> HttpResponse:
    """Show how many outfalls have a sampling history, and which missing ones cost the most."""
    found = selectors.coverage(request.scope)
    return render(
        request, "outfalls/coverage.html", {"found": found, "missing": found.missing[:100]}
    )
