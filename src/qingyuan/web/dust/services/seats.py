"""Seats of departments: who sits, from a day on (部门席位)."""

from __future__ import annotations

from datetime import date, datetime

from django.db import transaction

from qingyuan.core.problems import Problem
from qingyuan.web.accounts.models import Unit, User
from qingyuan.web.audit import services as audit
from qingyuan.web.audit.services import Actor
from qingyuan.web.dust.models import Seat
from qingyuan.web.registry.models import District

__all__ = ["put_seat"]


@transaction.atomic
def put_seat(
    *,
    department: str,
    unit: Unit,
    person: User,
    district: District | None = None,
    valid_from: date,
    by: User,
    at: datetime,
) -> Seat:
    """Seat a unit and person for a department from a day on; who sat before ends that day.

    Raises
    ------
    Problem
        ``dust.person_elsewhere``, ``dust.seat_period``.
    """
    if not person.unit.path.startswith(unit.path):
        raise Problem("dust.person_elsewhere", person=person.name, unit=unit.name_zh)
    held = (
        Seat.objects.select_for_update(of=("self",))
        .filter(department=department, district=district, valid_to=None)
        .first()
    )
    if held is not None and held.valid_from > valid_from:
        raise Problem("dust.seat_period", since=held.valid_from)
    if held is not None:
        held.valid_to = valid_from
        held.save(update_fields=["valid_to"])
    made = Seat.objects.create(
        department=department, district=district, unit=unit, person=person, valid_from=valid_from
    )
    audit.record(
        actor=Actor.of(by),
        deed="dust.seat",
        target=f"dust_seat:{department}",
        at=at,
        clause="部门各自把口",
        detail={
            "district": district.code if district else "",
            "unit": unit.code,
            "person": person.username,
            "from": valid_from.isoformat(),
        },
    )
    return made
