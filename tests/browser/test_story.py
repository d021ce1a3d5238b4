"""The loop, clicked through as each person; what it left behind, and the next morning."""

from __future__ import annotations

import re
import time


def test_the_whole_story_can_be_clicked(walk, told):
    duty = walk.tab("duty")
    duty.go(f"/cases/?ledger=conclude&text={told.number}")
    assert told.number in duty.page.inner_text("main")
    duty.go(f"/cases/?ledger=handle&text={told.number}")
    assert told.number not in duty.page.inner_text("tbody, .qy-empty")
    phone = walk.tab("enterprise", size="phone")
    phone.go(f"/my/cases/{told.number}/")
    assert "已办结" in phone.page.inner_text("main")


def test_nobody_who_is_not_concerned_sees_the_case(walk, told):
    for part in ("enterprise", "system"):
        tab = walk.tab(part)
        assert tab.go(f"/cases/{told.number}/").status == 404
        tab.problems.clear()  # the browser reports the 404 it was meant to get


def test_language_and_theme_can_be_switched_by_hand(walk, told):
    duty = walk.tab("duty", size="desk", theme="light", language="en")
    duty.go(f"/cases/{told.number}/")
    assert duty.page.locator("html").get_attribute("lang") == "en"
    duty.page.get_by_role("button", name="中", exact=False).first.click()
    duty.page.wait_for_function("() => document.documentElement.lang.startsWith('zh')")
    duty.page.wait_for_load_state("load")
    duty.page.get_by_role("button", name="明暗切换").click()
    assert duty.page.locator("html").get_attribute("data-bs-theme") == "dark"
    duty.clean()


def test_the_next_mornings_reminder_has_it(walk, told):
    duty, leader = walk.tab("duty"), walk.tab("leader")
    duty.go("/bulletins/")
    before = duty.page.locator("tbody tr").count()
    duty.page.get_by_role("button", name=re.compile("工作日")).first.click()
    until = time.monotonic() + 90
    while duty.page.locator("tbody tr").count() <= before:
        assert time.monotonic() < until, "no reminder was written in the morning"
        duty.page.wait_for_timeout(1500)
        duty.go("/bulletins/")
    leader.go("/bulletins/")
    leader.page.locator("tbody tr a").first.click()
    leader.page.get_by_role("button", name="签发").click()
    leader.page.get_by_text("已发布").first.wait_for()
    address = leader.page.url
    figures = leader.page.locator("article strong a")
    assert figures.count() > 3
    links = [figures.nth(n).get_attribute("href") for n in range(figures.count())]
    for link in dict.fromkeys(links):
        assert leader.go(link).status == 200
    pdf = leader.page.request.get(address + "pdf/")
    assert pdf.body().startswith(b"%PDF")
    leader.page.goto(address)
    assert re.search(r"办结\s*[1-9]\d*\s*件", leader.page.inner_text("article"))


def test_nothing_went_wrong_in_any_tab(walk, told):
    walk.clean()
