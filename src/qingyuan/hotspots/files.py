"""Files of a survey (走航文件): points, roads and stations by the names strangers give them."""

from __future__ import annotations

import csv
import gzip
import io
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from qingyuan.core.problems import Problem, Problems
from qingyuan.hotspots.calibration import Stations
from qingyuan.hotspots.fixes import Fixes
from qingyuan.hotspots.plane import Plane, plane_of
from qingyuan.hotspots.roads import Floats, RoadGraph, graph_of

__all__ = ["Sheet", "read_points", "read_roads", "read_sheet", "read_stations"]

_MOST_TOLD = 20
_NAMES = {
    "vehicle_id": ("vehicle", "car", "taxi_id", "车辆", "车牌", "车辆编号"),
    "t_s": ("t", "seconds"),
    "time": ("timestamp", "datetime", "时间", "监测时间"),
    "lon": ("lng", "longitude", "经度"),
    "lat": ("latitude", "纬度"),
    "speed_ms": ("speed", "speed_m_s", "速度"),
    "pm25": ("pm2.5", "pm2_5"),
    "rh": ("humidity", "相对湿度", "湿度"),
    "road": ("name", "道路", "路名"),
    "road_class": ("highway", "class", "道路等级"),
    "lon1": ("lng1",), "lon2": ("lng2",),
    "station": ("station_id", "站点"),
}  # fmt: skip


@dataclass(frozen=True)
class Sheet:
    """A table by columns; text stays text, row 2 is the first below the header."""

    file: str
    columns: dict[str, list[str] | npt.NDArray[Any]]
    rows: int

    def need(self, *names: str) -> None:
        """Raise if a column is missing."""
        missing = [name for name in names if name not in self.columns]
        if missing:
            raise Problem("hotspots.missing_column", file=self.file, columns=", ".join(missing))

    def numbers(self, name: str, *, filled: bool = False) -> Floats:
        """Return a column as numbers, NaN where a cell is empty; all NaN if there is none."""
        if name not in self.columns:
            return np.full(self.rows, np.nan)
        cells = self.columns[name]
        try:
            if isinstance(cells, np.ndarray):
                out = cells.astype(np.float64)
            else:
                out = np.array([float(c) if c else np.nan for c in cells], dtype=np.float64)
        except (TypeError, ValueError):
            raise Problems(self._bad(name, cells)) from None
        if filled and not np.isfinite(out).all():
            row = int(np.flatnonzero(~np.isfinite(out))[0])
            raise Problem("hotspots.bad_cell", file=self.file, row=row + 2, column=name, given="")
        return out

    def texts(self, name: str) -> list[str]:
        """Return a column as texts; empty ones if there is none."""
        return [str(c) for c in self.columns[name]] if name in self.columns else [""] * self.rows

    def _bad(self, name: str, cells: object) -> list[Problem]:
        found: list[Problem] = []
        for row, cell in enumerate(list(cells)):  # type: ignore[call-overload]
            try:
                float(cell or "nan")
            except (TypeError, ValueError):
                found.append(Problem("hotspots.bad_cell", file=self.file, row=row + 2,
                                     column=name, given=str(cell)[:40]))  # fmt: skip
                if len(found) == _MOST_TOLD:
                    break
        return found


def read_sheet(path: str | Path) -> Sheet:
    """Read CSV (plain or gzipped) or Parquet by columns."""
    path = Path(path)
    if not path.is_file():
        raise Problem("hotspots.no_file", file=path.name)
    if path.suffix.lower() in (".parquet", ".pq"):
        return _parquet(path)
    try:
        raw = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
        text = raw.decode("utf-8-sig")
    except (UnicodeDecodeError, gzip.BadGzipFile, EOFError, OSError):
        raise Problem("hotspots.unread", file=path.name) from None
    lines = csv.reader(io.StringIO(text))
    head = [_called(name) for name in next(lines, [])]
    rows = [row for row in lines if row]
    for number, row in enumerate(rows, start=2):
        if len(row) != len(head):
            raise Problem("hotspots.torn_row", file=path.name, row=number, cells=len(row), columns=len(head))  # fmt: skip
    columns = [list(c) for c in zip(*rows, strict=True)] if rows else [[] for _ in head]
    return Sheet(path.name, dict(zip(head, columns, strict=False)), len(rows))


def _parquet(path: Path) -> Sheet:
    try:
        from pyarrow import ArrowInvalid
        from pyarrow.parquet import read_table
    except ModuleNotFoundError:
        raise Problem("hotspots.no_parquet", file=path.name) from None
    try:
        table = read_table(path)
    except (ArrowInvalid, OSError):
        raise Problem("hotspots.unread", file=path.name) from None
    columns = {_called(n): table[n].to_numpy(zero_copy_only=False) for n in table.column_names}
    return Sheet(path.name, columns, table.num_rows)


def _called(name: str) -> str:
    name = name.strip().lower()
    return next((ours for ours, others in _NAMES.items() if name in others), name)


def read_roads(path: str | Path) -> tuple[RoadGraph, Plane]:
    """Read directed edges: ``edge_id, u, v`` and ``x1, y1, x2, y2`` or ``lon1, lat1, lon2, lat2``."""
    sheet = read_sheet(path)
    sheet.need("edge_id", "u", "v")
    if sheet.rows == 0:
        raise Problem("hotspots.no_roads")
    degrees = "lon1" in sheet.columns
    names = ("lon1", "lat1", "lon2", "lat2") if degrees else ("x1", "y1", "x2", "y2")
    sheet.need(*names)
    a1, b1, a2, b2 = (sheet.numbers(name, filled=True) for name in names)
    plane = plane_of(a1) if degrees else Plane()
    (x1, y1), (x2, y2) = plane.metres(a1, b1), plane.metres(a2, b2)
    graph = graph_of(
        edge_id=sheet.numbers("edge_id", filled=True).astype(np.int64),
        u=sheet.numbers("u", filled=True).astype(np.int64),
        v=sheet.numbers("v", filled=True).astype(np.int64),
        x1=x1, y1=y1, x2=x2, y2=y2,
        road=sheet.texts("road"), road_class=sheet.texts("road_class"),
    )  # fmt: skip
    return graph, plane


def read_points(path: str | Path, plane: Plane) -> tuple[Fixes, int]:
    """Read fixes into the plane of the roads; return them and how many had no place or time."""
    sheet = read_sheet(path)
    sheet.need("vehicle_id", "pm10")
    x, y = _places(sheet, plane)
    t = _times(sheet)
    speed = sheet.numbers("speed_ms")
    if "speed_kmh" in sheet.columns:
        speed = sheet.numbers("speed_kmh") / 3.6
    names, vehicle = np.unique(np.asarray(sheet.columns["vehicle_id"], dtype=str), return_inverse=True)  # fmt: skip
    fixes = Fixes(
        tuple(str(n) for n in names), vehicle.astype(np.int64), t, x, y, speed,
        sheet.numbers("pm10"), sheet.numbers("pm25"), sheet.numbers("rh"),
        np.arange(sheet.rows, dtype=np.int64),
    )  # fmt: skip
    whole = np.isfinite(t) & np.isfinite(x) & np.isfinite(y)
    return fixes.at(whole), int((~whole).sum())


def _places(sheet: Sheet, plane: Plane) -> tuple[Floats, Floats]:
    degrees = plane.meridian is not None
    a, b = ("lon", "lat") if degrees else ("x", "y")
    if a not in sheet.columns and ("x" if degrees else "lon") in sheet.columns:
        raise Problem("hotspots.other_plane", file=sheet.file, columns=f"{a}, {b}")
    sheet.need(a, b)
    return plane.metres(sheet.numbers(a), sheet.numbers(b))


def _times(sheet: Sheet) -> Floats:
    """Return seconds from midnight of the first day, from ``t_s`` or local times."""
    if "t_s" in sheet.columns:
        return sheet.numbers("t_s")
    sheet.need("time")
    out = np.full(sheet.rows, np.nan)
    for row, cell in enumerate(sheet.columns["time"]):
        text = str(cell)
        if text in ("", "None", "NaT"):
            continue
        try:
            out[row] = datetime.fromisoformat(text).replace(tzinfo=None).toordinal() * 86400.0 + _of_day(text)  # fmt: skip
        except ValueError:
            raise Problem("hotspots.bad_cell", file=sheet.file, row=row + 2, column="time", given=text[:40]) from None  # fmt: skip
    first = np.nanmin(out) if np.isfinite(out).any() else 0.0
    return out - first // 86400 * 86400


def _of_day(text: str) -> float:
    when = datetime.fromisoformat(text)
    return when.hour * 3600 + when.minute * 60 + when.second + when.microsecond / 1e6


def read_stations(path: str | Path, plane: Plane) -> Stations:
    """Read hourly means: ``station, hour_ending, pm10, pm25`` and a place."""
    sheet = read_sheet(path)
    sheet.need("station", "hour_ending", "pm10")
    x, y = _places(sheet, plane)
    return Stations(
        tuple(sheet.texts("station")), x, y, sheet.numbers("hour_ending", filled=True),
        sheet.numbers("pm10"), sheet.numbers("pm25"),
    )  # fmt: skip
