"""Several units on one case, several cases on one matter: parts, merging, splitting, sweeping."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction

from qingyuan.web.audit import services as audit
from qingyuan.web.cases import selectors, services
from qingyuan.web.cases.effects import know_discoverer, register
from qingyuan.web.cases.effects.assign import assign_responsible
from qingyuan.web.cases.models import Case, CaseClock, CaseLink, CasePart, CaseThing, CaseType
from qingyuan.web.cases.selectors.facts import facts_of, know_marks
from qingyuan.web.cases.selectors.links import linked_cases, roll_up
from qingyuan.web.cases.services import SplitPart, SweepObject
from qingyuan.web.notices.models import Notice

pytestmark = pytest.mark.django_db


def _assign(town, case: Case, *co: str) -> Case:
    return town.do(case, "duty", "assign", unit="east", person="east1", co_units=list(co))


def test_a_case_keeps_types_form_source_and_parent(town, joint, raises_problem):
    parent = joint(title="总件")
    case = joint(
        types=["water", "air", "water"],
        source=("青岛热线", "2026-0001"),
        immediate=True,
        parent=parent,
        form={"received_on": town.at.date(), "amount": Decimal("2.50"), "anonymous": True},
    )
    case = Case.objects.get(pk=case.pk)
    assert sorted(row.type for row in case.types.all()) == ["air", "water"]
    assert case.form == {
        "received_on": town.at.date().isoformat(), "amount": "2.50", "anonymous": True,
    }  # fmt: skip
    assert case.immediate
    assert selectors.by_source("青岛热线", "2026-0001") == case
    assert selectors.by_source("青岛热线", "2026-0002") is None
    assert selectors.by_source("", "") is None
    assert [x.relation for x in linked_cases(case)] == ["上级案件"]
    with raises_problem("cases.source_taken"):
        joint(source=("青岛热线", "2026-0001"))
    with raises_problem("cases.source_half"):
        joint(source=("青岛热线", ""))
    with raises_problem("cases.unknown_type"):
        joint(types=["smell"])
    with raises_problem("casework.missing_field"):
        joint(form={})
    with raises_problem("casework.unknown_value"):
        joint(form={"received_on": town.at.date(), "colour": "red"})


def test_a_matter_without_a_row_falls_to_who_answers_for_sources(town, joint):
    case = joint(matter="noise")
    assert case.get_matter_display() == "噪声"
    source = joint(matter="source")
    assert services.matrix_assignment(case, at=town.at) == services.matrix_assignment(
        source, at=town.at
    )


def test_each_unit_has_a_part_and_a_person(town, joint):
    case = _assign(town, joint(), "west:west1")
    lead, west = case.parts.order_by("pk")
    assert [(p.role, p.state, p.person.username) for p in (lead, west)] == [
        ("lead", "given", "east1"), ("co", "given", "west1"),
    ]  # fmt: skip


def test_the_case_waits_for_every_report(town, joint, raises_problem):
    case = _assign(town, joint(), "west")
    assert CaseClock.objects.filter(case=case, stopped_at=None).count() == 2
    assert Notice.objects.filter(user__username="west1", url__contains=case.number).exists()
    with raises_problem("casework.guard_parts_reported"):
        town.do(case, "east1", "finish", report="已处置")
    town.do(case, "west1", "sign_co")
    assert case.parts.get(unit__code="west").state == "signed"
    town.do(case, "west1", "report_co", report="西侧已清理")
    west = case.parts.get(unit__code="west")
    assert (west.state, west.report) == ("reported", "西侧已清理")
    assert west.clocks.get().stopped_at == west.reported_at
    town.do(case, "duty", "ask_again", co_unit="west", reason="请补照片")
    west.refresh_from_db()
    assert (west.state, west.reported_at, west.return_reason) == ("signed", None, "请补照片")
    with raises_problem("cases.nothing_reported"):
        town.do(case, "duty", "ask_again", co_unit="west", reason="请补照片")
    town.do(case, "west1", "report_co", report="西侧已清理，附照片")
    case = town.do(case, "east1", "finish", report="已处置")
    assert case.state == "to_close"
    assert case.parts.get(role="lead").report == "已处置"


def test_a_unit_gives_its_part_back_with_a_reason(town, joint, raises_problem):
    case = _assign(town, joint(), "west")
    case = town.do(case, "west1", "return_co", reason="不在辖区")
    part = case.parts.get(unit__code="west")
    assert (part.state, part.return_reason) == ("returned", "不在辖区")
    assert part.ended_at is not None
    assert part.clocks.get().stopped_at is not None
    with raises_problem("casework.tie_part_unit"):
        town.do(case, "west1", "report_co", report="x")
    assert town.do(case, "east1", "finish", report="已处置").state == "to_close"


def test_a_unit_has_one_part_and_somebody_to_do_it(town, joint, raises_problem):
    case = joint()
    with raises_problem("cases.unit_has_part"):
        _assign(town, case, "east")
    with raises_problem("cases.unit_without_person"):
        _assign(town, case, "team")
    with raises_problem("cases.person_elsewhere"):
        _assign(town, case, "west:east1")
    with raises_problem("cases.person_cannot_handle"):
        _assign(town, case, "bureau:head")
    with raises_problem("cases.nobody_there"):
        _assign(town, case, "nowhere")
    assert case.parts.count() == 0


def test_receipt_and_first_action_are_noted_once(town, joint):
    case = _assign(town, joint())
    assert (case.signed_at, case.acted_at) == (None, None)
    case = town.do(case, "east1", "find", truth="partly", progress="staged")
    first = case.signed_at
    assert (first, case.acted_at) == (town.at, None)
    assert (case.truth, case.progress, case.immediate) == ("partly", "staged", True)
    case = town.do(case, "east1", "finish", report="已处置")
    assert (case.signed_at, case.acted_at) == (first, town.at)


def test_a_redo_is_a_new_round_with_units_of_its_own(town, joint):
    case = _assign(town, joint(), "west")
    town.do(case, "west1", "report_co", report="一")
    town.do(case, "east1", "find", truth="proven", progress="done")
    town.do(case, "east1", "finish", report="一")
    case = town.do(case, "duty", "redo", reason="群众不满意")
    assert (case.round, case.state, case.unit, case.truth) == (2, "registered", None, "")
    _assign(town, case)
    assert [(p.round, p.role, p.ended_at is None) for p in case.parts.order_by("pk")] == [
        (1, "lead", False), (1, "co", False), (2, "lead", True),
    ]  # fmt: skip
    assert [p.role for p in facts_of(Case.objects.get(pk=case.pk)).parts] == ["lead"]


def test_the_result_goes_back_once_and_also_for_what_was_merged(town, joint):
    heard: list[str] = []
    know_discoverer("hotline", lambda found, at: heard.append(found.number))
    origin = services.Origin("hotline", "hotline:1", "热线工单")
    main, other = joint(origin=origin), joint(origin=origin, title="同一件事")
    town.at += timedelta(minutes=1)
    services.merge(cases=[other], into=main, by=town.who("duty"), at=town.at, reason="同一处")
    _assign(town, main)
    town.do(main, "east1", "finish", report="已处置")
    town.do(main, "duty", "close_out", "report_file")
    assert heard == [main.number, other.number]
    assert [row.to for row in main.results.all()] == ["热线工单"]
    know_discoverer("hotline", lambda found, at: None)


def test_merged_cases_end_and_hand_over_what_they_held(town, joint, raises_problem):
    main, first, second = joint(types=["water"]), joint(types=["air"]), joint()
    services.attach(first, kind="signal", ref="signal:9", label="异味告警", at=town.at)
    town.at += timedelta(minutes=1)
    services.merge(
        cases=[second, first], into=main, by=town.who("duty"), at=town.at, reason="同一处"
    )
    assert {c.state for c in Case.objects.filter(pk__in=[first.pk, second.pk])} == {"merged"}
    assert sorted(row.type for row in main.types.all()) == ["air", "water"]
    assert main.things.get().ref == "signal:9"
    assert [d.name for d in main.deeds.order_by("seq")] == ["open", "absorb", "absorb"]
    assert {x.relation for x in linked_cases(main)} == {"并入本案"}
    assert audit.verify() is None
    with raises_problem("cases.merge_into_closed"):
        services.merge(cases=[main], into=first, by=town.who("duty"), at=town.at, reason="反过来")
    with raises_problem("cases.merge_itself"):
        services.merge(cases=[main], into=main, by=town.who("duty"), at=town.at, reason="自己")
    with raises_problem("cases.merge_into_closed"):
        town.do(main, "duty", "merge", into=first.number, reason="反过来")
    with raises_problem("cases.unknown_case"):
        town.do(main, "duty", "merge", into="LH0", reason="没有")
    with raises_problem("cases.no_merge"):
        services.merge(
            cases=[town.open()], into=main, by=town.who("duty"), at=town.at, reason="无此步"
        )


def test_one_refused_merge_leaves_all_of_them_open(town, joint, raises_problem):
    main, first, done = joint(), joint(), joint()
    services.merge(cases=[done], into=main, by=town.who("duty"), at=town.at, reason="一")
    with raises_problem("casework.not_now"):
        services.merge(cases=[first, done], into=main, by=town.who("duty"), at=town.at, reason="二")
    assert Case.objects.get(pk=first.pk).state == "registered"
    assert CaseLink.objects.count() == 1


def test_a_case_is_split_into_several_that_cite_it(town, joint, raises_problem):
    case = joint(types=["water"], source=("青岛热线", "7"))
    parts = [SplitPart("东侧渗漏"), SplitPart("西侧异味", types=("air",), district_code="379902")]
    town.at += timedelta(days=9)
    made = services.split(case=case, parts=parts, by=town.who("duty"), at=town.at, reason="两处")
    assert [m.district_id for m in made] == ["379901", "379902"]
    assert [m.types.get().type for m in made] == ["water", "air"]
    assert made[0].form == case.form
    assert made[0].source_no == ""
    assert {x.relation for x in linked_cases(case)} == {"分出"}
    assert case.deeds.get(name="split").given["cases"] == [m.number for m in made]
    for wrong, by, code in (
        ([], "duty", "cases.split_count"),
        (parts, "east1", "cases.not_coordinator"),
        ([SplitPart(" ")], "duty", "cases.title_missing"),
    ):
        with raises_problem(code):
            services.split(case=case, parts=wrong, by=town.who(by), at=town.at, reason="x")
    assert Case.objects.count() == 3


def test_a_sweep_opens_one_task_per_object_and_rolls_up(town, joint, raises_problem):
    case = town.open()
    objects = [
        SweepObject("outfall", f"outfall:{n}", f"{n} 号口", "379901" if n % 2 else "379902")
        for n in range(4)
    ]
    by = town.who("duty")
    before = Notice.objects.count()
    made = services.sweep(case=case, objects=objects, by=by, at=town.at, title="排查私设排口")
    assert made[0].title == "排查私设排口：0 号口"
    assert Notice.objects.count() == before + 2  # one word per district, not one per task
    again = services.sweep(
        case=case, objects=[*objects, SweepObject("outfall", "outfall:9", "九号口", "379901")], by=by, at=town.at
    )  # fmt: skip
    assert [m.things.get().ref for m in again] == ["outfall:9"]
    town.do(made[0], "duty", "dismiss", reason="无此口")
    found = roll_up(case, at=town.at)
    assert (found.total, found.assign, found.conclude, found.share) == (5, 4, 1, 20)
    assert dict(found.states) == {"待交办": 4, "误报办结": 1}
    assert roll_up(made[0], at=town.at) is None
    with raises_problem("cases.sweep_count"):
        services.sweep(case=case, objects=[], by=by, at=town.at)
    with raises_problem("cases.unknown_district"):
        services.sweep(
            case=case, objects=[SweepObject("x", "x:1", "x", "000000")], by=by, at=town.at
        )


def test_links_are_made_once_and_never_in_a_ring(town, joint, raises_problem):
    a, b, c = joint(), joint(), joint()
    by = town.who("duty")
    services.link(case=b, other=a, kind="parent", by=by, at=town.at)
    services.link(case=c, other=b, kind="parent", by=by, at=town.at)
    assert services.link(case=c, other=b, kind="parent", by=by, at=town.at).other_id == b.pk
    with raises_problem("cases.link_in_a_ring"):
        services.link(case=a, other=c, kind="parent", by=by, at=town.at)
    with raises_problem("cases.has_parent"):
        services.link(case=c, other=a, kind="sweep", by=by, at=town.at)
    with raises_problem("cases.link_kind"):
        services.link(case=a, other=c, kind="merged", by=by, at=town.at)
    same = services.link(case=a, other=c, kind="same_source", by=by, at=town.at)
    assert (same.case_id, same.other_id) == (c.pk, a.pk)  # the later hangs on the earlier
    assert [d.name for d in a.deeds.order_by("seq")] == ["open", "link", "link"]


def test_many_at_once_report_row_by_row(town, joint):
    ready, busy = [joint() for _ in range(3)], joint()
    _assign(town, busy)
    outcomes = services.perform_many(
        cases=[busy, *ready, ready[0]],
        deed="assign",
        by=town.who("duty"),
        at=town.at,
        data={"unit": "east", "person": "east1"},
    )
    assert [o.ok for o in outcomes] == [False, True, True, True]
    assert outcomes[0].problem.code == "casework.not_now"
    assert {c.state for c in Case.objects.filter(procedure__name="joint")} == {"handling"}


def test_a_deed_is_taken_back_by_who_did_it_and_soon(town, joint, raises_problem):
    case = joint()
    before = Case.objects.values().get(pk=case.pk)
    case = _assign(town, case, "west")
    with raises_problem("cases.cannot_undo"):
        services.undo_last(case=case, by=town.who("head"), at=town.at)
    with raises_problem("cases.cannot_undo"):
        services.undo_last(case=case, by=town.who("duty"), at=town.at + timedelta(minutes=11))
    at = town.at + timedelta(minutes=9)
    services.undo_last(case=case, by=town.who("duty"), at=at)
    assert Case.objects.values().get(pk=case.pk) == {**before, "changed_at": at}
    assert case.parts.count() == 0
    assert CaseClock.objects.filter(case=case).count() == 0
    assert [d.name for d in case.deeds.order_by("seq")] == ["open", "assign", "undo"]
    assert case.deeds.get(name="undo").undoes.name == "assign"
    assert "assign" not in facts_of(Case.objects.get(pk=case.pk)).done_by
    told = Notice.objects.filter(user__username="west1", title_zh__startswith="已撤回")
    assert told.count() == 1
    with raises_problem("cases.cannot_undo"):
        services.undo_last(case=case, by=town.who("duty"), at=at)
    town.at = at
    case = _assign(town, case)
    case = town.do(case, "east1", "find", truth="proven", progress="done")
    case = services.undo_last(case=case, by=town.who("east1"), at=town.at)
    assert (case.truth, case.signed_at, case.parts.get().state) == ("", None, "given")
    assert case.due_at is not None
    assert audit.verify() is None


def test_families_bring_effects_and_marks_of_their_own(town, case):
    know_marks("a family", lambda found: frozenset({"urgent"}) if found.level == 1 else frozenset())
    try:
        assert facts_of(case).marks == frozenset()
        case.level = 1
        assert facts_of(case).marks == frozenset({"urgent"})
    finally:
        know_marks("a family", lambda found: frozenset())
    register("assign_responsible", assign_responsible)
    with pytest.raises(ValueError, match="implemented already"):
        register("assign_responsible", print)


def test_the_database_refuses_two_leads_half_sources_and_cases_of_themselves(town, joint):
    case = _assign(town, joint(), "west")
    lead = case.parts.get(role="lead")
    west = case.parts.get(role="co")
    made = {"case": case, "round": 1, "given_by": "x", "given_at": town.at}
    for broken in (
        lambda: CasePart.objects.create(
            **made, role="lead", unit=town.who("head").unit, person=town.who("head")
        ),
        lambda: CasePart.objects.create(**made, role="watch", unit=west.unit, person=west.person),
        lambda: CasePart.objects.filter(pk=west.pk).update(state="reported"),
        lambda: CasePart.objects.filter(pk=west.pk).update(role="guest"),
        lambda: CasePart.objects.filter(pk=lead.pk).update(ended_at=town.at),
        lambda: Case.objects.filter(pk=case.pk).update(source_system="x"),
        lambda: Case.objects.filter(pk=case.pk).update(truth="maybe"),
        lambda: Case.objects.filter(pk=case.pk).update(progress="soon"),
        lambda: CaseType.objects.create(case=case, type="smell"),
        lambda: CaseThing.objects.create(case=case, kind="", ref="x", label="x", at=town.at),
        lambda: CaseLink.objects.create(case=case, other=case, kind="parent", by="x", at=town.at),
        lambda: CaseClock.objects.filter(part=west).update(part=None),
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            broken()


def test_the_lead_gives_back_the_case_not_its_part_alone(town, joint, raises_problem):
    """Its part ended by itself would leave a case in hand that belongs to nobody."""
    case = joint()
    town.do(case, "duty", "assign", unit="east", person="east1", co_units=["west:west1"])
    with raises_problem("cases.no_part"):
        town.do(case, "east1", "return_co", reason="不属本区")
    town.do(case, "west1", "return_co", reason="不属本区")
    lead = case.parts.get(ended_at=None)
    assert (lead.role, lead.unit.code) == ("lead", "east")


def test_a_case_is_not_linked_to_itself(town, joint, raises_problem):
    case = joint()
    with raises_problem("cases.link_in_a_ring"):
        services.link(case=case, other=case, kind="same_source", by=town.who("duty"), at=town.at)
