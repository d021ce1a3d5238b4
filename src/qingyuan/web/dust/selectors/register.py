"""The register as a person may see it: the list narrowed, one site with its history (台账)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from django.db.models import Count, Q, QuerySet

from qingyuan.web.accounts.scope import Scope
from qingyuan.web.cases import selectors as cases
from qingyuan.web.cases.models import Case
from qingyuan.web.dust.models import RECORD_FIELDS, Check, Seat, SiteRecord, Visit
from qingyuan.web.dust.tables import departments, measures
from qingyuan.web.registry import selectors as registry

__all__ = [
    "FILTERS",
    "MeasureNow",
    "cases_of",
    "counts",
    "district_counts",
    "history",
    "measures_now",
    "narrowed",
    "record_of",
    "records",
    "seat_of",
    "seats",
    "sites_geojson",
]

FILTERS = ("text", "district", "kind", "department", "state", "stage")


@dataclass(frozen=True, slots=True)
class MeasureNow:
    """One of the six measures on a site, as the last visit found it; nothing before a visit."""

    name: str
    clause: str
    mark: str
    check: Check | None


def records(scope: Scope) -> QuerySet[SiteRecord]:
    """Return the records in force a person may see: of the own districts, or kept by the own unit."""
    found = SiteRecord.objects.filter(valid_to=None).select_related("district", "unit", "person")
    if not scope.staff:
        return found.none()
    seen = scope.by_district("district_id")
    if scope.unit_path:
        seen |= Q(unit__path__startswith=scope.unit_path)
    return found.filter(seen).order_by("sort_key", "site_id")


def record_of(scope: Scope, code: str) -> SiteRecord | None:
    """Return one site's record in force; None out of scope and for none alike."""
    return records(scope).filter(site_id=code).first()


def narrowed(found: QuerySet[SiteRecord], given: Mapping[str, str]) -> QuerySet[SiteRecord]:
    """Narrow the register by words and by what its columns say; struck-off sites only when asked."""
    if text := given.get("text", "").strip():
        found = found.filter(
            Q(name_zh__icontains=text)
            | Q(name_en__icontains=text)
            | Q(site__code__iexact=text)
            | Q(holder__icontains=text)
            | Q(sort_key__icontains=text.lower())
        )
    for name, column in (
        ("district", "district_id"),
        ("kind", "kind"),
        ("department", "department"),
        ("stage", "stage"),
    ):
        if given.get(name):
            found = found.filter(**{column: given[name]})
    state = given.get("state", "")
    if state == "all":
        return found
    return found.filter(state=state) if state else found.exclude(state=SiteRecord.State.ENDED)


def counts(found: QuerySet[SiteRecord]) -> list[tuple[str, str, int]]:
    """Return how many sites each department keeps: code, name, number; every department listed."""
    held = dict(
        found.order_by()
        .values_list("department")
        .annotate(n=Count("pk"))
        .values_list("department", "n")
    )
    return [(d.code, d.short, held.get(d.code, 0)) for d in departments().values()]


def district_counts(scope: Scope, district_code: str) -> dict[str, int]:
    """Return how many sites and how many open dust cases a district has."""
    here = records(scope).filter(district_id=district_code)
    open_cases = cases.cases(scope).filter(
        district_id=district_code, procedure__name="dust_site", closed_at=None
    )
    return {
        "sites": here.exclude(state=SiteRecord.State.ENDED).count(),
        "cases": open_cases.count(),
    }


def history(code: str) -> list[registry.Version[SiteRecord]]:
    """Return every version of a site, newest first, each with what it changed."""
    rows = SiteRecord.objects.filter(site_id=code)
    rows = rows.select_related("made_by", "district", "unit", "person").order_by("version")
    return registry.versions(rows, RECORD_FIELDS, said=_said)


def _said(row: SiteRecord, name: str) -> str:
    named = {"kind": row.kind_name, "department": row.department_name}
    return named[name] if name in named else registry.shown(row, name)


def measures_now(code: str, *, on: date) -> list[MeasureNow]:
    """Return the six measures as the last visit found them."""
    last = (
        Visit.objects.filter(site_id=code, visited_at__isnull=False)
        .order_by("-visited_at", "-pk")
        .first()
    )
    held = {c.measure: c for c in last.checks.select_related("picture", "visit")} if last else {}
    return [MeasureNow(m.name, m.clause, m.mark, held.get(m.code)) for m in measures(on=on)]


def cases_of(scope: Scope, code: str) -> QuerySet[Case]:
    """Return the cases about a site that a person may see, the newest first."""
    return (
        cases.cases(scope)
        .filter(things__kind="dust_site", things__ref=code)
        .order_by("-opened_at", "-pk")
    )


def seats(*, on: date) -> QuerySet[Seat]:
    """Return who sits for the departments on a day."""
    return (
        Seat.objects.filter(Q(valid_to=None) | Q(valid_to__gt=on), valid_from__lte=on)
        .select_related("unit", "person", "district")
        .order_by("department", "district_id", "pk")
    )


def seat_of(department: str, district_code: str, *, on: date) -> Seat | None:
    """Return who answers for a department in a district: its own seat, else that of the city."""
    found = seats(on=on).filter(department=department)
    return found.filter(district_id=district_code).first() or found.filter(district_id=None).first()


def sites_geojson(scope: Scope) -> dict[str, object]:
    """Return the sites as points and areas, with units in the payload."""
    features = [
        registry.shape_feature(
            row,
            "dust",
            row.name,
            site_kind=row.kind,
            kind_name=row.kind_name,
            department=row.department,
            state=row.state,
            district_code=row.district_id,
            area_m2=row.area_m2,
        )
        for row in records(scope).exclude(state=SiteRecord.State.ENDED)
    ]
    return registry.collection(features, units={"area_m2": "m²"})
