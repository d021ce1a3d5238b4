"""断面超标处置程序：每一条要求一个例子。"""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from qingyuan.casework import Ledger, Phase
from qingyuan.casework.clocks import due_day, standing
from qingyuan.core.calendar import WorkCalendar

title = "断面超标处置闭环 / the exceedance loop"

CALENDAR = WorkCalendar.official()
PHOTOS = ("before_photo", "after_photo")


def test_the_whole_loop_from_registration_to_strike_off(desk):
    """S3 八（一）：发现—处理—反馈闭环。"""
    assert (desk.moment.phase, desk.moment.ledger) == (Phase.DISCOVER, Ledger.ASSIGN)
    desk.to_close()
    assert (desk.moment.phase, desk.moment.ledger) == (Phase.FEEDBACK, Ledger.HANDLE)
    desk.do("duty", "close_out", "measurement_back")
    assert desk.state == "closed"
    assert desk.moment.ledger is Ledger.CONCLUDE
    assert desk.done[0] == "assign"
    assert set(desk.moment.facts.clocks.values()) == {"stopped"}


def test_assigning_names_unit_and_person(desk, raises_problem):
    """S5 安丘责任制（R004）。"""
    with raises_problem("casework.missing_field"):
        desk.do("duty", "assign", unit="laixi")
    desk.do("duty", "assign", unit="laixi", person="officer")
    assert (desk.moment.facts.unit, desk.moment.facts.person) == ("laixi", "officer")
    assert desk.moment.ledger is Ledger.ASSIGN


def test_clocks_start_with_the_assignment(desk):
    """签收一个工作日、办理十个工作日，自交办起。"""
    assigned = desk.at
    desk.do("duty", "assign", unit="laixi", person="officer")
    (sign,), (handle,) = desk.moment.clocks["sign"], desk.moment.clocks["handle"]
    assert sign.start == handle.start == assigned
    assert due_day(sign, calendar=CALENDAR) == date(2026, 7, 7)
    assert due_day(handle, calendar=CALENDAR) == date(2026, 7, 20)


def test_signing_stops_the_sign_clock_only(desk):
    desk.signed()
    assert desk.moment.facts.clocks == {"sign": "stopped", "handle": "running"}
    assert desk.moment.ledger is Ledger.HANDLE


def test_only_the_responsible_unit_signs(desk, raises_problem):
    desk.do("duty", "assign", unit="laixi", person="officer")
    with raises_problem("casework.tie_responsible_unit"):
        desk.do("stranger", "sign")
    assert desk.buttons("stranger") == set()
    assert desk.buttons("officer") == {"sign", "send_back"}


def test_it_cannot_be_refused_only_returned_with_reason(desk, raises_problem):
    """S5 昌邑照单全收（R012）。"""
    desk.do("duty", "assign", unit="laixi", person="officer")
    with raises_problem("casework.missing_field"):
        desk.do("officer", "send_back", reason="  ")
    desk.do("officer", "send_back", reason="不在辖区")
    assert desk.state == "returned"
    assert desk.moment.ledger is Ledger.ASSIGN
    assert desk.moment.facts.unit is None
    assert "running" not in desk.moment.facts.clocks.values()
    desk.do("duty", "reassign", unit="shinan", person="stranger", reason="应属市南")
    assert desk.buttons("officer") == set()
    assert desk.buttons("stranger") == {"sign", "send_back"}


def test_reassigning_starts_new_clocks(desk):
    desk.signed()
    desk.do("duty", "reassign", unit="shinan", person="stranger", reason="应属市南")
    assert len(desk.moment.clocks["handle"]) == 2
    assert desk.moment.clocks["handle"][0].stopped is not None
    assert desk.moment.clocks["handle"][1].stopped is None


def test_a_check_leaves_its_record(desk, raises_problem):
    """行政处罚法第四十二条；R110。"""
    desk.signed()
    with raises_problem("casework.missing_evidence"):
        desk.do("officer", "check_onsite", officers="甲、乙", finding="私设管道")
    with raises_problem("casework.unknown_choice"):
        desk.do("officer", "check_offsite", "check_record", means="占卜", finding="—")
    desk.do("officer", "check_offsite", "check_record", means="data", finding="在线数据正常")
    assert desk.state == "checked"


def test_a_problem_list_has_a_deadline_not_before_today(desk, raises_problem):
    """S4（一）2 责令限期整改。"""
    desk.signed().do("officer", "check_onsite", "check_record", officers="甲、乙", finding="有")
    with raises_problem("casework.date_past"):
        desk.do("officer", "list_problems", problems=["甲"], due_on=date(2026, 7, 5))
    with raises_problem("casework.missing_field"):
        desk.do("officer", "list_problems", problems=[], due_on=date(2026, 7, 8))
    with raises_problem("casework.bad_date"):
        desk.do("officer", "list_problems", problems=["甲"], due_on="2026-07-08")
    desk.do("officer", "list_problems", problems=["甲"], due_on=date(2026, 7, 8))
    (rectify,) = desk.moment.clocks["rectify"]
    assert due_day(rectify, calendar=CALENDAR) == date(2026, 7, 8)


def test_pushing_needs_an_enterprise(ownerless_desk, raises_problem):
    desk = ownerless_desk
    with raises_problem("casework.guard_has_enterprise"):
        desk.pushed()
    desk.do("officer", "rectify_by_unit", *PHOTOS, measures="清理")
    assert desk.state == "submitted"


def test_the_enterprise_found_by_the_check_is_named_and_then_pushed_to(ownerless_desk):
    desk = ownerless_desk.signed()
    desk.do("officer", "check_onsite", "check_record", officers="甲、乙", finding="私设管道")
    desk.do("officer", "link_enterprise", enterprise="plant-1", reason="管道通向该厂")
    desk.do("officer", "list_problems", problems=["私设管道"], due_on=date(2026, 7, 10))
    desk.do("officer", "push").do("plant", "acknowledge")
    assert desk.state == "rectifying"


def test_the_enterprise_sees_its_own_deeds_and_nobody_elses(desk, raises_problem):
    """S3 八（二）线上整改。"""
    desk.pushed()
    assert desk.buttons("plant") == {"acknowledge", "submit"}
    assert desk.buttons("rival") == set()
    with raises_problem("casework.tie_the_enterprise"):
        desk.do("rival", "submit", *PHOTOS, measures="已拆除")


def test_the_enterprise_submits_photos_before_and_after(desk, raises_problem):
    desk.pushed().do("plant", "acknowledge")
    with raises_problem("casework.missing_evidence"):
        desk.do("plant", "submit", "after_photo", measures="已拆除")
    desk.do("plant", "submit", *PHOTOS, measures="已拆除")
    assert desk.moment.facts.clocks["rectify"] == "stopped"


def test_the_recheck_is_done_by_another_person(desk, raises_problem):
    desk.submitted()
    with raises_problem("casework.same_person"):
        desk.do("officer", "recheck_pass", "recheck_record", opinion="属实")
    assert "recheck_pass" not in desk.buttons("officer")
    assert {"recheck_pass", "recheck_return"} <= desk.buttons("second")


def test_a_failed_recheck_goes_back_with_a_new_deadline(desk):
    desk.submitted()
    desk.do("second", "recheck_return", reason="管道仍在", due_on=date(2026, 7, 14))
    assert desk.state == "rectifying"
    assert desk.moment.facts.clocks["rectify"] == "running"
    assert len(desk.moment.clocks["rectify"]) == 2


def test_sign_off_goes_up_three_levels_in_order(desk, raises_problem):
    """S5 安丘（R006）。"""
    desk.signing()
    with raises_problem("casework.not_your_role"):
        desk.do("leader", "sign_pass", opinion="同意")
    desk.do("head", "sign_pass", opinion="同意")
    assert desk.state == "signing"
    assert desk.lacks() == ["measurement_back", "review.1", "review.2"]
    with raises_problem("casework.not_your_role"):
        desk.do("head", "sign_pass", opinion="再签")
    desk.do("vice", "sign_pass", opinion="同意").do("leader", "sign_pass", opinion="同意")
    assert desk.state == "to_close"
    assert desk.lacks() == ["measurement_back"]


def test_one_person_of_two_roles_signs_once(desk, raises_problem):
    desk.signing().do("head", "sign_pass", opinion="同意")
    from qingyuan.casework import Actor, decide

    both = Actor("head", frozenset({"department_head", "vice_leader"}))
    with raises_problem("casework.signed_already"):
        decide(desk.procedure, deed="sign_pass", facts=desk.moment.facts, actor=both, at=desk.at)


def test_a_returned_sign_off_starts_over(desk):
    desk.signing().do("head", "sign_pass", opinion="同意").do(
        "vice", "sign_return", reason="照片不清"
    )
    assert desk.state == "sent_back"
    assert desk.moment.facts.signers == ()
    desk.do("second", "recheck_pass", "recheck_record", opinion="已补拍")
    assert desk.state == "signing"
    assert "sign_pass" in desk.buttons("head")


def test_strike_off_needs_its_evidence_or_the_reason(desk, raises_problem):
    """S5 安丘销号制。"""
    desk.to_close()
    with raises_problem("casework.missing_evidence"):
        desk.do("duty", "close_out", no_measurement_reason=" ")
    desk.do("duty", "close_out", no_measurement_reason="断面自动站停运，已由人工采样代替")
    assert desk.state == "closed"
    assert desk.lacks() == []


def test_a_case_that_found_nothing_has_its_own_strike_off(desk):
    desk.signed().do("officer", "check_offsite", "check_record", means="data", finding="正常")
    desk.do("officer", "report_nothing", finding="来水所致")
    for who in ("head", "vice", "leader"):
        desk.do(who, "sign_pass", opinion="同意")
    assert desk.buttons("duty") & {"close_out", "close_unfounded"} == {"close_unfounded"}
    assert desk.lacks() == ["measurement_back"]
    desk.do("head", "close_unfounded", "measurement_back")
    assert desk.state == "closed"


def test_a_false_alarm_is_closed_with_its_reason(desk, raises_problem):
    with raises_problem("casework.missing_field"):
        desk.do("duty", "dismiss")
    desk.do("duty", "dismiss", reason="探头校准")
    assert desk.state == "dismissed"
    assert desk.moment.ledger is Ledger.CONCLUDE


def test_once_assigned_it_is_no_false_alarm_before_the_check(desk):
    desk.signed()
    assert not desk.buttons("head") & {"dismiss", "dismiss_after_check"}
    desk.do("officer", "check_onsite", "check_record", officers="甲、乙", finding="探头故障")
    desk.do("head", "dismiss_after_check", reason="探头故障")
    assert desk.state == "dismissed"
    assert "running" not in desk.moment.facts.clocks.values()


def test_an_extension_is_asked_and_granted_by_another(desk, raises_problem):
    desk.signed()
    with raises_problem("casework.extension_too_long"):
        desk.do("officer", "ask_extension", extend_days=11, reason="等待采样")
    with raises_problem("casework.bad_days"):
        desk.do("officer", "ask_extension", extend_days=0, reason="等待采样")
    desk.do("officer", "ask_extension", extend_days=5, reason="等待采样")
    assert "ask_extension" not in desk.buttons("officer")
    (handle,) = desk.moment.clocks["handle"]
    assert due_day(handle, calendar=CALENDAR) == date(2026, 7, 20)
    desk.do("head", "grant_extension", reason="同意")
    (handle,) = desk.moment.clocks["handle"]
    assert due_day(handle, calendar=CALENDAR) == date(2026, 7, 27)
    assert "grant_extension" not in desk.buttons("head")


def test_a_refused_extension_leaves_the_clock(desk):
    desk.signed().do("officer", "ask_extension", extend_days=5, reason="等待采样")
    desk.do("head", "refuse_extension", reason="不予延期")
    (handle,) = desk.moment.clocks["handle"]
    assert handle.extensions == ()
    assert "ask_extension" in desk.buttons("officer")


def test_a_pause_holds_the_clock_until_resumed(desk, raises_problem):
    desk.signed()
    with raises_problem("casework.no_clock_to_resume"):
        desk.do("head", "resume", reason="—")
    desk.do("head", "pause", reason="等待监测")
    assert desk.moment.facts.clocks["handle"] == "paused"
    with raises_problem("casework.no_clock_to_pause"):
        desk.do("head", "pause", reason="再次")
    (handle,) = desk.moment.clocks["handle"]
    assert standing(handle, at=desk.at + timedelta(days=90), calendar=CALENDAR) == "paused"
    desk.at += timedelta(days=3)
    desk.do("head", "resume", reason="监测报告已出")
    (handle,) = desk.moment.clocks["handle"]
    assert due_day(handle, calendar=CALENDAR) == date(2026, 7, 22)  # the 7th and 8th were paused


def test_a_rebound_reopens_under_the_same_case_as_a_new_round(desk):
    desk.to_close().do("duty", "close_out", "measurement_back")
    assert desk.buttons("duty") == {"reopen"}
    desk.do("duty", "reopen", reason="断面再次超标")
    facts = desk.moment.facts
    assert (facts.round, facts.state, facts.evidence, facts.signers) == (
        2,
        "registered",
        frozenset(),
        (),
    )
    assert len(desk.lacks()) == 7


@pytest.mark.parametrize("stride", ["signed", "pushed", "submitted", "signing", "to_close"])
def test_the_three_administrators_never_act(desk, stride):
    assert desk.buttons("audit") == set()
    getattr(desk, stride)()
    assert desk.buttons("audit") == set()


def test_an_unknown_deed_is_named(desk, raises_problem):
    with raises_problem("casework.unknown_deed"):
        desk.do("duty", "burn")


def test_a_deed_out_of_its_state_names_the_state(desk, raises_problem):
    with raises_problem("casework.not_now"):
        desk.do("officer", "sign")


def test_before_anything_is_known_the_checklist_is_the_full_one(desk):
    assert desk.lacks() == [
        "before_photo",
        "after_photo",
        "recheck_record",
        "measurement_back",
        "review.0",
        "review.1",
        "review.2",
    ]


def test_a_rectification_date_on_a_day_off_moves_to_the_next_workday(desk):
    """民事诉讼法 2023 期间：末日为休息日的顺延。"""
    desk.signed().do("officer", "check_onsite", "check_record", officers="甲、乙", finding="有")
    desk.do("officer", "list_problems", problems=["甲"], due_on=date(2026, 7, 11))
    (rectify,) = desk.moment.clocks["rectify"]
    assert due_day(rectify, calendar=CALENDAR) == date(2026, 7, 13)
