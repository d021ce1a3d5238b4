"""A party inspection's findings, from the feedback to the public report (巡察整改).

One bureau story: the counted tree comes in, the report's text brings the measures, each becomes a
case of a named person, the work is handed in, accepted, signed off and struck off, one item is kept
up for good, and the public report stands in the structure of the original.
"""

from __future__ import annotations

import io
import json
import re
import zipfile
from datetime import date

import pytest
from django.urls import reverse

from plan_office import Office
from qingyuan.casework.texts.measures import read_report, rectification_tree, report_text
from qingyuan.web.cases.models import Case
from qingyuan.web.cases.services import perform_many
from qingyuan.web.plans.models import Node, Paper, Plan


@pytest.fixture
def office(db: None, tmp_path, settings, monkeypatch: pytest.MonkeyPatch) -> Office:
    return Office.build(tmp_path / "data", settings=settings, monkeypatch=monkeypatch)


def _tree_file() -> bytes:
    rows = [
        {"group": r.group, "group_title": r.group_title, "sub": r.sub, "sub_title": r.title, "measures": r.measures}
        for r in rectification_tree()
    ]  # fmt: skip
    return json.dumps({"tree": rows}, ensure_ascii=False).encode()


def test_from_the_feedback_to_the_public_report(office: Office) -> None:
    plan = office.plan(
        kind="rectification", title="市委巡察反馈意见", starts_on=date(2026, 9, 4), fed_back_on=date(2026, 9, 4),
        inspected_from=date(2026, 3, 15), inspected_to=date(2026, 5, 31), group="整改工作领导小组",
        rhythm="monthly", outlook="巩固提升整改成效\n健全长效机制",
    )  # fmt: skip
    page = reverse("plan", args=[plan.code])
    # 问题树：12 组 19 个子问题，称 90 条措施，一条还没有
    preview = office.upload("plans.tree", "问题树.json", _tree_file())
    office.sends("head", f"{preview}confirm/")
    assert (plan.nodes.filter(kind="group").count(), plan.nodes.filter(kind="leaf").count()) == (12, 19)  # fmt: skip
    office.sees("head", page, "文件所称 90 条，已列 0 条")
    # 正文拆分：印发的文件登记在措施上
    text = report_text(
        rectification_tree(),
        ["印发《优化营商环境工作方案》（青环发〔2026〕5号），成立专班", "修订《考核办法》"],
    )
    office.tells("head", reverse("plan-text", args=[plan.code]), "读到 12 组、19 个子问题、90 条措施", text=text)  # fmt: skip
    measures = list(plan.nodes.filter(kind="measure").order_by("path"))
    assert len(measures) == 90
    assert "文件所称" not in office.sees("head", page)
    acts = {u.document.title: u.act for m in measures for u in m.documents.all()}
    assert acts["优化营商环境工作方案"] == "produced"
    assert acts["考核办法"] == "revised"
    # 三条措施定人定时限，下达
    for node in measures[:3]:
        office.sends(
            "head", reverse("plan-node-revise", args=[node.pk]), number=node.number, title=node.title,
            units="管理科", leader="leader_a", person="p_control", due_on="2026-11-30",
        )  # fmt: skip
    office.tells(
        "head", reverse("plan-launch", args=[plan.code]), "已下达 3 条", "另有 79 条未下达"
    )
    first, second, third = (Case.objects.get(plan_node=m) for m in measures[:3])
    assert first.state == "planned"
    assert first.form["heading"] == "推进优化营商环境工作不够有力"
    assert first.due_at is not None
    office.do(first, "p_control", "sign_at_once")
    assert Case.objects.get(pk=first.pk).immediate
    for case in (second, third):
        office.do(case, "p_control", "sign")
    office.sends("p_control", reverse("plan-node-report", args=[measures[1].pk]), percent="60", text="已修订")  # fmt: skip
    office.sees("boss", reverse("plan-leader", args=["leader_a"]), "考核办法", "已修订")
    # 完成、验收、审签、销号；一条长期坚持
    office.finish(first, "p_control", told="印发《优化营商环境工作方案》，成立专班")
    office.finish(second, "p_control", told="修订《考核办法》并施行")
    office.finish(third, "p_control", told="建立例会制度", long_term=True)
    kept = plan.nodes.get(pk=measures[2].pk)
    assert kept.long_term
    assert kept.review_on == date(2027, 3, 31)
    office.do(kept.case, "p_control", "review", note="例会照常", review_on=date(2027, 6, 30))
    assert plan.nodes.get(pk=kept.pk).review_on == date(2027, 6, 30)
    office.sees("head", page, "长期坚持")
    # 公开通报：原文的结构，读回来仍是 12、19、90
    office.sends("head", reverse("plan-papers", args=[plan.code]), kind="rectification")
    paper = Paper.objects.get()
    assert dict(paper.document.totals) == {"groups": 12, "leaves": 19, "measures": 90, "done": 2, "kept": 1}  # fmt: skip
    headings = [s.heading for s in paper.document.sections[:3]]
    assert headings == ["一、巡察整改组织情况", "二、重点问题整改落实情况", "三、今后整改工作打算"]
    docx = office.browser("head").get(reverse("plan-paper", args=[paper.number, "paper.docx"])).content  # fmt: skip
    body = zipfile.ZipFile(io.BytesIO(docx)).read("word/document.xml").decode()
    printed = "\n".join(re.sub(r"<[^>]+>", "", p) for p in re.findall(r"<w:p[ >].*?</w:p>", body))
    assert read_report(printed).counts == (12, 19, 90)
    assert read_report(printed).plans[:2] == ("巩固提升整改成效", "健全长效机制")
    assert (
        "整改情况：一是印发《优化营商环境工作方案》，成立专班。二是修订《考核办法》并施行。三是"
        in printed
    )
    pdf = office.browser("head").get(reverse("plan-paper", args=[paper.number, "paper.pdf"]))
    assert pdf.content.startswith(b"%PDF")
    # 公开：完成的逐件记为公开通报，长期坚持的仍开着
    office.later(hours=1)
    done = [Case.objects.get(pk=c.pk) for c in (first, second)]
    told = perform_many(
        cases=done,
        deed="publish",
        by=office.who("head"),
        at=office.at,
        data={"where": "市生态环境局网站"},
    )
    assert all(one.ok for one in told)
    assert {Case.objects.get(pk=c.pk).state for c in done} == {"published"}
    assert Case.objects.get(pk=third.pk).state == "long_term"
    assert Node.objects.filter(case__closed_at=None, case__isnull=False).count() == 1
    assert Plan.objects.get().published_on == date(2026, 9, 22)
