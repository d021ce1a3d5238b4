"""Case page, ledgers and the enterprise's phone: as people see and use them."""

from __future__ import annotations

from datetime import timedelta

import pytest

from case_town import Town, build_town
from joint_procedure import opens_joint
from qingyuan.host.citytime import CityClock
from qingyuan.web.accounts.models import User
from qingyuan.web.cases import services
from qingyuan.web.cases.models import Case
from qingyuan.web.registry.models import Enterprise

LONG = "望澜桥断面氨氮连续三次超过Ⅲ类限值，疑与上游印染企业夜间排水有关"


@pytest.fixture
def town(db: None, monkeypatch: pytest.MonkeyPatch) -> Town:
    made = build_town()
    monkeypatch.setattr(CityClock, "now", lambda self: made.at + timedelta(minutes=5))
    for username, name in {
        "duty": "顾海岳",
        "east1": "沈若溪",
        "second": "陆文澜",
        "head": "程思源",
    }.items():
        User.objects.filter(username=username).update(name=name)
    Enterprise.objects.filter(code="E1").update(
        name_zh="清河市沽河街道绿源印染整理加工有限责任公司"
    )
    return made


@pytest.fixture
def busy(town: Town) -> Town:
    """A ledger with something in every tab."""
    for n in range(4):
        town.open(title=f"待交办第 {n + 1} 件：青石桥断面总磷超标")
    town.signed(town.open(title="逾期的一件：入海口断面溶解氧偏低"))
    town.at += timedelta(days=20)
    for stride in ("signed", "pushed", "submitted", "to_close", "closed"):
        getattr(town, stride)(town.open(title=LONG))
    return town


@pytest.mark.parametrize(
    ("size", "theme", "language"),
    [("desk", "light", "zh-hans"), ("desk", "dark", "en"), ("phone", "light", "zh-hans")],
)
def test_ledger_and_case_can_be_read(signed_in, busy, picture, size, theme, language):
    tab = signed_in("duty", size=size, theme=theme, language=language)
    for ledger in ("assign", "handle", "conclude"):
        tab.go(f"/cases/?ledger={ledger}")
        picture(tab, f"ledger-{ledger}-{size}-{theme}-{language}", whole=size == "phone")
        tab.accessible()
        tab.fits()
    for state in ("signed", "submitted", "closed"):
        number = Case.objects.filter(state=state).last().number
        tab.go(f"/cases/{number}/")
        picture(tab, f"case-{state}-{size}-{theme}-{language}")
        tab.accessible()
        tab.fits()
    tab.clean()


def test_forms_can_be_filled_by_keyboard(signed_in, busy, picture):
    tab = signed_in("duty")
    number = Case.objects.filter(state="registered").first().number
    tab.go(f"/cases/{number}/do/assign/")
    picture(tab, "deed-assign")
    tab.accessible()
    tab.page.get_by_label("交办意见").fill("请当日到场")
    tab.page.get_by_role("button", name="交办").press("Enter")
    tab.page.wait_for_url(f"**/cases/{number}/")
    assert "请当日到场" in tab.page.inner_text("main")
    for path, name in (
        ("/cases/open/", "case-open"),
        ("/procedures/exceedance/", "procedure"),
    ):
        tab.go(path)
        picture(tab, name)
        tab.accessible()
        tab.fits()
    tab.clean()


@pytest.mark.parametrize(("size", "language"), [("desk", "zh-hans"), ("phone", "en")])
def test_a_case_of_many_hands_can_be_read(signed_in, town, monkeypatch, picture, size, language):
    joint = opens_joint(town, monkeypatch)
    case = joint(types=["air", "noise"], source=("市热线", "2026-09-1188"), immediate=True)
    town.do(case, "duty", "assign", unit="east", person="east1", co_units=["west"])
    town.do(case, "west1", "report_co", report="西侧三处堆场已覆盖，附照片与测距记录")
    town.do(case, "east1", "find", truth="partly", progress="staged")
    town.do(case, "east1", "finish", report="东侧两处已清运")
    town.do(case, "duty", "redo", reason="群众反映夜间仍有异味")
    town.do(case, "duty", "assign", unit="east", person="east1", co_units=["west"])
    things = [
        services.SweepObject("place", f"place:{n}", f"{n} 号堆场", "379901") for n in range(1, 4)
    ]
    services.sweep(case=case, objects=things, by=town.who("duty"), at=town.at, title="排查堆场")
    tab = signed_in("duty", size=size, language=language)
    for path, name in (
        (f"/cases/{case.number}/", "case-hands"),
        (f"/cases/{case.number}/links/", "case-links"),
    ):
        tab.go(path)
        picture(tab, f"{name}-{size}-{language}")
        tab.accessible()
        tab.fits()
    tab.clean()


def test_the_enterprise_rectifies_from_a_phone(signed_in, town, picture, tmp_path):
    from case_town import photo

    case = town.pushed(town.open(title=LONG))
    tab = signed_in("ent1", size="phone")
    tab.go("/my/cases/")
    picture(tab, "my-cases")
    tab.accessible()
    tab.fits()
    tab.page.get_by_role("link", name=LONG).click()
    tab.page.wait_for_url(f"**/{case.number}/")
    picture(tab, "my-case")
    tab.accessible()
    tab.fits()
    tab.page.get_by_role("link", name="提交整改结果").click()
    picture(tab, "my-deed")
    tab.accessible()
    tab.fits()
    tab.clean()
    tab.page.get_by_role("button", name="提交整改结果").click()
    tab.page.get_by_role("alert").wait_for()
    tab.problems.clear()  # the browser reports the 422 it was meant to get
    picture(tab, "my-deed-wrong")
    tab.accessible()
    tab.page.get_by_label("整改措施", exact=True).fill("已拆除私设排水管")
    for kind in ("before", "after"):
        path = tmp_path / f"{kind}.jpg"
        path.write_bytes(photo())
        tab.page.locator(f"[name=evidence_{kind}_photo]").set_input_files(path)
    tab.page.get_by_role("button", name="提交整改结果").click()
    tab.page.wait_for_url(f"**/my/cases/{case.number}/")
    picture(tab, "my-case-submitted")
    assert Case.objects.get(pk=case.pk).state == "submitted"
    tab.clean()
