"""Make the first, second, … n-th query of a deed fail: each time the case stands as it stood."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from itertools import count

import pytest
from django.db import DatabaseError, OperationalError, connection, transaction

from qingyuan.core.calendar import HolidaySpan
from qingyuan.web.audit import services as audit
from qingyuan.web.audit.models import Entry
from qingyuan.web.cases import services
from qingyuan.web.cases.models import (
    CalendarChange,
    CardSent,
    Case,
    CaseClock,
    CaseLink,
    CasePart,
    CaseThing,
    CaseType,
    Deed,
    EvidenceLink,
    ProblemItem,
    SignOff,
)
from qingyuan.web.cases.services import perform
from qingyuan.web.cases.services.urge import urge_many
from qingyuan.web.files.models import Attachment
from qingyuan.web.notices.models import Notice

pytestmark = pytest.mark.django_db
TABLES = (
    CalendarChange, CardSent, CaseLink, CaseThing, CaseType,
    Attachment, CaseClock, CasePart, Deed, Entry, EvidenceLink, Notice, ProblemItem, SignOff,
)  # fmt: skip


class _FailAt:
    """Lets queries through until the *n*-th, which fails once."""

    def __init__(self, n: int) -> None:
        self.left = n

    def __call__(self, execute, sql, params, many, context):
        self.left -= 1
        if self.left == 0:
            raise OperationalError("the connection was lost")
        return execute(sql, params, many, context)


def _snapshot(case: Case) -> tuple[object, ...]:
    fresh = Case.objects.values().get(pk=case.pk)
    return (*fresh.items(), *(table.objects.count() for table in TABLES))


class _Absorbed(Exception):
    """The fault was met and the work done all the same; it is taken back to go on counting."""


def _fails_whole(case: Case, act: Callable[[], object], reset: Callable[[], None]) -> int:
    """Fail query after query of *act*; return how many there were.

    Each time all stands as it stood; where the fault was absorbed (tried again, or an outer savepoint
    stood for an inner) everything is done, exactly as without it.
    """
    before, absorbed = _snapshot(case), []
    for n in count(1):
        reset()
        fault = _FailAt(n)
        try:
            with transaction.atomic():
                with connection.execute_wrapper(fault):
                    act()
                if fault.left <= 0:
                    absorbed.append(_snapshot(case))
                    raise _Absorbed
        except _Absorbed:
            continue
        except DatabaseError:
            assert _snapshot(case) == before, f"query {n} left something behind"
            continue
        break
    after = _snapshot(case)
    assert after != before
    assert all(one == after for one in absorbed)
    assert audit.verify() is None
    return n


@pytest.mark.parametrize(
    "deed", ["open", "check_onsite", "list_problems", "sign_pass", "close_out"]
)
def test_a_deed_is_done_whole_or_not_at_all(town, case, deed):
    def act() -> None:
        match deed:
            case "open":
                town.open(title="又一件")
            case "check_onsite":
                town.do(case_, "east1", deed, "check_record", officers="甲、乙", finding="有")
            case "list_problems":
                town.do(case_, "east1", deed, problems=["私设管道"], due_on=town.at.date())
            case "sign_pass":
                town.do(case_, "head", deed, opinion="同意")
            case "close_out":
                town.do(case_, "duty", deed, "measurement_back")

    case_ = case
    if deed in ("check_onsite", "list_problems"):
        town.signed(case)
    if deed == "list_problems":
        town.do(case, "east1", "check_onsite", "check_record", officers="甲、乙", finding="有")
    if deed == "sign_pass":
        town.submitted(case)
        town.do(case, "second", "recheck_pass", "recheck_record", opinion="属实")
    if deed == "close_out":
        town.to_close(case)
    began = town.at

    def reset() -> None:
        town.at = began

    assert _fails_whole(case, act, reset) > 15


def _services(town, joint, name: str) -> tuple[Case, Callable[[], object]]:
    """Return a case and a service to be done on it."""
    by, case = town.who("duty"), joint(types=["water"])
    if name in ("undo", "urge", "cards", "calendar"):
        co = ["west"] if name == "undo" else []
        town.do(case, "duty", "assign", unit="east", person="east1", co_units=co)
    at = town.at + timedelta(minutes=5)
    match name:
        case "parts":
            data = {"unit": "east", "person": "east1", "co_units": ["west"]}
            return case, lambda: perform(case=case, deed="assign", by=by, at=at, data=data)
        case "merge":
            into = joint()
            return case, lambda: services.merge(cases=[case], into=into, by=by, at=at, reason="一")
        case "split":
            parts = [services.SplitPart("东侧")]
            return case, lambda: services.split(case=case, parts=parts, by=by, at=at, reason="二")
        case "sweep":
            things = [services.SweepObject("place", "place:1", "一号点", "379901")]
            return case, lambda: services.sweep(case=case, objects=things, by=by, at=at)
        case "link":
            other = joint()
            return case, lambda: services.link(
                case=case, other=other, kind="same_source", by=by, at=at
            )
        case "undo":
            return case, lambda: services.undo_last(case=case, by=by, at=at)
        case "urge":
            return case, lambda: urge_many(cases=[case], by=by, at=at)
        case "cards":
            return case, lambda: services.send_cards(at=at + timedelta(days=8))
    span = HolidaySpan(2026, date(2026, 9, 23), date(2026, 9, 23), "holiday", "台风", "市府通知")
    return case, lambda: services.change_calendar(span=span, by=by, at=at)


@pytest.mark.parametrize(
    "name",
    ["parts", "merge", "split", "sweep", "link", "undo", "urge", "cards", "calendar"],
)
def test_a_service_is_done_whole_or_not_at_all(town, joint, name):
    case, act = _services(town, joint, name)
    assert _fails_whole(case, act, lambda: None) > 10


def test_of_many_those_done_stay_done_and_a_lost_connection_undoes_all(town, joint):
    """A refusal costs one savepoint; a database that goes away takes the whole batch back."""
    cases, by = [joint(), joint()], town.who("duty")
    data = {"unit": "east", "person": "east1"}
    town.do(cases[0], "duty", "assign", **data)

    def act() -> list[services.Outcome]:
        return services.perform_many(cases=cases, deed="assign", by=by, at=town.at, data=data)

    assert _fails_whole(cases[1], act, lambda: None) > 15
    assert [o.ok for o in act()] == [False, False]
