"""Rounds of an inspection team: the list, one round, the sheet for a phone, the hand-over."""

from __future__ import annotations

from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _

from qingyuan.core.periods import city_date
from qingyuan.core.problems import Problem
from qingyuan.web.dust import selectors, services
from qingyuan.web.dust.forms import HandOverForm, RoundForm, VisitForm
from qingyuan.web.dust.models import Check, Round, SiteRecord, Visit
from qingyuan.web.dust.tables import departments, kinds, measures
from qingyuan.web.dust.views.sites import ARRANGERS, tabs
from qingyuan.web.files.responses import serve
from qingyuan.web.registry import selectors as registry
from qingyuan.web.registry.models.geometry import in_language

__all__ = ["add", "hand_over", "photo", "round_page", "rounds", "visit"]


def rounds(request: HttpRequest) -> HttpResponse:
    """List the rounds a person may see."""
    context = {
        "rounds": selectors.rounds(request.scope, request.user),
        "tabs": tabs(request, "rounds"),
        "may_arrange": bool(request.scope.roles & ARRANGERS),
    }
    return render(request, "dust/rounds.html", context)


def _chosen(request: HttpRequest) -> list[SiteRecord]:
    codes = request.POST.getlist("site")
    return list(selectors.records(request.scope).filter(site__in=codes)) if codes else []


def add(request: HttpRequest) -> HttpResponse:
    """Plan a round: choose who goes and which sites."""
    given = {name: request.GET.get(name, "").strip() for name in selectors.FILTERS}
    found = selectors.narrowed(selectors.records(request.scope), given)
    today = city_date(request.at)
    form = RoundForm(request.POST or None, initial={"from_on": today, "to_on": today})
    if request.method == "POST" and form.is_valid():
        data = dict(form.cleaned_data)
        try:
            made = services.plan_round(
                **data, records=_chosen(request), by=request.user, at=request.at
            )
        except Problem as problem:
            form.add_error(None, in_language(problem.zh, problem.en))
        else:
            return HttpResponseRedirect(reverse("dust-round", args=[made.code]))
    context = {
        "form": form,
        "records": found[:200],
        "chosen": set(request.POST.getlist("site")),
        "given": given,
        "districts": registry.districts(request.scope),
        "kinds": kinds().values(),
        "departments": departments().values(),
    }
    status = 422 if request.method == "POST" else 200
    return render(request, "dust/round_form.html", context, status=status)


def _found(request: HttpRequest, code: str) -> Round:
    return get_object_or_404(selectors.rounds(request.scope, request.user), code=code)


def _page(
    request: HttpRequest, found: Round, form: HandOverForm | None = None, *, status: int = 200
) -> HttpResponse:
    seen = selectors.visits(request.scope, request.user).filter(round=found)
    rows = selectors.visit_rows(seen, on=found.from_on)
    by_measure, by_district = selectors.round_lines(rows, on=found.from_on)
    may = "department_head" in request.scope.roles
    asked = form.data.get("district", "") if form else ""
    context = {
        "round": found,
        "rows": rows,
        "by_measure": by_measure,
        "by_district": [
            (
                line,
                form
                if form and line.code == asked
                else HandOverForm(initial={"district": line.code}, auto_id=f"id_{line.code}_%s")
                if may and line.waiting
                else None,
            )
            for line in by_district
        ],
        "problems": sum(bool(row.bad) for row in rows),
        "visited": sum(row.visit.visited_at is not None for row in rows),
        "cases": sum(row.visit.case_id is not None for row in rows),
        "closed": sum(line.closed for line in by_district),
        "goes": selectors.goes_on(found, request.user),
        "tabs": tabs(request, "rounds"),
    }
    return render(request, "dust/round.html", context, status=status)


def round_page(request: HttpRequest, code: str) -> HttpResponse:
    """Show one round: the list of sites, the counts, what waits to be handed over."""
    return _page(request, _found(request, code))


def hand_over(request: HttpRequest, code: str) -> HttpResponse:
    """Hand a district's problems to its government; a case for each site."""
    found = _found(request, code)
    form = HandOverForm(request.POST, auto_id="id_again_%s")
    if form.is_valid():
        data = form.cleaned_data
        try:
            services.hand_over(
                found,
                district_code=data["district"],
                to=data["to"],
                document_no=data["document_no"],
                by=request.user,
                at=request.at,
            )
        except Problem as problem:
            form.add_error(None, in_language(problem.zh, problem.en))
        else:
            return HttpResponseRedirect(reverse("dust-round", args=[code]))
    return _page(request, found, form, status=422)


def _visit(request: HttpRequest, pk: int) -> Visit:
    return get_object_or_404(selectors.visits(request.scope, request.user), pk=pk)


def visit(request: HttpRequest, pk: int) -> HttpResponse:
    """Show the sheet of a visit; those of the team fill it in, once."""
    found = _visit(request, pk)
    day = city_date(found.visited_at or request.at)
    may = found.visited_at is None and selectors.goes_on(found.round, request.user)
    form = None
    if may or request.method == "POST":
        form = VisitForm(request.POST or None, request.FILES or None, measures=measures(on=day))
    if request.method == "POST" and form is not None:
        try:
            if form.is_valid():
                services.record_visit(
                    found,
                    form.said,
                    note=form.cleaned_data["note"],
                    by=request.user,
                    at=request.at,
                )
                return HttpResponseRedirect(reverse("dust-round", args=[found.round.code]))
        except Problem as problem:
            form.add_error(None, in_language(problem.zh, problem.en))
    names = {m.code: m for m in measures(on=day)}
    context = {
        "visit": found,
        "site": SiteRecord.objects.select_related("district").get(
            site=found.site_id, valid_to=None
        ),
        "form": form,
        "checks": [(names.get(c.measure), c) for c in found.checks.order_by("pk")],
        "title": _("检查单"),
    }
    status = 422 if request.method == "POST" else 200
    return render(request, "dust/visit.html", context, status=status)


def photo(request: HttpRequest, pk: int) -> FileResponse:
    """Show the photo of one measure."""
    seen = selectors.visits(request.scope, request.user)
    found = get_object_or_404(Check.objects.select_related("picture"), pk=pk, visit__in=seen)
    if found.picture is None:
        raise Http404
    return serve(found.picture)
