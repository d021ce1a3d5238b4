"""The tree, groups, duty, absences and the matrix: who may, what is refused, what stays."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from case_town import Town, build_town
from qingyuan.core.periods import city_date
from qingyuan.web.accounts.models import Unit, User
from qingyuan.web.accounts.scope import role_names
from qingyuan.web.audit.models import Entry
from qingyuan.web.exchange import Row, importer_named
from qingyuan.web.organisation import selectors, services
from qingyuan.web.organisation.models import Absence, Group, HandOver, Membership, Shift
from qingyuan.web.registry.models import District, Responsibility
from qingyuan.web.registry.selectors.responsibility import responsibility_for

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture
def town() -> Town:
    made = build_town()
    services.register_person(
        username="admin1", name="系统员", unit=Unit.objects.get(code="bureau"), title="",
        by=made.who("head"), at=made.at,
    )  # fmt: skip
    return made


@pytest.fixture
def page(client: Client, town: Town):
    def do(who: str, route: str, *args: object, **given: object):
        client.force_login(town.who(who))
        address = reverse(route, args=args)
        return client.post(address, given) if given else client.get(address)

    return do


def _unit(town: Town, code: str, parent: str, **more: str) -> Unit:
    values = {"name_zh": code, "name_en": "", "kind": "squad", "district_code": ""} | more
    return services.register_unit(
        code=code, parent=Unit.objects.get(code=parent), **values, by=town.who("head"), at=town.at
    )


def test_moving_a_unit_takes_everything_below_along(town):
    _unit(town, "squad1", "team")
    team = Unit.objects.get(code="team")
    _unit(town, "team", "east", kind="brigade")
    team.refresh_from_db()
    squad = Unit.objects.get(code="squad1")
    assert team.path == f"{Unit.objects.get(code='east').path}team/"
    assert squad.path == f"{team.path}squad1/"


def test_a_unit_cannot_stand_below_itself(town, raises_problem):
    _unit(town, "squad1", "team")
    with raises_problem("organisation.own_parent"):
        _unit(town, "team", "squad1")


@pytest.mark.parametrize("code", ["", "A", "a b", "中队", "x" * 40, "a/b"])
def test_a_code_that_would_break_a_path_is_refused(town, raises_problem, code):
    with raises_problem("organisation.bad_code"):
        _unit(town, code, "team")


def test_an_account_is_opened_without_any_role_and_moved_without_losing_one(town, raises_problem):
    head = town.who("head")
    made = services.register_person(
        username="new.one", name="新人", unit=Unit.objects.get(code="east"), title="科员",
        by=head, at=town.at,
    )  # fmt: skip
    assert role_names(made, on=city_date(town.at)) == frozenset()
    assert not made.has_usable_password()
    moved = services.register_person(
        username="second", name="东山复核", unit=Unit.objects.get(code="west"), title="",
        by=head, at=town.at,
    )  # fmt: skip
    assert role_names(moved, on=city_date(town.at)) == {"district_officer"}
    with raises_problem("organisation.of_enterprise"):
        services.register_person(
            username="ent1", name="厂", unit=moved.unit, title="", by=head, at=town.at
        )


def _group(town: Town, **more: object) -> Group:
    day = city_date(town.at)
    values = {"name": "督察保障专班", "kind": "task", "office": Unit.objects.get(code="bureau"),
              "valid_from": day, "valid_to": day + 30 * DAY}  # fmt: skip
    return services.put_group(Group(**{**values, **more}), by=town.who("head"), at=town.at)


def _second(town: Town, group: Group, who: str, first: int = 0, last: int | None = None):
    day = city_date(town.at)
    return services.add_member(
        group=group, user=town.who(who), part="member", valid_from=day + first * DAY,
        valid_to=None if last is None else day + last * DAY, by=town.who("head"), at=town.at,
    )  # fmt: skip


def test_a_seconded_member_serves_within_the_groups_time_and_goes_home(town, raises_problem):
    group, day = _group(town), city_date(town.at)
    row = _second(town, group, "second", 0, 10)
    assert row.home.code == "east"
    assert [g.name for g in selectors.groups_of(row.user, on=day)] == ["督察保障专班"]
    assert selectors.groups_of(row.user, on=day + 11 * DAY) == []
    with raises_problem("organisation.already_member"):
        _second(town, group, "second", 5)
    with raises_problem("organisation.outside_group_period"):
        _second(town, group, "boss", 0, 31)
    with raises_problem("organisation.outside_group_period"):
        _second(town, group, "boss", -1, 3)
    _second(town, group, "second", 11, 20)  # again later is another row
    services.end_member(membership=row, by=town.who("head"), at=town.at + 3 * DAY)
    row.refresh_from_db()
    assert row.valid_to == day + 2 * DAY
    assert Membership.objects.filter(group=group).count() == 2
    assert town.who("second").notices.filter(kind="group").exists()


def _shift(town: Town, span: str, who: str, days: int = 0) -> Shift:
    return services.put_shift(
        day=city_date(town.at) + days * DAY, span=span, unit=Unit.objects.get(code="bureau"),
        officer=town.who(who), leader=None, by=town.who("head"), at=town.at,
    )  # fmt: skip


def test_a_shift_is_handed_over_by_its_officer_and_taken_by_another(town, raises_problem):
    day, night = _shift(town, "day", "duty"), _shift(town, "night", "second")
    with raises_problem("organisation.not_your_shift"):
        services.hand_over(shift=day, text="x", open_matters="", by=town.who("boss"), at=town.at)
    given = services.hand_over(
        shift=day,
        text="望澜桥氨氮偏高，已交办",
        open_matters="JD1",
        by=town.who("duty"),
        at=town.at,
    )
    assert town.who("second").notices.filter(kind="duty").count() == 1
    with raises_problem("organisation.handed_over_already"):
        services.hand_over(shift=day, text="x", open_matters="", by=town.who("duty"), at=town.at)
    with raises_problem("organisation.handed_over_already"):
        _shift(town, "day", "boss")
    with raises_problem("organisation.same_person"):
        services.take_over(handover=given, by=town.who("duty"), at=town.at)
    assert list(selectors.waiting_handovers(town.who("second"))) == [given]
    services.take_over(handover=given, by=town.who("second"), at=town.at)
    with raises_problem("organisation.taken_already"):
        services.take_over(handover=given, by=town.who("boss"), at=town.at)
    assert night.officer.username == "second"
    assert HandOver.objects.get().taken_by.username == "second"


def test_nobody_has_day_and_night_of_one_date(town, raises_problem):
    _shift(town, "day", "duty")
    with raises_problem("organisation.two_shifts"):
        _shift(town, "night", "duty")
    _shift(town, "night", "duty", 1)


def _ask(town: Town, who: str = "boss", deputy: str = "vice", role: str = "leader", **more: int):
    day = city_date(town.at)
    return services.ask_absence(
        deputy=town.who(deputy), role=role, valid_from=day + more.get("first", 0) * DAY,
        valid_to=day + more.get("last", 3) * DAY, reason="出差", by=town.who(who), at=town.at,
    )  # fmt: skip


def _holds(who: str, on) -> frozenset[str]:
    return role_names(User.objects.prefetch_related("grants").get(username=who), on=on)


def test_a_deputy_holds_the_role_only_once_granted_and_only_those_days(town):
    day = city_date(town.at)
    row = _ask(town)
    assert "leader" not in _holds("vice", day)
    services.settle_absence(absence=row, granted=True, by=town.who("secure1"), at=town.at)
    assert [("leader" in _holds("vice", day + n * DAY)) for n in (0, 3, 4)] == [True, True, False]
    services.end_absence(absence=row, by=town.who("boss"), at=town.at + DAY)
    assert "leader" not in _holds("vice", day + DAY)
    deeds = set(Entry.objects.values_list("deed", flat=True))
    assert {
        "organisation.absence_ask", "organisation.absence_settle", "organisation.absence_end"
    } <= deeds  # fmt: skip


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ({"role": "department_head"}, "organisation.not_your_role"),
        ({"deputy": "boss"}, "organisation.same_person"),
        ({"deputy": "audit1"}, "accounts.separation"),
        ({"who": "audit1", "role": "audit_admin"}, "accounts.separation"),
        ({"first": -1}, "organisation.absence_period"),
        ({"first": 4}, "organisation.absence_period"),
        ({"last": 200}, "organisation.absence_period"),
    ],
    ids=str,
)
def test_what_may_not_be_stood_in_for(town, raises_problem, asked, code):
    with raises_problem(code):
        _ask(town, **asked)
    assert not Absence.objects.exists()


def test_refused_or_answered_twice_gives_nobody_anything(town, raises_problem):
    row = _ask(town)
    services.settle_absence(absence=row, granted=False, by=town.who("secure1"), at=town.at)
    with raises_problem("organisation.settled_already"):
        services.settle_absence(absence=row, granted=True, by=town.who("secure1"), at=town.at)
    assert "leader" not in _holds("vice", city_date(town.at))


def test_the_matrix_changes_from_a_day_on_and_keeps_its_past(town, raises_problem):
    east = District.objects.get(code="379901")
    old = responsibility_for("379901", "water", at=town.at)
    day = city_date(town.at)
    change = {"district": east, "matter": "water", "unit": Unit.objects.get(code="east"),
              "user": town.who("second"), "sponsor": None, "by": town.who("head"), "at": town.at}  # fmt: skip
    services.put_responsibility(**change, valid_from=day + 5 * DAY)
    assert responsibility_for("379901", "water", at=town.at).user == old.user
    assert responsibility_for("379901", "water", at=town.at + 5 * DAY).user.username == "second"
    with raises_problem("organisation.matrix_later"):
        services.put_responsibility(**change, valid_from=day + 2 * DAY)
    with raises_problem("organisation.matrix_past"):
        services.put_responsibility(**change, valid_from=day - DAY)
    with raises_problem("organisation.person_elsewhere"):
        services.put_responsibility(
            **{**change, "user": town.who("duty")}, valid_from=day + 9 * DAY
        )
    assert Responsibility.objects.filter(district=east, matter="water").count() == 2


def _bring(town: Town, name: str, who: str, role: str, rows: list[dict[str, object]]):
    importer = importer_named(name, {role})
    lines = [Row(n, values) for n, values in enumerate(rows, 2)]
    given = {"by": town.who(who), "at": town.at}
    plan = importer.check(lines, **given)
    if not plan.wrong:
        importer.write(plan, **given)
    return plan


def test_units_come_as_a_table_parents_after_children_too(town, raises_problem):
    rows = [
        {"code": "s2", "name": "二中队", "kind": "squad", "parent": "b2", "district": ""},
        {"code": "b2", "name": "二大队", "kind": "brigade", "parent": "bureau", "district": ""},
    ]
    plan = _bring(town, "organisation.units", "head", "system_admin", rows)
    assert (len(plan.new), len(plan.wrong)) == (2, 0)
    assert Unit.objects.get(code="s2").path.endswith("/b2/s2/")
    assert len(_bring(town, "organisation.units", "head", "system_admin", rows).same) == 2
    rows[0]["parent"] = "nowhere"
    plan = _bring(town, "organisation.units", "head", "system_admin", rows)
    assert [f.problem.code for f in plan.wrong] == ["organisation.unknown_unit"]
    circle = [
        {"code": "c1", "name": "一", "kind": "squad", "parent": "c2", "district": ""},
        {"code": "c2", "name": "二", "kind": "squad", "parent": "c1", "district": ""},
    ]
    with raises_problem("organisation.units_in_a_circle"):
        _bring(town, "organisation.units", "head", "system_admin", circle)


def test_a_months_roster_comes_as_a_table(town):
    day = city_date(town.at)
    rows = [
        {"day": day + n * DAY, "span": span, "unit": "bureau", "officer": who, "leader": "boss"}
        for n in range(5)
        for span, who in (("day", "duty"), ("night", "head"))
    ]
    assert len(_bring(town, "organisation.duty", "head", "duty_officer", rows).new) == 10
    assert Shift.objects.count() == 10
    assert len(_bring(town, "organisation.duty", "head", "duty_officer", rows).same) == 10
    rows[0]["officer"] = "nobody"
    plan = _bring(town, "organisation.duty", "head", "duty_officer", rows)
    assert [(f.row, f.column) for f in plan.wrong] == [(2, "officer")]


def test_the_matrix_comes_as_a_table(town):
    tomorrow = city_date(town.at) + DAY
    rows = [
        {"district": "379901", "matter": "noise", "unit": "east", "person": "second",
         "sponsor": "vice", "valid_from": tomorrow},
        {"district": "379901", "matter": "water", "unit": "east", "person": "second",
         "sponsor": "", "valid_from": tomorrow},
    ]  # fmt: skip
    plan = _bring(town, "organisation.matrix", "head", "department_head", rows)
    assert (len(plan.new), len(plan.changed), len(plan.wrong)) == (1, 1, 0)
    held = Responsibility.objects.get(district="379901", matter="water", valid_to=None)
    assert (held.user.username, held.valid_from) == ("second", tomorrow)
    assert len(_bring(town, "organisation.matrix", "head", "department_head", rows).same) == 2
    rows[0] |= {"unit": "west"}
    rows[1] |= {"valid_from": tomorrow - 2 * DAY}
    plan = _bring(town, "organisation.matrix", "head", "department_head", rows)
    assert [f.problem.code for f in plan.wrong] == [
        "organisation.person_elsewhere",
        "organisation.matrix_past",
    ]


def test_the_pages_do_what_the_services_do(town, page):
    day = city_date(timezone.now())  # pages live in the city's own time
    assert "东山分局" in page("boss", "organisation").content.decode()
    assert page("boss", "unit-new").status_code == 404
    answer = page("head", "group-new", name="扬尘专班", kind="task", office=Unit.objects.get(code="bureau").pk,
                  valid_from=day.isoformat(), charter="每周一次")  # fmt: skip
    assert answer.status_code == 302
    group = Group.objects.get()
    answer = page("head", "group", group.pk, user=town.who("second").pk, part="member",
                  valid_from=day.isoformat())  # fmt: skip
    assert answer.status_code == 302
    assert "东山复核" in page("boss", "group", group.pk).content.decode()
    again = page("head", "group", group.pk, user=town.who("second").pk, part="member",
                 valid_from=day.isoformat())  # fmt: skip
    assert again.status_code == 422
    assert "已是" in again.content.decode()
    assert (
        page(
            "head", "duty", day=day.isoformat(), span="day", officer=town.who("duty").pk
        ).status_code
        == 302
    )
    shift = Shift.objects.get()
    assert page("boss", "duty-hand-over", shift.pk).status_code == 404
    assert page("duty", "duty-hand-over", shift.pk, text="无异常").status_code == 302
    assert "无异常" in page("head", "duty").content.decode()
    answer = page("boss", "absences", deputy=town.who("vice").pk, role="leader",
                  valid_from=day.isoformat(), valid_to=day.isoformat(), reason="会议")  # fmt: skip
    assert answer.status_code == 302
    row = Absence.objects.get()
    assert page("second", "absence-deed", row.pk, "grant", x=1).status_code == 404
    assert page("boss", "absence-deed", row.pk, "grant", x=1).status_code == 404
    assert page("secure1", "absence-deed", row.pk, "grant", x=1).status_code == 302
    assert "已授权" in page("vice", "absences").content.decode()
    answer = page("head", "matrix-row", "379901", "water", unit="east", user=town.who("second").pk,
                  valid_from=day.isoformat())  # fmt: skip
    assert answer.status_code == 302
    assert "东山复核" in page("boss", "matrix").content.decode()
