"""Road lines (道路线): GeoJSON, Shapefile and OpenStreetMap files as lines with what driving needs.

Directions and levels are read from the tags OpenStreetMap and its extracts use (``oneway``,
``junction``, ``layer``, ``bridge``, ``tunnel``); aliases of column names are data.
"""

from __future__ import annotations

import gzip
import json
import tomllib
import xml.etree.ElementTree as ET
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np

from qingyuan.core.problems import Problem
from qingyuan.hotspots.roads import Floats

__all__ = ["LINE_FILES", "Line", "lines_of", "read_lines"]

LINE_FILES = (".geojson", ".json", ".shp", ".osm", ".geojson.gz", ".osm.gz")
_Rows = Iterator[tuple[str, Mapping[str, Any], Any]]


@dataclass(frozen=True)
class Line:
    """One course as drawn: its id, vertices as the file has them, and its tags in our words.

    ``way`` is 1 where only the drawn direction may be driven, -1 where only the other, else 0;
    ``level`` tells bridges and tunnels from the ground; ``doubt`` names a tag that was not understood.
    """

    line_id: str
    xy: Floats
    road: str
    road_class: str
    way: int
    level: int
    driven: bool = True
    doubt: str = ""


@cache
def _words() -> Mapping[str, Any]:
    text = files(__package__).joinpath("tables/road_tags.toml").read_text("utf-8")
    return tomllib.loads(text)


def read_lines(path: str | Path) -> tuple[list[Line], bool]:
    """Read road lines; return them and whether they are in degrees.

    Raises
    ------
    Problem
        ``hotspots.no_file``, ``hotspots.unread_lines``, ``hotspots.no_roads``.
    """
    path = Path(path)
    if not path.is_file():
        raise Problem("hotspots.no_file", file=path.name)
    try:
        lines = [line for row in _rows(path) for line in lines_of(*row)]
    except (OSError, ValueError, KeyError, TypeError, IndexError, ET.ParseError, EOFError) as fault:
        reason = str(fault)[:120] or type(fault).__name__
        raise Problem("hotspots.unread_lines", file=path.name, reason=reason) from fault
    if not lines:
        raise Problem("hotspots.no_roads")
    every = np.concatenate([line.xy for line in lines])
    if not np.isfinite(every).all():
        raise Problem("hotspots.unread_lines", file=path.name, reason="坐标不是数 / a coordinate is no number")  # fmt: skip
    degrees = bool((np.abs(every[:, 0]) <= 180).all() and (np.abs(every[:, 1]) <= 90).all())
    return lines, degrees


def _rows(path: Path) -> _Rows:
    name = path.name.lower()
    if name.endswith(".shp"):
        return _shapefile(path)
    raw = gzip.decompress(path.read_bytes()) if name.endswith(".gz") else path.read_bytes()
    return _osm(raw) if ".osm" in name else _geojson(raw)


def _geojson(raw: bytes) -> _Rows:
    data = json.loads(raw.decode("utf-8-sig"))
    for number, feature in enumerate(data["features"], start=1):
        tags, shape = feature.get("properties") or {}, feature.get("geometry") or {}
        kind, given = shape.get("type"), shape.get("coordinates")
        parts = [given] if kind == "LineString" else given if kind == "MultiLineString" else []
        yield str(feature.get("id") or _first(tags, "id") or number), tags, parts


def _shapefile(path: Path) -> _Rows:
    import shapefile

    code = path.with_suffix(".cpg")
    encoding = code.read_text("ascii").strip() or "utf-8" if code.is_file() else "utf-8"
    rows = None
    for tried in (encoding, "gb18030"):  # older desktop GIS leaves no .cpg and means GB 18030
        try:
            with shapefile.Reader(str(path), encoding=tried) as source:
                rows = [(r.record.as_dict(), r.shape) for r in source.iterShapeRecords()]
            break
        except (UnicodeDecodeError, shapefile.ShapefileException) as fault:
            reason = str(fault)
    if rows is None:
        raise ValueError(reason)
    for number, (tags, shape) in enumerate(rows, start=1):
        if not shape.points or shape.shapeType not in (3, 13, 23):
            continue
        ends = [*list(shape.parts)[1:], len(shape.points)]
        parts = [shape.points[a:b] for a, b in zip(shape.parts, ends, strict=True)]
        yield str(_first(tags, "id") or number), tags, parts


def _osm(raw: bytes) -> _Rows:
    if b"<!ENTITY" in raw:
        raise ValueError("实体声明不读 / entities are not read")
    root = ET.fromstring(raw)
    places = {n.get("id"): (float(n.get("lon", "")), float(n.get("lat", ""))) for n in root.iter("node")}  # fmt: skip
    for way in root.iter("way"):
        tags = {t.get("k", ""): t.get("v", "") for t in way.iter("tag")}
        if "highway" in tags:
            yield way.get("id", ""), tags, [[places[nd.get("ref")] for nd in way.iter("nd")]]


def _first(tags: Mapping[str, Any], wanted: str) -> str:
    """Return the first filled value among the names known for *wanted*."""
    known = {str(k).strip().lower(): v for k, v in tags.items()}
    for name in _words()["names"][wanted]:
        value = known.get(name)
        if value is not None and str(value).strip() not in ("", "None"):
            return str(value).strip()
    return ""


def lines_of(line_id: str, tags: Mapping[str, Any], parts: Any) -> Iterator[Line]:
    """Yield the courses of one feature: its *parts* are lists of vertices, its tags any layer's."""
    words = _words()
    kind = _first(tags, "class").lower()
    said = _first(tags, "oneway").lower()
    way = next((int(w) for w, names in words["oneway"].items() if said in names), None)
    doubt = "" if way is not None else f"oneway={said}"
    if not said and (kind in words["implied_oneway"] or _first(tags, "junction") == "roundabout"):
        way = 1
    level = _level(tags)
    for part in parts:
        xy = np.array([p[:2] for p in part], dtype=np.float64).reshape(-1, 2)
        yield Line(line_id, xy, _first(tags, "road"), kind, way or 0, level,
                   kind not in words["not_driven"], doubt)  # fmt: skip


def _level(tags: Mapping[str, Any]) -> int:
    """Return ``layer``; where there is none, 1 for a bridge and -1 for a tunnel."""
    told = _first(tags, "layer")
    try:
        if told and int(float(told)):
            return int(float(told))
    except ValueError:
        return 0
    no = ("", "no", "f", "false", "0", "n", "否")
    if _first(tags, "bridge").lower() not in no:
        return 1
    return -1 if _first(tags, "tunnel").lower() not in no else 0
