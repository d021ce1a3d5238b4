"""Two people at once in the offices, on a real database: the second is told, nothing is lost."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction

from at_once import together
from case_town import uploads
from inspected_town import InspectedTown, build_inspected_town, report_on
from petition_desk import CONTACT, Desk
from qingyuan.cities import credit_code_of
from qingyuan.core.periods import city_date
from qingyuan.host.folder import DataFolder
from qingyuan.web import exchange
from qingyuan.web.accounts.models import RoleGrant, Unit
from qingyuan.web.audit import services as audit
from qingyuan.web.audit.models import Entry
from qingyuan.web.cases.models import Case
from qingyuan.web.cases.services import perform
from qingyuan.web.exchange import registered
from qingyuan.web.exchange import services as moving
from qingyuan.web.exchange.services import importing, kept
from qingyuan.web.inspections import services as inspections
from qingyuan.web.inspections.models import Batch, Item
from qingyuan.web.inspections.services import Listed
from qingyuan.web.organisation import services as organisation
from qingyuan.web.organisation.models import Absence, HandOver
from qingyuan.web.petitions import services as petitions
from qingyuan.web.petitions.models import Complainant, Look, Petition, Report
from qingyuan.web.petitions.seal import current_key, key_of, new_key
from qingyuan.web.plans import selectors as plan_selectors
from qingyuan.web.plans import services as plans
from qingyuan.web.plans.models import Freeze, Plan
from qingyuan.web.registry.exchange import ENTERPRISES
from qingyuan.web.registry.models import District, Enterprise, Responsibility

Act = Callable[[], Any]


@pytest.fixture
def place(transactional_db: None, settings: Any, tmp_path: Path) -> Iterator[InspectedTown]:
    settings.FOLDER = DataFolder(tmp_path / "data").create("city")
    yield build_inspected_town()
    assert audit.verify() is None


@pytest.fixture
def desk(place: InspectedTown) -> Desk:
    return Desk(at=place.town.at)


def _deed(case: Case, desk: Desk, who: str, deed: str, **data: object) -> Act:
    by, at = desk.who(who), desk.at + timedelta(hours=1)
    return lambda: perform(case=case, deed=deed, by=by, at=at, data=data)


# ── petitions ───────────────────────────────────────────────────────────────
def test_of_two_who_register_one_report_one_is_told(desk: Desk) -> None:
    report = desk.receive()
    said = together(lambda: desk.register(report), lambda: desk.register(report))
    assert sorted(said) == ["done", "petitions.settled_already"]
    assert Petition.objects.count() == Case.objects.count() == 1


def test_of_two_redactions_the_later_stands_and_both_are_in_the_chain(desk: Desk) -> None:
    petition = desk.register()
    at = desk.at

    def confirm(who: str, words: str) -> Act:
        by = desk.who(who)
        return lambda: petitions.confirm_words(
            petition, reader="inspector", words=words, by=by, at=at
        )

    said = together(confirm("duty", "厂区北侧异味"), confirm("head", "厂区南侧异味"))
    assert said == ["done", "done"]
    held = Petition.objects.get()
    assert (held.text_inspector, held.text_inspector_by) in {
        ("厂区北侧异味", str(desk.who("duty"))), ("厂区南侧异味", str(desk.who("head"))),
    }  # fmt: skip
    assert Entry.objects.filter(deed="petitions.confirm_words").count() == 2


def test_a_second_report_and_the_striking_off_pass_each_other(desk: Desk) -> None:
    """Merged while it was open, or told that it is closed: never a report on a closed petition unsaid."""
    petition = desk.register()
    desk.answered(petition)
    desk.called(petition, "satisfied", "solved")
    second, case = desk.receive(), desk.fresh(petition)
    by, at = desk.who("duty"), desk.at + timedelta(hours=1)
    said = together(
        lambda: petitions.merge_into(second, petition, by=by, at=at),
        _deed(case, desk, "head", "strike_off", no_record_reason="已记入系统"),
    )
    assert said[1] == "done"
    assert said[0] in ("done", "petitions.merge_into_closed")
    second.refresh_from_db()
    assert (second.petition_id is not None) == (said[0] == "done")
    assert Petition.objects.get().reports_count == (2 if said[0] == "done" else 1)


def test_who_reported_is_read_whole_while_it_is_sealed_anew(desk: Desk) -> None:
    reports = [desk.receive() for _ in range(3)]
    new_key()
    by, at, seen = desk.who("duty"), desk.at, []

    def look() -> None:
        seen.extend(petitions.look(r, by=by, reason="回访", at=at)["name"] for r in reports)

    def anew() -> None:
        petitions.reseal(at=at)

    assert together(look, anew, anew, look) == ["done"] * 4
    assert seen == [CONTACT["name"]] * 6
    assert Look.objects.count() == 6
    assert {key_of(c.name) for c in Complainant.objects.all()} == {current_key()}
    assert {r.text for r in Report.objects.all()} == {"夜间有刺鼻气味，我家住望海路九十九号"}


# ── plans ───────────────────────────────────────────────────────────────────
@pytest.fixture
def running(place: InspectedTown) -> tuple[Plan, Any]:
    """A plan with one task under way."""
    town = place.town
    head, at, east1 = town.who("head"), town.at, town.who("east1")
    plan = plans.make_plan(
        kind="scheme", title="方案", office=Unit.objects.get(code="bureau"), district_id="379901",
        starts_on=city_date(at), ends_on=date(2026, 12, 31), rhythm="weekly", grace_days=1, by=head, at=at,
    )  # fmt: skip
    node = plans.add_node(
        plan, parent=None, kind="task", number="1", title="排查", units=["东山分局"], person=east1,
        person_name=east1.name, leader=town.who("vice"), leader_name="分管局长", by=head, at=at,
    )  # fmt: skip
    town.do(plans.launch(node, by=head, at=at), "east1", "sign")
    node.refresh_from_db()
    return plan, node


def test_two_reports_of_one_task_are_both_kept(place: InspectedTown, running) -> None:
    _, node = running
    by, at = place.town.who("east1"), place.town.at + timedelta(hours=1)
    said = together(
        lambda: plans.report(node, percent=30, text="上午", by=by, at=at),
        lambda: plans.report(node, percent=40, text="下午", by=by, at=at),
    )
    assert said == ["done", "done"]
    told = node.case.deeds.filter(name="report_progress")
    assert {given["percent"] for given in told.values_list("given", flat=True)} == {30, 40}


def test_a_freeze_holds_a_report_or_it_is_late_and_two_freezes_are_one(
    place: InspectedTown, running
) -> None:
    plan, node = running
    town = place.town
    at = town.at + timedelta(hours=1)
    span = plan_selectors.current_span(plan, at=at)
    head, east1 = town.who("head"), town.who("east1")
    said = together(
        lambda: plans.freeze(plan, span, by=head, at=at),
        lambda: plans.freeze(plan, span, by=head, at=at),
        lambda: plans.report(node, percent=30, text="进展", by=east1, at=at),
    )
    assert sorted(said[:2]) == ["done", "plans.frozen"]
    assert said[2] == "done"
    assert Freeze.objects.count() == 1
    assert node.case.deeds.filter(name="report_progress").count() == 1


def test_one_task_is_handed_down_once(place: InspectedTown, running) -> None:
    plan, _ = running
    head, at = place.town.who("head"), place.town.at
    east1 = place.town.who("east1")
    node = plans.add_node(
        plan, parent=None, kind="task", number="2", title="复查", units=["东山分局"], person=east1,
        person_name=east1.name, by=head, at=at,
    )  # fmt: skip
    act = lambda: plans.launch(node, by=head, at=at)  # noqa: E731 -- the same deed twice
    assert sorted(together(act, act)) == ["done", "plans.launched"]


# ── inspections ─────────────────────────────────────────────────────────────
def test_one_batch_registered_twice_is_one_with_every_item(place: InspectedTown) -> None:
    town, day = place.town, date(2026, 9, 22)
    by, at = town.who("duty"), town.at

    def bring(first: int, *numbers: str) -> Act:
        def act() -> None:
            with transaction.atomic():
                batch = inspections.take_batch(round_=place.round, number=7, day=day, by=by, at=at)
                for row, number in enumerate(numbers, first):
                    listed = Listed(
                        row=row, number=number, channel="call", problem="冒黑烟",
                        district_code="379901", types=("air",),
                    )  # fmt: skip
                    inspections.register_item(batch, listed, by=by, at=at)

        return act

    said = together(bring(1, "D1", "D2"), bring(11, "D2", "D3"))
    assert sorted(said) == ["cases.source_taken", "done"]
    assert Batch.objects.count() == 1
    assert Item.objects.count() == Case.objects.count() == 2


def test_an_acceptance_and_a_refusal_do_not_both_count(place: InspectedTown, desk: Desk) -> None:
    item = place.item(place.batch(), "D9")
    report_on(place, item)
    town = place.town
    for who in ("head", "vice", "boss"):
        town.do(item.case, who, "sign_pass", opinion="同意")
    town.do(item.case, "duty", "feed_back", note="第 1 号函")
    desk.at = town.at
    before = item.case.deeds.count()
    case = Case.objects.get(pk=item.case.pk)
    by, at = town.who("head"), town.at + timedelta(hours=1)
    files = uploads("acceptance_form")
    said = together(
        lambda: perform(
            case=case, deed="accept", by=by, at=at, data={"opinion": "同意"}, evidence=files
        ),
        _deed(case, desk, "duty", "accept_fail", reason="未到位", due_on=city_date(at)),
    )
    # refused first, there is nothing to accept; accepted first, it may still be refused
    assert said in (["casework.not_now", "done"], ["done", "done"])
    assert item.case.deeds.count() == before + said.count("done")
    assert Case.objects.get(pk=case.pk).state == "rectifying"


# ── exchange ────────────────────────────────────────────────────────────────
def test_two_confirms_of_one_import_write_once(place: InspectedTown) -> None:
    head, at = place.town.who("head"), place.town.at
    for number, firm in enumerate(Enterprise.objects.order_by("code"), 30):
        firm.credit_code = credit_code_of(f"91370200{number:09d}")
        firm.save(update_fields=["credit_code"])
    importer = registered.importer_named("registry.enterprises", {"department_head"})
    assert importer is not None
    row = {
        "code": "N1", "name": "新厂", "trade": "1713", "trade_zh": "棉印染精加工", "district": "379901",
        "lon": Decimal("120.4"), "lat": Decimal("36.6"), "credit_code": credit_code_of("91370200000000099"),
    }  # fmt: skip
    content = exchange.workbook(ENTERPRISES, [row], exchange.Cover(by="", at=at))
    held = moving.receive(importer=importer, content=content, name="企业.xlsx", by=head, at=at)
    other = moving.receive(importer=importer, content=content, name="企业.xlsx", by=head, at=at)
    assert held.state == "ready"

    def confirm(pk: object) -> Act:
        return lambda: moving.confirm(import_id=pk, leave_wrong=False, by=head, at=at)  # type: ignore[arg-type]

    said = together(confirm(held.pk), confirm(held.pk), confirm(other.pk))
    assert set(said) <= {"done", "exchange.changed_meanwhile"}
    assert "done" in said
    assert Enterprise.objects.filter(code="N1").count() == 1
    assert Entry.objects.filter(deed="registry.import_enterprises").count() == 1
    settled = Entry.objects.filter(deed="exchange.confirm").values_list("target", flat=True)
    assert sorted(settled) == sorted({f"import:{held.pk}", f"import:{other.pk}"})


def test_what_was_withdrawn_while_it_was_checked_stays_withdrawn(
    place: InspectedTown, monkeypatch: pytest.MonkeyPatch
) -> None:
    head, at = place.town.who("head"), place.town.at
    importer = registered.importer_named("registry.enterprises", {"department_head"})
    assert importer is not None
    firm = {"code": "N1", "name": "新厂"}
    book = exchange.workbook(ENTERPRISES, [firm], exchange.Cover(by="", at=at))
    row = moving.receive(importer=importer, content=book, name="企业.xlsx", by=head, at=at)
    type(row).objects.filter(pk=row.pk).update(state="waiting", settled_at=None)
    read = importing.reading.rows

    def slowly(*given: Any, **more: Any) -> Any:
        moving.withdraw(row=row, by=head, at=at)
        return read(*given, **more)

    monkeypatch.setattr(importing.reading, "rows", slowly)
    moving.check(import_id=row.pk, at=at)
    row.refresh_from_db()
    assert row.state == "withdrawn"
    assert not kept.place(row.pk).exists()


# ── organisation ────────────────────────────────────────────────────────────
def test_one_absence_is_settled_once(place: InspectedTown) -> None:
    town = place.town
    at, day = town.at, city_date(town.at)
    absence = organisation.ask_absence(
        deputy=town.who("vice"), role="leader", valid_from=day, valid_to=day, reason="会议",
        by=town.who("boss"), at=at,
    )  # fmt: skip
    held, by = RoleGrant.objects.count(), town.who("admin1")
    act = lambda: organisation.settle_absence(absence=absence, granted=True, by=by, at=at)  # noqa: E731 -- twice
    assert sorted(together(act, act)) == ["done", "organisation.settled_already"]
    assert RoleGrant.objects.count() == held + 1
    assert Absence.objects.get().settled_by == by


def test_a_shift_is_handed_over_and_taken_once(place: InspectedTown) -> None:
    town = place.town
    at, day, bureau = town.at, city_date(town.at), Unit.objects.get(code="bureau")
    vice, boss, head = town.who("vice"), town.who("boss"), town.who("head")
    shift = organisation.put_shift(
        day=day, span="day", unit=bureau, officer=vice, leader=head, by=head, at=at
    )
    said = together(
        lambda: organisation.hand_over(shift=shift, text="甲", open_matters="", by=vice, at=at),
        lambda: organisation.hand_over(shift=shift, text="乙", open_matters="", by=head, at=at),
    )
    assert sorted(said) == ["done", "organisation.handed_over_already"]
    handover = HandOver.objects.get()
    said = together(
        lambda: organisation.take_over(handover=handover, by=boss, at=at),
        lambda: organisation.take_over(handover=handover, by=town.who("duty"), at=at),
    )
    assert sorted(said) == ["done", "organisation.taken_already"]


def test_one_responsibility_is_in_force_of_two_put_at_once(place: InspectedTown) -> None:
    town = place.town
    at, day, by = town.at, city_date(town.at), town.who("admin1")
    east, district = Unit.objects.get(code="east"), District.objects.get(code="379901")

    def put(who: str) -> Act:
        user = town.who(who)
        return lambda: organisation.put_responsibility(
            district=district, matter="noise", unit=east, user=user, sponsor=None, valid_from=day, by=by, at=at
        )  # fmt: skip

    said = together(put("east1"), put("second"))
    assert "done" in said, said
    rows = Responsibility.objects.filter(district=district, matter="noise", valid_to=None)
    assert rows.count() == 1, said
