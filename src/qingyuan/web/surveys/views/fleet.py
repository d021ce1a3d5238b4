"""The fleet: every device's newest day, and one device's days."""

from __future__ import annotations

from datetime import timedelta

from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language

from qingyuan.core.periods import city_date
from qingyuan.web.surveys import selectors
from qingyuan.web.surveys.models import Mounting, SurveyRun, VehicleDay

_DAYS = 60


def _english() -> bool:
    return (get_language() or "").startswith("en")


def vehicles(request: HttpRequest) -> HttpResponse:
    """Show every device of the newest day: what it sent, what was rejected, its fault, its gain."""
    run = SurveyRun.objects.filter(state=SurveyRun.State.DONE).order_by("-day").first()
    rows = list(VehicleDay.objects.filter(run=run).order_by("-fault", "device")) if run else []
    found = selectors.health(rows, english=_english())
    on_duty = Mounting.objects.filter(
        Q(valid_to=None) | Q(valid_to__gt=run.day), valid_from__lte=run.day
    ) if run else Mounting.objects.filter(valid_to=None)  # fmt: skip
    silent = on_duty.exclude(device__in=[r.device for r in rows]).order_by("device")
    context = {
        "run": run,
        "rows": found,
        "faulty": sum(bool(h.fault) for h in found),
        "registered": on_duty.count(),
        "silent": list(silent),
    }
    return render(request, "surveys/vehicles.html", context)


def vehicle(request: HttpRequest, device: str) -> HttpResponse:
    """Show one device: who carried it, its days, its gain over time."""
    spans = list(Mounting.objects.filter(device=device).order_by("-valid_from"))
    rows = list(selectors.vehicle_days(device)[:60])
    if not spans and not rows:
        raise Http404
    found = selectors.health(rows, english=_english())
    today = city_date(request.at)
    context = {
        "device": device,
        "spans": spans,
        "rows": found,
        "refused": selectors.refusals(device, first=today - timedelta(days=_DAYS), last=today),
        "back_days": _DAYS,
    }
    return render(request, "surveys/vehicle.html", context)
