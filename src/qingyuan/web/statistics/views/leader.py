"""领导总览 and each leader's own page: for a phone, a desk and a sheet of paper."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render

from qingyuan.core.periods import city_date
from qingyuan.web.accounts.models import User
from qingyuan.web.accounts.scope import role_names
from qingyuan.web.cases import selectors as cases
from qingyuan.web.statistics import selectors
from qingyuan.web.statistics.selectors.leader import sponsored

_LEADERS = frozenset({"vice_leader", "leader"})


def leader(request: HttpRequest) -> HttpResponse:
    """Show how many, where, whose and how late on one page."""
    shown = selectors.overview(request.scope, at=request.at)
    people = selectors.vice_leaders(request.scope, at=request.at)
    return render(request, "statistics/leader.html", {"page": shown, "people": people})


def vice(request: HttpRequest, username: str) -> HttpResponse:
    """Show what one leader owns and answers for, the latest first."""
    person = get_object_or_404(User.objects.select_related("unit"), username=username)
    owns = cases.cases(request.scope).filter(sponsor=person).exists()
    leads = role_names(person, on=city_date(request.at)) & _LEADERS
    if not owns and not (leads and request.scope.city):
        raise Http404
    shown = sponsored(person, request.scope, at=request.at)
    return render(request, "statistics/leader_items.html", {"person": person, "page": shown})
