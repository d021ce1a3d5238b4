"""The actors on real PostgreSQL, through the services that people use."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from qingyuan.core.periods import in_city
from qingyuan.demo.actors import act
from qingyuan.demo.incidents import Plan, plan
from qingyuan.demo.past import live_through
from qingyuan.demo.script import office_hours
from qingyuan.web.audit.services import SYSTEM
from qingyuan.web.cases.models import Case
from qingyuan.web.registry.services import load_city
from qingyuan.web.signals import services as signals
from qingyuan.web.signals.models import Signal

pytestmark = pytest.mark.django_db


@pytest.fixture
def small() -> Plan:
    """The four-node plan, its one incident once as the second and twice as a past one."""
    found = plan(size="four-nodes", seed=1)
    load_city(found.city, by=SYSTEM, at=found.city.epoch - timedelta(days=90))
    (main,) = found.stories
    ago = timedelta(days=20)
    stories = (
        replace(main, incident=replace(main.incident, role="second")),
        replace(
            main,
            incident=replace(main.incident, role="past", crosses=main.incident.crosses - 2 * ago),
        ),
        replace(
            main,
            incident=replace(main.incident, role="past", crosses=main.incident.crosses - ago),
            ends="rectifying",
        ),
    )
    return replace(found, stories=stories)


def alarm(small: Plan, at) -> None:
    signals.observe(
        finding=signals.Finding(
            kind="exceedance",
            rule="section-target",
            station="section:S2",
            factor="w21003",
            first_at=at,
            last_at=at,
            value=Decimal("1.3"),
            value_text="1.3",
            limit=Decimal("1"),
            finder="test",
            district_code="980201",
        ),
        at=at,
    )


def test_the_past_is_closed_but_for_what_is_still_being_rectified(small):
    cases = live_through(small, until=small.city.epoch)
    assert [c.state for c in cases] == ["closed", "rectifying"]
    deeds = [d.name for d in cases[0].deeds.order_by("seq")]
    assert deeds == [
        "open", "assign", "sign", "check_onsite", "list_problems", "push", "acknowledge", "submit",
        "recheck_pass", "sign_pass", "sign_pass", "sign_pass", "close_out",
    ]  # fmt: skip
    assert cases[0].closed_at < small.city.epoch


def test_the_past_is_lived_through_once(small):
    live_through(small, until=small.city.epoch)
    live_through(small, until=small.city.epoch)
    assert Case.objects.count() == 2


def test_nobody_acts_before_the_platform_raises_the_alarm(small):
    assert not act(small, now=small.city.epoch + timedelta(days=1))
    assert Case.objects.count() == 0


def test_the_second_incident_runs_from_its_alarm_to_its_close_out(small):
    at = small.city.epoch + timedelta(minutes=3)
    alarm(small, at)
    assert not act(small, now=at + timedelta(seconds=30))
    assert act(small, now=at + timedelta(minutes=5))
    case = Case.objects.get()
    assert case.enterprise_id == "E2"
    assert Signal.objects.get().case_ref == case.ref
    assert act(small, now=at + timedelta(hours=2))
    assert Case.objects.get().state in ("checked", "listed", "pushed", "rectifying")
    assert act(small, now=at + timedelta(days=4))
    case = Case.objects.get()
    assert case.state == "closed"
    rechecked = case.deeds.get(name="recheck_pass").doer
    assert rechecked != case.deeds.get(name="check_onsite").doer


def test_desks_are_staffed_by_day_and_on_working_days_of_the_week(small):
    friday_evening = small.city.epoch + timedelta(days=3, hours=11)
    assert in_city(office_hours(friday_evening)).strftime("%a %H:%M") == "Mon 08:40"
    morning = small.city.epoch + timedelta(hours=1)
    assert office_hours(morning) == morning
