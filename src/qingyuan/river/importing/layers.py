"""Layers (图层读取): lines, polygons and points of a file, with their attributes, in CGCS2000 degrees.

GeoJSON by its text, Shapefile by pyshp (with its .prj and .cpg), GeoPackage by its tables: no GIS
library is needed for any of them.
"""

from __future__ import annotations

import csv
import io
import json
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from shapely.geometry import shape
from shapely.geometry.base import BaseGeometry

from qingyuan.core.problems import Problem
from qingyuan.river.importing.datums import to_cgcs2000

__all__ = ["Feature", "Layer", "read_layer"]

_ID_COLUMNS = (
    "reach_id",
    "feature_id",
    "link",
    "id",
    "fid",
    "objectid",
    "编号",
    "河段编号",
    "code",
)
_ENVELOPE = (0, 32, 48, 48, 64)  # bytes of the envelope by its kind, GeoPackage 1.3 clause 2.1.3


@dataclass(frozen=True, slots=True)
class Feature:
    """One row of a layer (要素): its own id, the row it came from, attributes, geometry in degrees."""

    feature_id: str
    row: int
    properties: Mapping[str, Any]
    geometry: BaseGeometry


@dataclass(frozen=True, slots=True)
class Layer:
    """A file's features; ``datum`` is the one they came in, by name."""

    name: str
    datum: str
    features: tuple[Feature, ...]


def read_layer(path: Path | str, *, datum: str = "", layer: str = "") -> Layer:
    """Read a GeoJSON, Shapefile (.shp), GeoPackage (.gpkg) or CSV with lon and lat (读取图层).

    Parameters
    ----------
    path : path
        The file; the ending chooses the reader.
    datum : str
        Overrules what the file says; needed for GCJ-02, which no file can say.
    layer : str
        Of a GeoPackage with several.

    Raises
    ------
    Problem
        ``river.unknown_layer_format``, ``river.unreadable_layer``, ``river.no_such_layer``,
        ``river.unknown_datum``, ``river.not_degrees``.
    """
    file = Path(path)
    if not file.is_file():
        raise Problem("river.unreadable_layer", file=file.name, reason="文件不存在 / no such file")
    readers = {
        ".geojson": _geojson, ".json": _geojson, ".shp": _shapefile, ".gpkg": _geopackage,
        ".csv": _table,
    }  # fmt: skip
    reader = readers.get(file.suffix.lower())
    if reader is None:
        raise Problem("river.unknown_layer_format", file=file.name, known=" ".join(readers))
    try:
        said, rows = reader(file, layer)
        rows = [(p, g) for p, g in rows if g is not None and not g.is_empty]
    except (
        OSError,
        ValueError,
        KeyError,
        TypeError,
        sqlite3.Error,
        shapely.GEOSException,
    ) as fault:
        raise Problem("river.unreadable_layer", file=file.name, reason=str(fault)) from fault
    used = datum or said or "CGCS2000"

    def moved(xy: np.ndarray[Any, np.dtype[np.float64]]) -> np.ndarray[Any, np.dtype[np.float64]]:
        out = xy.copy()
        out[:, :2] = to_cgcs2000(xy[:, :2], used)
        return out

    named = _id_column(rows)
    features = tuple(
        Feature(
            feature_id=str(props[named]) if named else str(row),
            row=row,
            properties=props,
            geometry=shapely.transform(geometry, moved, include_z=geometry.has_z),
        )
        for row, (props, geometry) in enumerate(rows, start=1)
    )
    return Layer(file.name, used, features)


def _id_column(rows: Sequence[tuple[Mapping[str, Any], BaseGeometry]]) -> str:
    """Return the column whose values name the rows: known by its name, filled and unique."""
    if not rows:
        return ""
    for wanted in _ID_COLUMNS:
        for name in rows[0][0]:
            if name.lower() == wanted:
                values = [props.get(name) for props, _ in rows]
                if None not in values and "" not in values and len(set(values)) == len(values):
                    return name
    return ""


_Rows = tuple[str, list[tuple[dict[str, Any], Any]]]


def _geojson(file: Path, _: str) -> _Rows:
    data = json.loads(file.read_text("utf-8-sig"))
    crs = str(data.get("crs", {}).get("properties", {}).get("name", "")) if data.get("crs") else ""
    said = crs.replace("urn:ogc:def:crs:", "").replace("::", ":") if crs else "WGS84"
    said = "WGS84" if "CRS84" in said else said
    features = data["features"] if data.get("type") == "FeatureCollection" else [data]
    rows = []
    for one in features:
        props = dict(one.get("properties") or {})
        if "id" in one:
            props.setdefault("feature_id", one["id"])
        rows.append((props, shape(one["geometry"]) if one.get("geometry") else None))
    return said, rows


def _shapefile(file: Path, _: str) -> _Rows:
    import shapefile  # pyshp; only those who bring a Shapefile need it

    projection = file.with_suffix(".prj")
    said = projection.read_text("utf-8", "ignore").strip() if projection.is_file() else ""
    rows: list[tuple[dict[str, Any], Any]] = []
    try:
        with (
            file.open("rb") as shp,
            file.with_suffix(".dbf").open("rb") as dbf,
            shapefile.Reader(shp=shp, dbf=dbf, encoding=_encoding(file)) as reader,
        ):
            for one in reader.iterShapeRecords():
                geometry = shape(one.shape.__geo_interface__) if one.shape.points else None
                rows.append((one.record.as_dict(), geometry))
    except shapefile.ShapefileException as fault:
        raise ValueError(str(fault)) from fault
    return said, rows


def _encoding(file: Path) -> str:
    """Return the text encoding: as the .cpg says, else what the attributes can be read in."""
    code = file.with_suffix(".cpg")
    if code.is_file():
        said = code.read_text("ascii", "ignore").strip().upper()
        return {"GBK": "gb18030", "936": "gb18030", "CP936": "gb18030"}.get(said, said or "utf-8")
    try:
        file.with_suffix(".dbf").read_bytes()[32:].decode("utf-8")
    except UnicodeDecodeError:
        return "gb18030"
    return "utf-8"


def _geopackage(file: Path, wanted: str) -> _Rows:
    base = sqlite3.connect(f"{file.resolve().as_uri()}?mode=ro", uri=True)
    base.row_factory = sqlite3.Row
    try:
        layers = {
            row["table_name"]: (row["column_name"], row["srs_id"])
            for row in base.execute(
                "SELECT table_name, column_name, srs_id FROM gpkg_geometry_columns"
            )
        }
        if (wanted and wanted not in layers) or (not wanted and len(layers) != 1):
            raise Problem(
                "river.no_such_layer", file=file.name, given=wanted or "-", known="、".join(layers)
            )
        name = wanted or next(iter(layers))
        column, srs = layers[name]
        said = _srs_name(base, int(srs))
        quoted = name.replace('"', '""')
        rows = []
        for row in base.execute(f'SELECT * FROM "{quoted}"'):
            props = {key: row[key] for key in row.keys() if key != column}  # noqa: SIM118 -- sqlite3.Row iterates values
            blob = row[column]
            rows.append((props, _gpkg_geometry(blob) if blob else None))
        return said, rows
    finally:
        base.close()


def _srs_name(base: sqlite3.Connection, srs: int) -> str:
    row = base.execute(
        "SELECT organization, organization_coordsys_id FROM gpkg_spatial_ref_sys WHERE srs_id = ?",
        (srs,),
    ).fetchone()
    if row is None or str(row[0]).upper() == "NONE":
        return ""
    return f"{str(row[0]).upper()}:{row[1]}"


def _gpkg_geometry(blob: bytes) -> BaseGeometry:
    if blob[:2] != b"GP":
        raise ValueError("geometry without the GeoPackage header")
    kind = (blob[3] >> 1) & 0b111
    if kind >= len(_ENVELOPE):
        raise ValueError("unknown envelope")
    return shapely.from_wkb(blob[8 + _ENVELOPE[kind] :])


def _table(file: Path, _: str) -> _Rows:
    lines = csv.DictReader(io.StringIO(file.read_text("utf-8-sig")))
    if not {"lon", "lat"} <= set(lines.fieldnames or ()):
        raise ValueError("a table of points needs the columns lon and lat")
    return "", list(_points(lines))


def _points(lines: csv.DictReader[str]) -> Iterator[tuple[dict[str, Any], Any]]:
    for row in lines:
        here = row["lon"] and row["lat"]
        yield dict(row), shapely.Point(float(row["lon"]), float(row["lat"])) if here else None
