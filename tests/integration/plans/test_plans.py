"""Plans at their corners: who sees what, what is refused, goals of years, evaluation, account."""

from __future__ import annotations

from datetime import date

import pytest
from django.urls import reverse

from plan_office import Office
from qingyuan.core.periods import city_date
from qingyuan.web.accounts.models import Unit
from qingyuan.web.accounts.scope import scope_of
from qingyuan.web.cases.models import Case
from qingyuan.web.plans import selectors, services
from qingyuan.web.plans.models import IssuedDocument, Node, Paper, Report
from qingyuan.web.plans.progress import period_named


@pytest.fixture
def office(db: None, tmp_path, settings, monkeypatch: pytest.MonkeyPatch) -> Office:
    return Office.build(tmp_path / "data", settings=settings, monkeypatch=monkeypatch)


def running(office: Office, **more: object) -> Node:
    """A task handed down and signed for."""
    node = office.task(office.plan(), **more)
    case = services.launch(node, by=office.who("head"), at=office.at)
    office.do(case, "p_brigade", "sign")
    return Node.objects.get(pk=node.pk)


def test_a_branch_sees_its_own_tasks_and_the_headings_above(office: Office) -> None:
    plan = office.plan()
    by, at = office.who("head"), office.at
    theme = services.add_node(plan, parent=None, kind="theme", number="一", title="主题甲", by=by, at=at)  # fmt: skip
    other = services.add_node(plan, parent=None, kind="theme", number="二", title="主题乙", by=by, at=at)  # fmt: skip
    mine = office.task(plan, "1", parent=theme, title="东山的任务", units=["东山分局"], person=office.who("east1"))  # fmt: skip
    office.task(plan, "2", parent=other, title="监察大队的任务")
    page = reverse("plan", args=[plan.code])
    office.sees("east1", page, "主题甲", "东山的任务", absent=["主题乙", "监察大队的任务"])
    office.sees("head", page, "主题乙", "监察大队的任务")
    stranger = office.task(plan, "3", parent=theme, title="同一主题下别人的任务")
    office.sees("east1", reverse("plan-node", args=[theme.pk]), "东山的任务", absent=["别人的任务"])
    for hidden in (other, stranger):
        assert (
            office.browser("east1").get(reverse("plan-node", args=[hidden.pk])).status_code == 404
        )
    assert office.browser("west1").get(page).status_code == 404
    assert office.browser("east1").get(reverse("plan-node", args=[mine.pk])).status_code == 200
    assert office.browser("east1").get(reverse("plan-dispatch", args=[plan.code])).status_code == 404  # fmt: skip
    assert not selectors.may_manage(plan, scope_of(office.who("east1"), on=city_date(at)))


@pytest.mark.parametrize(
    ("more", "code"),
    [
        pytest.param({"person": None}, "plans.nobody", id="没有责任人"),
        pytest.param({"units": ["不在组织中的单位"]}, "plans.nobody", id="单位不认识"),
        pytest.param({"kind": "theme"}, "plans.not_work", id="条目不能下达"),
    ],
)
def test_a_task_without_its_person_is_not_handed_down(
    office: Office, raises_problem, more: dict[str, object], code: str
) -> None:
    node = office.task(office.plan(), **more)
    with raises_problem(code):
        services.launch(node, by=office.who("head"), at=office.at)
    assert not Case.objects.exists()


def test_what_runs_is_changed_on_its_case(office: Office, raises_problem) -> None:
    node = running(office)
    with raises_problem("plans.under_way"):
        services.revise_node(node, {"due_on": date(2026, 11, 1)}, by=office.who("head"), at=office.at)  # fmt: skip
    with raises_problem("plans.launched"):
        services.launch(node, by=office.who("head"), at=office.at)
    services.revise_node(node, {"remark": "可以改"}, by=office.who("head"), at=office.at)
    assert Node.objects.get(pk=node.pk).remark == "可以改"


@pytest.mark.parametrize("percent", [-1, 101])
def test_progress_lies_between_nothing_and_everything(
    office: Office, raises_problem, percent: int
) -> None:
    node = running(office)
    with raises_problem("plans.percent"):
        services.report(node, percent=percent, text="甲", by=office.who("p_brigade"), at=office.at)
    assert not Report.objects.exists()


def test_monday_still_counts_to_the_week_before(office: Office) -> None:
    node = running(office)  # 2026-09-22, a Tuesday
    office.later(days=6)
    services.report(node, percent=10, text="甲", by=office.who("p_brigade"), at=office.at)
    office.later(days=1)
    services.report(node, percent=20, text="乙", by=office.who("p_brigade"), at=office.at)
    assert list(Report.objects.order_by("pk").values_list("period", flat=True)) == ["2026-W39", "2026-W40"]  # fmt: skip


def test_a_frozen_table_does_not_move(office: Office, raises_problem) -> None:
    node = running(office)
    plan, span = node.plan, period_named("2026-W39")
    assert span is not None
    services.report(node, percent=10, text="冻结前", by=office.who("p_brigade"), at=office.at)
    services.freeze(plan, span, by=office.who("head"), at=office.at)
    office.later(hours=1)
    services.report(node, percent=90, text="冻结后", by=office.who("p_brigade"), at=office.at)
    frozen = selectors.frozen_rows(plan, span)
    assert frozen is not None
    assert [(r.percent, r.text) for r in frozen[1]] == [(10, "冻结前")]
    with raises_problem("plans.frozen"):
        services.freeze(plan, span, by=office.who("head"), at=office.at)
    with raises_problem("plans.not_frozen"):
        services.write_paper(plan, "supervision", span=period_named("2026-W40"), by=office.who("head"), at=office.at)  # fmt: skip


def test_a_task_with_a_waiting_issue_is_not_handed_in(office: Office, raises_problem) -> None:
    node = running(office)
    case = node.case
    assert case is not None
    office.do(case, "p_brigade", "raise_issue", issue="缺经费")
    with raises_problem("casework.mark_stands"):
        office.do(case, "p_brigade", "hand_in", "work_record", measures="完成")
    office.do(case, "boss", "decide_issue", decision="列入预算")
    assert office.do(case, "p_brigade", "hand_in", "work_record", measures="完成").state == "handed_in"  # fmt: skip
    assert node.issues.get().decision == "列入预算"


def test_a_case_without_a_plan_takes_no_report(office: Office, raises_problem) -> None:
    node = running(office)
    assert node.case is not None
    Node.objects.filter(pk=node.pk).update(case=None)
    with raises_problem("plans.no_node"):
        office.do(node.case, "p_brigade", "report_progress", percent=10, text="甲")


def test_five_years_become_yearly_goals_and_measures(office: Office) -> None:
    plan = office.plan(kind="five_year", title="五年行动规划", ends_on=date(2030, 12, 31), rhythm="quarterly")  # fmt: skip
    by, at = office.who("head"), office.at
    for year in (2026, 2027):
        goal = services.add_node(plan, parent=None, kind="goal", number=str(year), title=f"{year} 年目标", year=year, target="优良水体 80%", by=by, at=at)  # fmt: skip
        for n in (1, 2):
            office.task(plan, f"{year}-{n}", parent=goal, kind="measure", due_on=date(year, 12, 20))
    rows = selectors.tree_rows(plan, scope_of(by, on=city_date(at)), at=at)
    goals = [row for row in rows if row.node.kind == "goal"]
    assert [(g.node.year, g.tasks, g.due.year) for g in goals] == [(2026, 2, 2026), (2027, 2, 2027)]
    office.sees("head", reverse("plan", args=[plan.code]), "优良水体 80%", "2 个年度目标")


def test_a_policy_is_evaluated_measure_by_measure_and_a_problem_becomes_a_case(
    office: Office,
) -> None:
    plan = office.plan(kind="policy", title="优化营商环境若干措施", announced=3)
    by, at = office.who("head"), office.at
    nodes = [office.task(plan, str(n), kind="measure", title=f"措施{n}") for n in (1, 2, 3)]
    for node, verdict in zip(nodes[:2], ("implemented", "stopped"), strict=True):
        office.sends(
            "head", reverse("plan-node-evaluate", args=[node.pk]), year="2026", verdict=verdict,
            finding="查阅台账",
        )  # fmt: skip
    services.evaluate(nodes[2], year=2026, verdict="not", finding="未开展", problem="没有建立台账", by=by, at=at)  # fmt: skip
    case = Case.objects.get()
    assert (case.procedure.name, case.summary) == ("task", "没有建立台账")
    assert case.plan_node.title == "没有建立台账"
    # 再评估只更正，不另立案
    services.evaluate(nodes[2], year=2026, verdict="continued", finding="已开展", problem="没有建立台账", by=by, at=at)  # fmt: skip
    assert Case.objects.count() == 1
    page = reverse("plan-evaluation", args=[plan.code])
    office.sees("head", page, "停止执行", "没有建立台账", case.number)
    office.sends("head", reverse("plan-papers", args=[plan.code]), kind="evaluation", year="2026")
    paper = Paper.objects.get()
    assert dict(paper.document.totals) == {"implemented": 1, "continued": 1, "stopped": 1, "not": 0, "todo": 0, "problems": 1}  # fmt: skip
    assert case.number in paper.document.plain()


def test_a_document_named_twice_is_one_row(office: Office) -> None:
    plan = office.plan(kind="rectification", title="巡察反馈意见")
    services.import_report(
        plan,
        "二、问题整改情况\n1.甲问题\n整改情况：一是印发《攻坚方案》。二是落实《攻坚方案》。\n2.乙问题\n整改情况：一是对照《攻坚方案》。三是缺号。",
        by=office.who("head"),
        at=office.at,
    )  # fmt: skip
    document = IssuedDocument.objects.get()
    assert sorted(document.uses.values_list("act", flat=True)) == ["cited", "cited", "produced"]
    node = plan.nodes.filter(kind="measure").order_by("path").first()
    assert node is not None
    office.sends(
        "head", reverse("plan-node-document", args=[node.pk]),
        title="攻坚方案", act="produced", number="清环发〔2026〕8号",
    )  # fmt: skip
    assert node.documents.get().confirmed
    # 再读同一文：一条不多
    before = plan.nodes.count()
    again = services.import_report(
        plan, "二、问题整改情况\n1.甲问题\n整改情况：一是印发《攻坚方案》。二是落实《攻坚方案》。", by=office.who("head"), at=office.at
    )  # fmt: skip
    assert (again.measures, plan.nodes.count()) == (2, before)
    assert node.documents.get().confirmed


def test_text_without_measures_is_refused_on_the_page(office: Office) -> None:
    plan = office.plan(kind="rectification", title="巡察反馈意见")
    address = reverse("plan-text", args=[plan.code])
    answer = office.browser("head").post(address, {"text": "没有措施的文字"})
    assert answer.status_code == 422
    assert "未读到措施" in answer.content.decode()


@pytest.mark.parametrize(
    ("lines", "status", "phases"),
    [
        ("动员 2026-09-21 2026-10-10\n推进 2026-10-11 2026-12-31", 302, 2),
        ("动员 10\n推进 40", 302, 2),
        ("动员 10\n推进 2026-10-11 2026-12-31", 422, 0),
        ("动员 2027-09-21 2027-10-10", 422, 0),
        ("动员", 422, 0),
    ],
)
def test_phases_by_date_or_backwards(office: Office, lines: str, status: int, phases: int) -> None:
    plan = office.plan()
    answer = office.browser("head").post(reverse("plan-phases", args=[plan.code]), {"lines": lines})
    assert (answer.status_code, plan.phases.count()) == (status, phases)


def test_who_did_not_reach_a_target_is_on_record(office: Office) -> None:
    node = office.task(office.plan(kind="targets", title="年度目标"))
    page = reverse("plan-node-account", args=[node.pk])
    office.sends(
        "head", page, form="criticism", whom="监察大队", reason="推进不力", on="2026-09-22"
    )
    office.sees("head", reverse("plan-node", args=[node.pk]), "通报批评", "推进不力")


def test_a_title_the_case_may_not_carry_stays_on_the_task(office: Office) -> None:
    node = office.task(office.plan(), title="压降环境信访积案")
    case = services.launch(node, by=office.who("head"), at=office.at)
    assert "信访" not in case.title
    assert case.summary == "压降环境信访积案"


def test_a_plan_needs_its_dates_in_order(office: Office, raises_problem) -> None:
    with raises_problem("plans.dates"):
        office.plan(ends_on=date(2026, 1, 1))
    answer = office.browser("head").post(
        reverse("plan-new"),
        {"kind": "scheme", "title": "甲", "office": Unit.objects.get(code="bureau").code, "district": "379901",
         "starts_on": "2026-09-21", "ends_on": "2026-09-01", "rhythm": "weekly", "grace_days": "1"},
    )  # fmt: skip
    assert answer.status_code == 422
