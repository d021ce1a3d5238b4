"""The component gallery in both themes, on desk and phone."""

from __future__ import annotations

import pytest


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("size", ["desk", "phone"])
def test_gallery_is_legible_accessible_and_keeps_the_policy(visit, picture, size, theme):
    tab = visit(size=size, theme=theme)
    tab.go("/ui/gallery/")
    tab.page.wait_for_selector("#chart-main canvas")
    tab.page.wait_for_selector("#fit-plot canvas")
    tab.page.wait_for_selector("#trace-map[data-idle][data-loaded]", state="attached")
    tab.fits()
    picture(tab, f"gallery-{size}-{theme}")
    tab.accessible()
    tab.clean()


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_phone_page_is_one_column_with_thumb_sized_targets(visit, picture, theme):
    tab = visit(size="phone", theme=theme)
    tab.go("/ui/gallery/phone/")
    tab.fits()
    picture(tab, f"phone-{theme}", whole=False)
    small = tab.page.evaluate(
        """() => [...document.querySelectorAll("main a, main button, .qy-dock a")]
          .filter(e => e.offsetParent && e.getBoundingClientRect().height < 44)
          .map(e => e.outerHTML.slice(0, 80))"""
    )
    assert small == []
    tab.accessible()
    tab.clean()
