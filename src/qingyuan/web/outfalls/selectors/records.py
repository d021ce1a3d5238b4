"""The record as it is and as it was, and the list narrowed by what it says."""

from __future__ import annotations

from datetime import date, datetime

from django.db.models import Exists, OuterRef, Q, QuerySet

from qingyuan.core.factors import Factor
from qingyuan.core.factors import factor as factor_of
from qingyuan.standards.outfalls import outfall_classes
from qingyuan.web.outfalls.models import (
    RECORD_FIELDS,
    Discharger,
    OutfallRecord,
    OutfallSample,
    Sign,
)
from qingyuan.web.registry import selectors as registry
from qingyuan.web.registry.models import Outfall, OutfallLimit

__all__ = [
    "current",
    "dischargers",
    "history",
    "limits",
    "narrowed",
    "public_sign",
    "samples",
    "valid_sign",
]


def current(outfall: Outfall, *, at: datetime) -> tuple[OutfallRecord, int]:
    """Return the record in force and its version; version 0 when nobody has changed it yet."""
    held = OutfallRecord.objects.filter(outfall=outfall, valid_to=None).first()
    return (held, held.version) if held else (OutfallRecord.as_registered(outfall, at=at), 0)


def history(outfall: Outfall) -> list[registry.Version[OutfallRecord]]:
    """Return every version, newest first, each with what it changed."""
    rows = OutfallRecord.objects.filter(outfall=outfall).select_related("made_by")
    return registry.versions(rows.order_by("version"), RECORD_FIELDS)


def dischargers(outfall: Outfall) -> QuerySet[Discharger]:
    """Return who discharges or discharged through it, those of today first."""
    return outfall.dischargers.select_related("enterprise").order_by(
        "valid_to", "-responsible", "name"
    )


def limits(outfall: Outfall, *, on: date) -> list[tuple[OutfallLimit, Factor, bool]]:
    """Return its limits with their factor and whether they hold on a day."""
    return [
        (
            row,
            factor_of(row.factor),
            row.valid_from <= on and (row.valid_to is None or on < row.valid_to),
        )
        for row in outfall.limits.order_by("factor", "averaging", "-valid_from")
    ]


def samples(outfall: Outfall) -> QuerySet[OutfallSample]:
    """Return its laboratory results, newest first, the withdrawn ones among them."""
    return outfall.samples.select_related("made_by", "withdrawn_by").order_by(
        "-taken_at", "factor", "pk"
    )


FILTERS = ("text", "district", "level1", "state", "monitoring", "use")
"""What a list of outfalls may be narrowed by, as its address says it."""


def narrowed(
    found: QuerySet[Outfall],
    *,
    text: str = "",
    district: str = "",
    level1: str = "",
    state: str = "",
    monitoring: str = "",
    use: str = "",
) -> QuerySet[Outfall]:
    """Narrow a list of outfalls by name, district, first-level class, state, monitoring, use."""
    found = registry.matching(found, text)
    if district:
        found = found.filter(district_id=district)
    if level1:
        names = [c.name for c in outfall_classes().values() if c.level1 == level1]
        found = found.filter(outfall_class__in=names)
    if state or monitoring in ("manual", "none"):
        open_record = OutfallRecord.objects.filter(outfall=OuterRef("code"), valid_to=None)
        wanted = {
            **({"state": state} if state else {}),
            **({"monitoring": monitoring} if monitoring in ("manual", "none") else {}),
        }
        found = found.filter(Exists(open_record.filter(**wanted)))
    if monitoring == "online":
        found = found.filter(online=True)
    if use == "ended":
        return found.exclude(ended_on=None)
    return found if use == "all" else found.filter(Q(ended_on=None))


def valid_sign(outfall: Outfall) -> Sign | None:
    """Return the sign that opens the public page, if there is one."""
    return outfall.signs.filter(revoked_at=None).first()


def public_sign(token: str) -> Sign | None:
    """Return the valid sign of a token; None for a revoked or unknown one alike."""
    return (
        Sign.objects.filter(token=token, revoked_at=None)
        .select_related("outfall", "outfall__district", "outfall__reach", "outfall__enterprise")
        .first()
    )
