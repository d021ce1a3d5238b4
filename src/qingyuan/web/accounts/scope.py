"""Scope (可见范围): which part of the city a person may see.

Rows are visible by subtree + assignment + watch list (requirements R228; cases.md §7). A selector
takes the user first and narrows its rows by what is said here; a page then cannot show what a list
would not hold.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from django.db.models import Q

from qingyuan.web.accounts.models import Unit, User
from qingyuan.web.accounts.roles import roles

__all__ = ["Scope", "role_names", "scope_of"]


@dataclass(frozen=True, slots=True)
class Scope:
    """What one person may see (可见范围).

    Attributes
    ----------
    user_id : int
    roles : frozenset of str
        Roles in force today.
    city : bool
        Sees every district.
    unit_path : str
        Path of the own unit; ``""`` when nothing is seen by subtree.
    districts : frozenset of str
        District codes of the subtree; empty when `city` (all) or nothing.
    enterprise_code : str
        The one enterprise an enterprise account sees; ``""`` otherwise.
    watched : frozenset of (kind, ref)
        What is followed besides.
    """

    user_id: int
    roles: frozenset[str]
    city: bool = False
    unit_path: str = ""
    districts: frozenset[str] = frozenset()
    enterprise_code: str = ""
    watched: frozenset[tuple[str, str]] = field(default_factory=frozenset)

    @property
    def staff(self) -> bool:
        """Whether the person handles the bureau's business."""
        return any(roles()[name].separation == "business" for name in self.roles)

    def by_district(self, name: str) -> Q:
        """Return the filter on a district-code column *name*; nothing for who sees no business."""
        if self.city:
            return ~Q(pk__in=[])  # every row, also when or-ed with another condition
        return Q(**{f"{name}__in": sorted(self.districts)})

    def watched_refs(self, kind: str) -> list[str]:
        """Return the followed references of one kind."""
        return sorted(ref for k, ref in self.watched if k == kind)


def role_names(user: User, *, on: date) -> frozenset[str]:
    """Return the roles a person holds on a day."""
    cached: dict[date, frozenset[str]] = user.__dict__.setdefault("_roles_on", {})
    if on not in cached:
        cached[on] = frozenset(g.role for g in user.grants.all() if g.holds(on))
    return cached[on]


def scope_of(user: User, *, on: date) -> Scope:
    """Return what *user* may see on a day; computed once per request object."""
    cached: dict[date, Scope] = user.__dict__.setdefault("_scope_on", {})
    if on in cached:
        return cached[on]
    names = role_names(user, on=on)
    reach = {roles()[name].scope for name in names}
    # A role that reaches the whole city does so from a seat at the bureau; in a branch it reaches
    # the branch (市局—分局—镇街, R228).
    city = "city" in reach and not user.unit.district_code
    path = user.unit.path if reach & {"subtree", "city"} and not city else ""
    districts = (
        Unit.objects.filter(path__startswith=path)
        .exclude(district_code="")
        .values_list("district_code", flat=True)
        if path
        else ()
    )
    cached[on] = Scope(
        user_id=user.pk,
        roles=names,
        city=city,
        unit_path=path,
        districts=frozenset(districts),
        enterprise_code=user.enterprise_code if "enterprise" in reach else "",
        watched=frozenset(user.watches.values_list("kind", "ref")),
    )
    return cached[on]
