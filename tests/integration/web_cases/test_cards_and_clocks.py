"""Cards fall due once, the calendar can change, figures agree with the rows."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from qingyuan.core.calendar import HolidaySpan
from qingyuan.core.periods import city_date, day_of
from qingyuan.web.accounts.scope import scope_of
from qingyuan.web.audit.models import Entry
from qingyuan.web.cases import selectors
from qingyuan.web.cases.models import CardSent, Case, CaseClock
from qingyuan.web.cases.services import change_calendar, send_cards, withdraw_change
from qingyuan.web.notices.models import Notice

pytestmark = pytest.mark.django_db


def _told(kind: str) -> set[str]:
    return set(Notice.objects.filter(kind=kind).values_list("user__username", flat=True))


def test_a_late_signature_brings_a_yellow_then_a_red_card_once(town, case):
    town.do(case, "duty", "assign", unit="east", person="east1")
    assert send_cards(at=town.at) == 0
    assert send_cards(at=town.at + timedelta(days=1)) == 1  # the last day has begun
    assert _told("card-yellow") == {"east1"}
    late = town.at + timedelta(days=3)
    assert send_cards(at=late) == 1
    assert send_cards(at=late) == 0
    assert _told("card-red") == {"east1", "head"}
    assert Entry.objects.filter(deed="cases.red_card", target=case.ref).count() == 1


def test_the_ladder_reaches_the_sponsor_and_the_enterprise_hears_of_its_own_only(town, case):
    town.pushed(case)
    town.at += timedelta(days=40)
    assert send_cards(at=town.at) == 5  # 办理 yellow, red, red; 整改 yellow, red
    assert CardSent.objects.count() == 5
    assert "duty" in _told("card-red")  # the sponsor stands for 分管领导
    mine = Notice.objects.filter(user__username="ent1", kind__startswith="card")
    assert {n.title_zh.partition("：")[0] for n in mine} == {
        "黄牌提醒（整改期限）",
        "红牌督办（整改期限）",
    }


def test_a_paused_clock_sends_nothing_and_an_extended_one_starts_its_ladder_anew(town, case):
    town.signed(case)
    town.do(case, "head", "pause", reason="等待监测")
    assert send_cards(at=town.at + timedelta(days=60)) == 0
    town.at += timedelta(days=1)
    town.do(case, "head", "resume", reason="监测报告已出")
    due = CaseClock.objects.get(case=case, name="handle").due_at
    assert send_cards(at=due - timedelta(hours=1)) == 1
    town.at = due - timedelta(hours=2)
    town.do(case, "east1", "ask_extension", extend_days=3, reason="等待采样")
    town.do(case, "head", "grant_extension", reason="同意")
    moved = CaseClock.objects.get(case=case, name="handle").due_at
    assert send_cards(at=moved - timedelta(hours=1)) == 1
    assert CardSent.objects.filter(card="yellow").count() == 2


def test_open_deadlines_move_when_the_calendar_does(town, case):
    town.signed(case)
    case.refresh_from_db()
    before = case.due_at
    typhoon = HolidaySpan(
        2026, date(2026, 9, 23), date(2026, 9, 23), "holiday", "台风停工", "市府通知"
    )
    entered = change_calendar(span=typhoon, by=town.who("head"), at=town.at)
    case.refresh_from_db()
    assert case.due_at > before
    assert _told("calendar") == {"east1"}
    line = Entry.objects.get(deed="cases.recompute_clocks")
    assert line.detail == {"moved": 1, "cases": [case.number]}
    withdraw_change(entered, by=town.who("head"), at=town.at)
    case.refresh_from_db()
    assert case.due_at == before


def test_lines_for_the_bulletin_agree_with_the_ledgers(town, case):
    town.signed(town.open(title="第二件"))
    town.closed(town.open(title="第三件"))
    day = city_date(town.at)
    lines = selectors.case_lines(period=day_of(day), at=town.at)
    counts = selectors.day_counts(scope_of(town.who("duty"), on=day), at=town.at)
    for ledger in ("assign", "handle", "conclude"):
        assert sum(line.ledger == ledger for line in lines) == counts[ledger] == 1
    assert sum(line.concluded for line in lines) == counts["concluded"] == 1
    assert counts["opened"] == sum(line.opened for line in lines)
    assert sum(selectors.by_phase(Case.objects.all()).values()) == 3
    assert {line.unit for line in lines} == {"", "东山分局"}


@pytest.mark.parametrize(
    ("stride", "whose"),
    [
        ("", {"duty", "head"}),
        ("signed", {"east1"}),
        ("pushed", set()),
        ("submitted", {"second", "head"}),
        ("signing", {"head"}),
        ("to_close", {"duty", "head"}),
        ("closed", set()),
    ],
)
def test_what_waits_for_whom_is_counted(town, case, stride, whose):
    if stride == "signing":
        town.submitted(case)
        town.do(case, "second", "recheck_pass", "recheck_record", opinion="属实")
    elif stride:
        getattr(town, stride)(case)
    people = ("duty", "east1", "second", "head", "vice", "boss", "west1", "audit1")
    assert {who for who in people if selectors.waiting_for(town.who(who))} == whose


def test_sign_off_waits_for_each_level_in_turn(town, case):
    town.submitted(case)
    town.do(case, "second", "recheck_pass", "recheck_record", opinion="属实")
    for who, following in (("head", "vice"), ("vice", "boss")):
        town.do(case, who, "sign_pass", opinion="同意")
        assert selectors.waiting_for(town.who(who)) == 0
        assert selectors.waiting_for(town.who(following)) == 1


def test_a_deed_locks_the_case_before_it_looks(town, case):
    with CaptureQueriesContext(connection) as sent:
        town.do(case, "duty", "assign", unit="east", person="east1")
    of_case = [q["sql"] for q in sent.captured_queries if '"cases_' in q["sql"]]
    assert "FOR NO KEY UPDATE" in of_case[0]


def test_a_page_of_the_ledger_costs_the_same_for_one_case_or_twenty(town, case):
    def cost() -> int:
        scope = scope_of(town.who("duty"), on=city_date(town.at))
        with CaptureQueriesContext(connection) as sent:
            for row in selectors.rows(selectors.cases(scope), at=town.at):
                str(row.case.state_label), str(row.case.district), str(row.case.person)
        return len(sent)

    one = cost()
    for _ in range(19):
        town.open()
    assert cost() == one
