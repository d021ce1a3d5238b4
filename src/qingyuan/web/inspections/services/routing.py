"""Whom an item goes to (分办): the units the list names, else the responsibility matrix."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType

from django.db.models import Q

from qingyuan.core.periods import city_date
from qingyuan.core.problems import Problem
from qingyuan.web.accounts.models import Unit, User
from qingyuan.web.accounts.scope import role_names
from qingyuan.web.cases.services.assign import matrix_row
from qingyuan.web.inspections.models import Item
from qingyuan.web.registry.models import District, Responsibility
from qingyuan.web.registry.selectors import responsibility_for

__all__ = ["MATTER_OF", "Proposal", "named_units", "propose"]

# 污染类型 → 责任矩阵的事项
MATTER_OF: Mapping[str, str] = MappingProxyType(
    {
        "water": "water", "marine": "water", "air": "air", "noise": "noise", "soil": "soil",
        "ecology": "ecology", "waste": "solid_waste", "radiation": "other", "other": "other",
    }
)  # fmt: skip
_HANDLERS = frozenset({"district_officer", "department_head"})


@dataclass(frozen=True, slots=True)
class Proposal:
    """Whom an item would go to: the lead with a person, the other units; or why to nobody."""

    item: Item
    unit: Unit | None = None
    person: User | None = None
    others: tuple[Unit, ...] = ()
    problem: Problem | None = None


def named_units(text: str) -> tuple[list[Unit], list[str]]:
    """Return the units a cell names (甲局、乙区) and the names no unit bears.

    A district's name stands for its branch: the unit whose district it is, highest in the tree.
    """
    found: list[Unit] = []
    unknown: list[str] = []
    for name in filter(
        None, (n.strip() for n in text.replace("，", "、").replace("；", "、").split("、"))
    ):
        unit = Unit.objects.filter(Q(name_zh=name) | Q(code=name)).order_by(
            "path"
        ).first() or _of_district(name)
        if unit is None:
            unknown.append(name)
        elif unit not in found:
            found.append(unit)
    return found, unknown


def _of_district(name: str) -> Unit | None:
    district = District.objects.filter(name_zh=name).first()
    if district is None:
        return None
    branches = Unit.objects.filter(district_code=district.code)
    return branches.order_by("path").first()


def propose(item: Item, *, at: datetime) -> Proposal:
    """Say whom *item* would go to now."""
    units = [u for u in map(_unit, item.units) if u]
    try:
        if not units:
            return _by_matrix(item, at=at)
        return Proposal(item, units[0], _person(units[0], item, at=at), tuple(units[1:]))
    except Problem as problem:
        return Proposal(item, problem=problem)


def _unit(code: str) -> Unit | None:
    return Unit.objects.filter(code=code).first()


def _by_matrix(item: Item, *, at: datetime) -> Proposal:
    case = item.case
    kinds = case.types.order_by("pk").values_list("type", flat=True)
    matters = dict.fromkeys([MATTER_OF[t] for t in kinds] or [case.matter])
    known = [matrix_row(case.district_id, matter, at=at) for matter in matters]
    rows = [row for row in known if row]
    if not rows:  # let the registry say which row it lacks
        responsibility_for(case.district_id, next(iter(matters)), at=at)
    others = tuple(dict.fromkeys(r.unit for r in rows if r.unit_id != rows[0].unit_id))
    return Proposal(item, rows[0].unit, rows[0].user, others)


def _person(unit: Unit, item: Item, *, at: datetime) -> User:
    """Return who answers for *unit*: as the matrix says, else the first who can handle a case."""
    day = city_date(at)
    rows = Responsibility.objects.filter(
        Q(valid_from=None) | Q(valid_from__lte=day),
        Q(valid_to=None) | Q(valid_to__gt=day),
        unit=unit,
        user__is_active=True,
    ).select_related("user__unit")
    case = item.case
    for row in sorted(
        rows, key=lambda r: (r.district_id != case.district_id, r.matter != case.matter, r.pk)
    ):
        return row.user
    inside = User.objects.filter(
        unit__path__startswith=unit.path, is_active=True, enterprise_code=""
    )
    for person in inside.order_by("unit__path", "username").prefetch_related("grants"):
        if _HANDLERS & role_names(person, on=day):
            return person
    raise Problem("inspections.unit_without_person", unit=unit.name_zh)
