"""Tables (表): one Delta table of the store, appended by some processes, compacted by another.

What the table adds to Delta Lake: a replayed application transaction writes nothing, appenders of
one table take turns (a file lock beside the folder), a reader can follow what was appended after a
version even when the files have been compacted since, and the log is kept no longer than it is
needed.
"""

from __future__ import annotations

import fcntl
import json
import threading
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from urllib.parse import unquote

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from deltalake import (
    CommitProperties,
    DeltaTable,
    Field,
    Transaction,
    WriterProperties,
    write_deltalake,
)
from deltalake.exceptions import CommitFailedError

from qingyuan.core.problems import Problem

__all__ = ["Added", "News", "Table"]

_SETTINGS = {
    "delta.checkpointInterval": "100",
    "delta.enableExpiredLogCleanup": "false",  # `tidy` does it; an append never pays for it
    # an append lists the log: at a commit every 2 s a day of it costs 0.2 s each time
    "delta.logRetentionDuration": "interval 12 hours",
    "delta.deletedFileRetentionDuration": "interval 1 days",
}
_TRIES = 5
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_STATS_GRAIN = timedelta(milliseconds=1)  # Delta statistics of instants are cut to milliseconds


@dataclass(frozen=True, slots=True)
class Added:
    """One data file that a commit added to a day."""

    version: int
    path: Path
    day: date


@dataclass(frozen=True, slots=True)
class News:
    """What was appended after a version (新增): the rows, and the version they reach."""

    rows: pa.Table
    version: int


class Table:
    """One Delta table partitioned by ``day`` (分日表).

    Parameters
    ----------
    folder : Path
        The store's folder; the table is ``folder/name``.
    name : str
        ``observations``, ``quarantine`` …
    schema : pyarrow.Schema
        With explicit types; the last column is ``day`` (date32), the partition.
    """

    def __init__(self, folder: Path, name: str, schema: pa.Schema) -> None:
        self.name = name
        self.schema = schema
        self.path = Path(folder) / name
        self._lock_path = Path(folder) / f"{name}.lock"
        self._thread_lock = threading.RLock()
        self._pen_held = False
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with self.committing():  # two processes may open a new store at once
            if not DeltaTable.is_deltatable(str(self.path)):
                DeltaTable.create(
                    str(self.path),
                    schema=schema,
                    partition_by=["day"],
                    name=name,
                    configuration=_SETTINGS,
                )
            self._delta = DeltaTable(str(self.path))
            known = {column.name for column in self._delta.schema().fields}
            added = [Field.from_arrow(column) for column in schema if column.name not in known]
            if added:  # made by an earlier release; its rows hold nothing there
                self._delta.alter.add_columns(added)

    @contextmanager
    def committing(self) -> Iterator[None]:
        """Hold the only pen: one appender at a time, of any process; may be nested."""
        with self._thread_lock:
            if self._pen_held:
                yield
                return
            with self._lock_path.open("w") as handle:
                fcntl.flock(handle, fcntl.LOCK_EX)
                self._pen_held = True
                try:
                    yield
                finally:
                    self._pen_held = False

    def version(self) -> int:
        """Return the newest version of the table."""
        with self._thread_lock:
            self._delta.update_incremental()
            return self._delta.version()

    def app_version(self, app: str) -> int | None:
        """Return the last version of application *app* that was committed, or None."""
        with self._thread_lock:
            self._delta.update_incremental()
            return self._delta.transaction_version(app)

    def has(self, app: tuple[str, int] | None) -> bool:
        """Whether the application transaction *app* is already in the table."""
        if app is None:
            return False
        done = self.app_version(app[0])
        return done is not None and app[1] <= done

    def append(self, rows: pa.Table, *, app: tuple[str, int] | None = None) -> int:
        """Commit *rows* (in the table's schema) and return the version that holds them.

        A transaction that is already in the table, and an empty batch, write nothing and answer the
        present version.
        """
        with self.committing():
            for attempt in range(1, _TRIES + 1):
                if not rows.num_rows or self.has(app):
                    break
                try:
                    self._write(rows, app)
                except CommitFailedError:  # a writer on another machine; our lock is this one's
                    if attempt == _TRIES:
                        raise Problem("store.busy", table=self.name, tries=_TRIES) from None
                else:
                    break
            return self._delta.version()

    def _write(self, rows: pa.Table, app: tuple[str, int] | None) -> None:
        transactions = [Transaction(*app)] if app else None
        write_deltalake(
            self._delta,
            rows,
            mode="append",
            writer_properties=WriterProperties(compression="ZSTD"),
            commit_properties=CommitProperties(app_transactions=transactions),
        )

    def files(self, *, first: date | None = None, last: date | None = None) -> list[str]:
        """Return the data files of the present snapshot that hold days *first* to *last*."""
        bounds = [("day", ">=", first), ("day", "<=", last)]
        wanted = [(name, op, day.isoformat()) for name, op, day in bounds if day is not None]
        with self._thread_lock:
            self._delta.update_incremental()
            return sorted(self._delta.file_uris(file_pruning_predicate=wanted or None))

    def files_between(self, column: str, start: int, end: int) -> list[str]:
        """Return the files that may hold instants of *column* between two, in µs since the epoch.

        By the statistics of the log; a file without any counts as one that may.
        """
        first = _EPOCH + timedelta(microseconds=start) - _STATS_GRAIN
        last = _EPOCH + timedelta(microseconds=end) + _STATS_GRAIN
        with self._thread_lock:
            self._delta.update_incremental()
            actions = pa.table(self._delta.get_add_actions(flatten=True))
        if f"min.{column}" not in actions.column_names:
            return self.files()
        low, high = actions.column(f"min.{column}"), actions.column(f"max.{column}")
        outside = pc.or_kleene(pc.less(high, first), pc.greater(low, last))
        wanted = actions.filter(pc.invert(pc.fill_null(outside, False)))
        return [str(self.path / unquote(path)) for path in wanted.column("path").to_pylist()]

    def days_apart(self, column: str, *, first: date, last: date) -> tuple[list[str], list[str]]:
        """Return the files of days on which the flag *column* is never set, and the other files.

        By the statistics of the log; a file without any counts as one where it may be set.
        """
        wanted = self.files(first=first, last=last)
        with self._thread_lock:
            actions = pa.table(self._delta.get_add_actions(flatten=True))
        name = f"max.{column}"
        known = actions.column(name) if name in actions.column_names else None
        clean = {
            path
            for path, most in zip(
                actions.column("path").to_pylist(),
                known.to_pylist() if known is not None else [None] * actions.num_rows,
                strict=True,
            )
            if most is False
        }
        dirty = {_day_of(path) for path in wanted if _tail(path) not in clean}
        return (
            [path for path in wanted if _day_of(path) not in dirty],
            [path for path in wanted if _day_of(path) in dirty],
        )

    def days(self) -> list[date]:
        """Return the days that hold rows, in order."""
        return sorted({_day_of(path) for path in self.files()})

    def added(self, after: int, *, upto: int) -> Iterator[Added]:
        """Yield the files appended after version *after*, in the order of their commits.

        Files written by compaction hold nothing new and are left out; a file compacted since is
        still on disk until `tidy` finds it older than a day.

        Raises
        ------
        Problem
            ``store.version_gone`` when the log no longer reaches back that far.
        """
        for version in range(after + 1, upto + 1):
            entry = self.path / "_delta_log" / f"{version:020d}.json"
            try:
                lines = entry.read_text("utf-8").splitlines()
            except FileNotFoundError:
                raise self._gone(version) from None
            for line in lines:
                add = json.loads(line).get("add")
                if add and add["dataChange"]:
                    yield Added(
                        version,
                        self.path / unquote(add["path"]),
                        date.fromisoformat(add["partitionValues"]["day"]),
                    )

    def news(self, after: int, *, most: int = 1000) -> News:
        """Return the rows appended after version *after*, at most *most* commits of them.

        Raises
        ------
        Problem
            ``store.version_gone`` when the log or its files have been cleaned away.
        """
        upto = min(self.version(), after + most)
        parts = [self._read(file) for file in self.added(after, upto=upto)]
        rows = pa.concat_tables(parts) if parts else self.schema.empty_table()
        return News(rows, max(upto, after))

    def read(
        self, *, first: date | None = None, last: date | None = None, columns: Iterable[str]
    ) -> pa.Table:
        """Return *columns* (not ``day``) of the days *first* to *last* as they stand now."""
        names = list(columns)
        schema = pa.schema([self.schema.field(name) for name in names])
        parts = [_columns_of(Path(path), schema) for path in self.files(first=first, last=last)]
        return pa.concat_tables(parts) if parts else schema.empty_table()

    def tidy(self, *, small: int = 8, target_mb: int = 64) -> int:
        """Compact every day that has gathered *small* files, clean the log, drop old files.

        Only the worker calls this; a gateway may commit meanwhile. Returns the number of days
        compacted.

        Raises
        ------
        Problem
            ``store.busy`` if another compaction wins five times in a row.
        """
        days = self._crowded(small)
        for day in days:
            self._compact(day, target_mb)
        with self._thread_lock:
            self._delta.update_incremental()
            if days:
                self._delta.create_checkpoint()
            self._delta.cleanup_metadata()
            self._delta.vacuum(dry_run=False)
        return len(days)

    def _crowded(self, small: int) -> list[date]:
        files = Counter(_day_of(path) for path in self.files())
        return sorted(day for day, count in files.items() if count >= small)

    def _compact(self, day: date, target_mb: int) -> None:
        for _ in range(_TRIES):
            try:
                with self._thread_lock:
                    self._delta.update_incremental()
                    self._delta.optimize.compact(
                        partition_filters=[("day", "=", day.isoformat())],
                        target_size=target_mb << 20,
                    )
            except CommitFailedError:
                continue
            return
        raise Problem("store.busy", table=self.name, tries=_TRIES)

    def _read(self, file: Added) -> pa.Table:
        schema = pa.schema([column for column in self.schema if column.name != "day"])
        try:
            rows = _columns_of(file.path, schema)
        except FileNotFoundError:
            raise self._gone(file.version) from None
        days = pa.array([file.day] * rows.num_rows, pa.date32())
        return rows.append_column("day", days).cast(self.schema)

    def _gone(self, version: int) -> Problem:
        return Problem(
            "store.version_gone", table=self.name, version=version, current=self.version()
        )


def _columns_of(path: Path, schema: pa.Schema) -> pa.Table:
    """Read the columns of *schema* from a file; one that it lacks holds nothing."""
    read = pq.ParquetFile(path).read(columns=schema.names)
    for column in schema:
        if column.name not in read.column_names:
            read = read.append_column(column, pa.nulls(read.num_rows, column.type))
    return read.select(schema.names).cast(schema)


def _day_of(path: str) -> date:
    return date.fromisoformat(Path(path).parent.name.partition("=")[2])


def _tail(path: str) -> str:
    """Return ``day=…/part-….parquet``, as the log names a file."""
    return "/".join(Path(path).parts[-2:])
