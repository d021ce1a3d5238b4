"""Sign-in, sessions and the headers of every answer (GB/T 22239-2019 8.1.4.1; product.md §4.2, §7)."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.conf import settings as project
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.test import Client
from django.urls import reverse

from qingyuan.web.accounts import services
from qingyuan.web.accounts.models import Unit, User
from qingyuan.web.audit.services import SYSTEM
from qingyuan.web.project.middleware import ProblemPage

from .test_matrix import routes

pytestmark = pytest.mark.django_db
AT = datetime(2026, 9, 22, 1, 0, tzinfo=UTC)
WORDS = "qingshi liushui babaili"
POLICY = (
    "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; worker-src 'self'; "
    "connect-src 'self'; object-src 'none'; base-uri 'none'; frame-ancestors 'none'"
)  # product.md §4.2


def make(role: str, username: str = "") -> User:
    unit = Unit.objects.filter(code="sj").first() or services.put_unit(
        code="sj",
        parent=None,
        name_zh="清河市生态环境局",
        name_en="",
        kind="bureau",
        district_code="",
    )
    user = services.put_person(
        username=username or role, name="某人", unit=unit, role_names=[role], at=AT, by=SYSTEM
    )
    user.set_password(WORDS)
    user.save()
    return user


def enter(client: Client, username: str, password: str = WORDS, **more: str) -> HttpResponse:
    return client.post(reverse("sign-in"), {"username": username, "password": password, **more})


def test_the_key_of_the_session_changes_on_sign_in(client):
    make("duty_officer")
    client.get(reverse("sign-in"))
    session = client.session
    session["planted"] = "by a stranger"
    session.save()
    before = session.session_key
    client.cookies[project.SESSION_COOKIE_NAME] = before
    assert enter(client, "duty_officer").status_code == 302
    assert client.session.session_key != before
    assert not client.session.exists(before)


def test_the_cookie_is_for_this_site_and_not_for_scripts(client):
    make("duty_officer")
    cookie = enter(client, "duty_officer").cookies[project.SESSION_COOKIE_NAME]
    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"
    assert cookie["path"] == "/"


def test_signing_out_kills_the_session(client):
    make("duty_officer")
    enter(client, "duty_officer")
    stolen = client.cookies[project.SESSION_COOKIE_NAME].value
    client.post(reverse("sign-out"))
    thief = Client()
    thief.cookies[project.SESSION_COOKIE_NAME] = stolen
    assert thief.get(reverse("password-change")).status_code == 302


def test_a_new_password_ends_the_other_sessions_and_keeps_this_one(client):
    make("duty_officer")
    other = Client()
    for one in (client, other):
        enter(one, "duty_officer")
    new = "liushui qingshi jiubaili"
    done = client.post(reverse("password-change"), {"current": WORDS, "first": new, "second": new})
    assert done.status_code == 302
    assert client.get(reverse("password-change")).status_code == 200
    assert "sign-in" in other.get(reverse("password-change")).headers["Location"]


def test_an_account_switched_off_is_out_at_once(client):
    user, admin = make("duty_officer"), make("system_admin")
    enter(client, "duty_officer")
    services.set_active(user=user, active=False, by=admin, at=AT)
    assert "sign-in" in client.get(reverse("password-change")).headers["Location"]


@pytest.mark.parametrize(("role", "seconds", "ends"), [
    ("duty_officer", 29 * 60, False), ("duty_officer", 31 * 60, True),
    ("audit_admin", 14 * 60, False), ("audit_admin", 16 * 60, True),
])  # fmt: skip
def test_an_idle_session_ends_administrators_sooner(client, role, seconds, ends):
    make(role)
    enter(client, role)
    session = client.session
    session["seen"] -= seconds
    session.save()
    assert (client.get(reverse("password-change")).status_code == 302) is ends


def test_a_session_ends_after_twelve_hours_however_busy(client):
    make("duty_officer")
    enter(client, "duty_officer")
    session = client.session
    session["began"] -= 12 * 3600 + 1
    session.save()
    assert "reason=idle" in client.get(reverse("password-change")).headers["Location"]


@pytest.mark.parametrize("header", [{}, {"HTTP_X_QINGYUAN_LIVE": "1"}])
def test_a_page_that_asks_by_itself_does_not_keep_the_session(client, header):
    make("duty_officer")
    enter(client, "duty_officer")
    session = client.session
    session["seen"] -= 25 * 60
    before = session["seen"]
    session.save()
    assert client.get(reverse("signals-live"), **header).status_code in (200, 204)
    assert client.session["seen"] == before
    assert client.get(reverse("password-change")).status_code == 200
    assert client.session["seen"] > before


def test_only_polling_alone_never_keeps_a_session_from_sign_in_on(client):
    make("duty_officer")
    enter(client, "duty_officer")
    assert client.session["seen"] > 0


def test_every_address_a_page_polls_is_named_live():
    templates = Path(__file__).parents[3] / "src/qingyuan/web"
    polled = {
        found
        for path in templates.rglob("*.html")
        for found in re.findall(r"<qy-live[^>]*\{% url ['\"]([\w-]+)['\"]", path.read_text("utf-8"))
    }
    assert polled
    assert not [name for name in polled if not name.endswith("-live")]
    assert polled <= set(routes())


def test_five_failures_lock_account_and_address_and_nothing_else(client):
    make("duty_officer")
    make("department_head")
    for _ in range(5):
        enter(client, "duty_officer", "wrong")
    assert enter(client, "duty_officer").status_code == 429
    assert enter(client, "department_head").status_code == 302
    elsewhere = Client(REMOTE_ADDR="10.9.8.7")
    assert enter(elsewhere, "duty_officer").status_code == 302


def _said(response: HttpResponse, username: str) -> str:
    text = re.sub(r"[A-Za-z0-9]{64}", "TOKEN", response.content.decode())
    return re.sub(r"\d\d:\d\d(:[\d.]+)?", "TIME", text).replace(username, "NAME")


def test_a_wrong_name_and_a_wrong_password_look_the_same():
    make("duty_officer")
    off = make("department_head")
    off.is_active = False
    off.save()
    answers = {}
    for username in ("duty_officer", "department_head", "nobody_here"):
        one = Client()
        answers[username] = [_said(enter(one, username, "wrong"), username) for _ in range(6)]
    assert answers["duty_officer"] == answers["nobody_here"] == answers["department_head"]


def test_a_name_nobody_has_costs_as_many_hashes(monkeypatch):
    make("duty_officer")
    services.put_person(
        username="linkonly",
        name="某人",
        unit=Unit.objects.get(),
        role_names=["leader"],
        at=AT,
        by=SYSTEM,
    )
    counted: dict[str, int] = {}
    hasher = type(__import__("django.contrib.auth.hashers", fromlist=["get_hasher"]).get_hasher())
    encode = hasher.encode

    for username in ("duty_officer", "nobody_here", "linkonly"):
        calls: list[int] = []
        monkeypatch.setattr(
            hasher,
            "encode",
            lambda self, *a, _calls=calls, **k: (_calls.append(1), encode(self, *a, **k))[1],
        )
        enter(Client(), username, "wrong")
        counted[username] = len(calls)
    assert len(set(counted.values())) == 1, counted


@pytest.mark.parametrize("wanted", [
    "https://evil.example/", "//evil.example/", "/\\evil.example", "\\\\evil.example", "javascript:alert(1)",
    "http:///evil.example", "\thttps://evil.example", "/%09/evil.example/../..//evil.example",
])  # fmt: skip
def test_next_leads_nowhere_else(wanted):
    make("duty_officer")
    went = enter(Client(), "duty_officer", next=wanted).headers["Location"]
    assert re.match(r"/(?![/\\])", went), went


def test_every_post_asks_for_the_token():
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(make("duty_officer"))
    arguments = (
        [],
        ["1"],
        [1],
        ["x", "grant"],
        ["x", "enable"],
        [1, "water"],
        [1, 1],
        ["x", "x"],
        ["x", 1],
        [1, "grant"],
        [1, "ledger", "xlsx"],
        ["x", "00000000-0000-0000-0000-000000000001"],
        [1, "00000000-0000-0000-0000-000000000001"],
        ["00000000-0000-0000-0000-000000000001"],
    )
    from django.urls import NoReverseMatch

    answered: set[str] = set()
    # Machines show a token of their own and no cookie: nothing of a browser can be borrowed there.
    asked = set(routes()) - {"api-observations", "api-fixes"}
    for name in asked:
        for given in arguments:
            try:
                address = reverse(name, args=given)
            except NoReverseMatch:
                continue
            response = strict.post(address)
            assert response.status_code == 403, name
            assert "CSRF" not in response.content.decode()
            answered.add(name)
            break
    assert sorted(asked - answered) == [], "no arguments here fit these routes"


def _hard(response: HttpResponse) -> None:
    policy = response.headers["Content-Security-Policy"]
    wanted = dict(part.strip().split(" ", 1) for part in POLICY.split(";"))
    given = dict(part.strip().split(" ", 1) for part in policy.split(";"))
    assert {k: set(v.split()) for k, v in given.items() if k != "form-action"} == {
        k: set(v.split()) for k, v in wanted.items()
    }
    assert given["form-action"] == "'self'"  # stricter than the page asks; nothing is looser
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert response.headers["X-Frame-Options"] == "DENY"
    assert response.headers["Referrer-Policy"] == "same-origin"


@pytest.mark.parametrize(("method", "address", "more", "status"), [
    ("GET", "/sign-in/", {}, 200), ("GET", "/", {}, 302), ("GET", "/nowhere/", {}, 404),
    ("GET", "/health", {}, 200), ("GET", "/static/ui/favicon.svg", {}, 200), ("GET", "/static/nothing.js", {}, 404),
    ("GET", "/sign-in/", {"HTTP_HOST": "evil.example"}, 400), ("GET", "/search/?q=%00", {}, 400),
    ("GET", "/people/%00/", {}, 400), ("PUT", "/sign-in/", {}, 404), ("POST", "/sign-in/", {"CONTENT_LENGTH": "999999999999"}, 413),
])  # fmt: skip
def test_every_answer_carries_the_same_headers(client, method, address, more, status):
    response = client.generic(method, address, **more)
    assert response.status_code == status
    _hard(response)
    if response.streaming:
        list(response.streaming_content)


def test_a_csrf_page_and_a_fragment_carry_them_too(client):
    _hard(Client(enforce_csrf_checks=True).post("/sign-in/"))
    refused = client.get("/signals/live/", HTTP_HX_REQUEST="true")
    assert refused.status_code == 401
    _hard(refused)


def test_a_strange_host_makes_no_link(client):
    make("system_admin")
    enter(client, "system_admin")
    response = client.post(
        reverse("person-invite", args=["system_admin"]), HTTP_HOST="evil.example"
    )
    assert response.status_code == 400
    assert "evil.example" not in response.content.decode()


class _Broken(Exception):
    pass


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_an_error_page_says_nothing_of_the_server(language, settings, monkeypatch):
    settings.TESTING = False

    def breaks(*_: object) -> None:
        raise _Broken("secret-of-the-house /var/lib/postgresql")

    monkeypatch.setattr("qingyuan.web.accounts.selectors.people", breaks)
    one = Client(raise_request_exception=False)
    one.cookies[settings.LANGUAGE_COOKIE_NAME] = language
    one.force_login(make("system_admin"))
    response = one.get(reverse("people"))
    text = response.content.decode()
    assert response.status_code == 500
    for word in ("secret-of-the-house", "Traceback", "_Broken", "django", "postgres", "/src/"):
        assert word not in text
    _hard(response)


def test_what_is_not_there_is_404_also_where_the_platform_runs(settings):
    """Not found inside a view must not turn into 500 once the tests' own switch is off."""
    settings.TESTING = False
    one = Client()
    one.force_login(make("system_admin"))
    assert one.get(reverse("person", args=["nobody_here"])).status_code == 404
    page = ProblemPage(lambda request: HttpResponse())
    assert page.process_exception(HttpRequest(), Http404()) is None


def test_a_grant_that_is_no_number_is_not_found(client):
    make("security_admin")
    officer = make("duty_officer")
    enter(client, "security_admin")
    for wanted in ("", "x", "-1", "٣", "99999999999999999999"):
        with transaction.atomic():
            answer = client.post(
                reverse("person-grants", args=[officer.username, "end"]), {"grant": wanted}
            )
        assert answer.status_code == 404
