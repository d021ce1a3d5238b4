"""Into a city that is no demo: one-time link, password, sign-out, sign-in, a new password."""

from __future__ import annotations

import pytest

from qingyuan.host.citytime import CityClock
from qingyuan.web.accounts.services.people import make_first_administrator
from small_city import AT

FIRST, SECOND = "清源 山高 水长 2026", "再换 一个 更长 的短语"


@pytest.fixture
def link(db, monkeypatch):
    monkeypatch.setattr(CityClock, "now", lambda _: AT)
    return make_first_administrator(username="ops", name="系统管理员甲", at=AT)


def password(page, words, *, current=""):
    if current:
        page.get_by_label("现在的密码").or_(page.get_by_label("当前密码")).or_(
            page.get_by_label("原密码")
        ).first.fill(current)
    page.get_by_label("新密码").fill(words)
    page.get_by_label("再输一遍").fill(words)
    page.get_by_role("button", name="保存新密码").click()
    page.wait_for_url(lambda url: "password" not in url and "invitation" not in url)


def test_the_first_administrator_comes_in_by_a_link_that_works_once(
    city_platform, visit, link, keep
):
    tab = visit(home=city_platform)
    page = tab.page
    tab.go(f"/invitation/{link}/")
    tab.accessible()
    password(page, FIRST)
    assert "系统管理员甲" in page.inner_text("header")

    page.locator(".qy-tools summary").last.click()
    page.get_by_role("button", name="退出").click()
    page.wait_for_url("**/sign-in/**")
    tab.accessible()
    for size in ("desk", "phone"):
        seen = visit(home=city_platform, size=size)
        seen.go("/sign-in/")
        keep(seen, f"sign-in-{'light' if size == 'desk' else size}")
        seen.fits()
    tab.clean()

    spent = visit(home=city_platform)
    assert spent.go(f"/invitation/{link}/").status == 404
    spent.problems.clear()  # the browser reports the 404 it was meant to get
    spent.accessible()

    page.get_by_label("账号").fill("ops")
    page.get_by_label("密码").fill("不是这个密码，差得远")
    page.get_by_role("button", name="登录").click()
    page.get_by_role("alert").first.wait_for()
    tab.problems.clear()  # the browser reports the 422 it was meant to get
    tab.accessible()
    page.get_by_label("密码").fill(FIRST)
    page.get_by_label("密码").press("Enter")
    page.wait_for_url(lambda url: "sign-in" not in url)

    tab.go("/password/")
    tab.accessible()
    password(page, SECOND, current=FIRST)
    assert "系统管理员甲" in page.inner_text("header")
    tab.clean()


def test_the_demo_people_cannot_be_picked_in_a_real_city(city_platform, visit, link):
    tab = visit(home=city_platform)
    assert tab.go("/demo/sign-in/").status == 404
