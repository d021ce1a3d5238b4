"""Targets: what is set, where it stands, and setting one."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language

from qingyuan.core.periods import city_date
from qingyuan.core.problems import Problem
from qingyuan.web.assessments.forms import AirTargetForm, SectionTargetForm
from qingyuan.web.assessments.selectors import targets as standing
from qingyuan.web.monitoring.selectors.charts import observations_in
from qingyuan.web.registry import selectors as registry
from qingyuan.web.registry import services

__all__ = ["target_air", "target_section", "targets"]

_MAY_SET = frozenset({"department_head"})


def _page(request: HttpRequest, *, status: int = 200, **more: object) -> HttpResponse:
    scope, yesterday = request.scope, city_date(request.at) - timedelta(days=1)
    found = list(standing.targets(scope))
    store = observations_in(settings.FOLDER.store)
    rows = [
        row
        for target in standing.in_force(found, on=yesterday)
        if (row := standing.progress_of(store, scope, target, until=yesterday)) is not None
    ]
    first = {"valid_from": city_date(request.at)}
    context = {
        "rows": rows,
        "targets": found,
        "until": yesterday,
        "warned": sum(row.warns for row in rows),
        "method": next((row.forecast for row in rows if row.forecast), None),
        "may_set": bool(scope.roles & _MAY_SET),
        "air_form": AirTargetForm(scope=scope, initial=first | {"year": yesterday.year}),
        "section_form": SectionTargetForm(scope=scope, initial=first),
        "english": (get_language() or "").startswith("en"),
        **more,
    }
    return render(request, "assessments/targets.html", context, status=status)


def targets(request: HttpRequest) -> HttpResponse:
    """Show every target in force with what is left of it."""
    return _page(request)


def _deed(request: HttpRequest, name: str, form: object, do: Callable[[], object]) -> HttpResponse:
    try:
        do()
    except Problem as problem:
        return _page(request, status=422, problem=problem, **{name: form})
    return redirect("targets")


def target_air(request: HttpRequest) -> HttpResponse:
    """Set a target of a year's air."""
    scope = request.scope
    form = AirTargetForm(request.POST, scope=scope)
    if not form.is_valid():
        return _page(request, status=422, air_form=form)
    data = form.cleaned_data
    kind, _colon, code = data["place"].partition(":")
    district = registry.districts(scope).get(code=code) if kind == "district" else None
    station = registry.air_stations(scope).get(code=code) if kind == "station" else None
    return _deed(
        request,
        "air_form",
        form,
        lambda: services.set_air_target(
            district=district, station=station, year=data["year"], item=data["item"],
            value=data["value"], valid_from=data["valid_from"], basis=data["basis"],
            by=request.user, at=request.at,
        ),
    )  # fmt: skip


def target_section(request: HttpRequest) -> HttpResponse:
    """Set the class a section must keep."""
    form = SectionTargetForm(request.POST, scope=request.scope)
    if not form.is_valid():
        return _page(request, status=422, section_form=form)
    data = form.cleaned_data
    return _deed(
        request,
        "section_form",
        form,
        lambda: services.set_section_target(
            section=registry.sections(request.scope).get(code=data["section"]),
            target_class=data["target_class"], valid_from=data["valid_from"], basis=data["basis"],
            by=request.user, at=request.at,
        ),
    )  # fmt: skip
