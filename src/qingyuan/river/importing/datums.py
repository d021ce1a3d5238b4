"""Datums (坐标基准): what a file's coordinates mean, and how they become CGCS2000 degrees.

WGS-84 is taken as CGCS2000 (well under a metre apart). GCJ-02, the shifted coordinates of Chinese
map services, cannot be told from the numbers; the caller must name it, and it is shifted back.
"""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray
from pyproj import CRS, Transformer
from pyproj.exceptions import CRSError

from qingyuan.core.gcj02 import from_gcj02
from qingyuan.core.problems import Problem

__all__ = ["NAMED", "to_cgcs2000"]

Floats: TypeAlias = NDArray[np.float64]
NAMED = {
    "CGCS2000": "EPSG:4490",
    "WGS84": "EPSG:4326",
    "GCJ02": "",
}
_GEOGRAPHIC = ("EPSG:4490", "EPSG:4326", "EPSG:4979", "OGC:CRS84")


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
