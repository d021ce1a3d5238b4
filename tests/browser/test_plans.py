"""The plans' screens: list, plan, ledger, missing reports, dispatch, leaders, evaluation, a task."""

from __future__ import annotations

import pytest

from plan_office import Office, busy_plan


@pytest.fixture
def office(db, tmp_path, settings, monkeypatch):
    return Office.build(tmp_path / "data", settings=settings, monkeypatch=monkeypatch)


SCREENS = {
    "desk": (
        {},
        (
            "plans/{code}/",
            "plans/{code}/dispatch/",
            "plans/tasks/{pk}/",
            "plans/tasks/{pk}/revise/",
        ),
    ),
    "phone": (
        {"size": "phone", "theme": "dark"},
        ("plans/", "plans/{code}/", "plans/tasks/", "plans/leaders/leader_a/"),
    ),
    "en": (
        {"language": "en"},
        ("plans/{code}/missing/", "plans/leaders/", "plans/{code}/evaluation/", "plans/new/"),
    ),
}


@pytest.mark.parametrize("name", SCREENS)
def test_every_screen_is_accessible_and_fits(signed_in, picture, office, name):
    plan = busy_plan(office)
    how, paths = SCREENS[name]
    tab = signed_in("head", **how)
    for path in paths:
        address = path.format(code=plan.code, pk=plan.nodes.get(number="4").pk)
        assert tab.go(f"/{address}").status == 200
        tab.accessible()
        tab.fits()
        picture(tab, f"plans-{address.replace('/', '-')}{name}")
    tab.clean()


def test_a_report_is_sent_from_a_phone_by_keyboard(signed_in, office):
    plan = busy_plan(office)
    first = plan.nodes.get(number="1").pk
    tab = signed_in("p_brigade", size="phone")
    tab.go(f"/plans/tasks/{first}/report/")
    tab.page.locator("[name=percent]").fill("45")
    tab.page.keyboard.press("Tab")
    tab.page.keyboard.type("已排查六十家")
    tab.page.keyboard.press("Tab")
    tab.page.keyboard.press("Enter")
    tab.page.wait_for_url(f"**/plans/tasks/{first}/")
    assert "已排查六十家" in tab.page.locator("main").inner_text()
    tab.clean()
