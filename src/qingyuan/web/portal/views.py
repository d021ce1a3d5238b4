"""Where each role lands, the workbench, and the search."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import get_language

from qingyuan.web.portal import selectors

_LANDS = (
    ("enterprise", "my-cases"),
    ("audit_admin", "audit"),
    ("system_admin", "people"),
    ("security_admin", "people"),
)


def home(request: HttpRequest) -> HttpResponse:
    """Show the workbench to staff; send the others to the page their role is for."""
    for role, route in _LANDS:
        if role in request.scope.roles:
            return HttpResponseRedirect(reverse(route))
    english = (get_language() or "").startswith("en")
    context = selectors.workbench(request.user, request.scope, at=request.at, english=english)
    return render(request, "portal/workbench.html", context)


def search(request: HttpRequest) -> HttpResponse:
    """Find by word: a fragment for the search box, a page without it."""
    text = request.GET.get("q", "").strip()
    groups = selectors.search(request.scope, text, at=request.at) if text else []
    template = "portal/_found.html" if request.headers.get("HX-Request") else "portal/search.html"
    return render(request, template, {"groups": groups, "q": text})
