"""The map's layers as GeoJSON (CGCS2000, taken as WGS-84 by the map), with units in the payload."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from django.db.models import QuerySet
from shapely.geometry import mapping

from qingyuan.web.accounts.scope import Scope
from qingyuan.web.registry.models import AirStation, District, Enterprise
from qingyuan.web.registry.models.geometry import Shaped
from qingyuan.web.registry.selectors import things

__all__ = [
    "air_stations_geojson",
    "collection",
    "districts_geojson",
    "enterprises_geojson",
    "point_feature",
    "shape_feature",
]

Feature = dict[str, Any]


def collection(
    features: Iterable[Feature], *, units: dict[str, str] | None = None
) -> dict[str, Any]:
    """Return a FeatureCollection; ``units`` names the unit of every numeric property."""
    return {
        "type": "FeatureCollection",
        "datum": "CGCS2000",
        "units": units or {},
        "features": list(features),
    }


def point_feature(row: Any, kind: str, **properties: object) -> Feature:
    """Return one point with its id (``kind:code``), code and name."""
    return {
        "type": "Feature",
        "id": f"{kind}:{row.code}",
        "geometry": {"type": "Point", "coordinates": [row.lon, row.lat]},
        "properties": {"kind": kind, "code": row.code, "name": row.name, **properties},
    }


def shape_feature(row: Shaped, kind: str, name: str, **properties: object) -> Feature:
    """Return one line or area with its id (``kind:code``), code and name."""
    code = str(row.code)  # type: ignore[attr-defined]  # everything shaped has a code
    return {
        "type": "Feature",
        "id": f"{kind}:{code}",
        "geometry": mapping(row.shape),
        "bbox": [row.west, row.south, row.east, row.north],
        "properties": {"kind": kind, "code": code, "name": name, **properties},
    }


def _collect(rows: QuerySet, feature: Callable[[Any], Feature], **units: str) -> dict[str, Any]:
    return collection((feature(row) for row in rows.iterator(chunk_size=500)), units=units)


def districts_geojson(scope: Scope) -> dict[str, Any]:
    """Return the districts' areas."""

    def feature(row: District) -> Feature:
        return shape_feature(row, "district", row.name, level=row.kind)

    return _collect(things.districts(scope), feature)


def enterprises_geojson(scope: Scope) -> dict[str, Any]:
    """Return the enterprises: trade and class of permit."""

    def feature(row: Enterprise) -> Feature:
        return point_feature(
            row,
            "enterprise",
            trade=row.trade,
            trade_name=row.trade_zh,
            permit_class=row.permit_class,
            district_code=row.district_id,
        )

    return _collect(things.enterprises(scope), feature)


def air_stations_geojson(scope: Scope) -> dict[str, Any]:
    """Return the ambient air stations."""

    def feature(row: AirStation) -> Feature:
        return point_feature(row, "air", level=row.kind, district_code=row.district_id)

    return _collect(things.air_stations(scope), feature)
