"""Look-backs: draw, show what was drawn and how to draw it again, record what was found."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _

from qingyuan.core.problems import Problem
from qingyuan.web.inspections import selectors, services
from qingyuan.web.inspections.forms import CheckForm, DrawForm
from qingyuan.web.inspections.models import Item, LookBack, LookBackCheck, Round
from qingyuan.web.registry.models.geometry import in_language

KEEPERS = frozenset({"duty_officer", "department_head"})


def draw(request: HttpRequest, code: str) -> HttpResponse:
    """Draw a sample of the items struck off."""
    found = get_object_or_404(Round, code=code)
    closed = Item.objects.filter(batch__round=found, case__ledger="conclude").count()
    form = DrawForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            made = services.draw_look_back(
                found, **form.cleaned_data, by=request.user, at=request.at
            )
        except Problem as problem:
            form.add_error(None, in_language(problem.zh, problem.en))
        else:
            return HttpResponseRedirect(reverse("inspection-look-back", args=[made.pk]))
    context = {
        "form": form,
        "title": _("回头看抽取"),
        "back": reverse("inspection-round", args=[found.code]),
        "round": found,
        "closed": closed,
    }
    status = 422 if request.method == "POST" else 200
    return render(request, "inspections/form.html", context, status=status)


def look_back(request: HttpRequest, pk: int) -> HttpResponse:
    """Show one look-back: the draw, and the result of each item drawn."""
    return _page(request, get_object_or_404(LookBack.objects.select_related("round"), pk=pk))


def _page(request: HttpRequest, found: LookBack, problem: Problem | None = None) -> HttpResponse:
    seen = selectors.items(request.scope).values("pk")
    checks = found.checks.filter(item__in=seen).select_related("item__case__unit")
    rows = list(checks.prefetch_related("item__case__procedure").order_by("position"))
    context = {
        "look_back": found,
        "rows": rows,
        "form": CheckForm(),
        "may_check": bool(request.scope.roles & KEEPERS),
        "rebounds": sum(r.result == LookBackCheck.Result.REBOUND for r in rows),
        "checked": sum(bool(r.checked_at) for r in rows),
        "problem": problem,
    }
    return render(request, "inspections/look_back.html", context, status=422 if problem else 200)


def check(request: HttpRequest, pk: int) -> HttpResponse:
    """Record what was found at one item."""
    seen = selectors.items(request.scope).values("pk")
    row = get_object_or_404(
        LookBackCheck.objects.select_related("look_back__round"), pk=pk, item__in=seen
    )
    form = CheckForm(request.POST)
    problem = None
    if form.is_valid():
        try:
            services.record_check(row, **form.cleaned_data, by=request.user, at=request.at)
        except Problem as refused:
            problem = refused
        else:
            return HttpResponseRedirect(reverse("inspection-look-back", args=[row.look_back_id]))
    else:
        problem = Problem("inspections.check_incomplete")
    return _page(request, row.look_back, problem)
