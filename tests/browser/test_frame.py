"""The frame with everything in it: many entries, the demo's buttons, two languages, four widths."""

from __future__ import annotations

from itertools import pairwise

import pytest

from qingyuan.web.ui import gallery
from qingyuan.web.ui.navigation import Item


@pytest.fixture
def crowded(monkeypatch):
    plain = gallery._frame

    def frame():
        made = plain()
        made["own_bar"][4:4] = [
            Item("monitoring", "Monitoring 监测", children=[Item("s", "断面", "#")])
        ]
        made["own_bar"].append(Item("notices", "Messages 消息", "#", count=12_043))
        made["own_bar"] += [Item(f"more{n}", f"Register 台账 {n}", "#") for n in range(5)]
        return {**made, "city_rate": 60.0, "demo": True}

    monkeypatch.setattr(gallery, "_frame", frame)


@pytest.mark.parametrize("width", [1440, 1280, 1100, 390])
@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_nothing_in_the_bar_overlaps_or_scrolls_sideways(visit, crowded, width, language):
    tab = visit(language=language)
    tab.page.set_viewport_size({"width": width, "height": 900})
    tab.go("/ui/gallery/")
    tab.fits()
    boxes = tab.page.evaluate(
        """() => [...document.querySelectorAll(".qy-bar > *, .qy-nav > ul > *, .qy-tools > *")]
          .filter((e) => e.checkVisibility() && !e.matches("form, nav, .qy-tools") && e.offsetWidth)
          .map((e) => [e.className, e.getBoundingClientRect().left, e.getBoundingClientRect().right])
          .sort((a, b) => a[1] - b[1])"""
    )
    for (one, _, right), (other, left, _) in pairwise(boxes):
        assert right <= left + 1, (one, right, other, left)


def test_what_does_not_fit_the_bar_is_one_menu_away(visit, crowded):
    tab = visit(language="en")
    tab.go("/ui/gallery/")
    more = tab.page.locator(".qy-nav-more > details")
    last = tab.page.get_by_role("link", name="Register 台账 4")
    assert not last.is_visible()
    more.locator("> summary").click()
    assert last.is_visible()
    tab.accessible()
    tab.page.set_viewport_size({"width": 3200, "height": 900})
    more.wait_for(state="hidden")
    assert last.is_visible()


def test_on_a_phone_the_menu_opens_and_holds_every_entry(visit, picture):
    tab = visit(size="phone")
    tab.go("/ui/gallery/")
    nav = tab.page.locator("#qy-nav")
    assert not nav.is_visible()
    tab.page.get_by_role("button", name="菜单").click()
    assert nav.is_visible()
    nav.get_by_text("台账").click()
    assert nav.get_by_role("link", name="办理").is_visible()
    picture(tab, "menu-phone", whole=False)
    tab.fits()
    tab.accessible()
