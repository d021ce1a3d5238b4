"""Air and water on a desk and on a phone; one figure followed to its hours; an hour decided."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bureau import Bureau


@pytest.fixture
def bureau(tmp_path, settings, monkeypatch, city_platform) -> Bureau:
    town = Bureau(tmp_path / "city", settings=settings, monkeypatch=monkeypatch)
    town.at += timedelta(minutes=1)
    return town


def test_a_class_is_followed_to_the_days_it_is_made_of(bureau, signed_in):
    duty = signed_in("duty")
    duty.go("/water/")
    duty.accessible()
    duty.fits()
    duty.page.locator("td a .qy-class").first.click()
    duty.page.get_by_text("单因子评价").first.wait_for()
    duty.page.locator("details summary", has_text="时段均值").first.click()
    duty.accessible()
    duty.fits()
    duty.clean()


@pytest.mark.parametrize("size", ["desk", "phone"])
def test_every_page_fits_and_can_be_used(bureau, signed_in, size):
    head = signed_in("coordinator", size=size)
    for path in ("/air/", "/air/?period=day", "/water/", "/targets/", "/dust/", "/rebounds/"):
        head.go(path)
        head.fits()
        head.accessible(without=("qy-map",))
    head.clean()
