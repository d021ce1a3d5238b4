"""Sheets (表格文件): CSV and Parquet by columns, under the names and units strangers give them."""

from __future__ import annotations

import csv
import gzip
import io
import re
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from qingyuan.core.problems import Problem, Problems
from qingyuan.hotspots.roads import Floats, Ints

__all__ = ["Sheet", "read_sheet"]

_MOST_TOLD = 20
_DAY_S = 86400.0
_BEIJING = timezone(timedelta(hours=8))
_EMPTY = {"", "na", "n/a", "nan", "null", "none", "nat", "-", "--", "—", "无"}
_NAMES = {
    "vehicle_id": ("vehicle", "car", "car_id", "taxi", "taxi_id", "plate", "车辆", "车牌", "车牌号", "车辆编号"),
    "t_s": ("t", "seconds"),
    "time": ("timestamp", "datetime", "时间", "监测时间", "定位时间", "采集时间"),
    "x": ("x_m",), "y": ("y_m",),
    "lon": ("lng", "long", "longitude", "经度"),
    "lat": ("latitude", "纬度"),
    "speed_ms": ("speed", "speed_m_s", "速度", "车速"),
    "speed_kmh": ("speed_km_h", "kmh"),
    "pm10": ("pm10_ugm3", "pm10_ug_m3", "可吸入颗粒物"),
    "pm25": ("pm2.5", "pm2_5", "pm25_ugm3", "pm2.5_ugm3", "pm2_5_ug_m3", "细颗粒物"),
    "rh": ("humidity", "rh_pct", "相对湿度", "湿度"),
    "edge_id": ("edge", "link_id", "路段编号"),
    "u": ("from_node", "起点编号"), "v": ("to_node", "终点编号"),
    "road": ("name", "road_name", "道路", "道路名称", "路名", "名称"),
    "road_class": ("highway", "class", "道路等级"),
    "lon1": ("lng1",), "lon2": ("lng2",),
    "station": ("station_id", "站点", "点位"),
    "site_id": ("id", "编号"), "type": ("kind", "类型", "类别"),
    "department": ("responsible", "责任部门", "主管部门"),
}  # fmt: skip
_OURS = {other: ours for ours, others in _NAMES.items() for other in others}
_UNIT = re.compile(r"\s*[\(（\[【]([^\)）\]】]*)[\)）\]】]\s*$")
_MILLIGRAMS = {"mg/m3", "mg/m³", "mgm3", "毫克/立方米"}
_KILOMETRES_AN_HOUR = {"km/h", "kmh", "公里/小时", "千米/小时"}


@dataclass(frozen=True)
class Sheet:
    """A table by columns; text stays text, row 2 is the first below the header."""

    file: str
    columns: dict[str, list[str] | npt.NDArray[Any]]
    rows: int
    times: dict[str, float] = field(default_factory=dict)
    row_of: Ints | None = None

    def row(self, at: int) -> int:
        """Return the row of the file (its header is 1) of the *at*-th row of the table."""
        return at + 2 if self.row_of is None else int(self.row_of[at])

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
        out = _as_numbers(cells)
        if out is None:
            raise Problems(self._bad(name, cells))
        if filled and not np.isfinite(out).all():
            row = int(np.flatnonzero(~np.isfinite(out))[0])
            raise Problem("hotspots.bad_cell", file=self.file, row=self.row(row), column=name, given="")  # fmt: skip
        out[np.isinf(out)] = np.nan
        return out * self.times.get(name, 1.0)

    def texts(self, name: str) -> list[str]:
        """Return a column as texts; empty ones if there is none."""
        if name not in self.columns:
            return [""] * self.rows
        return ["" if _is_empty(c) else str(c).strip() for c in self.columns[name]]

    def ids(self, name: str) -> tuple[Ints, tuple[str, ...]]:
        """Return a column of ids as whole numbers; with their texts if they are none."""
        self.need(name)
        texts = self.texts(name)
        try:
            return np.array([int(c) for c in texts], dtype=np.int64), ()
        except (ValueError, OverflowError):
            pass
        if "" in texts:
            raise Problem("hotspots.bad_cell", file=self.file, row=self.row(texts.index("")), column=name, given="")  # fmt: skip
        _, number = np.unique(np.asarray(texts), return_inverse=True)
        return number.astype(np.int64), tuple(texts)

    def seconds(self) -> Floats:
        """Return seconds from midnight of the first day, Beijing time, of ``t_s`` or ``time``.

        ``t_s`` beyond thirty years is a count from 1970 (UTC), in seconds or milliseconds.
        """
        if "t_s" in self.columns:
            out = self.numbers("t_s")
            usual = float(np.nanmedian(out)) if np.isfinite(out).any() else 0.0
            if usual < 30 * 365 * _DAY_S:
                return out
            return _from_midnight((out / 1000 if usual > 1e11 else out) + 8 * 3600)
        self.need("time")
        cells = self.columns["time"]
        if isinstance(cells, np.ndarray) and cells.dtype.kind == "M":
            out = cells.astype("datetime64[ms]").astype(np.float64) / 1000
            return _from_midnight(np.where(np.isnat(cells), np.nan, out))
        found: list[Problem] = []
        out = np.full(self.rows, np.nan)
        for at, cell in enumerate(cells):
            if _is_empty(cell):
                continue
            try:
                out[at] = _instant(str(cell).strip())
            except ValueError:
                found.append(Problem("hotspots.bad_cell", file=self.file, row=self.row(at),
                                     column="time", given=str(cell)[:40]))  # fmt: skip
                if len(found) == _MOST_TOLD:
                    break
        Problems.raise_any(found)
        return _from_midnight(out)

    def _bad(self, name: str, cells: object) -> list[Problem]:
        found: list[Problem] = []
        for at, cell in enumerate(list(cells)):  # type: ignore[call-overload]
            if _as_numbers([cell]) is None:
                found.append(Problem("hotspots.bad_cell", file=self.file, row=self.row(at),
                                     column=name, given=str(cell)[:40]))  # fmt: skip
                if len(found) == _MOST_TOLD:
                    break
        return found


def _is_empty(cell: object) -> bool:
    return cell is None or str(cell).strip().lower() in _EMPTY


def _as_numbers(cells: list[str] | list[Any] | npt.NDArray[Any]) -> Floats | None:
    """Return numbers, NaN for what stands for nothing; None if a text is neither."""
    try:
        if isinstance(cells, np.ndarray) and cells.dtype.kind in "fiub":
            return cells.astype(np.float64)
        return np.array([float(c) if c else np.nan for c in cells], dtype=np.float64)
    except (TypeError, ValueError):
        pass
    try:
        return np.array([np.nan if _is_empty(c) else float(c) for c in cells], dtype=np.float64)
    except (TypeError, ValueError):
        return None


def _from_midnight(seconds: Floats) -> Floats:
    first = float(np.nanmin(seconds)) if np.isfinite(seconds).any() else 0.0
    return seconds - first // _DAY_S * _DAY_S


def _instant(text: str) -> float:
    """Return seconds of a local time; a time that names its zone is brought to Beijing's."""
    try:
        when = datetime.fromisoformat(text)
    except ValueError:
        date, _, clock = text.replace("/", "-").replace("T", " ").partition(" ")
        parts = [int(p) for p in date.split("-")]
        when = datetime.fromisoformat(f"{parts[0]:04d}-{parts[1]:02d}-{parts[2]:02d}") if len(parts) == 3 else datetime.fromisoformat("")  # fmt: skip
        hours = [float(p) for p in clock.split(":")] if clock else [0.0]
        if len(hours) > 3:
            raise
        when += timedelta(seconds=sum(h * 60 ** (2 - k) for k, h in enumerate(hours)))
    if when.tzinfo is not None:
        when = when.astimezone(_BEIJING).replace(tzinfo=None)
    return when.toordinal() * _DAY_S + when.hour * 3600 + when.minute * 60 + when.second + when.microsecond / 1e6  # fmt: skip


def read_sheet(path: str | Path) -> Sheet:
    """Read CSV (UTF-8, UTF-16 or GB 18030; commas, semicolons or tabs; plain or gzipped) or Parquet.

    Raises
    ------
    Problem
        ``hotspots.no_file``, ``hotspots.unread``, ``hotspots.torn_row``, ``hotspots.no_parquet``.
    """
    path = Path(path)
    if not path.is_file():
        raise Problem("hotspots.no_file", file=path.name)
    if path.suffix.lower() in (".parquet", ".pq"):
        return _parquet(path)
    try:
        raw = path.read_bytes()
        text = _decoded(gzip.decompress(raw) if raw[:2] == b"\x1f\x8b" else raw)
        rows = _csv_rows(text)
    except (UnicodeDecodeError, gzip.BadGzipFile, EOFError, OSError, csv.Error):
        raise Problem("hotspots.unread", file=path.name) from None
    return _sheet(path.name, rows)


def _sheet(name: str, rows: list[tuple[int, list[str]]]) -> Sheet:
    head = rows[0][1] if rows else []
    body = rows[1:]
    for number, row in body:
        if len(row) != len(head):
            raise Problem("hotspots.torn_row", file=name, row=number, cells=len(row), columns=len(head))  # fmt: skip
    columns = [list(c) for c in zip(*(row for _, row in body), strict=True)] if body else [[] for _ in head]  # fmt: skip
    called = [_called(title) for title in head]
    return Sheet(
        name, {n: c for (n, _), c in zip(called, columns, strict=True)}, len(body),
        {n: times for n, times in called if times != 1.0},
        np.array([number for number, _ in body], dtype=np.int64),
    )  # fmt: skip


def _decoded(raw: bytes) -> str:
    if raw[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return raw.decode("utf-16")
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        return raw.decode("gb18030")


def _csv_rows(text: str) -> list[tuple[int, list[str]]]:
    """Return the filled rows with their numbers in the file."""
    head = text[:4096].partition("\n")[0]
    comma = max((",", ";", "\t"), key=head.count)
    lines = csv.reader(io.StringIO(text, newline=None), delimiter=comma)
    return [
        (number, row) for number, row in enumerate(lines, start=1) if any(c.strip() for c in row)
    ]


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
    called = {n: _called(n) for n in table.column_names}
    columns = {called[n][0]: table[n].to_numpy(zero_copy_only=False) for n in table.column_names}
    times = {name: by for name, by in called.values() if by != 1.0}
    return Sheet(path.name, columns, table.num_rows, times)


def _called(title: str) -> tuple[str, float]:
    """Return our name of a column, and by what its values are multiplied to be in our units."""
    name = title.strip().lower()
    unit = ""
    if found := _UNIT.search(name):
        name, unit = name[: found.start()].strip(), found.group(1).strip()
    ours = name if name in _NAMES else _OURS.get(name, name)
    if unit in _KILOMETRES_AN_HOUR and ours == "speed_ms":
        return "speed_kmh", 1.0
    return ours, 1000.0 if unit in _MILLIGRAMS else 1.0
