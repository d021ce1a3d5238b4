"""History (表的历史): what was committed to a table, and the table as it stood.

Single versions stay readable as long as the policy keeps the log. A *pin* keeps one version for
good: the list of its files is written beside the table, and `qingyuan.store.maintenance` never
removes a file that a pin names. What was known at an instant, by the time of receipt, can always be
asked (`Observations.means`, ``known_at``); that needs no pin.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from qingyuan.core.problems import Problem
from qingyuan.store.tables import Table

__all__ = [
    "Commit",
    "Pin",
    "at_instant",
    "commits",
    "pin",
    "pinned",
    "pinned_files",
    "pins",
    "unpin",
]

_NAME = re.compile(r"[a-z0-9][a-z0-9_.-]{0,79}")


@dataclass(frozen=True, slots=True)
class Commit:
    """One commit of a table (一次提交); ``at`` is wall time."""

    version: int
    at: datetime
    operation: str
    rows: int | None
    files_added: int | None
    files_removed: int | None


@dataclass(frozen=True, slots=True)
class Pin:
    """A version kept for good under a name (留存版本)."""

    name: str
    version: int
    at: datetime
    files: int
    rows: int


def commits(table: Table, *, most: int = 50) -> list[Commit]:
    """Return the newest commits the log still has, newest first."""
    table.version()
    return [_commit(row) for row in table.delta.history(most)]


def _commit(row: dict[str, object]) -> Commit:
    metrics = row.get("operationMetrics")
    told = metrics if isinstance(metrics, dict) else {}

    def count(*names: str) -> int | None:
        found = [told[name] for name in names if name in told]
        return int(found[0]) if found and not isinstance(found[0], dict) else None

    return Commit(
        version=int(str(row["version"])),
        at=datetime.fromtimestamp(int(str(row["timestamp"])) / 1000, UTC),
        operation=str(row.get("operation", "")),
        rows=count("num_added_rows", "numAddedRows"),
        files_added=count("num_added_files", "numFilesAdded"),
        files_removed=count("num_removed_files", "numFilesRemoved"),
    )


def at_instant(table: Table, instant: datetime) -> Table:
    """Return the table as it stood at an instant of wall time, to be read only.

    Raises
    ------
    Problem
        ``store.version_gone`` when the log does not reach back that far.
    """
    told = commits(table, most=1_000_000)
    held = [one.version for one in told if one.at <= instant]
    if not held:
        oldest = told[-1].version if told else 0
        raise Problem(
            "store.version_gone", table=table.name, version=oldest - 1, current=table.version()
        )
    return table.at(held[0])


def pin(table: Table, name: str, *, at: datetime, version: int | None = None) -> Pin:
    """Keep a version (the present one) under *name*, whatever is compacted or removed later.

    Raises
    ------
    Problem
        ``store.pin_name`` for a name that is no file name, ``store.pin_taken``;
        ``store.version_gone``.
    """
    path = _path(table, name)
    if path.exists():
        raise Problem("store.pin_taken", name=name, table=table.name)
    kept = table.at(table.version() if version is None else version)
    told = {"version": str(kept.version()), "at": at.isoformat()}
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_suffix(".part")
    pq.write_table(kept.actions().replace_schema_metadata(told), unfinished)
    unfinished.replace(path)
    return _read(path)


def unpin(table: Table, name: str) -> None:
    """Let a pinned version go; its files are removed at the next full maintenance."""
    path = _path(table, name)
    if not path.exists():
        raise Problem("store.pin_unknown", name=name, table=table.name)
    path.unlink()


def pins(table: Table) -> list[Pin]:
    """Return every pinned version, oldest first."""
    found = [_read(path) for path in _folder(table).glob("*.parquet")]
    return sorted(found, key=lambda one: (one.version, one.name))


def pinned(table: Table, name: str) -> Table:
    """Return the table as it stood when it was pinned.

    Raises
    ------
    Problem
        ``store.pin_unknown``.
    """
    path = _path(table, name)
    if not path.exists():
        raise Problem("store.pin_unknown", name=name, table=table.name)
    actions = pq.read_table(path)
    return table.frozen(actions, version=int((actions.schema.metadata or {})[b"version"]))


def pinned_files(table: Table) -> frozenset[str]:
    """Return the data files that some pin names, as the log names them."""
    names: set[str] = set()
    for path in _folder(table).glob("*.parquet"):
        names |= set(pq.read_table(path, columns=["path"]).column("path").to_pylist())
    return frozenset(names)


def _read(path: Path) -> Pin:
    kept = pq.read_table(path, columns=["path", "num_records"])
    told = kept.schema.metadata or {}
    rows = pa.compute.sum(kept.column("num_records")).as_py() or 0
    return Pin(
        path.stem,
        int(told[b"version"]),
        datetime.fromisoformat(told[b"at"].decode()),
        kept.num_rows,
        rows,
    )


def _folder(table: Table) -> Path:
    return table.folder / f"{table.name}.pins"


def _path(table: Table, name: str) -> Path:
    if not _NAME.fullmatch(name):
        raise Problem("store.pin_name", name=name)
    return _folder(table) / f"{name}.parquet"
