"""What the surveys' reports are written from: classes, rankings and named roads of the period."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.conf import settings

from qingyuan.reporting import SurveyFacts
from qingyuan.web.bulletins.facts import survey_facts
from qingyuan.web.surveys import services
from qingyuan.web.surveys.models import RoadNetwork, Stretch, StretchDay, SurveyRun

pytestmark = pytest.mark.django_db

AUGUST, SEPTEMBER = date(2026, 8, 1), date(2026, 9, 1)


def _driven(fleet, first: date, *values: float, pm25: float | None = None) -> list[Stretch]:
    """Give the first stretches three days each of the same mean."""
    run = SurveyRun.objects.create(
        day=first, first_day=first, asked_at=fleet.town.at, asked_by="系统"
    )
    found = list(Stretch.objects.order_by("number")[: len(values)])
    StretchDay.objects.bulk_create(
        StretchDay(run=run, stretch=s, day=first + timedelta(days=n), pm10=v, pm25=pm25, increment=0, passes=4, vehicles=2)
        for s, v in zip(found, values, strict=True)
        for n in range(3)
    )  # fmt: skip
    return found


def _facts(fleet, period: str, first: date, last: date) -> SurveyFacts:
    facts, _version = survey_facts(
        period=period, first=first, last=last, at=fleet.town.at, folder=settings.FOLDER
    )
    return facts


def test_a_month_says_classes_before_the_named_and_the_three_rankings(fleet):
    _driven(fleet, AUGUST, *range(120, 100, -1))
    found = _driven(fleet, SEPTEMBER, *range(100, 80, -1), pm25=30.0)
    head = fleet.town.who("head")
    services.override(
        stretch=found[-1],
        month=SEPTEMBER,
        level="above",
        reason="省督察",
        by=head,
        at=fleet.town.at,
    )
    facts = _facts(fleet, "month", SEPTEMBER, date(2026, 9, 30))
    (pm10,) = [c for c in facts.classes if c.item == "pm10"]
    assert pm10.counts == {"red": 2, "orange": 3, "yellow": 6, "green": 9}
    assert pm10.before == {"red": 1, "orange": 3, "yellow": 6, "green": 10}
    assert [c.before for c in facts.classes if c.item == "pm25"] == [None]
    red = [r for r in facts.roads if r.road_class == "red"]
    assert [(r.named, r.reason) for r in red] == [("", ""), ("above", "省督察")]
    assert (red[0].pm10, red[0].before) == (Decimal("100.0"), Decimal("120.0"))
    (standing,) = facts.standings
    assert (standing.rank, standing.state_rank, standing.improvement_rank) == (1, 1, 1)
    assert standing.improvement == Decimal("18.10")  # (110.5 − 90.5) / 110.5


def test_a_week_is_classed_by_concentration_and_set_beside_the_week_before(fleet):
    _driven(fleet, date(2026, 9, 7), 300, 40)
    _driven(fleet, date(2026, 9, 14), 160, 45)
    facts = _facts(fleet, "week", date(2026, 9, 14), date(2026, 9, 20))
    (pm10,) = facts.classes
    assert pm10.counts == {"red": 0, "orange": 1, "yellow": 0, "green": 1}
    assert pm10.before == {"red": 1, "orange": 0, "yellow": 0, "green": 1}
    assert [(r.pm10, r.before) for r in facts.roads] == [(160, 300), (45, 40)]
    assert facts.standings == ()


def test_two_roads_called_the_same_are_two_roads(fleet):
    one, two = _driven(fleet, date(2026, 9, 14), 300, 40)
    Stretch.objects.filter(pk__in=[one.pk, two.pk]).update(road="人民路", start="", end="")
    facts = _facts(fleet, "week", date(2026, 9, 14), date(2026, 9, 20))
    assert [(r.road, r.pm10) for r in facts.roads] == [("人民路", 300), ("人民路", 40)]


def test_a_road_drawn_anew_is_still_the_road(fleet):
    (old,) = _driven(fleet, date(2026, 9, 14), 300)
    new = RoadNetwork.objects.create(
        version=9, source="新", edges={}, count=0, length_km=1, sha256="0", brought_by_label="系统",
        brought_at=fleet.town.at,
    )  # fmt: skip
    run = SurveyRun.objects.create(
        day=date(2026, 9, 17), first_day=date(2026, 9, 17), asked_at=fleet.town.at, asked_by="系统"
    )
    again = Stretch.objects.create(
        network=new, number=1, road=old.road, start=old.start, end=old.end,
        district_code=old.district_code, length_m=1, lines=old.lines,
    )  # fmt: skip
    StretchDay.objects.create(
        run=run, stretch=again, day=date(2026, 9, 17), pm10=100, increment=0, passes=4, vehicles=2
    )
    (road,) = _facts(fleet, "week", date(2026, 9, 14), date(2026, 9, 20)).roads
    assert (road.pm10, road.passes) == (250, 16)  # (3 × 300 + 100) / 4
