"""Objects of the organisation: a unit, a group, a shift and an absence of every person."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from qingyuan.core.periods import city_date
from qingyuan.web.accounts.models import Unit, User
from qingyuan.web.cases.models import CalendarChange
from qingyuan.web.organisation.models import Absence, Group, HandOver, Membership, Shift

ROUTES_WITHOUT_OBJECTS = {
    "organisation", "unit-new", "person-new", "matrix", "groups", "group-new", "duty", "absences", "calendar",
}  # fmt: skip
# a shift of somebody else; granting is the security administrator's
ALSO = {"duty-hand-over": {404}, "absence-deed": {404}}


def build(world: Any) -> None:
    """Give everybody a shift of their own, one of which was handed over, and an absence."""
    at, day = world.town.at, city_date(world.town.at)
    bureau = Unit.objects.get(code="bureau")
    group = Group.objects.create(
        name="专班", kind="task", office=bureau, valid_from=day, made_by="测试", made_at=at
    )
    people = list(User.objects.order_by("username"))
    for n, user in enumerate(people):
        shift = Shift.objects.create(
            day=day + timedelta(days=n),
            span="day",
            unit=bureau,
            officer=user,
            put_by="测试",
            put_at=at,
        )
        if n == 0:
            HandOver.objects.create(shift=shift, text="无", given_by=user, given_at=at)
    Membership.objects.create(
        group=group, user=people[0], part="member", home=bureau, valid_from=day,
        added_by="测试", added_at=at,
    )  # fmt: skip
    CalendarChange.objects.create(
        year=2026, start=day, end=day, kind="makeup", name="调休", notice="测试", entered_by="测试",
        entered_at=at,
    )  # fmt: skip
    Absence.objects.create(
        user=world.user("boss"), deputy=world.user("vice"), role="leader", valid_from=day,
        valid_to=day, reason="会议", asked_at=at,
    )  # fmt: skip


def examples(world: Any, side: Any, user: User) -> dict[str, list[tuple[object, ...]]]:
    """Name them."""
    group, absence = Group.objects.get().pk, Absence.objects.get().pk
    district = {"east": "379901", "west": "379902"}[side.name]
    return {
        "unit": [("team",)],
        "matrix-row": [(district, "water")],
        "group": [(group,)],
        "group-edit": [(group,)],
        "member-end": [(Membership.objects.get().pk,)],
        "calendar-withdraw": [(CalendarChange.objects.get().pk,)],
        "duty-hand-over": [(Shift.objects.get(officer=user).pk,)],
        "duty-take-over": [(HandOver.objects.get().pk,)],
        "absence-deed": [(absence, "refuse")],
    }
