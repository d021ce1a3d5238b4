"""The map element: layers, card, table, address, time, and what stands in when WebGL is missing."""

from __future__ import annotations

import pytest

LOADED = "qy-map[data-idle][data-loaded]"


def opened(visit, *, size="desk", theme="light", query=""):
    tab = visit(size=size, theme=theme)
    tab.go("/ui/gallery/map/" + query)
    tab.page.wait_for_selector(LOADED, state="attached", timeout=30_000)
    return tab


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("size", ["desk", "phone"])
def test_map_draws_every_layer_from_our_own_host(visit, picture, size, theme):
    tab = opened(visit, size=size, theme=theme)
    tab.fits()
    picture(tab, f"map-{size}-{theme}", whole=False)
    tab.accessible()
    tab.clean()


def test_a_click_on_a_section_opens_its_card(visit, picture):
    tab = opened(visit)
    place = tab.page.evaluate("() => document.querySelector('qy-map').place('sections', 'S03')")
    box = tab.page.locator("qy-map").bounding_box()
    tab.page.mouse.click(box["x"] + place["x"], box["y"] + place["y"])
    card = tab.page.locator(".qy-map-card")
    card.locator("canvas").wait_for()
    assert card.locator("h2").inner_text() == "姜山河入海口断面"
    assert card.get_by_role("link", name="溯源").is_visible()
    picture(tab, "map-card", whole=False)
    tab.accessible()
    tab.page.keyboard.press("Escape")
    assert card.count() == 0
    tab.clean()


def test_the_same_content_is_a_table(visit, picture):
    tab = opened(visit)
    tab.page.get_by_role("button", name="表格").click()
    table = tab.page.locator(".qy-map-table")
    assert table.get_by_role("button", name="望澜桥断面", exact=True).is_visible()
    picture(tab, "map-table", whole=False)
    tab.accessible()
    tab.page.keyboard.press("t")
    assert table.count() == 0
    tab.clean()


def test_layers_view_and_time_are_in_the_address(visit):
    tab = opened(visit)
    tab.page.get_by_role("checkbox", name="企业").uncheck()
    tab.page.get_by_role("button", name="上一次告警").click()
    address = tab.page.url
    assert "enterprises" not in address
    assert "l=sections,rivers,outfalls,cases,districts" in address
    assert "t=2026-09-21T18" in address
    again = opened(visit, query="?" + address.split("?", 1)[1])
    assert not again.page.get_by_role("checkbox", name="企业").is_checked()
    assert "02:10" in again.page.locator(".qy-map-time output").inner_text()


def test_without_webgl_the_table_stands_in_with_a_reason(visit, picture):
    tab = visit()
    tab.page.add_init_script(
        "const get = HTMLCanvasElement.prototype.getContext;"
        "HTMLCanvasElement.prototype.getContext = function (kind, ...rest) {"
        " return kind.startsWith('webgl') ? null : get.call(this, kind, ...rest); };"
    )
    tab.go("/ui/gallery/map/")
    tab.page.wait_for_selector("qy-map[data-loaded]", state="attached")
    assert "WebGL" in tab.page.locator(".qy-map-table h2").first.inner_text()
    assert tab.page.get_by_role("button", name="望澜桥断面", exact=True).is_visible()
    picture(tab, "map-nogl", whole=False)
    tab.accessible()
    tab.clean()
