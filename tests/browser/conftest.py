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
from pathlib import Path
from socketserver import ThreadingMixIn
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

import pytest

from browsing import Visit, Walk, keep_picture, open_tab
from clicked_story import Alarm, Told, raise_alarm, tell
from running_city import RunningCity, run_city

playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")

# Playwright's sync API keeps an event loop in this thread; the ORM is used from it on purpose.
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")


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
