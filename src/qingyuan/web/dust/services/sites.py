"""The register: a site and its next version (登记、修订)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

import shapely
from django.core.exceptions import FieldDoesNotExist
from django.db import models, transaction
from shapely.geometry.base import BaseGeometry

from qingyuan.core.problems import Problem
from qingyuan.web.accounts.models import User
from qingyuan.web.accounts.services.organisation import pinyin_key
from qingyuan.web.audit import services as audit
from qingyuan.web.audit.services import Actor
from qingyuan.web.dust.ground import ground_of
from qingyuan.web.dust.models import RECORD_FIELDS, Site, SiteRecord
from qingyuan.web.registry.models import District
from qingyuan.web.registry.models.geometry import box_columns

__all__ = ["outlined", "register_site", "revise_site"]

CLAUSE = "扬尘源分部门登记"
_AREAS = ("Polygon", "MultiPolygon")


def outlined(shape: BaseGeometry) -> dict[str, object]:
    """Return the columns of a point or an area: its bytes and box, a point inside, its size.

    Raises
    ------
    Problem
        ``dust.bad_shape`` for what is neither a point nor a sound area.
    """
    if shape.geom_type not in ("Point", *_AREAS) or shape.is_empty or not shape.is_valid:
        raise Problem("dust.bad_shape", given=shape.geom_type)
    inside = shape.representative_point()
    size = ground_of(shape).metres(shape).area if shape.geom_type in _AREAS else None
    return {
        **box_columns(shape),
        "lon": inside.x,
        "lat": inside.y,
        **({"area_m2": round(size, 1)} if size is not None else {}),
    }


@transaction.atomic
def register_site(
    *,
    code: str,
    values: Mapping[str, Any],
    shape: BaseGeometry | None = None,
    reason: str = "登记",
    valid_from: date,
    by: User | None,
    at: datetime,
) -> SiteRecord:
    """Register a site with its first version (登记扬尘源).

    Parameters
    ----------
    values : mapping
        Fields of `RECORD_FIELDS`; without *shape* they hold ``lon`` and ``lat``.
    shape : geometry, optional
        A point or an area in CGCS2000 degrees.

    Raises
    ------
    Problem
        ``dust.code_taken``, ``dust.bad_shape``.
    """
    if Site.objects.filter(code=code).exists():
        raise Problem("dust.code_taken", code=code)
    if shape is None:
        shape = shapely.Point(values["lon"], values["lat"])
    place = outlined(shape)
    if values.get("area_m2") is not None:
        place.pop("area_m2", None)
    known = {_column(name) for name in RECORD_FIELDS}
    given = {_column(n): _key(v) for n, v in values.items() if _column(n) in known}
    made = SiteRecord.objects.create(
        site=Site.objects.create(code=code),
        version=1,
        valid_from=valid_from,
        reason=_said(reason),
        made_by=by,
        made_at=at,
        sort_key=pinyin_key(values["name_zh"]),
        **{**given, **place},
    )
    audit.record(
        actor=Actor.of(by) if by else audit.SYSTEM,
        deed="dust.register",
        target=f"dust_site:{code}",
        at=at,
        clause=CLAUSE,
        detail={
            "name": made.name_zh,
            "kind": made.kind,
            "department": made.department,
            "district": made.district_id,
        },
    )
    return made


@transaction.atomic
def revise_site(
    site: Site,
    changes: Mapping[str, Any],
    *,
    shape: BaseGeometry | None = None,
    reason: str,
    valid_from: date,
    seen: int,
    by: User | None,
    at: datetime,
) -> SiteRecord:
    """End the version in force and begin the next (修订); nothing is overwritten.

    Parameters
    ----------
    changes : mapping
        Fields of `RECORD_FIELDS` and their new values; what is left out stays.
    shape : geometry, optional
        The new outline; a changed ``lon`` or ``lat`` without one makes the site a point.
    seen : int
        The version the person had before them.

    Raises
    ------
    Problem
        ``dust.changed_meanwhile``, ``dust.nothing_changed``, ``dust.version_date``,
        ``dust.reason_missing``, ``dust.bad_shape``.
    """
    before = SiteRecord.objects.select_for_update(of=("self",)).get(site=site, valid_to=None)
    if before.version != seen:
        raise Problem("dust.changed_meanwhile", who=before.made_by or "—", version=before.version)
    kept = {
        field.attname: getattr(before, field.attname)
        for field in SiteRecord._meta.fields
        if field.attname not in _FRESH
    }
    wanted = kept | {_column(name): _key(value) for name, value in changes.items()}
    moved = (wanted["lon"], wanted["lat"]) != (before.lon, before.lat)
    if shape is None and moved:
        shape = shapely.Point(wanted["lon"], wanted["lat"])
    if shape is not None:
        place = outlined(shape)
        if changes.get("area_m2") is not None:
            place.pop("area_m2", None)
        wanted |= place
    changed = {name: value for name, value in wanted.items() if value != kept[name]}
    if not changed:
        raise Problem("dust.nothing_changed")
    if valid_from < before.valid_from:
        raise Problem("dust.version_date", given=valid_from, since=before.valid_from)
    before.valid_to = valid_from
    before.save(update_fields=["valid_to"])
    made = SiteRecord.objects.create(
        site_id=site.code,
        version=before.version + 1,
        valid_from=valid_from,
        reason=_said(reason),
        made_by=by,
        made_at=at,
        **{**wanted, "sort_key": pinyin_key(str(wanted["name_zh"]))},
    )
    audit.record(
        actor=Actor.of(by) if by else audit.SYSTEM,
        deed="dust.revise",
        target=f"dust_site:{site.code}",
        at=at,
        clause=CLAUSE,
        detail={
            "version": made.version,
            "reason": made.reason,
            "changed": {
                name: [_plain(kept[name]), _plain(value)]
                for name, value in changed.items()
                if name not in _BOX
            },
        },
    )
    return made


_FRESH = {
    "id", "site_id", "version", "valid_from", "valid_to", "reason", "made_by_id", "made_at", "sort_key",
}  # fmt: skip
_BOX = {"wkb", "datum", "west", "south", "east", "north"}


def _column(name: str) -> str:
    """Return the column of a field, whether it is named by its field or its column."""
    try:
        field = SiteRecord._meta.get_field(name)
    except FieldDoesNotExist:
        return name
    return str(getattr(field, "attname", name))


def _key(value: object) -> object:
    """Return what a column keeps of a row: a district its code, a unit and a person their number."""
    if isinstance(value, District):
        return value.code
    return value.pk if isinstance(value, models.Model) else value


def _plain(value: object) -> object:
    return value.isoformat() if isinstance(value, date) else value


def _said(reason: str) -> str:
    reason = reason.strip()
    if not reason:
        raise Problem("dust.reason_missing")
    return reason[:200]
