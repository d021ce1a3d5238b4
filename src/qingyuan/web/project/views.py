"""Health, the demo's clock, and the error pages."""

from __future__ import annotations

import logging
import secrets
import sys
from datetime import datetime, time, timedelta

from django.conf import settings
from django.db import DatabaseError, InterfaceError, OperationalError, connection
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.templatetags.static import static
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme

from qingyuan.core.calendar import WorkCalendar
from qingyuan.core.periods import CITY_TZ, in_city
from qingyuan.host.citytime import CityClock

_log = logging.getLogger("qingyuan.web")
# What a database that is away, starting or out of room says; asking again later may succeed.
DATABASE_AWAY = (OperationalError, InterfaceError)
_RETRY_AFTER_S = "5"


def health(request: HttpRequest) -> JsonResponse:
    """Say whether the pages and the database answer; nothing about the city."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return JsonResponse({"ok": False, "database": False}, status=503)
    return JsonResponse({"ok": True, "database": True})


def favicon(request: HttpRequest) -> HttpResponse:
    """Point to the one icon."""
    return HttpResponseRedirect(static("ui/favicon.svg"))


def demo_advance(request: HttpRequest) -> HttpResponse:
    """Move the demo city's clock by an hour or to the same time on the next working day."""
    if not settings.DEMO:
        raise Http404
    step = timedelta(hours=1)
    if request.POST.get("step") == "workday":
        now = in_city(request.at)
        due = WorkCalendar.official().add_working_days(now.date(), 1)
        step = datetime.combine(due, time(now.hour, now.minute, now.second), CITY_TZ) - now
    CityClock(settings.FOLDER).advance(step)
    back = request.POST.get("next") or request.headers.get("Referer", "")
    safe = url_has_allowed_host_and_scheme(back, {request.get_host()})
    return HttpResponseRedirect(back if safe else reverse("home"))


def _error(request: HttpRequest, status: int, template: str) -> HttpResponse:
    reference = secrets.token_hex(4) if status == 500 else ""
    return render(request, template, {"status": status, "reference": reference}, status=status)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """400."""
    return _error(request, 400, "ui/error.html")


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    """403: nothing of ours answers so; out of scope is 404."""
    return _error(request, 403, "ui/error.html")


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """403: the form did not come from our own page; the page does not say why."""
    return _error(request, 403, "ui/error.html")


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """404: not there, or not for you; the two look the same."""
    return _error(request, 404, "ui/error.html")


def server_error(request: HttpRequest) -> HttpResponse:
    """500; 503 when it was the database that failed, wherever in the request."""
    fault = sys.exc_info()[1]
    if isinstance(fault, DATABASE_AWAY):
        return unavailable(request, fault)
    return _error(request, 500, "ui/error.html")


def unavailable(request: HttpRequest, fault: BaseException) -> HttpResponse:
    """503: the database is away; a page that asks it nothing, not even who is looking."""
    reference = secrets.token_hex(4)
    _log.error(
        "database_away reference=%s path=%s cause=%s",
        reference,
        request.path,
        str(fault).partition("\n")[0][:200],
    )
    context = {
        "status": 503, "reference": reference, "user": None, "scope": None, "city_now": None,
    }  # fmt: skip
    answer = render(request, "ui/error.html", context, status=503)
    answer["Retry-After"] = _RETRY_AFTER_S
    return answer
