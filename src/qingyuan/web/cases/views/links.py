"""Hang cases together (关联案件、分案、举一反三)."""

from __future__ import annotations

from collections.abc import Callable

from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse

from qingyuan.core.problems import Problem
from qingyuan.web.cases import selectors, services
from qingyuan.web.cases.forms.links import LinkForm, SplitForm, SweepForm
from qingyuan.web.cases.models import Case
from qingyuan.web.registry.models import Enterprise, Outfall


def links(request: HttpRequest, number: str) -> HttpResponse:
    """Ask for a link, a split or a sweep, and make it."""
    case = get_object_or_404(selectors.cases(request.scope), number=number)
    if not request.scope.roles & services.COORDINATING:
        raise Http404
    what = request.POST.get("what", "")
    data = request.POST if request.method == "POST" else None
    forms: dict[str, Form] = {
        "link": LinkForm(data if what == "link" else None, prefix="link"),
        "split": SplitForm(data if what == "split" else None, prefix="split"),
        "sweep": SweepForm(data if what == "sweep" else None, prefix="sweep", scope=request.scope),
    }
    status = 200
    if request.method == "POST":
        form = forms.get(what)
        if form is not None and form.is_valid():
            try:
                _ACTS[what](request, case, form)
            except Problem as problem:
                form.add_error(None, problem.en if request.LANGUAGE_CODE == "en" else problem.zh)
            else:
                return HttpResponseRedirect(reverse("case", args=[number]))
        status = 422
    return render(request, "cases/links.html", {"case": case, "forms": forms}, status=status)


def _link(request: HttpRequest, case: Case, form: Form) -> None:
    given = form.cleaned_data
    other = selectors.cases(request.scope).filter(number=given["other"].strip()).first()
    if other is None:
        raise Problem("cases.unknown_case", given=given["other"])
    services.link(
        case=case,
        other=other,
        kind=given["kind"],
        by=request.user,
        at=request.at,
        reason=given["reason"],
    )


def _split(request: HttpRequest, case: Case, form: Form) -> None:
    given = form.cleaned_data
    services.split(
        case=case,
        parts=[services.SplitPart(title) for title in given["titles"]],
        by=request.user,
        at=request.at,
        reason=given["reason"],
    )


def _sweep(request: HttpRequest, case: Case, form: Form) -> None:
    given = form.cleaned_data
    firms = {f"enterprise:{e.code}": e for e in Enterprise.objects.all()}
    mouths = {f"outfall:{o.code}": o for o in Outfall.objects.all()}
    objects = []
    for ref in given["objects"]:
        firm, mouth = firms.get(ref), mouths.get(ref)
        found = firm or mouth
        if found is None:
            continue
        objects.append(
            services.SweepObject(
                kind=ref.partition(":")[0],
                ref=ref,
                label=found.name_zh,
                district_code=found.district_id,
                enterprise_id=firm.code if firm else mouth.enterprise_id if mouth else None,
                outfall_code=mouth.code if mouth else "",
            )
        )
    services.sweep(case=case, objects=objects, by=request.user, at=request.at, title=given["title"])


_ACTS: dict[str, Callable[[HttpRequest, Case, Form], None]] = {
    "link": _link,
    "split": _split,
    "sweep": _sweep,
}
