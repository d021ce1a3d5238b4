"""What the papers say (文书正文): documents from rows, in the structure of the originals."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from types import MappingProxyType

from qingyuan.casework.texts.measures import numeral
from qingyuan.core.periods import city_date, in_city
from qingyuan.reporting import Cell, Document, Paragraph, Section, Table, Text
from qingyuan.web.cases.models import Deed
from qingyuan.web.plans.models import DocumentUse, Evaluation, Node, Plan
from qingyuan.web.plans.progress import BEHIND_BY, Span
from qingyuan.web.plans.selectors import DispatchRow

__all__ = ["dispatch", "evaluation", "rectification", "supervision"]

STANDS = {
    "done": "完成",
    "kept": "长期坚持",
    "cancelled": "取消",
    "overdue": "逾期",
    "behind": "滞后",
    "ontime": "达到序时进度",
    "waiting": "未到启动时间",
}


def _day(day: date | None) -> str:
    return f"{day.year}年{day.month}月{day.day}日" if day else "—"


def _time(at: datetime) -> str:
    there = in_city(at)
    return f"{_day(there.date())}{there:%H:%M}"


def _says(*parts: str) -> Paragraph:
    return Paragraph(tuple(Text(part) for part in parts if part))


def _strong(head: str, text: str) -> Paragraph:
    return Paragraph((Text(head, strong=True), Text(text)))


# ── 整改进展情况通报 ──────────────────────────────────────────────────────────
def rectification(plan: Plan, *, number: str, at: datetime) -> Document:
    """Write the public report in the structure of the original: 一、组织 二、问题 三、打算 (R073)."""
    nodes = list(plan.nodes.select_related("case__procedure").order_by("path"))
    measures = [n for n in nodes if n.kind == "measure"]
    done = [n for n in measures if n.case and n.case.state in ("done", "published")]
    kept = [n for n in measures if n.case and n.case.state == "long_term"]
    told = _told(measures)
    groups = [n for n in nodes if n.kind == "group"]
    leaves = [n for n in nodes if n.kind == "leaf"]
    rules = DocumentUse.objects.filter(node__plan=plan, act__in=("produced", "revised"))
    produced, revised = rules.filter(act="produced"), rules.filter(act="revised")
    problems: list[Paragraph] = []
    for group in groups:
        problems.append(_strong(f"{group.number}.{group.title}", ""))
        below = [leaf for leaf in leaves if leaf.parent_id == group.pk]
        for leaf in below:
            if leaf.number != "0":
                problems.append(_strong(f"（{leaf.number}）{leaf.title}", ""))
            own = [n for n in measures if n.parent_id == leaf.pk]
            said = "".join(
                f"{numeral(order)}是{told.get(n.pk, n.title).strip().rstrip('。；;')}。"
                for order, n in enumerate(own, 1)
            )
            problems.append(_says("整改情况：", said or "正在制定措施。"))
    counts = f"{len(groups)}个重点问题、{len(leaves)}个子问题、{len(measures)}条措施"
    ran = f"{_day(plan.inspected_from)}至{_day(plan.inspected_to)}，" if plan.inspected_from else ""
    sections = (
        Section(
            "一、巡察整改组织情况",
            (
                _says(f"{ran}{plan.issuer or '市委巡察组'}开展巡察，{_day(plan.fed_back_on)}反馈意见。整改台账共{counts}。"),
                _strong("（一）加强组织领导。", f"{plan.group or '成立整改工作领导小组'}，由{plan.office.name_zh}牵头落实。"),
                _strong("（二）压实整改责任。", f"印发整改方案，逐条明确责任单位、责任人和时限。截至{_day(city_date(at))}，完成{len(done)}条，长期坚持{len(kept)}条，正在整改{len(measures) - len(done) - len(kept)}条。"),
                _strong("（三）着眼长久立。", f"将整改成效转化为制度成果，制定制度{produced.values('document').distinct().count()}项，修订{revised.values('document').distinct().count()}项。"),
            ),
        ),
        Section("二、重点问题整改落实情况", tuple(problems)),
        Section("三、今后整改工作打算", tuple(_outlook(plan, kept))),
        Section("附表", tables=(_documents(rules),)),
    )  # fmt: skip
    return Document(
        title=f"{plan.title}整改进展情况的通报",
        number=number,
        issuer=plan.office.name_zh,
        dated=_day(city_date(at)),
        sections=sections,
        footnotes=(f"数据截至{_time(at)}，取自整改台账 {plan.code}。",),
        totals=MappingProxyType(
            {
                "groups": len(groups),
                "leaves": len(leaves),
                "measures": len(measures),
                "done": len(done),
                "kept": len(kept),
            }
        ),
    )


def _told(measures: Sequence[Node]) -> dict[int, str]:
    """Return what each measure's responsible unit last said was done, where it said so."""
    cases = {n.case_id: n.pk for n in measures if n.case_id}
    said: dict[int, str] = {}
    for deed in Deed.objects.filter(case__in=cases, name="hand_in").order_by("seq"):
        if text := str(deed.given.get("measures", "")).strip():
            said[cases[deed.case_id]] = text
    return said


def _outlook(plan: Plan, kept: Sequence[Node]) -> Iterable[Paragraph]:
    lines = [line.strip() for line in plan.outlook.splitlines() if line.strip()]
    for order, line in enumerate(lines, 1):
        yield _says(f"{order}.{line}")
    for order, node in enumerate(kept, len(lines) + 1):
        until = f"下次复查{_day(node.review_on)}" if node.review_on else ""
        yield _says(f"{order}.长期坚持：{node.title.rstrip('。')}。{until}")
    if not lines and not kept:
        yield _says("持续巩固整改成果，防止问题反弹。")


def _documents(uses: Iterable[DocumentUse]) -> Table:
    rows = []
    seen: set[int] = set()
    for use in uses:
        if use.document_id in seen:
            continue
        seen.add(use.document_id)
        rows.append(
            (
                Cell(f"《{use.document.title}》"),
                Cell(use.document.number or "—"),
                Cell("修订" if use.act == "revised" else "制定"),
                Cell("已核对" if use.confirmed else "由文字识别，待核对"),
            )
        )
    return Table(
        head=("制度文件", "文号", "作为", "核对"),
        rows=tuple(rows),
        caption="制度成果",
        empty="尚未登记制定或修订的制度。",
        name="documents",
    )


# ── 督查通报、调度表 ──────────────────────────────────────────────────────────
def _dispatch_table(rows: Sequence[DispatchRow]) -> Table:
    return Table(
        head=("序号", "任务", "责任部门", "责任领导", "责任人", "期限", "进度%", "序时%", "状态", "本期进展"),
        rows=tuple(
            (
                Cell(r.number),
                Cell(r.title),
                Cell("、".join(r.units) or "—"),
                Cell(r.leader or "—"),
                Cell(r.person or "—"),
                Cell(r.due.isoformat()),
                Cell(str(r.percent), number=True),
                Cell(str(r.expected), number=True),
                Cell(STANDS[r.standing], mark="late" if r.standing in ("overdue", "behind") else ""),
                Cell(r.text or ("—" if r.reported else "未报送"), mark="" if r.reported else "late"),
            )
            for r in rows
        ),
        caption="任务进展",
        empty="本期没有应报送的任务。",
        name="tasks",
        tags=tuple((r.standing, "" if r.reported else "missing") for r in rows),
        subject="case",
    )  # fmt: skip


def dispatch(
    plan: Plan,
    rows: Sequence[DispatchRow],
    *,
    span: Span,
    number: str,
    cut: datetime | None,
    at: datetime,
) -> Document:
    """Write the dispatch table of a period with its freeze date (调度表, R086)."""
    waiting = [r for r in rows if r.issue]
    state = f"数据截止{_time(cut)}（已冻结）。" if cut else f"数据截至{_time(at)}，本期尚未冻结。"
    sections = [
        Section("一、总体情况", (_says(_summary(rows), state),)),
        Section("二、任务进展", tables=(_dispatch_table(rows),)),
        Section(
            "三、提请研究的问题",
            tuple(_says(f"{r.number} {r.title}：{r.issue}") for r in waiting)
            or (_says("本期没有提请领导小组研究的问题。"),),
        ),
    ]
    return Document(
        title=f"{plan.title}调度表",
        number=number,
        issuer=plan.office.name_zh,
        dated=f"{_day(span.first)}至{_day(span.last)}",
        sections=tuple(sections),
        footnotes=(f"序时进度按工作日计算；低于序时进度{BEHIND_BY}个百分点以上为滞后。",),
        totals=MappingProxyType(_totals(rows)),
    )


def _totals(rows: Sequence[DispatchRow]) -> dict[str, int]:
    return {
        "tasks": len(rows),
        "reported": sum(r.reported for r in rows),
        "missing": sum(not r.reported for r in rows),
        "done": sum(r.standing == "done" for r in rows),
        "behind": sum(r.standing in ("behind", "overdue") for r in rows),
    }


def _summary(rows: Sequence[DispatchRow]) -> str:
    t = _totals(rows)
    return f"本期应报送{t['tasks']}项，已报送{t['reported']}项，未报送{t['missing']}项；完成{t['done']}项，滞后和逾期{t['behind']}项。"


def supervision(
    plan: Plan, rows: Sequence[DispatchRow], *, span: Span, number: str, cut: datetime
) -> Document:
    """Write the supervision bulletin: who is praised and who criticised follows from progress (R078)."""
    units = _by_unit(rows)
    praised = [u for u, held in units if all(_good(r) for r in held)]
    blamed = [(u, [r for r in held if _bad(r)]) for u, held in units if any(_bad(r) for r in held)]
    sections = (
        Section("一、总体情况", (_says(_summary(rows)),)),
        Section(
            "二、通报表扬",
            (_says(f"任务全部达到序时进度且按期报送的{len(praised)}个部门：", "、".join(praised) or "无", "。"),),
        ),
        Section(
            "三、通报批评",
            (_says(f"有任务滞后、逾期或未报送的{len(blamed)}个部门。"),),
            (
                Table(
                    head=("责任部门", "任务", "责任人", "进度%", "序时%", "事由"),
                    rows=tuple(
                        (Cell(unit), Cell(f"{r.number} {r.title}"), Cell(r.person or "—"), Cell(str(r.percent), number=True), Cell(str(r.expected), number=True), Cell(_why(r), mark="late"))
                        for unit, bad in blamed
                        for r in bad
                    ),
                    empty="没有需要批评的部门。",
                    name="blamed",
                    subject="case",
                ),
            ),
        ),
        Section("四、下步要求", (_says("滞后和逾期任务由责任部门说明原因、倒排工期，责任领导逐项过问；难题及时提交领导小组研究。"),)),
        Section("附表", tables=(_dispatch_table(rows),)),
    )  # fmt: skip
    return Document(
        title=f"{plan.title}督查通报",
        number=number,
        issuer=plan.office.name_zh,
        dated=f"{_day(span.first)}至{_day(span.last)}",
        sections=sections,
        footnotes=(
            f"数据截止{_time(cut)}（已冻结）。",
            f"规则：名下任务全部达到序时进度（低于{BEHIND_BY}个百分点以内）或完成且按期报送的表扬；有任务滞后、逾期或未报送的批评。多部门共同承担的，只计牵头部门。",
        ),
        totals=MappingProxyType({**_totals(rows), "praised": len(praised), "blamed": len(blamed)}),
    )


def _by_unit(rows: Sequence[DispatchRow]) -> list[tuple[str, list[DispatchRow]]]:
    held: dict[str, list[DispatchRow]] = {}
    for row in rows:
        if row.units and row.standing != "cancelled":
            held.setdefault(row.units[0], []).append(row)
    return list(held.items())


def _good(row: DispatchRow) -> bool:
    return row.reported and row.standing in ("done", "ontime", "kept")


def _bad(row: DispatchRow) -> bool:
    return not row.reported or row.standing in ("behind", "overdue")


def _why(row: DispatchRow) -> str:
    late = {"behind": f"低于序时进度{row.expected - row.percent}个百分点", "overdue": "逾期未完成"}
    said = [late[row.standing]] if row.standing in late else []
    return "；".join([*said, *([] if row.reported else ["未按期报送"])])


# ── 评估报告 ──────────────────────────────────────────────────────────────────
def evaluation(plan: Plan, *, number: str, year: int, at: datetime) -> Document:
    """Write the report of a policy's measure-by-measure evaluation (R083, R084)."""
    held = list(
        Evaluation.objects.filter(node__plan=plan, year=year)
        .select_related("node", "case")
        .order_by("node__path")
    )
    labels = {
        "implemented": "已落实",
        "continued": "继续执行",
        "stopped": "停止执行",
        "not": "未落实",
    }
    counted = {name: sum(e.verdict == name for e in held) for name in labels}
    evaluated = {e.node_id for e in held}
    todo = [
        n
        for n in plan.nodes.filter(kind__in=Node.WORK, case=None).order_by("path")
        if n.pk not in evaluated
    ]
    problems = [e for e in held if e.problem]
    told = "，".join(f"{label}{counted[name]}条" for name, label in labels.items())
    sections = (
        Section(
            "一、评估情况",
            (_says(f"对《{plan.title}》逐条评估{len(held)}条：{told}。未评估{len(todo)}条。"),),
        ),
        Section(
            "二、逐条评估",
            tables=(
                Table(
                    head=("序号", "措施", "结论", "评估情况"),
                    rows=tuple(
                        (
                            Cell(e.node.number),
                            Cell(e.node.title),
                            Cell(labels[e.verdict], mark="late" if e.verdict == "not" else ""),
                            Cell(e.finding),
                        )
                        for e in held
                    ),
                    empty="本年度尚未评估。",
                    name="measures",
                    tags=tuple((e.verdict,) for e in held),
                ),
            ),
        ),
        Section(
            "三、发现的问题与整改",
            tuple(
                _says(
                    f"{n}.{e.problem.rstrip('。')}。", f"（立案 {e.case.number}）" if e.case else ""
                )
                for n, e in enumerate(problems, 1)
            )
            or (_says("未发现需要整改的问题。"),),
        ),
    )
    return Document(
        title=f"《{plan.title}》{year}年度落实情况评估报告",
        number=number,
        issuer=plan.office.name_zh,
        dated=_day(city_date(at)),
        sections=sections,
        footnotes=(f"数据截至{_time(at)}。",),
        totals=MappingProxyType({**counted, "todo": len(todo), "problems": len(problems)}),
    )
