"""Sign in, sign out, one-time link, password, language; and the demo's pick-a-person page."""

from __future__ import annotations

import json
from datetime import timedelta

from django.conf import settings
from django.contrib.auth import login, logout, update_session_auth_hash
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import check_for_language
from django.views.decorators.debug import sensitive_post_parameters

from qingyuan.core.problems import Problem
from qingyuan.web.accounts import selectors, services
from qingyuan.web.accounts.forms import NewPasswordForm, SignInForm
from qingyuan.web.accounts.models import User
from qingyuan.web.accounts.roles import roles
from qingyuan.web.accounts.services.people import open_invitation
from qingyuan.web.audit import services as audit
from qingyuan.web.audit.services import Actor

_BACKEND = "django.contrib.auth.backends.ModelBackend"


def _next(request: HttpRequest) -> str:
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    return (
        wanted if url_has_allowed_host_and_scheme(wanted, {request.get_host()}) else reverse("home")
    )


@sensitive_post_parameters("password")
def sign_in(request: HttpRequest) -> HttpResponse:
    """Ask for account and password; in the demo, offer the demo people instead."""
    if settings.DEMO:
        return HttpResponseRedirect(f"{reverse('demo-sign-in')}?{request.GET.urlencode()}")
    form = SignInForm(request.POST or None, request=request)
    if request.method == "POST" and form.is_valid():
        _enter(request, form.user)
        return HttpResponseRedirect(_next(request))
    status = 422 if request.method == "POST" else 200
    return render(
        request,
        "accounts/sign_in.html",
        {"form": form, "reason": request.GET.get("reason", ""), "next": _next(request)},
        status=status,
    )


def _enter(request: HttpRequest, user: User) -> None:
    with transaction.atomic():
        login(request, user, backend=_BACKEND)
        request.session["began"] = request.session["seen"] = timezone.now().timestamp()
        audit.record(
            actor=Actor.of(user),
            deed="accounts.sign_in",
            target=f"user:{user.username}",
            at=request.at,
        )


def sign_out(request: HttpRequest) -> HttpResponse:
    """Leave; the session is flushed."""
    if request.user.is_authenticated:
        with transaction.atomic():
            audit.record(
                actor=Actor.of(request.user),
                deed="accounts.sign_out",
                target=f"user:{request.user.username}",
                at=request.at,
            )
        logout(request)
    return HttpResponseRedirect(reverse("sign-in"))


@sensitive_post_parameters("first", "second")
def invitation(request: HttpRequest, token: str) -> HttpResponse:
    """Open an account by its one-time link: choose a password, then sign in with it."""
    try:
        user = open_invitation(token).user
        form = NewPasswordForm(request.POST or None, user=user, ask_current=False)
        if request.method == "POST" and form.is_valid():
            user = services.accept_invitation(
                token=token, password=form.cleaned_data["first"], at=request.at
            )
            _enter(request, user)
            return HttpResponseRedirect(reverse("home"))
    except Problem as problem:
        return render(request, "accounts/invitation_spent.html", {"problem": problem}, status=404)
    status = 422 if request.method == "POST" else 200
    return render(
        request,
        "accounts/password.html",
        {"form": form, "person": user, "first_time": True},
        status=status,
    )


@sensitive_post_parameters("current", "first", "second")
def password_change(request: HttpRequest) -> HttpResponse:
    """Change one's own password."""
    form = NewPasswordForm(
        request.POST or None, user=request.user, ask_current=request.user.has_usable_password()
    )
    if request.method == "POST" and form.is_valid():
        services.change_password(
            user=request.user, password=form.cleaned_data["first"], at=request.at
        )
        update_session_auth_hash(request, request.user)
        return HttpResponseRedirect(reverse("home"))
    status = 422 if request.method == "POST" else 200
    return render(
        request,
        "accounts/password.html",
        {"form": form, "person": request.user, "first_time": False},
        status=status,
    )


def set_language(request: HttpRequest) -> HttpResponse:
    """Keep the language in a cookie (and nothing else)."""
    wanted = request.POST.get("language", "")
    response = HttpResponseRedirect(_next(request))
    if check_for_language(wanted):
        response.set_cookie(
            settings.LANGUAGE_COOKIE_NAME,
            wanted,
            max_age=timedelta(days=365),
            samesite="Lax",
            secure=settings.SESSION_COOKIE_SECURE,
            httponly=True,
        )
    return response


def demo_sign_in(request: HttpRequest) -> HttpResponse:
    """Pick a demo person; exists only where the data folder is stamped demo (design decision 15)."""
    if not settings.DEMO:
        raise Http404
    if request.method == "POST":
        person = get_object_or_404(
            selectors.demo_people(), username=request.POST.get("username", "")
        )
        _enter(request, person)
        return HttpResponseRedirect(_next(request))
    return render(
        request,
        "accounts/demo_sign_in.html",
        {"cast": _cast(), "groups": _by_role(), "next": _next(request)},
    )


def _cast() -> list[tuple[str, User]]:
    """Return who plays which part in the demo's main incident, as the demo noted when it opened."""
    try:
        noted = json.loads((settings.FOLDER.path / "demo-opened.json").read_text("utf-8"))
    except FileNotFoundError:
        return []
    people = {p.username: p for p in selectors.demo_people()}
    return [(part, people[who]) for part, who in noted.get("cast", {}).items() if who in people]


def _by_role() -> list[dict[str, object]]:
    people = list(selectors.demo_people())
    groups = []
    for role in roles().values():
        held = [p for p in people if any(g.role == role.name for g in p.grants.all())]
        if held:
            groups.append({"role": role, "people": held})
    return groups
