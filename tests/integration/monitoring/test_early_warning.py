"""Early warning: where a rise came from, and a class that got worse."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest

from qingyuan.core.periods import city_date, day_of
from qingyuan.web.monitoring.selectors.past import Past, month_classes, month_of, sections_above
from qingyuan.web.monitoring.services.follow import Following
from qingyuan.web.notices.models import Notice
from qingyuan.web.registry.models import RiverReach, Section
from qingyuan.web.signals.models import Signal


@pytest.fixture
def month(observations, city, at):
    """Return a deed that stores one reading a day of a section for a month."""

    def store(
        station: str, factor: str, value: str, *, back: int, days: int = 10, shift: int = 0
    ) -> None:
        first, _ = month_of(city_date(at), back=back)
        start = day_of(first).start
        observations.append(
            [
                {
                    "station": station, "factor": factor, "cn": "2011", "suffix": "Rtd",
                    "time": start + timedelta(days=d, hours=h), "text": value, "flag": "N",
                    "unit": "mg/L", "mn": "", "received_at": start + timedelta(days=d, hours=h, minutes=1),
                }
                for d in range(days)
                for h in (1 + shift, 7 + shift, 13 + shift, 19 + shift)
            ]
        )  # fmt: skip

    return store


def test_months_know_where_they_are(at):
    day = city_date(at)
    assert [d.isoformat() for d in month_of(day)] == ["2026-09-01", "2026-10-01"]
    assert [d.isoformat() for d in month_of(day, back=9)] == ["2025-12-01", "2026-01-01"]
    assert [d.isoformat() for d in month_of(day, years=1)] == ["2025-09-01", "2025-10-01"]


def test_a_class_worse_than_last_month_is_told_once_and_ends(observations, city, month, at):
    month("section:S1", "w21003", "0.8", back=1)  # Ⅲ
    month("section:S1", "w21003", "1.8", back=0)  # Ⅴ
    following = Following(observations)
    (signal,) = following.compare_months(at=at)
    assert (signal.kind, signal.value_text, signal.unit) == ("decline", "Ⅲ→Ⅴ", "")
    assert "氨氮" in signal.note
    assert Notice.objects.filter(title_zh__contains="水质变差").exists()
    assert following.compare_months(at=at) == []
    month("section:S1", "w21003", "0.1", back=0, days=21, shift=2)
    following.compare_months(at=at + timedelta(minutes=1))
    signal.refresh_from_db()
    assert not signal.active


def test_too_few_days_are_held_against_nothing(observations, city, month, at):
    month("section:S1", "w21003", "0.8", back=1)
    month("section:S1", "w21003", "9.9", back=0, days=4)
    assert Following(observations).compare_months(at=at) == []


def test_a_months_class_is_that_of_its_mean(observations, city, month, at):
    month("section:S1", "w21003", "1.4", back=1, days=5)
    first, end = month_of(city_date(at), back=1)
    found = month_classes(observations, list(Section.objects.all()), first=first, end=end)
    assert found["section:S1"].cls == "Ⅳ"
    assert found["section:S1"].values == {"氨氮": Decimal("1.4")}
    assert "section:S2" not in found


def test_sections_above_come_with_their_travel_time(city):
    above = sections_above()
    assert {u.station for u in above["section:S3"]} == {"section:S1", "section:S2"}
    assert all(u.lag_h and u.lag_h > 0 for u in above["section:S3"])
    assert above["section:S1"] == []
    RiverReach.objects.filter(code="R3").update(flow_m3_s=0)
    assert {u.lag_h for u in sections_above()["section:S3"]} == {None}


def test_a_rise_that_came_from_above_says_so(observations, city, arrive, at):
    lag = min(u.lag_h for u in sections_above()["section:S3"])
    early = -int(lag * 60)
    arrive({early + m: "3.0" for m in range(-60, 61, 10)}, station="section:S1")
    arrive({0: "3.1", 1: "3.2", 2: "3.3", 3: "3.1"}, station="section:S3")
    Following(observations).absorb(at=at + timedelta(minutes=4))
    signal = Signal.objects.get(object_code="S3", kind="exceedance")
    assert "自上游来" in signal.note
    assert "望澜桥" in signal.note


def test_the_past_is_read_once_for_sections_alone(observations, city, arrive, at):
    arrive({-90: "1.0", -30: "2.0"}, station="section:S1")
    past = Past(observations)
    assert sorted(past("section:S1", "w21003", at).values()) == [Decimal("1.0"), Decimal("2.0")]
    assert past("outfall:O1", "w21003", at) == {}
