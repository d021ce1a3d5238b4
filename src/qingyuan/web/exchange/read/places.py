"""Layers of places (点位图层): GeoJSON, GeoPackage, zipped Shapefile, as a table with its geometry."""

from __future__ import annotations

import sqlite3
import struct
import tempfile
import zipfile
from pathlib import Path, PurePosixPath

import shapely

from qingyuan.core.problems import Problem
from qingyuan.river.importing.layers import Feature, read_layer
from qingyuan.web.exchange.read.grid import Grid
from qingyuan.web.exchange.read.safety import first_line, member_of, open_archive
from qingyuan.web.exchange.tables import Sheet

__all__ = ["SQLITE", "features_of_layer", "grid_of_layer", "is_shapefile"]

SQLITE = b"SQLite format 3\0"
_PARTS = (".shp", ".dbf", ".prj", ".cpg")
# what a damaged layer makes its readers raise besides their own problems
_STRANGE = (
    shapely.errors.ShapelyError, RecursionError, MemoryError, AttributeError, IndexError, ArithmeticError,
    struct.error,
)  # fmt: skip
_MOST = 100_000
_MOST_POINTS = 2_000_000


def is_shapefile(archive: zipfile.ZipFile) -> bool:
    """Whether a zip holds a Shapefile."""
    return any(member.lower().endswith(".shp") for member in archive.namelist())


def grid_of_layer(content: bytes, *, name: str, sheet: Sheet) -> list[Grid]:
    """Read a layer; a point gives the columns ``lon`` and ``lat``, an area the row's shape.

    A sheet of places (``shape = "place"``) takes both: an area gives a point inside it besides.

    Coordinates become CGCS2000 degrees by what the file says of its datum. The heading is line 1,
    the first feature line 2.

    Raises
    ------
    Problem
        ``exchange.not_a_layer``, ``exchange.wrong_shape``, ``exchange.too_long``, or what the
        reading of layers refuses.
    """
    if not sheet.shape:
        raise Problem("exchange.not_a_layer", name=name)
    return [_table(features_of_layer(content, name=name), sheet, name=name)]


def features_of_layer(content: bytes, *, name: str, datum: str = "") -> tuple[Feature, ...]:
    """Return the features of a layer in CGCS2000 degrees, whatever their shape.

    *datum* overrules what the file says; GCJ-02 must be named, no file can say it.

    Raises
    ------
    Problem
        ``exchange.too_long``, ``exchange.bomb``, or what the reading of layers refuses.
    """
    with tempfile.TemporaryDirectory() as folder:
        path = _unpacked(content, Path(folder), name=name)
        try:
            features = read_layer(path, datum=datum).features
        except Problem as problem:
            if "file" in problem.values:
                raise Problem(problem.code, **{**problem.values, "file": name}) from problem
            raise
        except _STRANGE as fault:
            raise Problem("exchange.unreadable", name=name, reason=first_line(fault)) from fault
    if len(features) > _MOST:
        raise Problem("exchange.too_long", name=name, most=_MOST)
    if sum(int(shapely.count_coordinates(f.geometry)) for f in features) > _MOST_POINTS:
        raise Problem("exchange.bomb", name=name)
    return features


def _unpacked(content: bytes, folder: Path, *, name: str) -> Path:
    """Put the layer where its reader can open it, under a name of ours."""
    if content.startswith(SQLITE):
        path = folder / "layer.gpkg"
        path.write_bytes(content)
        _refuse_views(path, name=name)
        return path
    if not content.startswith(b"PK\x03\x04"):
        path = folder / "layer.geojson"
        path.write_bytes(content)
        return path
    archive = open_archive(content, name=name)
    shapes = [m for m in archive.namelist() if m.lower().endswith(".shp")]
    if len(shapes) != 1:
        raise Problem("exchange.several_layers", name=name, count=len(shapes))
    stem = str(PurePosixPath(shapes[0]).with_suffix("")).lower()
    for member in archive.namelist():
        low = PurePosixPath(member.lower())
        if low.suffix in _PARTS and str(low.with_suffix("")) == stem:
            (folder / f"layer{low.suffix}").write_bytes(member_of(archive, member, name=name))
    if not (folder / "layer.dbf").is_file():
        raise Problem("exchange.unreadable", name=name, reason=".dbf")
    return folder / "layer.shp"


def _refuse_views(path: Path, *, name: str) -> None:
    """Refuse a database with views: reading one runs what its author wrote."""
    base = sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True)
    try:
        views = base.execute("SELECT count(*) FROM sqlite_master WHERE type = 'view'").fetchone()[0]
    except sqlite3.Error as fault:
        raise Problem("exchange.unreadable", name=name, reason=first_line(fault)) from fault
    finally:
        base.close()
    if views:
        raise Problem("exchange.unreadable", name=name, reason="GeoPackage: view")


def _table(features: tuple[Feature, ...], sheet: Sheet, *, name: str) -> Grid:
    names = list(dict.fromkeys(key for feature in features for key in feature.properties))
    point = sheet.shape in ("point", "place")
    if point:
        names = [key for key in names if key.lower() not in ("lon", "lat", "经度", "纬度")]
    cells: list[list[object]] = [[*names, *(("lon", "lat") if point else ())]]
    for feature in features:
        kind = feature.geometry.geom_type
        line = [_plain(feature.properties.get(key)) for key in names]
        if sheet.shape == "place" and kind in ("Polygon", "MultiPolygon"):
            inside = feature.geometry.representative_point()
            line += [inside.x, inside.y]
        elif point:
            if kind != "Point":
                raise Problem(
                    "exchange.wrong_shape",
                    name=name,
                    row=feature.row + 1,
                    given=kind,
                    wanted="Point",
                )
            line += [feature.geometry.x, feature.geometry.y]
        elif kind not in ("Polygon", "MultiPolygon"):
            raise Problem(
                "exchange.wrong_shape", name=name, row=feature.row + 1, given=kind, wanted="Polygon"
            )
        cells.append(line)
    shapes = tuple(shapely.to_wkb(feature.geometry, byte_order=1) for feature in features)
    return Grid(name, cells, shapes=shapes)


def _plain(value: object) -> object:
    if value is None:
        return ""
    return value if isinstance(value, (str, int, float, bool)) else str(value)
