"""The screens of surveys and dust sources: road map, hot spot, slips, ranking, fleet; register to round."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from dusty_town import a_patch, a_round, a_site, seat_departments
from qingyuan.core.periods import day_of
from qingyuan.web.accounts.models import Unit
from qingyuan.web.dust.models import Round
from qingyuan.web.surveys import services
from qingyuan.web.surveys.models import HotSpot, StretchDay
from survey_town import SurveyTown, build_survey_town

DAYS = [date(2026, 10, 12) + timedelta(days=n) for n in range(3)]
SCREENS = (
    "surveys/",
    "surveys/hotspots/",
    "surveys/hotspots/{spot}/",
    "surveys/slips/",
    "surveys/ranking/?month=2026-10",
    "surveys/vehicles/",
    "surveys/vehicles/T01/",
    "surveys/data/",
    "dust-sources/",
    "dust-sources/sites/YC-1/",
    "dust-sources/leads/",
    "dust-sources/leads/TB-1/",
    "dust-sources/rounds/",
    "dust-sources/rounds/{round}/",
    "dust-sources/departments/",
    "dust-sources/task/",
)


@pytest.fixture
def fleet(db, tmp_path, settings, monkeypatch) -> SurveyTown:
    """Three days driven past one source of dust, the night analysed, a slip issued, a site registered."""
    from qingyuan.host.citytime import CityClock
    from qingyuan.host.folder import DataFolder
    from qingyuan.synth.fleet import DustSource

    settings.FOLDER = DataFolder(tmp_path / "city").create("city")
    made = build_survey_town()
    made.sources.append(DustSource(20, 10, 90, 95, made.hours))
    made.drives(*DAYS, step_s=6)
    run = made.night(DAYS[-1])
    StretchDay.objects.bulk_create(  # the nights before, so that the month can be ranked
        StretchDay(run=run, stretch_id=d.stretch_id, day=day, pm10=d.pm10, pm25=d.pm25,
                   increment=d.increment, passes=d.passes, vehicles=d.vehicles)
        for d in StretchDay.objects.all() for day in DAYS[:-1]
    )  # fmt: skip
    town = made.town
    town.at = day_of(DAYS[-1]).end + timedelta(hours=9)
    monkeypatch.setattr(CityClock, "now", lambda _: town.at)
    a_patch(town)
    seat_departments(town)
    a_round(town, a_site(town))
    services.issue_slip(
        spot=HotSpot.objects.earliest("code"), unit=Unit.objects.get(code="east"), person=town.who("east1"),
        due_on=DAYS[-1] + timedelta(days=4), by=town.who("duty"), at=town.at,
    )  # fmt: skip
    return made


def test_every_screen_is_accessible_and_fits(signed_in, picture, fleet):
    said = {"spot": HotSpot.objects.earliest("code").code, "round": Round.objects.get().code}
    for name, how, paths in (
        ("desk", {}, SCREENS),
        ("phone", {"size": "phone"}, SCREENS),
        ("en", {"language": "en"}, SCREENS[:8]),
        ("dark", {"theme": "dark"}, SCREENS[:5]),
    ):
        tab = signed_in("head", **how)
        for path in paths:
            where = path.format(**said)
            assert tab.go(f"/{where}").status == 200, where
            if tab.page.locator("qy-map").count():
                tab.page.wait_for_function(
                    "() => [...document.querySelectorAll('qy-map')].every((m) => m.map ? m.map.loaded() : m.querySelector('canvas'))",
                    timeout=30_000,
                )
            tab.accessible()
            tab.fits()
            picture(tab, f"{where.partition('?')[0].replace('/', '-')}{name}")
        tab.clean()


def test_the_road_map_steps_through_the_hours_without_asking_again(signed_in, fleet):
    tab = signed_in("head")
    page, asked = tab.page, []
    with page.expect_response("**/surveys/hours.json*"):
        tab.go("/surveys/")
    page.wait_for_selector("qy-map[data-loaded]")
    page.on("request", lambda r: asked.append(r.url) if "/surveys/" in r.url else None)
    page.get_by_role("button", name="逐时").click()
    slider = page.get_by_role("slider", name="时间")

    def shown() -> tuple[str, str]:
        said = page.locator("[data-roads='says']").inner_text()
        return str(slider.get_attribute("aria-valuetext")), said

    assert shown()[0] == f"{DAYS[-1]} 08:00–09:00 北京时间（UTC+8）"
    slider.press("ArrowRight")
    page.wait_for_url("**hour=9")
    when, said = shown()
    assert "09:00–10:00" in when
    assert not said.startswith("0 条")
    for _ in range(3):
        slider.press("ArrowLeft")
    page.wait_for_url("**hour=6")
    assert shown()[1].startswith("0 条路段有通过，共 0 次")
    assert page.locator("[data-roads='empty']").is_visible()
    assert asked == []
    slider.press("ArrowRight")
    page.get_by_role("button", name="播放").click()
    page.wait_for_url("**hour=8")
    page.get_by_role("button", name="暂停").click()
    tab.accessible()
    tab.clean()
