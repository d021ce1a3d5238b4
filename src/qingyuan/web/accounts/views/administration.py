"""People and roles, for the administrators; the audit reader is audit's."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse

from qingyuan.core.periods import city_date
from qingyuan.core.problems import Problem
from qingyuan.web.accounts import selectors, services
from qingyuan.web.accounts.access import rule_table
from qingyuan.web.accounts.forms import GrantForm
from qingyuan.web.accounts.models import RoleGrant
from qingyuan.web.accounts.roles import roles
from qingyuan.web.audit.services import Actor


def people(request: HttpRequest) -> HttpResponse:
    """List the organisation tree with its people and their roles."""
    text = request.GET.get("q", "").strip()
    found = selectors.people()
    if text:
        found = (
            found.filter(name__icontains=text)
            | found.filter(username__icontains=text)
            | found.filter(unit__name_zh__icontains=text)
        )
    return render(
        request,
        "accounts/people.html",
        {"people": found, "units": selectors.units(), "q": text, "roles": roles()},
    )


def person(request: HttpRequest, username: str) -> HttpResponse:
    """Show one account: unit, roles with dates, links made."""
    found = get_object_or_404(selectors.people(), username=username)
    return render(request, "accounts/person.html", _person_context(request, found))


def _person_context(request: HttpRequest, found: object, **more: object) -> dict[str, object]:
    return {
        "person": found,
        "grants": [
            {"grant": g, "role": roles()[g.role], "holds": g.holds(city_date(request.at))}
            for g in found.grants.all()
        ],
        "form": GrantForm(),
        **more,
    }


def _act(request: HttpRequest, username: str, deed: str) -> HttpResponse:
    found = get_object_or_404(selectors.people(), username=username)
    try:
        if deed == "grant":
            form = GrantForm(request.POST)
            if not form.is_valid():
                return render(
                    request,
                    "accounts/person.html",
                    _person_context(request, found, form=form),
                    status=422,
                )
            services.grant_role(
                user=found, role=form.cleaned_data["role"], by=request.user, at=request.at
            )
        elif deed == "end":
            wanted = request.POST.get("grant", "")
            grant = get_object_or_404(
                RoleGrant, pk=int(wanted) if wanted.isdecimal() else 0, user=found
            )
            services.end_grant(grant=grant, by=request.user, at=request.at)
        elif deed in ("enable", "disable"):
            services.set_active(user=found, active=deed == "enable", by=request.user, at=request.at)
    except Problem as problem:
        return render(
            request,
            "accounts/person.html",
            _person_context(request, found, problem=problem),
            status=422,
        )
    return HttpResponseRedirect(reverse("person", args=[username]))


def person_grants(request: HttpRequest, username: str, deed: str) -> HttpResponse:
    """Give or end a role (security administrator)."""
    return _act(request, username, deed)


def person_active(request: HttpRequest, username: str, deed: str) -> HttpResponse:
    """Switch an account on or off (system administrator)."""
    return _act(request, username, deed)


def person_invite(request: HttpRequest, username: str) -> HttpResponse:
    """Make a one-time link and show it once (system administrator)."""
    found = get_object_or_404(selectors.people(), username=username)
    token = services.invite(user=found, by=Actor.of(request.user), at=request.at)
    link = request.build_absolute_uri(reverse("invitation", args=[token]))
    return render(request, "accounts/person.html", _person_context(request, found, link=link))


def access_table(request: HttpRequest) -> HttpResponse:
    """Show the rule table as it stands: every route, who may open it, and why."""
    return render(
        request,
        "accounts/access_table.html",
        {"rules": sorted(rule_table().values(), key=lambda r: (r.app, r.route)), "roles": roles()},
    )
