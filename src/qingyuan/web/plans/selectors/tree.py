"""Plans and their trees as a person may see them (方案、树、任务台账)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Exists, OuterRef, Q, QuerySet

from qingyuan.core.periods import city_date
from qingyuan.web.accounts.models import User
from qingyuan.web.accounts.scope import Scope
from qingyuan.web.cases.selectors.ledger import calendar
from qingyuan.web.plans.models import Issue, Node, Plan
from qingyuan.web.plans.progress import expected_percent, standing, worst_first

__all__ = [
    "ENDED",
    "STANDINGS",
    "Counters",
    "NodeRow",
    "counters",
    "narrowed",
    "nodes",
    "plans",
    "rows",
    "sees_whole",
    "work_rows",
]

ENDED = {"done": "done", "published": "done", "cancelled": "cancelled", "long_term": "kept"}
STANDINGS = ("overdue", "behind", "ontime", "waiting", "kept", "done", "cancelled")
MANAGERS = frozenset({"duty_officer", "department_head"})


def _own(scope: Scope, prefix: str = "") -> Q:
    mine = Q(**{f"{prefix}person_id": scope.user_id}) | Q(**{f"{prefix}leader_id": scope.user_id})
    if scope.unit_path:
        mine |= Q(**{f"{prefix}units__unit__path__startswith": scope.unit_path})
    return mine


def plans(scope: Scope) -> QuerySet[Plan]:
    """Return the plans a person may see: all for the city, else those of the own office or with own tasks."""
    found = Plan.objects.select_related("office", "district").defer("district__wkb")
    if not scope.staff:
        return found.none()
    if scope.city:
        return found
    seen = Q(pk__in=Node.objects.filter(_own(scope)).values("plan"))
    if scope.unit_path:
        seen |= Q(office__path__startswith=scope.unit_path)
    return found.filter(seen)


def sees_whole(plan: Plan, scope: Scope) -> bool:
    """Whether a person sees the plan with everybody's tasks."""
    return scope.city or bool(scope.unit_path and plan.office.path.startswith(scope.unit_path))


def may_manage(plan: Plan, scope: Scope) -> bool:
    """Whether a person keeps the plan: the office of the leading group."""
    return bool(scope.roles & MANAGERS) and sees_whole(plan, scope)


def nodes(scope: Scope) -> QuerySet[Node]:
    """Return the nodes a person may open, of every plan: own tasks and the headings above them."""
    found = Node.objects.select_related(
        "plan__office", "plan__district", "parent", "phase", "leader", "person__unit", "case__procedure", "case__person"
    ).defer("plan__district__wkb")  # fmt: skip
    if not scope.staff:
        return found.none()
    if scope.city:
        return found
    mine = Node.objects.filter(_own(scope))
    below = mine.filter(plan=OuterRef("plan"), path__startswith=OuterRef("path"))
    own = Q(pk__in=mine.values("pk")) | (~Q(kind__in=Node.WORK) & Exists(below))
    if scope.unit_path:
        own |= Q(plan__office__path__startswith=scope.unit_path)
    return found.filter(own)


@dataclass(slots=True)
class NodeRow:
    """One line of the tree or the ledger: the node and how it stands."""

    node: Node
    units: list[str]
    starts: date
    due: date
    percent: int
    expected: int
    standing: str
    left: int | None = None
    tasks: int = 0
    issue: bool = False

    @property
    def gap(self) -> int:
        """Points behind (negative) or ahead of the expected line."""
        return self.percent - self.expected

    @property
    def is_work(self) -> bool:
        """Whether the line is a measure or a task."""
        return self.node.is_work


def rows(found: Iterable[Node], *, at: datetime) -> list[NodeRow]:
    """Return lines for nodes in reading order; a heading sums up the tasks below it."""
    today, days = city_date(at), calendar()
    held = list(found)
    waiting = set(
        Issue.objects.filter(node__in=held, decided_at=None).values_list("node_id", flat=True)
    )
    made = [_row(node, today, days, issue=node.pk in waiting) for node in held]
    below: dict[int, list[NodeRow]] = defaultdict(list)
    by_path = {row.node.path: row for row in made if not row.is_work}
    for row in made:
        if row.is_work:
            parts = row.node.path.rstrip("/").split("/")
            for cut in range(1, len(parts)):
                above = by_path.get("/".join(parts[:cut]) + "/")
                if above is not None:
                    below[above.node.pk].append(row)
    for row in made:
        tasks = below.get(row.node.pk)
        if row.is_work or not tasks:
            continue
        counted = [t for t in tasks if t.standing != "cancelled"] or tasks
        row.tasks = len(tasks)
        row.percent = round(sum(t.percent for t in counted) / len(counted))
        row.expected = round(sum(t.expected for t in counted) / len(counted))
        row.starts, row.due = min(t.starts for t in tasks), max(t.due for t in tasks)
        row.standing = worst_first(t.standing if t.standing != "kept" else "done" for t in tasks)
    return made


def _row(node: Node, today: date, days: object, *, issue: bool) -> NodeRow:
    starts, due = node.begins_on(), node.ends_on()
    ended = ENDED.get(node.case.state, "") if node.case else ""
    if not ended and node.case and node.case.state in ("handed_in", "signing", "accepted"):
        ended = "done" if node.case.state == "accepted" else ""
    expected = expected_percent(starts, due, today, calendar())
    left = None if ended else calendar().working_days_between(today, due)
    return NodeRow(
        node=node,
        units=[u.name for u in node.units.all()],
        starts=starts,
        due=due,
        percent=100 if ended in ("done", "kept") else node.percent,
        expected=expected,
        standing=standing(percent=node.percent, expected=expected, due=due, on=today, ended=ended),
        left=left if left is None or today <= due else min(left, -1),
        issue=issue,
    )


def tree_rows(plan: Plan, scope: Scope, *, at: datetime) -> list[NodeRow]:
    """Return the tree of a plan: whole, or one's own tasks with the headings above them."""
    found = _with(Node.objects.filter(plan=plan))
    if not sees_whole(plan, scope):
        own = Node.objects.filter(plan=plan).filter(_own(scope)).values_list("path", flat=True)
        wanted: set[str] = set()
        for path in own:
            parts = path.rstrip("/").split("/")
            wanted |= {"/".join(parts[:n]) + "/" for n in range(1, len(parts) + 1)}
        found = found.filter(path__in=wanted)
    return rows(found.order_by("path"), at=at)


def _with(found: QuerySet[Node]) -> QuerySet[Node]:
    return (
        found.select_related("plan", "phase", "leader", "person", "case__procedure")
        .prefetch_related("units__unit")
        .defer("case__procedure__text")
    )


def work_rows(scope: Scope, *, at: datetime) -> list[NodeRow]:
    """Return every measure and task one may open, by deadline (任务台账)."""
    found = _with(nodes(scope).filter(kind__in=Node.WORK)).order_by("plan__code", "path")
    return rows(found, at=at)


def narrowed(
    found: Iterable[NodeRow],
    *,
    text: str = "",
    plan: str = "",
    stands: str = "",
    unit: str = "",
    doubt: str = "",
) -> list[NodeRow]:
    """Narrow by the filter bar; an empty filter does not narrow."""
    text = text.strip().lower()
    return [
        row
        for row in found
        if (not plan or row.node.plan.code == plan)
        and (not stands or row.standing == stands)
        and (not unit or unit in row.units)
        and (not doubt or bool(row.node.doubts))
        and (not text or text in f"{row.node.title} {row.node.number} {row.node.leader_name} {row.node.person_name} {' '.join(row.units)}".lower())
    ]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Counters:
    """What a plan holds against what it announced, and how its tasks stand."""

    headings: dict[str, int]
    work: int
    announced: int | None
    doubts: int
    nobody: int
    not_launched: int
    standings: dict[str, int]
    percent: int
    expected: int

    @property
    def short(self) -> int:
        """How many tasks the text announced that are not here."""
        return max(0, (self.announced or 0) - self.work)


def counters(plan: Plan, found: Iterable[NodeRow]) -> Counters:
    """Count the lines of a plan's tree."""
    held = list(found)
    work = [row for row in held if row.is_work]
    kinds: dict[str, int] = defaultdict(int)
    told = [row.node.announced for row in held if row.node.announced is not None]
    for row in held:
        kinds[row.node.kind] += 1
    stands: dict[str, int] = dict.fromkeys(STANDINGS, 0)
    for row in work:
        stands[row.standing] += 1
    counted = [r for r in work if r.standing != "cancelled"]
    return Counters(
        headings={k: n for k, n in kinds.items() if k not in Node.WORK},
        work=len(work),
        announced=plan.announced if plan.announced is not None else (sum(told) if told else None),
        doubts=sum(bool(r.node.doubts) for r in work),
        nobody=sum(r.node.person is None and r.node.case is None for r in work),
        not_launched=sum(r.node.case is None for r in work),
        standings=stands,
        percent=round(sum(r.percent for r in counted) / len(counted)) if counted else 0,
        expected=round(sum(r.expected for r in counted) / len(counted)) if counted else 0,
    )


def leaders(scope: Scope) -> list[tuple[User, int]]:
    """Return the leaders who have tasks in plans one may see, with how many (分管领导)."""
    counted: dict[int, tuple[User, int]] = {}
    for node in (
        nodes(scope).filter(kind__in=Node.WORK).exclude(leader=None).select_related("leader__unit")
    ):
        if node.leader is not None:
            counted[node.leader.pk] = (
                node.leader,
                counted.get(node.leader.pk, (node.leader, 0))[1] + 1,
            )
    return sorted(counted.values(), key=lambda pair: (-pair[1], pair[0].username))
