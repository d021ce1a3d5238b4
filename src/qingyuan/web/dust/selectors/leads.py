"""Leads as a person may see them, and how many there are where (线索)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from django.db.models import QuerySet

from qingyuan.web.accounts.scope import Scope
from qingyuan.web.dust.models import Lead
from qingyuan.web.dust.selectors.duties import duties
from qingyuan.web.dust.tables import departments
from qingyuan.web.registry import selectors as registry

__all__ = [
    "LEAD_FILTERS",
    "LeadCount",
    "lead_counts",
    "lead_of",
    "leads",
    "leads_geojson",
    "leads_narrowed",
]

LEAD_FILTERS = ("text", "district", "kind", "seen_by", "state", "repeat")


@dataclass(frozen=True, slots=True)
class LeadCount:
    """Leads of one district or department: all, waiting, true, untrue, became a site, a case."""

    code: str
    name: str
    whole: int
    waiting: int
    true: int
    false: int
    sites: int
    cases: int


def leads(scope: Scope) -> QuerySet[Lead]:
    """Return the leads a person may see, the newest image first."""
    found = Lead.objects.select_related("district", "site", "case", "duplicate_of", "checked_by")
    if not scope.staff:
        return found.none()
    return found.filter(scope.by_district("district_id")).order_by("-taken_on", "code")


def lead_of(scope: Scope, code: str) -> Lead | None:
    """Return one lead; None out of scope and for none alike."""
    return leads(scope).filter(code=code).first()


def leads_narrowed(found: QuerySet[Lead], given: Mapping[str, str]) -> QuerySet[Lead]:
    """Narrow leads by code, district, kind, means, state, and whether they repeat an earlier one."""
    if text := given.get("text", "").strip():
        found = found.filter(code__icontains=text)
    for name in ("kind", "seen_by", "state"):
        if given.get(name):
            found = found.filter(**{name: given[name]})
    if given.get("district"):
        found = found.filter(district_id=given["district"])
    if given.get("repeat") == "first":
        found = found.filter(duplicate_of=None)
    elif given.get("repeat") == "again":
        found = found.exclude(duplicate_of=None)
    return found


def lead_counts(scope: Scope, *, on: date) -> tuple[list[LeadCount], list[LeadCount]]:
    """Return the counts by district and by department that leads on the kind.

    A patch seen again in a later month counts once.
    """
    rows = list(
        leads(scope)
        .filter(duplicate_of=None)
        .order_by()
        .values_list("district_id", "kind", "state", "site_id", "case_id")
    )
    leading = {d.kind: d.department for d in duties(on=on) if d.part == "lead"}
    by_district = {d.code: d.name for d in registry.districts(scope)}
    by_department = {d.code: d.short for d in departments().values()}
    return (
        _counted(rows, by_district, lambda row: row[0]),
        _counted(rows, by_department, lambda row: leading[row[1]]),
    )


def _counted(rows, names, key) -> list[LeadCount]:  # type: ignore[no-untyped-def]  # rows as the database gives them
    held: dict[str, Counter[str]] = {}
    for row in rows:
        box = held.setdefault(key(row), Counter())
        box["whole"] += 1
        box[row[2]] += 1
        box["sites"] += row[3] is not None
        box["cases"] += row[4] is not None
    return [
        LeadCount(
            code, name, held[code]["whole"], held[code]["new"], held[code]["true"],
            held[code]["false"], held[code]["sites"], held[code]["cases"],
        )
        for code, name in names.items()
        if code in held
    ]  # fmt: skip


def leads_geojson(scope: Scope) -> dict[str, object]:
    """Return the patches that were not found untrue, each ground once, with units in the payload."""
    features = [
        registry.shape_feature(
            row,
            "dust-lead",
            row.name,
            lead_state=row.state,
            taken_on=row.taken_on.isoformat(),
            district_code=row.district_id,
            area_m2=row.area_m2,
        )
        for row in leads(scope).filter(duplicate_of=None).exclude(state=Lead.State.FALSE)
    ]
    return registry.collection(features, units={"area_m2": "m²"})
