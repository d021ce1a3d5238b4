"""Data and runs: what came in, the versions of the roads, the nights; bring more, run again."""

from __future__ import annotations

from datetime import date, timedelta

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import get_language

from qingyuan.core.periods import city_date
from qingyuan.core.problems import Problem
from qingyuan.store.fixes import Fixes
from qingyuan.web.audit.services import Actor
from qingyuan.web.surveys import selectors, services
from qingyuan.web.surveys.forms import DATUMS, FixesForm, RoadsForm
from qingyuan.web.surveys.models import FixFile, RoadNetwork, SurveyRun

_BRINGERS = frozenset({"duty_officer", "department_head"})
_DAYS = 14


def _page(request: HttpRequest, *, status: int = 200, **more: object) -> HttpResponse:
    today = city_date(request.at)
    counts = Fixes(settings.FOLDER.store).counts(today - timedelta(days=_DAYS), today)
    by_day: dict[date, list[int]] = {}
    for row in counts:
        held = by_day.setdefault(row.day, [0, 0])
        held[0], held[1] = held[0] + 1, held[1] + row.count
    runs = list(SurveyRun.objects.select_related("network").defer("network__edges").order_by("-day")[:40])  # fmt: skip
    known = {run.day: run for run in runs}
    context = {
        "days": [(day, *by_day[day], known.get(day)) for day in sorted(by_day, reverse=True)],
        "runs": runs,
        "networks": list(RoadNetwork.objects.defer("edges").order_by("-version")),
        "files": [(f, selectors.reasons_in_words(f.refused)) for f in FixFile.objects.order_by("-brought_at", "-pk")[:30]],
        "fixes_form": FixesForm(auto_id="fixes_%s"),
        "roads_form": RoadsForm(auto_id="roads_%s"),
        "may_bring": bool(request.scope.roles & _BRINGERS),
        "may_roads": "department_head" in request.scope.roles,
        "english": (get_language() or "").startswith("en"),
        **more,
    }  # fmt: skip
    return render(request, "surveys/runs.html", context, status=status)


def runs(request: HttpRequest) -> HttpResponse:
    """Show what came in and what became of it."""
    return _page(request)


def _datum(request: HttpRequest) -> str:
    given = request.POST.get("datum", "")
    if given not in dict(DATUMS):
        raise Problem("surveys.bad_datum", given=given[:40])
    return given


def upload(request: HttpRequest) -> HttpResponse:
    """Take a file of fixes."""
    file = request.FILES.get("file")
    try:
        if file is None:
            raise Problem("surveys.no_file")
        if file.size and file.size > services.MOST_FILE_BYTES:
            raise Problem("surveys.file_large", megabytes=services.MOST_FILE_BYTES // 1_000_000)
        services.import_fixes(
            content=file.read(), name=file.name or "", by=Actor.of(request.user),
            user=request.user, at=request.at, datum=_datum(request),
        )  # fmt: skip
    except Problem as problem:
        return _page(request, status=422, problem=problem)
    return HttpResponseRedirect(reverse("survey-runs"))


def network(request: HttpRequest) -> HttpResponse:
    """Take a layer of roads as the next version of the network."""
    file = request.FILES.get("file")
    try:
        if file is None:
            raise Problem("surveys.no_file")
        services.bring_roads(
            content=file.read(), name=file.name or "", by=Actor.of(request.user), at=request.at,
            datum=_datum(request),
        )  # fmt: skip
    except Problem as problem:
        return _page(request, status=422, problem=problem)
    return HttpResponseRedirect(reverse("survey-runs"))


def run_again(request: HttpRequest, day: str) -> HttpResponse:
    """Queue the analysis of a day again."""
    try:
        wanted = date.fromisoformat(day)
    except ValueError:
        raise Http404 from None
    get_object_or_404(SurveyRun, day=wanted)
    services.ask_night(day=wanted, by=Actor.of(request.user), at=request.at, again=True)
    return HttpResponseRedirect(reverse("survey-runs"))
