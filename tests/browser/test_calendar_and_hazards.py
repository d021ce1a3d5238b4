"""工作日历与镇街突出点：先看影响再确认；列表与地图并排。两种语言，桌面与手机。"""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest

from case_town import Town, build_town
from qingyuan.host.citytime import CityClock


@pytest.fixture
def town(db: None, monkeypatch: pytest.MonkeyPatch) -> Town:
    """A town with a running case and hazards in two of its towns."""
    made = build_town()
    monkeypatch.setattr(CityClock, "now", lambda self: made.at + timedelta(minutes=5))
    made.signed(made.open(title="望澜桥断面氨氮连续三次超过Ⅲ类限值"))
    for n, (place, risk, where) in enumerate(
        [("粪污塘", "major", "河口镇"), ("旧坑塘", "larger", "东山镇"), ("料堆", "low", "河口镇")]
    ):
        form = {
            "place": place, "risk": risk, "town": where, "key_point": True, "lon": Decimal(12041 + n) / 100, "lat": Decimal("36.12"),
            "standard": "每周检查一次，雨前加密，发现外溢当日处置",
        }  # fmt: skip
        made.open(procedure="hazard", title=place, enterprise_id=None, section_code="", form=form)
    return made


@pytest.mark.parametrize(
    ("size", "language"), [("desk", "zh-hans"), ("phone", "zh-hans"), ("desk", "en")]
)
def test_calendar_and_key_points(signed_in, town, picture, size, language):
    tab = signed_in("head", size=size, language=language)
    tab.go("/organisation/calendar/?year=2026")
    for name, value in (
        ("start", "2026-09-23"), ("end", "2026-09-23"), ("name", "台风停工"), ("notice", "市府通知〔2026〕7号"),
    ):  # fmt: skip
        tab.page.fill(f"[name={name}]", value)
    tab.page.locator("#change button").last.click()
    tab.page.wait_for_selector("[name=confirm]")
    picture(tab, f"calendar-{size}-{language}", whole=True)
    tab.accessible()
    tab.fits()
    tab.go("/cases/hazards/")
    picture(tab, f"hazards-{size}-{language}", whole=True)
    tab.accessible(without=("qy-map",))
    tab.fits()
    tab.clean()
