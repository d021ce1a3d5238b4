"""The duty roster, its hand-overs, and who stands in for whom."""

from __future__ import annotations

from datetime import date, timedelta

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse

from qingyuan.core.periods import city_date
from qingyuan.core.problems import Problem
from qingyuan.web.accounts.models import Unit
from qingyuan.web.organisation import selectors, services
from qingyuan.web.organisation.forms import AbsenceForm, HandOverForm, ShiftForm
from qingyuan.web.organisation.models import HandOver, Shift

_DAYS = 14


def _first(request: HttpRequest) -> date:
    try:
        return date.fromisoformat(request.GET.get("from", ""))
    except ValueError:
        return city_date(request.at) - timedelta(days=1)


def duty(request: HttpRequest) -> HttpResponse:
    """Show two weeks of a unit's roster with its hand-overs; put or change a shift."""
    code = request.GET.get("unit")
    unit = (
        get_object_or_404(Unit, code=code) if code else selectors.rostered_unit(request.user.unit)
    )
    first = _first(request)
    may = bool({"duty_officer", "department_head"} & request.scope.roles)
    form = ShiftForm((request.POST or None) if may else None)
    problem = None
    if request.method == "POST" and form.is_valid():
        try:
            services.put_shift(unit=unit, **form.cleaned_data, by=request.user, at=request.at)
        except Problem as refused:
            problem = refused
        else:
            return HttpResponseRedirect(f"{reverse('duty')}?unit={unit.code}&from={first}")
    context = {
        "unit": unit,
        "units": Unit.objects.order_by("path"),
        "days": selectors.roster(unit, first=first, days=_DAYS),
        "today": city_date(request.at),
        "before": first - timedelta(days=_DAYS),
        "after": first + timedelta(days=_DAYS),
        "first": first,
        "form": form,
        "problem": problem,
        "may": may,
        "waiting": selectors.waiting_handovers(request.user),
    }
    status = 422 if request.method == "POST" else 200
    return render(request, "organisation/duty.html", context, status=status)


def hand_over(request: HttpRequest, pk: int) -> HttpResponse:
    """Hand a shift over: what happened, what is still open."""
    shift = get_object_or_404(Shift.objects.select_related("unit", "officer"), pk=pk)
    if request.user.pk not in (shift.officer_id, shift.leader_id):
        raise Http404(pk)
    form = HandOverForm(request.POST or None)
    problem = None
    if request.method == "POST" and form.is_valid():
        try:
            services.hand_over(shift=shift, **form.cleaned_data, by=request.user, at=request.at)
        except Problem as refused:
            problem = refused
        else:
            return HttpResponseRedirect(f"{reverse('duty')}?unit={shift.unit.code}")
    context = {"shift": shift, "form": form, "problem": problem}
    status = 422 if request.method == "POST" else 200
    return render(request, "organisation/hand_over.html", context, status=status)


def take_over(request: HttpRequest, pk: int) -> HttpResponse:
    """Confirm having read what the shift before handed over."""
    found = get_object_or_404(HandOver.objects.select_related("shift__unit"), pk=pk)
    services.take_over(handover=found, by=request.user, at=request.at)
    return HttpResponseRedirect(f"{reverse('duty')}?unit={found.shift.unit.code}")


def absences(request: HttpRequest) -> HttpResponse:
    """List who is away and who stands in; ask for a deputy."""
    form = AbsenceForm(
        request.POST or None,
        held=request.scope.roles,
        initial={"valid_from": city_date(request.at)},
    )
    problem = None
    if request.method == "POST" and form.is_valid():
        try:
            services.ask_absence(**form.cleaned_data, by=request.user, at=request.at)
        except Problem as refused:
            problem = refused
        else:
            return HttpResponseRedirect(reverse("absences"))
    context = {
        "rows": selectors.absences(request.scope),
        "form": form,
        "problem": problem,
        "asks": request.scope.staff,
        "settles": "security_admin" in request.scope.roles,
    }
    status = 422 if request.method == "POST" else 200
    return render(request, "organisation/absences.html", context, status=status)


def absence_deed(request: HttpRequest, pk: int, deed: str) -> HttpResponse:
    """Grant, refuse or end a standing-in."""
    found = get_object_or_404(selectors.absences(request.scope), pk=pk)
    settles = "security_admin" in request.scope.roles
    if deed == "end":
        if not settles and found.user_id != request.user.pk:
            raise Http404(pk)
        services.end_absence(absence=found, by=request.user, at=request.at)
    else:
        if not settles:
            raise Http404(pk)
        services.settle_absence(
            absence=found, granted=deed == "grant", by=request.user, at=request.at
        )
    return HttpResponseRedirect(reverse("absences"))
