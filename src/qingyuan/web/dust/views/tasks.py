"""Departments: their duties and seats; a department's task, or a joint one."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse

from qingyuan.core.periods import city_date
from qingyuan.core.problems import Problem
from qingyuan.web.dust import selectors, services
from qingyuan.web.dust.forms import SeatForm, TaskForm
from qingyuan.web.dust.tables import departments, duties, kinds, lead_department
from qingyuan.web.dust.views.sites import ARRANGERS, tabs
from qingyuan.web.registry import selectors as registry
from qingyuan.web.registry.models.geometry import in_language

__all__ = ["departments_page", "seat", "task"]


def _departments(request: HttpRequest, form: SeatForm | None, *, status: int = 200) -> HttpResponse:
    today = city_date(request.at)
    context = {
        "tabs": tabs(request, "departments"),
        "duties": [(kinds()[d.kind], departments()[d.department], d) for d in duties(on=today)],
        "seats": [(departments()[row.department], row) for row in selectors.seats(on=today)],
        "form": form,
        "may_arrange": bool(request.scope.roles & ARRANGERS),
    }
    return render(request, "dust/departments.html", context, status=status)


def _seat_form(request: HttpRequest, data: object = None) -> SeatForm | None:
    if "department_head" not in request.scope.roles:
        return None
    return SeatForm(data, districts=registry.districts(request.scope), on=city_date(request.at))


def departments_page(request: HttpRequest) -> HttpResponse:
    """Show whose duty each kind is, and who sits for each department."""
    return _departments(request, _seat_form(request))


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
    return _departments(request, form, status=422)


def _proposed(request: HttpRequest) -> dict[str, object]:
    """Return what the table of duties and the seats say for a kind in a district."""
    kind, district = request.GET.get("kind", ""), request.GET.get("district", "")
    today = city_date(request.at)
    if kind not in kinds():
        return {}
    found: dict[str, object] = {"kind": kind, "district": district}
    leading = selectors.seat_of(lead_department(kind, on=today), district, on=today)
    if leading is not None:
        found |= {"unit": leading.unit.code, "person": leading.person.username}
    helping = [
        held.unit.code
        for d in duties(on=today)
        if d.kind == kind
        and d.part == "co"
        and (held := selectors.seat_of(d.department, district, on=today))
    ]
    return found | {"co_units": helping}


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
