"""Open a case by hand (人工立案)."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse

from qingyuan.core.problems import Problem
from qingyuan.web.cases import services
from qingyuan.web.cases.forms import OpenForm
from qingyuan.web.cases.models.case import in_language
from qingyuan.web.cases.selectors.rules import current

STANDARD = "exceedance"
_HERE = ("", "cases")


def open_by_hand(request: HttpRequest) -> HttpResponse:
    """Open a case by hand; other pages may link here with a procedure and values filled in."""
    offered = {n: r for n, r in current().items() if r.family in _HERE}
    rules = offered.get(request.GET.get("procedure") or STANDARD)
    if rules is None:  # a family's cases begin where the family takes them in
        raise Http404
    form = OpenForm(
        request.POST if request.method == "POST" else None,
        rules=rules,
        scope=request.scope,
        at=request.at,
        initial=OpenForm.prefilled(request.GET),
    )
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            case = services.open_case(
                procedure=rules.name,
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
                types=data["types"],
                form=form.form_given,
                immediate=data["immediate"],
            )
        except Problem as problem:
            form.add_error(None, problem.en if request.LANGUAGE_CODE == "en" else problem.zh)
        else:
            return HttpResponseRedirect(reverse("case", args=[case.number]))
    choices = [(n, in_language(r.label), n == rules.name) for n, r in offered.items()]
    context = {"form": form, "rules": rules, "label": in_language(rules.label), "offered": choices}
    status = 422 if request.method == "POST" else 200
    return render(request, "cases/open.html", context, status=status)
