"""A city's own duties: dated, audited, and what is routed goes by the day of the deed."""

from __future__ import annotations

from datetime import timedelta

from django.urls import reverse

from dusty_town import a_patch, seat_departments, square
from qingyuan.core.periods import city_date
from qingyuan.web.audit.models import Entry
from qingyuan.web.dust import selectors, services
from qingyuan.web.dust.models import DutyChange, Lead
from qingyuan.web.dust.tables import shipped_duties


def _parts(kind, on):
    return [(d.department, d.part) for d in selectors.duties(on=on) if d.kind == kind]


def _change(town, **more):
    given = {
        "kind": "haul_road", "lead": "traffic_police", "helping": ["enforcement", "housing"],
        "basis": "扬尘办〔2026〕3 号", "valid_from": city_date(town.at) + timedelta(days=10),
        "by": town.who("head"), "at": town.at, **more,
    }  # fmt: skip
    return services.put_duty(**given)


def test_until_a_city_decides_the_shipped_table_holds(town):
    on = city_date(town.at)
    assert sorted(selectors.duties(on=on), key=str) == sorted(shipped_duties(on=on), key=str)


def test_a_change_holds_from_its_day_and_the_shipped_table_before_it_and_after(town):
    on = city_date(town.at)
    _change(town)
    _change(town, lead="", helping=[], basis="撤销", valid_from=on + timedelta(days=20))
    shipped = [("enforcement", "lead"), ("traffic_police", "co")]
    decided = [("traffic_police", "lead"), ("housing", "co"), ("enforcement", "co")]
    days = {0: shipped, 9: shipped, 10: decided, 19: decided, 20: shipped}
    assert {n: _parts("haul_road", on + timedelta(days=n)) for n in days} == days
    told = Entry.objects.filter(deed="dust.duty").order_by("pk")
    assert [row.detail["lead"] for row in told] == ["traffic_police", ""]
    assert told[1].detail["before"] == {
        "lead": "traffic_police",
        "helping": ["housing", "enforcement"],
    }
    assert {row.actor_label for row in told} == {told[0].actor_label}


def test_what_is_refused_changes_nothing(town, raises_problem):
    _change(town)
    on = city_date(town.at)
    for code, more in (
        ("dust.duty_basis", {"basis": "  "}),
        ("dust.duty_nobody", {"lead": ""}),
        ("dust.duty_twice", {"helping": ["traffic_police"]}),
        ("dust.duty_period", {"lead": "city", "valid_from": on}),
        ("dust.duty_same", {"valid_from": on + timedelta(days=30)}),
    ):
        with raises_problem(code):
            _change(town, **more)
    assert DutyChange.objects.count() == Entry.objects.filter(deed="dust.duty").count() == 1


def test_a_patch_and_a_task_go_by_the_duties_of_their_own_day(town, enter):
    seat_departments(town)
    _change(town, kind="construction", lead="enforcement", helping=["traffic_police"])
    made = {}
    for n, days in enumerate((0, 10)):
        at = town.at + timedelta(days=days)
        code = a_patch(town, f"TB-{n}", shape=square(120.3 + n / 50, 36.3)).code
        services.check_lead(
            Lead.objects.get(code=code), true=True, finding="属实", by=town.who("head"), at=at
        )
        made[days] = services.lead_to_site(
            Lead.objects.get(code=code), name=code, by=town.who("head"), at=at
        )
    assert {n: row.department for n, row in made.items()} == {0: "housing", 10: "enforcement"}
    on = city_date(town.at)
    whom = [selectors.routing("construction", "379901", on=on + timedelta(days=n)) for n in (0, 10)]
    assert [w.lead.unit.code for w in whom] == ["zj", "zhzf"]
    assert [[s.unit.code for s in w.helping] for w in whom] == [["zhzf"], ["jj"]]
    assert selectors.routing("port", "379901", on=on).unseated == ["transport"]


def test_only_the_head_changes_duties_on_the_page(town, enter):
    given = {
        "kind": "port",
        "lead": "water",
        "helping": ["housing"],
        "basis": "纪要",
        "valid_from": "2026-09-01",
    }
    address = reverse("dust-duty")
    assert enter("east1").post(address, given).status_code == 404
    head = enter("head")
    assert head.post(address, {**given, "basis": ""}).status_code == 422
    assert head.post(address, given).status_code == 302
    page = head.get(reverse("dust-departments")).content.decode()
    assert "分工调整记录" in page
    assert "自 2026-09-01" in page
    assert (
        "恢复随程序发布的职责表"
        not in enter("duty").get(reverse("dust-departments")).content.decode()
    )
