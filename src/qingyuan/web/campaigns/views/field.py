"""Teams: who goes, where, and the phone in the field."""

from __future__ import annotations

import uuid

from django.db.models import Exists, OuterRef
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _

from qingyuan.core.periods import city_date
from qingyuan.core.problems import Problem
from qingyuan.web.campaigns import selectors, services
from qingyuan.web.campaigns.forms import PlaceForm, TeamForm, VisitForm
from qingyuan.web.campaigns.models import Target, Team, Visit
from qingyuan.web.campaigns.views.campaign import form_page, kept
from qingyuan.web.files.responses import serve
from qingyuan.web.registry.models.geometry import in_language

_MOST = 200


def add_team(request: HttpRequest, number: str) -> HttpResponse:
    """Send out a team."""
    found = kept(request, number)
    today = city_date(request.at)
    begin = {"from_on": max(today, found.starts_on), "to_on": found.ends_on, "unit": found.lead_id}
    form = TeamForm(request.POST or None, campaign=found, on=today, initial=begin)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        team = form.save(commit=False)
        team.group = data["group"]
        try:
            made = services.make_team(
                team, districts=list(data["districts"]), members=form.people(), head=data["head"],
                by=request.user, at=request.at,
            )  # fmt: skip
        except Problem as problem:
            form.add_error(None, in_language(problem.zh, problem.en))
        else:
            return HttpResponseRedirect(reverse("campaign-team", args=[made.pk]))
    back = reverse("campaign", args=[number])
    return form_page(request, form, title=_("组队"), back=back, campaign=found)


def _team(request: HttpRequest, pk: int) -> Team:
    return get_object_or_404(selectors.teams(request.scope).distinct(), pk=pk)


def _in_team(request: HttpRequest, team: Team) -> bool:
    return not team.campaign.closed_at and team.members.filter(user=request.user).exists()


def team(request: HttpRequest, pk: int) -> HttpResponse:
    """Show a team and its round; the desk puts objects on it."""
    found = _team(request, pk)
    may_plan = selectors.may_keep(request.scope) and not found.campaign.closed_at
    problem = None
    if request.method == "POST":
        if not may_plan:
            raise Http404
        keys = [k for k in request.POST.getlist("target") if k.isdecimal() and len(k) < 12]
        wanted = Target.objects.filter(campaign=found.campaign, pk__in=keys)
        try:
            services.plan_visits(found, list(wanted), by=request.user, at=request.at)
        except Problem as refused:
            problem = refused
        else:
            return HttpResponseRedirect(reverse("campaign-team", args=[pk]))
    rows = list(
        found.visits.select_related("target__district", "case__procedure", "done_by").order_by(
            "target__district_id", "target__label", "pk"
        )
    )
    context = {
        "team": found,
        "campaign": found.campaign,
        "members": found.members.select_related("user", "home").order_by("-head", "pk"),
        "districts": found.districts.defer("wkb").order_by("code"),
        "rows": rows,
        "done": sum(bool(v.done_at) for v in rows),
        "problems": sum(v.result == "problem" for v in rows),
        "open_targets": _open_targets(found) if may_plan else [],
        "may_plan": may_plan,
        "in_team": _in_team(request, found),
        "problem": problem,
    }
    return render(request, "campaigns/team.html", context, status=422 if problem else 200)


def _open_targets(team: Team) -> list[Target]:
    """Return objects of the team's districts it does not have yet, those nobody visited first."""
    own = team.visits.values("target_id")
    made = Visit.objects.filter(target=OuterRef("pk"), done_at__isnull=False)
    found = (
        Target.objects.filter(
            campaign=team.campaign, dropped=None, district_id__in=team.districts.values("code")
        )
        .exclude(pk__in=own)
        .annotate(was_visited=Exists(made))
        .select_related("district")
    )
    return list(found.order_by("was_visited", "district_id", "label", "pk")[:_MOST])


def field(request: HttpRequest, pk: int) -> HttpResponse:
    """Show a team on the phone what is still to visit and what is done."""
    found = _team(request, pk)
    rows = list(
        found.visits.select_related("target__district", "case").order_by(
            "target__district_id", "target__label", "pk"
        )
    )
    context = {
        "team": found,
        "campaign": found.campaign,
        "todo": [v for v in rows if not v.done_at],
        "done": sorted((v for v in rows if v.done_at), key=lambda v: v.done_at, reverse=True),
        "in_team": _in_team(request, found),
    }
    return render(request, "campaigns/field.html", context)


def place(request: HttpRequest, pk: int) -> HttpResponse:
    """Put a place found on the way on the list."""
    found = _team(request, pk)
    if not _in_team(request, found):
        raise Http404
    form = PlaceForm(request.POST or None, team=found)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            data = form.cleaned_data
            try:
                made = services.add_place(
                    found, label=data["label"], district=data["district"], by=request.user, at=request.at
                )  # fmt: skip
            except Problem as problem:
                form.add_error(None, in_language(problem.zh, problem.en))
            else:
                return HttpResponseRedirect(reverse("campaign-visit", args=[made.pk]))
    context = {"team": found, "campaign": found.campaign, "form": form}
    return render(request, "campaigns/place.html", context, status=status)


def visit(request: HttpRequest, pk: int) -> HttpResponse:
    """Show what was found at an object, or record it."""
    found = get_object_or_404(
        selectors.visits(request.scope).select_related("team__campaign", "done_by").distinct(),
        pk=pk,
    )
    may_record = not found.done_at and _in_team(request, found.team)
    if request.method == "POST" and not found.done_at and not may_record:
        raise Http404
    form = VisitForm(request.POST or None, request.FILES or None, campaign=found.team.campaign)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            data = dict(form.cleaned_data)
            data["photos"] = [(f.name, f.read()) for f in data["photos"]]
            try:
                services.record_visit(found, **data, by=request.user, at=request.at)
            except Problem as problem:
                form.add_error(None, in_language(problem.zh, problem.en))
            else:
                return HttpResponseRedirect(reverse("campaign-visit", args=[pk]))
    context = {
        "visit": found,
        "campaign": found.team.campaign,
        "team_seen": selectors.teams(request.scope).filter(pk=found.team_id).exists(),
        "photos": found.photos.select_related("attachment").order_by("pk"),
        "form": form if may_record else None,
        "errors": form if status == 422 and not may_record else None,
    }
    return render(request, "campaigns/visit.html", context, status=status)


def withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    """Take an object off a round."""
    if not selectors.may_keep(request.scope):
        raise Http404
    found = get_object_or_404(selectors.visits(request.scope), pk=pk)
    team = found.team_id
    try:
        services.withdraw_visit(found, by=request.user, at=request.at)
    except Problem as problem:
        return form_page(
            request, None, title=in_language(problem.zh, problem.en), back=reverse("campaign-team", args=[team]),
            campaign=found.team.campaign,
        )  # fmt: skip
    return HttpResponseRedirect(reverse("campaign-team", args=[team]))


def photo(request: HttpRequest, pk: int, key: uuid.UUID) -> HttpResponse:
    """Hand out a picture of a visit."""
    found = get_object_or_404(selectors.visits(request.scope).distinct(), pk=pk)
    kept_photo = get_object_or_404(found.photos.select_related("attachment"), attachment_id=key)
    return serve(kept_photo.attachment)
