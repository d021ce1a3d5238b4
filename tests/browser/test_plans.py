"""The plans' screens: list, plan, ledger, missing reports, dispatch, leaders, evaluation, a task."""

from __future__ import annotations

import pytest

from plan_office import Office, busy_plan


@pytest.fixture
def office(db, tmp_path, settings, monkeypatch):
    return Office.build(tmp_path / "data", settings=settings, monkeypatch=monkeypatch)


@pytest.mark.parametrize(
    "how", [{}, {"size": "phone", "theme": "dark"}, {"language": "en"}], ids=["desk", "phone", "en"]
)
def test_every_screen_is_accessible_and_fits(signed_in, picture, office, how):
    plan = busy_plan(office)
    fourth = plan.nodes.get(number="4").pk
    tab = signed_in("head", **how)
    for name, path in (
        ("plans", "/plans/"),
        ("plan", f"/plans/{plan.code}/"),
        ("tasks", "/plans/tasks/"),
        ("missing", f"/plans/{plan.code}/missing/"),
        ("dispatch", f"/plans/{plan.code}/dispatch/"),
        ("leaders", "/plans/leaders/"),
        ("leader", "/plans/leaders/leader_a/"),
        ("evaluation", f"/plans/{plan.code}/evaluation/"),
        ("task", f"/plans/tasks/{fourth}/"),
        ("new", "/plans/new/"),
        ("phases", f"/plans/{plan.code}/phases/"),
        ("revise", f"/plans/tasks/{fourth}/revise/"),
    ):
        assert tab.go(path).status == 200
        tab.accessible()
        tab.fits()
        picture(tab, f"plans-{name}-{'-'.join(how.values())}")
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
