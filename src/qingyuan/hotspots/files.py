"""Files of a survey (走航文件): points, roads, stations and sites, and whether they fit together."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np

from qingyuan.core.problems import Problem
from qingyuan.hotspots.calibration import Stations
from qingyuan.hotspots.fixes import Fixes
from qingyuan.hotspots.lines import LINE_FILES
from qingyuan.hotspots.network import Network, read_network
from qingyuan.hotspots.plane import Plane, plane_of, unshifted
from qingyuan.hotspots.roads import Floats, Ints, RoadGraph, graph_of
from qingyuan.hotspots.sheets import Sheet, read_sheet
from qingyuan.hotspots.sites import Sites

__all__ = ["read_points", "read_roads", "read_sites", "read_stations", "read_streets"]

_SAME_M = 0.05
_OUTSIDE_M = 2000.0
_MG = 1.0  # µg/m³; no street has a median below it
_MOVING_M = 15.0


def read_roads(path: str | Path) -> tuple[RoadGraph, Plane]:
    """Read directed edges, or lines to be repaired; return graph and plane (see `read_streets`)."""
    found = read_streets(path)
    return found.graph, found.plane


def read_streets(path: str | Path, *, datum: str = "cgcs2000") -> Network:
    """Read directed edges or road lines (读取路网); *datum* says what their degrees are.

    A table holds ``edge_id`` and ``x1, y1, x2, y2`` or ``lon1, lat1, lon2, lat2``; ``u, v`` name the
    nodes, without them ends within 5 cm meet. GeoJSON, Shapefile and OSM files hold lines, which
    are repaired and the repairs told.

    Raises
    ------
    Problem
        ``hotspots.no_roads``, ``hotspots.missing_column``, ``hotspots.bad_cell``,
        ``hotspots.not_metres``, ``hotspots.not_degrees`` and what `read_network` raises.
    """
    if Path(path).name.lower().endswith(LINE_FILES):
        found = read_network(path, datum=datum)
        _check_metres(found.graph, Path(path).name)
        return found
    sheet = read_sheet(path)
    sheet.need("edge_id")
    if sheet.rows == 0:
        raise Problem("hotspots.no_roads")
    degrees = "lon1" in sheet.columns
    names = ("lon1", "lat1", "lon2", "lat2") if degrees else ("x1", "y1", "x2", "y2")
    sheet.need(*names)
    a1, b1, a2, b2 = (sheet.numbers(name, filled=True) for name in names)
    if degrees:
        for a, b in ((a1, b1), (a2, b2)):
            _check_degrees(sheet, a, b)
    (a1, b1), (a2, b2) = (
        unshifted(sheet.file, np.column_stack(pair), datum, degrees=degrees).T
        for pair in ((a1, b1), (a2, b2))
    )
    plane = plane_of(a1) if degrees else Plane()
    (x1, y1), (x2, y2) = plane.metres(a1, b1), plane.metres(a2, b2)
    u, v = _nodes(sheet, x1, y1, x2, y2)
    number, label = sheet.ids("edge_id")
    graph = graph_of(
        edge_id=number, u=u, v=v, x1=x1, y1=y1, x2=x2, y2=y2,
        road=sheet.texts("road") if "road" in sheet.columns else (),
        road_class=sheet.texts("road_class") if "road_class" in sheet.columns else (), label=label,
    )  # fmt: skip
    _check_metres(graph, sheet.file)
    return Network(graph, plane, sheet.rows, ())


def _nodes(sheet: Sheet, x1: Floats, y1: Floats, x2: Floats, y2: Floats) -> tuple[Ints, Ints]:
    """Return numbers of the nodes: as named, or by place."""
    if "u" in sheet.columns or "v" in sheet.columns:
        sheet.need("u", "v")
        both = np.asarray(sheet.texts("u") + sheet.texts("v"))
        if (both == "").any():
            at = int(np.flatnonzero(both == "")[0])
            column = "u" if at < sheet.rows else "v"
            raise Problem("hotspots.bad_cell", file=sheet.file, row=sheet.row(at % sheet.rows), column=column, given="")  # fmt: skip
        node = np.unique(both, return_inverse=True)[1]
    else:
        place = np.round(np.column_stack([np.r_[x1, x2], np.r_[y1, y2]]) / _SAME_M)
        node = np.unique(place, axis=0, return_inverse=True)[1].ravel()
    return node[: sheet.rows].astype(np.int64), node[sheet.rows :].astype(np.int64)


def _check_metres(graph: RoadGraph, file: str) -> None:
    """Refuse roads whose edges are centimetres long: their numbers are kilometres or degrees."""
    usual = float(np.median(graph.length))
    if usual < 0.5:
        raise Problem("hotspots.not_metres", file=file, metres=f"{usual:.3g}")


def _check_degrees(sheet: Sheet, lon: Floats, lat: Floats) -> None:
    wrong = (np.abs(lon) > 180) | (np.abs(lat) > 90)
    if wrong.any():
        at = int(np.flatnonzero(wrong)[0])
        raise Problem("hotspots.not_degrees", file=sheet.file, row=sheet.row(at),
                      lon=f"{lon[at]:g}", lat=f"{lat[at]:g}")  # fmt: skip


def read_points(
    path: str | Path, plane: Plane, *, roads: RoadGraph | None = None, datum: str = "cgcs2000"
) -> tuple[Fixes, int]:
    """Read fixes into the plane of the roads; return them and how many had no vehicle, place or time.

    Raises
    ------
    Problem
        ``hotspots.elsewhere`` if, with *roads* given, most fixes lie nowhere near them;
        ``hotspots.wrong_unit`` if PM10 cannot be in µg/m³.
    """
    sheet = read_sheet(path)
    sheet.need("vehicle_id", "pm10")
    x, y = _places(sheet, plane, datum)
    t = sheet.seconds()
    speed = sheet.numbers("speed_ms")
    if "speed_kmh" in sheet.columns:
        speed = sheet.numbers("speed_kmh") / 3.6
    named = np.asarray(sheet.texts("vehicle_id"))
    names, vehicle = np.unique(named, return_inverse=True)
    pm10 = sheet.numbers("pm10")
    some = pm10[pm10 > 0]
    if len(some) and float(np.median(some)) < _MG:
        raise Problem("hotspots.wrong_unit", file=sheet.file, column="pm10", median=f"{np.median(some):.3g}")  # fmt: skip
    fixes = Fixes(
        tuple(str(n) for n in names), vehicle.astype(np.int64), t, x, y, speed, pm10,
        sheet.numbers("pm25"), sheet.numbers("rh"), np.arange(sheet.rows, dtype=np.int64),
    )  # fmt: skip
    whole = np.isfinite(t) & np.isfinite(x) & np.isfinite(y) & (named != "")
    fixes = fixes.at(whole)
    if roads is not None and len(fixes):
        _check_there(fixes, roads, sheet.file)
    return _only_used(_in_metres_a_second(fixes)), int((~whole).sum())


def _only_used(fixes: Fixes) -> Fixes:
    """Drop vehicles that have no fix left, and give the others new numbers."""
    used = np.unique(fixes.vehicle)
    if len(used) == len(fixes.vehicles):
        return fixes
    names = tuple(fixes.vehicles[v] for v in used)
    return replace(fixes, vehicles=names, vehicle=np.searchsorted(used, fixes.vehicle))


def _check_there(fixes: Fixes, roads: RoadGraph, file: str) -> None:
    x, y = np.concatenate([roads.x1, roads.x2]), np.concatenate([roads.y1, roads.y2])
    near = (fixes.x > x.min() - _OUTSIDE_M) & (fixes.x < x.max() + _OUTSIDE_M)
    near &= (fixes.y > y.min() - _OUTSIDE_M) & (fixes.y < y.max() + _OUTSIDE_M)
    if near.mean() < 0.5:
        raise Problem("hotspots.elsewhere", file=file, share=f"{1 - near.mean():.0%}")


def _in_metres_a_second(fixes: Fixes) -> Fixes:
    """Set speeds right that are plainly kilometres an hour, by what the places say."""
    some = fixes.in_order()
    step = np.hypot(np.diff(some.x), np.diff(some.y))
    dt = np.diff(some.t)
    good = (np.diff(some.vehicle) == 0) & (dt > 0) & (dt <= 15) & (step > _MOVING_M) & (step < 300)
    told = 0.5 * (some.speed[1:] + some.speed[:-1])[good]
    ratio = told / (step / np.where(dt > 0, dt, 1.0))[good]
    ratio = ratio[np.isfinite(ratio)]
    if len(ratio) >= 50 and 2.6 < float(np.median(ratio)) < 4.6:
        return replace(fixes, speed=fixes.speed / 3.6)
    return fixes


def _places(sheet: Sheet, plane: Plane, datum: str) -> tuple[Floats, Floats]:
    degrees = plane.meridian is not None
    a, b = ("lon", "lat") if degrees else ("x", "y")
    if a not in sheet.columns and ("x" if degrees else "lon") in sheet.columns:
        raise Problem("hotspots.other_plane", file=sheet.file, columns=f"{a}, {b}")
    sheet.need(a, b)
    first, second = sheet.numbers(a), sheet.numbers(b)
    if degrees:
        _check_degrees(sheet, first, second)
    first, second = unshifted(
        sheet.file, np.column_stack([first, second]), datum, degrees=degrees
    ).T
    return plane.metres(first, second)


def read_stations(path: str | Path, plane: Plane, *, datum: str = "cgcs2000") -> Stations:
    """Read hourly means: ``station, hour_ending, pm10, pm25`` and a place."""
    sheet = read_sheet(path)
    sheet.need("station", "hour_ending", "pm10")
    x, y = _places(sheet, plane, datum)
    return Stations(
        tuple(sheet.texts("station")), x, y, sheet.numbers("hour_ending", filled=True),
        sheet.numbers("pm10"), sheet.numbers("pm25"),
    )  # fmt: skip


def read_sites(path: str | Path, plane: Plane, *, datum: str = "cgcs2000") -> Sites:
    """Read registered dust sources: ``type`` and a place; if there ``site_id, name, radius_m, department``."""
    sheet = read_sheet(path)
    sheet.need("type")
    x, y = _places(sheet, plane, datum)
    kept = np.isfinite(x) & np.isfinite(y)
    texts = {n: tuple(np.asarray(sheet.texts(n), dtype=object)[kept]) for n in ("site_id", "type", "department")}  # fmt: skip
    name = sheet.texts("road")  # what a column called name is read as
    ids = tuple(i or str(sheet.row(k)) for k, i in zip(np.flatnonzero(kept).tolist(), texts["site_id"], strict=True))  # fmt: skip
    radius = np.nan_to_num(sheet.numbers("radius_m")[kept], nan=0.0)
    return Sites(
        ids, tuple(np.asarray(name, dtype=object)[kept]), texts["type"], texts["department"],
        x[kept], y[kept], radius,
    )  # fmt: skip
