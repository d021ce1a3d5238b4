"""Deeds on devices: their record, the proposal, commands, marks, accepting an unknown one."""

from __future__ import annotations

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from qingyuan.core.factors import factor as factor_of
from qingyuan.core.problems import Problem
from qingyuan.web.audit.services import Actor
from qingyuan.web.monitoring import selectors, services
from qingyuan.web.monitoring.forms import (
    CommandForm,
    DeviceForm,
    MarkForm,
    ReasonForm,
    WithdrawForm,
    beijing,
)
from qingyuan.web.monitoring.models import DeviceCommand
from qingyuan.web.monitoring.selectors import commands as asked
from qingyuan.web.monitoring.selectors import proposal
from qingyuan.web.monitoring.selectors.connections import connections
from qingyuan.web.monitoring.selectors.packets import CRC
from qingyuan.web.monitoring.views.devices import (
    MARKERS,
    device_of,
    device_page,
    english,
    mark_of,
)
from qingyuan.web.registry import selectors as registry
from qingyuan.web.registry import services as register
from qingyuan.web.registry.models import AirStation, Device, Outfall, Section

_NEW = {
    "answer": "flag", "label": "start", "encoding": "utf-8", "crc": ["standard"], "repairs": [],
    "interval_s": 60, "interval_minutes": 10, "heartbeat_s": 0, "clock_tolerance_s": 0,
    "backfill": "auto", "overtime_s": 5, "recount": 3, "max_per_s": 50, "active": True,
    "dialect": "2017",
}  # fmt: skip


def _stations() -> list[tuple[str, str]]:
    found = []
    for kind, model in (("section", Section), ("outfall", Outfall), ("air", AirStation)):
        found += [
            (f"{kind}:{row.code}", f"{row.name}（{row.code}）")
            for row in model.objects.order_by("sort_key", "code")
        ]
    return found


def _back(mn: str) -> HttpResponseRedirect:
    return HttpResponseRedirect(reverse("device", args=[mn]))


def edit(request: HttpRequest, mn: str) -> HttpResponse:
    """Change a device's record."""
    found = device_of(request, mn)
    terms = {
        name: getattr(found, name) for name in register.TERMS if name not in ("password", "sm4_key")
    }
    form = DeviceForm(
        request.POST if request.method == "POST" else None,
        stations=_stations(),
        initial=DeviceForm.given(terms),
    )
    problem = None
    if request.method == "POST" and form.is_valid():
        try:
            register.change_device(
                mn, changes=form.terms, reason=form.cleaned_data["reason"],
                by=Actor.of(request.user), at=request.at, path=settings.FOLDER.devices,
            )  # fmt: skip
        except Problem as raised:
            problem = raised
        else:
            return _back(mn)
    context = {
        "device": found, "form": form, "problem": problem, "english": english(),
        "name": registry.label_of_station([found.station])[found.station],
    }  # fmt: skip
    return render(
        request,
        "monitoring/device_form.html",
        context,
        status=422 if problem or form.errors else 200,
    )


def accept_proposal(request: HttpRequest, mn: str) -> HttpResponse:
    """Take over the policy that the device's packets propose."""
    found = device_of(request, mn)
    store = settings.FOLDER.store
    heard = proposal.hear(
        proposal.packets_of(store, mn, at=request.at), habit=connections(store).habits.get(mn)
    )
    form = ReasonForm(request.POST)
    made = proposal.propose(found, heard)
    if made is None:
        return device_page(request, found, problem=Problem("monitoring.nothing_proposed", mn=mn))
    if not form.is_valid():
        return device_page(request, found, problem=Problem("monitoring.no_reason"))
    evidence = ", ".join(f"{code}×{n}" for code, n in made.evidence)
    register.change_device(
        mn, changes=made.changes, reason=f"{form.cleaned_data['reason']}（{evidence}）",
        by=Actor.of(request.user), at=request.at, path=settings.FOLDER.devices,
    )  # fmt: skip
    return _back(mn)


def accept_device(request: HttpRequest) -> HttpResponse:
    """Register the sender of packets set aside as a device of a station."""
    mn = request.GET.get("mn", "") or request.POST.get("mn", "")
    if not mn:
        return HttpResponseRedirect(reverse("quarantine"))
    if Device.objects.filter(mn=mn).exists():
        return _back(mn)
    packets = proposal.packets_of(settings.FOLDER.store, mn, at=request.at)
    heard = proposal.hear(packets)
    if not heard.packets:
        raise Http404
    form = DeviceForm(
        request.POST if request.method == "POST" else None,
        stations=[("", _("请选择站点")), *_stations()],
        initial=DeviceForm.given(_learned(heard)),
    )
    problem = None
    if request.method == "POST" and form.is_valid():
        terms = {"password": heard.common("passwords"), **form.terms}
        try:
            register.add_device(
                mn, terms=terms, reason=form.cleaned_data["reason"], by=Actor.of(request.user),
                at=request.at, path=settings.FOLDER.devices,
            )  # fmt: skip
        except Problem as raised:
            problem = raised
        else:
            return _back(mn)
    context = {
        "mn": mn, "form": form, "heard": heard, "problem": problem, "english": english(),
        "crc_said": ", ".join(f"{CRC.get(k, k)} × {n}" for k, n in heard.crc.items()),
    }  # fmt: skip
    return render(
        request,
        "monitoring/device_form.html",
        context,
        status=422 if problem or form.errors else 200,
    )


def _learned(heard: proposal.Heard) -> dict[str, object]:
    """Return the terms the packets themselves suggest; a person confirms each."""
    crc = heard.common("crc")
    dialect = heard.common("dialects")
    return {
        **_NEW,
        "st": heard.common("systems"),
        "dialect": dialect if dialect and dialect != "unknown" else "2017",
        "crc": [crc] if crc in ("modbus", "modbus-swapped") else ["standard"],
        "encoding": "auto" if heard.deviations.get("encoding.gb18030") else "utf-8",
        "factors": {code: factor_of(code).unit for code in heard.factors},
    }


def command(request: HttpRequest, mn: str, cn: str) -> HttpResponse:
    """Fill in one command and send it to the outbox."""
    found = device_of(request, mn)
    offer = asked.offer(cn, found, request.scope)
    if offer is None:
        raise Http404
    initial = {"EndTime": beijing(request.at), "BeginTime": beijing(request.at.replace(minute=0))}
    form = CommandForm(
        request.POST if request.method == "POST" else None,
        offer=offer, device=found, at=request.at, initial=initial,
    )  # fmt: skip
    problem = None
    if request.method == "POST" and form.is_valid():
        try:
            services.ask(
                found, offer, parameters=form.parameters, reason=form.cleaned_data["reason"],
                by=request.user, at=request.at, wall=timezone.now(),
            )  # fmt: skip
        except Problem as raised:
            problem = raised
        else:
            return _back(mn)
    context = {
        "device": found, "offer": offer, "form": form, "problem": problem, "english": english(),
        "name": registry.label_of_station([found.station])[found.station],
    }  # fmt: skip
    return render(
        request, "monitoring/command.html", context, status=422 if problem or form.errors else 200
    )


def cancel(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a command back."""
    seen = selectors.devices_seen(request.scope)
    found = get_object_or_404(DeviceCommand, pk=pk, device__in=seen)
    try:
        services.cancel(found, by=request.user, at=request.at)
    except Problem as problem:
        return device_page(request, device_of(request, found.device_id), problem=problem)
    return _back(found.device_id)


def mark(request: HttpRequest, mn: str) -> HttpResponse:
    """Declare what a period of data was."""
    found = device_of(request, mn)
    if not request.scope.roles & MARKERS:
        raise Http404
    form = MarkForm(
        *((request.POST, request.FILES) if request.method == "POST" else ()),
        device=found, initial={"from_at": beijing(request.at)},
    )  # fmt: skip
    problem = None
    if request.method == "POST" and form.is_valid():
        data = dict(form.cleaned_data)
        file = data.pop("evidence")
        try:
            services.declare(
                station=found.station, evidence=(file.name, file.read()) if file else None,
                by=request.user, at=request.at, **data,
            )  # fmt: skip
        except Problem as raised:
            problem = raised
        else:
            return _back(mn)
    context = {
        "device": found, "form": form, "problem": problem, "english": english(),
        "name": registry.label_of_station([found.station])[found.station],
    }  # fmt: skip
    return render(
        request, "monitoring/mark.html", context, status=422 if problem or form.errors else 200
    )


def _mark_deed(request: HttpRequest, pk: int, deed: str) -> HttpResponse:
    found = mark_of(request, pk)
    own = (
        not request.user.enterprise_code
        or found.declared_by.enterprise_code == request.user.enterprise_code
    )
    if not own or not request.scope.roles & MARKERS:
        raise Http404  # an enterprise does not touch what the bureau has marked
    device = selectors.devices_seen(request.scope).filter(station=found.station)[0]
    form = WithdrawForm(request.POST)
    try:
        if deed == "end":
            services.end_mark(found, to_at=request.at, by=request.user, at=request.at)
        elif form.is_valid():
            services.withdraw(found, why=form.cleaned_data["why"], by=request.user, at=request.at)
        else:
            return device_page(request, device, problem=Problem("monitoring.no_reason"))
    except Problem as problem:
        return device_page(request, device, problem=problem)
    return _back(device.mn)


def end_mark(request: HttpRequest, pk: int) -> HttpResponse:
    """Say that an open period is over now."""
    return _mark_deed(request, pk, "end")


def withdraw_mark(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a mark back, with the reason."""
    return _mark_deed(request, pk, "withdraw")
