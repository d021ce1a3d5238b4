"""专项行动一件到底：印发、核定清单、下达两区、组队检查、发现两个问题、一件销号一件逾期、总结冻结数字。"""

from __future__ import annotations

import io
import zipfile
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from python_calamine import CalamineWorkbook

from campaign_town import CampaignTown, build_campaign_town
from case_town import photo
from qingyuan.core.periods import city_date
from qingyuan.core.problems import Problem
from qingyuan.host.citytime import CityClock
from qingyuan.web.accounts.scope import scope_of
from qingyuan.web.audit.models import Entry
from qingyuan.web.campaigns import selectors, services
from qingyuan.web.campaigns.models import Campaign, Listing, SubPlan, Team, Visit
from qingyuan.web.cases.models import Case
from qingyuan.web.notices.models import Notice


@pytest.fixture
def place(db: None, monkeypatch: pytest.MonkeyPatch) -> CampaignTown:
    built = build_campaign_town()
    monkeypatch.setattr(CityClock, "now", lambda _: built.town.at)
    return built


class _Desk:
    """Somebody's browser."""

    def __init__(self, place: CampaignTown, name: str) -> None:
        self._client = Client()
        self._client.force_login(place.who(name))

    def sees(self, address: str) -> str:
        answer = self._client.get(address)
        assert answer.status_code == 200, (address, answer.status_code)
        return answer.content.decode()

    def gets(self, address: str) -> bytes:
        answer = self._client.get(address)
        assert answer.status_code == 200, (address, answer.status_code)
        return b"".join(answer.streaming_content) if answer.streaming else answer.content

    def misses(self, address: str) -> None:
        assert self._client.get(address).status_code == 404, address

    def sends(self, address: str, **given: Any) -> str:
        answer = self._client.post(address, given)
        assert answer.status_code == 302, (
            address,
            answer.status_code,
            answer.content.decode()[-3000:],
        )
        return str(answer["Location"])


def _figures(place: CampaignTown, who: str) -> selectors.Figures:
    scope = scope_of(place.who(who), on=city_date(place.town.at))
    return selectors.figures(place.campaign, scope, at=place.town.at)


def _handled(town: Any, case: Case, district_unit: str, officer: str) -> Case:
    due = city_date(town.at) + timedelta(days=6)
    town.do(case, "duty", "assign", unit=district_unit, person=officer, due_on=due)
    return town.do(case, officer, "sign")


def test_a_campaign_from_the_order_to_the_closing_report(place: CampaignTown):
    town, number = place.town, place.campaign.number
    head, east, west = _Desk(place, "head"), _Desk(place, "east1"), _Desk(place, "west1")
    assert number == "ZX2026-001"
    east.misses(f"/campaigns/{number}/")  # 没有任务的区市还看不到

    # 清单：先看差异，再核定；两家企业，冻结了谁在何时按什么条件
    page = head._client.post(
        f"/campaigns/{number}/listing/",
        {"kind": "enterprise", "trades": "1、x", "reason": "依方案"},
    )
    assert "核定后共 2 个对象" in page.content.decode()
    head.sends(
        f"/campaigns/{number}/listing/", kind="enterprise", reason="依方案", seen="0", confirm="1"
    )
    first = Listing.objects.get()
    assert (first.total, len(first.added), first.by) == (2, 2, str(place.who("head")))

    # 下达两区；报送期限是下达（周二）后第五个工作日，中秋放假不计、调休上班计入
    for district, person in (("379901", "east1"), ("379902", "west1")):
        head.sends(
            f"/campaigns/{number}/districts/", district=district, person=place.who(person).pk, quota=1,
            finish_on="2026-11-30",
        )  # fmt: skip
    plan = SubPlan.objects.get(district_id="379901")
    assert plan.due_on.isoformat() == "2026-09-30"
    east.sends(f"/campaigns/{number}/districts/379901/do/submit/", text="逐家检查，九月底前完成。")
    west.misses(f"/campaigns/{number}/districts/379901/")
    head.sends(f"/campaigns/{number}/districts/379901/do/send-back/", opinion="请写明人员分工")
    east.sends(f"/campaigns/{number}/districts/379901/do/submit/", text="逐家检查，两人一组。")
    head.sends(f"/campaigns/{number}/districts/379901/do/accept/", opinion="同意")
    plan.refresh_from_db()
    assert plan.state == SubPlan.State.ACCEPTED

    # 联合部门带队，两区各一家；被查的区市事先看不到
    team = place.team("police1", "east1", unit=place.police)
    visits = place.planned(team)
    assert set(visits) == {"E1", "E2"}
    west.misses(f"/campaigns/visits/{visits['E2'].pk}/")
    east.sees(f"/campaigns/teams/{team.pk}/field/")  # 组员看得到
    enterprise = _Desk(place, "ent1")
    for address in (
        "/campaigns/",
        f"/campaigns/{number}/",
        f"/campaigns/visits/{visits['E1'].pk}/",
    ):
        enterprise.misses(address)

    # 现场登记：一处用手机页面，一处由另一组员；各成一案，再送一次不多一案
    phone = _Desk(place, "duty")
    answer = phone._client.post(
        f"/campaigns/visits/{visits['E1'].pk}/", {"result": "problem", "finding": "见渗漏"}
    )
    assert answer.status_code == 422
    phone.sends(
        f"/campaigns/visits/{visits['E1'].pk}/", result="problem", finding="收集沟破损，有渗漏。", types="water",
        problem="废水收集沟破损", risk="larger", standard="修复并做防渗", photos=SimpleUploadedFile("现场.jpg", photo()),
    )  # fmt: skip
    one = Visit.objects.get(pk=visits["E1"].pk)
    assert phone.gets(f"/campaigns/visits/{one.pk}/photos/{one.photos.get().attachment_id}/")
    two = place.found(visits["E2"], who="police1", problem="雨污混排")
    assert place.found(visits["E2"], who="police1", problem="雨污混排").pk == two.pk
    assert Case.objects.count() == 2
    case, late = one.case, two.case
    assert case is not None
    assert late is not None
    assert (case.source_system, case.source_no) == ("campaign", f"{number}-{one.pk}")
    assert (case.title, case.district_id, case.enterprise_id) == (
        "清河印染有限公司：废水收集沟破损",
        "379901",
        "E1",
    )
    assert "专项行动" not in case.title
    assert "雨污混排" in west.sees(f"/campaigns/visits/{two.pk}/")  # 查过之后区市看得到

    # 一件办到销号，一件过了期限
    _handled(town, case, "east", "east1")
    _handled(town, late, "west", "west1")
    town.do(case, "east1", "finish", "before_photo", "after_photo", "plan_paper", measures="已修复")
    town.do(
        case, "duty", "close_out", "before_photo", "after_photo", "recheck_record", opinion="属实"
    )
    assert Notice.objects.filter(
        user=place.who("duty"), kind="campaign", title_zh__contains=case.number
    ).exists()
    town.at += timedelta(days=14)

    # 应报未报：西河的方案与两周周报，东山的周报；催一次，每区一条
    scope = scope_of(place.who("head"), on=city_date(town.at))
    owed = selectors.missing(place.campaign, scope, at=town.at)
    assert [m.plan.district_id for m in owed if m.week is None] == ["379902"]
    assert all(m.late for m in owed if m.week is None)
    assert services.remind(place.campaign, scope=scope, by=place.who("head"), at=town.at) == 2
    before = len(owed)
    east.sends(
        f"/campaigns/{number}/districts/379901/do/report/",
        **{"report-week": "2026-09-21", "report-text": "已查一家，问题已改。"},
    )
    assert len(selectors.missing(place.campaign, scope, at=town.at)) == before - 1

    # 数：库里数的、页面上的、点开的行，一样
    counted = _figures(place, "head")
    assert (counted.whole.objects, counted.whole.visited, counted.whole.problems) == (2, 2, 2)
    assert (
        counted.whole.cases,
        counted.whole.closed,
        counted.whole.overdue,
        counted.whole.rate,
    ) == (2, 1, 1, 0.5)
    by_district = {line.key: (line.cases, line.closed, line.overdue) for line in counted.districts}
    assert by_district == {"379901": (1, 1, 0), "379902": (1, 0, 1)}
    by_unit = {line.key: (line.problems, line.cases, line.overdue) for line in counted.departments}
    assert by_unit == {
        "bureau": (0, 0, 0),
        "police": (2, 0, 0),
        "east": (0, 1, 0),
        "west": (0, 1, 1),
    }
    assert "50.0%" in head.sees(f"/campaigns/{number}/")
    book = CalamineWorkbook.from_filelike(
        io.BytesIO(head.gets(f"/campaigns/{number}/files/figures.xlsx"))
    )
    assert book.get_sheet_by_index(1).to_python()[1][9] == 50
    for line in (counted.whole, *counted.districts, *counted.departments):
        for name, address in line.links.items():
            shown = head.sees(address)
            expected = {"cases": line.cases, "closed": line.closed, "overdue": line.overdue}.get(
                name
            )
            if expected is not None:
                assert shown.count('class="qy-rowlink') == expected, (line.name, name)
    own = _figures(place, "east1")
    assert (own.whole.objects, own.whole.cases) == (2, 1)  # 组员还看得到本组查的西河企业
    assert _figures(place, "west1").whole.objects == 1

    # 举一反三：由这一案排查清单里其余对象
    opened = services.sweep_objects(
        place.campaign, case, targets=list(selectors.targets(place.campaign, scope)), title="收集沟防渗排查",
        standard="逐条检查", by=place.who("head"), at=town.at,
    )  # fmt: skip
    assert [task.enterprise_id for task in opened] == ["E2"]
    assert _figures(place, "head").whole.cases == 3
    town.do(opened[0], "head", "dismiss", reason="未见同类问题")

    # 周报与统计表；总结后数字冻结，案件照办
    with zipfile.ZipFile(io.BytesIO(head.gets(f"/campaigns/{number}/files/weekly.docx"))) as paper:
        assert "销号率66.7%" in paper.read("word/document.xml").decode()
    assert "西河县" in head.gets(f"/campaigns/{number}/files/weekly.txt").decode()
    with pytest.raises(Problem) as refused:
        services.close_campaign(
            place.campaign,
            text="总结",
            scope=scope_of(place.who("east1"), on=city_date(town.at)),
            by=place.who("east1"),
            at=town.at,
        )
    assert refused.value.code == "campaigns.not_whole"
    head.sends(f"/campaigns/{number}/close/", text="两区企业全部查到，遗留一件继续督办。")
    town.do(late, "west1", "finish", "before_photo", "after_photo", "plan_paper", measures="已分流")
    town.do(
        late, "duty", "close_out", "before_photo", "after_photo", "recheck_record", opinion="属实"
    )
    shown = head.sees(f"/campaigns/{number}/")
    assert "66.7%" in shown
    book = CalamineWorkbook.from_filelike(
        io.BytesIO(head.gets(f"/campaigns/{number}/files/figures.xlsx"))
    )
    assert book.get_sheet_by_index(1).to_python()[1][9] == pytest.approx(66.7)
    assert head.gets(f"/campaigns/{number}/files/closing.docx").startswith(b"PK")
    with pytest.raises(Problem) as refused:
        place.asked("379901", "east1")
    assert refused.value.code == "campaigns.closed"
    deeds = set(Entry.objects.filter(target=f"campaign:{number}").values_list("deed", flat=True))
    assert {
        f"campaigns.{d}"
        for d in (
            "make",
            "list",
            "ask",
            "submit",
            "send_back",
            "accept",
            "team",
            "plan",
            "visit",
            "remind",
            "report",
            "sweep",
            "close",
            "file",
        )
    } <= deeds
    assert Campaign.objects.get().closed_at is not None
    assert Team.objects.count() == 1
    assert Visit.objects.filter(done_at=None).count() == 0
