"""The pages: who sees which case, what each shows, and that every form works as a plain POST."""

from __future__ import annotations

import io
from datetime import timedelta

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from python_calamine import CalamineWorkbook

from case_town import photo
from qingyuan.host.citytime import CityClock
from qingyuan.web.accounts.models import Watch
from qingyuan.web.cases.models import Case
from qingyuan.web.files.models import Attachment

pytestmark = pytest.mark.django_db
STAFF = ("duty", "east1", "second", "head", "vice", "boss")


@pytest.fixture
def city_clock(town, monkeypatch):
    """Pages read the town's own time."""
    monkeypatch.setattr(CityClock, "now", lambda self: town.at + timedelta(minutes=30))


@pytest.fixture
def page(client, town, city_clock):
    """Open a route as a person and return the answer."""

    def look(
        who: str,
        route: str,
        *args: object,
        data: dict | None = None,
        post: bool = False,
        **query: str,
    ):
        client.force_login(town.who(who))
        address = reverse(route, args=args)
        if post:
            return client.post(address, data or {})
        return client.get(address, query)

    return look


def text(answer) -> str:
    assert answer.status_code == 200, answer.status_code
    return answer.content.decode()


def test_the_ledgers_hold_each_case_once(page, town, case):
    town.signed(town.open(title="第二件"))
    town.closed(town.open(title="第三件"))
    seen = {
        tab: text(page("duty", "ledger", ledger=tab)) for tab in ("assign", "handle", "conclude")
    }
    for number in Case.objects.values_list("number", flat=True):
        assert sum(f">{number}<" in html for html in seen.values()) == 1
    cumulative = text(page("duty", "ledger", ledger="assigned"))
    assert cumulative.count("qy-rowlink") == 2
    assert text(page("duty", "ledger", ledger="all")).count("qy-rowlink") == 3


def test_totals_agree_with_the_rows(page, town, case):
    town.do(case, "duty", "assign", unit="east", person="east1")
    town.at += timedelta(days=20)
    html = text(page("duty", "ledger", ledger="assign"))
    assert "1 件，其中逾期 1 件" in html
    assert "data-late" in html
    assert text(page("duty", "ledger", overdue="1")).count("qy-rowlink") == 1


@pytest.mark.parametrize(
    ("query", "n"),
    [
        ({"text": "望澜桥"}, 1),
        ({"text": "JD2026"}, 2),
        ({"text": "没有"}, 0),
        ({"district": "379902"}, 1),
        ({"matter": "air"}, 0),
        ({"state": "registered"}, 2),
        ({"opened": "2026-09-22"}, 2),
        ({"opened": "2026-09-21"}, 0),
        ({"opened": "昨天"}, 2),
        ({"concluded": "2026-09-22"}, 0),
        ({"enterprise": "E2"}, 1),
    ],
)
def test_filters_narrow(page, town, case, query, n):
    town.open(title="入海口总磷超标", district_code="379902", enterprise_id="E2")
    assert text(page("duty", "ledger", ledger="all", **query)).count("qy-rowlink") == n


@pytest.mark.parametrize(
    "key", ["number", "opened", "due", "district", "unit", "state", "round", "x"]
)
def test_every_column_sorts_both_ways(page, town, case, key):
    town.open(title="第二件")
    for sort in (key, f"-{key}"):
        assert text(page("duty", "ledger", ledger="all", sort=sort)).count("qy-rowlink") == 2


def test_what_waits_for_me_is_one_click_away(page, town, case):
    town.signed(town.open(title="第二件"))
    assert text(page("duty", "ledger", mine="1")).count("qy-rowlink") == 1
    assert text(page("east1", "ledger", mine="1")).count("qy-rowlink") == 1
    assert text(page("boss", "ledger", mine="1")).count("qy-rowlink") == 0


def test_an_empty_ledger_says_what_will_come(page, town):
    assert "没有在办的案件" in text(page("duty", "ledger"))


def test_the_export_holds_what_the_screen_holds_and_no_formula(page, town, case):
    town.signed(case)
    town.open(title="=cmd|calc")
    answer = page("duty", "ledger-export", ledger="all", sort="number")
    book = CalamineWorkbook.from_filelike(io.BytesIO(answer.content))
    cover, rows = (book.get_sheet_by_index(n).to_python() for n in (0, 1))
    assert [r[0] for r in rows[1:]] == list(
        Case.objects.order_by("number").values_list("number", flat=True)
    )
    assert rows[2][1] == "=cmd|calc"
    first = dict(zip(rows[0], rows[1], strict=True))
    assert first["立案"].isoformat() == "2026-09-22"
    assert first["已用（工作日）"] == 0
    assert cover[1] == ["行数", 2]
    assert b"<f>" not in answer.content


def test_a_district_sees_its_own_and_what_it_follows(page, town, case):
    other = town.open(title="入海口总磷超标", district_code="379902", enterprise_id="E2")
    assert page("east1", "case", case.number).status_code == 200
    assert page("east1", "case", other.number).status_code == 404
    assert page("west1", "case", case.number).status_code == 404
    Watch.objects.create(user=town.who("west1"), kind="case", ref=case.number, since=town.at)
    assert page("west1", "case", case.number).status_code == 200


def test_a_case_given_to_a_unit_elsewhere_is_seen_there(page, town, case):
    town.do(case, "duty", "assign", unit="west", person="west1")
    assert page("west1", "case", case.number).status_code == 200


@pytest.mark.parametrize("who", ["ent1", "admin1", "audit1", "secure1"])
@pytest.mark.parametrize("route", ["ledger", "case", "case-deed", "case-live", "ledger-export"])
def test_nobody_else_reaches_the_bureaus_pages(page, town, case, who, route):
    args = {
        "case": (case.number,),
        "case-live": (case.number,),
        "case-deed": (case.number, "assign"),
    }
    assert page(who, route, *args.get(route, ())).status_code == 404


@pytest.mark.parametrize("stride", ["open", "signed", "pushed", "submitted", "to_close", "closed"])
def test_the_page_opens_at_every_stage_for_everybody_concerned(page, town, case, stride):
    if stride != "open":
        getattr(town, stride)(case)
    for who in STAFF:
        html = text(page(who, "case", case.number))
        assert case.number in html
        assert "办理经过" in html
        assert "发现" in html


def test_the_countdown_explains_its_rule(page, town, case):
    town.signed(case)
    html = text(page("east1", "case", case.number))
    assert "自 2026-09-22 起 10 个工作日" in html
    assert "跳过 09-25—09-27、10-01—10-07" in html
    assert "个工作日" in html


def test_only_lawful_deeds_are_offered(page, town, case):
    html = text(page("duty", "case", case.number))
    assert reverse("case-deed", args=[case.number, "assign"]) in html
    assert reverse("case-deed", args=[case.number, "close_out"]) not in html
    assert page("duty", "case-deed", case.number, "close_out").status_code == 404
    assert page("duty", "case-deed", case.number, "burn").status_code == 404


def test_the_checklist_names_what_is_missing(page, town, case):
    town.submitted(case)
    html = text(page("second", "case", case.number))
    assert html.count('data-done="yes"') == 2
    assert "复核记录" in html
    assert "监测恢复达标记录（或填写无监测达标记录的理由）" in html


def test_assigning_through_the_form_is_prefilled_by_the_matrix(page, town, case):
    html = text(page("duty", "case-deed", case.number, "assign"))
    assert '<option value="east" selected>' in html
    assert '<option value="east1" selected>' in html
    answer = page(
        "duty",
        "case-deed",
        case.number,
        "assign",
        post=True,
        data={"unit": "east", "person": "east1", "seen": "1"},
    )
    assert answer.status_code == 302
    case.refresh_from_db()
    assert case.state == "assigned"


def test_a_bad_form_keeps_what_was_typed_and_says_what_is_wrong(page, town, case):
    town.do(case, "duty", "assign", unit="east", person="east1")
    answer = page("east1", "case-deed", case.number, "send_back", post=True, data={"reason": ""})
    assert answer.status_code == 422
    assert "请填写“退回理由”" in answer.content.decode()
    town.do(case, "east1", "sign")
    answer = page(
        "east1",
        "case-deed",
        case.number,
        "check_onsite",
        post=True,
        data={"officers": "甲、乙", "finding": "已到场"},
    )
    assert answer.status_code == 422
    assert "已到场" in answer.content.decode()
    assert "请上传“检查（核查）记录”" in answer.content.decode()


def test_the_second_of_two_keeps_the_text_and_is_told(page, town, case):
    town.do(case, "duty", "assign", unit="east", person="east1")
    data = {"unit": "west", "person": "west1", "reason": "应属西河", "seen": "1"}
    answer = page("head", "case-deed", case.number, "reassign", post=True, data=data)
    assert answer.status_code == 422
    html = answer.content.decode()
    assert "应属西河" in html
    assert "您打开这一页之后" in html


def test_evidence_goes_up_with_the_form_and_comes_back_as_a_picture(page, town, case):
    town.signed(case)
    data = {
        "officers": "甲、乙",
        "finding": "私设排水管",
        "evidence_check_record": SimpleUploadedFile("r.jpg", photo(), "image/jpeg"),
        "evidence_before_photo": [
            SimpleUploadedFile(f"{n}.jpg", photo(), "image/jpeg") for n in "ab"
        ],
    }
    assert (
        page("east1", "case-deed", case.number, "check_onsite", post=True, data=data).status_code
        == 302
    )
    assert Attachment.objects.count() == 3
    key = Attachment.objects.filter(kind="before_photo").first().pk
    answer = page("head", "case-file", case.number, key)
    assert answer["Content-Type"] == "image/webp"
    assert b"".join(answer.streaming_content)[:4] == b"RIFF"
    assert page("west1", "case-file", case.number, key).status_code == 404
    assert page("ent1", "my-case-file", case.number, key).status_code == 404


def test_opening_by_hand(page, town):
    html = text(page("duty", "case-open", title="望澜桥断面氨氮超标", district="379901"))
    assert "望澜桥断面氨氮超标" in html
    data = {
        "title": "暗管排水",
        "district": "379901",
        "matter": "source",
        "level": "3",
        "source": "现场巡查",
        "enterprise": "E1",
    }
    answer = page("duty", "case-open", post=True, data=data)
    assert answer.status_code == 302
    case = Case.objects.get(title="暗管排水")
    assert (case.origin_kind, case.origin_label, case.level) == ("manual", "现场巡查", 3)
    assert page("duty", "case-open", post=True, data={"title": ""}).status_code == 422
    assert page("boss", "case-open").status_code == 404
    assert (
        page("east1", "case-open", post=True, data={**data, "district": "379902"}).status_code
        == 422
    )


def test_the_page_tells_when_something_happened(page, town, case):
    answer = page("duty", "case-live", case.number, since="1")
    assert answer.status_code == 204
    town.do(case, "duty", "assign", unit="east", person="east1")
    answer = page("duty", "case-live", case.number, since="1")
    assert answer["X-Live-Since"] == "2"
    assert 'id="case-body"' in text(answer)


def test_the_procedure_can_be_read(page, town):
    html = text(page("boss", "procedure", "exceedance"))
    assert "行政处罚法" in html
    assert "<svg" in html
    assert page("boss", "procedure", "gossip").status_code == 404


def test_english_pages_speak_english(page, town, case, client):
    town.signed(case)
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"
    html = text(page("east1", "case", case.number))
    assert "10 working days from 2026-09-22" in html
    assert "Check on site" in html
