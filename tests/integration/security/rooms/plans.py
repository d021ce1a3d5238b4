"""Plans of both sides: each office keeps its own, with a heading, tasks, a report and a paper."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from qingyuan.core.periods import city_date
from qingyuan.web.accounts.models import Unit, User
from qingyuan.web.plans import services
from qingyuan.web.plans.models import Node, Paper, Plan

ROUTES_WITHOUT_OBJECTS = {"plans", "plan-new", "plan-tasks", "plan-leaders"}
# a paper's kind is asked for in the form; reminding and freezing are the office's alone
ALSO = {"plan-papers": {404}, "plan-missing": {404}, "plan-dispatch": {404}}
_LEADER = {"east": "vice", "west": "boss"}


def build(world: Any) -> None:
    """Make a plan of each branch, hand one of its tasks down, write a paper."""
    at, day = world.town.at, city_date(world.town.at)
    for side, unit, district in (("east", "east", "379901"), ("west", "west", "379902")):
        office = Unit.objects.get(code=unit)
        by, person = world.user("head"), world.user(f"{unit}1")
        plan = services.make_plan(
            kind="scheme", title=f"分局方案 探针·{side}·plan.title·", office=office, district_id=district,
            starts_on=day, ends_on=day + timedelta(days=90), rhythm="weekly", grace_days=1,
            outlook=f"探针·{side}·plan.outlook·", by=by, at=at,
        )  # fmt: skip
        theme = services.add_node(plan, parent=None, kind="theme", number="一", title=f"主题 探针·{side}·theme·", by=by, at=at)  # fmt: skip
        for number in ("1", "2"):
            node = services.add_node(
                plan, parent=theme, kind="task", number=number, title=f"任务{number} 探针·{side}·task·",
                units=[office.name_zh], person=person, person_name=person.name, leader=world.user(_LEADER[side]),
                leader_name=_LEADER[side], by=by, at=at,
            )  # fmt: skip
        services.launch(node, by=by, at=at)
        services.write_paper(plan, "dispatch", by=by, at=at)


def examples(world: Any, side: Any, user: User) -> dict[str, list[tuple[object, ...]]]:
    """Name them."""
    plan = Plan.objects.get(office__code=side.name)
    nodes = Node.objects.filter(plan=plan).order_by("path")
    code: list[tuple[object, ...]] = [(plan.code,)]
    pks: list[tuple[object, ...]] = [(node.pk,) for node in nodes]
    paper = Paper.objects.get(plan=plan).number
    return {
        **{
            f"plan{part}": code
            for part in (
                "", "-phases", "-text", "-add", "-confirm", "-launch", "-missing", "-dispatch",
                "-evaluation", "-papers", "-indicators",
            )
        },
        **{
            f"plan-node{part}": pks[:2]
            for part in ("", "-revise", "-report", "-launch", "-document", "-account", "-evaluate")
        },
        "plan-leader": [(_LEADER[side.name],)],
        "plan-paper": [(paper, "paper.pdf"), (paper, "paper.docx")],
    }  # fmt: skip
