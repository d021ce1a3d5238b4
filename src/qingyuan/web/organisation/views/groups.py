"""Groups for a time and who is in them."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse

from qingyuan.core.periods import city_date
from qingyuan.core.problems import Problem
from qingyuan.web.organisation import selectors, services
from qingyuan.web.organisation.forms import GroupForm, MemberForm
from qingyuan.web.organisation.models import Group, Membership


def groups(request: HttpRequest) -> HttpResponse:
    """List the groups that stand, or those that have ended."""
    ended = request.GET.get("ended") == "1"
    context = {
        "groups": selectors.groups(on=city_date(request.at), ended=ended),
        "ended": ended,
        "may": "department_head" in request.scope.roles,
    }
    return render(request, "organisation/groups.html", context)


def put(request: HttpRequest, pk: int = 0) -> HttpResponse:
    """Set a group up or change it."""
    found = get_object_or_404(Group, pk=pk) if pk else None
    form = GroupForm(request.POST or None, instance=found)
    if request.method == "POST" and form.is_valid():
        saved = services.put_group(form.save(commit=False), by=request.user, at=request.at)
        return HttpResponseRedirect(reverse("group", args=[saved.pk]))
    context = {"group": found, "form": form}
    status = 200 if request.method == "GET" else 422
    return render(request, "organisation/group_form.html", context, status=status)


def group(request: HttpRequest, pk: int) -> HttpResponse:
    """Show a group: charter, members then and now; second somebody into it."""
    found = get_object_or_404(Group.objects.select_related("office"), pk=pk)
    may = "department_head" in request.scope.roles
    form = MemberForm(
        (request.POST or None) if may else None, initial={"valid_from": city_date(request.at)}
    )
    problem = None
    if request.method == "POST" and form.is_valid():
        try:
            services.add_member(group=found, **form.cleaned_data, by=request.user, at=request.at)
        except Problem as refused:
            problem = refused
        else:
            return HttpResponseRedirect(reverse("group", args=[found.pk]))
    today = city_date(request.at)
    rows = [(row, row.serves(today)) for row in selectors.members(found)]
    context = {"group": found, "rows": rows, "form": form, "problem": problem, "may": may,
               "stands": found.stands(today)}  # fmt: skip
    status = 422 if request.method == "POST" else 200
    return render(request, "organisation/group.html", context, status=status)


def member_end(request: HttpRequest, pk: int) -> HttpResponse:
    """Send a member back to the home unit."""
    found = get_object_or_404(Membership, pk=pk)
    services.end_member(membership=found, by=request.user, at=request.at)
    return HttpResponseRedirect(reverse("group", args=[found.group_id]))
