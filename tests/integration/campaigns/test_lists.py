"""Lists, teams and records of a campaign at their corners."""

from __future__ import annotations

from datetime import timedelta

import pytest

from campaign_town import CampaignTown, build_campaign_town
from qingyuan.core.periods import city_date
from qingyuan.core.problems import Problem
from qingyuan.web.accounts.scope import scope_of
from qingyuan.web.campaigns import selectors, services
from qingyuan.web.campaigns.models import Campaign, Target, Visit
from qingyuan.web.cases.models import Case
from qingyuan.web.cases.selectors import narrowed


@pytest.fixture
def place(db: None) -> CampaignTown:
    return build_campaign_town()


def _refs(campaign: Campaign) -> set[str]:
    found = Target.objects.filter(campaign=campaign, dropped=None)
    return set(found.values_list("ref", flat=True))


def test_a_refreshed_list_says_what_came_and_went_and_keeps_what_was_visited(place):
    place.listed(kind="enterprise")
    visits = place.planned(place.team())
    place.found(visits["E1"])
    rule = {"kind": "outfall", "districts": ["379901"], "named": ["379902,黑加油点"]}
    changed = selectors.difference(place.campaign, rule)
    assert {o.ref for o in changed.added} == {"O1", "379902:黑加油点"}
    assert [t.ref for t in changed.removed] == ["E2"]
    assert [t.ref for t in changed.kept] == ["E1"]
    place.listed(**rule)
    assert _refs(place.campaign) == {"O1", "379902:黑加油点", "E1"}
    assert not Visit.objects.filter(target__ref="E2").exists()  # 排定未查的随之撤下
    last = place.campaign.listings.order_by("-number")[0]
    assert (last.number, last.total, len(last.added), len(last.removed)) == (2, 3, 2, 1)


@pytest.mark.parametrize(
    ("rule", "refs"),
    [
        pytest.param({"kind": "enterprise", "trades": ["17"]}, {"E1"}, id="行业开头"),
        pytest.param({"kind": "enterprise", "districts": ["379902"]}, {"E2"}, id="区市"),
        pytest.param({"kind": "outfall", "state": "online"}, {"O1"}, id="在用且有在线监测"),
        pytest.param({"kind": "section", "districts": ["379901"], "named": ["E2"]}, None, id="断面加一家企业"),
        pytest.param({"named": ["E1", "O2"]}, {"E1", "O2"}, id="只按名单"),
    ],
)  # fmt: skip
def test_the_filter_gives(place, rule, refs):
    found = {one.ref for one in selectors.chosen(rule)}
    if refs is None:
        assert "E2" in found
        assert "S1" in found
        assert "E1" not in found
    else:
        assert found == refs


@pytest.mark.parametrize(
    ("rule", "seen", "code"),
    [
        pytest.param({"named": ["没有这个编号"]}, None, "campaigns.unknown_objects", id="查无此号"),
        pytest.param({"kind": "enterprise"}, None, "campaigns.list_same", id="没有变化"),
        pytest.param({"kind": "outfall"}, 0, "campaigns.list_moved", id="别人已核定"),
    ],
)
def test_a_list_is_refused(place, rule, seen, code):
    place.listed(kind="enterprise")
    with pytest.raises(Problem) as refused:
        services.list_objects(
            place.campaign, rule=rule, reason="再核", by=place.who("head"), at=place.town.at, seen=seen
        )  # fmt: skip
    assert refused.value.code == code
    assert _refs(place.campaign) == {"E1", "E2"}


def test_one_document_orders_a_campaign_of_a_name_once(place):
    again = Campaign.objects.get()
    again.pk = None
    with pytest.raises(Problem) as refused:
        services.make_campaign(again, by=place.who("head"), at=place.town.at)
    assert refused.value.code == "campaigns.twice"


def test_only_the_team_records_and_only_once(place):
    place.listed()
    visit = place.planned(place.team("east1"))["E1"]
    with pytest.raises(Problem) as refused:
        place.found(visit, who="second")
    assert refused.value.code == "campaigns.not_in_team"
    place.found(visit, who="east1")
    with pytest.raises(Problem) as refused:
        place.found(visit, who="duty")
    assert refused.value.code == "campaigns.visited"
    assert Case.objects.count() == 1


def test_a_problem_without_a_picture_leaves_no_case(place):
    place.listed()
    visit = place.planned(place.team())["E1"]
    with pytest.raises(Problem) as refused:
        services.record_visit(
            visit, result="problem", finding="渗漏", problem="渗漏", standard="修复", by=place.who("duty"), at=place.town.at
        )  # fmt: skip
    assert refused.value.code == "campaigns.photo_missing"
    assert not Case.objects.exists()


def test_a_round_cannot_be_recorded_before_its_first_day(place):
    place.listed()
    tomorrow = city_date(place.town.at) + timedelta(days=1)
    visit = place.planned(place.team(from_on=tomorrow))["E1"]
    with pytest.raises(Problem) as refused:
        place.found(visit)
    assert refused.value.code == "campaigns.too_early"


def test_a_place_found_on_the_way_joins_the_list_and_its_case_needs_no_enterprise(place):
    place.listed()
    team = place.team()
    district = team.districts.get(code="379902")
    visit = services.add_place(team, label="滨河路黑加油点", district=district, by=place.who("duty"), at=place.town.at)  # fmt: skip
    done = place.found(visit, problem="无证储油")
    assert done.case is not None
    assert (done.case.enterprise_id, done.case.district_id) == (None, "379902")
    last = place.campaign.listings.order_by("-number")[0]
    assert (last.total, last.added) == (3, [["place", "379902:滨河路黑加油点", "滨河路黑加油点"]])


def test_a_case_opened_elsewhere_can_be_taken_in_and_the_ledger_finds_it(place):
    case = place.town.open()
    other = place.town.open()
    services.join_case(place.campaign, case, by=place.who("head"), at=place.town.at)
    services.join_case(place.campaign, case, by=place.who("head"), at=place.town.at)
    found = narrowed(Case.objects.all(), at=place.town.at, campaign=place.campaign.number)
    assert [c.pk for c in found] == [case.pk]
    assert other.pk not in {c.pk for c in found}


def test_nobody_in_a_district_hears_of_a_visit_before_it_is_made(place):
    place.listed()
    place.asked("379902", "west1")
    visit = place.planned(place.team("police1", unit=place.police))["E2"]
    west, police = (
        scope_of(place.who(name), on=city_date(place.town.at)) for name in ("west1", "police1")
    )
    assert not selectors.visits(west).exists()
    assert not selectors.teams(west).exists()
    assert selectors.visits(police).count() == 2
    place.found(visit, who="police1")
    assert [v.pk for v in selectors.visits(west)] == [visit.pk]
