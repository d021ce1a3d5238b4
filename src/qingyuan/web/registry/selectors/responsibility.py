"""Who answers for what (责任矩阵)."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Q, QuerySet

from qingyuan.core.periods import city_date
from qingyuan.core.problems import Problem
from qingyuan.web.accounts.models import Unit, User
from qingyuan.web.accounts.scope import Scope
from qingyuan.web.registry.models import Responsibility

__all__ = ["responsibilities", "responsibility_for", "responsible_for"]


def responsibility_for(district_code: str, matter: str, *, at: datetime) -> Responsibility:
    """Return the row of the matrix in force: unit, person and sponsoring leader.

    Raises
    ------
    Problem
        ``registry.nobody_responsible`` when the matrix has no row for it that day.
    """
    day = city_date(at)
    row = (
        Responsibility.objects.filter(
            Q(valid_from=None) | Q(valid_from__lte=day),
            Q(valid_to=None) | Q(valid_to__gt=day),
            district_id=district_code,
            matter=matter,
        )
        .select_related("unit", "user__unit", "sponsor")
        .order_by("-pk")
        .first()
    )
    if row is None:
        raise Problem(
            "registry.nobody_responsible",
            district=district_code,
            matter=matter,
            day=day.isoformat(),
        )
    return row


def responsible_for(district_code: str, matter: str, at: datetime) -> tuple[Unit, User]:
    """Return the unit and the person who answer for *matter* in a district at an instant."""
    row = responsibility_for(district_code, matter, at=at)
    return row.unit, row.user


def responsibilities(scope: Scope, *, at: datetime) -> QuerySet[Responsibility]:
    """Return the rows of the matrix in force that a person may see."""
    day = city_date(at)
    return (
        Responsibility.objects.filter(
            Q(valid_from=None) | Q(valid_from__lte=day), Q(valid_to=None) | Q(valid_to__gt=day)
        )
        .filter(scope.by_district("district_id"))
        .select_related("district", "unit", "user", "sponsor")
        .order_by("district_id", "matter")
    )
