"""A campaign of the last weeks (专项行动): ordered, listed, given to the districts, two teams out.

Everything goes through the services people use, at the hours they would; the texts are invented.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from qingyuan.core.periods import city_date
from qingyuan.demo.pictures import picture
from qingyuan.demo.script import office_hours
from qingyuan.web.accounts import selectors as accounts
from qingyuan.web.accounts.models import User
from qingyuan.web.campaigns import selectors
from qingyuan.web.campaigns import services as campaigns
from qingyuan.web.campaigns.models import Campaign, Target, Team, Visit
from qingyuan.web.cases.models import Case
from qingyuan.web.cases.services import Upload, matrix_assignment, perform
from qingyuan.web.registry.models import District

__all__ = ["open_campaign"]

DAY = timedelta(days=1)
_FOUND = (  # problem, risk, what is required, how far the case is
    ("废水收集沟破损", "larger", "修复并做防渗", "closed"),
    ("雨水口晴天有水", "general", "查清来水并封堵", "closed"),
    ("危险废物标签缺失", "general", "补齐标签与台账", "signed"),
    ("", "", "", ""),
    ("事故应急池存水过多", "larger", "排空并保持容量", "late"),
    ("", "", "", ""),
)


def open_campaign(*, until: datetime) -> Campaign:
    """Carry a campaign on from its order five weeks ago to now; some of it is left to do."""
    at = office_hours(until - 35 * DAY)
    day = city_date(at)
    head = accounts.holders_of("department_head", on=day, district="")[0]
    duty = accounts.holders_of("duty_officer", on=day, district="")[0]
    officers = {
        p.unit.district_code: p
        for p in accounts.holders_of("district_officer", on=day)
        if p.unit.district_code
    }
    campaign = campaigns.make_campaign(
        Campaign(
            title="涉水企业环境安全百日行动", document="涉水企业环境安全百日行动方案", document_no="环办发〔百日〕1号",
            issued_on=day, lead=head.unit, starts_on=day, ends_on=day + 100 * DAY,
            aim="涉水企业查一遍，问题一企一单，限期销号。",
        ),
        joint=[duty.unit], by=head, at=at,
    )  # fmt: skip
    rule = {"kind": "enterprise", "classes": ["key", "simple"]}
    if not selectors.chosen(rule):
        rule = {"kind": "enterprise"}
    campaigns.list_objects(
        campaign, rule=rule, reason="依方案核定", by=head, at=at + timedelta(hours=1)
    )
    _districts(campaign, officers, by=head, at=at, until=until)
    team = _team(campaign, officers, duty, by=head, at=office_hours(at + 6 * DAY))
    _visits(campaign, team, duty, until=until)
    return campaign


def _districts(
    campaign: Campaign, officers: dict[str, User], *, by: User, at: datetime, until: datetime
) -> None:
    """Ask every district that has objects; all but the last hand in their papers."""
    held = Target.objects.filter(campaign=campaign, dropped=None).order_by("district_id")
    codes = [c for c in dict.fromkeys(held.values_list("district_id", flat=True)) if c in officers]
    for n, code in enumerate(codes):
        person = officers[code]
        plan = campaigns.ask_sub_plan(
            campaign, district_code=code, person=person, quota=held.filter(district_id=code).count(),
            finish_on=campaign.ends_on, by=by, at=at + timedelta(hours=2),
        )  # fmt: skip
        if n == len(codes) - 1:
            continue  # one sub-plan is owed
        then = office_hours(at + 3 * DAY)
        campaigns.submit_sub_plan(
            plan, text="按企业名单两人一组逐家检查，问题当场交企业。", by=person, at=then
        )
        campaigns.judge_sub_plan(
            plan, accept=True, opinion="同意", by=by, at=then + timedelta(hours=3)
        )
        for week in selectors.weeks(campaign, at=until)[:0:-1]:
            told = office_hours(datetime.combine(week, at.timetz()) + 5 * DAY)
            if told < until:
                campaigns.report(
                    campaign, district_code=code, week=week, text="按方案推进，本周检查情况已登记。",
                    by=person, at=told,
                )  # fmt: skip


def _team(
    campaign: Campaign, officers: dict[str, User], duty: User, *, by: User, at: datetime
) -> Team:
    members = list(officers.values())[:2]
    codes = sorted(officers)
    day = city_date(at)
    team = campaigns.make_team(
        Team(
            campaign=campaign, name="第一检查组", kind="inspect", unit=campaign.lead, from_on=day,
            to_on=day + 40 * DAY,
        ),
        districts=list(District.objects.filter(code__in=codes)), members=members, head=duty, by=by, at=at,
    )  # fmt: skip
    found = Target.objects.filter(campaign=campaign, dropped=None, district__in=codes)
    wanted: list[Target] = []
    for code in codes:
        wanted += list(found.filter(district_id=code).order_by("pk")[:3])
    campaigns.plan_visits(team, wanted[: len(_FOUND) + 3], by=by, at=at + timedelta(hours=1))
    return team


def _visits(campaign: Campaign, team: Team, duty: User, *, until: datetime) -> None:
    """Make the first visits, day by day; the rest is on the phone for today."""
    visits = list(team.visits.select_related("target").order_by("pk"))
    for n, (visit, (problem, risk, standard, far)) in enumerate(zip(visits, _FOUND, strict=False)):
        at = office_hours(until - (26 - 2 * n) * DAY)
        photos = [("现场.jpg", picture("before_photo", case=visit.target.ref, at=at))]
        done = campaigns.record_visit(
            visit, result="problem" if problem else "none",
            finding=f"现场检查，{problem}。" if problem else "台账齐全，设施运行正常。", problem=problem,
            risk=risk or "general", standard=standard, types=["water"] if problem else (), photos=photos,
            by=duty, at=at,
        )  # fmt: skip
        if done.case is not None:
            _handle(done, far, at=at, until=until)


def _handle(visit: Visit, far: str, *, at: datetime, until: datetime) -> None:
    """Carry the case of a visit as far as it got."""
    case = Case.objects.get(pk=visit.case_id)
    duty = visit.done_by
    assert duty is not None
    due = city_date(at) + (6 if far == "late" else 40) * DAY
    at = office_hours(at + timedelta(hours=2))
    data = {**matrix_assignment(case, at=at), "due_on": due}
    case = perform(case=case, deed="assign", by=duty, at=at, data=data)
    at = office_hours(at + timedelta(hours=4))
    case = perform(case=case, deed="sign", by=case.person, at=at, data={})
    if far != "closed":
        return
    at = office_hours(at + 4 * DAY)
    case = _do(case, "finish", case.person, ("before_photo", "after_photo", "plan_paper"), at, measures="已修复，见照片。")  # fmt: skip
    at = office_hours(at + DAY)
    if at < until:
        _do(case, "close_out", duty, ("before_photo", "after_photo", "recheck_record"), at, opinion="复核属实，同意销号。")  # fmt: skip


def _do(
    case: Case, deed: str, by: User | None, evidence: tuple[str, ...], at: datetime, **data: object
) -> Case:
    files = [
        Upload(kind, f"{kind}.jpg", picture(kind, case=case.number, at=at), at) for kind in evidence
    ]
    return perform(case=case, deed=deed, by=by, at=at, data=data, evidence=files)
