"""The office of a leading group: departments with people, plans on its desk, people act on pages."""

from __future__ import annotations

import io
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from html import unescape
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from case_town import build_town, uploads
from qingyuan.core.periods import city_date
from qingyuan.host.citytime import CityClock
from qingyuan.host.folder import DataFolder
from qingyuan.web.accounts.models import Unit, User
from qingyuan.web.accounts.services import put_person, put_unit
from qingyuan.web.audit.services import SYSTEM
from qingyuan.web.cases.models import Case
from qingyuan.web.cases.services import perform
from qingyuan.web.plans import selectors, services
from qingyuan.web.plans.models import Node, Plan

__all__ = ["DEPARTMENTS", "Office", "busy_plan", "task_sheet", "whole_plan"]

DEPARTMENTS = {  # 单位：责任人（同一人名只有一个账号）
    "brigade": ("监察大队", "人员A"),
    "waste": ("固废科", "人员B"),
    "law": ("宣教法制科", "人员D"),
    "control": ("管理科", "人员E"),
    "station": ("监测站", "人员F"),
}
_LEADERS = {"leader_a": "领导A", "leader_c": "领导C"}


@dataclass
class Office:
    """People by username and a clock that moves when the story says so."""

    at: datetime = datetime(2026, 9, 22, 1, 0, tzinfo=UTC)
    _browsers: dict[str, Client] = field(default_factory=dict)

    @classmethod
    def build(cls, path: Path, *, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Office:
        """Load the small town, its departments and their people."""
        settings.FOLDER = DataFolder(path).create("city")
        office = cls()
        monkeypatch.setattr(CityClock, "now", lambda _: office.at)
        build_town()
        bureau = Unit.objects.get(code="bureau")
        for code, (name, person) in DEPARTMENTS.items():
            unit = put_unit(code=code, parent=bureau, name_zh=name, name_en="", kind="office", district_code="")  # fmt: skip
            _person(f"p_{code}", person, unit, "district_officer", office.at)
        for username, name in _LEADERS.items():
            _person(username, name, bureau, "vice_leader", office.at)
        return office

    def who(self, name: str) -> User:
        return User.objects.get(username=name)

    def browser(self, name: str) -> Client:
        if name not in self._browsers:
            self._browsers[name] = Client()
            self._browsers[name].force_login(self.who(name))
        return self._browsers[name]

    def sees(self, name: str, address: str, *words: str, absent: Sequence[str] = ()) -> str:
        """Open a page, expect these words on it, and return its text."""
        answer = self.browser(name).get(address)
        assert answer.status_code == 200, (name, address, answer.status_code)
        text = unescape(re.sub(r"<[^>]+>", " ", answer.content.decode()))
        for word in words:
            assert word in text, f"{word!r} is not on {address}"
        for word in absent:
            assert word not in text, f"{word!r} is on {address}"
        return text

    def sends(self, name: str, address: str, **given: Any) -> str:
        """Send a form that is accepted; return the address it leads to."""
        answer = self.browser(name).post(address, given)
        said = re.findall(r'class="qy-error"[^>]*>([^<]+)<', answer.content.decode())
        assert answer.status_code == 302, (name, address, answer.status_code, said)
        return str(answer["Location"])

    def tells(self, name: str, address: str, *words: str, **given: Any) -> None:
        """Send a form that answers with what it did."""
        answer = self.browser(name).post(address, given)
        text = unescape(re.sub(r"<[^>]+>", " ", answer.content.decode()))
        assert answer.status_code == 200, (name, address, answer.status_code, text[-600:])
        for word in words:
            assert word in text, f"{word!r} is not said by {address}"

    def plan(self, **more: Any) -> Plan:
        given: dict[str, Any] = {
            "kind": "scheme",
            "title": "“生态优先”主题实践活动",
            "office": Unit.objects.get(code="bureau"),
            "district_id": "379901",
            "starts_on": date(2026, 9, 21),
            "ends_on": date(2026, 12, 31),
            "rhythm": "weekly",
            "grace_days": 1,
        }
        return services.make_plan(by=self.who("head"), at=self.at, **{**given, **more})

    def task(self, plan: Plan, number: str = "1", **more: Any) -> Node:
        """Put a task that can be handed down."""
        given: dict[str, Any] = {
            "parent": None,
            "kind": "task",
            "title": f"任务{number}",
            "units": ["监察大队"],
            "person": self.who("p_brigade"),
            "person_name": "人员A",
            "leader": self.who("leader_a"),
            "leader_name": "领导A",
        }
        return services.add_node(
            plan, number=number, by=self.who("head"), at=self.at, **{**given, **more}
        )

    def upload(self, importer: str, name: str, content: bytes, by: str = "head") -> str:
        """Bring a file through exchange as far as its preview; return the preview's address."""
        file = SimpleUploadedFile(name, content)
        return self.sends(by, reverse("exchange-importer", args=[importer]), file=file)

    def later(self, **span: float) -> None:
        self.at += timedelta(**span)

    def do(self, case: Case, who: str, deed: str, *kinds: str, **data: Any) -> Case:
        self.later(minutes=10)
        return perform(
            case=case, deed=deed, by=self.who(who), at=self.at, data=data, evidence=uploads(*kinds)
        )

    def finish(
        self, case: Case, who: str, *, told: str = "已全部完成。", long_term: bool = False
    ) -> Case:
        """Hand a task in, accept it, sign it off and strike it off (or keep it up)."""
        self.do(case, who, "hand_in", "work_record", measures=told)
        self.do(case, "head", "accept", "acceptance_record", opinion="验收通过")
        for signer in ("head", "vice", "boss") if case.procedure.name == "party_inspection" else ("head", "vice"):  # fmt: skip
            self.do(case, signer, "sign_pass", opinion="同意")
        if long_term:
            return self.do(case, "duty", "keep_up", review_on=date(2027, 3, 31), note="每季度回看")
        return self.do(case, "duty", "conclude", note="")


def _person(username: str, name: str, unit: Unit, role: str, at: datetime) -> None:
    put_person(username=username, name=name, unit=unit, role_names=[role], at=at, by=SYSTEM)


def task_sheet() -> bytes:
    """A task sheet as bureaus send it: a title line, merged cells, two departments in one cell."""
    kept = io.BytesIO()
    book = xlsxwriter.Workbook(kept, {"in_memory": True})
    sheet = book.add_worksheet("任务分解")
    sheet.merge_range(0, 0, 0, 5, "“生态优先”主题实践活动任务分解")
    for column, head in enumerate(("序号", "活动内容", "责任部门", "责任领导", "责任人", "备注")):
        sheet.write(1, column, head)
    rows = [
        "开展环境污染隐患拉网大排查",
        "确定全市污染隐患突出点",
        "强化危险废物规范化管理",
        "压降环境信访积案",
        "出台《环境监管问责暂行办法》",
        "完善首问责任制",
    ]
    for n, title in enumerate(rows):
        sheet.write_number(2 + n, 0, n + 1)
        sheet.write(2 + n, 1, title)
    sheet.merge_range(2, 2, 3, 2, "监察大队")
    sheet.merge_range(2, 4, 3, 4, "人员A")
    sheet.merge_range(2, 3, 4, 3, "领导A")
    sheet.write(4, 2, "固废科")
    sheet.write(4, 4, "人员B")
    sheet.merge_range(5, 3, 7, 3, "领导C")
    sheet.write(5, 2, "宣教法制科")
    sheet.write(5, 4, "人员D")
    sheet.write(6, 2, "监测站")
    sheet.write(7, 2, "管理科、监察大队")
    sheet.merge_range(6, 4, 7, 4, "人员F")
    book.close()
    return kept.getvalue()


def busy_plan(office: Office) -> Plan:
    """A scheme under way: tasks ahead, behind, overdue, done, in doubt; a frozen week; papers."""
    plan = office.plan(
        announced=25, group="双组长：局长、书记；成员：各科室负责人", outlook="巩固成果"
    )
    by, at = office.who("head"), office.at
    services.set_phases(
        plan,
        [
            ("动员部署", date(2026, 9, 21), date(2026, 10, 10)),
            ("重点推进", date(2026, 10, 11), date(2026, 11, 30)),
            ("总结提高", date(2026, 12, 1), date(2026, 12, 31)),
        ],
        by=by,
        at=at,
    )
    theme = services.add_node(
        plan, parent=None, kind="theme", number="一", title="突出问题整治", by=by, at=at
    )
    titles = (
        "开展环境污染隐患拉网大排查",
        "确定全市污染隐患突出点",
        "出台《环境监管问责暂行办法》（清环发〔2026〕3号）",
        "压降环境信访积案",
        "举行“环保开放日”活动",
        "强化危险废物规范化管理",
    )
    ends = (date(2026, 12, 31), date(2026, 10, 12), date(2026, 11, 30), date(2026, 12, 10), None, None)  # fmt: skip
    nodes = [
        office.task(plan, str(n), parent=theme, title=title, due_on=due)
        for n, (title, due) in enumerate(zip(titles, ends, strict=True), 1)
    ]
    Node.objects.filter(pk=nodes[5].pk).update(
        doubts=["department", "person", "crossing"], person=None, person_name="人员H"
    )
    for node in nodes[:5]:
        office.do(services.launch(node, by=by, at=office.at), "p_brigade", "sign")
    for days, told in ((6, (10, 40, 30, 0)), (7, (20, 55, 60, 5)), (9, (30, 70, 80, 10))):
        office.later(days=days)
        for node, percent in zip(nodes[:4], told, strict=True):
            node.refresh_from_db()
            services.report(
                node,
                percent=percent,
                text=f"本周完成 {percent}%",
                by=office.who("p_brigade"),
                at=office.at,
            )
    issue = Case.objects.get(plan_node=nodes[3])
    office.do(issue, "p_brigade", "raise_issue", issue="两件积案需市里协调")
    office.finish(Case.objects.get(plan_node=nodes[2]), "p_brigade", told="办法已印发施行。")
    span = selectors.current_span(plan, at=office.at)
    services.freeze(plan, span, by=by, at=office.at)
    services.write_paper(plan, "supervision", span=span, by=by, at=office.at)
    return plan


def whole_plan(*, by: User, person: User, leader: User, at: datetime) -> Plan:
    """A plan with one of everything, for whoever reads every page: heading, task, report, papers."""
    day = city_date(at)
    office, unit = by.unit, person.unit
    plan = services.make_plan(
        kind="policy", title="方案", office=office, district_id=unit.district_code, starts_on=day,
        ends_on=day + timedelta(days=60), announced=3, rhythm="weekly", grace_days=1, by=by, at=at,
    )  # fmt: skip
    services.set_phases(plan, [("阶段", day, day + timedelta(days=20))], by=by, at=at)
    head = services.add_node(plan, parent=None, kind="goal", number="1", title="目标", year=day.year, by=by, at=at)  # fmt: skip
    nodes = [
        services.add_node(
            plan, parent=head, kind="task", number=str(n), title="印发《办法》", units=[unit.name_zh],
            person=person, person_name=person.name, leader=leader, leader_name=leader.name, by=by, at=at,
        )
        for n in (1, 2)
    ]  # fmt: skip
    Node.objects.filter(pk=nodes[1].pk).update(
        doubts=["department", "leader", "person", "crossing"]
    )
    case = services.launch(nodes[0], by=by, at=at)
    perform(case=case, deed="sign", by=person, at=at, data={})
    nodes[0].refresh_from_db()
    services.report(nodes[0], percent=10, text="进展", by=person, at=at)
    perform(case=case, deed="raise_issue", by=person, at=at, data={"issue": "难题"})
    services.evaluate(nodes[1], year=day.year, verdict="stopped", finding="情况", by=by, at=at)
    services.hold_to_account(
        nodes[0], form="talk", whom="对象", reason="事由", on=day, by=by, at=at
    )
    services.freeze(plan, selectors.current_span(plan, at=at), by=by, at=at)
    services.write_paper(plan, "evaluation", year=day.year, by=by, at=at)
    return plan
