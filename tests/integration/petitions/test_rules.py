"""Nothing found, draws, look-backs, backlog: rules with parameters, and what they lead to."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

from petition_desk import PLACE, Desk
from qingyuan.core.periods import city_date
from qingyuan.web.accounts.models import User
from qingyuan.web.cases.models import Case
from qingyuan.web.cases.selectors import case_page
from qingyuan.web.petitions import selectors, services
from qingyuan.web.petitions.models import AuditTrigger, LookBackItem, NothingFound, Petition
from qingyuan.web.registry.models import Outfall
from qingyuan.web.signals.services import Finding, observe


def _exceeds(desk: Desk) -> None:
    """Let the outfall at the place report an exceedance."""
    Outfall.objects.filter(code="O1").update(lon=PLACE[0], lat=PLACE[1])
    finding = Finding(
        kind="exceedance", rule="outfall.exceedance", station="outfall:O1", factor="w21003", unit="mg/L",
        value=Decimal("12"), value_text="12", limit=Decimal("8"), limit_text="≤8 mg/L", multiple=Decimal("0.5"),
        clause="GB 4287-2012 表2", finder="monitoring", first_at=desk.at - timedelta(minutes=30), last_at=desk.at,
    )  # fmt: skip
    observe(finding=finding, at=desk.at)


def _point_at_each_other(desk: Desk, case: Case, audit: Case) -> None:
    """Each page shows the other: of the petition its number and channel, nothing of who reported."""
    head = User.objects.get(username="head")
    of_audit = case_page(audit, user=head, at=desk.at)
    of_petition = case_page(case, user=head, at=desk.at)
    shown = [t for t in of_audit.things if t.number]
    assert [(t.number, t.relation) for t in shown] == [(case.number, "涉及案件")]
    assert shown[0].label.startswith("信访件（")
    assert case.title not in shown[0].label
    assert [t.number for t in of_petition.things] == [audit.number]
    assert of_petition.home is not None
    assert of_petition.home[1] == f"/petitions/{case.number}/"
    west = User.objects.get(username="west1")
    unseen = case_page(audit, user=west, at=desk.at)
    assert not [t for t in unseen.things if t.number]
    assert unseen.hidden_links == 1


def test_nothing_found_against_telemetry_opens_an_audit(desk: Desk, raises_problem) -> None:
    _exceeds(desk)
    petition = desk.register(enterprise_id="E1")
    desk.checked(petition, truth="unproven")
    trigger = AuditTrigger.objects.get()
    audit = trigger.audit_case
    assert trigger.rule == "contradicted"
    assert trigger.parameters == {"contradict_m": "1000", "contradict_hours": "24"}
    assert [e["kind"] for e in trigger.evidence] == ["signal"]
    assert (audit.procedure.name, audit.form["audited"]) == (
        "enforcement_audit",
        petition.case.number,
    )
    assert audit.enterprise is None  # 企业看不到稽查
    _point_at_each_other(desk, petition.case, audit)
    assert "限值 ≤8 mg/L" in audit.summary
    with raises_problem("petitions.audits_himself"):
        desk.do(audit, "head", "assign", unit="east", person="east1")
    desk.do(audit, "head", "assign", unit="east", person="second")
    desk.do(audit, "second", "sign")
    desk.do(audit, "second", "plan", plan="调阅案卷")
    desk.do(audit, "second", "read_files", "file_record", finding="未到现场")
    desk.do(audit, "second", "give_opinion", "opinion_paper", verdict="faulty", opinion="核查不细")
    for who in ("head", "vice"):
        desk.do(audit, who, "sign_pass", opinion="同意")
    with raises_problem("casework.mark_stands"):
        desk.do(audit, "head", "close_sound", reason="无")
    desk.do(
        audit,
        "head",
        "order_correction",
        demand="重查",
        due_on=city_date(desk.at) + timedelta(days=5),
    )
    desk.do(audit, "head", "corrected", "correction_record", measures="已重查")
    audit = desk.do(audit, "second", "notify_result", "recheck_record", notice="通报")
    assert (audit.state, audit.ledger) == ("notified", "conclude")


def test_nothing_found_alone_opens_none_and_a_repeat_does(desk: Desk) -> None:
    petition = desk.register()
    desk.checked(petition, truth="unproven")
    assert NothingFound.objects.get().checker == desk.who("east1")
    assert not AuditTrigger.objects.exists()
    desk.register(desk.receive(lon=PLACE[0] + 0.01))  # 900 米外，不算同一地点
    assert not AuditTrigger.objects.exists()
    desk.register(desk.receive(lon=PLACE[0] + 0.001))
    assert AuditTrigger.objects.get().rule == "repeat"
    desk.register(desk.receive())  # 同一规则只触发一次
    assert Case.objects.filter(procedure__name="enforcement_audit").count() == 1


def test_the_rules_follow_the_parameters_of_the_day(desk: Desk) -> None:
    desk.checked(desk.register(), truth="unproven")
    services.set_parameter(
        name="repeat_m", value=Decimal("50"), valid_from=city_date(desk.at), document="局办〔2026〕1号",
        by=desk.who("head"), at=desk.at,
    )  # fmt: skip
    desk.register(desk.receive(lon=PLACE[0] + 0.001))
    assert not AuditTrigger.objects.exists()
    assert selectors.parameter("repeat_m", on=city_date(desk.at) - timedelta(days=1)) == 200


def test_a_draw_can_be_repeated_and_sends_what_it_draws_to_audit(
    desk: Desk, raises_problem
) -> None:
    for n in range(3):
        desk.checked(desk.register(desk.receive(lon=PLACE[0] + n / 10)), truth="unproven")
    day, head = city_date(desk.at), desk.who("head")
    given = {
        "purpose": "nothing_found", "since": day - timedelta(days=9), "until": day,
        "rate": Decimal("50"), "seed": "一",
    }  # fmt: skip
    made = services.draw_sample(**given, by=head, at=desk.at)
    assert len(made.pool) == 3
    assert len(made.result) == 2  # 半数，进位
    assert services.reproduces(made)
    assert AuditTrigger.objects.filter(rule="drawn").count() == 2
    with raises_problem("petitions.redraw_needs_reason"):
        services.draw_sample(**given, by=head, at=desk.at)
    made.result = made.result[::-1]
    assert not services.reproduces(made)


def test_a_look_back_opens_the_ill_answered_again(desk: Desk) -> None:
    good = desk.register()
    desk.closed(good)
    ill = desk.register(desk.receive(channel="hotline_12345", lon=PLACE[0] + 0.1))
    desk.answered(ill)
    desk.called(ill, "satisfied", "unsolved")
    desk.do(desk.fresh(ill), "duty", "redo", reason="未解决")
    desk.answered(ill)
    desk.called(ill, "satisfied", "unsolved")
    desk.do(desk.fresh(ill), "head", "file_evidence", "supervision_slip", note="督办单")
    assert desk.do(desk.fresh(ill), "vice", "close_ill", reason="已解释").state == "closed"
    day = city_date(desk.at)
    services.begin_look_back(
        name="攻坚", since=day - timedelta(days=9), until=day, by=desk.who("head"), at=desk.at
    )
    item = LookBackItem.objects.get()
    assert (item.petition, item.round, item.refusal) == (ill, 3, "")
    assert desk.fresh(ill).round == 3
    assert desk.fresh(good).round == 1


def test_figures_ask_the_citizen_and_leave_out_the_unreached(desk: Desk) -> None:
    for n, answer in enumerate([("satisfied", "solved"), ("unsatisfied", "unsolved"), None]):
        petition = desk.register(desk.receive(lon=PLACE[0] + n / 10))
        desk.answered(petition)
        if answer:
            desk.called(petition, *answer)
        else:
            desk.do(desk.fresh(petition), "duty", "call_back", reached="no")
    from qingyuan.web.accounts.scope import scope_of

    scope = scope_of(desk.who("head"), on=city_date(desk.at))
    views, pairs = selectors.figures_of(scope, {}, at=desk.at)
    made = {v.figure.name: v.figure for v in views}
    assert (made["satisfaction_rate"].numerator, made["satisfaction_rate"].denominator) == (1, 2)
    assert (made["solved_rate"].numerator, made["solved_rate"].denominator) == (1, 2)
    (group,) = selectors.figures_by("unit", pairs, {}, at=desk.at, english=False)
    assert (group.received, group.answered, group.unreached) == (3, 2, 1)


def test_backlog_grows_by_age_and_counts_against_the_target(desk: Desk) -> None:
    from qingyuan.web.accounts.scope import scope_of

    petition = desk.register(desk.receive(received_at=desk.at - timedelta(days=100)))
    scope = scope_of(desk.who("head"), on=city_date(desk.at))
    assert list(selectors.backlog(scope, at=desk.at)) == [petition]
    services.set_target(
        year=2026, kind="backlog", count=10, basis="附件7", by=desk.who("head"), at=desk.at
    )
    desk.closed(petition)
    assert not selectors.backlog(scope, at=desk.at).exists()
    (row,) = selectors.targets(scope, year=2026, at=desk.at)
    assert (row.done, row.target.count) == (1, 10)
    assert Petition.objects.count() == 1


def test_former_names_stand_for_the_present_channel(desk: Desk) -> None:
    from qingyuan.web.petitions.selectors.settings import known_channel

    day = city_date(desk.at)
    for name in ("全国生态环境投诉举报管理平台", "全国环保举报管理平台", "national"):
        assert known_channel(name, on=day).zh == "全国生态环境信访投诉举报管理平台"
    services.put_channel(
        code="inspector_line", zh="企业服务专员", en="", procedure="petition", valid_from=day,
        valid_to=None, former="", by=desk.who("head"), at=desk.at,
    )  # fmt: skip
    assert desk.register(desk.receive(channel="inspector_line")).channel == "inspector_line"


def test_what_is_registered_past_its_term_says_so(desk: Desk) -> None:
    received = desk.at - timedelta(days=40)
    case = desk.register(desk.receive(received_at=received)).case
    given = case.deeds.get(name="register").given
    assert city_date(received).isoformat() in given["late"]
    assert "已过期限" in given["late"]
    assert case.clocks.get(name="forward").until == city_date(desk.at)
    assert "late" not in desk.register(desk.receive()).case.deeds.get(name="register").given
