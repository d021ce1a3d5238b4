"""Give a case to further units, and hear from them (协办、督办)."""

from __future__ import annotations

from collections.abc import Mapping

from django.db.models import Q

from qingyuan.core.periods import city_date
from qingyuan.core.problems import Problem
from qingyuan.web.accounts.models import Unit, User
from qingyuan.web.accounts.scope import role_names
from qingyuan.web.cases.effects.assign import end_parts, handlers_of
from qingyuan.web.cases.effects.context import Doing
from qingyuan.web.cases.models import CaseClock, CasePart
from qingyuan.web.registry.models import Responsibility

__all__ = ["add_parts", "report_part", "return_part", "sign_part"]


def add_parts(doing: Doing, params: Mapping[str, str]) -> None:
    """Give the case to the units named, each with a person of its own (增列协办单位).

    Parameters
    ----------
    params : mapping
        ``field``: the field of units (``co_units``); ``role``: ``co`` or ``watch``; ``clock``: the
        limit of the procedure each part runs on by itself, started here.

    Notes
    -----
    A unit is written as its code, or ``code:username`` to name the person; else the responsibility
    matrix names one, else the first of the unit who can handle it.
    """
    given = doing.data.get(params.get("field", "co_units"))
    named = (
        [given]
        if isinstance(given, str)
        else list(given)
        if isinstance(given, list | tuple)
        else []
    )
    role = CasePart.Role(params.get("role", "co"))
    for text in dict.fromkeys(str(item) for item in named if item):
        unit, person = _unit_and_person(doing, text)
        if doing.case.parts.filter(ended_at=None, unit=unit).exists():
            raise Problem("cases.unit_has_part", unit=unit.name_zh)
        part = CasePart.objects.create(
            case=doing.case,
            round=doing.case.round,
            role=role,
            unit=unit,
            person=person,
            given_by=str(doing.by),
            given_at=doing.at,
            reason=doing.why,
        )
        if clock := params.get("clock"):
            _start(doing, part, clock)


def _start(doing: Doing, part: CasePart, name: str) -> None:
    rule = doing.case.rules.clocks[name]
    until = doing.data.get(rule.until) if rule.until else None
    CaseClock.objects.create(
        case=doing.case,
        part=part,
        round=doing.case.round,
        name=name,
        unit=rule.unit,
        length=rule.length,
        until=until,
        started_at=doing.at,
    )


def _unit_and_person(doing: Doing, text: str) -> tuple[Unit, User]:
    code, _, username = text.partition(":")
    unit = Unit.objects.filter(code=code).first()
    if unit is None:
        raise Problem("cases.nobody_there", unit=code, person=username or "—")
    day = city_date(doing.at)
    handlers = handlers_of(doing.case.rules)
    if username:
        person = User.objects.filter(username=username, is_active=True).first()
        if person is None or not person.unit.path.startswith(unit.path):
            raise Problem("cases.person_elsewhere", unit=unit.name_zh, person=username)
        if handlers and not handlers & role_names(person, on=day):
            raise Problem("cases.person_cannot_handle", person=person.name)
        return unit, person
    rows = Responsibility.objects.filter(
        Q(valid_from=None) | Q(valid_from__lte=day),
        Q(valid_to=None) | Q(valid_to__gt=day),
        unit=unit,
        user__is_active=True,
    ).select_related("user__unit")
    for row in sorted(
        rows,
        key=lambda r: (
            r.district_id != doing.case.district_id,
            r.matter != doing.case.matter,
            r.pk,
        ),
    ):
        return unit, row.user
    inside = User.objects.filter(
        unit__path__startswith=unit.path, is_active=True, enterprise_code=""
    ).order_by("unit__path", "username")
    for person in inside.prefetch_related("grants"):
        if not handlers or handlers & role_names(person, on=day):
            return unit, person
    raise Problem("cases.unit_without_person", unit=unit.name_zh)


def _own(doing: Doing, *roles: CasePart.Role) -> CasePart:
    """Return the open part of the person acting: their own by name, else their unit's."""
    units = [part for part in doing.by.unit.path.split("/") if part]
    mine = doing.case.parts.filter(ended_at=None, unit__code__in=units, role__in=roles)
    found = sorted(
        mine.select_related("unit"), key=lambda p: (p.person_id != doing.by.pk, -len(p.unit.path))
    )
    if not found:
        raise Problem("cases.no_part", person=doing.by.name)
    return found[0]


def sign_part(doing: Doing, params: Mapping[str, str]) -> None:
    """Note that the unit has received its part (签收)."""
    part = _own(doing, CasePart.Role.LEAD, CasePart.Role.CO)
    if part.state == CasePart.State.GIVEN:
        part.state, part.signed_at = CasePart.State.SIGNED, doing.at
        part.save(update_fields=["state", "signed_at"])


def report_part(doing: Doing, params: Mapping[str, str]) -> None:
    """Take the unit's report (反馈); its own clock stops."""
    part = _own(doing, CasePart.Role.LEAD, CasePart.Role.CO)
    part.state, part.reported_at = CasePart.State.REPORTED, doing.at
    part.signed_at = part.signed_at or doing.at
    part.report = (doing.text("report") or doing.why)[:1000]
    part.save(update_fields=["state", "reported_at", "signed_at", "report"])
    part.clocks.filter(stopped_at=None).update(stopped_at=doing.at)


def return_part(doing: Doing, params: Mapping[str, str]) -> None:
    """Give a part back: the unit its part, with a reason; or a report to the units named (退回).

    Whose report goes back is in the field ``co_unit`` or ``co_units``; without one the part is the
    acting unit's own as a co-unit, and ends. The lead gives the case itself back
    (`release_responsible`): a case whose lead's part had ended alone would belong to nobody.
    """
    given = doing.data.get("co_unit") or doing.data.get("co_units")
    if not given:
        part = _own(doing, CasePart.Role.CO)
        part.state, part.reported_at = CasePart.State.RETURNED, None
        part.returned_at, part.return_reason = doing.at, doing.why
        part.save(update_fields=["state", "reported_at", "returned_at", "return_reason"])
        end_parts(doing, pk=part.pk)
        return
    codes = (
        [given]
        if isinstance(given, str)
        else list(given)
        if isinstance(given, list | tuple)
        else []
    )
    back = doing.case.parts.filter(
        ended_at=None, unit__code__in=codes, state=CasePart.State.REPORTED
    )
    if back.count() != len(codes):
        raise Problem("cases.nothing_reported", units="、".join(map(str, codes)))
    back.update(
        state=CasePart.State.SIGNED,
        reported_at=None,
        returned_at=doing.at,
        return_reason=doing.why,
    )
