"""The desk of bulletins (通报台): what waits for me, what is due, everything, the plan of writing."""

from __future__ import annotations

from datetime import timedelta

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from qingyuan.core.periods import city_date
from qingyuan.core.problems import Problem
from qingyuan.web.audit.services import Actor
from qingyuan.web.bulletins import selectors, services
from qingyuan.web.bulletins.forms import WEEKDAYS, ComposeForm, ScheduleForm, SlipsForm
from qingyuan.web.bulletins.kinds import kinds, registers
from qingyuan.web.bulletins.models import Bulletin

__all__ = ["bulletins", "compose", "schedule"]

_RUNNING = ("draft", "reviewed", "signed")


def bulletins(request: HttpRequest) -> HttpResponse:
    """Show the desk."""
    return _desk(request)


def _desk(request: HttpRequest, *, status: int = 200, **more: object) -> HttpResponse:
    found = selectors.bulletins_for(request.scope)
    kind, state = request.GET.get("kind", ""), request.GET.get("state", "")
    yesterday = city_date(request.at) - timedelta(days=1)
    shown = found.filter(kind=kind) if kind in kinds() else found
    if state == "running":
        shown = shown.filter(state__in=_RUNNING)
    elif state in Bulletin.State.values:
        shown = shown.filter(state=state)
    context = {
        "page": Paginator(shown, 30).get_page(request.GET.get("page")),
        "waiting": selectors.waiting_for(request.scope),
        "due": selectors.due_now(at=request.at),
        "states": _states(found, kind, state),
        "kinds": [(k.name, k.label, k.name == kind) for k in kinds().values()],
        "kind": kind,
        "state": state,
        "form": ComposeForm(initial={"day": yesterday, "kind": "daily"}),
        "slips_form": SlipsForm(initial={"day": yesterday}),
        "plans": selectors.plans(),
        "weekdays": WEEKDAYS,
        "registers": list(registers().values()),
        "may_compose": bool(request.scope.roles & selectors.COMPOSERS),
        "may_plan": "department_head" in request.scope.roles,
        **more,
    }
    return render(request, "bulletins/desk.html", context, status=status)


def _states(found: object, kind: str, state: str) -> list[tuple[str, str, int | None, bool]]:
    base = reverse("bulletins")
    of_kind = f"&kind={kind}" if kind else ""
    tabs = [("", _("全部")), ("running", _("办理中")), *Bulletin.State.choices[3:]]
    return [
        (
            label,
            f"{base}?state={name}{of_kind}" if name else f"{base}?{of_kind[1:]}",
            None,
            name == state,
        )
        for name, label in tabs
    ]


def compose(request: HttpRequest) -> HttpResponse:
    """Compose the bulletin of a period and show the draft."""
    form = ComposeForm(request.POST)
    if not form.is_valid():
        return _desk(request, form=form, status=422)
    try:
        made = services.compose(
            kind=form.cleaned_data["kind"], day=form.cleaned_data["day"], at=request.at,
            by=Actor.of(request.user), user=request.user,
        )  # fmt: skip
    except Problem as problem:
        return _desk(request, form=form, problem=problem, status=422)
    return HttpResponseRedirect(reverse("bulletin", args=[made.pk]))


def schedule(request: HttpRequest, kind: str) -> HttpResponse:
    """Set when a kind is written."""
    if kind not in kinds():
        raise Http404
    form = ScheduleForm(request.POST)
    if not form.is_valid():
        return _desk(request, plan_form=form, plan_kind=kind, status=422)
    services.set_schedule(kind=kind, by=request.user, at=request.at, **form.cleaned_data)
    return HttpResponseRedirect(f"{reverse('bulletins')}#plan")
