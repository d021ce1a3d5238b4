"""The road map by the hour: one answer a day, what nobody drove has no class."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from qingyuan.hotspots import CLASSES
from qingyuan.web.surveys.models import RoadNetwork, Stretch, StretchDay, SurveyRun
from survey_town import FIRST

EIGHT, TWELVE = [8, 310.0, 90.0, 240.0, 3, 2], [12, 40.0, None, 1.5, 1, 1]


@pytest.fixture
def days(fleet):
    """Two days: the newer with hours, the older from before hours were kept."""
    network = RoadNetwork.objects.get()
    for back, hours in ((0, [EIGHT, TWELVE]), (1, None)):
        day = FIRST - timedelta(days=back)
        run = SurveyRun.objects.create(
            day=day, first_day=day, state=SurveyRun.State.DONE, revision=1, network=network,
            asked_at=fleet.town.at, asked_by="系统", finished_at=fleet.town.at,
        )  # fmt: skip
        first = Stretch.objects.order_by("number").first()
        StretchDay.objects.create(
            run=run, stretch=first, day=day, pm10=175.0, pm25=60.0, increment=120.0, passes=4, vehicles=2, hours=hours,
        )  # fmt: skip
    browser = Client()
    browser.force_login(fleet.town.who("head"))
    return browser


def test_a_day_with_its_hours_is_one_answer(days, django_assert_max_num_queries):
    with django_assert_max_num_queries(25):
        answer = days.get(reverse("surveys-hours"), {"day": f"{FIRST}"})
    told = answer.json()
    assert (told["day"], told["zone"], told["hourly"], told["network"]) == (
        f"{FIRST}",
        "Asia/Shanghai",
        True,
        1,
    )
    (row,) = told["stretches"].values()
    named = [CLASSES[row["day"][0]], *(CLASSES[hour[1]] for hour in row["hours"])]
    assert named == ["orange", "red", "green"]
    assert row["hours"][0] == [8, 0, 310.0, 90.0, 240.0, 3, 2]
    assert len(answer.content) < 300
    older = days.get(reverse("surveys-hours"), {"day": f"{FIRST - timedelta(days=1)}"}).json()
    assert older["hourly"] is False
    assert [row["hours"] for row in older["stretches"].values()] == [[]]


@pytest.mark.parametrize(("hour", "label", "passes"), [("", "橙", 4), ("8", "红", 3), ("12", "绿", 1)])  # fmt: skip
def test_the_page_tells_an_hour_without_a_script(days, hour, label, passes):
    page = days.get(reverse("surveys"), {"day": f"{FIRST}", **({"hour": hour} if hour else {})})
    said = page.content.decode()
    assert re.findall(r'class="qy-road"[^>]*>(.)</span>\s*</td>', said) == [label]
    assert f"1 条路段有通过，共 {passes} 次；{Stretch.objects.count() - 1} 条无通过。" in said
    assert ("全天" if not hour else f"{int(hour):02d}:00–{int(hour) + 1:02d}:00") in said
    assert "北京时间（UTC+8）" in said


def test_an_hour_nobody_drove_says_so_and_what_is_no_hour_is_not_there(days):
    said = days.get(reverse("surveys"), {"day": f"{FIRST}", "hour": "3"}).content.decode()
    assert re.search(r'data-roads="empty">\s*这一时段没有车驶过任何路段。', said)
    for given in ("24", "-1", "八", "1.5"):
        assert days.get(reverse("surveys"), {"hour": given}).status_code == 404
    assert days.get(reverse("surveys"), {"day": "2020-01-01"}).status_code == 404
