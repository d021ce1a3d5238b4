"""Dialogues (对话): what was said between the platform and its devices, step by step.

One row per step of a command, a calibration or a back-fill: sent, acknowledged, answered, and how
it ended, with the bytes and their place in the journal.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from pathlib import Path

import pyarrow as pa

from qingyuan.core.periods import city_date
from qingyuan.core.problems import Problem
from qingyuan.store.maintenance import tidy
from qingyuan.store.tables import News, Table

__all__ = ["DIALOGUES", "ENDS", "Dialogues"]

ENDS = frozenset({"done", "refused", "overtime", "cancelled"})

DIALOGUES = pa.schema(
    [
        pa.field("received_at", pa.timestamp("us", "UTC"), nullable=False),
        pa.field("mn", pa.string(), nullable=False),
        pa.field("command", pa.int64()),
        pa.field("purpose", pa.string(), nullable=False),
        pa.field("cn", pa.string(), nullable=False),
        pa.field("qn", pa.string(), nullable=False),
        pa.field("direction", pa.string(), nullable=False),
        pa.field("event", pa.string(), nullable=False),
        pa.field("result", pa.string(), nullable=False),
        pa.field("raw", pa.binary(), nullable=False),
        pa.field("segment", pa.int64(), nullable=False),
        pa.field("offset", pa.int64(), nullable=False),
        pa.field("day", pa.date32(), nullable=False),
    ]
)
_DEFAULTS: Mapping[str, object] = {
    "command": None,
    "qn": "",
    "result": "",
    "raw": b"",
    "segment": -1,
    "offset": -1,
}


class Dialogues:
    """The table of dialogues (对话表) in the store's *folder*."""

    def __init__(self, folder: Path) -> None:
        self.table = Table(Path(folder), "dialogues", DIALOGUES)

    def append(
        self, rows: Iterable[Mapping[str, object]], *, app: tuple[str, int] | None = None
    ) -> int:
        """Store *rows* and return the version; a replayed *app* version writes nothing.

        Raises
        ------
        Problem
            ``store.naive_time`` if a time of receipt has no zone.
        """
        complete = [{**_DEFAULTS, **row, "day": _day(row["received_at"])} for row in rows]
        return self.table.append(pa.Table.from_pylist(complete, DIALOGUES), app=app)

    def version(self) -> int:
        """Return the newest version of the table."""
        return self.table.version()

    def app_version(self, app: str) -> int | None:
        """Return the last committed version of application *app*, or None."""
        return self.table.app_version(app)

    def news(self, version: int, *, most: int = 1000) -> News:
        """Return the rows appended after *version* and the version they reach; see `Observations`."""
        return self.table.news(version, most=most)

    def commands(self, *, first: date | None = None) -> dict[int, dict[str, object]]:
        """Return every command that was sent since day *first*: where it began, and its last step.

        Returns
        -------
        dict
            By command: ``mn cn qn segment ended``; *ended* tells whether its dialogue is over.
        """
        names = ["command", "mn", "cn", "qn", "event", "segment"]
        rows = self.table.read(first=first, columns=names).to_pylist()
        told: dict[int, dict[str, object]] = {}
        ended = {row["command"] for row in rows if row["event"] in ENDS}
        for row in rows:
            number = row["command"]
            if number is not None and number not in told:
                told[number] = {
                    name: row[name] for name in ("mn", "cn", "qn", "segment")
                } | {"ended": number in ended}  # fmt: skip
        return told

    def tidy(self) -> int:
        """Compact crowded days and drop what is no longer needed; only the worker calls this."""
        return tidy(self.table)


def _day(received_at: object) -> date:
    if not isinstance(received_at, datetime):
        raise Problem("store.missing_column", column="received_at")
    if received_at.tzinfo is None:
        raise Problem("store.naive_time", column="received_at")
    return city_date(received_at)
