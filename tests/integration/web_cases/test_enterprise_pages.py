"""The enterprise sees its own tasks and nothing internal."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from case_town import photo
from qingyuan.host.citytime import CityClock
from qingyuan.web.cases import selectors
from qingyuan.web.cases.models import Case
from qingyuan.web.notices.models import Notice

pytestmark = pytest.mark.django_db
INTERNAL = (
    "内部甲",
    "内部核查情况",
    "内部复核意见",
    "内部审签意见",
    "东山经办",
    "东山复核",
    "综合组长",
    "主要领导",
)


@pytest.fixture
def look(client, town, monkeypatch):
    monkeypatch.setattr(CityClock, "now", lambda self: town.at + timedelta(minutes=30))

    def answer(who: str, route: str, *args: object, data: dict | None = None):
        client.force_login(town.who(who))
        address = reverse(route, args=args)
        return client.post(address, data) if data is not None else client.get(address)

    return answer


def test_nothing_is_there_before_the_push(look, town, case):
    town.signed(case)
    assert case.number not in look("ent1", "my-cases").content.decode()
    assert look("ent1", "my-case", case.number).status_code == 404
    assert selectors.waiting_for_enterprise(town.who("ent1")) == 0


def test_a_pushed_case_appears_with_problems_deadline_and_message(look, town, case):
    town.pushed(case)
    assert case.number in look("ent1", "my-cases").content.decode()
    html = look("ent1", "my-case", case.number).content.decode()
    assert "私设排水管" in html
    assert "请按期整改" in html
    assert "限 2026-09-28 前" in html
    notice = Notice.objects.get(user__username="ent1")
    assert notice.url == f"/my/cases/{case.number}/"
    assert selectors.waiting_for_enterprise(town.who("ent1")) == 1


def test_an_enterprise_named_after_the_check_sees_the_push(look, town):
    case = town.signed(town.open(enterprise_id=None))
    town.do(case, "east1", "link_enterprise", enterprise="E1", reason="管道通向该厂")
    assert look("ent1", "my-case", case.number).status_code == 404
    town.do(case, "east1", "check_onsite", "check_record", officers="甲、乙", finding="私设管道")
    town.do(case, "east1", "list_problems", problems=["私设管道"], due_on=date(2026, 9, 28))
    town.do(case, "east1", "push")
    assert look("ent1", "my-case", case.number).status_code == 200
    assert "清河印染有限公司" in look("duty", "case", case.number).content.decode()


def test_an_enterprise_nobody_knows_is_refused(town, raises_problem):
    case = town.signed(town.open(enterprise_id=None))
    with raises_problem("cases.enterprise_not_found"):
        town.do(case, "east1", "link_enterprise", enterprise="E9", reason="—")


def test_another_enterprise_finds_nothing(look, town, case):
    town.pushed(case)
    assert case.number not in look("rival", "my-cases").content.decode()
    for route, *more in (("my-case",), ("my-case-deed", "submit")):
        assert look("rival", route, case.number, *more).status_code == 404
        assert look("rival", route, case.number, *more, data={"measures": "x"}).status_code in (
            404,
            405,
        )


def test_the_whole_rectification_from_the_phone(look, town, case):
    town.pushed(case)
    assert look("ent1", "my-case-deed", case.number, "acknowledge", data={}).status_code == 302
    asked = look("ent1", "my-case-deed", case.number, "submit").content.decode()
    assert 'capture="environment"' in asked
    bad = look("ent1", "my-case-deed", case.number, "submit", data={"measures": "已拆除排水管"})
    assert bad.status_code == 422
    assert "已拆除排水管" in bad.content.decode()
    files = {
        f"evidence_{k}_photo": SimpleUploadedFile(f"{k}.jpg", photo(), "image/jpeg")
        for k in ("before", "after")
    }
    done = look(
        "ent1", "my-case-deed", case.number, "submit", data={"measures": "已拆除排水管", **files}
    )
    assert done.status_code == 302
    case.refresh_from_db()
    assert case.state == "submitted"
    html = look("ent1", "my-case", case.number).content.decode()
    assert "待复核" in html
    assert html.count("<img") == 2
    assert selectors.waiting_for_enterprise(town.who("ent1")) == 0


@pytest.mark.parametrize("stride", ["pushed", "submitted", "to_close", "closed"])
def test_nothing_internal_reaches_the_enterprise(look, town, case, stride):
    getattr(town, stride)(case)
    pages = [look("ent1", "my-cases"), look("ent1", "my-case", case.number)]
    said = "".join(p.content.decode() for p in pages)
    said += "".join(
        f"{n.title_zh}{n.body_zh}" for n in Notice.objects.filter(user__username="ent1")
    )
    for word in INTERNAL:
        assert word not in said


def test_a_failed_recheck_tells_why_and_until_when(look, town, case):
    town.submitted(case)
    town.do(case, "second", "recheck_return", reason="照片与现场不符", due_on=date(2026, 10, 9))
    html = look("ent1", "my-case", case.number).content.decode()
    assert "照片与现场不符" in html
    assert "限 2026-10-09 前" in html


def test_after_a_rebound_the_enterprise_waits_for_the_next_push(look, town, case):
    town.do(town.closed(case), "duty", "reopen", reason="内部：断面再次超标")
    html = look("ent1", "my-case", case.number).content.decode()
    assert "再次核查中" in html
    assert "内部" not in html
    assert "qy-sticky-deed" not in html


def test_the_enterprise_cannot_do_the_bureaus_deeds(look, town, case):
    town.pushed(case)
    for deed in ("recheck_pass", "close_out", "push", "burn"):
        assert (
            look("ent1", "my-case-deed", case.number, deed, data={"opinion": "通过"}).status_code
            == 404
        )
    assert Case.objects.get(pk=case.pk).state == "pushed"


def test_staff_do_not_use_the_enterprises_pages(look, town, case):
    town.pushed(case)
    for who in ("duty", "east1", "admin1"):
        assert look(who, "my-cases").status_code == 404
