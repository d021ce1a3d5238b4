"""One outfall: its record and history, and every deed upon it."""

from __future__ import annotations

from collections.abc import Callable

from django import forms
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _

from qingyuan.core.factors import factor as factor_of
from qingyuan.core.periods import city_date
from qingyuan.core.problems import Problem
from qingyuan.standards.outfalls import class_of_outfall
from qingyuan.web.cases import selectors as cases
from qingyuan.web.outfalls import selectors, services
from qingyuan.web.outfalls.forms import (
    DischargerForm,
    EndForm,
    LimitForm,
    RecordForm,
    SampleForm,
    WithdrawForm,
)
from qingyuan.web.outfalls.models import Discharger, OutfallSample
from qingyuan.web.outfalls.qr import qr_svg
from qingyuan.web.registry import selectors as registry
from qingyuan.web.registry.models import Outfall
from qingyuan.web.registry.models.geometry import in_language
from qingyuan.web.signals import selectors as signals

KEEPERS = frozenset({"district_officer", "department_head"})


def _found(request: HttpRequest, code: str) -> Outfall:
    return get_object_or_404(registry.outfalls(request.scope), code=code)


def outfall(request: HttpRequest, code: str) -> HttpResponse:
    """Show one outfall: record, limits, dischargers, samples, history, what lies along the river."""
    found = _found(request, code)
    record, version = selectors.current(found, at=request.at)
    today = city_date(request.at)
    scope = request.scope
    context = {
        "outfall": found,
        "record": record,
        "version": version,
        "known_class": class_of_outfall(record.outfall_class),
        "limits": selectors.limits(found, on=today),
        "dischargers": selectors.dischargers(found),
        "ending": getattr(found, "ending", None),
        "merged_from": found.merged_from.select_related("outfall"),
        "today": today,
        "may_keep": bool(scope.roles & KEEPERS) and found.ended_on is None,
        "may_decide": "department_head" in scope.roles and found.ended_on is None,
        "may_sample": bool(scope.roles & (KEEPERS | {"duty_officer"})),
    }
    if scope.staff:
        alarms = signals.narrowed(signals.signals(scope), station=found.station)
        opened = cases.cases(scope).filter(outfall_code=found.code).order_by("-opened_at", "-pk")
        context |= {
            "history": selectors.history(found),
            "samples": [(s, factor_of(s.factor)) for s in selectors.samples(found)[:60]],
            "profiles": [(p, factor_of(p.factor)) for p in found.profiles.order_by("factor")],
            "withdraw_form": WithdrawForm(),
            "along": _along(request, found, today),
            "sign": selectors.valid_sign(found),
            "alarms": signals.rows(
                alarms[:10], at=request.at, english=request.LANGUAGE_CODE == "en"
            ),
            "cases": cases.rows(opened[:10], at=request.at),
        }
    return render(request, "outfalls/outfall.html", context)


def _along(request: HttpRequest, found: Outfall, today: object) -> dict[str, object]:
    waterway = registry.Waterway()
    spot = registry.Spot(found.reach_id, found.position_m, found.lon, found.lat)
    held = waterway.things(request.scope, on=today)
    below = [p for p in waterway.downstream(spot, held) if p.kind == "section"]
    above = [p for p in waterway.upstream(spot, held) if p.thing != found]
    return {
        "next": below[0] if below else None,
        "assessed": next((p for p in below if p.thing.kind in ("national", "provincial")), None),
        "below": below[:6],
        "above": above[:6],
        "above_count": len(above),
    }


def _deed(
    request: HttpRequest,
    found: Outfall,
    form: forms.BaseForm,
    deed: Callable[[], object],
    *,
    title: str,
    **more: object,
) -> HttpResponse:
    """Show a form; do what it says when it is whole; tell what was refused on the same page."""
    if request.method == "POST" and form.is_valid():
        try:
            deed()
        except Problem as problem:
            form.add_error(None, in_language(problem.zh, problem.en))
        else:
            return HttpResponseRedirect(reverse("outfall", args=[found.code]))
    status = 422 if request.method == "POST" else 200
    context = {"outfall": found, "form": form, "title": title, **more}
    return render(request, "outfalls/form.html", context, status=status)


def revise(request: HttpRequest, code: str) -> HttpResponse:
    """Make a new version of the record."""
    found = _found(request, code)
    record, version = selectors.current(found, at=request.at)
    initial = {"valid_from": city_date(request.at), "seen": version}
    form = RecordForm(request.POST or None, instance=record, initial=initial)
    return _deed(
        request,
        found,
        form,
        lambda: services.revise(
            found,
            form.changes,
            reason=form.cleaned_data["reason"],
            valid_from=form.cleaned_data["valid_from"],
            seen=form.cleaned_data["seen"],
            by=request.user,
            at=request.at,
        ),
        title=_("修订档案"),
        wide=True,
    )


def add_samples(request: HttpRequest, code: str) -> HttpResponse:
    """Enter a sample's results."""
    found = _found(request, code)
    form = SampleForm(request.POST or None)

    def deed() -> object:
        data = form.cleaned_data
        return services.add_samples(
            found, form.results, taken_at=data["taken_at"], laboratory=data["laboratory"],
            report_no=data["report_no"], by=request.user, at=request.at,
        )  # fmt: skip

    return _deed(request, found, form, deed, title=_("录入采样结果"), wide=True)


def add_discharger(request: HttpRequest, code: str) -> HttpResponse:
    """Register who discharges through it."""
    found = _found(request, code)
    form = DischargerForm(
        request.POST or None,
        enterprises=registry.enterprises(request.scope),
        initial={"valid_from": city_date(request.at)},
    )
    return _deed(
        request,
        found,
        form,
        lambda: services.add_discharger(found, by=request.user, at=request.at, **form.cleaned_data),
        title=_("登记排污单位"),
        wide=True,
    )


def add_limit(request: HttpRequest, code: str) -> HttpResponse:
    """Set a limit from a day on."""
    found = _found(request, code)
    form = LimitForm(request.POST or None, initial={"valid_from": city_date(request.at)})
    return _deed(
        request,
        found,
        form,
        lambda: services.add_limit(found, by=request.user, at=request.at, **form.cleaned_data),
        title=_("登记执行限值"),
        wide=True,
    )


def end(request: HttpRequest, code: str) -> HttpResponse:
    """Close it or merge it into another."""
    found = _found(request, code)
    form = EndForm(request.POST or None, initial={"on": city_date(request.at)})
    return _deed(
        request,
        found,
        form,
        lambda: services.end(found, by=request.user, at=request.at, **form.cleaned_data),
        title=_("封堵或并入"),
    )


def sign(request: HttpRequest, code: str) -> HttpResponse:
    """Show the sign to print; POST gives a new one or revokes it."""
    found = _found(request, code)
    problem = None
    if request.method == "POST":
        try:
            if request.POST.get("deed") == "revoke":
                services.revoke_sign(found, by=request.user, at=request.at)
            else:
                services.issue_sign(found, by=request.user, at=request.at)
            return HttpResponseRedirect(reverse("outfall-sign", args=[code]))
        except Problem as refused:
            problem = refused
    held = selectors.valid_sign(found)
    address = (
        request.build_absolute_uri(reverse("outfall-public", args=[held.token])) if held else ""
    )
    context = {
        "outfall": found,
        "sign": held,
        "address": address,
        "qr": qr_svg(address) if held else "",
        "record": selectors.current(found, at=request.at)[0],
        "problem": problem,
    }
    return render(request, "outfalls/sign.html", context, status=422 if problem else 200)


def withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    """Withdraw a wrong result."""
    row = get_object_or_404(OutfallSample, pk=pk, outfall__in=registry.outfalls(request.scope))
    form = WithdrawForm(request.POST)
    return _deed(
        request,
        row.outfall,
        form,
        lambda: services.withdraw(
            row, reason=form.cleaned_data["reason"], by=request.user, at=request.at
        ),
        title=_("撤销采样结果"),
    )


def end_discharger(request: HttpRequest, pk: int) -> HttpResponse:
    """Say that somebody no longer discharges through it."""
    row = get_object_or_404(Discharger, pk=pk, outfall__in=registry.outfalls(request.scope))
    services.end_discharger(row, on=city_date(request.at), by=request.user, at=request.at)
    return HttpResponseRedirect(reverse("outfall", args=[row.outfall_id]))
