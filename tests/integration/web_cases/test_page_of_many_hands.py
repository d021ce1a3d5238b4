"""The case page with several units, rounds, links, checks; two people at once; urging, taking back."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse

from qingyuan.host.citytime import CityClock
from qingyuan.web.cases import services
from qingyuan.web.cases.models import Case
from qingyuan.web.cases.services import SweepObject

pytestmark = pytest.mark.django_db


@pytest.fixture
def page(client, town, monkeypatch):
    """Open a route as a person and return the answer; with *data* it is sent."""

    monkeypatch.setattr(CityClock, "now", lambda self: town.at + timedelta(minutes=5))

    def look(who: str, route: str, *args: object, data: dict[str, object] | None = None):
        client.force_login(town.who(who))
        address = reverse(route, args=args)
        return client.get(address) if data is None else client.post(address, data)

    return look


def text(answer) -> str:
    assert answer.status_code == 200, answer.status_code
    return answer.content.decode()


def _with_units(town, joint, **more) -> Case:
    case = joint(types=["air", "noise"], source=("青岛热线", "2026-9"), immediate=True, **more)
    return town.do(case, "duty", "assign", unit="east", person="east1", co_units=["west"])


def test_units_checks_types_and_form_are_on_the_page(page, town, joint):
    case = _with_units(town, joint)
    town.do(case, "west1", "report_co", report="西侧已清理")
    town.do(case, "east1", "find", truth="partly", progress="staged")
    html = text(page("duty", "case", case.number))
    for said in (
        "主办", "协办", "西侧已清理", "西河分局", "大气、噪声", "2026-9", "立行立改", "部分属实 · 阶段性办结",
        "收到日期", "清单", "责任", "销号", "单位、责任人、期限齐备", "尚未销号", "交办到签收",
    ):  # fmt: skip
        assert said in html, said
    assert text(page("west1", "case", case.number))  # who has a part may read


def test_rounds_stay_readable(page, town, joint):
    case = _with_units(town, joint)
    town.do(case, "west1", "report_co", report="西侧第一轮")
    town.do(case, "east1", "find", truth="proven", progress="done")
    town.do(case, "east1", "finish", report="东侧第一轮")
    town.do(case, "duty", "redo", reason="群众不满意")
    html = text(page("duty", "case", case.number))
    assert "各轮办理" in html
    assert "第 2 轮" in html
    assert "属实 · 办结" in html
    assert "西侧第一轮" in html


def test_what_hangs_below_is_rolled_up_and_the_rest_counted(page, town, joint):
    case = _with_units(town, joint)
    objects = [
        SweepObject("place", f"place:{n}", f"{n} 号点", d)
        for n, d in enumerate(["379901", "379902"])
    ]
    services.sweep(case=case, objects=objects, by=town.who("duty"), at=town.at)
    html = text(page("duty", "case", case.number))
    assert "办结 0 / 2" in html
    assert html.count("举一反三任务") == 2
    branch = text(page("east1", "case", case.number))
    assert branch.count("举一反三任务") == 1
    assert "另有 1 件不在您的可见范围" in branch
    task = Case.objects.get(things__ref="place:0")
    assert "举一反三来源" in text(page("duty", "case", task.number))


def test_the_second_sees_what_the_first_did_and_keeps_what_he_wrote(page, town, joint):
    case = joint()
    form = text(page("head", "case-deed", case.number, "assign"))
    assert 'name="seen" value="1"' in form
    town.do(case, "duty", "assign", unit="east", person="east1")
    typed = {"seen": "1", "into": "LH20260000", "reason": "我写了很久的理由"}
    answer = page("head", "case-deed", case.number, "merge", data=typed)
    assert answer.status_code == 422
    html = answer.content.decode()
    assert "您填写期间，别人做了这些" in html
    assert "我写了很久的理由" in html
    assert "东山分局" in html
    assert 'name="seen" value="2"' in html
    again = page("head", "case-deed", case.number, "merge", data={**typed, "seen": "2"})
    assert "没有编号为" in again.content.decode()  # it is judged on its merits now


def test_urging_is_a_line_and_once_a_day(page, town, joint):
    case = _with_units(town, joint)
    assert "催办" in text(page("boss", "case", case.number))
    assert page("boss", "case-urge", case.number, data={"note": "请加快"}).status_code == 302
    assert case.deeds.get(name="urge").given == {"note": "请加快"}
    again = page("duty", "case-urge", case.number, data={})
    assert again.status_code == 422
    assert page("east1", "case-urge", case.number, data={}).status_code == 404
    assert page("boss", "case-urge", case.number).status_code == 404  # it is posted only


def test_a_step_is_taken_back_from_the_page(page, town, joint):
    case = _with_units(town, joint)
    assert "撤回刚才这一步" in text(page("duty", "case", case.number))
    assert "撤回刚才这一步" not in text(page("head", "case", case.number))
    assert page("head", "case-undo", case.number, data={}).status_code == 422
    assert page("duty", "case-undo", case.number, data={}).status_code == 302
    html = text(page("duty", "case", case.number))
    assert "已撤回" in html
    assert Case.objects.get(pk=case.pk).state == "registered"


def test_cases_are_linked_split_and_swept_from_one_page(page, town, joint):
    case, other = joint(), joint()
    assert text(page("duty", "case-links", case.number)).count("<form") >= 3
    assert page("east1", "case-links", case.number).status_code == 404
    sent = {"what": "link", "link-other": other.number, "link-kind": "same_source"}
    assert page("duty", "case-links", case.number, data=sent).status_code == 422
    sent["link-reason"] = "同一排口"
    assert page("duty", "case-links", case.number, data=sent).status_code == 302
    assert other.hangs_on.get().other == case
    sent = {"what": "split", "split-titles": "东侧\n\n西侧\n", "split-reason": "两处"}
    assert page("duty", "case-links", case.number, data=sent).status_code == 302
    assert case.carries.filter(kind="split").count() == 2
    sent = {"what": "sweep", "sweep-title": "排查直排", "sweep-objects": ["enterprise:E1"]}
    assert page("duty", "case-links", case.number, data=sent).status_code == 302
    assert case.carries.get(kind="sweep").case.enterprise_id == "E1"
    unknown = {"what": "link", "link-other": "X", "link-kind": "parent", "link-reason": "x"}
    assert page("duty", "case-links", case.number, data=unknown).status_code == 422
    assert page("duty", "case-links", case.number, data={"what": "burn"}).status_code == 422


def test_every_kind_of_field_can_be_filled_in(page, town, joint):
    case = joint()
    html = text(page("duty", "case-deed", case.number, "assign"))
    assert "multiple" in html
    sent = {"seen": "1", "unit": "east", "person": "east1", "co_units": ["west"]}
    assert page("duty", "case-deed", case.number, "assign", data=sent).status_code == 302
    assert case.parts.count() == 2
    assert "西河分局" in text(page("duty", "case", case.number))
