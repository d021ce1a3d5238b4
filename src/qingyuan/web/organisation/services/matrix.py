"""Change who answers for what from a day on (责任矩阵)."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime

from django.db import transaction

from qingyuan.core.periods import city_date
from qingyuan.core.problems import Problem
from qingyuan.web.accounts.models import Unit, User
from qingyuan.web.audit import services as audit
from qingyuan.web.audit.services import Actor
from qingyuan.web.registry.models import District, Responsibility

__all__ = ["check_responsibility", "in_force", "put_responsibility"]


def check_responsibility(*, unit: Unit, user: User, valid_from: date, at: datetime) -> None:
    """Refuse a person from elsewhere, and a day that is past.

    Raises
    ------
    Problem
        ``organisation.person_elsewhere`` when the person does not sit in the unit or below;
        ``organisation.matrix_past`` when the day is past.
    """
    if not user.unit.path.startswith(unit.path):
        raise Problem("organisation.person_elsewhere", user=user.name, unit=unit.name_zh)
    if valid_from < city_date(at):
        raise Problem("organisation.matrix_past", given=valid_from.isoformat())


def in_force(places: Collection[tuple[str, str]]) -> list[Responsibility]:
    """Return the rows without an end of these (district, matter)."""
    rows = Responsibility.objects.filter(
        valid_to=None, district__in={district for district, _ in places}
    ).select_related("unit", "user", "sponsor")
    return [row for row in rows if (row.district_id, row.matter) in places]


@transaction.atomic
def put_responsibility(
    *,
    district: District,
    matter: str,
    unit: Unit,
    user: User,
    sponsor: User | None,
    valid_from: date,
    by: User,
    at: datetime,
) -> Responsibility:
    """Close the row in force and open the next; cases already handed out stay where they are.

    Raises
    ------
    Problem
        As `check_responsibility`; ``organisation.matrix_later`` when the row in force starts later.
    """
    check_responsibility(unit=unit, user=user, valid_from=valid_from, at=at)
    old = (
        Responsibility.objects.select_for_update()
        .filter(district=district, matter=matter, valid_to=None)
        .first()
    )
    if old and old.valid_from and old.valid_from > valid_from:
        raise Problem("organisation.matrix_later", given=old.valid_from.isoformat())
    if old:
        old.valid_to = valid_from
        old.save(update_fields=["valid_to"])
    made = Responsibility.objects.create(
        district=district, matter=matter, unit=unit, user=user, sponsor=sponsor,
        valid_from=valid_from,
    )  # fmt: skip
    audit.record(
        actor=Actor.of(by), deed="organisation.responsibility",
        target=f"matrix:{district.code}/{matter}", at=at, clause="R016",
        detail={"unit": unit.code, "user": user.username, "from": str(valid_from),
                "before": old.user.username if old else ""},
    )  # fmt: skip
    return made
