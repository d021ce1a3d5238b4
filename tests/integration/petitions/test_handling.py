"""From a report to the strike-off, through the services: rounds, exits, reviews, what is refused."""

from __future__ import annotations

from datetime import timedelta

import pytest

from petition_desk import Desk
from qingyuan.core.periods import city_date
from qingyuan.web.cases.models import Case
from qingyuan.web.petitions.models import CallBack, Petition, Report


def test_a_petition_runs_from_report_to_strike_off(desk: Desk) -> None:
    petition = desk.register()
    case = desk.closed(petition)
    assert (case.state, case.ledger, case.truth, case.progress) == (
        "closed",
        "conclude",
        "proven",
        "done",
    )
    assert case.number.startswith("XF2026379901")
    assert petition.reports.get().handed_to == desk.who("east1")  # 首问移交


def test_the_clock_of_forwarding_counts_from_the_receipt(desk: Desk) -> None:
    report = desk.receive(received_at=desk.at - timedelta(days=4))
    petition = desk.register(report)
    clock = petition.case.clocks.get(name="forward")
    assert clock.until == city_date(desk.at) + timedelta(
        days=11 + 5
    )  # 2026-10-03 是假日，顺延至 10-08


def test_unsatisfied_begins_another_round_and_satisfied_ends_it(desk: Desk, raises_problem) -> None:
    petition = desk.register()
    desk.answered(petition)
    desk.called(petition, "unsatisfied", "unsolved")
    with raises_problem("casework.mark_stands"):
        desk.strike_off(petition)
    case = desk.do(desk.fresh(petition), "duty", "redo", reason="来件人不满意")
    assert (case.round, case.state, case.person) == (2, "accepted", None)
    desk.answered(petition)
    desk.called(petition, "satisfied", "solved")
    assert desk.strike_off(petition).state == "closed"
    assert list(CallBack.objects.order_by("pk").values_list("round", "satisfaction")) == [
        (1, "unsatisfied"), (2, "satisfied"),
    ]  # fmt: skip


def test_who_checked_does_not_call_back(desk: Desk, raises_problem) -> None:
    petition = desk.register()
    case = desk.answered(petition)
    with raises_problem("casework.not_your_role"):
        desk.do(case, "east1", "call_back", reached="no")


def test_an_unreached_citizen_is_called_three_times(desk: Desk, raises_problem) -> None:
    petition = desk.register()
    case = desk.answered(petition)
    for _ in range(2):
        desk.do(case, "duty", "call_back", reached="no")
    with raises_problem("casework.mark_lacking"):
        desk.strike_off(petition)
    desk.do(case, "duty", "call_back", reached="no")
    assert desk.strike_off(petition).state == "closed"
    assert not CallBack.objects.exclude(satisfaction="").exists()


def test_an_answer_needs_both_questions(desk: Desk, raises_problem) -> None:
    petition = desk.register()
    case = desk.answered(petition)
    with raises_problem("petitions.answers_missing"):
        desk.do(case, "duty", "call_back", reached="yes", satisfaction="satisfied")
    with raises_problem("petitions.answers_of_nobody"):
        desk.do(
            case, "duty", "call_back", reached="no", satisfaction="satisfied", resolution="solved"
        )


def test_an_anonymous_report_skips_the_notice_with_a_reason(desk: Desk) -> None:
    petition = desk.register(desk.receive(contact={}))
    case = desk.answered(petition)
    desk.do(case, "duty", "call_back", reached="none")
    assert desk.strike_off(petition).state == "closed"


@pytest.mark.parametrize("way", ["judicial", "arbitration", "party", "administrative"])
def test_four_of_the_five_exits_lead_away(desk: Desk, way: str) -> None:
    petition = desk.register()
    case = desk.do(
        petition.case,
        "duty",
        "route_away",
        exit=way,
        where_to="区人民法院",
        no_notice_reason="电话告知",
    )
    assert case.state == "routed"
    assert Petition.objects.get(pk=petition.pk).exit == way


def test_the_fifth_exit_is_handled_here(desk: Desk) -> None:
    petition = desk.register()
    desk.do(petition.case, "duty", "accept", exit="duty", no_notice_reason="电话告知")
    assert Petition.objects.get(pk=petition.pk).exit == "duty"


def test_a_petition_not_accepted_says_where_to_go(desk: Desk, raises_problem) -> None:
    case = desk.register().case
    with raises_problem("casework.missing_field"):
        desk.do(case, "duty", "refuse", ground="outside", no_notice_reason="电话告知")
    case = desk.do(
        case, "duty", "refuse", ground="outside", where_to="市住建局", no_notice_reason="电话"
    )
    assert case.state == "not_accepted"


def test_a_return_after_five_working_days_is_too_late(desk: Desk, raises_problem) -> None:
    case = desk.register().case
    desk.do(case, "duty", "accept", exit="duty", no_notice_reason="电话告知")
    desk.do(case, "duty", "dispatch", unit="east", person="east1")
    desk.at += timedelta(days=20)
    with raises_problem("petitions.return_too_late"):
        desk.do(case, "east1", "send_back", reason="不属本辖区")


def test_review_and_final_review_have_their_thirty_days(desk: Desk, raises_problem) -> None:
    petition = desk.register()
    case = desk.closed(petition)
    with raises_problem("petitions.asked_too_late"):
        desk.do(case, "duty", "ask_review", asked_on=city_date(desk.at) + timedelta(days=31))
    desk.do(case, "duty", "ask_review", asked_on=city_date(desk.at))
    case = desk.do(
        case, "vice", "review_done", "review_opinion", outcome="uphold", opinion="维持",
        served_on=city_date(desk.at),
    )  # fmt: skip
    assert (case.state, case.ledger) == ("reviewed", "conclude")
    desk.do(case, "duty", "ask_final", asked_on=city_date(desk.at))
    desk.do(case, "head", "pause_final", reason="十月十日听证")
    desk.at += timedelta(days=9)
    desk.do(case, "head", "resume_final", reason="已听证")
    clock = case.clocks.get(name="final")
    assert clock.pauses.get().ended_at is not None
    case = desk.do(case, "boss", "final_done", "final_opinion", outcome="uphold", opinion="维持")
    assert case.state == "ended"
    assert not [d for d in case.rules.deeds.values() if "ended" in d.states]  # 不再受理


def test_a_12345_ticket_follows_its_own_procedure(desk: Desk) -> None:
    report = desk.receive(channel="hotline_12345", source=("12345", "GD2026001"))
    petition = desk.register(report)
    case = desk.answered(petition)
    assert case.procedure.name == "hotline"
    assert (case.source_system, case.source_no) == ("12345", "GD2026001")
    desk.called(petition, "unsatisfied", "unsolved")
    desk.do(case, "duty", "redo", reason="不满意")
    desk.answered(petition)
    desk.called(petition, "unsatisfied", "unsolved")
    case = desk.do(case, "head", "supervise", reason="三日内办结")  # 仍不满意 → 督办单
    assert case.state == "supervised"


def test_a_12345_ticket_is_returned_within_two_working_days(desk: Desk, raises_problem) -> None:
    case = desk.register(desk.receive(channel="hotline_12345")).case
    desk.do(case, "duty", "dispatch", unit="east", person="east1")
    desk.at += timedelta(days=3)
    with raises_problem("petitions.return_too_late"):
        desk.do(case, "east1", "send_back", reason="不属职责")


def test_the_same_ticket_comes_once(desk: Desk) -> None:
    first = desk.receive(channel="hotline_12345", source=("12345", "GD2026001"))
    again = desk.receive(channel="hotline_12345", source=("12345", "GD2026001"), text="另一段")
    assert first == again
    assert Report.objects.count() == 1


def test_co_handlers_report_before_the_lead_submits(desk: Desk, raises_problem) -> None:
    petition = desk.register()
    case = desk.do(petition.case, "duty", "accept", exit="duty", no_notice_reason="电话")
    desk.do(case, "duty", "dispatch", unit="east", person="east1", co_units=["west"])
    desk.do(case, "east1", "sign")
    desk.do(
        case,
        "east1",
        "investigate",
        "check_record",
        officers="甲、乙",
        finding="核查",
        truth="proven",
    )
    with raises_problem("casework.guard_parts_reported"):
        desk.do(
            case,
            "east1",
            "submit",
            progress="done",
            measures="已处理",
            draft="已核查",
            no_photo_reason="无",
        )


def test_a_title_that_tells_who_reported_is_refused(desk: Desk, raises_problem) -> None:
    report = desk.receive()
    with raises_problem("cases.title_betrays"):
        desk.register(report, title="群众举报异味")
    with raises_problem("petitions.words_betray"):
        desk.register(report, text_inspector="郑乐山反映有气味")
    assert not Case.objects.filter(procedure__name="petition").exists()
