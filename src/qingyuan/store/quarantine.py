"""Quarantine (隔离区): packets that were kept and not believed, with the reason.

The bytes stay as they came; nothing here is ever read as a measurement. Of a flood only the first
packets of each hour are kept; a row without bytes tells with its ``count`` how many more there were.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from qingyuan.core.periods import city_date
from qingyuan.core.problems import Problem
from qingyuan.store.maintenance import tidy
from qingyuan.store.tables import Table

__all__ = ["QUARANTINE", "Quarantine", "QuarantineCount"]

QUARANTINE = pa.schema(
    [
        pa.field("received_at", pa.timestamp("us", "UTC"), nullable=False),
        pa.field("peer", pa.string(), nullable=False),
        pa.field("mn", pa.string(), nullable=False),
        pa.field("reason", pa.string(), nullable=False),
        pa.field("detail", pa.string(), nullable=False),
        pa.field("verdict", pa.string(), nullable=False),
        pa.field("raw", pa.binary(), nullable=False),
        pa.field("segment", pa.int64(), nullable=False),
        pa.field("offset", pa.int64(), nullable=False),
        pa.field("count", pa.int64()),  # packets this row stands for; null is one
        pa.field("day", pa.date32(), nullable=False),
    ]
)
_DEFAULTS: Mapping[str, object] = {
    "peer": "",
    "mn": "",
    "detail": "",
    "verdict": "",
    "raw": b"",
    "segment": -1,
    "offset": -1,
    "count": 1,
}
_SHOWN = [name for name in QUARANTINE.names if name != "day"]


@dataclass(frozen=True, slots=True, order=True)
class QuarantineCount:
    """How many packets of one device were set aside on one Beijing day for one reason."""

    day: date
    reason: str
    mn: str
    count: int


class Quarantine:
    """The table of packets set aside (隔离表) in the store's *folder*."""

    def __init__(self, folder: Path) -> None:
        self.table = Table(Path(folder), "quarantine", QUARANTINE)

    def append(
        self, rows: Iterable[Mapping[str, object]], *, app: tuple[str, int] | None = None
    ) -> int:
        """Store *rows* (at least ``received_at`` and ``reason``) and return the version.

        The day is the Beijing day of receipt. A replayed *app* version writes nothing.

        Raises
        ------
        Problem
            ``store.naive_time`` if a time of receipt has no zone; ``store.missing_column``.
        """
        return self.table.append(pa.Table.from_pylist(_complete(rows), QUARANTINE), app=app)

    def app_version(self, app: str) -> int | None:
        """Return the last committed version of application *app*, or None."""
        return self.table.app_version(app)

    def recent(
        self, limit: int = 100, *, mn: str | None = None, reason: str | None = None
    ) -> list[dict[str, object]]:
        """Return the *limit* newest packets set aside, newest first."""
        found: list[dict[str, object]] = []
        for day in reversed(self.table.days()):
            rows = self._of_day(day, mn=mn, reason=reason)
            order = pc.sort_indices(rows, [("received_at", "descending"), ("offset", "descending")])
            found += rows.take(order[: limit - len(found)]).to_pylist()
            if len(found) >= limit:
                break
        return found

    def counts(
        self, *, first: date | None = None, last: date | None = None
    ) -> list[QuarantineCount]:
        """Return how many were set aside by day, reason and device, from *first* to *last*."""
        counted = []
        for day in self.table.days():
            if (first and day < first) or (last and day > last):
                continue
            keys = ["reason", "mn"]
            rows = self.table.read(first=day, last=day, columns=[*keys, "count"])
            each = pc.fill_null(rows.column("count"), 1)
            groups = rows.select(keys).append_column("count", each).group_by(keys)
            counted += [
                QuarantineCount(day, row["reason"], row["mn"], row["count_sum"])
                for row in groups.aggregate([("count", "sum")]).to_pylist()
            ]
        return sorted(counted)

    def tidy(self) -> int:
        """Compact crowded days and drop what is no longer needed; only the worker calls this."""
        return tidy(self.table)

    def _of_day(self, day: date, *, mn: str | None, reason: str | None) -> pa.Table:
        rows = self.table.read(first=day, last=day, columns=_SHOWN)
        for name, wanted in (("mn", mn), ("reason", reason)):
            if wanted is not None:
                rows = rows.filter(pc.equal(rows.column(name), wanted))
        return rows


def _complete(rows: Iterable[Mapping[str, object]]) -> list[dict[str, object]]:
    complete = []
    for row in rows:
        received_at = row.get("received_at")
        if not isinstance(received_at, datetime) or not row.get("reason"):
            raise Problem(
                "store.missing_column",
                column="reason" if isinstance(received_at, datetime) else "received_at",
            )
        if received_at.tzinfo is None:
            raise Problem("store.naive_time", column="received_at")
        complete.append({**_DEFAULTS, **row, "day": city_date(received_at)})
    return complete
