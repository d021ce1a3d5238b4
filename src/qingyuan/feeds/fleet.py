"""Fixes of a fleet (走航数据): batches of fixes by MQTT, HTTP or file, through the same intake.

A fix has ``vehicle time lon lat`` and may have ``pm10 pm25 rh speed_ms`` (µg/m³, %, m/s). Only what
could not be kept as a fix at all is refused here; whether a kept fix can be believed is judged by
the survey of the day, which gives its own reasons.
"""

from __future__ import annotations

import csv
import io
import json
import logging
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from qingyuan.core.periods import CITY_TZ, city_date
from qingyuan.core.problems import Problem
from qingyuan.feeds.batch import CSV, JSON, MOST_BYTES, MOST_ITEMS
from qingyuan.feeds.intake import Arrival, Matter
from qingyuan.feeds.judging import Verdict
from qingyuan.store.fixes import Fixes

__all__ = ["FIXED", "FIX_REFUSALS", "Vehicle", "VehiclesFile", "judge_fix", "read_fixes"]

_log = logging.getLogger("qingyuan.feeds")
_EARLY = timedelta(days=1)
_OLDEST = datetime(2000, 1, 1, tzinfo=UTC)
_NAMES: Mapping[str, tuple[str, ...]] = {
    "vehicle": ("vehicle_id", "device", "车辆", "设备编号", "车辆编号"),
    "time": ("timestamp", "datetime", "时间", "监测时间"),
    "lon": ("lng", "longitude", "经度"),
    "lat": ("latitude", "纬度"),
    "pm10": ("PM10",),
    "pm25": ("pm2.5", "pm2_5", "PM2.5"),
    "rh": ("humidity", "湿度", "相对湿度"),
    "speed_ms": ("speed", "速度"),
    "speed_kmh": (),
}
_VALUES = ("pm10", "pm25", "rh", "speed_ms", "speed_kmh")
FIX_REFUSALS = (
    "feeds.unknown_vehicle", "feeds.off_duty", "feeds.fix_place", "feeds.fix_value",
    "feeds.time", "feeds.untimely",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Vehicle:
    """One registered device and the days on which some vehicle carried it; an open end is None."""

    device: str
    spans: tuple[tuple[date, date | None], ...]

    def carried(self, day: date) -> bool:
        """Tell whether a vehicle carried it on *day*."""
        return any(a <= day and (b is None or day < b) for a, b in self.spans)


class VehiclesFile:
    """The published vehicles by device; what cannot be read leaves the old list in force."""

    def __init__(self, path: Path) -> None:
        self._path, self._seen = path, (0, 0)
        self._vehicles: Mapping[str, Vehicle] = {}

    def __call__(self) -> Mapping[str, Vehicle]:
        """Return the list in force now."""
        try:
            stat = self._path.stat()
            if (stat.st_mtime_ns, stat.st_ino) != self._seen:
                self._vehicles = _vehicles(json.loads(self._path.read_text("utf-8")))
                self._seen = (stat.st_mtime_ns, stat.st_ino)
        except FileNotFoundError:
            pass
        except (OSError, ValueError, KeyError, TypeError) as fault:
            _log.error("vehicles_unreadable cause=%s", fault)
        return self._vehicles


def _vehicles(data: Mapping[str, Any]) -> Mapping[str, Vehicle]:
    return {
        row["device"]: Vehicle(
            row["device"],
            tuple(
                (date.fromisoformat(a), date.fromisoformat(b) if b else None)
                for a, b in row["spans"]
            ),
        )
        for row in data["vehicles"]
    }


def read_fixes(raw: bytes, *, media: str, most: int = MOST_ITEMS) -> list[Mapping[str, Any]]:
    """Return the fixes of a batch as they were sent, by our names.

    JSON is an object with ``fixes``, a list of objects; CSV has a heading. A time without a zone is
    Beijing time, as the vehicles' makers send it.

    Raises
    ------
    Problem
        ``feeds.too_large``, ``feeds.media``, ``feeds.fixes_unreadable``, ``feeds.too_many``.
    """
    if len(raw) > MOST_BYTES and most == MOST_ITEMS:
        raise Problem("feeds.too_large", bytes=len(raw), most=MOST_BYTES)
    kind = media.partition(";")[0].strip().lower()
    if kind not in (JSON, CSV):
        raise Problem("feeds.media", given=kind or "—", known=f"{JSON}, {CSV}")
    try:
        rows = _json(raw) if kind == JSON else _csv(raw)
    except (UnicodeDecodeError, ValueError, csv.Error, RecursionError) as fault:
        raise Problem("feeds.fixes_unreadable", cause=str(fault)[:120]) from None
    if len(rows) > most:
        raise Problem("feeds.too_many", count=len(rows), most=most)
    return rows


def _json(raw: bytes) -> list[Mapping[str, Any]]:
    data = json.loads(raw.decode("utf-8-sig"))
    rows = data.get("fixes") if isinstance(data, dict) else data
    if not isinstance(rows, list):
        raise ValueError("fixes: list expected")
    return [
        {called(name): value for name, value in row.items()} if isinstance(row, dict) else {}
        for row in rows
    ]


def _csv(raw: bytes) -> list[Mapping[str, Any]]:
    lines = csv.reader(io.StringIO(raw.decode("utf-8-sig"), newline=""), strict=True)
    head = [called(name) for name in next(lines, [])]
    missing = {"vehicle", "time", "lon", "lat"} - set(head)
    if missing:
        raise ValueError(f"missing columns: {', '.join(sorted(missing))}")
    return [dict(zip(head, row, strict=False)) for row in lines if row]


def called(name: str) -> str:
    """Return our name of a column."""
    name = name.strip()
    return next((ours for ours, others in _NAMES.items() if name in others), name.lower())


def judge_fix(
    number: int,
    row: Mapping[str, Any],
    vehicles: Mapping[str, Vehicle],
    *,
    received_at: datetime,
    source: str,
    arrival: Arrival,
) -> Verdict:
    """Decide about one fix: the row for the store, or the code of its refusal."""
    device = str(row.get("vehicle") or arrival.mn)
    known = vehicles.get(device)
    if known is None or (arrival.allowed is not None and device not in arrival.allowed):
        return Verdict(number, "feeds.unknown_vehicle", device[:40])
    try:
        time = datetime.fromisoformat(str(row.get("time")))
        time = (time if time.tzinfo else time.replace(tzinfo=CITY_TZ)).astimezone(UTC)
    except (ValueError, OverflowError):
        return Verdict(number, "feeds.time", str(row.get("time"))[:40], device)
    if not _OLDEST <= time <= received_at + _EARLY:
        return Verdict(number, "feeds.untimely", str(row.get("time"))[:40], device)
    if not known.carried(city_date(time)):
        return Verdict(number, "feeds.off_duty", device[:40], device)
    lon, lat = _number(row.get("lon")), _number(row.get("lat"))
    if lon is None or lat is None or not (73 <= lon <= 136 and 3 <= lat <= 54):
        return Verdict(
            number, "feeds.fix_place", f"{row.get('lon')}, {row.get('lat')}"[:40], device
        )
    values: dict[str, float | None] = {}
    for name in _VALUES:
        given = row.get(name)
        values[name] = None if given is None or given == "" else _number(given)
        if values[name] is None and given not in (None, ""):
            return Verdict(number, "feeds.fix_value", f"{name}={given}"[:40], device)
    kmh = values.pop("speed_kmh")
    if values["speed_ms"] is None and kmh is not None:
        values["speed_ms"] = kmh / 3.6
    return Verdict(number, row={
        "vehicle": device, "time": time, "lon": lon, "lat": lat, **values,
        "received_at": received_at, "source": source[:80],
    })  # fmt: skip


def _number(given: object) -> float | None:
    try:
        found = float(given)  # type: ignore[arg-type]  # whatever was sent; the except says no
    except (TypeError, ValueError):
        return None
    return found if math.isfinite(found) else None


def _judge_batch(arrival: Arrival, roster: Any, at: datetime, qn: str) -> tuple[Verdict, ...]:
    rows: Sequence[Mapping[str, Any]] = read_fixes(arrival.raw, media=arrival.media)
    return tuple(
        judge_fix(n, row, roster, received_at=at, source=arrival.source, arrival=arrival)
        for n, row in enumerate(rows, 1)
    )


FIXED = Matter("fleet", Fixes, _judge_batch)
