"""Leads from above: the list with its counts, one patch, its check, what it becomes."""

from __future__ import annotations

from django.core.paginator import Paginator
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse

from qingyuan.core.periods import city_date
from qingyuan.core.problems import Problem
from qingyuan.web.dust import selectors, services
from qingyuan.web.dust.forms import CaseForm, LeadCheckForm, LeadSiteForm, PicturesForm
from qingyuan.web.dust.models import Lead
from qingyuan.web.dust.tables import departments, kinds
from qingyuan.web.dust.views.sites import KEEPERS, map_of, tabs
from qingyuan.web.files.responses import serve
from qingyuan.web.registry import selectors as registry
from qingyuan.web.registry.models.geometry import in_language

__all__ = ["check", "lead", "leads", "picture", "pictures", "to_case", "to_site"]

LOOKERS = KEEPERS | {"duty_officer"}


def leads(request: HttpRequest) -> HttpResponse:
    """List the leads a person may see, with their counts."""
    return _list(request, PicturesForm(), [])


def _list(
    request: HttpRequest, form: PicturesForm, strange: list[str], *, status: int = 200
) -> HttpResponse:
    given = {name: request.GET.get(name, "").strip() for name in selectors.LEAD_FILTERS}
    found = selectors.leads_narrowed(selectors.leads(request.scope), given)
    by_district, by_department = selectors.lead_counts(request.scope, on=city_date(request.at))
    context = {
        "page": Paginator(found, 50).get_page(request.GET.get("page")),
        "given": given,
        "query": request.GET.urlencode(),
        "tabs": tabs(request, "leads"),
        "by_district": by_district,
        "by_department": by_department,
        "districts": registry.districts(request.scope),
        "kinds": kinds().values(),
        "means": Lead.Seen.choices,
        "states": Lead.State.choices,
        "form": form,
        "strange": strange,
        "may_look": bool(request.scope.roles & LOOKERS),
    }
    return render(request, "dust/leads.html", context, status=status)


def pictures(request: HttpRequest) -> HttpResponse:
    """Keep pictures named by their patch's code."""
    form = PicturesForm(request.POST, request.FILES)
    if not form.is_valid():
        return _list(request, form, [], status=422)
    given = [(file.name, file.read()) for file in form.cleaned_data["pictures"]]
    known = {lead.code: lead for lead in selectors.leads(request.scope)}
    try:
        _kept, strange = services.attach_pictures(
            given, leads=known, by=request.user, at=request.at
        )
    except Problem as problem:
        form.add_error("pictures", in_language(problem.zh, problem.en))
        return _list(request, form, [], status=422)
    if strange:
        return _list(request, PicturesForm(), strange)
    return HttpResponseRedirect(reverse("dust-leads"))


def _found(request: HttpRequest, code: str) -> Lead:
    found = selectors.lead_of(request.scope, code)
    if found is None:
        raise Http404
    return found


def _page(request: HttpRequest, found: Lead, *, status: int = 200, **forms: object) -> HttpResponse:
    today = city_date(request.at)
    site = selectors.record_of(request.scope, found.matched_id or found.site_id or "")
    context = {
        "lead": found,
        "matched": site,
        "department": departments()[selectors.lead_department(found.kind, on=today)],
        "again": selectors.leads(request.scope).filter(duplicate_of=found),
        "near": selectors.sites_near(found.lon, found.lat, 500, today)[:5],
        "kinds": kinds(),
        "map": map_of(west=found.west, south=found.south, east=found.east, north=found.north),
        "may_look": bool(request.scope.roles & LOOKERS),
        "may_keep": bool(request.scope.roles & KEEPERS),
        "check_form": LeadCheckForm(),
        "site_form": LeadSiteForm(initial={"name": found.name}),
        "case_form": CaseForm(initial={"trouble": found.finding}),
        **forms,
    }
    return render(request, "dust/lead.html", context, status=status)


def lead(request: HttpRequest, code: str) -> HttpResponse:
    """Show one patch: picture, place, what it matches, what was found."""
    return _page(request, _found(request, code))


def check(request: HttpRequest, code: str) -> HttpResponse:
    """Say what the patch turned out to be."""
    found = _found(request, code)
    form = LeadCheckForm(request.POST, request.FILES)
    if form.is_valid():
        file = form.cleaned_data["picture"]
        try:
            services.check_lead(
                found,
                true=form.cleaned_data["verdict"] == "true",
                finding=form.cleaned_data["finding"],
                picture=(file.name, file.read()) if file else None,
                by=request.user,
                at=request.at,
            )
        except Problem as problem:
            form.add_error(None, in_language(problem.zh, problem.en))
        else:
            return HttpResponseRedirect(reverse("dust-lead", args=[code]))
    return _page(request, found, status=422, check_form=form)


def to_site(request: HttpRequest, code: str) -> HttpResponse:
    """Put what it showed into the register."""
    found = _found(request, code)
    form = LeadSiteForm(request.POST)
    if form.is_valid():
        try:
            made = services.lead_to_site(found, **form.cleaned_data, by=request.user, at=request.at)
        except Problem as problem:
            form.add_error(None, in_language(problem.zh, problem.en))
        else:
            return HttpResponseRedirect(reverse("dust-site", args=[made.site_id]))
    return _page(request, found, status=422, site_form=form)


def to_case(request: HttpRequest, code: str) -> HttpResponse:
    """Open a case on it."""
    found = _found(request, code)
    form = CaseForm(request.POST)
    if form.is_valid():
        try:
            case = services.lead_to_case(
                found, trouble=form.cleaned_data["trouble"], by=request.user, at=request.at
            )
        except Problem as problem:
            form.add_error(None, in_language(problem.zh, problem.en))
        else:
            return HttpResponseRedirect(reverse("case", args=[case.number]))
    return _page(request, found, status=422, case_form=form)


def picture(request: HttpRequest, code: str, which: str) -> FileResponse:
    """Show the patch's picture or that of the check."""
    found = _found(request, code)
    kept = {"patch": found.picture, "check": found.check_picture}.get(which)
    if kept is None:
        raise Http404
    return serve(kept)
