"""Teams and what they find (组队、排定、现场记录): a problem becomes a case there and then."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.urls import reverse

from qingyuan.core.periods import city_date
from qingyuan.core.problems import Problem
from qingyuan.web.accounts.models import User
from qingyuan.web.audit import services as audit
from qingyuan.web.audit.services import Actor
from qingyuan.web.campaigns.models import Campaign, Listing, Member, Target, Team, Visit, VisitPhoto
from qingyuan.web.campaigns.selectors import Wanted
from qingyuan.web.campaigns.services.making import open_one
from qingyuan.web.campaigns.services.objects import claim, enlist, form_of
from qingyuan.web.cases.models import Case
from qingyuan.web.cases.selectors.sources import by_source
from qingyuan.web.cases.services import Origin, open_case
from qingyuan.web.files import services as files
from qingyuan.web.notices.services import notify
from qingyuan.web.registry.models import District

__all__ = ["add_place", "make_team", "plan_visits", "record_visit", "withdraw_visit"]


def _record(deed: str, team: Team, *, by: User, at: datetime, **detail: object) -> None:
    audit.record(
        actor=Actor.of(by),
        deed=f"campaigns.{deed}",
        target=team.campaign.ref,
        at=at,
        detail={"team": team.name, **detail},
    )


@transaction.atomic
def make_team(
    team: Team,
    *,
    districts: Sequence[District],
    members: Sequence[User],
    head: User,
    by: User,
    at: datetime,
) -> Team:
    """Send out a team: its department, days, districts, head and members (组队).

    Raises
    ------
    Problem
        ``campaigns.closed``, ``campaigns.team_days``, ``campaigns.team_unit``,
        ``campaigns.team_empty``, ``campaigns.team_twice``.
    """
    campaign = open_one(team.campaign)
    if not campaign.starts_on <= team.from_on <= team.to_on <= campaign.ends_on:
        raise Problem(
            "campaigns.team_days",
            begin=campaign.starts_on.isoformat(),
            end=campaign.ends_on.isoformat(),
        )
    carrying = {campaign.lead_id, *campaign.joint.values_list("unit_id", flat=True)}
    if team.unit_id not in carrying:
        raise Problem("campaigns.team_unit", unit=team.unit.name_zh)
    if not districts:
        raise Problem("campaigns.team_empty")
    if Team.objects.filter(campaign=campaign, name=team.name, from_on=team.from_on).exists():
        raise Problem("campaigns.team_twice", name=team.name, day=team.from_on.isoformat())
    team.made_by, team.made_at = str(by), at
    team.save(force_insert=True)
    team.districts.set(districts)
    people = {user.pk: user for user in (head, *members)}
    Member.objects.bulk_create(
        Member(team=team, user=user, home_id=user.unit_id, head=pk == head.pk)
        for pk, user in people.items()
    )
    _record(
        "team", team, by=by, at=at, unit=team.unit.code, districts=[d.code for d in districts],
        members=sorted(u.username for u in people.values()), head=head.username,
    )  # fmt: skip
    notify(
        people.values(), kind="campaign", title=f"{campaign.number} {team.name}：{team.from_on.isoformat()} 起外出检查",
        title_en=f"{campaign.number}: you are in a field team from {team.from_on.isoformat()}",
        url=reverse("campaign-field", args=[team.pk]), at=at,
    )  # fmt: skip
    return team


@transaction.atomic
def plan_visits(team: Team, targets: Sequence[Target], *, by: User, at: datetime) -> int:
    """Put objects on a team's round (排定); those it has are passed over. Return how many are new.

    Raises
    ------
    Problem
        ``campaigns.closed``, ``campaigns.other_district``, ``campaigns.off_list``.
    """
    campaign = open_one(team.campaign)
    districts = set(team.districts.values_list("code", flat=True))
    held = set(team.visits.values_list("target_id", flat=True))
    fresh = []
    for target in targets:
        if target.campaign_id != campaign.pk or target.dropped_id:
            raise Problem("campaigns.off_list", label=target.label)
        if target.district_id not in districts:
            raise Problem("campaigns.other_district", label=target.label, team=team.name)
        if target.pk not in held:
            held.add(target.pk)
            fresh.append(Visit(team=team, target=target))
    Visit.objects.bulk_create(fresh)
    if fresh:
        _record("plan", team, by=by, at=at, objects=[v.target.ref for v in fresh])
    return len(fresh)


@transaction.atomic
def withdraw_visit(visit: Visit, *, by: User, at: datetime) -> None:
    """Take an object off a team's round before it was visited (撤下)."""
    open_one(visit.team.campaign)
    held = Visit.objects.select_for_update(of=("self",)).get(pk=visit.pk)
    if held.done_at:
        raise Problem("campaigns.visited", label=visit.target.label, by=held.done_by.name)
    _record("withdraw", visit.team, by=by, at=at, object=visit.target.ref)
    held.delete()


@transaction.atomic
def add_place(team: Team, *, label: str, district: District, by: User, at: datetime) -> Visit:
    """Put a place nobody had listed on the list and on the round (现场增列), as a listing of its own.

    Raises
    ------
    Problem
        ``campaigns.closed``, ``campaigns.not_in_team``, ``campaigns.other_district``,
        ``campaigns.text_missing``.
    """
    campaign = open_one(team.campaign)
    _check_member(team, by)
    label = " ".join(label.split())[:100]
    if not label:
        raise Problem("campaigns.text_missing")
    if not team.districts.filter(pk=district.pk).exists():
        raise Problem("campaigns.other_district", label=label, team=team.name)
    ref = f"{district.code}:{label}"
    target = Target.objects.filter(campaign=campaign, kind="place", ref=ref, dropped=None).first()
    if target is None:
        last = campaign.listings.order_by("-number").first()
        listing = Listing.objects.create(
            campaign=campaign, number=last.number + 1 if last else 1, rule=last.rule if last else {},
            reason=f"{team.name}现场增列", added=[["place", ref, label]],
            total=Target.objects.filter(campaign=campaign, dropped=None).count() + 1, by=str(by), at=at,
        )  # fmt: skip
        target = enlist(campaign, Wanted("place", ref, label, district.code), listing)
    visit, fresh = Visit.objects.get_or_create(team=team, target=target)
    if fresh:
        _record("add_place", team, by=by, at=at, object=ref)
    return visit


def _check_member(team: Team, by: User) -> None:
    if not team.members.filter(user=by).exists():
        raise Problem("campaigns.not_in_team", person=by.name, team=team.name)


@transaction.atomic
def record_visit(
    visit: Visit,
    *,
    result: str,
    finding: str,
    problem: str = "",
    risk: str = "general",
    standard: str = "",
    types: Sequence[str] = (),
    photos: Sequence[tuple[str, bytes]] = (),
    by: User,
    at: datetime,
) -> Visit:
    """Record what a team found at one object; a problem opens its case in the same transaction.

    Sending the same record twice leaves one record and one case: the case is found by its source
    ``("campaign", "<number>-<visit>")``.

    Parameters
    ----------
    problem : str
        The problem in a few words; the enterprise reads it as the title of its case.
    risk, standard : str
        Grade and control standard, where the procedure of the campaign asks for them.
    photos : sequence of (name, bytes)
        At least one when a problem is found.

    Raises
    ------
    Problem
        ``campaigns.closed``, ``campaigns.not_in_team``, ``campaigns.too_early``,
        ``campaigns.visited``, ``campaigns.text_missing``, ``campaigns.problem_missing``,
        ``campaigns.photo_missing``, and what opening a case or keeping a file may refuse.
    """
    campaign = open_one(visit.team.campaign)
    held = Visit.objects.select_for_update(of=("self",)).select_related("team", "target").get(pk=visit.pk)  # fmt: skip
    _check_member(held.team, by)
    if held.done_at:
        if held.done_by_id == by.pk and held.result == result and held.finding == finding.strip():
            return held
        raise Problem("campaigns.visited", label=held.target.label, by=held.done_by.name)
    if city_date(at) < held.team.from_on:
        raise Problem("campaigns.too_early", day=held.team.from_on.isoformat())
    if not finding.strip():
        raise Problem("campaigns.text_missing")
    found = result == Visit.Result.PROBLEM
    problem = " ".join(problem.split())[:60] if found else ""
    if found and not problem:
        raise Problem("campaigns.problem_missing")
    if found and not photos:
        raise Problem("campaigns.photo_missing")
    if found:
        held.case = _case(
            campaign, held, problem=problem, finding=finding, risk=risk, standard=standard, types=types, by=by, at=at
        )  # fmt: skip
    held.result, held.finding, held.problem = result, finding.strip()[:1000], problem
    held.done_by, held.done_at = by, at
    held.save()
    for name, content in photos:
        kept = files.keep(content=content, name=name, kind="campaign_visit", by=by, at=at)
        VisitPhoto.objects.create(visit=held, attachment=kept)
    _record(
        "visit", held.team, by=by, at=at, object=held.target.ref, result=result,
        case=held.case.number if held.case else "", photos=len(photos),
    )  # fmt: skip
    return held


def _case(
    campaign: Campaign, visit: Visit, *, problem: str, finding: str, risk: str, standard: str,
    types: Sequence[str], by: User, at: datetime,
) -> Case:  # fmt: skip
    """Open the case of a problem, or find the one this visit has."""
    source = ("campaign", f"{campaign.number}-{visit.pk}")
    target = visit.target
    case = by_source(*source) or open_case(
        procedure=campaign.procedure,
        title=f"{target.label}：{problem}",
        matter=campaign.matter,
        district_code=target.district_id,
        origin=Origin("campaign", f"visit:{visit.pk}", "专项行动检查"),
        enterprise_id=target.enterprise_code or None,
        by=by,
        at=at,
        summary=finding,
        section_code=target.ref if target.kind == "section" else "",
        outfall_code=target.ref if target.kind == "outfall" else "",
        types=types,
        form=form_of(campaign.procedure, target, risk=risk, standard=standard, problem=problem),
        source=source,
    )
    claim(campaign, case, at=at)
    return case
