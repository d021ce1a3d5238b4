"""What deeds on the case of a task do to the plan (后果): registered by name with cases."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal

from qingyuan.core.periods import city_date
from qingyuan.core.problems import Problem
from qingyuan.web.cases.effects import Doing
from qingyuan.web.cases.models import Case
from qingyuan.web.cases.selectors.ledger import calendar
from qingyuan.web.plans.models import Freeze, Issue, Node, Plan, Report, Review
from qingyuan.web.plans.progress import expected_percent, period_of
from qingyuan.web.plans.services.documents import register_documents

__all__ = ["EFFECTS", "marks"]


def _node(doing: Doing) -> Node:
    node = (
        Node.objects.select_for_update(of=("self",))
        .select_related("plan", "phase")
        .filter(case=doing.case)
        .first()
    )
    if node is None:
        raise Problem("plans.no_node", number=doing.case.number)
    return node


def file_plan_report(doing: Doing, params: Mapping[str, str]) -> None:
    """Enter a report for the period it belongs to, beside the expected progress (序时进度)."""
    node = _node(doing)
    given = doing.data["percent"]
    percent = int(given) if isinstance(given, int | Decimal) and given == int(given) else -1
    if not 0 <= percent <= 100:
        raise Problem("plans.percent", given=given)
    today = city_date(doing.at)
    span = period_of(today - timedelta(days=node.plan.grace_days), node.plan.rhythm)
    Report.objects.create(
        node=node,
        period=span.key,
        percent=percent,
        expected=expected_percent(node.begins_on(), node.ends_on(), today, calendar()),
        text=doing.text("text"),
        late=Freeze.objects.filter(plan=node.plan, period=span.key).exists(),
        by=doing.by,
        at=doing.at,
    )
    node.percent = percent
    node.save(update_fields=["percent"])


def raise_issue(doing: Doing, params: Mapping[str, str]) -> None:
    """Put a difficulty before the leading group."""
    Issue.objects.create(
        node=_node(doing), text=doing.text("issue"), raised_by=doing.by, raised_at=doing.at
    )


def decide_issue(doing: Doing, params: Mapping[str, str]) -> None:
    """Enter what the leading group decided."""
    Issue.objects.filter(node=_node(doing), decided_at=None).update(
        decision=doing.text("decision"), decided_by=doing.by, decided_at=doing.at
    )


def finish_plan_work(doing: Doing, params: Mapping[str, str]) -> None:
    """Note that the work is done, and enter the documents its account names."""
    node = _node(doing)
    node.percent = 100
    node.save(update_fields=["percent"])
    told = doing.text("measures")
    rule = doing.text("rule_made")
    if rule and "《" not in rule:
        rule = f"印发《{rule}》"
    register_documents(node, by=doing.by, at=doing.at, text=f"{told}\n{rule}")


def file_review(doing: Doing, params: Mapping[str, str]) -> None:
    """Enter a look at what is kept up, and when the next one is due."""
    node = _node(doing)
    until = doing.data["review_on"]
    if not isinstance(until, date):
        raise TypeError(until)
    Review.objects.create(
        node=node, text=doing.text("note"), next_on=until, by=doing.by, at=doing.at
    )
    node.long_term, node.review_on = True, until
    node.save(update_fields=["long_term", "review_on"])


def note_published(doing: Doing, params: Mapping[str, str]) -> None:
    """Enter the day the plan's outcome was first published (公开日期, R065)."""
    Plan.objects.filter(nodes__case=doing.case, published_on=None).update(
        published_on=city_date(doing.at)
    )


def marks(case: Case) -> frozenset[str]:
    """Return what is true of a task's case: a difficulty waits for the leading group."""
    waiting = Issue.objects.filter(node__case=case, decided_at=None).exists()
    return frozenset({"issue_waiting"}) if waiting else frozenset()


EFFECTS = {
    "decide_issue": decide_issue,
    "file_plan_report": file_plan_report,
    "file_review": file_review,
    "finish_plan_work": finish_plan_work,
    "note_published": note_published,
    "raise_issue": raise_issue,
}
