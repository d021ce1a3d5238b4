"""督办单、排污口整治、隐患：三个随附程序从头到尾；超期到督办一级，自动制发一张。"""

from __future__ import annotations

from datetime import timedelta

import pytest

from case_town import Town
from qingyuan.core.periods import city_date
from qingyuan.core.problems import Problem
from qingyuan.web.audit.models import Entry
from qingyuan.web.cases.effects import Doing
from qingyuan.web.cases.models import Case, CaseLink
from qingyuan.web.cases.services import send_cards
from qingyuan.web.outfalls.models import OutfallRecord
from qingyuan.web.outfalls.services import record_state

pytestmark = pytest.mark.django_db
HAZARD = {"place": "东山路 1 号", "risk": "larger", "standard": "每周检查一次", "key_point": True}


def _open(town: Town, procedure: str, **form: object) -> Case:
    return town.open(
        procedure=procedure, title="东山区隐患", enterprise_id=None, section_code="", form=form
    )


def _due(town: Town, days: int = 20):
    return city_date(town.at) + timedelta(days=days)


def test_a_hazard_from_the_report_to_the_strike_off_and_back(town: Town):
    case = _open(town, "hazard", **HAZARD)
    town.do(case, "duty", "assign", unit="east", person="east1", due_on=_due(town))
    town.do(case, "east1", "sign")
    with pytest.raises(Problem) as refused:
        town.do(case, "east1", "finish", "before_photo", "after_photo", measures="已加盖")
    assert refused.value.code == "casework.missing_evidence"
    photos = ("before_photo", "after_photo")
    town.do(case, "east1", "finish_now", *photos, measures="当场加盖")
    back = town.do(case, "head", "recheck_return", reason="未盖严", due_on=_due(town, 30))
    assert back.state == "controlling"
    town.do(case, "east1", "finish", *photos, "plan_paper", measures="已重做")
    closed = town.do(case, "head", "close_out", *photos, "recheck_record", opinion="同意")
    assert (closed.ledger, closed.immediate) == ("conclude", True)
    again = town.do(case, "duty", "reopen", reason="复查又有")
    assert (again.round, again.state, again.number) == (2, "reported", case.number)


def test_works_at_an_outfall_by_its_own_plan_and_a_co_unit(town: Town):
    case = _open(
        town, "outfall_works", outfall="O1", found_by="second", trouble="旱天有污水，管网混接"
    )
    town.do(case, "duty", "assign", unit="east", person="east1", co_units=["west:west1"])
    town.do(case, "east1", "sign")
    town.do(case, "east1", "trace", "survey_record", "before_photo", source="上游小区混接")
    town.do(
        case,
        "east1",
        "plan_works",
        "plan_paper",
        way="regulate",
        measures="改接",
        due_on=_due(town, 60),
    )
    town.do(case, "head", "plan_return", reason="补充工程量")
    town.do(
        case,
        "east1",
        "plan_works",
        "plan_paper",
        way="regulate",
        measures="改接 120 m",
        due_on=_due(town, 60),
    )
    town.do(case, "head", "plan_pass", opinion="同意")
    done = ("after_photo", "lab_report")
    with pytest.raises(Problem) as refused:
        town.do(case, "east1", "finish", *done, report="已改接")
    assert refused.value.code == "casework.guard_parts_reported"
    town.do(case, "west1", "report_share", report="上游段已改接")
    town.do(case, "east1", "finish", *done, report="已改接")
    with pytest.raises(Problem) as refused:
        town.do(case, "east1", "accept", "acceptance_form", opinion="同意")
    assert refused.value.code == "casework.not_your_role"
    town.do(case, "head", "accept", "acceptance_form", opinion="同意")
    closed = town.do(
        case, "head", "close_out", "plan_paper", "after_photo", "acceptance_form",
        no_filing_reason="取缔合并，无须登记",
    )  # fmt: skip
    assert closed.closed_at is not None
    first, record = OutfallRecord.objects.filter(outfall_id="O1").order_by("version")
    assert (record.state, record.cure, record.measures) == ("struck", "regulate", "改接 120 m")
    assert (first.valid_to, record.valid_from) == (city_date(town.at), city_date(town.at))
    assert record.reason == f"{case.number} 销号"
    town.do(case, "duty", "reopen", reason="又有污水")
    assert OutfallRecord.objects.get(outfall_id="O1", valid_to=None).state == "found"


def test_works_at_an_outfall_the_registry_does_not_know_are_struck_off_all_the_same(town: Town):
    case = _open(town, "outfall_works", outfall="O999", found_by="first", trouble="疑似排口")
    Case.objects.filter(pk=case.pk).update(outfall_code="")
    doing = Doing(
        case=Case.objects.get(pk=case.pk), step=None, record=None, by=town.who("head"), at=town.at, data={}
    )  # fmt: skip
    record_state(doing, {"state": "struck"})
    said = Entry.objects.get(deed="outfalls.works_unmatched")
    assert (said.target, said.detail) == (case.ref, {"outfall": "O999", "state": "struck"})
    assert not OutfallRecord.objects.exists()


def test_an_overdue_case_gets_one_slip_that_goes_its_own_way(town: Town):
    case = _open(town, "hazard", **HAZARD)
    town.do(case, "duty", "assign", unit="east", person="east1", due_on=_due(town, 3))
    town.do(case, "east1", "sign")
    town.at += timedelta(days=30)
    send_cards(at=town.at)
    send_cards(at=town.at + timedelta(hours=1))
    slip = Case.objects.get(procedure__name="supervise_slip")
    hanging = CaseLink.objects.get(case=slip)
    assert (hanging.other, slip.form["about"]) == (case, case.number)
    town.at += timedelta(hours=2)
    town.do(slip, "duty", "issue", unit="east", person="second", due_on=_due(town, 7))
    town.do(slip, "second", "sign")
    town.do(slip, "second", "reply", "reply_paper", measures="已催办，三日内办结")
    town.do(slip, "head", "review_return", reason="原因未查明", due_on=_due(town, 9))
    town.do(slip, "vice", "escalate", way="talk", reason="一再拖延")
    town.do(slip, "second", "reply", "reply_paper", measures="已查明并办结")
    town.do(slip, "head", "review_pass", "review_record", opinion="属实")
    closed = town.do(slip, "boss", "close_out", "reply_paper", "review_record", opinion="同意")
    assert closed.ledger == "conclude"
    assert Case.objects.get(pk=case.pk).closed_at is None
