"""A browser that cannot draw in three dimensions reads the same map as a table."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from typing import Any

import pytest

from living_city import LivingCity

playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
pytestmark = [pytest.mark.slow, pytest.mark.browser]
_WITHOUT_GL = ["--disable-gpu", "--disable-software-rasterizer", "--disable-3d-apis"]


@pytest.fixture
def plain_browser() -> Iterator[Any]:
    path = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
    if not path:
        pytest.skip("no Chromium on this machine (set CHROMIUM to its path)")
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=path, args=["--no-sandbox", *_WITHOUT_GL])
        yield browser
        browser.close()


def test_without_webgl_the_map_is_a_table(city: LivingCity, plain_browser: Any) -> None:
    home = f"http://{city.environment['QINGYUAN_WEB']}"
    officer = city.signed_in("duty")
    context = plain_browser.new_context(viewport={"width": 1440, "height": 900}, locale="zh-CN")
    context.add_cookies([{"name": n, "value": v, "url": home} for n, v in officer.cookies.items()])
    page = context.new_page()
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.goto(f"{home}/map/", wait_until="load")
    assert page.evaluate("() => document.createElement('canvas').getContext('webgl2')") is None
    page.wait_for_selector("qy-map[data-nogl][data-loaded]", state="attached", timeout=30_000)
    table = page.locator(".qy-map-table")
    table.get_by_text("上桥").first.wait_for(timeout=10_000)
    told = page.locator("qy-map").inner_text()
    assert "缺 WebGL 2" in told, told[:300]
    assert page.locator("qy-map canvas").count() == 0
    assert faults == []
    context.close()
