"""Fixes (走航定位): what a fleet of sensing vehicles sent, as sent, by day.

Nothing is judged here: a fix sent twice is kept twice and counted as a duplicate by the survey that
reads it. A row of a day is a Beijing day.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

import pyarrow as pa

from qingyuan.core.periods import city_date
from qingyuan.core.problems import Problem
from qingyuan.store.maintenance import tidy
from qingyuan.store.tables import Table

__all__ = ["FIXES", "FixCount", "Fixes"]

FIXES = pa.schema(
    [
        pa.field("vehicle", pa.string(), nullable=False),
        pa.field("time", pa.timestamp("us", "UTC"), nullable=False),
        pa.field("lon", pa.float64(), nullable=False),
        pa.field("lat", pa.float64(), nullable=False),
        pa.field("pm10", pa.float64()),
        pa.field("pm25", pa.float64()),
        pa.field("rh", pa.float64()),
        pa.field("speed_ms", pa.float64()),
        pa.field("received_at", pa.timestamp("us", "UTC"), nullable=False),
        pa.field("source", pa.string(), nullable=False),
        pa.field("day", pa.date32(), nullable=False),
    ]
)
READ = tuple(name for name in FIXES.names if name not in ("day", "received_at", "source"))


@dataclass(frozen=True, slots=True, order=True)
class FixCount:
    """How many fixes one vehicle sent on one Beijing day, and the first and last of them."""

    day: date
    vehicle: str
    count: int
    first: datetime
    last: datetime


class Fixes:
    """The table of fixes (走航定位表) in the store's *folder*; times of rows carry a zone."""

    def __init__(self, folder: Path) -> None:
        self.table = Table(Path(folder), "fixes", FIXES)

    def append(
        self,
        rows: pa.Table | Iterable[Mapping[str, object]],
        *,
        app: tuple[str, int] | None = None,
    ) -> int:
        """Store *rows* and return the version; a replayed *app* version writes nothing.

        Raises
        ------
        Problem
            ``store.naive_time`` if a row's time has no zone.
        """
        if isinstance(rows, pa.Table):
            return self.table.append(rows.select(FIXES.names).cast(FIXES), app=app)
        complete = [{**row, "day": _day(row["time"])} for row in rows]
        return self.table.append(pa.Table.from_pylist(complete, FIXES), app=app)

    def version(self) -> int:
        """Return the newest version of the table."""
        return self.table.version()

    def app_version(self, app: str) -> int | None:
        """Return the last committed version of application *app*, or None."""
        return self.table.app_version(app)

    def days(self) -> list[date]:
        """Return the days that hold fixes, in order."""
        return self.table.days()

    def between(self, first: date, last: date) -> pa.Table:
        """Return the fixes of the days *first* to *last*, in a stable order."""
        rows = self.table.read(first=first, last=last, columns=READ)
        return rows.sort_by([("vehicle", "ascending"), ("time", "ascending")])

    def counts(self, first: date, last: date) -> list[FixCount]:
        """Count the fixes of each vehicle and day."""
        found: list[FixCount] = []
        for day in [d for d in self.days() if first <= d <= last]:
            rows = self.table.read(first=day, last=day, columns=("vehicle", "time"))
            by = rows.group_by("vehicle").aggregate(
                [("time", "count"), ("time", "min"), ("time", "max")]
            )
            found += [
                FixCount(day, r["vehicle"], r["time_count"], r["time_min"], r["time_max"])
                for r in by.to_pylist()
            ]
        return sorted(found)

    def tidy(self) -> int:
        """Compact crowded days; only the worker calls this."""
        return tidy(self.table)


def _day(time: object) -> date:
    if not isinstance(time, datetime):
        raise Problem("store.missing_column", column="time")
    if time.tzinfo is None:
        raise Problem("store.naive_time", column="time")
    return city_date(time)
