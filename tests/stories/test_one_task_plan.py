"""A scheme's task sheet, from the file to the supervision bulletin (任务分解).

One bureau story: the sheet with merged cells comes in, a person confirms what was filled down, the
tasks are handed down, reports come weekly, one does not, the week is frozen, and the bulletin
praises and criticises by what the rows say.
"""

from __future__ import annotations

import pytest
from django.urls import reverse

from plan_office import Office, task_sheet
from qingyuan.web.cases.models import Case
from qingyuan.web.notices.models import Notice
from qingyuan.web.plans.models import Node, Paper, Plan


@pytest.fixture
def office(db: None, tmp_path, settings, monkeypatch: pytest.MonkeyPatch) -> Office:
    return Office.build(tmp_path / "data", settings=settings, monkeypatch=monkeypatch)


def test_from_the_sheet_to_the_supervision_bulletin(office: Office, raises_problem) -> None:
    # 建立方案：文件称八项工作
    made = office.sends(
        "head", reverse("plan-new"), kind="scheme", title="“生态优先”主题实践活动", office="bureau",
        district="379901", starts_on="2026-09-21", ends_on="2026-12-31", announced="8", rhythm="weekly",
        grace_days="1",
    )  # fmt: skip
    plan = Plan.objects.get()
    assert made == reverse("plan", args=[plan.code])
    # 导入：预览、确认，都经同一个导入口
    preview = office.upload("plans.tasks", "任务分解.xlsx", task_sheet())
    office.sees("head", preview, "合并单元格", "确认导入", "监察大队")
    assert not Node.objects.exists()
    office.sends("head", f"{preview}confirm/")
    assert plan.nodes.count() == 6
    page = office.sees(
        "head", reverse("plan", args=[plan.code]), "文件所称 8 条，已列 6 条", "待确认", "跨部门"
    )
    assert "管理科、监察大队" in page
    by_number = {n.number: n for n in plan.nodes.all()}
    assert by_number["2"].doubts == ["department", "leader", "person"]
    assert by_number["6"].doubts == ["leader", "person", "crossing"]
    assert [u.name for u in by_number["6"].units.order_by("seq")] == ["管理科", "监察大队"]
    assert by_number["5"].documents.get().document.title == "环境监管问责暂行办法"
    # 未确认的不能下达；跨部门的责任人先改正
    answer = office.browser("head").post(reverse("plan-node-launch", args=[by_number["2"].pk]))
    assert answer.status_code == 422
    node = by_number["6"]
    office.sends(
        "head", reverse("plan-node-revise", args=[node.pk]), number="6", title=node.title,
        units="管理科、监察大队", leader="leader_c", person="p_control",
    )  # fmt: skip
    office.sends(
        "head",
        reverse("plan-confirm", args=[plan.code]),
        node=[n.pk for n in plan.nodes.all() if n.doubts],
    )
    assert not [n for n in plan.nodes.all() if n.doubts]
    # 下达：每条任务是一个案件，配合部门是它的一份
    office.tells("head", reverse("plan-launch", args=[plan.code]), "已下达 6 条")
    assert Case.objects.filter(procedure__name="task").count() == 6
    sixth = Case.objects.get(plan_node__number="6")
    assert sixth.unit.code == "control"
    assert list(sixth.parts.filter(role="co").values_list("unit__code", flat=True)) == ["brigade"]
    # 签收、每周报送；固废科没有报
    doers = {"1": "p_brigade", "2": "p_brigade", "3": "p_waste", "4": "p_law", "5": "p_station", "6": "p_control"}  # fmt: skip
    office.later(hours=2)
    for number, who in doers.items():
        office.do(Case.objects.get(plan_node__number=number), who, "sign")
    office.later(days=3)
    for number, who in doers.items():
        if number != "3":
            pk = plan.nodes.get(number=number).pk
            office.sends(
                who, reverse("plan-node-report", args=[pk]), percent="20", text="已排查三十家"
            )
    missing = reverse("plan-missing", args=[plan.code])
    office.sees("head", missing, "强化危险废物规范化管理", "应报送 6 条，未按期报送 1 条")
    office.tells("head", missing, "已提醒 1 人")
    assert Notice.objects.filter(user__username="p_waste", kind="plan").count() == 1
    # 难题提交领导小组，领导决定
    case = Case.objects.get(plan_node__number="4")
    office.do(case, "p_law", "raise_issue", issue="两件积案需市里协调")
    office.sees("boss", reverse("plan-leader", args=["leader_c"]), "两件积案需市里协调")
    office.do(case, "boss", "decide_issue", decision="提请市领导包案")
    # 截止冻结；之后的报送不改本期
    dispatch = reverse("plan-dispatch", args=[plan.code])
    office.sends("head", dispatch)
    office.sends("p_waste", reverse("plan-node-report", args=[plan.nodes.get(number="3").pk]), percent="30", text="补报")  # fmt: skip
    late = plan.nodes.get(number="3").reports.get()
    assert late.late
    office.sees("head", dispatch, "截止冻结", "未报送")
    # 督查通报：表扬与批评都来自数据
    office.sends("head", reverse("plan-papers", args=[plan.code]), kind="supervision")
    paper = Paper.objects.get(kind="supervision")
    words = paper.document.plain()
    praised, blamed = paper.document.sections[1], paper.document.sections[2]
    assert "监察大队、宣教法制科、监测站、管理科" in praised.paragraphs[0].text
    assert [row[0].text for row in blamed.tables[0].rows] == ["固废科"]
    assert "未按期报送" in blamed.tables[0].rows[0][5].text
    assert paper.document.totals["missing"] == 1
    assert "应报送6项，已报送5项" in words
    for name, head in (("paper.pdf", b"%PDF"), ("paper.docx", b"PK")):
        answer = office.browser("head").get(reverse("plan-paper", args=[paper.number, name]))
        assert answer.content.startswith(head)
    # 报验收须配合部门反馈；另一人验收、责任领导审签、销号
    with raises_problem("casework.guard_parts_reported"):
        office.do(sixth, "p_control", "hand_in", "work_record", measures="制度已印发")
    office.do(sixth, "p_brigade", "report_part", report="已配合完成")
    done = office.finish(
        sixth, "p_control", told="印发《首问责任制实施细则》（溧环发〔2026〕9号）。"
    )
    assert done.state == "done"
    assert plan.nodes.get(number="6").documents.filter(act="produced", document__title="首问责任制实施细则").exists()  # fmt: skip
    office.sees("head", reverse("plan-tasks") + "?stands=done", "完善首问责任制")
    # 再导入同一张表：什么也不改
    again = office.upload("plans.tasks", "任务分解.xlsx", task_sheet())
    assert plan.nodes.count() == 6
    office.sees("head", again)
