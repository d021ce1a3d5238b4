"""The guard at the door: who is looking, may they, and are they still there.

Three middlewares, in this order after authentication: `SessionLimits` (idle and absolute end),
`MustChangePassword`, `AccessGuard` (the rule table). Sign-in and idle time use the wall clock;
deeds use the city's.
"""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import quote

from django.conf import settings
from django.contrib.auth import logout
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone

from qingyuan.core.periods import city_date
from qingyuan.web.accounts.access import allows
from qingyuan.web.accounts.roles import ADMIN_CLASSES, roles
from qingyuan.web.accounts.scope import role_names, scope_of

__all__ = ["AccessGuard", "MustChangePassword", "SessionLimits"]

Handler = Callable[[HttpRequest], HttpResponse]


_NOTED_EVERY = 20  # seconds: a session row is not written for every click


def _is_polling(request: HttpRequest) -> bool:
    """Whether the page asked by itself: a route named ``…-live``, or the header its script sends."""
    match = request.resolver_match
    named = bool(match and match.view_name.endswith("-live"))
    return named or bool(request.headers.get("X-Qingyuan-Live"))


def _to_sign_in(request: HttpRequest, reason: str = "") -> HttpResponse:
    url = f"{reverse('sign-in')}?next={quote(request.get_full_path())}" + (
        f"&reason={reason}" if reason else ""
    )
    if request.headers.get("HX-Request"):
        return HttpResponse(status=401, headers={"HX-Redirect": url})
    return HttpResponseRedirect(url)


class SessionLimits:
    """End a session that idled (30 min; administrators 15) or lasted 12 h (GB/T 22239-2019 8.1.4.1 b)."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Pass on; `process_view` decides once the route is known."""
        return self.get_response(request)

    def process_view(self, request: HttpRequest, *_: object) -> HttpResponse | None:
        """Check, then note that the person is still there (polling does not count as being there)."""
        user = request.user
        if not user.is_authenticated:
            return None
        now = timezone.now().timestamp()
        admin = bool(role_names(user, on=city_date(request.at)) & set(ADMIN_CLASSES))
        idle = settings.IDLE_SECONDS_ADMIN if admin else settings.IDLE_SECONDS
        seen = request.session.setdefault("seen", now)
        began = request.session.setdefault("began", now)
        if now - seen > idle or now - began > settings.SESSION_COOKIE_AGE:
            logout(request)
            return _to_sign_in(request, "idle")
        if not _is_polling(request) and now - seen > _NOTED_EVERY:
            request.session["seen"] = now
        return None


class MustChangePassword:
    """Send who must change the password to the page that does it, and nowhere else."""

    free = ("password-change", "sign-out", "set-language", "live")

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Pass on; `process_view` decides once the route is known."""
        return self.get_response(request)

    def process_view(self, request: HttpRequest, *_: object) -> HttpResponse | None:
        """Redirect to the password page when the account asks for it."""
        if not (request.user.is_authenticated and request.user.must_change_password):
            return None
        name = request.resolver_match.view_name if request.resolver_match else ""
        return None if name in self.free else HttpResponseRedirect(reverse("password-change"))


class AccessGuard:
    """Deny by default: a route without a row, a method not named, a role not held → refused."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Pass on; `process_view` decides once the route is known."""
        return self.get_response(request)

    def process_view(self, request: HttpRequest, *_: object) -> HttpResponse | None:
        """Refuse (404), ask to sign in, or let through with ``request.scope`` set."""
        match = request.resolver_match
        name = match.view_name if match else ""
        user, today = request.user, city_date(request.at)
        held = role_names(user, on=today) if user.is_authenticated else None
        request.scope = scope_of(user, on=today) if user.is_authenticated else None
        if allows(name, request.method, held):
            return None
        if held is None and allows(name, request.method, frozenset(roles())):
            return _to_sign_in(request)
        raise Http404
