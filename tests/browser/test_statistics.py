"""Statistics, the leader's pages and the ledger's dialogs: as people see and use them."""

from __future__ import annotations

from datetime import timedelta

import pytest

from case_town import Town, build_town
from qingyuan.host.citytime import CityClock
from qingyuan.web.accounts.models import User
from qingyuan.web.cases.models import Case


@pytest.fixture
def town(db: None, monkeypatch: pytest.MonkeyPatch) -> Town:
    """A town with cases at every stage; some are late."""
    made = build_town()
    monkeypatch.setattr(CityClock, "now", lambda self: made.at + timedelta(minutes=5))
    names = {
        "duty": "顾海岳",
        "east1": "沈若溪",
        "second": "陆文澜",
        "head": "程思源",
        "boss": "郑明远",
    }
    for username, name in names.items():
        User.objects.filter(username=username).update(name=name)
    for n in range(3):
        made.open(title=f"待交办第 {n + 1} 件：青石桥断面总磷超标")
    made.signed(made.open(title="逾期的一件：入海口断面溶解氧偏低"))
    made.at += timedelta(days=20)
    for stride in ("signed", "pushed", "to_close", "closed"):
        getattr(made, stride)(made.open(title="望澜桥断面氨氮连续三次超过Ⅲ类限值"))
    return made


@pytest.mark.parametrize(
    ("size", "theme", "language"),
    [("desk", "light", "zh-hans"), ("desk", "dark", "en"), ("phone", "light", "zh-hans")],
)
def test_the_leader_reads_one_page(signed_in, town, picture, size, theme, language):
    tab = signed_in("boss", size=size, theme=theme, language=language)
    pages = {
        "leader": "/statistics/leader/",
        "leader-items": "/statistics/leader/duty/",
        "statistics": "/statistics/?by=unit",
    }
    for name, path in pages.items():
        tab.go(path)
        picture(tab, f"{name}-{size}-{theme}-{language}", whole=True)
        tab.accessible()
        tab.fits()
    tab.clean()


def test_a_number_opens_its_rows(signed_in, town):
    tab = signed_in("duty")
    tab.go("/statistics/?by=district")
    row = tab.page.locator("tbody tr", has_text="按时办结率").first
    link = row.locator("td").first.get_by_role("link").last
    wanted = int(link.inner_text().rpartition("/")[2])
    link.click()
    tab.page.wait_for_url("**figure=on_time_rate**")
    assert tab.page.locator("a.qy-rowlink").count() == wanted
    assert "统计口径" in tab.page.inner_text("main")
    tab.clean()


def test_the_ledger_by_keyboard(signed_in, town, picture):
    tab = signed_in("duty")
    tab.go("/cases/?ledger=all")
    tab.page.get_by_text("更多筛选").press("Enter")
    picture(tab, "ledger-more")
    tab.accessible()
    tab.page.get_by_role("button", name="列", exact=True).press("Enter")
    picture(tab, "ledger-columns")
    tab.accessible()
    tab.page.get_by_label("污染类型", exact=True).last.check()
    tab.page.get_by_label("紧凑行").check()
    tab.page.get_by_role("button", name="保存", exact=True).press("Enter")
    tab.page.wait_for_url("**ledger=all**")
    assert tab.page.get_by_role("columnheader", name="污染类型").count() == 1
    tab.page.get_by_role("button", name="视图").press("Enter")
    tab.page.get_by_label("把现在的筛选、排序和列存为").fill("全部")
    picture(tab, "ledger-views")
    tab.accessible()
    tab.page.get_by_role("button", name="保存视图").press("Enter")
    tab.page.wait_for_url("**view=**")
    number = Case.objects.get(title__startswith="逾期的一件").number
    tab.page.get_by_label(f"选择 {number}").check()
    picture(tab, "ledger-batch")
    tab.page.get_by_role("button", name="催办").press("Enter")
    tab.page.wait_for_url("**/cases/batch/")
    tab.page.get_by_label("催办意见").fill("请今日办结")
    picture(tab, "batch")
    tab.accessible()
    tab.fits()
    tab.page.get_by_role("button", name="催办").press("Enter")
    tab.page.get_by_role("status").wait_for()
    assert "办成 1 件" in tab.page.get_by_role("status").inner_text()
    picture(tab, "batch-done")
    tab.accessible()
    tab.fits()
    tab.clean()
