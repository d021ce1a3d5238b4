"""A table of places as a layer (图层): GeoJSON (RFC 7946) or GeoPackage (OGC 12-128r15)."""

from __future__ import annotations

import json
import sqlite3
import struct
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import shapely
from shapely.geometry.base import BaseGeometry

from qingyuan.web.exchange.books import shown
from qingyuan.web.exchange.tables import Column, Sheet

__all__ = ["geojson", "geopackage"]

_SRS = 4490  # CGCS2000, degrees
_WKT = (
    'GEOGCS["China Geodetic Coordinate System 2000",DATUM["China_2000",'
    'SPHEROID["CGCS2000",6378137,298.257222101]],PRIMEM["Greenwich",0],'
    'UNIT["degree",0.0174532925199433],AUTHORITY["EPSG","4490"]]'
)
_TYPES = {"number": "REAL", "whole": "INTEGER", "day": "DATE", "lon": "REAL", "lat": "REAL"}
_SCHEMA = """
PRAGMA application_id = 1196444487; PRAGMA user_version = 10300;
CREATE TABLE gpkg_spatial_ref_sys (srs_name TEXT NOT NULL, srs_id INTEGER PRIMARY KEY, organization TEXT NOT NULL,
  organization_coordsys_id INTEGER NOT NULL, definition TEXT NOT NULL, description TEXT);
CREATE TABLE gpkg_contents (table_name TEXT PRIMARY KEY, data_type TEXT NOT NULL, identifier TEXT UNIQUE, description TEXT DEFAULT '',
  last_change DATETIME NOT NULL, min_x DOUBLE, min_y DOUBLE, max_x DOUBLE, max_y DOUBLE, srs_id INTEGER);
CREATE TABLE gpkg_geometry_columns (table_name TEXT NOT NULL, column_name TEXT NOT NULL, geometry_type_name TEXT NOT NULL,
  srs_id INTEGER NOT NULL, z TINYINT NOT NULL, m TINYINT NOT NULL, PRIMARY KEY (table_name, column_name));
"""


def _shape(row: Mapping[str, object]) -> BaseGeometry | None:
    kept = row.get("shape")
    if isinstance(kept, (bytes, memoryview)):
        return shapely.from_wkb(bytes(kept))
    lon, lat = row.get("lon"), row.get("lat")
    if lon is None or lat is None:
        return None
    return shapely.Point(float(str(lon)), float(str(lat)))


def _said(column: Column, value: object) -> object:
    value = shown(column, "zh")(value)
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, (date, datetime)):
        return value.isoformat()
    return value if value != "" else None


def _features(
    sheet: Sheet, rows: Iterable[Mapping[str, object]]
) -> Iterator[tuple[dict[str, Any], BaseGeometry | None]]:
    for row in rows:
        yield {c.name: _said(c, row.get(c.name)) for c in sheet.columns}, _shape(row)


def geojson(sheet: Sheet, rows: Iterable[Mapping[str, object]]) -> bytes:
    """Return the places as a FeatureCollection; CGCS2000 degrees stand for WGS-84, under a metre off."""
    features = [
        {
            "type": "Feature",
            "geometry": shape.__geo_interface__ if shape is not None else None,
            "properties": properties,
        }
        for properties, shape in _features(sheet, rows)
    ]
    kept = {"type": "FeatureCollection", "name": sheet.name, "features": features}
    return json.dumps(kept, ensure_ascii=False).encode()


def geopackage(sheet: Sheet, rows: Iterable[Mapping[str, object]], *, at: datetime) -> bytes:
    """Return the places as a GeoPackage of one layer in CGCS2000 (EPSG:4490)."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "layer.gpkg"
        base = sqlite3.connect(path)
        try:
            _fill(base, sheet, rows, at)
            base.commit()
        finally:
            base.close()
        return path.read_bytes()


def _fill(
    base: sqlite3.Connection, sheet: Sheet, rows: Iterable[Mapping[str, object]], at: datetime
) -> None:
    table = sheet.name.replace(".", "_").replace('"', "")
    base.executescript(_SCHEMA)
    base.executemany(
        "INSERT INTO gpkg_spatial_ref_sys VALUES (?,?,?,?,?,'')",
        [
            ("CGCS2000", _SRS, "EPSG", _SRS, _WKT),
            ("Undefined cartesian", -1, "NONE", -1, "undefined"),
            ("Undefined geographic", 0, "NONE", 0, "undefined"),
        ],
    )
    columns = ", ".join(f'"{c.name}" {_TYPES.get(c.kind, "TEXT")}' for c in sheet.columns)
    base.execute(f'CREATE TABLE "{table}" (fid INTEGER PRIMARY KEY, geom BLOB, {columns})')
    names = ", ".join(f'"{c.name}"' for c in sheet.columns)
    marks = ", ".join("?" * (len(sheet.columns) + 1))
    bounds: list[tuple[float, float, float, float]] = []
    for properties, shape in _features(sheet, rows):
        if shape is not None:
            bounds.append(shape.bounds)
        base.execute(
            f'INSERT INTO "{table}" (geom, {names}) VALUES ({marks})',
            [_blob(shape), *properties.values()],
        )
    box = (
        (min(b[0] for b in bounds), min(b[1] for b in bounds), max(b[2] for b in bounds), max(b[3] for b in bounds))
        if bounds
        else (None, None, None, None)
    )  # fmt: skip
    stamp = at.strftime("%Y-%m-%dT%H:%M:%S.000Z")
    base.execute(
        "INSERT INTO gpkg_contents VALUES (?, 'features', ?, '', ?, ?, ?, ?, ?, ?)",
        (table, sheet.title, stamp, *box, _SRS),
    )
    base.execute(
        "INSERT INTO gpkg_geometry_columns VALUES (?, 'geom', ?, ?, 0, 0)",
        (table, "POINT" if sheet.shape == "point" else "GEOMETRY", _SRS),
    )


def _blob(shape: BaseGeometry | None) -> bytes | None:
    """Return a geometry as GeoPackage keeps it: header, no envelope, WKB (clause 2.1.3)."""
    if shape is None:
        return None
    return b"GP" + struct.pack("<BBi", 0, 0b00000001, _SRS) + shapely.to_wkb(shape, byte_order=1)
