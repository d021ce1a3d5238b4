"""The whole loop on real rows, and what each deed writes."""

from __future__ import annotations

from datetime import date, timedelta
from importlib import import_module

import pytest
from django.db import IntegrityError, transaction

from qingyuan.core.problems import Problem
from qingyuan.web.audit import services as audit
from qingyuan.web.audit.models import Entry
from qingyuan.web.cases import selectors
from qingyuan.web.cases.effects import know_discoverer
from qingyuan.web.cases.models import Case, CaseClock, Deed, EvidenceLink, ProcedureVersion
from qingyuan.web.cases.services import Upload, matrix_assignment, perform
from qingyuan.web.files.models import Attachment
from qingyuan.web.notices.models import Notice

pytestmark = pytest.mark.django_db


def test_a_case_is_numbered_and_the_coordinators_are_told(town, case):
    assert case.number == "JD20263799010001"
    assert town.open().number == "JD20263799010002"
    assert town.open(district_code="379902", enterprise_id="E2").number == "JD20263799020001"
    assert (case.state, case.ledger, case.phase) == ("registered", "assign", "discover")
    assert case.sponsor.username == "duty"
    assert case.deeds.get().name == "open"
    told = Notice.objects.filter(url=f"/cases/{case.number}/")
    assert {n.user.username for n in told} == {"head"}
    assert ProcedureVersion.objects.count() == 1


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"title": " "}, "cases.title_missing"),
        ({"matter": "gossip"}, "cases.unknown_matter"),
        ({"district_code": "000000"}, "cases.unknown_district"),
        ({"enterprise_id": "E9"}, "cases.unknown_enterprise"),
        ({"procedure": "gossip"}, "cases.unknown_procedure"),
    ],
)
def test_what_cannot_be_opened_is_named_and_takes_no_number(town, wrong, code, raises_problem):
    with raises_problem(code):
        town.open(**wrong)
    assert town.open().number == "JD20263799010001"


def test_the_whole_loop_closes_with_everything_written(town, case):
    case = town.closed(case)
    assert (case.state, case.ledger, case.phase, case.round) == (
        "closed",
        "conclude",
        "feedback",
        1,
    )
    assert case.closed_by is not None
    assert case.due_at is None
    assert not CaseClock.objects.filter(case=case, stopped_at=None).exists()
    assert [d.seq for d in case.deeds.order_by("seq")] == list(range(1, 14))
    assert EvidenceLink.objects.filter(case=case).count() == 5
    assert case.signoffs.filter(cleared_at=None).count() == 3
    assert all(p.settled_at for p in case.problems.all())
    assert audit.verify() is None
    deeds = Entry.objects.filter(target=case.ref).order_by("seq").values_list("deed", flat=True)
    assert deeds[0] == "cases.open"
    assert deeds[len(deeds) - 1] == "cases.close_out"
    assert len(deeds) == 13


def test_a_refused_deed_changes_nothing_and_keeps_no_file(town, case, raises_problem):
    town.submitted(case)
    before = (
        Deed.objects.count(),
        Entry.objects.count(),
        Attachment.objects.count(),
        Notice.objects.count(),
    )
    with raises_problem("casework.same_person"):
        town.do(case, "east1", "recheck_pass", "recheck_record", opinion="通过")
    with raises_problem("casework.missing_evidence"):
        town.do(case, "second", "recheck_pass", opinion="通过")
    with raises_problem("files.type_refused"):
        perform(
            case=case,
            deed="recheck_pass",
            by=town.who("second"),
            at=town.at,
            data={"opinion": "通过"},
            evidence=[Upload("recheck_record", "x.pdf", b"no document")],
        )
    after = (
        Deed.objects.count(),
        Entry.objects.count(),
        Attachment.objects.count(),
        Notice.objects.count(),
    )
    assert after == before
    assert Case.objects.get(pk=case.pk).state == "submitted"


def test_evidence_a_step_does_not_ask_for_is_refused(town, case, raises_problem):
    town.do(case, "duty", "assign", unit="east", person="east1")
    with raises_problem("cases.evidence_not_asked"):
        town.do(case, "east1", "sign", "after_photo")


def test_the_matrix_names_unit_and_person(town, case):
    assert matrix_assignment(case, at=town.at) == {"unit": "east", "person": "east1"}
    town.do(case, "duty", "assign", **matrix_assignment(case, at=town.at))
    case.refresh_from_db()
    assert (case.unit.code, case.person.username) == ("east", "east1")
    assert Notice.objects.filter(user__username="east1").exists()


@pytest.mark.parametrize(
    ("unit", "person", "code"),
    [
        ("west", "east1", "cases.person_elsewhere"),
        ("bureau", "head", "cases.person_cannot_handle"),
        ("nowhere", "east1", "cases.nobody_there"),
    ],
)
def test_a_case_is_given_to_somebody_who_can_handle_it(
    town, case, unit, person, code, raises_problem
):
    with raises_problem(code):
        town.do(case, "duty", "assign", unit=unit, person=person)
    assert Case.objects.get(pk=case.pk).state == "registered"


def test_clocks_follow_the_deeds(town, case):
    town.do(case, "duty", "assign", unit="east", person="east1")
    sign, handle = (CaseClock.objects.get(case=case, name=n) for n in ("sign", "handle"))
    assert sign.due_at is not None
    case.refresh_from_db()
    assert case.due_at == sign.due_at < handle.due_at
    town.do(case, "east1", "sign")
    case.refresh_from_db()
    assert case.due_at == handle.due_at
    town.do(case, "head", "pause", reason="等待监测")
    case.refresh_from_db()
    assert case.paused
    assert case.due_at is None
    town.at += timedelta(days=3)
    town.do(case, "head", "resume", reason="报告已出")
    handle.refresh_from_db()
    case.refresh_from_db()
    assert not case.paused
    assert case.due_at == handle.due_at
    assert handle.pauses.get().reason == "等待监测"


def test_an_extension_is_a_record_not_an_edit(town, case):
    town.signed(case)
    before = CaseClock.objects.get(case=case, name="handle").due_at
    town.do(case, "east1", "ask_extension", extend_days=3, reason="等待采样")
    town.do(case, "head", "grant_extension", reason="同意")
    row = CaseClock.objects.get(case=case, name="handle")
    assert row.due_at > before
    assert row.extensions.get().amount == 3
    assert row.extensions.get().by == str(town.who("head"))
    assert case.extension_requests.get().settled_by is not None


def test_a_return_releases_and_a_reassignment_starts_anew(town, case):
    town.do(case, "duty", "assign", unit="east", person="east1")
    town.do(case, "east1", "send_back", reason="不在辖区")
    case.refresh_from_db()
    assert (case.person, case.unit, case.ledger) == (None, None, "assign")
    town.do(case, "duty", "reassign", unit="west", person="west1", reason="应属西河")
    case.refresh_from_db()
    assert case.person.username == "west1"
    assert [p.state for p in case.parts.order_by("pk")] == ["returned", "given"]
    assert case.parts.filter(ended_at=None).count() == 1


def test_a_failed_recheck_and_a_returned_sign_off(town, case):
    town.submitted(case)
    town.do(case, "second", "recheck_return", reason="管道仍在", due_on=date(2026, 10, 9))
    case.refresh_from_db()
    assert case.state == "rectifying"
    assert {p.due_on for p in case.problems.all()} == {date(2026, 10, 9)}
    town.do(case, "ent1", "submit", "after_photo", measures="已彻底拆除")
    town.do(case, "second", "recheck_pass", "recheck_record", opinion="已拆除")
    town.do(case, "head", "sign_pass", opinion="同意")
    town.do(case, "vice", "sign_return", reason="照片不清")
    case.refresh_from_db()
    assert case.state == "sent_back"
    assert case.signoffs.filter(cleared_at=None).count() == 0
    town.do(case, "second", "recheck_pass", "recheck_record", opinion="已补拍")
    for who in ("head", "vice", "boss"):
        town.do(case, who, "sign_pass", opinion="同意")
    case.refresh_from_db()
    assert case.state == "to_close"


def test_a_rebound_is_a_new_round_under_the_same_number(town, case):
    case = town.closed(case)
    number = case.number
    case = town.do(case, "duty", "reopen", reason="再次超标")
    assert (case.number, case.round, case.ledger, case.person) == (number, 2, "assign", None)
    facts = selectors.facts_of(case)
    assert facts.evidence == frozenset()
    assert facts.signers == ()
    town.submitted(case)
    case.refresh_from_db()
    assert {p.round for p in case.problems.all()} == {1, 2}
    assert sorted(p.number for p in case.problems.all()) == [1, 2, 3, 4]


def test_the_second_of_two_people_is_told(town, case, raises_problem):
    town.do(case, "duty", "assign", unit="east", person="east1")
    with raises_problem("cases.changed_meanwhile"):
        perform(
            case=case,
            deed="reassign",
            by=town.who("head"),
            at=town.at,
            data={"unit": "west", "person": "west1", "reason": "应属西河"},
            seen=1,
        )


def test_a_deed_never_precedes_the_last(town, case, raises_problem):
    with raises_problem("cases.before_the_last"):
        perform(
            case=case,
            deed="dismiss",
            by=town.who("duty"),
            at=case.opened_at - timedelta(seconds=1),
            data={"reason": "探头校准"},
        )


def test_a_deed_that_fails_in_the_middle_leaves_no_trace(town, case, monkeypatch):
    """Make each later step of the service fail in turn: the case stands as it stood."""
    module = import_module("qingyuan.web.cases.services.perform")
    before = (Deed.objects.count(), Entry.objects.count(), Notice.objects.count())
    for broken in ("_write_down", "_file", "clocks.turn", "clocks.set_due", "audit.record"):
        owner, _, name = f"module.{broken}".rpartition(".")
        target = module if owner == "module" else getattr(module, owner.partition(".")[2])
        with monkeypatch.context() as patch:
            patch.setattr(target, name, _boom)
            with pytest.raises(OSError, match="disk"):
                town.do(case, "duty", "assign", unit="east", person="east1")
        assert (Deed.objects.count(), Entry.objects.count(), Notice.objects.count()) == before, (
            broken
        )
        assert Case.objects.get(pk=case.pk).state == "registered"


def _boom(*args: object, **kwargs: object) -> None:
    raise OSError("disk full")


def test_the_finder_hears_the_result(town, case):
    heard: list[str] = []
    know_discoverer("signal", lambda found, at: heard.append(found.state))
    try:
        town.closed(case)
    finally:
        know_discoverer("signal", lambda found, at: None)
    assert heard == ["closed"]
    assert case.results.get().to == case.origin_label


def test_the_database_refuses_what_the_rules_forbid(town, case):
    for wrong in (
        {"ledger": "elsewhere"},
        {"ledger": "handle"},
        {"ledger": "conclude"},
        {"person": town.who("east1")},
        {"round": 0},
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            Case.objects.filter(pk=case.pk).update(**wrong)


def test_no_administrator_does_a_deed(town, case, raises_problem):
    for who in ("admin1", "audit1", "secure1"):
        with raises_problem("casework.not_your_role"):
            town.do(case, who, "dismiss", reason="误报")


def test_a_running_case_keeps_its_version(town, case):
    kept = case.procedure
    kept.text = kept.text.replace('zh = "断面超标处置"', 'zh = "断面超标处置（旧）"')
    kept.digest = "0" * 64
    kept.save()
    town.open()
    assert ProcedureVersion.objects.count() == 2
    town.signed(Case.objects.get(pk=case.pk))
    case.refresh_from_db()
    assert case.rules.label.zh.endswith("（旧）")


def test_problem_texts_reach_both_languages(town, case):
    with pytest.raises(Problem) as caught:
        town.do(case, "east1", "sign")
    assert "签收" in caught.value.zh
    assert "Sign for it" in caught.value.en
