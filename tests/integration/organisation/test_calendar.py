"""The working-day calendar: a year to look at, a change previewed before it is made."""

from __future__ import annotations

import re
from datetime import date, timedelta

import pytest
from django.urls import reverse

from case_town import build_town
from qingyuan.core.calendar import WorkCalendar
from qingyuan.host.citytime import CityClock
from qingyuan.web.cases import selectors
from qingyuan.web.cases.models import CalendarChange
from qingyuan.web.notices.models import Notice
from qingyuan.web.organisation.selectors.calendar import year_of

pytestmark = pytest.mark.django_db
TYPHOON = {
    "start": "2026-09-23", "end": "2026-09-23", "kind": "holiday", "name": "台风停工", "notice": "市府通知〔2026〕7号",
}  # fmt: skip


@pytest.fixture
def town(db):
    return build_town()


@pytest.fixture
def ask(client, town, monkeypatch):
    monkeypatch.setattr(CityClock, "now", lambda self: town.at + timedelta(minutes=30))

    def send(who: str, route: str, *args: object, data: dict | None = None, query: str = ""):
        client.force_login(town.who(who))
        address = reverse(route, args=args) + query
        return client.get(address) if data is None else client.post(address, data)

    return send


def test_a_year_counts_its_working_days():
    year = year_of(2026, WorkCalendar.official())
    assert year.workdays == WorkCalendar.official().working_days_between(
        date(2025, 12, 31), date(2026, 12, 31)
    )
    kinds = {day.day: day.kind for month in year.months for day in month.days if day}
    assert len(kinds) == 365
    assert kinds[date(2026, 10, 1)] == "holiday"
    assert kinds[date(2026, 10, 10)] == "makeup"
    assert kinds[date(2026, 9, 26)] in ("rest", "holiday", "makeup")
    assert not year.provisional


def test_a_year_without_a_notice_is_said_to_be_provisional(ask):
    html = ask("duty", "calendar", query="?year=2031").content.decode()
    assert "2031 年的放假通知尚未录入" in html
    assert year_of(2031, WorkCalendar.official()).provisional


def test_a_change_is_previewed_then_made(ask, town):
    case = town.signed(town.open())
    case.refresh_from_db()
    before = case.due_at
    seen = ask("head", "calendar", data=TYPHOON)
    html = seen.content.decode()
    assert seen.status_code == 200
    assert case.number in html
    assert not CalendarChange.objects.exists(), "a preview writes nothing"
    shown = selectors.preview(selectors.calendar_with(more=[_span()]))
    assert shown.clocks >= 1
    assert {move.days for move in shown.moves} == {1}
    confirm = re.search(r'name="confirm" value="(\d+)"', html)[1]
    assert int(confirm) == shown.clocks
    assert ask("head", "calendar", data={**TYPHOON, "confirm": confirm}).status_code == 302
    case.refresh_from_db()
    assert case.due_at == next(m.after for m in shown.moves if m.before == before)
    assert Notice.objects.filter(kind="calendar", user__username="east1").count() == 1


def test_the_numbers_changed_meanwhile_ask_again(ask, town):
    town.signed(town.open())
    assert ask("head", "calendar", data={**TYPHOON, "confirm": "0"}).status_code == 200
    assert not CalendarChange.objects.exists()


def test_an_entry_is_taken_back_after_a_preview(ask, town):
    case = town.signed(town.open())
    n = selectors.preview(selectors.calendar_with(more=[_span()])).clocks
    ask("head", "calendar", data={**TYPHOON, "confirm": n})
    row = CalendarChange.objects.get()
    case.refresh_from_db()
    moved = case.due_at
    html = ask("head", "calendar-withdraw", row.pk, data={}).content.decode()
    confirm = re.search(r'name="confirm" value="(\d+)"', html)[1]
    assert ask("head", "calendar-withdraw", row.pk, data={"confirm": confirm}).status_code == 302
    case.refresh_from_db()
    assert case.due_at < moved
    assert ask("duty", "calendar-withdraw", row.pk, data={}).status_code in (403, 404)


def test_wrong_days_and_other_people_change_nothing(ask, town):
    assert ask("head", "calendar", data={**TYPHOON, "end": "2026-09-20"}).status_code == 422
    assert ask("head", "calendar", data={**TYPHOON, "notice": ""}).status_code == 422
    assert ask("duty", "calendar", data={**TYPHOON, "confirm": "0"}).status_code == 422
    assert not CalendarChange.objects.exists()


def _span():
    return CalendarChange(
        year=2026, start=date(2026, 9, 23), end=date(2026, 9, 23), kind="holiday", name="台风停工",
        notice="市府通知〔2026〕7号",
    ).span  # fmt: skip
