"""What is done with a bulletin: edit, review, sign, publish, send back, correct, withdraw."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from qingyuan.core.problems import Problem
from qingyuan.web.bulletins import services
from qingyuan.web.bulletins.forms import EditForm, NoteForm, ReasonForm
from qingyuan.web.bulletins.views.pages import one, show

__all__ = [
    "bulletin_correct",
    "bulletin_edit",
    "bulletin_publish",
    "bulletin_return",
    "bulletin_review",
    "bulletin_sign",
    "bulletin_withdraw",
]


def _shown(pk: int) -> HttpResponse:
    return HttpResponseRedirect(reverse("bulletin", args=[pk]))


def _step(request: HttpRequest, pk: int, step: str) -> HttpResponse:
    found, form = one(request, pk), NoteForm(request.POST)
    note = form.cleaned_data["note"] if form.is_valid() else ""
    try:
        services.advance(bulletin=found, step=step, by=request.user, at=request.at, note=note)
    except Problem as problem:
        return show(request, found, status=422, problem=problem)
    return _shown(pk)


def bulletin_review(request: HttpRequest, pk: int) -> HttpResponse:
    """Review."""
    return _step(request, pk, "review")


def bulletin_sign(request: HttpRequest, pk: int) -> HttpResponse:
    """Sign."""
    return _step(request, pk, "sign")


def bulletin_publish(request: HttpRequest, pk: int) -> HttpResponse:
    """Publish."""
    return _step(request, pk, "publish")


def _with_reason(request: HttpRequest, pk: int, deed: str) -> HttpResponse:
    found, form = one(request, pk), ReasonForm(request.POST)
    if not form.is_valid():
        return show(request, found, status=422, reason_form=form, open_form=deed)
    reason = form.cleaned_data["reason"]
    try:
        if deed == "correct":
            made = services.correct(bulletin=found, notice=reason, by=request.user, at=request.at)
            return _shown(made.pk)
        act = services.withdraw if deed == "withdraw" else services.send_back
        act(bulletin=found, reason=reason, by=request.user, at=request.at)
    except Problem as problem:
        return show(request, found, status=422, problem=problem)
    return _shown(pk)


def bulletin_withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    """Withdraw with a reason."""
    return _with_reason(request, pk, "withdraw")


def bulletin_return(request: HttpRequest, pk: int) -> HttpResponse:
    """Send back to the draft with a reason."""
    return _with_reason(request, pk, "return")


def bulletin_correct(request: HttpRequest, pk: int) -> HttpResponse:
    """Write a correction with its notice."""
    return _with_reason(request, pk, "correct")


def bulletin_edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Say one sentence of a draft anew."""
    found, form = one(request, pk), EditForm(request.POST)
    if not form.is_valid():
        return show(request, found, status=422, edit_form=form)
    try:
        services.edit(bulletin=found, by=request.user, at=request.at, **form.cleaned_data)
    except Problem as problem:
        return show(request, found, status=422, problem=problem, edit_form=form)
    place = f"#p-{form.cleaned_data['section']}-{form.cleaned_data['paragraph']}"
    return HttpResponseRedirect(reverse("bulletin", args=[pk]) + "?edit=1" + place)
