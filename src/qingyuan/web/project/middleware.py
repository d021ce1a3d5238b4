"""City time on every request; what cannot be a request; a `Problem` becomes a clear page."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Callable
from contextlib import nullcontext

from django.conf import settings
from django.core.exceptions import BadRequest, PermissionDenied, SuspiciousOperation
from django.http import Http404, HttpRequest, HttpResponse
from django.http.multipartparser import MultiPartParserError
from django.shortcuts import render

from qingyuan.core.problems import Problem, Problems
from qingyuan.host.citytime import CityClock
from qingyuan.web.audit.services import source_address
from qingyuan.web.project.views import DATABASE_AWAY, unavailable
from qingyuan.web.ui.once import one_page

__all__ = ["CityTime", "ProblemPage", "SoundRequest"]

Handler = Callable[[HttpRequest], HttpResponse]
_log = logging.getLogger("qingyuan.web")
_clock = CityClock(settings.FOLDER)
# Django has its own answers for these (404, 403, 400); they are no bug of ours.
_ANSWERED = (Http404, PermissionDenied, SuspiciousOperation, BadRequest, MultiPartParserError)


class SoundRequest:
    """Refuse what no page of ours sends: NUL in the address (PostgreSQL cannot hold it), huge bodies."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer 400 or 413 before anything is read."""
        query = request.META.get("QUERY_STRING", "")
        if "\x00" in request.path or "%00" in query or "\x00" in query:
            return render(request, "ui/error.html", {"status": 400}, status=400)
        length = str(request.META.get("CONTENT_LENGTH") or "0")
        if not length.isdecimal() or int(length) > settings.LARGEST_BODY:
            return render(request, "ui/error.html", {"status": 413}, status=413)
        return self.get_response(request)


class CityTime:
    """Set ``request.at`` (city time, UTC) and the address that audit entries carry; begin the page."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Read the clock once a request, at the edge."""
        request.at = _clock.now()
        request.city_rate = _clock.rate
        token = source_address.set(request.META.get("REMOTE_ADDR", ""))
        reads = request.method in ("GET", "HEAD")
        try:
            with one_page() if reads else nullcontext():
                return self.get_response(request)
        finally:
            source_address.reset(token)


class ProblemPage:
    """422 with both sentences for a `Problem` no view caught; 503 without a database; 500 for a bug."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Pass on."""
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """Turn what went wrong into something a person can act on."""
        if isinstance(error, Problem | Problems):
            found = error.problems if isinstance(error, Problems) else [error]
            return render(request, "project/problem.html", {"problems": found}, status=422)
        if isinstance(error, DATABASE_AWAY):
            return unavailable(request, error)
        if isinstance(error, _ANSWERED) or settings.TESTING:
            return None
        reference = secrets.token_hex(4)
        _log.error("page_failed reference=%s path=%s", reference, request.path, exc_info=error)
        return render(request, "ui/error.html", {"status": 500, "reference": reference}, status=500)
