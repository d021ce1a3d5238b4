"""The ledger of petitions, one petition, and the figures."""

from __future__ import annotations

from urllib.parse import urlencode

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from qingyuan.core.periods import city_date
from qingyuan.web.petitions import selectors, services
from qingyuan.web.petitions.tables import categories
from qingyuan.web.petitions.views.answers import found_petition, private
from qingyuan.web.registry import selectors as registry

_FILTERS = ("text", "channel", "district", "category", "unit", "month")
_GROUPS = ("unit", "district", "category", "channel", "month")


def _given(request: HttpRequest) -> dict[str, str]:
    return {name: request.GET.get(name, "").replace("\x00", "") for name in _FILTERS}


def _choices(request: HttpRequest) -> dict[str, object]:
    english = request.LANGUAGE_CODE == "en"
    return {
        "channels": selectors.channels(on=city_date(request.at)).values(),
        "categories": [(c, selectors.category_label(c, english=english)) for c in categories()],
        "districts": registry.districts(request.scope).order_by("code"),
    }


def petitions(request: HttpRequest) -> HttpResponse:
    """Show the ledger of petitions."""
    tab = request.GET.get("tab", "open")
    given = _given(request)
    visible = selectors.narrowed(selectors.petitions(request.scope), given)
    names = [name for name, _ in selectors.TABS]
    tab = tab if tab in names else "open"
    found = selectors.in_tab(visible, tab).order_by("-received_at", "-pk")
    page = Paginator(found, 50).get_page(request.GET.get("page"))
    english = request.LANGUAGE_CODE == "en"
    query = request.GET.copy()
    query.pop("page", None)
    tabs = []
    for name, label in selectors.TABS:
        query["tab"] = name
        count = None if name == "all" else selectors.in_tab(visible, name).count()
        tabs.append((label, f"?{query.urlencode()}", count, name == tab))
    context = {
        "tab": tab, "tabs": tabs, "page": page, "filters": given,
        "rows": selectors.rows(page.object_list, at=request.at, english=english),
        "desk": bool(request.scope.roles & services.DESK),
        "waiting": selectors.waiting(request.scope).count(), **_choices(request),
    }  # fmt: skip
    return render(request, "petitions/ledger.html", context)


def petition(request: HttpRequest, number: str) -> HttpResponse:
    """Show one petition: reports, confirmed words, call-backs, packages, audits; never who reported."""
    found = found_petition(request, number)
    report = found.reports.select_related("petition__case").first()
    knows = report is not None and services.may_look(report, by=request.user, at=request.at)
    desk = knows and bool(request.scope.roles & services.DESK)
    english = request.LANGUAGE_CODE == "en"
    context = {
        "page": selectors.petition_page(found, user=request.user, may_know=desk, at=request.at),
        "petition": found,
        "case": found.case,
        "category": selectors.category_label(found.category, english=english),
        "knows": knows,
        "desk": desk,
        "may_package": bool(request.scope.roles & set(services.LEADERS)),
        "may_list": "department_head" in request.scope.roles,
        "year": city_date(request.at).year,
    }
    return private(render(request, "petitions/petition.html", context))


def _rows_address(given: dict[str, str]) -> str:
    """Return the address of the ledger with the rows a filter leaves."""
    query = urlencode({**{k: v for k, v in given.items() if v}, "tab": "all"})
    return f"{reverse('petitions')}?{query}"


def figures(request: HttpRequest) -> HttpResponse:
    """Show the figures of petitions with their definitions, and satisfaction by group."""
    given = _given(request)
    by = request.GET.get("by", "unit")
    by = by if by in _GROUPS else "unit"
    english = request.LANGUAGE_CODE == "en"
    views, pairs = selectors.figures_of(request.scope, given, at=request.at)
    query = request.GET.copy()
    tabs = []
    for name in _GROUPS:
        query["by"] = name
        tabs.append((selectors.GROUP_LABELS[name], f"?{query.urlencode()}", None, name == by))
    context = {
        "figures": views, "received": len(pairs), "filters": given, "by": by, "tabs": tabs,
        "opinions": sum(p.channel == "opinion" for p, _ in pairs),
        "groups": selectors.figures_by(by, pairs, given, at=request.at, english=english),
        "english": english, "all": _rows_address(given), "opinion": _rows_address({**given, "channel": "opinion"}),
        **_choices(request),
    }  # fmt: skip
    return render(request, "petitions/figures.html", context)
