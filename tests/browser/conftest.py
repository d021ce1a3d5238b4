"""A real browser for the tests that click: Chromium, one server on a free port, strict witnesses.

Every `Visit` records content-policy violations, page errors and requests to any other host;
`clean()` asserts there were none. Skipped, with the reason, where there is no Chromium.
"""

from __future__ import annotations

import os
import shutil
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from socketserver import ThreadingMixIn
from typing import Any
from urllib.parse import urlsplit
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

import pytest

playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")

# Playwright's sync API keeps an event loop in this thread; the ORM is used from it on purpose.
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")

ROOT = Path(__file__).resolve().parents[2]
SIZES = {"desk": {"width": 1440, "height": 900}, "phone": {"width": 390, "height": 844}}
AXE = ROOT / "frontend" / "node_modules" / "axe-core" / "axe.min.js"
WITNESS = """
window.__violations = [];
document.addEventListener("securitypolicyviolation", (e) =>
  window.__violations.push(`${e.violatedDirective} ${e.blockedURI} ${e.sourceFile}:${e.lineNumber}`));
"""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "tests/browser" in item.path.as_posix():
            item.add_marker(pytest.mark.browser)


class _Server(ThreadingMixIn, WSGIServer):
    daemon_threads = False  # closing waits for what is still being answered
    block_on_close = True


class _Quiet(WSGIRequestHandler):
    timeout = 2  # a browser opens sockets it may never use

    def log_message(self, *args: object) -> None:
        pass


@contextmanager
def serve(application: Any) -> Iterator[str]:
    """Serve a WSGI application on a free port of this machine; yield its address."""
    with make_server("127.0.0.1", 0, application, _Server, _Quiet) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


@pytest.fixture(scope="session")
def platform() -> Iterator[str]:
    """Return the address of the platform, served from the test settings."""
    from django.core.handlers.wsgi import WSGIHandler
    from whitenoise import WhiteNoise

    from qingyuan.web.ui import assets

    if not assets.manifest():
        pytest.skip("the front end is not built: cd frontend && node build.mjs")
    application = WhiteNoise(WSGIHandler(), root=assets.DIST.parent, prefix="/static/")
    with serve(application) as address:
        yield address


def _in_this_transaction(application: Any) -> Any:
    """Let the server's threads use the test's own connection, one at a time.

    Pages then see what the test wrote, and all of it is rolled back: the audit table refuses to be
    emptied, so a test that commits could not be undone.
    """
    from django.db import connections

    mine = connections["default"]
    lock = threading.Lock()

    def call(environ: Any, start_response: Any) -> list[bytes]:
        with lock:
            connections["default"] = mine
            answer = application(environ, start_response)
            try:
                return list(answer)
            finally:
                if hasattr(answer, "close"):
                    answer.close()

    return call


@pytest.fixture
def city_platform(db: None) -> Iterator[str]:
    """Return the platform's address on the test's own database transaction."""
    from django.core.handlers.wsgi import WSGIHandler
    from django.core.signals import request_finished, request_started
    from django.db import close_old_connections, connections
    from whitenoise import WhiteNoise

    from qingyuan.web.ui import assets

    if not assets.manifest():
        pytest.skip("the front end is not built: cd frontend && node build.mjs")
    mine = connections["default"]
    mine.inc_thread_sharing()
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)  # as Django's own test client does
    try:
        pages = _in_this_transaction(WSGIHandler())
        with serve(WhiteNoise(pages, root=assets.DIST.parent, prefix="/static/")) as address:
            yield address
    finally:
        for signal in (request_started, request_finished):
            signal.connect(close_old_connections)
        mine.dec_thread_sharing()


@pytest.fixture
def signed_in(city_platform: str, visit: Callable[..., Visit]) -> Callable[..., Visit]:
    """Return a maker of visits by a person: ``signed_in("duty", size="phone")``."""
    from django.conf import settings
    from django.contrib.auth import get_user_model
    from django.test import Client

    def enter(username: str, **how: Any) -> Visit:
        client = Client()
        client.force_login(get_user_model().objects.get(username=username))
        session = client.cookies[settings.SESSION_COOKIE_NAME].value
        return visit(home=city_platform, cookies={settings.SESSION_COOKIE_NAME: session}, **how)

    return enter


@pytest.fixture(scope="session")
def chromium() -> Iterator[Any]:
    """Return one browser for the session."""
    path = (
        os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
    )
    if not path or not Path(path).exists():
        pytest.skip("no Chromium on this machine (set CHROMIUM to its path)")
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield browser
        browser.close()
        from django.db import connections

        connections.close_all()  # those opened beside Playwright's loop; others see their own


@dataclass
class Visit:
    """One tab and what went wrong in it."""

    page: Any
    home: str
    problems: list[str] = field(default_factory=list)

    def go(self, path: str) -> Any:
        """Open a path of the platform and wait until it has loaded."""
        response = self.page.goto(self.home + path, wait_until="load")
        return response

    def clean(self) -> None:
        """Assert: no violation of the content policy, no script error, no other host."""
        violations = self.page.evaluate("() => window.__violations")
        assert self.problems + violations == []

    def accessible(self, *, without: tuple[str, ...] = ()) -> None:
        """Assert that axe-core finds nothing (WCAG 2.2 A and AA)."""
        if not AXE.exists():
            pytest.skip("axe-core is not installed: cd frontend && npm ci --ignore-scripts")
        options = {
            "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
        }
        scope = {"exclude": [[selector] for selector in without]}
        found = self.page.evaluate(
            "([scope, options]) => axe.run(Object.assign({include: [['html']]}, scope), options)",
            [scope, options],
        )["violations"]
        told = [
            f"{v['id']}: {n['target']} {n['failureSummary']}" for v in found for n in v["nodes"]
        ]
        assert not told, "\n".join(told)

    def fits(self) -> None:
        """Assert that nothing scrolls sideways."""
        wide = self.page.evaluate(
            """() => {
              const edge = document.documentElement.clientWidth;
              const wide = document.documentElement.scrollWidth;
              if (wide <= edge) return [];
              scrollTo(0, scrollY);
              return [`${wide} px of ${edge}`].concat([...document.body.querySelectorAll("*")]
                .filter((e) => e.getBoundingClientRect().right > edge + 1)
                .map((e) => e.outerHTML.slice(0, 120)));
            }"""
        )
        assert not wide, "wider than the window:\n" + "\n".join(wide)


@pytest.fixture
def visit(chromium: Any, request: pytest.FixtureRequest) -> Iterator[Callable[..., Visit]]:
    """Return a maker of visits: ``visit(size="phone", theme="dark", language="en")``."""
    contexts: list[Any] = []

    def start(
        *,
        size: str = "desk",
        theme: str = "light",
        language: str = "zh-hans",
        cookies: dict[str, str] | None = None,
        home: str = "",
    ) -> Visit:
        home = home or request.getfixturevalue("platform")
        context = chromium.new_context(
            viewport=SIZES[size],
            color_scheme=theme,
            reduced_motion="reduce",
            locale="en-GB" if language == "en" else "zh-CN",
            timezone_id="Asia/Shanghai",
            has_touch=size == "phone",
        )
        contexts.append(context)
        context.add_cookies(
            [
                {"name": n, "value": v, "url": home}
                for n, v in {"qylang": language, **(cookies or {})}.items()
            ]
        )
        context.add_init_script(WITNESS)
        if AXE.exists():
            context.add_init_script(path=AXE)
        page = context.new_page()
        made = Visit(page, home)
        host = urlsplit(home).netloc

        def watch(sent: Any) -> None:
            where = urlsplit(sent.url)
            if where.scheme in {"http", "https"} and where.netloc != host:
                made.problems.append(f"request to another host: {sent.url}")

        page.on("request", watch)
        page.on("pageerror", lambda error: made.problems.append(f"script error: {error}"))
        page.on(
            "console",
            lambda line: (
                made.problems.append(f"console: {line.text}") if line.type == "error" else None
            ),
        )
        return made

    yield start
    for context in contexts:
        context.close()


@pytest.fixture
def picture(request: pytest.FixtureRequest) -> Callable[..., Path | None]:
    """Keep a screenshot where ``QINGYUAN_PICTURES`` says; do nothing without it."""
    folder = os.environ.get("QINGYUAN_PICTURES")

    def take(visit: Visit, name: str, *, whole: bool = True) -> Path | None:
        if not folder:
            return None
        path = Path(folder) / f"{name}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        if whole:
            visit.page.evaluate("() => { document.activeElement?.blur(); scrollTo(0, 0); }")
        visit.page.screenshot(path=path, full_page=whole)
        return path

    return take
