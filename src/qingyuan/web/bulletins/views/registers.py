"""Registers that bulletins are written from: their rows, put in by form, replaced, ended."""

from __future__ import annotations

from typing import Any

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse

from qingyuan.core.problems import Problem
from qingyuan.web.bulletins import selectors, services
from qingyuan.web.bulletins.forms import RowForm
from qingyuan.web.bulletins.kinds import Register, registers
from qingyuan.web.bulletins.models import RegisterRow

__all__ = ["register", "register_end", "register_row"]


def _register(name: str) -> Register:
    if name not in registers():
        raise Http404
    return registers()[name]


def _show(
    request: HttpRequest, rules: Register, form: RowForm, *, status: int = 200, **more: Any
) -> HttpResponse:
    rows = selectors.register_rows(request.scope, rules.name)
    context = {
        "register": rules,
        "registers": list(registers().values()),
        "page": Paginator(rows, 50).get_page(request.GET.get("page")),
        "form": form,
        **more,
    }
    return render(request, "bulletins/register.html", context, status=status)


def register(request: HttpRequest, name: str) -> HttpResponse:
    """Show a register and put a row into it."""
    rules = _register(name)
    if request.method != "POST":
        return _show(request, rules, RowForm(rules, request.scope))
    form = RowForm(rules, request.scope, request.POST)
    if not form.is_valid():
        return _show(request, rules, form, status=422)
    _put(request, rules, form)
    return HttpResponseRedirect(reverse("bulletin-register", args=[name]))


def _put(
    request: HttpRequest, rules: Register, form: RowForm, old: RegisterRow | None = None
) -> None:
    services.put_row(
        register=rules.name,
        district=form.district,
        on=form.cleaned_data["on"],
        done_on=form.cleaned_data.get("done_on"),
        values=form.values,
        by=request.user,
        at=request.at,
        replaces=old,
    )


def _one(request: HttpRequest, pk: int) -> RegisterRow:
    found = RegisterRow.objects.filter(pk=pk).first()
    if found is None:
        raise Http404
    return get_object_or_404(selectors.register_rows(request.scope, found.register), pk=pk)


def register_row(request: HttpRequest, pk: int) -> HttpResponse:
    """Replace a row by a new one; the old one is kept."""
    row = _one(request, pk)
    if request.method != "POST":
        return _show(
            request, row.rules, RowForm(row.rules, request.scope, initial=_initial(row)), row=row
        )
    form = RowForm(row.rules, request.scope, request.POST)
    if not form.is_valid():
        return _show(request, row.rules, form, status=422, row=row)
    try:
        _put(request, row.rules, form, row)
    except Problem as problem:
        return _show(request, row.rules, form, status=422, row=row, problem=problem)
    return HttpResponseRedirect(reverse("bulletin-register", args=[row.register]))


def _initial(row: RegisterRow) -> dict[str, object]:
    values = {f"c_{name}": value for name, value in row.values.items()}
    return {"on": row.on, "done_on": row.done_on, "district": row.district_id, **values}


def register_end(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a row out of its register."""
    row = _one(request, pk)
    try:
        services.end_row(row=row, by=request.user, at=request.at)
    except Problem as problem:
        return _show(
            request, row.rules, RowForm(row.rules, request.scope), status=422, problem=problem
        )
    return HttpResponseRedirect(reverse("bulletin-register", args=[row.register]))
