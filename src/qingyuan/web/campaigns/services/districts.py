"""What is asked of a district and what it hands in (区市方案、周报、催报)."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from django.db import transaction
from django.urls import reverse

from qingyuan.core.periods import city_date
from qingyuan.core.problems import Problem
from qingyuan.web.accounts.models import User
from qingyuan.web.accounts.scope import Scope
from qingyuan.web.audit import services as audit
from qingyuan.web.audit.services import Actor
from qingyuan.web.campaigns.models import Campaign, Report, SubPlan
from qingyuan.web.campaigns.selectors import missing, plan_due, report_due, weeks
from qingyuan.web.campaigns.services.making import open_one
from qingyuan.web.files import services as files
from qingyuan.web.notices.services import notify

__all__ = ["ask_sub_plan", "judge_sub_plan", "remind", "report", "submit_sub_plan"]


def _record(deed: str, plan: SubPlan, *, by: User, at: datetime, **detail: object) -> None:
    audit.record(
        actor=Actor.of(by),
        deed=f"campaigns.{deed}",
        target=plan.campaign.ref,
        at=at,
        detail={"district": plan.district_id, **detail},
    )


def _tell(plan: SubPlan, *people: User, zh: str, en: str, at: datetime) -> None:
    where = reverse("campaign-district", args=[plan.campaign.number, plan.district_id])
    number = plan.campaign.number
    notify(
        people,
        kind="campaign",
        title=f"{number} {zh}",
        title_en=f"{number}: {en}",
        url=where,
        at=at,
    )


@transaction.atomic
def ask_sub_plan(
    campaign: Campaign,
    *,
    district_code: str,
    person: User,
    quota: int,
    finish_on: date,
    by: User,
    at: datetime,
) -> SubPlan:
    """Give a district its task and ask for its sub-plan (下达); asking again changes the task.

    The sub-plan is due so many working days after the campaign's document was issued, and never
    earlier than that many working days after the asking.

    Raises
    ------
    Problem
        ``campaigns.closed``, ``campaigns.finish``, ``campaigns.person_elsewhere``.
    """
    campaign = open_one(campaign)
    if not campaign.starts_on <= finish_on <= campaign.ends_on:
        raise Problem(
            "campaigns.finish", given=finish_on.isoformat(),
            begin=campaign.starts_on.isoformat(), end=campaign.ends_on.isoformat(),
        )  # fmt: skip
    if person.unit.district_code != district_code:
        raise Problem("campaigns.person_elsewhere", person=person.name, unit=person.unit.name_zh)
    asked = Campaign(issued_on=city_date(at), plan_days=campaign.plan_days)
    plan, fresh = SubPlan.objects.get_or_create(
        campaign=campaign,
        district_id=district_code,
        defaults={
            "person": person, "quota": quota, "finish_on": finish_on,
            "due_on": max(plan_due(campaign), plan_due(asked)),
        },
    )  # fmt: skip
    if not fresh:
        plan.person, plan.quota, plan.finish_on = person, quota, finish_on
        plan.save(update_fields=["person", "quota", "finish_on"])
    _record(
        "ask", plan, by=by, at=at, person=person.username, quota=quota, finish_on=finish_on.isoformat(),
    )  # fmt: skip
    due = plan.due_on.isoformat()
    _tell(plan, person, zh=f"请报送实施方案，{due} 前", en=f"hand in the sub-plan by {due}", at=at)
    return plan


@transaction.atomic
def submit_sub_plan(
    plan: SubPlan,
    *,
    text: str,
    file: tuple[str, bytes] | None = None,
    by: User,
    at: datetime,
) -> SubPlan:
    """Hand the district's sub-plan in, or hand it in again after it came back (报送).

    Raises
    ------
    Problem
        ``campaigns.closed``, ``campaigns.plan_state``, ``campaigns.text_missing``, and what keeping
        the file may refuse.
    """
    open_one(plan.campaign)
    plan = SubPlan.objects.select_for_update().get(pk=plan.pk)
    if plan.state not in (SubPlan.State.ASKED, SubPlan.State.RETURNED):
        raise Problem("campaigns.plan_state", state=str(plan.get_state_display()))
    if not text.strip():
        raise Problem("campaigns.text_missing")
    if file is not None:
        name, content = file
        plan.paper = files.keep(content=content, name=name, kind="sub_plan", by=by, at=at)
    plan.text, plan.state = text.strip(), SubPlan.State.SUBMITTED
    plan.submitted_by, plan.submitted_at = by, at
    plan.judged_by = plan.judged_at = None
    plan.save()
    late = city_date(at) > plan.due_on
    _record("submit", plan, by=by, at=at, late=late, file=str(plan.paper_id or ""))
    return plan


@transaction.atomic
def judge_sub_plan(plan: SubPlan, *, accept: bool, opinion: str, by: User, at: datetime) -> SubPlan:
    """Accept a sub-plan, or send it back with a reason (审核); never by who handed it in.

    Raises
    ------
    Problem
        ``campaigns.closed``, ``campaigns.plan_state``, ``campaigns.own_plan``,
        ``campaigns.reason_missing``.
    """
    open_one(plan.campaign)
    plan = SubPlan.objects.select_for_update().get(pk=plan.pk)
    if plan.state != SubPlan.State.SUBMITTED:
        raise Problem("campaigns.plan_state", state=str(plan.get_state_display()))
    if plan.submitted_by_id == by.pk:
        raise Problem("campaigns.own_plan", person=by.name)
    if not accept and not opinion.strip():
        raise Problem("campaigns.reason_missing")
    plan.state = SubPlan.State.ACCEPTED if accept else SubPlan.State.RETURNED
    plan.judged_by, plan.judged_at, plan.opinion = by, at, opinion.strip()[:400]
    plan.save()
    _record("accept" if accept else "send_back", plan, by=by, at=at, opinion=plan.opinion)
    words = ("实施方案已通过", "the sub-plan is accepted") if accept else ("实施方案退回修改", "the sub-plan came back")  # fmt: skip
    _tell(plan, plan.person, zh=words[0], en=words[1], at=at)
    return plan


@transaction.atomic
def report(
    campaign: Campaign, *, district_code: str, week: date, text: str, by: User, at: datetime
) -> Report:
    """Hand in a district's report of one week (周报); once a week, late ones say so.

    Raises
    ------
    Problem
        ``campaigns.closed``, ``campaigns.no_sub_plan``, ``campaigns.week``,
        ``campaigns.reported``, ``campaigns.text_missing``.
    """
    campaign = open_one(campaign)
    plan = SubPlan.objects.filter(campaign=campaign, district_id=district_code).first()
    if plan is None:
        raise Problem("campaigns.no_sub_plan", district=district_code)
    if week not in weeks(campaign, at=at):
        raise Problem("campaigns.week", week=week.isoformat())
    if not text.strip():
        raise Problem("campaigns.text_missing")
    made, fresh = Report.objects.get_or_create(
        campaign=campaign,
        district_id=district_code,
        week=week,
        defaults={
            "text": text.strip()[:1000], "by": by, "at": at,
            "late": city_date(at) > report_due(campaign, week),
        },
    )  # fmt: skip
    if not fresh:
        raise Problem("campaigns.reported", week=week.isoformat(), by=made.by.name)
    _record("report", plan, by=by, at=at, week=week.isoformat(), late=made.late)
    return made


@transaction.atomic
def remind(campaign: Campaign, *, scope: Scope, by: User, at: datetime) -> int:
    """Remind each district once of all it owes (催报); return how many people were told."""
    campaign = open_one(campaign)
    owed: dict[int, list[str]] = {}
    plans: dict[int, SubPlan] = {}
    for one in missing(campaign, scope, at=at):
        plans[one.plan.pk] = one.plan
        what = "方案" if one.week is None else f"{one.week + timedelta(days=6):%m-%d} 周报"
        owed.setdefault(one.plan.pk, []).append(what)
    for pk, what in owed.items():
        plan, n = plans[pk], len(what)
        said = f"应报未报 {n} 项：" + "、".join(what[:3])
        _tell(plan, plan.person, zh=said, en=f"{n} papers are owed", at=at)
    audit.record(
        actor=Actor.of(by),
        deed="campaigns.remind",
        target=campaign.ref,
        at=at,
        detail={plans[pk].district_id: len(what) for pk, what in owed.items()},
    )
    return len(owed)
