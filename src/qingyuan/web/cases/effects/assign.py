"""Make a unit and a person responsible, or release them (交办、改派、退回)."""

from __future__ import annotations

from collections.abc import Mapping

from qingyuan.core.periods import city_date
from qingyuan.core.problems import Problem
from qingyuan.web.accounts.models import Unit, User
from qingyuan.web.accounts.scope import role_names
from qingyuan.web.cases.effects.context import Doing
from qingyuan.web.cases.models import Assignment

__all__ = ["assign_responsible", "release_responsible"]


def _named(doing: Doing) -> tuple[Unit, User]:
    """Return the unit and person named, who must belong together and be able to handle it."""
    unit = Unit.objects.filter(code=str(doing.data["unit"])).first()
    person = (
        User.objects.filter(username=str(doing.data["person"]), is_active=True)
        .select_related("unit")
        .first()
    )
    if unit is None or person is None:
        raise Problem("cases.nobody_there", unit=doing.data["unit"], person=doing.data["person"])
    if not person.unit.path.startswith(unit.path):
        raise Problem("cases.person_elsewhere", unit=unit.name_zh, person=person.name)
    handlers = {
        role
        for deed in doing.case.rules.deeds.values()
        if "responsible_unit" in deed.ties or "responsible_person" in deed.ties
        for role in deed.roles
    }
    if handlers and not handlers & role_names(person, on=city_date(doing.at)):
        raise Problem("cases.person_cannot_handle", person=person.name)
    return unit, person


def assign_responsible(doing: Doing, params: Mapping[str, str]) -> None:
    """Write who is responsible now; an earlier assignment ends."""
    unit, person = _named(doing)
    _end(doing)
    Assignment.objects.create(
        case=doing.case,
        round=doing.case.round,
        unit=unit,
        person=person,
        assigned_by=str(doing.by),
        assigned_at=doing.at,
        reason=doing.why,
    )
    doing.case.unit, doing.case.person, doing.case.assigned_at = unit, person, doing.at


def release_responsible(doing: Doing, params: Mapping[str, str]) -> None:
    """End the assignment; nobody is responsible until the coordinator names somebody."""
    _end(doing)
    doing.case.unit = doing.case.person = None


def _end(doing: Doing) -> None:
    Assignment.objects.filter(case=doing.case, released_at=None).update(
        released_by=str(doing.by), released_at=doing.at
    )
