"""The ladder up to slip and notice, floods folded, one message a morning."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from qingyuan.core.periods import CITY_TZ
from qingyuan.web.audit.models import Entry
from qingyuan.web.cases.models import CardSent, CaseClock
from qingyuan.web.cases.services import cards, hear_cards, perform_many, send_cards, send_digests
from qingyuan.web.notices.models import Notice

pytestmark = pytest.mark.django_db


def _told(kind: str) -> list[str]:
    return sorted(Notice.objects.filter(kind=kind).values_list("user__username", flat=True))


@pytest.fixture
def heard(monkeypatch):
    """Cases of which a slip was sent, as an app of slips hears of them."""
    kept: list[str] = []
    monkeypatch.setattr(cards, "_hearers", {})
    hear_cards("slip", lambda case, clock, at: kept.append(f"{case.number} {clock.name}"))
    return kept


def test_the_ladder_goes_up_to_slip_and_notice(town, joint, heard):
    case = joint()
    town.do(case, "duty", "assign", unit="east", person="east1")
    assert send_cards(at=town.at) == 0
    assert send_cards(at=town.at + timedelta(days=40)) == 4
    assert list(CardSent.objects.order_by("rung").values_list("card", flat=True)) == [
        "yellow", "red", "slip", "notice",
    ]  # fmt: skip
    assert heard == [f"{case.number} handle"]
    assert _told("card-red") == ["east1", "head"]
    assert _told("card-slip") == ["duty"]  # the sponsor stands for 分管领导
    assert _told("card-notice") == ["boss", "duty"]
    assert Entry.objects.filter(deed="cases.slip_card", target=case.ref).count() == 1
    assert CaseClock.objects.get(case=case).card_at is None
    assert send_cards(at=town.at + timedelta(days=60)) == 0


def test_what_leaves_the_house_names_number_kind_and_district_only(town, joint):
    case = joint(title="王村东头养殖场异味")
    town.do(case, "duty", "assign", unit="east", person="east1")
    send_cards(at=town.at + timedelta(days=40))
    titles = Notice.objects.filter(url__contains=case.number).values_list("title_zh", flat=True)
    assert len(titles) > 4
    assert all(case.number in title and "东山区" in title for title in titles)
    assert not any("养殖场" in title for title in titles)


def test_a_part_has_cards_of_its_own(town, joint):
    case = joint()
    town.do(case, "duty", "assign", unit="east", person="east1", co_units=["west"])
    town.do(case, "east1", "report_co", report="主办已办")
    CaseClock.objects.filter(case=case, part=None).update(stopped_at=town.at)
    assert send_cards(at=town.at + timedelta(days=40)) == 4
    assert _told("card-yellow") == ["west1"]


def test_a_flood_is_one_message(town, joint):
    opened = [joint() for _ in range(5)]
    perform_many(
        cases=opened,
        deed="assign",
        by=town.who("duty"),
        at=town.at,
        data={"unit": "east", "person": "east1"},
    )
    assert send_cards(at=town.at + timedelta(days=40)) == 20
    mine = Notice.objects.filter(user__username="east1", kind="card-yellow").get()
    assert mine.title_zh == "黄牌提醒：5 件案件"
    assert opened[4].number in mine.body_zh


def test_a_rung_nobody_could_take_is_tried_again_and_stops_no_other(town, joint, monkeypatch):
    monkeypatch.setattr(cards, "_hearers", {})
    first, second = joint(), joint()
    for case in (first, second):
        town.do(case, "duty", "assign", unit="east", person="east1")

    def refuse(case, clock, at):
        if case.pk == first.pk:
            raise OSError("disk full")

    hear_cards("slip", refuse)
    late = town.at + timedelta(days=40)
    with pytest.raises(OSError, match="disk full"):
        send_cards(at=late)
    assert set(CardSent.objects.values_list("clock__case", flat=True)) == {second.pk}
    monkeypatch.setattr(cards, "_hearers", {})
    assert send_cards(at=late) == 4


def test_one_message_a_morning_and_only_to_who_has_something_to_do(town, joint):
    handled, waiting = joint(), joint()
    town.do(handled, "duty", "assign", unit="east", person="east1")
    morning = datetime(2026, 9, 28, 8, 29, tzinfo=CITY_TZ)  # a Monday
    assert send_digests(at=morning) == 0
    assert send_digests(at=morning + timedelta(minutes=1)) == 3
    assert send_digests(at=morning + timedelta(hours=2)) == 0
    told = dict(Notice.objects.filter(kind="digest").values_list("user__username", "title_zh"))
    assert told == {
        "east1": "今日提醒：两个工作日内到期 1 件，待签收 1 件",
        "duty": "今日提醒：待交办 1 件",
        "head": "今日提醒：待交办 1 件",
    }
    saturday = datetime(2026, 9, 26, 9, 0, tzinfo=CITY_TZ)
    assert send_digests(at=saturday) == 0
    assert waiting.state == "registered"
