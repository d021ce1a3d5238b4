"""The desk of bulletins by hand: written, looked at, edited, reviewed, on a desk and on a phone."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bureau import Bureau
from qingyuan.core.periods import city_date
from qingyuan.web.bulletins import services


@pytest.fixture
def bureau(tmp_path, settings, monkeypatch, city_platform) -> Bureau:
    town = Bureau(tmp_path / "city", settings=settings, monkeypatch=monkeypatch)
    town.at += timedelta(days=7)
    last_week = city_date(town.at) - timedelta(days=7)
    services.compose(kind="daily", day=last_week, at=town.at)
    services.compose(kind="weekly", day=last_week, at=town.at)
    return town


def test_a_weekly_is_edited_and_reviewed_at_the_desk(bureau, signed_in):
    duty = signed_in("duty")
    duty.go("/bulletins/")
    duty.accessible()
    duty.fits()
    duty.page.locator("tbody a", has_text=" — ").first.click()
    assert duty.page.locator("article figure svg").count() >= 1
    duty.page.get_by_role("link", name="修改", exact=True).click()
    duty.accessible()
    duty.page.locator("summary", has_text="加一段").last.click()
    duty.page.locator("details[open] textarea").fill("请各区县抓好落实。")
    duty.page.locator("details[open] button").click()
    duty.page.locator("article ins").wait_for(state="attached")
    duty.accessible()
    duty.fits()
    head = signed_in("coordinator")
    head.go(duty.page.url.removeprefix(head.home).split("?")[0])
    head.page.get_by_role("button", name="审核", exact=True).click()
    head.page.get_by_text("已审核").first.wait_for()
    duty.clean()
    head.clean()


@pytest.mark.parametrize(
    "path", ["/bulletins/", "/bulletins/ranking/", "/bulletins/registers/effluent/"]
)
def test_the_desk_fits_a_phone(bureau, signed_in, path):
    leader = signed_in("leader", size="phone")
    leader.go(path)
    leader.fits()
    leader.accessible()
    leader.clean()
