"""Every screen of the manual: seen, accessible, nothing sideways, nothing from another host."""

from __future__ import annotations

import pytest

VARIANTS = {
    "light": {},
    "phone": {"size": "phone"},
    "dark": {"theme": "dark"},
    "english": {"language": "en"},
}
MAIN = {
    "workbench",
    "map",
    "alarms",
    "alarm",
    "trace",
    "section",
    "case",
    "ledger-handle",
    "bulletin",
}
OPEN = {  # while the alarm stands open: name → who looks, where
    "workbench": ("duty", "/"),
    "alarms": ("duty", "/signals/"),
    "alarm": ("duty", "/signals/{alarm}/"),
    "trace": ("duty", "/trace/{alarm}/"),
    "map": ("duty", "/map/"),
    "section": ("duty", "/sections/{section}/?factor=w21003"),
    "demo-sign-in": ("", "/demo/sign-in/"),
}
LATER = {
    "case": ("duty", "/cases/{case}/"),
    "deed": ("duty", "/cases/{second}/do/assign/"),
    "ledger-assign": ("duty", "/cases/?ledger=assign"),
    "ledger-handle": ("duty", "/cases/?ledger=handle"),
    "ledger-conclude": ("duty", "/cases/?ledger=conclude"),
    "sections": ("duty", "/sections/"),
    "outfalls": ("duty", "/outfalls/"),
    "enterprises": ("duty", "/enterprises/"),
    "enterprise": ("duty", "/enterprises/{enterprise}/"),
    "inbox": ("officer", "/notices/"),
    "bulletin": ("duty", "/bulletins/1/"),
    "bulletins": ("duty", "/bulletins/"),
    "quarantine": ("duty", "/sources/quarantine/"),
    "sources": ("duty", "/sources/"),
    "rules": ("duty", "/sources/rules/"),
    "procedure": ("duty", "/procedures/exceedance/"),
    "search": ("duty", "/search/?q=%E6%A1%A5"),
    "people": ("system", "/people/"),
    "person": ("security", "/people/{officer}/"),
    "access": ("security", "/people/access/"),
    "audit": ("audit", "/audit/"),
    "enterprise-tasks": ("enterprise", "/my/cases/"),
    "enterprise-done": ("enterprise", "/my/cases/{case}/"),
    "error": ("duty", "/nothing-here/"),
}  # fmt: skip


def look(walk, keep, name, who, path, variant):
    tab = walk.tab(who, **VARIANTS[variant])
    answer = tab.go(path)
    assert answer.status == (404 if name == "error" else 200)
    if name == "error":
        tab.problems.clear()  # the browser reports the 404 it was meant to get
    if tab.page.locator("qy-map").count():
        tab.page.wait_for_function(
            "() => [...document.querySelectorAll('qy-map')].every((m) => m.map ? m.map.loaded() : m.querySelector('canvas'))",
            timeout=30_000,
        )
        tab.page.wait_for_timeout(1200)
    elif tab.page.locator("qy-chart").count():
        tab.page.wait_for_selector("qy-chart canvas")
    if variant in {"light", "phone"} or name in MAIN:
        keep(tab, f"{name}-{variant}")
    tab.fits()
    tab.accessible()
    tab.clean()


def variants(screens):
    for name, (who, path) in screens.items():
        for variant in VARIANTS:
            if variant != "english" or name in MAIN:
                yield pytest.param(name, who, path, variant, id=f"{name}-{variant}")


@pytest.mark.parametrize(("name", "who", "path", "variant"), list(variants(OPEN)))
def test_a_screen_while_the_alarm_is_open(walk, alarm, keep, name, who, path, variant):
    look(walk, keep, name, who, path.format(alarm=alarm.pk, section=alarm.section), variant)


@pytest.mark.parametrize(("name", "who", "path", "variant"), list(variants(LATER)))
def test_a_screen_once_the_case_is_closed(walk, told, keep, name, who, path, variant):
    where = path.format(
        case=told.number,
        second=told.second,
        officer=walk.city.people["officer"],
        enterprise=walk.city.story.enterprise_id,
    )
    look(walk, keep, name, who, where, variant)
