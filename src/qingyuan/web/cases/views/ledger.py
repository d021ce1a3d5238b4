"""The ledgers, their export, and opening a case by hand."""

from __future__ import annotations

from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse

from qingyuan import casework
from qingyuan.core.problems import Problem
from qingyuan.web.cases import selectors, services
from qingyuan.web.cases.export import workbook_of
from qingyuan.web.cases.forms import OpenForm
from qingyuan.web.cases.models import Case
from qingyuan.web.cases.models.case import MATTERS, in_language
from qingyuan.web.registry import selectors as registry

_FILTERS = (
    "text", "district", "matter", "state", "person", "enterprise", "section", "overdue", "opened", "concluded",
)  # fmt: skip
_SIZES = (20, 50, 100)


def _wanted(request: HttpRequest) -> dict[str, str]:
    return {name: request.GET.get(name, "").strip() for name in _FILTERS}


def _tab(request: HttpRequest) -> str:
    """Return the tab: as asked; without one, all when a filter came with the link, else in hand."""
    asked = request.GET.get("ledger", "")
    if asked in ("assign", "handle", "conclude", "assigned", "all"):
        return asked
    narrowed = any(_wanted(request).values()) or request.GET.get("mine") == "1"
    return "all" if narrowed else "handle"


def _found(request: HttpRequest) -> QuerySet[Case]:
    found = selectors.narrowed(selectors.cases(request.scope), at=request.at, **_wanted(request))
    if request.GET.get("mine") == "1":
        found = selectors.my_turn(found, user=request.user, at=request.at)
    return found


def ledger(request: HttpRequest) -> HttpResponse:
    """List the cases one may see: 交办, 办理, 办结, 累计交办."""
    found, tab = _found(request), _tab(request)
    listed = selectors.sorted_by(selectors.in_tab(found, tab), request.GET.get("sort", ""))
    size = int(request.GET["size"]) if request.GET.get("size") in map(str, _SIZES) else 50
    page = Paginator(listed, size).get_page(request.GET.get("page"))
    query = request.GET.copy()
    for name in ("page", "ledger"):
        query.pop(name, None)
    kept = query.urlencode()
    query.pop("sort", None)
    states = casework.shipped()["exceedance"].states.values()
    context = {
        "tab": tab,
        "counts": selectors.counts_by_ledger(found),
        "kept": kept,
        "unsorted": query.urlencode(),
        "query": request.GET.urlencode(),
        "page": page,
        "rows": selectors.rows(page.object_list, at=request.at),
        "totals": selectors.totals(selectors.in_tab(found, tab), at=request.at),
        "filters": _wanted(request) | {"mine": request.GET.get("mine", "")},
        "sort": request.GET.get("sort", ""),
        "districts": registry.districts(request.scope),
        "matters": MATTERS,
        "states": [(s.name, in_language(s.label)) for s in states],
        "may_open": bool(request.scope.roles & OPENERS),
    }
    return render(request, "cases/ledger.html", context)


def export(request: HttpRequest) -> HttpResponse:
    """Answer the rows on screen as a workbook: same filter, same order."""
    tab = _tab(request)
    listed = selectors.sorted_by(
        selectors.in_tab(_found(request), tab), request.GET.get("sort", "")
    )
    content = workbook_of(
        selectors.rows(listed, at=request.at),
        ledger=tab,
        filters={k: v for k, v in _wanted(request).items() if v},
        by=str(request.user),
        at=request.at,
    )
    services.record_export(
        by=request.user, at=request.at, ledger=tab, query=request.GET.urlencode()
    )
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    answer = HttpResponse(content, content_type=kind)
    answer["Content-Disposition"] = f'attachment; filename="cases-{tab}-{request.at:%Y%m%d}.xlsx"'
    return answer


OPENERS = frozenset({"duty_officer", "district_officer", "department_head"})


def open_by_hand(request: HttpRequest) -> HttpResponse:
    """Open a case by hand; other pages may link here with values filled in."""
    initial = OpenForm.prefilled(request.GET)
    form = OpenForm(
        request.POST if request.method == "POST" else None, scope=request.scope, initial=initial
    )
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            case = services.open_case(
                procedure="exceedance",
                title=data["title"],
                matter=data["matter"],
                district_code=data["district"],
                origin=services.Origin("manual", f"user:{request.user.username}", data["source"]),
                enterprise_id=data["enterprise"] or None,
                by=request.user,
                at=request.at,
                summary=data["summary"],
                section_code=data["section"],
                level=data["level"],
            )
        except Problem as problem:
            form.add_error(None, problem.en if request.LANGUAGE_CODE == "en" else problem.zh)
        else:
            return HttpResponseRedirect(reverse("case", args=[case.number]))
    status = 422 if request.method == "POST" else 200
    return render(request, "cases/open.html", {"form": form}, status=status)
