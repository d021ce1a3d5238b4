"""Departments: their duties and seats; a department's task, or a joint one."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse

from qingyuan.core.periods import city_date
from qingyuan.core.problems import Problem
from qingyuan.web.dust import selectors, services
from qingyuan.web.dust.forms import DutyForm, SeatForm, TaskForm
from qingyuan.web.dust.tables import departments, kinds
from qingyuan.web.dust.views.sites import ARRANGERS, tabs
from qingyuan.web.registry import selectors as registry
from qingyuan.web.registry.models.geometry import in_language

__all__ = ["departments_page", "duty", "seat", "task"]


def _duty_rows(request: HttpRequest) -> list[dict[str, Any]]:
    """Return a row a kind: who leads, who takes part, what it rests on."""
    held: dict[str, dict[str, Any]] = {}
    for duty in selectors.duties(on=city_date(request.at)):
        department = departments()[duty.department]
        if duty.part == "lead":
            held[duty.kind] = {
                "kind": kinds()[duty.kind],
                "lead": department,
                "duty": duty,
                "helping": [],
            }
        else:
            row = held.setdefault(
                duty.kind, {"kind": kinds()[duty.kind], "lead": None, "duty": duty, "helping": []}
            )
            row["helping"].append((department, duty))
    return list(held.values())  # fmt: skip


def _departments(
    request: HttpRequest, form: SeatForm | None, duty_form: DutyForm | None, *, status: int = 200
) -> HttpResponse:
    today = city_date(request.at)
    context = {
        "tabs": tabs(request, "departments"),
        "today": today,
        "duties": _duty_rows(request),
        "changes": [
            (kinds()[row.kind], departments().get(row.lead), [departments()[c] for c in row.helping], row)
            for row in selectors.duty_changes()[:60]
        ],
        "seats": [(departments()[row.department], row) for row in selectors.seats(on=today)],
        "form": form,
        "duty_form": duty_form,
        "may_arrange": bool(request.scope.roles & ARRANGERS),
    }  # fmt: skip
    return render(request, "dust/departments.html", context, status=status)


def _seat_form(request: HttpRequest, data: object = None) -> SeatForm | None:
    if "department_head" not in request.scope.roles:
        return None
    return SeatForm(data, districts=registry.districts(request.scope), on=city_date(request.at))


def departments_page(request: HttpRequest) -> HttpResponse:
    """Show whose duty each kind is, and who sits for each department."""
    return _departments(request, _seat_form(request), _duty_form(request))


def _duty_form(request: HttpRequest, data: object = None) -> DutyForm | None:
    if "department_head" not in request.scope.roles:
        return None
    return DutyForm(data, on=city_date(request.at))


def duty(request: HttpRequest) -> HttpResponse:
    """Give a kind of source to other departments from a day on."""
    form = _duty_form(request, request.POST)
    if form is not None and form.is_valid():
        try:
            services.put_duty(**form.cleaned_data, by=request.user, at=request.at)
        except Problem as problem:
            form.add_error(None, in_language(problem.zh, problem.en))
        else:
            return HttpResponseRedirect(reverse("dust-departments"))
    return _departments(request, _seat_form(request), form, status=422)


def seat(request: HttpRequest) -> HttpResponse:
    """Seat somebody for a department."""
    form = _seat_form(request, request.POST)
    if form is not None and form.is_valid():
        try:
            services.put_seat(**form.cleaned_data, by=request.user, at=request.at)
        except Problem as problem:
            form.add_error(None, in_language(problem.zh, problem.en))
        else:
            return HttpResponseRedirect(reverse("dust-departments"))
    return _departments(request, form, _duty_form(request), status=422)


def _proposed(request: HttpRequest) -> dict[str, object]:
    """Return what the table of duties and the seats say for a kind in a district."""
    kind, district = request.GET.get("kind", ""), request.GET.get("district", "")
    today = city_date(request.at)
    if kind not in kinds():
        return {}
    found: dict[str, object] = {"kind": kind, "district": district}
    proposed = selectors.routing(kind, district, on=today)
    if proposed.lead is not None:
        found |= {"unit": proposed.lead.unit.code, "person": proposed.lead.person.username}
    return found | {"co_units": [seat.unit.code for seat in proposed.helping]}


def task(request: HttpRequest) -> HttpResponse:
    """Open a department's task or a joint task; the duties propose who leads and who takes part."""
    form = TaskForm(
        request.POST or None,
        initial=_proposed(request),
        districts=registry.districts(request.scope),
    )
    codes = (request.POST if request.method == "POST" else request.GET).getlist("site")
    records = list(selectors.records(request.scope).filter(site__in=codes)) if codes else []
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            case = services.open_task(
                title=data["title"],
                trouble=data["trouble"],
                kind=data["kind"],
                district_code=data["district"].code,
                unit=data["unit"],
                person=data["person"],
                co_units=list(data["co_units"]),
                records=records,
                due_on=data["due_on"],
                by=request.user,
                at=request.at,
            )
        except Problem as problem:
            form.add_error(None, in_language(problem.zh, problem.en))
        else:
            return HttpResponseRedirect(reverse("case", args=[case.number]))
    context = {
        "form": form,
        "records": records,
        "kinds": kinds().values(),
        "districts": registry.districts(request.scope),
        "given": request.GET,
    }
    status = 422 if request.method == "POST" else 200
    return render(request, "dust/task.html", context, status=status)
