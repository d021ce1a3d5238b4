"""Make a unit and a person responsible, or release them (交办、改派、退回)."""

from __future__ import annotations

from collections.abc import Mapping

from qingyuan import casework
from qingyuan.core.periods import city_date
from qingyuan.core.problems import Problem
from qingyuan.web.accounts.models import Unit, User
from qingyuan.web.accounts.scope import role_names
from qingyuan.web.cases.effects.context import Doing
from qingyuan.web.cases.models import CasePart

__all__ = ["assign_responsible", "end_parts", "handlers_of", "release_responsible"]


def handlers_of(rules: casework.Procedure) -> set[str]:
    """Return the roles that can handle a case of this procedure."""
    ties = {"responsible_unit", "responsible_person", "part_unit"}
    return {role for deed in rules.deeds.values() if ties & set(deed.ties) for role in deed.roles}


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
    handlers = handlers_of(doing.case.rules)
    if handlers and not handlers & role_names(person, on=city_date(doing.at)):
        raise Problem("cases.person_cannot_handle", person=person.name)
    return unit, person


def assign_responsible(doing: Doing, params: Mapping[str, str]) -> None:
    """Write who is responsible now; an earlier lead, or another part of the same unit, ends."""
    unit, person = _named(doing)
    end_parts(doing, role=CasePart.Role.LEAD)
    end_parts(doing, unit=unit)
    CasePart.objects.create(
        case=doing.case,
        round=doing.case.round,
        role=CasePart.Role.LEAD,
        unit=unit,
        person=person,
        given_by=str(doing.by),
        given_at=doing.at,
        reason=doing.why,
    )
    case = doing.case
    case.unit, case.person, case.assigned_at = unit, person, doing.at
    case.signed_at = case.acted_at = None


def release_responsible(doing: Doing, params: Mapping[str, str]) -> None:
    """End the lead's part; nobody is responsible until the coordinator names somebody.

    When the unit itself gave the case back, its part says so, with the reason (退回).
    """
    lead = doing.case.parts.filter(ended_at=None, role=CasePart.Role.LEAD)
    if doing.case.unit and doing.by.unit.path.startswith(doing.case.unit.path):
        lead.update(state=CasePart.State.RETURNED, returned_at=doing.at, return_reason=doing.why)
    end_parts(doing, role=CasePart.Role.LEAD)
    doing.case.unit = doing.case.person = None
    doing.case.signed_at = doing.case.acted_at = None


def end_parts(doing: Doing, **which: object) -> None:
    """End the open parts that fit, and the clocks they run on."""
    ending = doing.case.parts.filter(ended_at=None, **which)
    doing.case.clocks.filter(part__in=ending, stopped_at=None).update(stopped_at=doing.at)
    ending.update(ended_by=str(doing.by), ended_at=doing.at)
