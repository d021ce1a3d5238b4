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
from qingyuan.feeds import Intake, StationsFile, receive
from qingyuan.feeds.batch import MOST_BYTES
from qingyuan.host.citytime import CityClock
from qingyuan.host.folder import DataFolder
from qingyuan.web.api import selectors, services
from qingyuan.web.api.forms import TokenForm

_opened: dict[Path, Intake] = {}
_opening = threading.Lock()


def _intake(folder: DataFolder) -> Intake:
    """Return this process's way into the store, opened with its first batch."""
    with _opening:
        if folder.path not in _opened:
            intake = Intake(
                folder.journal / "feeds",
                folder.store,
                stations=StationsFile(folder.devices),
                clock=CityClock(folder).now,
                keep_days=settings.HOST.journal_days,
            )
            intake.commit()
            intake.commit_abandoned()
            _opened[folder.path] = intake
        return _opened[folder.path]


def _problem(code: str, status: int, **values: object) -> JsonResponse:
    return JsonResponse({"problem": Problem(code, **values).as_dict()}, status=status)


@csrf_exempt  # no cookie speaks for the sender; the token does
def observations(request: HttpRequest) -> HttpResponse:
    """Take a batch of observations: who may is asked before anything is read."""
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
        _intake(settings.FOLDER),
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
