"""Pages of bulletins: the list, one bulletin with every figure a link, its PDF."""

from __future__ import annotations

from datetime import timedelta

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse

from qingyuan.core.periods import city_date
from qingyuan.core.problems import Problem
from qingyuan.reporting import Document
from qingyuan.web.audit.services import Actor
from qingyuan.web.bulletins import selectors, services
from qingyuan.web.bulletins.forms import ComposeForm, WithdrawForm
from qingyuan.web.bulletins.models import Bulletin


def bulletins(request: HttpRequest) -> HttpResponse:
    """List the bulletins, newest first, and offer to compose a day's."""
    page = Paginator(selectors.bulletins_for(request.scope), 30).get_page(request.GET.get("page"))
    form = ComposeForm(initial={"day": city_date(request.at) - timedelta(days=1)})
    return render(
        request, "bulletins/bulletins.html", {"page": page, "form": form, **_may(request)}
    )


def _may(request: HttpRequest) -> dict[str, bool]:
    return {
        "may_sign": selectors.may_sign(request.scope),
        "may_compose": bool(request.scope.roles & {"duty_officer", "department_head"}),
    }


def compose(request: HttpRequest) -> HttpResponse:
    """Compose one day's reminder and show the draft."""
    form = ComposeForm(request.POST)
    if not form.is_valid():
        page = Paginator(selectors.bulletins_for(request.scope), 30).get_page(1)
        return render(
            request,
            "bulletins/bulletins.html",
            {"page": page, "form": form, **_may(request)},
            status=422,
        )
    made = services.compose_daily(
        day=form.cleaned_data["day"], at=request.at, by=Actor.of(request.user)
    )
    return HttpResponseRedirect(reverse("bulletin", args=[made.pk]))


def _one(request: HttpRequest, pk: int) -> Bulletin:
    return get_object_or_404(selectors.bulletins_for(request.scope), pk=pk)


def _show(
    request: HttpRequest, found: Bulletin, *, status: int = 200, **more: object
) -> HttpResponse:
    context = {
        "bulletin": found,
        "document": Document.from_dict(found.content),
        "withdraw_form": WithdrawForm(),
        **_may(request),
        **more,
    }
    return render(request, "bulletins/bulletin.html", context, status=status)


def bulletin(request: HttpRequest, pk: int) -> HttpResponse:
    """Show one bulletin as it was frozen."""
    return _show(request, _one(request, pk))


def bulletin_rows(request: HttpRequest, pk: int, part: str) -> HttpResponse:
    """Show the rows that a figure counted, as they were frozen."""
    if part not in selectors.PARTS:
        raise Http404
    found = _one(request, pk)
    section, table = selectors.rows_behind(found, part, request.GET)
    return render(
        request, "bulletins/rows.html", {"bulletin": found, "section": section, "table": table}
    )


def bulletin_pdf(request: HttpRequest, pk: int) -> HttpResponse:
    """Return its PDF."""
    found = _one(request, pk)
    response = HttpResponse(services.pdf_bytes(found), content_type="application/pdf")
    response["Content-Disposition"] = (
        f'inline; filename="daily-{found.day:%Y%m%d}-{found.issue}.pdf"'
    )
    return response


def bulletin_publish(request: HttpRequest, pk: int) -> HttpResponse:
    """Sign and publish."""
    found = _one(request, pk)
    try:
        services.publish(bulletin=found, by=request.user, at=request.at)
    except Problem as problem:
        return _show(request, found, status=422, problem=problem)
    return HttpResponseRedirect(reverse("bulletin", args=[pk]))


def bulletin_withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    """Withdraw with a reason."""
    found, form = _one(request, pk), WithdrawForm(request.POST)
    if not form.is_valid():
        return _show(request, found, status=422, withdraw_form=form)
    try:
        services.withdraw(
            bulletin=found, reason=form.cleaned_data["reason"], by=request.user, at=request.at
        )
    except Problem as problem:
        return _show(request, found, status=422, problem=problem)
    return HttpResponseRedirect(reverse("bulletin", args=[pk]))
