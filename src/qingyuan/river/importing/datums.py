"""Datums (坐标基准): what a file's coordinates mean, and how they become CGCS2000 degrees.

WGS-84 is taken as CGCS2000 (well under a metre apart). GCJ-02, the shifted coordinates of Chinese
map services, cannot be told from the numbers; the caller must name it, and it is shifted back.
"""

from __future__ import annotations

from math import pi
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray
from pyproj import CRS, Transformer
from pyproj.exceptions import CRSError

from qingyuan.core.problems import Problem

__all__ = ["NAMED", "from_gcj02", "to_cgcs2000", "to_gcj02"]

Floats: TypeAlias = NDArray[np.float64]
NAMED = {
    "CGCS2000": "EPSG:4490",
    "WGS84": "EPSG:4326",
    "GCJ02": "",
}
_GEOGRAPHIC = ("EPSG:4490", "EPSG:4326", "EPSG:4979", "OGC:CRS84")
# GCJ-02 is not published; these constants are the ones in general use (Krasovsky 1940 ellipsoid)
_A, _EE = 6_378_245.0, 0.006_693_421_622_965_943


def to_cgcs2000(xy: Floats, datum: str) -> Floats:
    """Return longitude and latitude in CGCS2000 degrees of coordinates in *datum*.

    Parameters
    ----------
    xy : array, shape (points, 2)
        East before north, whatever the axis order of the datum's own definition.
    datum : str
        ``CGCS2000``, ``WGS84``, ``GCJ02``, an ``EPSG:`` code, or well-known text.

    Raises
    ------
    Problem
        ``river.unknown_datum``; ``river.not_degrees`` when the numbers are no degrees though the
        datum says so.
    """
    if datum == "GCJ02":
        return from_gcj02(_degrees(xy, datum))
    try:
        crs = CRS.from_user_input(NAMED.get(datum, datum))
    except CRSError:
        raise Problem("river.unknown_datum", given=datum, known="、".join(NAMED)) from None
    if crs.is_geographic and _is_plain(crs):
        return _degrees(xy, datum)
    move = Transformer.from_crs(crs, "EPSG:4490", always_xy=True)
    lon, lat = move.transform(xy[:, 0], xy[:, 1])
    return _degrees(np.column_stack([lon, lat]), datum)


def _is_plain(crs: Any) -> bool:
    name = f"{crs.name} {crs.to_string()}"
    return crs.to_string() in _GEOGRAPHIC or any(
        word in name for word in ("CGCS", "China Geodetic", "WGS 84", "WGS_1984", "CRS84")
    )


def _degrees(xy: Floats, datum: str) -> Floats:
    bad = np.flatnonzero(~((np.abs(xy[:, 0]) <= 180) & (np.abs(xy[:, 1]) <= 90)))
    if bad.size:
        x, y = xy[bad[0]]
        raise Problem("river.not_degrees", datum=datum, x=float(x), y=float(y))
    return xy


def to_gcj02(lonlat: Floats) -> Floats:
    """Return what a Chinese map service would show for true coordinates (degrees)."""
    x, y = lonlat[:, 0] - 105.0, lonlat[:, 1] - 35.0
    root = np.sqrt(np.abs(x))
    common = (20 * np.sin(6 * x * pi) + 20 * np.sin(2 * x * pi)) * 2 / 3
    north = -100 + 2 * x + 3 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * root + common
    north = north + (20 * np.sin(y * pi) + 40 * np.sin(y / 3 * pi)) * 2 / 3
    north = north + (160 * np.sin(y / 12 * pi) + 320 * np.sin(y * pi / 30)) * 2 / 3
    east = 300 + x + 2 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * root + common
    east = east + (20 * np.sin(x * pi) + 40 * np.sin(x / 3 * pi)) * 2 / 3
    east = east + (150 * np.sin(x / 12 * pi) + 300 * np.sin(x / 30 * pi)) * 2 / 3
    angle = np.radians(lonlat[:, 1])
    magic = 1 - _EE * np.sin(angle) ** 2
    north = np.degrees(north / (_A * (1 - _EE) / (magic * np.sqrt(magic))))
    east = np.degrees(east / (_A / np.sqrt(magic) * np.cos(angle)))
    return lonlat + np.column_stack([east, north])


def from_gcj02(lonlat: Floats) -> Floats:
    """Return true coordinates of those a Chinese map service shows; within a centimetre."""
    found = lonlat.copy()
    for _ in range(12):
        found = found + (lonlat - to_gcj02(found))
    return found
