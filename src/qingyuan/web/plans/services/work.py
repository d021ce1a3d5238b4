"""Set tasks going, hear from them, put them to account (下达、报送、评估、问责)."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta

from django.db import transaction
from django.urls import reverse

from qingyuan.core.periods import city_date, in_city
from qingyuan.core.problems import Problem
from qingyuan.web.accounts.models import User
from qingyuan.web.audit import services as audit
from qingyuan.web.audit.services import Actor
from qingyuan.web.cases.models import Case
from qingyuan.web.cases.services import Origin, open_case, perform
from qingyuan.web.notices.services import notify
from qingyuan.web.plans import selectors
from qingyuan.web.plans.models import Accountability, Evaluation, Freeze, Node, Plan
from qingyuan.web.plans.progress import Span
from qingyuan.web.plans.services.tree import place

__all__ = ["evaluate", "freeze", "hold_to_account", "launch", "remind", "remind_due", "report"]

# 案件标题会给企业看，立案服务不许其中有这些词；任务名称可能就是“压降环境信访积案”
_KEPT_OUT = re.compile(r"举报|投诉|信访|来信|来访|来电|12345|热线|群众")
_REMIND_FROM = 9  # 催报在最后一日上班后发出
_ASSIGN = {"party_inspection": "issue_plan", "task": "assign"}


@transaction.atomic
def launch(node: Node, *, by: User, at: datetime) -> Case:
    """Open the case of a measure or task and hand it to its first unit (下达).

    Raises
    ------
    Problem
        ``plans.not_work`` for a heading, ``plans.launched``, ``plans.in_doubt`` while a filled-down
        cell is unconfirmed, ``plans.nobody`` without a unit or a person with an account; and what
        opening and assigning refuse.
    """
    row = (
        Node.objects.select_for_update(of=("self",))
        .select_related("plan", "parent__parent", "person", "leader")
        .get(pk=node.pk)
    )
    if not row.is_work:
        raise Problem("plans.not_work", node=row.number)
    if row.case_id:
        raise Problem("plans.launched", node=row.number, number=row.case.number if row.case else "")
    if row.doubts:
        raise Problem("plans.in_doubt", node=row.number)
    units = list(row.units.select_related("unit"))
    lead = units[0].unit if units else None
    if lead is None or row.person is None:
        raise Problem("plans.nobody", node=row.number, unit=units[0].name if units else "—", person=row.person_name or "—")  # fmt: skip
    plan = row.plan
    title = row.short
    if _KEPT_OUT.search(title):
        title = f"{plan.code} {row.number} 号任务"
    above = row.parent
    heading, sub = (above.parent, above) if above and above.parent else (above, None)
    case = open_case(
        procedure=plan.procedure,
        title=title,
        matter="plan",
        district_code=lead.district_code or plan.district_id,
        origin=Origin("plan", f"plan:{plan.code}:{row.path}", f"{plan.title} {row.number}"[:160]),
        enterprise_id=None,
        by=by,
        at=at,
        summary=row.title,
        form={
            "plan": plan.title,
            "item": row.number,
            **({"leader": row.leader_name} if row.leader_name else {}),
            **({"heading": heading.title[:200]} if heading else {}),
            **({"sub": sub.title[:200]} if sub else {}),
        },
        source=("plan", f"{plan.code}:{row.path}"),
    )
    row.case = case
    row.save(update_fields=["case"])
    co_units = [u.unit.code for u in units[1:] if u.unit and u.unit != lead]
    perform(
        case=case,
        deed=_ASSIGN[plan.procedure],
        by=by,
        at=at,
        data={
            "unit": lead.code,
            "person": row.person.username,
            "due_on": max(row.ends_on(), city_date(at)),
            **({"co_units": co_units} if co_units else {}),
        },
    )
    return case


def report(node: Node, *, percent: int, text: str, by: User, at: datetime) -> Case:
    """Report on a task (报送进展): the deed of its case does the rest.

    Raises
    ------
    Problem
        ``plans.not_launched``, and what the deed refuses.
    """
    if node.case is None:
        raise Problem("plans.not_launched", node=node.number)
    return perform(
        case=node.case,
        deed="report_progress",
        by=by,
        at=at,
        data={"percent": percent, "text": text},
    )


@transaction.atomic
def freeze(plan: Plan, span: Span, *, by: User, at: datetime) -> Freeze:
    """Keep the tasks as they stand for a period (截止冻结); a report after it is late.

    Raises
    ------
    Problem
        ``plans.frozen`` the second time, ``plans.nothing_to_freeze`` before any task runs.
    """
    Plan.objects.select_for_update().get(pk=plan.pk)
    held = Freeze.objects.filter(plan=plan, period=span.key).first()
    if held is not None:
        raise Problem("plans.frozen", period=span.key, who=str(held.by))
    rows = selectors.dispatch_rows(plan, span, at=at)
    if not rows:
        raise Problem("plans.nothing_to_freeze", period=span.key)
    made = Freeze.objects.create(
        plan=plan, period=span.key, at=at, by=by, rows=[row.as_dict() for row in rows]
    )
    audit.record(
        actor=Actor.of(by),
        deed="plans.freeze",
        target=plan.ref,
        at=at,
        clause="青岛市巡察整改通报（2024）1（2）每月调度；溧阳活动实施方案（2014）三",
        detail={"period": span.key, "tasks": len(rows), "missing": [r.number for r in rows if not r.reported]},
    )  # fmt: skip
    return made


def remind_due(*, at: datetime) -> int:
    """Remind, once a period, whose report of a running plan is missing on its last day (到期催报).

    The last day is that of the period and its days of grace; whoever reminded by hand did it.
    """
    if in_city(at).hour < _REMIND_FROM:
        return 0
    day, told = city_date(at), 0
    for plan in Plan.objects.filter(starts_on__lte=day).order_by("pk"):
        span = selectors.current_span(plan, at=at)
        last = span.last + timedelta(days=plan.grace_days)
        if day != last or span.last < plan.starts_on or span.first > plan.ends_on:
            continue
        with transaction.atomic():
            held = Plan.objects.select_for_update(of=("self",)).get(pk=plan.pk)
            if held.reminded_for != span.key:
                told += remind(held, span, by=None, at=at)
    return told


@transaction.atomic
def remind(plan: Plan, span: Span, *, by: User | None, at: datetime) -> int:
    """Tell everybody whose report of a period is missing (催报); return how many people."""
    Plan.objects.filter(pk=plan.pk).update(reminded_for=span.key)
    missing = selectors.missing(plan, span, at=at)
    people = {
        row.case.person_id: row.case.person for row in missing if row.case and row.case.person
    }
    told = notify(
        list(people.values()),
        kind="plan",
        title=f"{plan.code} {span.key} 进展尚未报送",
        title_en=f"{plan.code}: the report of {span.key} is missing",
        url=reverse("plan-missing", args=[plan.code]),
        at=at,
    )
    audit.record(
        actor=Actor.of(by) if by else audit.SYSTEM,
        deed="plans.remind",
        target=plan.ref,
        at=at,
        clause="溧阳活动实施方案（2014）五（三）每周报送",
        detail={"period": span.key, "people": told, "tasks": [n.number for n in missing]},
    )
    return told


@transaction.atomic
def evaluate(
    node: Node,
    *,
    year: int,
    verdict: str,
    finding: str,
    problem: str = "",
    by: User,
    at: datetime,
) -> Evaluation:
    """Say what became of one measure of a policy (逐条评估); a problem found becomes a case.

    A measure is evaluated once a year; again in the year corrects it, and its case stays.
    """
    row = Node.objects.select_for_update(of=("self",)).select_related("plan").get(pk=node.pk)
    held = Evaluation.objects.filter(node=row, year=year).first()
    case = held.case if held else None
    if problem and case is None:
        lead = row.units.select_related("unit").first()
        district = lead.unit.district_code if lead and lead.unit and lead.unit.district_code else ""
        case = open_case(
            procedure="task",
            title=f"{row.plan.code} {row.number} 评估发现的问题",
            matter="plan",
            district_code=district or row.plan.district_id,
            origin=Origin("plan", f"plan:{row.plan.code}:{row.path}", f"{row.plan.title} {row.number}"[:160]),
            enterprise_id=None,
            by=by,
            at=at,
            summary=problem,
            form={"plan": row.plan.title, "item": row.number},
            source=("plan-evaluation", f"{row.plan.code}:{row.path}:{year}"),
        )  # fmt: skip
    if case is not None and (held is None or held.case is None):
        place(
            row.plan,
            row.parent,
            kind=Node.Kind.TASK,
            number=f"{row.number}-{year}"[:12],
            title=problem[:1000],
            case=case,
        )
    made, _ = Evaluation.objects.update_or_create(
        node=row,
        year=year,
        defaults={
            "verdict": verdict,
            "finding": finding,
            "problem": problem or (held.problem if held and case else ""),
            "case": case,
            "by": by,
            "at": at,
        },
    )
    audit.record(
        actor=Actor.of(by),
        deed="plans.evaluate",
        target=row.plan.ref,
        at=at,
        clause="青岛市巡察整改通报（2024）2（1）落实情况评估",
        detail={"node": row.number, "year": year, "verdict": verdict, "case": case.number if case else ""},
    )  # fmt: skip
    return made


@transaction.atomic
def hold_to_account(
    node: Node, *, form: str, whom: str, reason: str, on: date, by: User, at: datetime
) -> Accountability:
    """Enter who was held to account for a target not met (问责记录, R082)."""
    made = Accountability.objects.create(
        node=node, form=form, whom=whom, reason=reason, on=on, by=by, at=at
    )
    audit.record(
        actor=Actor.of(by),
        deed="plans.account",
        target=node.plan.ref,
        at=at,
        clause="溧阳活动实施方案（2014）（四）2 推诿扯皮、推进不力的给予处理",
        detail={"node": node.number, "form": form},
    )
    return made
