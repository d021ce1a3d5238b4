"""The outfalls' screens: ledger, record, revision, sign, the public page, coverage, the river."""

from __future__ import annotations

import pytest

from small_city import AT, small_city


@pytest.fixture
def city(db, tmp_path, settings):
    """The small city with its departments' head."""
    from qingyuan.host.folder import DataFolder
    from qingyuan.web.accounts.models import Unit
    from qingyuan.web.accounts.services import put_person
    from qingyuan.web.audit.services import SYSTEM
    from qingyuan.web.registry.services import load_city

    settings.FOLDER = DataFolder(tmp_path / "data")
    settings.FOLDER.store.mkdir(parents=True)
    load_city(small_city(), by=SYSTEM, at=AT)
    put_person(
        username="head", name="综合组", unit=Unit.objects.get(code="bureau"),
        role_names=["department_head"], at=AT, by=SYSTEM,
    )  # fmt: skip


SCREENS = (
    "/outfalls/",
    "/outfalls/coverage/",
    "/outfalls/O1/",
    "/outfalls/O1/revise/",
    "/river/?outfall=O1",
)


@pytest.mark.parametrize(
    "how", [{}, {"size": "phone", "theme": "dark"}, {"language": "en"}], ids=["desk", "phone", "en"]
)
def test_every_screen_is_accessible_and_fits(signed_in, picture, city, how):
    tab = signed_in("head", **how)
    for path in SCREENS:
        assert tab.go(path).status == 200
        tab.accessible()
        tab.fits()
        picture(tab, f"outfalls{path.replace('/', '-')}{'-'.join(how.values())}")
    tab.clean()


def test_a_record_is_revised_and_its_sign_opens_the_public_page(signed_in, visit, city):
    tab = signed_in("head")
    tab.go("/outfalls/O1/revise/")
    tab.page.locator("[name=pipe_mm]").fill("600")
    tab.page.locator("[name=reason]").fill("2026 年排查实测")
    tab.page.locator("form[data-keep] button.is-primary").click()
    tab.page.wait_for_url("**/outfalls/O1/")
    assert "DN600" in tab.page.locator("main").inner_text()
    tab.go("/outfalls/O1/sign/")
    tab.page.locator("button[value=issue]").click()
    tab.page.wait_for_selector(".qy-sign-qr svg")
    tab.accessible()
    address = tab.page.locator(".qy-sign .qy-small").inner_text().strip()
    anybody = visit(home=tab.home, size="phone")
    assert anybody.go("/" + address.split("/", 3)[3]).status == 200
    text = anybody.page.locator("body").inner_text()
    assert "12345" in text
    assert "综合组" not in text
    anybody.accessible()
    anybody.fits()
    anybody.clean()
    tab.clean()


def test_a_click_on_the_river_lists_what_lies_above_and_below(signed_in, city):
    tab = signed_in("head")
    tab.go("/map/")
    tab.page.wait_for_selector("qy-map[data-idle][data-loaded]", state="attached", timeout=30_000)
    ends = [
        tab.page.evaluate(f"() => document.querySelector('qy-map').place('rivers', '{reach}')")
        for reach in ("R1", "R3")  # R3 begins where R1 ends; halfway lies nothing but the river
    ]
    box = tab.page.locator("qy-map").bounding_box()
    x, y = (sum(end[axis] for end in ends) / 2 for axis in ("x", "y"))
    tab.page.mouse.click(box["x"] + x, box["y"] + y)
    card = tab.page.locator(".qy-map-card")
    card.locator("[data-keep-on-map]").wait_for(state="attached", timeout=5000)
    assert "R3" in card.inner_text()
    tab.accessible()
    card.locator(".qy-deeds a").click()
    tab.page.wait_for_url("**/river/?lon=*")
    tab.clean()
