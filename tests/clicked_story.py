"""The loop clicked through in a browser, each person in a tab of their own (点一遍)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from qingyuan.demo.pictures import picture

__all__ = ["Alarm", "Told", "press_until", "raise_alarm", "tell"]

_AT = datetime(2026, 9, 22, 1, 0, tzinfo=UTC)  # written on the drawn photographs
_SLOW = 90_000  # ms: the limit is crossed while somebody looks, on a machine that may be busy


@dataclass(frozen=True)
class Alarm:
    """The alarm as the duty officer first saw it."""

    pk: int
    section: str


@dataclass(frozen=True)
class Told:
    """What the story left behind."""

    alarm: Alarm
    number: str
    second: str  # a case opened by hand that still waits for its assignment


def raise_alarm(walk: Any) -> Alarm:
    """Watch the console until the alarm appears by itself, and until its trace is answered."""
    story, duty = walk.city.story, walk.tab("duty")
    duty.go("/signals/")
    duty.page.evaluate("() => { window.__kept = true; }")
    row = (
        duty.page.locator("tr", has_text=story.section_name)
        .filter(has_text="氨氮")
        .filter(has_text="超标")
    )
    row.first.wait_for(timeout=_SLOW)
    assert duty.page.evaluate("() => window.__kept"), "the page was loaded again"
    assert "mg/L" in row.first.inner_text()
    row.first.get_by_role("link").first.click()
    duty.page.wait_for_url(re.compile(r"/signals/\d+/$"))
    alarm = Alarm(int(duty.page.url.rstrip("/").rsplit("/", 1)[1]), story.incident.section_id)
    duty.page.get_by_role("link", name="溯源").first.click()
    _suspect(walk).wait_for(timeout=_SLOW)
    return alarm


def _suspect(walk: Any) -> Any:
    """The culprit's row of the suspects; it must be one of the first three."""
    rows = walk.tab("duty").page.locator(
        "tbody tr", has=walk.tab("duty").page.get_by_role("button", name="就此建案")
    )
    return rows.filter(has_text=re.compile(rf"\b{walk.city.story.outfall_id}\b")).first


def tell(walk: Any, alarm: Alarm, keep: Any, folder: Path) -> Told:
    """Carry the alarm to its close-out: twelve deeds by eight people, all of them clicks."""
    story, duty = walk.city.story, walk.tab("duty")
    duty.go(f"/signals/{alarm.pk}/")
    duty.page.get_by_role("button", name="确认").first.click()
    duty.page.get_by_role("link", name="溯源").first.click()
    rank = int(_suspect(walk).locator("td").first.inner_text())
    assert rank <= 3, f"the culprit came {rank}th"
    _suspect(walk).get_by_role("button", name="就此建案").click()
    duty.page.wait_for_url("**/cases/*/")
    number = duty.page.url.rstrip("/").rsplit("/", 1)[1]

    desk = _Desk(walk, number, folder)
    desk.asks("duty", "交办")
    keep(duty, "deed-light")
    desk.does("duty", "交办", {"交办意见": "请当日到场核查"})
    officer = walk.tab("officer")
    officer.go("/notices/")
    assert number in officer.page.inner_text("main")
    desk.signs_by_keyboard()
    desk.does(
        "officer", "现场检查",
        {"检查人员（两人以上）": "两名执法人员", "核查情况": "应急池阀门未关严，废水经雨水沟混入排污口"},
        ("check_record", "before_photo"),
    )  # fmt: skip
    desk.does(
        "officer", "开列问题清单",
        {"问题（每行一条）": "应急池阀门关闭不严\n在线监测采样管未按规范固定", "整改期限": "2026-10-09"},
    )  # fmt: skip
    desk.does("officer", "线上推送", {"告知企业": "请按期整改并上传照片"})
    desk.rectifies_on_a_phone(keep)
    desk.does(
        "second", "复核通过，报审", {"复核意见": "阀门已更换，排口出水清澈"}, ("recheck_record",)
    )
    for part in ("head", "vice", "leader"):
        desk.does(part, "审签通过", {"审签意见": "同意"})
    desk.does("duty", "销号", {}, ("measurement_back",))
    assert "已销号" in duty.page.inner_text("main")
    return Told(alarm, number, _opened_by_hand(duty, story))


class _Desk:
    """What people do on one case."""

    def __init__(self, walk: Any, number: str, folder: Path) -> None:
        self._walk, self._number, self._folder = walk, number, folder

    def asks(self, part: str, deed: str) -> Any:
        """Open the form of a deed from the case's own buttons."""
        tab = self._walk.tab(part)
        tab.go(f"/cases/{self._number}/")
        tab.page.get_by_role("link", name=deed, exact=True).click()
        tab.page.wait_for_url("**/do/*/")
        return tab.page

    def does(
        self, part: str, deed: str, words: dict[str, str] | None = None, files: tuple[str, ...] = ()
    ) -> None:
        """Fill the form of a deed and send it."""
        page = self.asks(part, deed)
        for label, text in (words or {}).items():
            page.get_by_label(re.compile(rf"^\s*{re.escape(label)}")).first.fill(text)
        self._attach(page, files)
        page.get_by_role("button", name=deed, exact=True).click()
        page.wait_for_url(re.compile(rf"/cases/{self._number}/$|/cases/(\?|$)"))

    def _attach(self, page: Any, kinds: tuple[str, ...]) -> None:
        for kind in kinds:
            path = self._folder / f"{kind}.jpg"
            path.write_bytes(picture(kind, case=self._number, at=datetime.now(UTC)))  # noqa: TID251 -- a drawing
            page.locator(f"[name=evidence_{kind}]").set_input_files(path)

    def signs_by_keyboard(self) -> None:
        """签收 without a mouse."""
        page = self._walk.tab("officer").page
        self._walk.tab("officer").go(f"/cases/{self._number}/")
        for leads_to in ("**/do/sign/", f"**/cases/{self._number}/"):
            press_until(page, "签收")  # the link on the case, then the button of the form
            page.keyboard.press("Enter")
            page.wait_for_url(leads_to)

    def rectifies_on_a_phone(self, keep: Any) -> None:
        """The enterprise confirms, and hands in photographs from its phone."""
        tab = self._walk.tab("enterprise", size="phone")
        page = tab.page
        tab.go("/")
        page.get_by_role("link", name=re.compile("断面氨氮|超标")).first.click()
        page.wait_for_url(f"**/my/cases/{self._number}/")
        page.get_by_role("link", name="确认收到").click()
        page.get_by_role("button", name="确认收到").click()
        page.wait_for_url(f"**/my/cases/{self._number}/")
        keep(tab, "enterprise-case-phone")
        page.get_by_role("link", name="提交整改结果").click()
        page.get_by_label("整改措施", exact=True).fill("已更换应急池阀门并封堵雨水沟旁通口")
        self._attach(page, ("before_photo", "after_photo"))
        keep(tab, "enterprise-submit-phone")
        tab.fits()
        tab.accessible()
        page.get_by_role("button", name="提交整改结果").click()
        page.wait_for_url(f"**/my/cases/{self._number}/")


def press_until(page: Any, words: str, *, most: int = 90) -> None:
    """Press Tab until what has the focus reads *words*."""
    for _ in range(most):
        page.keyboard.press("Tab")
        if page.evaluate("() => document.activeElement?.innerText?.trim() ?? ''") == words:
            return
    raise AssertionError(f"{words} cannot be reached by the keyboard")


def _opened_by_hand(duty: Any, story: Any) -> str:
    duty.go("/cases/open/")
    page = duty.page
    page.get_by_label("标题").fill(f"{story.section_name}断面上游雨水口晴天有水流出，疑似混接")
    page.get_by_label("区市").select_option(story.district_code)
    page.get_by_label("来源").fill("现场巡查")
    page.get_by_role("button", name="立案").click()
    page.wait_for_url("**/cases/JD*/")
    return str(page.url.rstrip("/").rsplit("/", 1)[1])
