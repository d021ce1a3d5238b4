"""A real browser for the tests that click: Chromium, one server on a free port, strict witnesses.

Every `Visit` records content-policy violations, page errors and requests to any other host;
`clean()` asserts there were none. Skipped, with the reason, where there is no Chromium.
"""

from __future__ import annotations

import io
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

from clicked_story import Alarm, Told, raise_alarm, tell
from running_city import PICTURES, RunningCity, run_city

playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")

# Playwright's sync API keeps an event loop in this thread; the ORM is used from it on purpose.
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")

ROOT = Path(__file__).resolve().parents[2]
IMAGES = ROOT / "docs" / "images"
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
        browser = driver.chromium.launch(
            executable_path=path,
            args=["--no-sandbox", "--lang=zh-CN"],
            env={**os.environ, "LANGUAGE": "zh_CN", "LANG": "zh_CN.UTF-8"},  # its own controls
        )
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


def open_tab(
    chromium: Any,
    home: str,
    *,
    size: str = "desk",
    theme: str = "light",
    language: str = "zh-hans",
    cookies: dict[str, str] | None = None,
) -> Visit:
    """Open a tab of its own context on *home* and watch what goes wrong in it."""
    context = chromium.new_context(
        viewport=SIZES[size],
        color_scheme=theme,
        reduced_motion="reduce",
        locale="en-GB" if language == "en" else "zh-CN",
        timezone_id="Asia/Shanghai",
        has_touch=size == "phone",
    )
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


@pytest.fixture
def visit(chromium: Any, request: pytest.FixtureRequest) -> Iterator[Callable[..., Visit]]:
    """Return a maker of visits: ``visit(size="phone", theme="dark", language="en")``."""
    made: list[Visit] = []

    def start(*, home: str = "", **how: Any) -> Visit:
        made.append(open_tab(chromium, home or request.getfixturevalue("platform"), **how))
        return made[-1]

    yield start
    for one in made:
        one.page.context.close()


@pytest.fixture(scope="session")
def city(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningCity]:
    """Return a demo city that runs."""
    from qingyuan.web.ui import assets

    if not assets.manifest():
        pytest.skip("the front end is not built: cd frontend && node build.mjs")
    with run_city(tmp_path_factory.mktemp("city")) as running:
        yield running


@pytest.fixture(scope="session")
def walk(chromium: Any, city: RunningCity) -> Iterator[Walk]:
    """Return the people of the running city, each with a tab."""
    made = Walk(chromium, city)
    yield made
    made.close()


class Walk:
    """Tabs of people of the running city; each signs in once, as a person would."""

    def __init__(self, chromium: Any, city: RunningCity) -> None:
        self._chromium, self.city = chromium, city
        self._cookies: dict[str, dict[str, str]] = {"": {}}
        self._tabs: dict[tuple[str, ...], Visit] = {}

    def tab(
        self, part: str, *, size: str = "desk", theme: str = "light", language: str = "zh-hans"
    ) -> Visit:
        """Return the tab of whoever plays *part* (nobody for ``""``)."""
        key = (part, size, theme, language)
        if key not in self._tabs:
            if part not in self._cookies:
                self._sign_in(part)
            self._tabs[key] = open_tab(
                self._chromium, self.city.home, size=size, theme=theme, language=language,
                cookies=self._cookies[part],
            )  # fmt: skip
        return self._tabs[key]

    def _sign_in(self, part: str) -> None:
        entering = open_tab(self._chromium, self.city.home)
        entering.go("/demo/sign-in/")
        entering.page.locator(f"button[value='{self.city.people[part]}']").first.evaluate(
            "button => { for (let e = button; e; e = e.parentElement) if (e.tagName === 'DETAILS') e.open = true; }"
        )
        entering.page.locator(f"button[value='{self.city.people[part]}']").first.click()
        entering.page.wait_for_url(lambda url: "sign-in" not in url)
        entering.clean()
        found = {c["name"]: c["value"] for c in entering.page.context.cookies()}
        self._cookies[part] = {n: v for n, v in found.items() if n not in {"qylang", "csrftoken"}}
        entering.page.context.close()

    def clean(self) -> None:
        """Assert that nothing went wrong in any tab."""
        for visit in self._tabs.values():
            visit.clean()

    def close(self) -> None:
        """Close every tab."""
        for visit in self._tabs.values():
            visit.page.context.close()


def keep_picture(visit: Visit, name: str) -> None:
    """Take the window as the manual shows it; only when pictures are asked for."""
    if not PICTURES:
        return
    from PIL import Image

    visit.page.evaluate("() => { document.activeElement?.blur(); scrollTo(0, 0); }")
    visit.page.wait_for_function(
        """() => [...document.images].every(
          (i) => i.complete || i.getBoundingClientRect().top > innerHeight)"""
    )
    shot = Image.open(io.BytesIO(visit.page.screenshot()))
    # the official colours must stay what they are: whole coverage, then refined
    small = shot.convert("RGB").quantize(
        256, method=Image.Quantize.MAXCOVERAGE, kmeans=2, dither=Image.Dither.NONE
    )
    IMAGES.mkdir(parents=True, exist_ok=True)
    small.save(IMAGES / f"{name}.png", optimize=True)


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


@pytest.fixture(scope="session")
def keep() -> Callable[[Visit, str], None]:
    """Return what takes the manual's pictures; it does nothing unless they are asked for."""
    return keep_picture


@pytest.fixture(scope="session")
def alarm(walk: Walk) -> Alarm:
    """The alarm that is left to people: raised, traced, not yet acknowledged."""
    walk.city.send_worn_packets()
    raised = raise_alarm(walk)
    walk.city.slow_down()
    return raised


@pytest.fixture(scope="session")
def told(
    walk: Walk,
    alarm: Alarm,
    keep: Callable[[Visit, str], None],
    tmp_path_factory: pytest.TempPathFactory,
) -> Told:
    """The whole story, clicked through once."""
    return tell(walk, alarm, keep, tmp_path_factory.mktemp("photos"))
