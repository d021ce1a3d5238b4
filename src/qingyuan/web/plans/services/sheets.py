"""Tables people bring (导入): the task sheet with merged cells, the problem tree with its counts."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.urls import reverse

from qingyuan.casework.texts.measures import TreeRow
from qingyuan.core.periods import city_date
from qingyuan.core.problems import Problem
from qingyuan.web import exchange
from qingyuan.web.accounts.models import User
from qingyuan.web.accounts.scope import scope_of
from qingyuan.web.audit import services as audit
from qingyuan.web.audit.services import Actor
from qingyuan.web.exchange import Column, Importer, Read, Row, RowFault, Sheet
from qingyuan.web.plans import selectors
from qingyuan.web.plans.models import Node, Plan
from qingyuan.web.plans.services.documents import register_documents
from qingyuan.web.plans.services.tree import (
    import_counts,
    person_named,
    place,
    set_units,
    unit_named,
)
from qingyuan.web.plans.sheet import Line, fill_down

__all__ = ["TASK_IMPORT", "TREE_IMPORT"]

KEEPERS = ("duty_officer", "department_head")
_PLAN = Column(
    name="plan",
    zh="方案编号",
    en="Plan",
    note="空白时取最近建立、尚无任务的实施方案",
    note_en="Blank: the newest scheme that has no tasks yet",
)
_FILLED = {"department": "责任部门", "leader": "责任领导", "person": "责任人"}

TASKS = Sheet(
    name="plans.tasks",
    title="任务分解表",
    title_en="Task sheet",
    key=("plan", "number"),
    columns=(
        _PLAN,
        Column(name="number", zh="序号", en="No.", required=True, width=6, most=12),
        Column(name="content", zh="活动内容", en="Task", required=True, width=44, most=1000, aliases=("工作任务", "工作内容", "任务内容", "整改措施", "重点任务")),
        Column(name="department", zh="责任部门", en="Department", width=18, aliases=("责任单位", "责任处室", "牵头部门"), note="多个以顿号分隔，首个牵头", note_en="Several separated by 、; the first leads"),
        Column(name="leader", zh="责任领导", en="Leader", aliases=("分管领导", "包保领导")),
        Column(name="person", zh="责任人", en="Person", aliases=("责任人员", "联系人")),
        Column(name="due", zh="完成时限", en="Deadline", kind="day", aliases=("时限", "完成时间")),
        Column(name="remark", zh="备注", en="Remark", width=20),
        Column(name="doubts", zh="待确认", en="To confirm", width=20, note="由系统填写：自上方单元格填充", note_en="Filled by the system: taken from the cell above"),
    ),
)  # fmt: skip


def _read_tasks(content: bytes, name: str) -> Read:
    """Read the sheet; blanks and merged cells are filled down and said to be so."""
    # 来表没有“方案编号”一列；读的时候不以它为键
    got = exchange.read.rows(content, name, replace(TASKS, key=("number",)))
    merged: dict[int, set[str]] = {}
    for span in got.merged:
        for number in span.rows:
            merged.setdefault(number, set()).add(span.column)
    lines = fill_down(
        [{"row": row.number, **{k: str(row.get(k) or "") for k in ("number", "content", "department", "leader", "person", "remark")}} for row in got.rows],  # type: ignore[dict-item]  # the line number is a whole number
        merged=merged,
    )  # fmt: skip
    return replace(
        got,
        rows=tuple(
            replace(row, values={**row.values, **_values(line, str(row.get("plan") or ""))})
            for row, line in zip(got.rows, lines, strict=True)
        ),
    )


def _values(line: Line, given: str) -> dict[str, Any]:
    said = [
        f"{_FILLED[name]}（跨部门）" if name in line.crossing else _FILLED[name]
        for name in _FILLED
        if name in line.doubts
    ]
    return {
        "plan": given,
        "number": line.number.removesuffix(".0"),
        "department": "、".join(line.units),
        "leader": line.leader,
        "person": line.person,
        "doubts": "、".join(said),
    }


def _plan_of(row: Row, kind: str, *, by: User, at: datetime) -> Plan:
    """Return the plan a row belongs to, which the person must keep."""
    scope = scope_of(by, on=city_date(at))
    kept = [
        plan
        for plan in selectors.plans(scope).order_by("-made_at", "-pk")
        if selectors.may_manage(plan, scope)
    ]
    code = str(row.get("plan") or "").strip()
    if code:
        found = next((p for p in kept if p.code.lower() == code.lower()), None)
    else:
        held = set(Node.objects.filter(kind__in=Node.WORK).values_list("plan_id", flat=True))
        wanted = [p for p in kept if (p.kind == "rectification") == (kind == "rectification")]
        found = next((p for p in wanted if p.pk not in held), None)
    if found is None:
        raise Problem("plans.which_plan", given=code or "—")
    return found


def check_tasks(rows: Sequence[Row], /, *, by: User, at: datetime) -> exchange.Plan:
    """Say what a task sheet would do."""
    wrong: list[RowFault] = []
    placed: list[Row] = []
    plans: dict[str, Plan] = {}
    seen: dict[tuple[str, str], int] = {}
    for row in rows:
        given = str(row.get("plan") or "")
        try:
            plan = plans.get(given) or _plan_of(row, "scheme", by=by, at=at)
        except Problem as problem:
            wrong.append(RowFault(row.number, "plan", problem, given))
            continue
        plans[given] = plan
        key = (plan.code, str(row["number"]))
        if key in seen:
            fault = Problem("plans.number_twice", number=key[1], row=seen[key])
            wrong.append(RowFault(row.number, "number", fault, key[1]))
            continue
        seen[key] = row.number
        placed.append(replace(row, values={**row.values, "plan": plan.code}))
    held = {}
    nodes = Node.objects.filter(plan__in=list(plans.values()), kind="task").select_related("plan")
    for node in nodes.prefetch_related("units"):
        held[(node.plan.code, node.number)] = _kept(node)
        if node.case_id is not None:  # what runs is changed by deeds of its case
            for row in placed:
                if (row["plan"], row["number"]) == (node.plan.code, node.number) and _differs(row, node):  # fmt: skip
                    number = node.case.number if node.case else ""
                    wrong.append(
                        RowFault(row.number, "", Problem("plans.under_way", number=number))
                    )
    return exchange.compare(placed, TASKS, held, wrong=wrong)


def _kept(node: Node) -> dict[str, object]:
    return {
        "plan": node.plan.code,
        "number": node.number,
        "content": node.title,
        "department": "、".join(u.name for u in node.units.all()),
        "leader": node.leader_name,
        "person": node.person_name,
        "due": node.due_on,
        "remark": node.remark,
        "doubts": "、".join(
            f"{_FILLED[name]}{'（跨部门）' if 'crossing' in node.doubts and name == 'person' else ''}"
            for name in _FILLED
            if name in node.doubts
        ),
    }


def _differs(row: Row, node: Node) -> bool:
    kept = _kept(node)
    return any(
        (row.get(name) or "") != (kept[name] or "")
        for name in ("content", "department", "person", "due")
        if name in row.values
    )


@transaction.atomic
def write_tasks(plan: exchange.Plan, /, *, by: User, at: datetime) -> str | None:
    """Write the tasks; names are matched to units and accounts where only one fits."""
    touched: dict[str, Plan] = {}
    for row in [*plan.new, *(change.row for change in plan.changed)]:
        code = str(row["plan"])
        target = touched.setdefault(code, Plan.objects.select_for_update().get(code=code))
        number = str(row["number"])
        node = Node.objects.filter(plan=target, kind="task", number=number).first()
        node = node or place(target, None, kind="task", number=number, title=str(row["content"]))
        _fill(node, row)
        register_documents(node, by=by, at=at)
    for target in touched.values():
        audit.record(
            actor=Actor.of(by),
            deed="plans.import_tasks",
            target=target.ref,
            at=at,
            clause="溧阳活动实施方案（2014）附件 任务分解表",
            detail={
                "new": len(plan.new),
                "changed": len(plan.changed),
                "announced": target.announced,
            },
        )
    last = next(iter(touched.values()), None)
    return reverse("plan", args=[last.code]) if last else None


def _fill(node: Node, row: Row) -> None:
    said = str(row.get("doubts") or "")
    names = [n for n in str(row.get("department") or "").split("、") if n]
    set_units(node, names)
    units = [u for n in names if (u := unit_named(n))]
    node.title = str(row["content"])[:1000]
    node.leader_name, node.person_name = str(row.get("leader") or ""), str(row.get("person") or "")
    node.leader, node.person = person_named(node.leader_name, []), person_named(node.person_name, units)  # fmt: skip
    node.remark = str(row.get("remark") or "")[:400]
    due = row.get("due")
    node.due_on = due if isinstance(due, date) else node.due_on
    node.doubts = [name for name, word in _FILLED.items() if word in said]
    if "跨部门" in said:
        node.doubts.append("crossing")
    node.save()


TASK_IMPORT = Importer(
    name="plans.tasks",
    sheet=TASKS,
    check=check_tasks,
    write=write_tasks,
    roles=KEEPERS,
    locks=("plans.Node",),
    group="任务",
    group_en="Plans",
    hint="合并单元格与空白向下填充，并逐项标为待确认；一格多个部门以顿号分开。",
    hint_en="Merged and blank cells are filled down and marked to be confirmed; several departments in one cell are split.",
    reader=_read_tasks,
    order=60,
)

# ── the problem tree ────────────────────────────────────────────────────────
TREE = Sheet(
    name="plans.tree",
    title="巡察反馈问题树",
    title_en="Problem tree",
    key=("plan", "group", "sub"),
    columns=(
        _PLAN,
        Column(name="group", zh="一级序号", en="Group", kind="whole", required=True, width=8),
        Column(name="group_title", zh="一级问题", en="Problem", required=True, width=36),
        Column(name="sub", zh="二级序号", en="Sub", kind="whole", width=8, note="没有二级问题时为 0 或空白", note_en="0 or blank where there is none"),
        Column(name="title", zh="二级问题", en="Sub-problem", width=36, aliases=("子问题",)),
        Column(name="measures", zh="措施条数", en="Measures", kind="whole", width=8),
    ),
)  # fmt: skip


def _read_tree(content: bytes, name: str) -> Read:
    """Read the tree from a table, or from JSON as the counted report of 2023 has it."""
    if not name.lower().endswith(".json"):
        return exchange.read.rows(content, name, replace(TREE, key=("group", "sub")))
    try:
        told = json.loads(content)
        rows = tuple(
            Row(n, {"group": int(r["group"]), "group_title": str(r["group_title"]), "sub": int(r["sub"]), "title": str(r["sub_title"]), "measures": int(r["measures"])})
            for n, r in enumerate(told["tree"], 1)
        )  # fmt: skip
    except (ValueError, KeyError, TypeError, UnicodeDecodeError) as error:
        raise Problem("plans.tree_file", name=name) from error
    return Read(rows=rows, total=len(rows))


def check_tree(rows: Sequence[Row], /, *, by: User, at: datetime) -> exchange.Plan:
    """Say what a problem tree would do."""
    wrong, placed = [], []
    for row in rows:
        try:
            plan = _plan_of(row, "rectification", by=by, at=at)
        except Problem as problem:
            wrong.append(RowFault(row.number, "plan", problem, str(row.get("plan") or "")))
            continue
        values = {"plan": plan.code, "sub": row.get("sub") or 0, "title": row.get("title") or row["group_title"], "measures": row.get("measures") or 0}  # fmt: skip
        placed.append(replace(row, values={**row.values, **values}))
    codes = {row["plan"] for row in placed}
    held = {}
    for leaf in Node.objects.filter(plan__code__in=codes, kind="leaf").select_related("plan", "parent"):  # fmt: skip
        if leaf.parent is not None:
            key = (leaf.plan.code, int(leaf.parent.number), int(leaf.number))
            held[key] = {"plan": key[0], "group": key[1], "group_title": leaf.parent.title, "sub": key[2], "title": leaf.title, "measures": leaf.announced or 0}  # fmt: skip
    return exchange.compare(placed, TREE, held, wrong=wrong)


@transaction.atomic
def write_tree(plan: exchange.Plan, /, *, by: User, at: datetime) -> str | None:
    """Lay out the tree; measures follow from the report's text."""
    by_plan: dict[str, list[TreeRow]] = {}
    for row in [*plan.new, *(change.row for change in plan.changed)]:
        made = TreeRow(int(row["group"]), str(row["group_title"]), int(row["sub"]), str(row["title"]), int(row["measures"]))  # fmt: skip
        by_plan.setdefault(str(row["plan"]), []).append(made)
    for code, made_rows in by_plan.items():
        import_counts(Plan.objects.get(code=code), made_rows, by=by, at=at)
    return reverse("plan", args=[next(iter(by_plan))]) if by_plan else None


TREE_IMPORT = Importer(
    name="plans.tree",
    sheet=TREE,
    check=check_tree,
    write=write_tree,
    roles=KEEPERS,
    locks=("plans.Node",),
    group="任务",
    group_en="Plans",
    hint="一级、二级问题与各自的措施条数；表格或 JSON。",
    hint_en="Problems, sub-problems and the number of measures of each; a table or JSON.",
    reader=_read_tree,
    endings=(".xlsx", ".xls", ".csv", ".json"),
    order=61,
)
