"""The endpoint for observations, and the administrators' page of tokens."""

from __future__ import annotations

import threading
from pathlib import Path

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt

from qingyuan.core.problems import Problem
from qingyuan.feeds import FIXED, Intake, StationsFile, VehiclesFile, receive
from qingyuan.feeds.batch import MOST_BYTES
from qingyuan.feeds.intake import OBSERVED, Matter
from qingyuan.host.citytime import CityClock
from qingyuan.host.folder import DataFolder
from qingyuan.web.api import selectors, services
from qingyuan.web.api.forms import TokenForm

_opened: dict[tuple[Path, str], Intake] = {}
_opening = threading.Lock()


def _intake(folder: DataFolder, matter: Matter) -> Intake:
    """Return this process's way into the store for one matter, opened with its first batch."""
    with _opening:
        if (folder.path, matter.name) not in _opened:
            roster = (
                StationsFile(folder.devices)
                if matter is OBSERVED
                else VehiclesFile(folder.vehicles)
            )
            intake = Intake(
                folder.journal / matter.name,
                folder.store,
                stations=roster,
                clock=CityClock(folder).now,
                keep_days=settings.HOST.journal_days,
                matter=matter,
            )
            intake.commit()
            intake.commit_abandoned()
            _opened[folder.path, matter.name] = intake
        return _opened[folder.path, matter.name]


def _problem(code: str, status: int, **values: object) -> JsonResponse:
    return JsonResponse({"problem": Problem(code, **values).as_dict()}, status=status)


@csrf_exempt  # no cookie speaks for the sender; the token does
def observations(request: HttpRequest) -> HttpResponse:
    """Take a batch of observations."""
    return _take(request, OBSERVED)


@csrf_exempt  # as above
def fixes(request: HttpRequest) -> HttpResponse:
    """Take a batch of fixes of a survey fleet; the token names the devices it may send for."""
    return _take(request, FIXED)


def _take(request: HttpRequest, matter: Matter) -> HttpResponse:
    """Take a batch: who may is asked before anything is read."""
    token = services.authenticate(request.headers.get("Authorization", ""), at=request.at)
    if token is None:
        answer = _problem("api.token", 401)
        answer["WWW-Authenticate"] = 'Bearer realm="qingyuan"'
        return answer
    if not services.admit(token, at=request.at):
        answer = _problem("api.too_many", 429, most=services.MOST_A_MINUTE)
        answer["Retry-After"] = str(60 - request.at.second)
        return answer
    length = int(request.META.get("CONTENT_LENGTH") or 0)
    if length > MOST_BYTES:
        return _problem("feeds.too_large", 413, bytes=length, most=MOST_BYTES)
    answer = receive(
        _intake(settings.FOLDER, matter),
        request.read(MOST_BYTES + 1),
        media=request.content_type or "",
        source=token.source,
        allowed=frozenset(token.mns),
    )
    return JsonResponse(answer.body, status=answer.status)


def _page(request: HttpRequest, *, status: int = 200, **more: object) -> HttpResponse:
    context = {
        "rows": selectors.rows(at=request.at),
        "form": TokenForm(),
        "may_issue": "system_admin" in request.scope.roles,
        "address": request.build_absolute_uri(reverse("api-observations")),
        **more,
    }
    return render(request, "api/tokens.html", context, status=status)


@never_cache
def tokens(request: HttpRequest) -> HttpResponse:
    """List the tokens; a form to issue one."""
    return _page(request)


@never_cache
def issue_token(request: HttpRequest) -> HttpResponse:
    """Issue a token and show its text, this once."""
    form = TokenForm(request.POST)
    if not form.is_valid():
        return _page(request, form=form, status=422)
    try:
        token, text = services.issue(
            name=form.cleaned_data["name"],
            mns=form.cleaned_data["mns"],
            expires_at=request.at + form.length,
            by=request.user,
            at=request.at,
        )
    except Problem as problem:
        return _page(request, form=form, problem=problem, status=422)
    return _page(request, issued=token, text=text)


def revoke_token(request: HttpRequest, pk: int) -> HttpResponse:
    """End a token now."""
    services.revoke(get_object_or_404(selectors.tokens(), pk=pk), by=request.user, at=request.at)
    return HttpResponseRedirect(reverse("api-tokens"))
