"""The one rule table: every route has a row, every row is kept, three administrators stay apart."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import NoReverseMatch, URLPattern, URLResolver, get_resolver, reverse

from qingyuan.web.accounts import services
from qingyuan.web.accounts.access import allows, rule_table
from qingyuan.web.accounts.models import RoleGrant, Unit, User
from qingyuan.web.accounts.roles import roles
from qingyuan.web.audit.services import SYSTEM, Actor

pytestmark = pytest.mark.django_db
AT = datetime(2026, 9, 22, 1, 0, tzinfo=UTC)


def _routes(patterns=None) -> list[str]:
    found = []
    for pattern in patterns if patterns is not None else get_resolver().url_patterns:
        if isinstance(pattern, URLResolver):
            found += _routes(pattern.url_patterns)
        elif isinstance(pattern, URLPattern):
            found.append(pattern.name or str(pattern.pattern))
    return found


@pytest.fixture
def bureau() -> Unit:
    return services.put_unit(
        code="sj",
        parent=None,
        name_zh="清河市生态环境局",
        name_en="",
        kind="bureau",
        district_code="",
    )


def person(unit: Unit, role: str, username: str = "") -> User:
    return services.put_person(
        username=username or role,
        name=role,
        unit=unit,
        role_names=[role],
        at=AT,
        by=SYSTEM,
        enterprise_code="E1" if role == "enterprise" else "",
    )


def test_every_route_has_exactly_one_row():
    routes = _routes()
    assert sorted(set(routes) - set(rule_table())) == []
    assert len(routes) == len(set(routes))


def test_every_row_names_a_route_that_exists_or_belongs_to_the_demo():
    demo_only = {"demo-sign-in", "demo-advance", "ui-gallery"}
    assert sorted(set(rule_table()) - set(_routes()) - demo_only) == []


def _address(name: str) -> str | None:
    for arguments in (
        [],
        ["1"],
        [1],
        ["demo"],
        ["1", "1"],
        ["1", "grant"],
        ["1", "enable"],
        ["1", "public", "pdf"],
        ["00000000-0000-0000-0000-000000000001"],
        ["1", "00000000-0000-0000-0000-000000000001"],
    ):
        try:
            return reverse(name, args=arguments)
        except NoReverseMatch:
            continue
    return None


_HELD = [None, *roles()]


@pytest.mark.parametrize("held", _HELD, ids=lambda r: r or "没有登录")
def test_the_guard_keeps_the_table_for_every_route_and_method(held, bureau):
    """Route × method × role: refused exactly where the table refuses."""
    client = Client(raise_request_exception=False)
    if held:
        client.force_login(
            person(bureau, held), backend="django.contrib.auth.backends.ModelBackend"
        )
    names = frozenset([held]) if held else None
    for name in sorted(set(rule_table()) & set(_routes())):
        address = _address(name)
        assert address, f"{name}: no example address; add one to _address"
        for method in ("GET", "POST", "DELETE"):
            with transaction.atomic():
                response = client.generic(method, address)
                transaction.set_rollback(True)
            if held and not client.session.get("_auth_user_id"):  # sign-out was allowed
                client.force_login(
                    User.objects.get(username=held),
                    backend="django.contrib.auth.backends.ModelBackend",
                )
            if allows(name, method, names):
                continue
            ends_at_the_door = response.status_code in (
                302,
                401,
            ) and "/sign-in/" in response.headers.get(
                "Location", response.headers.get("HX-Redirect", "")
            )
            assert response.status_code == 404 or (held is None and ends_at_the_door), (
                name,
                method,
                held,
                response.status_code,
            )


def test_demo_routes_do_not_exist_outside_the_demo(client):
    for address in ("/demo/sign-in/", "/demo/advance/"):
        assert client.post(address).status_code == 404


def test_the_database_refuses_roles_of_two_classes(bureau):
    user = person(bureau, "duty_officer")
    with pytest.raises(IntegrityError, match="separation"), transaction.atomic():
        RoleGrant.objects.create(
            user=user,
            role="audit_admin",
            separation="audit_admin",
            granted_by="x",
            granted_at=AT,
            valid_from=AT.date(),
        )


def test_nobody_grants_to_themselves(bureau, raises_problem):
    admin = person(bureau, "security_admin")
    with raises_problem("accounts.no_self_grant"):
        services.grant_role(user=admin, role="security_admin", by=admin, at=AT)


def test_granting_across_classes_is_a_problem(bureau, raises_problem):
    admin, officer = person(bureau, "security_admin"), person(bureau, "duty_officer")
    with raises_problem("accounts.separation"):
        services.grant_role(user=officer, role="system_admin", by=admin, at=AT)


def test_an_ended_grant_holds_no_longer(bureau, client):
    admin, officer = person(bureau, "security_admin"), person(bureau, "department_head")
    services.end_grant(grant=officer.grants.get(), by=admin, at=AT)
    assert not officer.grants.get().holds(AT.date())


def test_a_one_time_link_opens_once(bureau, client, raises_problem):
    admin = person(bureau, "system_admin")
    token = services.invite(user=admin, by=SYSTEM, at=AT)
    address = reverse("invitation", args=[token])
    assert client.get(address).status_code == 200
    bad = client.post(address, {"first": "short", "second": "short"})
    assert bad.status_code == 422
    good = client.post(address, {"first": "四季青石流水八百里", "second": "四季青石流水八百里"})
    assert good.status_code == 422  # nine characters are too few
    words = "qingshi liushui babaili"
    assert client.post(address, {"first": words, "second": words}).status_code == 302
    assert client.get(address).status_code == 404
    with raises_problem("accounts.invitation_spent"):
        services.accept_invitation(token=token, password=words, at=AT)


def test_five_wrong_passwords_lock_the_account(bureau, client):
    user = person(bureau, "duty_officer")
    user.set_password("correct horse battery")
    user.save()
    for _ in range(5):
        client.post(reverse("sign-in"), {"username": "duty_officer", "password": "wrong"})
    right = client.post(
        reverse("sign-in"), {"username": "duty_officer", "password": "correct horse battery"}
    )
    assert right.status_code in (403, 429)


def test_an_idle_session_ends(bureau, client):
    user = person(bureau, "duty_officer")
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    session = client.session
    session["seen"] = session["began"] = 1.0
    session.save()
    response = client.get(reverse("password-change"))
    assert response.status_code == 302
    assert "reason=idle" in response.headers["Location"]


def test_an_auditor_with_a_password_is_invited_at_the_console_only(bureau, raises_problem):
    system, auditor = person(bureau, "system_admin"), person(bureau, "audit_admin")
    services.invite(user=auditor, by=Actor.of(system), at=AT)
    auditor.set_password("qingshi liushui babaili")
    auditor.save()
    with raises_problem("accounts.invite_at_console"):
        services.invite(user=auditor, by=Actor.of(system), at=AT)
    assert services.invite_by_name(username=auditor.username, at=AT)
