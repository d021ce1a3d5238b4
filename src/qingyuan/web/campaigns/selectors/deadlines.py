"""What is owed and by when (应报未报): sub-plans and weekly reports, in working days."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from qingyuan.core.periods import city_date
from qingyuan.web.accounts.scope import Scope
from qingyuan.web.campaigns.models import Campaign, Report, SubPlan
from qingyuan.web.campaigns.selectors.sight import sub_plans
from qingyuan.web.cases.selectors.workdays import calendar

__all__ = ["Missing", "missing", "plan_due", "report_due", "weeks"]

_WEEK = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Missing:
    """One thing a district owes, with its last day and the working days since (or before) it."""

    plan: SubPlan
    week: date | None
    due: date
    left: int
    late: bool  # the last day is over, if only by holidays


def plan_due(campaign: Campaign) -> date:
    """Return the last day for sub-plans: working days after the document was issued."""
    return calendar().add_working_days(campaign.issued_on, campaign.plan_days)


def report_due(campaign: Campaign, week: date) -> date:
    """Return the last day for the report of the week that begins on *week*, a Monday."""
    return calendar().add_working_days(week + timedelta(days=6), campaign.report_days)


def weeks(campaign: Campaign, *, at: datetime) -> list[date]:
    """Return the Mondays of the campaign's weeks that have begun, the newest first."""
    last = min(city_date(campaign.closed_at or at), campaign.ends_on)
    monday = campaign.starts_on - timedelta(days=campaign.starts_on.weekday())
    found = []
    while monday <= last:
        found.append(monday)
        monday += _WEEK
    return found[::-1]


def missing(campaign: Campaign, scope: Scope, *, at: datetime) -> list[Missing]:
    """Return what the districts one sees have not handed in: sub-plans, and weeks that are over."""
    if campaign.closed_at:
        return []
    today, days = city_date(at), calendar()
    told = set(Report.objects.filter(campaign=campaign).values_list("district_id", "week"))
    over = [w for w in weeks(campaign, at=at) if w + _WEEK <= today]
    found = []
    for plan in sub_plans(campaign, scope).order_by("district_id"):
        owed: list[tuple[date | None, date]] = []
        if plan.state in (SubPlan.State.ASKED, SubPlan.State.RETURNED):
            owed.append((None, plan.due_on))
        owed += [(w, report_due(campaign, w)) for w in over if (plan.district_id, w) not in told]
        found += [
            Missing(plan, week, due, days.working_days_between(today, due), due < today)
            for week, due in owed
        ]
    return sorted(found, key=lambda m: (m.due, m.plan.district_id))
