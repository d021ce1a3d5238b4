"""领导总览 and each leader's own page: for a phone, a desk and a sheet of paper."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render

from qingyuan.core.periods import city_date
from qingyuan.web.accounts.models import User
from qingyuan.web.accounts.scope import role_names
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
    known = [p.pk for p, *_ in selectors.vice_leaders(request.scope, at=request.at)]
    if person.pk not in known and not role_names(person, on=city_date(request.at)) & _LEADERS:
        raise Http404
    shown = sponsored(person, request.scope, at=request.at)
    return render(request, "statistics/leader_items.html", {"person": person, "page": shown})
