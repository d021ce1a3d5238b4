"""Who sees what of a campaign (可见范围).

The bureau sees all. A district sees a campaign once it has a sub-plan in it: its own sub-plan, its
own objects, and visits only once they are made. A joint department sees the campaign and what its
own people do. Whoever goes out sees the team's visits. Enterprises see nothing.
"""

from __future__ import annotations

from django.db.models import Q, QuerySet

from qingyuan.web.accounts.scope import Scope
from qingyuan.web.campaigns.models import Campaign, SubPlan, Target, Team, Visit
from qingyuan.web.cases import selectors as cases
from qingyuan.web.cases.models import Case, CaseThing

__all__ = [
    "KEEPERS",
    "campaigns",
    "cases_of",
    "may_keep",
    "sub_plans",
    "targets",
    "teams",
    "visits",
]

KEEPERS = frozenset({"duty_officer", "department_head"})


def may_keep(scope: Scope) -> bool:
    """Whether somebody arranges campaigns: the coordinating desks of the bureau itself."""
    return scope.city and bool(scope.roles & KEEPERS)


def campaigns(scope: Scope) -> QuerySet[Campaign]:
    """Return the campaigns a person may see."""
    found = Campaign.objects.select_related("lead")
    if not scope.staff:
        return found.none()
    if scope.city:
        return found
    mine = Q(pk__in=SubPlan.objects.filter(district_id__in=scope.districts).values("campaign_id"))
    mine |= Q(pk__in=Team.objects.filter(members__user=scope.user_id).values("campaign_id"))
    if scope.unit_path:
        mine |= Q(lead__path__startswith=scope.unit_path)
        joined = Campaign.objects.filter(joint__unit__path__startswith=scope.unit_path)
        mine |= Q(pk__in=joined.values("pk"))
    return found.filter(mine)


def sub_plans(campaign: Campaign, scope: Scope) -> QuerySet[SubPlan]:
    """Return the sub-plans a person may see."""
    return SubPlan.objects.filter(
        scope.by_district("district_id"), campaign=campaign
    ).select_related("district", "person__unit", "submitted_by", "judged_by", "paper")


def teams(scope: Scope) -> QuerySet[Team]:
    """Return the teams a person may see: the bureau's desks all, others the ones they go with."""
    found = Team.objects.select_related("campaign", "unit")
    if not scope.staff:
        return found.none()
    return found if scope.city else found.filter(members__user=scope.user_id)


def visits(scope: Scope) -> QuerySet[Visit]:
    """Return the visits a person may see; nobody in a district hears of one before it is made."""
    found = Visit.objects.select_related("team__unit", "target__district", "case__procedure")
    if not scope.staff:
        return found.none()
    if scope.city:
        return found
    made = Q(done_at__isnull=False, target__district_id__in=sorted(scope.districts))
    own = Team.objects.filter(members__user=scope.user_id)
    return found.filter(made | Q(team__in=own.values("pk")))


def targets(campaign: Campaign, scope: Scope) -> QuerySet[Target]:
    """Return the objects on the list now that a person may see."""
    found = Target.objects.filter(campaign=campaign, dropped=None).select_related("district")
    if not scope.staff:
        return found.none()
    if scope.city:
        return found
    own = Visit.objects.filter(team__campaign=campaign, team__members__user=scope.user_id)
    return found.filter(
        Q(district_id__in=sorted(scope.districts)) | Q(pk__in=own.values("target_id"))
    )


def cases_of(campaign: Campaign, scope: Scope) -> QuerySet[Case]:
    """Return the cases of a campaign, as the ledger shows them to the same person."""
    held = CaseThing.objects.filter(kind="campaign", ref=campaign.number)
    return cases.cases(scope).filter(pk__in=held.values("case_id"))
