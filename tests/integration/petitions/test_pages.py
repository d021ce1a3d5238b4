"""The pages answer, in both languages, for who may see them."""

from __future__ import annotations

import re
from html import unescape

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from petition_desk import CONTACT, Desk, picture_with_secrets
from qingyuan.web.notices.models import Notice
from qingyuan.web.petitions import services
from qingyuan.web.petitions.models import Look, Petition, Report

STAFF_PAGES = ["petitions", "petition-packages", "petition-backlog", "petition-escalations", "petition-figures"]  # fmt: skip
HEAD_PAGES = ["petition-intake", "petition-samples", "petition-look-backs", "petition-settings", "petition-escalation"]  # fmt: skip


def text_of(answer) -> str:
    return unescape(re.sub(r"<[^>]+>", " ", answer.content.decode()))


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_every_page_answers(desk: Desk, enter, language: str) -> None:
    petition = desk.register(desk.receive(photos=[("a.jpg", picture_with_secrets("x"))]))
    desk.answered(petition)
    desk.called(petition, "unsatisfied", "unsolved")
    waiting = desk.receive()
    head = enter("head")
    head.cookies[settings.LANGUAGE_COOKIE_NAME] = language
    number = petition.case.number
    routes = [
        *[(name,) for name in [*STAFF_PAGES, *HEAD_PAGES]], ("petition", number),
        ("petition-words", number), ("petition-package", number), ("petition-report", waiting.pk),
        ("petition-look", waiting.pk),
    ]  # fmt: skip
    for name, *args in routes:
        assert head.get(reverse(name, args=args)).status_code == 200, name
    for tab in ("open", "callback", "ill", "closed", "all"):
        assert head.get(reverse("petitions"), {"tab": tab}).status_code == 200
    for by in ("unit", "district", "category", "channel", "month"):
        page = head.get(reverse("petition-figures"), {"by": by})
        assert page.status_code == 200


def test_a_look_asks_why_is_written_down_and_told(desk: Desk, enter) -> None:
    petition = desk.register()
    report = petition.reports.get()
    address = reverse("petition-look", args=[report.pk])
    duty = enter("duty")
    assert CONTACT["phone"] not in text_of(duty.get(address))
    assert duty.post(address, {"reason": "  "}).status_code == 422
    assert not Look.objects.exists()
    answer = duty.post(address, {"reason": "回访核实地点"})
    assert CONTACT["phone"] in text_of(answer)
    assert answer["Cache-Control"] == "no-store"
    look = Look.objects.get()
    assert (look.reason, look.what, look.told) == ("回访核实地点", "contact", "综合组长")
    told = Notice.objects.get(user=desk.who("head"), kind="petition")
    assert petition.case.number in told.title_zh
    assert CONTACT["name"] not in told.title_zh


def test_only_who_has_the_duty_may_look(desk: Desk, enter) -> None:
    report = desk.register().reports.get()
    address = reverse("petition-look", args=[report.pk])
    for who in ("east1", "second", "west1", "ent1", "audit1"):
        assert enter(who).post(address, {"reason": "想看"}).status_code == 404, who
    desk.checked(report.petition)
    assert enter("east1").post(address, {"reason": "联系来件人"}).status_code == 200  # 承办人


def test_who_is_linked_to_the_enterprise_stands_aside(desk: Desk, raises_problem) -> None:
    from qingyuan.core.periods import city_date
    from qingyuan.web.registry.models import Enterprise

    report = desk.register(enterprise_id="E1").reports.get()
    services.avoid(
        officer=desk.who("duty"), enterprise=Enterprise.objects.get(code="E1"), relation="配偶任职",
        valid_from=city_date(desk.at), by=desk.who("head"), at=desk.at,
    )  # fmt: skip
    with raises_problem("petitions.conflict_of_interest"):
        services.look(report, by=desk.who("duty"), reason="回访", at=desk.at)
    assert not Look.objects.exists()


def test_the_desk_registers_merges_and_refuses(desk: Desk, enter) -> None:
    first, second, third = desk.receive(), desk.receive(), desk.receive()
    duty = enter("duty")
    form = {
        "title": "东山区大气异味问题", "text_inspector": "夜间有刺鼻气味", "types": ["air"], "kind": "claim",
        "district": "379901", "lon": "120.4", "lat": "36.6",
    }  # fmt: skip
    page = text_of(duty.get(reverse("petition-report", args=[first.pk])))
    assert "▇▇" in duty.get(reverse("petition-report", args=[first.pk])).content.decode()
    assert "望海路九十九号" in page  # 原文只在信访岗
    assert duty.post(reverse("petition-report", args=[first.pk]), form).status_code == 302
    petition = Petition.objects.get()
    page = text_of(duty.get(reverse("petition-report", args=[second.pk])))
    assert petition.case.number in page  # 查重候选
    merged = duty.post(
        reverse("petition-report", args=[second.pk]), {"merge": petition.case.number}
    )
    assert merged.status_code == 302
    petition.refresh_from_db()
    assert petition.reports_count == 2
    refused = duty.post(
        reverse("petition-report", args=[third.pk]), {"refuse": "1", "reason": "广告"}
    )
    assert refused.status_code == 302
    assert sorted(Report.objects.values_list("state", flat=True)) == [
        "merged",
        "refused",
        "registered",
    ]


def test_a_leader_owns_a_petition_until_all_five_are_ticked(
    desk: Desk, enter, raises_problem
) -> None:
    petition = desk.register()
    head = enter("head")
    address = reverse("petition-package", args=[petition.case.number])
    four = {
        "leader": "vice",
        "team": "专班五人",
        "plan": "每周调度",
        "pursuit": "年底前化解",
        "period": "2026下半年",
    }
    assert head.post(address, {**four, "plan": ""}).status_code == 422
    assert head.post(address, four).status_code == 302
    assert head.post(address, {"deed": "close"}).status_code == 422
    day = "2026-09-22"
    for mode in ("go_down", "receive"):
        visit = {"deed": "visit", "mode": mode, "on": day, "note": "到现场"}
        assert head.post(address, visit).status_code == 302
    desk.answered(petition)
    desk.called(petition, "satisfied", "solved")
    with raises_problem("casework.mark_stands"):
        desk.strike_off(petition)
    for kind in ("situation", "guidance", "solution", "settlement", "stability"):
        tick = {"deed": "tick", "kind": kind, "done_on": day, "note": "已办"}
        assert head.post(address, tick).status_code == 302
    page = text_of(head.get(reverse("petition-packages")))
    assert "≥ 2" in page
    assert head.post(address, {"deed": "close"}).status_code == 302
    assert desk.strike_off(petition).state == "closed"


def test_a_citizen_reports_checks_and_comes_back(desk: Desk, db: None) -> None:
    phone = Client()
    address = reverse("public-report")
    assert phone.get(address).status_code == 200
    assert phone.get(address, {"c": "nothing"}).status_code == 404
    photo = SimpleUploadedFile("家门口.jpg", picture_with_secrets("探针photo"), "image/jpeg")
    given = {
        "category": "air", "place": "望海路", "text": "有气味", "q_what": "smell", "lon": "120.4",
        "lat": "36.6", "name": "郑乐山", "phone": "13712345678", "photos": photo,
    }  # fmt: skip
    check = phone.post(address, given)
    assert check.status_code == 200
    hidden = dict(re.findall(r'name="(key|token)" value="([^"]+)"', check.content.decode()))
    assert Report.objects.get().state == "draft"
    sent = phone.post(reverse("public-report-send"), hidden)
    number, code = re.findall(r"<strong>([A-Z0-9-]{11}|\d{8})</strong>", sent.content.decode())
    assert phone.post(reverse("public-report-send"), hidden).status_code == 422  # 不会提交两次
    report = Report.objects.get()
    assert b"\xe6\x8e\xa2\xe9\x92\x88photo" not in bytes(report.photos.get().image)
    asked = {"number": number.lower(), "code": code}
    assert "办理中" in text_of(phone.post(reverse("public-progress"), asked))
    petition = desk.register(report)
    desk.closed(petition)
    page = text_of(phone.post(reverse("public-progress"), asked))
    assert "已办结" in page
    assert petition.case.number not in page
    assert "东山分局" not in page
    assert phone.post(reverse("public-progress"), {**asked, "code": "00000000"}).status_code == 422


def test_an_address_is_stopped_and_not_kept(desk: Desk) -> None:
    phone = Client(REMOTE_ADDR="203.0.113.77")
    wrong = {"number": "AAAAA-AAAAA", "code": "00000000"}
    answers = [phone.post(reverse("public-progress"), wrong) for _ in range(12)]
    assert [a.status_code for a in answers].count(429) >= 1
    stopped = [a for a in answers if a.status_code == 429]
    assert int(stopped[0]["Retry-After"]) <= 61
    from qingyuan.web.petitions.models import Knock

    assert "203.0.113.77" not in "".join(Knock.objects.values_list("mark", flat=True))


def test_what_is_said_of_staff_reaches_the_discipline_role_alone(desk: Desk, enter) -> None:
    given = {
        "kind": "officer",
        "subject": "某窗口",
        "text": "探针conduct 态度生硬",
        "contact": "137",
    }
    assert Client().post(reverse("public-conduct"), given).status_code == 200
    audit = enter("audit1")
    page = audit.get(reverse("conduct-reports"))
    assert "某窗口" in text_of(page)
    (one,) = re.findall(r'href="(/conduct/[0-9a-f-]{36}/)"', page.content.decode())
    assert "探针conduct" in text_of(audit.get(one))
    for who in ("head", "boss", "duty", "east1", "secure1"):
        assert enter(who).get(one).status_code == 404, who
    assert audit.post(one, {"result": "已谈话提醒", "proven": "on"}).status_code == 302
