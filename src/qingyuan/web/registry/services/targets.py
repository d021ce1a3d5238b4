"""Set a target (下达目标): of a section or of a district's or station's year; the earlier ones stay."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

from django.db import transaction

from qingyuan.core.problems import Problem
from qingyuan.web.accounts.models import User
from qingyuan.web.audit import services as audit
from qingyuan.web.audit.services import Actor
from qingyuan.web.registry.models import AirStation, AirTarget, District, Section, SectionTarget

__all__ = ["set_air_target", "set_section_target"]


@transaction.atomic
def set_air_target(
    *,
    district: District | None,
    station: AirStation | None,
    year: int,
    item: str,
    value: Decimal,
    valid_from: date,
    basis: str,
    by: User,
    at: datetime,
) -> AirTarget:
    """Set what a year's air must reach, from a day on; of the whole city without a place.

    Raises
    ------
    Problem
        ``registry.target_value`` for a value that cannot be one, ``registry.target_day`` for a day
        outside the year.
    """
    highest = Decimal(100 if item == AirTarget.Item.GOOD else 1000)
    if not 0 < value <= highest:
        raise Problem("registry.target_value", given=value, highest=highest)
    if valid_from.year != year:
        raise Problem("registry.target_day", given=valid_from, year=year)
    row, is_new = AirTarget.objects.update_or_create(
        district=district, station=station, year=year, item=item, valid_from=valid_from,
        defaults={"value": value, "basis": basis, "set_by": str(by), "set_at": at},
    )  # fmt: skip
    place = station.station if station else f"district:{district.code}" if district else "city"
    audit.record(
        actor=Actor.of(by),
        deed="registry.set_air_target",
        target=place,
        at=at,
        clause=basis,
        detail={
            "year": year, "item": item, "value": value, "from": valid_from, "again": not is_new,
        },
    )  # fmt: skip
    return row


@transaction.atomic
def set_section_target(
    *,
    section: Section,
    target_class: str,
    valid_from: date,
    basis: str,
    by: User,
    at: datetime,
) -> SectionTarget:
    """Set the class a section must keep from a day on (水质目标)."""
    row, is_new = SectionTarget.objects.update_or_create(
        section=section, valid_from=valid_from, defaults={"target_class": target_class}
    )
    audit.record(
        actor=Actor.of(by),
        deed="registry.set_section_target",
        target=section.station,
        at=at,
        clause=basis,
        detail={"class": target_class, "from": valid_from, "again": not is_new},
    )
    return row
