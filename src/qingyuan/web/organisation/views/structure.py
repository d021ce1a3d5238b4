"""The tree of units, accounts without roles, and the matrix of who answers for what."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse

from qingyuan.core.periods import city_date
from qingyuan.core.problems import Problem
from qingyuan.web.accounts.models import Unit
from qingyuan.web.cases.models.case import MATTERS
from qingyuan.web.organisation import selectors, services
from qingyuan.web.organisation.forms import MatrixForm, PersonForm, UnitForm
from qingyuan.web.registry import selectors as registry
from qingyuan.web.registry.models import Responsibility


def tree(request: HttpRequest) -> HttpResponse:
    """Show the tree, indented by depth, with how many people sit where."""
    rows = [(unit, "　" * (unit.path.count("/") - 2)) for unit in selectors.tree()]
    context = {"rows": rows, "may": "system_admin" in request.scope.roles}
    return render(request, "organisation/tree.html", context)


def unit(request: HttpRequest, code: str = "") -> HttpResponse:
    """Register a unit, rename or move it."""
    found = get_object_or_404(Unit, code=code) if code else None
    initial = (
        {
            "code": found.code, "name_zh": found.name_zh, "name_en": found.name_en,
            "kind": found.kind, "parent": found.parent and found.parent.code,
            "district_code": found.district_code,
        }
        if found
        else {}
    )  # fmt: skip
    form = UnitForm(request.POST or None, initial=initial)
    if found:
        form.fields["code"].disabled = True
    problem = None
    if request.method == "POST" and form.is_valid():
        try:
            services.register_unit(**form.cleaned_data, by=request.user, at=request.at)
        except Problem as refused:
            problem = refused
        else:
            return HttpResponseRedirect(reverse("organisation"))
    context = {"unit": found, "form": form, "problem": problem}
    status = 200 if request.method == "GET" else 422
    return render(request, "organisation/unit.html", context, status=status)


def person(request: HttpRequest) -> HttpResponse:
    """Open an account without roles, or give one another seat."""
    form = PersonForm(request.POST or None)
    problem = None
    if request.method == "POST" and form.is_valid():
        try:
            made = services.register_person(**form.cleaned_data, by=request.user, at=request.at)
        except Problem as refused:
            problem = refused
        else:
            return HttpResponseRedirect(reverse("person", args=[made.username]))
    context = {"form": form, "problem": problem}
    status = 200 if request.method == "GET" else 422
    return render(request, "organisation/person.html", context, status=status)


def matrix(request: HttpRequest) -> HttpResponse:
    """Show who answers for what today, district by district."""
    rows = registry.responsibilities(request.scope, at=request.at)
    matters = dict(MATTERS)
    context = {
        "rows": [(row, matters.get(row.matter, row.matter)) for row in rows],
        "may": bool({"department_head", "leader"} & request.scope.roles),
    }
    return render(request, "organisation/matrix.html", context)


def matrix_row(request: HttpRequest, district: str, matter: str) -> HttpResponse:
    """Show the past of one row and change it from a day on."""
    place = get_object_or_404(registry.districts(request.scope), code=district)
    matters = dict(MATTERS)
    if matter not in matters:
        raise Http404(matter)
    past = (
        Responsibility.objects.filter(district=place, matter=matter)
        .select_related("unit", "user", "sponsor")
        .order_by("-pk")
    )
    form = MatrixForm(request.POST or None, initial={"valid_from": city_date(request.at)})
    problem = None
    if request.method == "POST" and form.is_valid():
        try:
            services.put_responsibility(
                district=place, matter=matter, **form.cleaned_data, by=request.user, at=request.at
            )
        except Problem as refused:
            problem = refused
        else:
            return HttpResponseRedirect(reverse("matrix"))
    context = {
        "district": place, "matter": matters[matter], "past": past, "form": form,
        "problem": problem, "may": bool({"department_head", "leader"} & request.scope.roles),
    }  # fmt: skip
    status = 200 if request.method == "GET" else 422
    return render(request, "organisation/matrix_row.html", context, status=status)
