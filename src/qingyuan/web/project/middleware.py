"""City time on every request; a `Problem` that reaches the edge becomes a clear page."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from qingyuan.core.problems import Problem, Problems
from qingyuan.host.citytime import CityClock
from qingyuan.web.audit.services import source_address

__all__ = ["CityTime", "ProblemPage"]

Handler = Callable[[HttpRequest], HttpResponse]
_log = logging.getLogger("qingyuan.web")
_clock = CityClock(settings.FOLDER)


class CityTime:
    """Set ``request.at`` (city time, UTC) and the address that audit entries carry."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Read the clock once a request, at the edge."""
        request.at = _clock.now()
        request.city_rate = _clock.rate
        token = source_address.set(request.META.get("REMOTE_ADDR", ""))
        try:
            return self.get_response(request)
        finally:
            source_address.reset(token)


class ProblemPage:
    """Answer 422 with both sentences for a `Problem` no view caught; 500 with a reference for a bug."""

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
        if not isinstance(error, Exception) or settings.TESTING:
            return None
        reference = secrets.token_hex(4)
        _log.error("page_failed reference=%s path=%s", reference, request.path, exc_info=error)
        return render(request, "ui/error.html", {"status": 500, "reference": reference}, status=500)
