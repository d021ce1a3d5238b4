"""Two dust hot spots: found by taxis, put under supervision, rectified; one closes, one rebounds."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.test import Client
from django.urls import reverse

from case_town import uploads
from qingyuan.core.periods import day_of
from qingyuan.core.problems import Problem
from qingyuan.host.folder import DataFolder
from qingyuan.synth.fleet import DustSource
from qingyuan.web.accounts.models import Unit
from qingyuan.web.audit.models import Entry
from qingyuan.web.bulletins.services.compose import compose
from qingyuan.web.cases.models import Case
from qingyuan.web.cases.services import perform
from qingyuan.web.notices.models import Notice
from qingyuan.web.surveys import services
from qingyuan.web.surveys.models import HotSpot, Recheck
from survey_town import build_survey_town

FIRST = date(2026, 10, 12)  # the people of the town hold their offices by then


def test_one_is_struck_off_and_the_other_re_opens_under_its_number(tmp_path, settings, db):
    settings.FOLDER = DataFolder(tmp_path / "city").create("city")
    story = build_survey_town()
    town, days = story.town, [FIRST + timedelta(days=n) for n in range(14)]
    story.sources += [
        DustSource(20, 10, 90, 95, (8, 13), frozenset(days[:4])),  # washed down on the fourth day
        DustSource(-520, -500, 90, 95, (8, 13)),  # goes on whatever is reported
    ]
    story.drives(*days[:3], step_s=5)
    story.night(days[2])
    near = {s: abs(s.lon - 120.5) < 0.002 for s in HotSpot.objects.all()}
    assert sorted(near.values()) == [False, True]
    washed, going_on = (next(s for s in near if near[s] is is_near) for is_near in (True, False))

    # 下发督办单：证据冻结，案件交给分局
    at = day_of(days[3]).start + timedelta(hours=9)
    for spot in (washed, going_on):
        slip = services.issue_slip(
            spot=spot, unit=Unit.objects.get(code="east"), person=town.who("east1"),
            due_on=days[6], by=town.who("duty"), at=at,
        )  # fmt: skip
        assert len(slip.evidence["passes"]) >= 6
        assert slip.evidence["run"]["day"] == days[2].isoformat()
    washed.refresh_from_db()
    going_on.refresh_from_db()
    with pytest.raises(Problem) as refused:
        services.issue_slip(
            spot=washed, unit=Unit.objects.get(code="east"), person=town.who("east1"),
            due_on=days[6], by=town.who("duty"), at=at,
        )  # fmt: skip
    assert refused.value.code == "surveys.slip_standing"

    # 整改，附前后照片；之后逐夜复核
    for spot in (washed, going_on):
        perform(case=spot.case, deed="sign", by=town.who("east1"), at=at + timedelta(hours=1))
        perform(
            case=Case.objects.get(pk=spot.case.pk), deed="rectify", by=town.who("east1"),
            at=at + timedelta(hours=6), data={"measures": "硬化、冲洗、加密洗扫"},
            evidence=uploads("before_photo", "after_photo"),
        )  # fmt: skip
    story.drives(*days[4:7], step_s=5)
    story.night(days[4])
    assert {r.verdict for r in Recheck.objects.all()} == {"waiting"}
    with pytest.raises(Problem):  # 一天的数据不足以销号
        perform(
            case=Case.objects.get(pk=washed.case.pk), deed="close_out", by=town.who("head"),
            at=story.after(days[4]), data={"opinion": "销号"}, evidence=uploads("after_photo"),
        )  # fmt: skip
    story.night(days[5])
    story.night(days[6])
    said = {r.spot_id: r.verdict for r in Recheck.objects.filter(run__day=days[6])}
    assert said == {washed.pk: "clean", going_on.pk: "rebound"}
    assert Notice.objects.filter(title_zh__contains="建议销号").exists()

    at = story.after(days[6])
    closed = perform(
        case=Case.objects.get(pk=washed.case.pk), deed="close_out", by=town.who("head"), at=at,
        data={"opinion": "后续走航达标"},
    )  # fmt: skip
    assert closed.ledger == "conclude"
    again = perform(
        case=Case.objects.get(pk=going_on.case.pk), deed="reopen", by=town.who("head"), at=at,
        data={"reason": "复核不达标"},
    )  # fmt: skip
    assert (again.number, again.round, again.state) == (going_on.case.number, 2, "drafted")
    second = services.issue_slip(
        spot=going_on, unit=Unit.objects.get(code="east"), person=town.who("east1"),
        due_on=days[12], by=town.who("duty"), at=at + timedelta(hours=1),
    )  # fmt: skip
    assert second.case == again
    assert going_on.slips.count() == 2

    # 走航日报写出两个热点的状况，数字可以打开
    report = compose(kind="survey_daily", day=days[2], at=at)
    text = str(report.content)
    assert washed.code in text or washed.road in text
    assert reverse("hotspot", args=[washed.code]) == f"/surveys/hotspots/{washed.code}/"
    assert Entry.objects.filter(deed="surveys.slip").count() == 3

    browser = Client()
    browser.force_login(town.who("duty"))
    for address in (
        "surveys",
        "hotspots",
        "survey-slips",
        "survey-ranking",
        "survey-vehicles",
        "survey-runs",
    ):
        assert browser.get(reverse(address)).status_code == 200, address
    page = browser.get(reverse("hotspot", args=[washed.code])).content.decode()
    assert "达到复核标准" in page
    for kind, start in (("pdf", b"%PDF"), ("docx", b"PK")):
        paper = browser.get(reverse("survey-slip-file", args=[second.pk, kind]))
        assert paper.content.startswith(start)
