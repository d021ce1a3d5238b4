"""Build a plan and its tree (建立方案、问题树、任务)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import transaction

from qingyuan.casework.texts.measures import TreeRow, read_report
from qingyuan.core.problems import Problem
from qingyuan.web.accounts.models import Unit, User
from qingyuan.web.audit import services as audit
from qingyuan.web.audit.services import Actor
from qingyuan.web.plans.models import Node, NodeUnit, Phase, Plan
from qingyuan.web.plans.services.documents import register_documents

__all__ = [
    "Imported",
    "add_node",
    "confirm",
    "import_counts",
    "import_report",
    "make_plan",
    "person_named",
    "place",
    "revise_node",
    "set_phases",
    "set_units",
    "unit_named",
]

_PREFIX = {
    "rectification": "XC",
    "scheme": "FA",
    "five_year": "GH",
    "targets": "MB",
    "policy": "ZC",
}
CLAUSE = "青岛市巡察整改通报（2024）一（二）分解整改责任；溧阳活动实施方案（2014）四、附件"


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import found against what the text says there is (宣称与可读)."""

    groups: int
    leaves: int
    measures: int
    announced: int | None
    remarks: tuple[str, ...] = ()


@transaction.atomic
def make_plan(*, by: User, at: datetime, **fields: Any) -> Plan:
    """Begin a plan; its code is its kind, year and serial.

    Raises
    ------
    Problem
        ``plans.dates`` when it ends before it begins.
    """
    audit.hold_chain()
    if fields["ends_on"] < fields["starts_on"]:
        raise Problem("plans.dates", begin=fields["starts_on"], end=fields["ends_on"])
    head = f"{_PREFIX[fields['kind']]}{fields['starts_on'].year}"
    taken = Plan.objects.filter(code__startswith=f"{head}-").count()
    plan = Plan.objects.create(code=f"{head}-{taken + 1}", made_by=by, made_at=at, **fields)
    _record("plans.make", plan, by=by, at=at, title=plan.title)
    return plan


def _record(deed: str, plan: Plan, *, by: User, at: datetime, **detail: object) -> None:
    audit.record(
        actor=Actor.of(by), deed=deed, target=plan.ref, at=at, clause=CLAUSE, detail=detail
    )


@transaction.atomic
def set_phases(
    plan: Plan, phases: Sequence[tuple[str, date, date]], *, by: User, at: datetime
) -> None:
    """Set the phases of a plan in order (阶段); tasks of a phase that went keep their own dates.

    Raises
    ------
    Problem
        ``plans.dates`` for a phase that ends before it begins or lies outside the plan.
    """
    for title, begin, end in phases:
        if end < begin or begin < plan.starts_on or end > plan.ends_on:
            raise Problem("plans.phase_dates", phase=title, begin=plan.starts_on, end=plan.ends_on)
    Node.objects.filter(plan=plan, phase__seq__gt=len(phases)).update(phase=None)
    plan.phases.filter(seq__gt=len(phases)).delete()
    for seq, (title, begin, end) in enumerate(phases, 1):
        Phase.objects.update_or_create(
            plan=plan, seq=seq, defaults={"title": title, "starts_on": begin, "ends_on": end}
        )
    _record("plans.phases", plan, by=by, at=at, phases=[[t, str(b), str(e)] for t, b, e in phases])


def _next_path(plan: Plan, parent: Node | None) -> str:
    head = parent.path if parent else ""
    siblings = Node.objects.filter(plan=plan, parent=parent).order_by("-path")
    last = siblings.values_list("path", flat=True).first()
    return f"{head}{int(last.rstrip('/').rpartition('/')[2]) + 1 if last else 1:04d}/"


def place(plan: Plan, parent: Node | None, **fields: Any) -> Node:
    """Put a node at the end of its siblings; the caller audits."""
    return Node.objects.create(plan=plan, parent=parent, path=_next_path(plan, parent), **fields)


@transaction.atomic
def add_node(
    plan: Plan,
    *,
    parent: Node | None,
    by: User,
    at: datetime,
    units: Sequence[str] = (),
    **fields: Any,
) -> Node:
    """Add a heading, a measure or a task by hand; the units in order, the first leads."""
    Plan.objects.select_for_update().get(pk=plan.pk)
    if parent is not None and (parent.plan_id != plan.pk or parent.is_work):
        raise Problem("plans.parent", node=str(parent)[:60])
    node = place(plan, parent, **fields)
    set_units(node, units)
    register_documents(node, by=by, at=at)
    _record("plans.add", plan, by=by, at=at, node=str(node)[:120])
    return node


def set_units(node: Node, names: Iterable[str]) -> None:
    """Write the units as they are named; those that are units of the tree are linked."""
    node.units.all().delete()
    for seq, name in enumerate(dict.fromkeys(n.strip() for n in names if n.strip()), 1):
        NodeUnit.objects.create(node=node, seq=seq, name=name[:120], unit=unit_named(name))


def unit_named(name: str) -> Unit | None:
    """Return the one unit a name means, by full name, code, or the end of its name; None if unsure."""
    for found in (Unit.objects.filter(code=name), Unit.objects.filter(name_zh=name), Unit.objects.filter(name_zh__endswith=name)):  # fmt: skip
        held = list(found[:2])
        if len(held) == 1:
            return held[0]
    return None


def person_named(name: str, units: Sequence[Unit]) -> User | None:
    """Return the one active colleague of that name, of the units named if there are several."""
    if not name:
        return None
    held = list(
        User.objects.filter(name=name, is_active=True, enterprise_code="").select_related("unit")
    )
    if len(held) > 1:
        held = [u for u in held if any(u.unit.path.startswith(unit.path) for unit in units)]
    return held[0] if len(held) == 1 else None


# ── the problem tree ────────────────────────────────────────────────────────
@transaction.atomic
def import_counts(plan: Plan, rows: Iterable[TreeRow], *, by: User, at: datetime) -> Imported:
    """Lay out groups and leaf problems with the number of measures announced (问题树); idempotent."""
    Plan.objects.select_for_update().get(pk=plan.pk)
    groups: dict[int, Node] = {}
    leaves = total = 0
    for row in rows:
        group = groups.get(row.group) or _heading(plan, None, "group", row.group, row.group_title)
        groups[row.group] = group
        leaf = _heading(plan, group, "leaf", row.sub, row.title)
        if leaf.announced != row.measures:
            leaf.announced = row.measures
            leaf.save(update_fields=["announced"])
        leaves += 1
        total += row.measures
    _record("plans.import_counts", plan, by=by, at=at, groups=len(groups), leaves=leaves)
    return Imported(len(groups), leaves, 0, total)


def _heading(plan: Plan, parent: Node | None, kind: str, number: int, title: str) -> Node:
    found = Node.objects.filter(plan=plan, parent=parent, kind=kind, number=str(number)).first()
    if found is None:
        return place(plan, parent, kind=kind, number=str(number), title=title)
    if found.title != title:
        found.title = title
        found.save(update_fields=["title"])
    return found


@transaction.atomic
def import_report(plan: Plan, text: str, *, by: User, at: datetime) -> Imported:
    """Read a rectification report or the measures under its problems into the tree (拆分措施).

    Raises
    ------
    Problem
        ``plans.nothing_read`` when no 一是…二是… stands under a numbered problem.
    """
    Plan.objects.select_for_update().get(pk=plan.pk)
    report = read_report(text)
    groups, leaves, measures = report.counts
    if not measures:
        raise Problem("plans.nothing_read")
    remarks = []
    for group in report.groups:
        top = _heading(plan, None, "group", group.number, group.title)
        for leaf in group.leaves:
            node = _heading(plan, top, "leaf", leaf.number, leaf.title)
            remarks += _measures(node, leaf.split.measures, by=by, at=at)
            remarks += [
                f"{group.number}（{leaf.number}）{r.kind}:{r.value}" for r in leaf.split.remarks
            ]
    if report.plans and not plan.outlook:
        plan.outlook = "\n".join(report.plans)
        plan.save(update_fields=["outlook"])
    counted = plan.nodes.filter(kind="leaf").values_list("announced", flat=True)
    announced = sum(n for n in counted if n is not None) or None
    _record(
        "plans.import_report", plan, by=by, at=at, groups=groups, leaves=leaves, measures=measures
    )
    return Imported(groups, leaves, measures, announced, tuple(remarks))


def _measures(leaf: Node, found: Sequence[Any], *, by: User, at: datetime) -> list[str]:
    """Write the measures under a leaf; those there already keep their case, the text follows."""
    said = []
    for order, measure in enumerate(found, 1):
        number = str(order)
        node = Node.objects.filter(parent=leaf, kind="measure", number=number).first()
        if node is None:
            node = place(leaf.plan, leaf, kind="measure", number=number, title=measure.text[:1000])
        elif node.title != measure.text[:1000] and node.case_id is None:
            node.title = measure.text[:1000]
            node.save(update_fields=["title"])
        elif node.title != measure.text[:1000]:
            said.append(f"{leaf.number}-{number} kept")
        register_documents(node, by=by, at=at)
    return said


# ── one node ────────────────────────────────────────────────────────────────
@transaction.atomic
def revise_node(
    node: Node,
    changes: Mapping[str, Any],
    *,
    units: Sequence[str] | None = None,
    by: User,
    at: datetime,
) -> Node:
    """Change a node's facts; what a person wrote is no longer in doubt.

    Raises
    ------
    Problem
        ``plans.dates``; ``plans.under_way`` when units or deadline of a running task are changed
        (that is a deed of its case: 改派、延期).
    """
    row = Node.objects.select_for_update().get(pk=node.pk)
    changed = {name: value for name, value in changes.items() if getattr(row, name) != value}
    names = [u.name for u in row.units.all()]
    regrouped = units is not None and list(units) != names
    if row.case_id and (regrouped or {"due_on", "person"} & set(changed)):
        raise Problem("plans.under_way", number=row.case.number if row.case else "")
    for name, value in changed.items():
        setattr(row, name, value)
    if row.starts_on and row.due_on and row.due_on < row.starts_on:
        raise Problem("plans.dates", begin=row.starts_on, end=row.due_on)
    if row.leader and "leader" in changed:
        row.leader_name = row.leader.name
    if row.person and "person" in changed:
        row.person_name = row.person.name
    settled = {"leader": "leader", "person": "person"}
    row.doubts = [d for d in row.doubts if not (settled.get(d) in changed or (d == "department" and regrouped))]  # fmt: skip
    row.save()
    if regrouped and units is not None:
        set_units(row, units)
    _record("plans.revise", row.plan, by=by, at=at, node=row.number, changed=sorted(changed) + (["units"] if regrouped else []))  # fmt: skip
    return row


@transaction.atomic
def confirm(nodes: Iterable[Node], *, by: User, at: datetime) -> int:
    """Say that what was filled down is right (确认); return how many tasks were in doubt."""
    held = Node.objects.select_for_update().filter(pk__in=[n.pk for n in nodes])
    doubtful = [row for row in held if row.doubts]
    for row in doubtful:
        row.doubts = []
        row.save(update_fields=["doubts"])
    if doubtful:
        _record("plans.confirm", doubtful[0].plan, by=by, at=at, tasks=[n.number for n in doubtful])
    return len(doubtful)
