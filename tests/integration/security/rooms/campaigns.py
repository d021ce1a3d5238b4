"""A campaign in both districts: a sub-plan, an object, a visit with its case on each side."""

from __future__ import annotations

from typing import Any

from campaign_town import CampaignTown, carry_out, open_campaign
from case_town import photo
from qingyuan.web.accounts.models import Unit, User
from qingyuan.web.campaigns import services
from qingyuan.web.campaigns.models import Campaign, SubPlan, Team, Visit

ROUTES_WITHOUT_OBJECTS = {"campaigns", "campaign-add"}
# a team goes to both districts: only its members see it; a paper tells all of a campaign; a visit
# that is recorded takes no second record
ALSO = {
    "campaign-file": {404},
    "campaign-place": {404},
    "campaign-deed": {404},
    "campaign-team": {404},
    "campaign-field": {404},
    "campaign-join": {404},
    "campaign-add": {404},
    "campaign-photo": {404},
    **{
        f"campaign-{name}": {404}
        for name in ("change", "listing", "ask", "team-add", "withdraw", "sweep", "remind", "close")
    },
}
"""Arranging is for desks of the bureau itself (``may_keep``): the same role in a branch finds nothing."""


def build(world: Any) -> None:
    """Carry a campaign out; hand in the sub-plans with their papers."""
    unit = Unit.objects.get(code="bureau")
    place = CampaignTown(world.town, open_campaign(world.town, joint=[]), unit)
    carry_out(place, members=("duty", "head"))  # a member would see both districts
    for district, person in (("379901", "east1"), ("379902", "west1")):
        plan = SubPlan.objects.get(campaign=place.campaign, district_id=district)
        services.submit_sub_plan(
            plan, text=f"探针·{person[:4]}·campaign.plan·", file=("方案.jpg", photo()), by=world.user(person),
            at=world.town.at,
        )  # fmt: skip


def examples(world: Any, side: Any, user: User) -> dict[str, list[tuple[object, ...]]]:
    """Name them."""
    district = {"east": "379901", "west": "379902"}[side.name]
    number = Campaign.objects.get().number
    team = [(Team.objects.get().pk,)]
    visit = Visit.objects.get(target__district_id=district)
    key = visit.photos.get().attachment_id
    return {
        **{
            f"campaign{name}": [(number,)]
            for name in (
                "", "-change", "-listing", "-objects", "-visits", "-sweep", "-join", "-ask", "-remind", "-team-add",
                "-close",
            )
        },
        "campaign-district": [(number, district)],
        "campaign-deed": [(number, district, "report")],
        "campaign-paper": [(number, district)],
        "campaign-file": [(number, "figures", "xlsx"), (number, "weekly", "docx")],
        "campaign-team": team,
        "campaign-field": team,
        "campaign-place": team,
        "campaign-visit": [(visit.pk,)],
        "campaign-withdraw": [(visit.pk,)],
        "campaign-photo": [(visit.pk, key)],
    }  # fmt: skip
