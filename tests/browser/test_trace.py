"""A sceptical reader on the trace page: curves, plume, why not, the round on a phone."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor

import pytest

from bureau import Bureau


@pytest.fixture
def traced(db, tmp_path, settings, monkeypatch):
    """四节点小镇的告警，已溯源一轮。"""
    from qingyuan.web.signals.models import Signal

    run = asyncio.run  # the browser keeps a loop in this thread: the town's runs in another
    with ThreadPoolExecutor(1) as beside:
        monkeypatch.setattr(asyncio, "run", lambda deed: beside.submit(run, deed).result())
        Bureau(tmp_path / "city", settings=settings, monkeypatch=monkeypatch).passes(minutes=6)
    signal = Signal.objects.get(kind="exceedance", object_kind="section", factor="w21003")
    return signal.traces.get(state="done")


def opened(tab, trace, query=""):
    tab.go(f"/trace/{trace.signal_id}/{query}")
    tab.page.wait_for_selector("qy-map[data-loaded]", state="attached", timeout=30_000)
    tab.page.wait_for_selector("qy-trace-plot canvas", state="attached")
    return tab


@pytest.mark.parametrize("how", [{}, {"theme": "dark", "language": "en"}])
def test_why_not_this_one_is_answered_in_place(signed_in, picture, traced, how):
    tab = opened(signed_in("duty", **how), traced)
    tab.page.locator("select[name=outfall]").select_option(index=1)
    told = tab.page.locator("#trace-why .qy-bits")
    told.first.wait_for(timeout=5000)
    tab.page.locator("details.qy-why summary").first.click()
    picture(tab, f"trace-{how.get('language', 'zh')}")
    tab.accessible()
    tab.fits()
    tab.clean()


def test_the_time_bar_moves_the_plume_and_a_chip_changes_the_curves(signed_in, traced):
    tab = opened(signed_in("duty"), traced)
    output = tab.page.locator(".qy-map-time output")
    assert output.get_attribute("data-live") is not None
    with tab.page.expect_response(lambda r: "plume" in r.url and "at=" in r.url) as answer:
        tab.page.locator(".qy-map-time input").focus()
        tab.page.keyboard.press("Home")
    assert answer.value.status == 200
    assert output.get_attribute("data-live") is None
    chips = tab.page.locator("#trace-charts .qy-chip")
    second = chips.nth(1).inner_text()
    chips.nth(1).click()
    tab.page.wait_for_load_state()
    assert tab.page.locator("#trace-charts .qy-chip[aria-current]").inner_text() == second
    assert tab.page.locator("#trace-charts .qy-legend li").first.inner_text() == second
    tab.clean()


def test_the_round_and_the_page_on_a_phone(signed_in, picture, traced):
    tab = opened(signed_in("duty", size="phone"), traced)
    tab.fits()
    picture(tab, "trace-phone")
    tab.go(f"/trace/{traced.signal_id}/round/")
    assert tab.page.locator("a[href^='geo:']").count()
    tab.accessible()
    tab.fits()
    picture(tab, "round-phone")
    tab.page.locator(".qy-card .qy-btn.is-primary").first.click()
    tab.page.wait_for_load_state()
    assert tab.page.locator("[name=reach_code]").input_value()
    tab.fits()
    tab.clean()
