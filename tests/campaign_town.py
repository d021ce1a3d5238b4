"""The small town in a campaign: two districts, a joint department, a team ready to go out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from case_town import Town, build_town, photo
from qingyuan.core.periods import city_date
from qingyuan.web.accounts.models import Unit, User
from qingyuan.web.accounts.services import put_person
from qingyuan.web.audit.services import SYSTEM
from qingyuan.web.campaigns import services
from qingyuan.web.campaigns.models import Campaign, SubPlan, Target, Team, Visit
from qingyuan.web.registry.models import District
from small_city import AT

__all__ = ["CampaignTown", "build_campaign_town", "carry_out"]


@dataclass
class CampaignTown:
    """The town, a campaign and the department that joins it."""

    town: Town
    campaign: Campaign
    police: Unit

    def who(self, name: str) -> User:
        return self.town.who(name)

    def listed(self, **rule: Any) -> None:
        services.list_objects(
            self.campaign, rule=rule or {"kind": "enterprise"}, reason="依方案", by=self.who("head"), at=self.town.at,
        )  # fmt: skip

    def asked(self, district: str, person: str, quota: int = 1) -> SubPlan:
        return services.ask_sub_plan(
            self.campaign, district_code=district, person=self.who(person), quota=quota,
            finish_on=self.campaign.ends_on, by=self.who("head"), at=self.town.at,
        )  # fmt: skip

    def team(self, *members: str, head: str = "duty", **more: Any) -> Team:
        today = city_date(self.town.at)
        given: dict[str, Any] = {
            "name": "第一检查组", "kind": "inspect", "unit": self.campaign.lead, "from_on": today,
            "to_on": today + timedelta(days=4),
        }  # fmt: skip
        return services.make_team(
            Team(campaign=self.campaign, **{**given, **more}),
            districts=list(District.objects.order_by("code")),
            members=[self.who(name) for name in members], head=self.who(head),
            by=self.who("head"), at=self.town.at,
        )  # fmt: skip

    def planned(self, team: Team) -> dict[str, Visit]:
        wanted = Target.objects.filter(campaign=self.campaign, dropped=None)
        services.plan_visits(team, list(wanted), by=self.who("head"), at=self.town.at)
        return {v.target.ref: v for v in team.visits.select_related("target")}

    def found(self, visit: Visit, who: str = "duty", problem: str = "废水收集沟破损") -> Visit:
        return services.record_visit(
            visit, result="problem", finding="现场见收集沟破损，有渗漏痕迹。", problem=problem, risk="larger",
            standard="修复并做防渗", types=["water"], photos=[("现场.jpg", photo())], by=self.who(who), at=self.town.at,
        )  # fmt: skip


def build_campaign_town() -> CampaignTown:
    """Build the town, the police department with an officer, and a campaign the bureau leads."""
    town = build_town()
    police = Unit.objects.create(
        code="police", name_zh="市公安局", path="/police/", kind="department"
    )
    put_person(
        username="police1", name="公安经办", unit=police, role_names=["district_officer"], at=AT, by=SYSTEM
    )  # fmt: skip
    return CampaignTown(town, open_campaign(town, joint=[police]), police)


def open_campaign(town: Town, *, joint: list[Unit], title: str = "蓝盾行动") -> Campaign:
    return services.make_campaign(
        Campaign(
            title=title, document="清河市涉水企业专项行动方案", document_no="清环发〔2026〕31号",
            issued_on=date(2026, 9, 21), lead=Unit.objects.get(code="bureau"), starts_on=date(2026, 9, 21),
            ends_on=date(2026, 11, 30), matter="source",
        ),
        joint=joint, by=town.who("head"), at=town.at,
    )  # fmt: skip


def carry_out(
    place: CampaignTown, *, members: tuple[str, ...] = ("east1", "west1")
) -> dict[str, Visit]:
    """List the enterprises, ask both districts, go out and find a problem on each side."""
    place.listed()
    for district, person in (("379901", "east1"), ("379902", "west1")):
        place.asked(district, person)
    visits = place.planned(place.team(*members))
    return {ref: place.found(visit) for ref, visit in visits.items()}
