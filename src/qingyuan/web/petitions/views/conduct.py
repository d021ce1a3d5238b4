"""Complaints about service and reports against officers: for the discipline role alone."""

from __future__ import annotations

from uuid import UUID

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse

from qingyuan.web.petitions import services
from qingyuan.web.petitions.forms import ConductResultForm
from qingyuan.web.petitions.models import ConductReport
from qingyuan.web.petitions.views.answers import private, through


def reports(request: HttpRequest) -> HttpResponse:
    """Show what came in about staff, what waits on top."""
    found = ConductReport.objects.order_by("-state", "-received_at")
    page = Paginator(found, 50).get_page(request.GET.get("page"))
    context = {"page": page, "rows": [(r, r.read()) for r in page.object_list]}
    return private(render(request, "petitions/conduct.html", context))


def report(request: HttpRequest, key: UUID) -> HttpResponse:
    """Show one, and write down what came of it."""
    found = get_object_or_404(ConductReport, pk=key)
    form = ConductResultForm(request.POST or None)

    def deed() -> None:
        services.handle_conduct(found, by=request.user, at=request.at, **form.cleaned_data)

    return through(
        request, "petitions/conduct_one.html", form, deed, then=reverse("conduct-reports"),
        report=found, words=found.read(),
    )  # fmt: skip
