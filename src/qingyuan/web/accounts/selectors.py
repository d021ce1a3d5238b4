"""Questions about people and units."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from django.db.models import Q, QuerySet

from qingyuan.web.accounts.models import RoleGrant, Unit, User
from qingyuan.web.accounts.scope import Scope

__all__ = ["demo_people", "holders_of", "people", "people_of_enterprise", "people_visible", "units"]


def units() -> QuerySet[Unit]:
    """Return the organisation tree in reading order."""
    return Unit.objects.select_related("parent").order_by("path")


def people() -> QuerySet[User]:
    """Return every account with unit and grants."""
    return (
        User.objects.select_related("unit")
        .prefetch_related("grants")
        .order_by("unit__path", "username")
    )


def people_visible(scope: Scope, *, text: str = "") -> QuerySet[User]:
    """Return the colleagues one may name: all for the city, the subtree for a district."""
    found = people().filter(is_active=True, enterprise_code="")
    if not scope.city:
        found = found.filter(unit__path__startswith=scope.unit_path or "none")
    return (
        found.filter(Q(name__icontains=text) | Q(unit__name_zh__icontains=text)) if text else found
    )


def holders_of(
    role: str, *, on: date, units_under: Iterable[str] = (), district: str | None = None
) -> list[User]:
    """Return the active people who hold *role* on a day, optionally under some unit paths.

    With *district*, only those who may see that district: a role held in a branch reaches no
    further than the branch, and a message must not say what its reader may not read.
    """
    grants = RoleGrant.objects.filter(
        Q(valid_to=None) | Q(valid_to__gte=on), role=role, valid_from__lte=on, user__is_active=True
    )
    under = Q()
    for path in units_under:
        under |= Q(user__unit__path__startswith=path)
    if district is not None:
        under &= Q(user__unit__district_code__in=["", district])
    return [
        g.user for g in grants.filter(under).select_related("user__unit").order_by("user__username")
    ]


def people_of_enterprise(code: str) -> QuerySet[User]:
    """Return the active accounts of one enterprise."""
    return User.objects.filter(enterprise_code=code, is_active=True).order_by("username")


def demo_people() -> QuerySet[User]:
    """Return the people the demo's sign-in page offers, by unit."""
    return people().filter(is_active=True)
