"""Tables (表): one Delta table of the store, appended by some processes, compacted by another.

What the table adds to Delta Lake: a replayed application transaction writes nothing, appenders of
one table take turns (a file lock beside the folder), a reader can follow what was appended after a
version even when the files have been compacted since, a table can be read as it stood, and a disk
that is full or read-only is said so. How it is kept is `qingyuan.store.maintenance`.
"""

from __future__ import annotations

import copy
import fcntl
import json
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from urllib.parse import unquote

import pyarrow as pa
import pyarrow.compute as pc
from deltalake import (
    CommitProperties,
    DeltaTable,
    Field,
    Transaction,
    WriterProperties,
    write_deltalake,
)
from deltalake.exceptions import (
    CommitFailedError,
    DeltaError,
    SchemaMismatchError,
    TableNotFoundError,
)

from qingyuan.core.problems import Problem
from qingyuan.store.place import Place
from qingyuan.store.policies import policy_of
from qingyuan.store.refusals import refusal

__all__ = ["Added", "News", "Table"]

_TRIES = 5
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_STATS_GRAIN = timedelta(milliseconds=1)  # Delta statistics of instants are cut to milliseconds


@dataclass(frozen=True, slots=True)
class Added:
    """One data file that a commit added to a day; ``path`` is below the table."""

    version: int
    path: str
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
    schema : pyarrow.Schema, optional
        With explicit types; the last column is ``day`` (date32), the partition. Without it the
        table must be there, and its own columns are taken.

    Raises
    ------
    Problem
        ``store.no_table``, ``store.place``, ``store.full``, ``store.unwritable``.
    """

    def __init__(self, folder: Path, name: str, schema: pa.Schema | None = None) -> None:
        self.name = name
        self.folder = Path(folder)
        self.place = Place.of(self.folder, name)
        self.path = self.folder / name
        self._lock_path = self.folder / f"{name}.lock"
        self._thread_lock = threading.RLock()
        self._pen_held = False
        self._frozen: pa.Table | None = None
        self._frozen_version = -1
        self._open(schema)
        self.schema = self._own_schema() if schema is None else schema

    def _open(self, schema: pa.Schema | None) -> None:
        if self._found() and (schema is None or not self._lacking(schema)):
            return  # nothing to write: a reader needs no lock and no right to write
        if schema is None:
            raise Problem("store.no_table", table=self.name, folder=self.folder)
        with self.written():
            self.folder.mkdir(parents=True, exist_ok=True)
            with self.committing():  # two processes may open a new store at once
                if not self._found():
                    DeltaTable.create(
                        self.place.uri,
                        schema=schema,
                        partition_by=["day"],
                        name=self.name,
                        configuration=policy_of(self.name).settings(),
                        storage_options=dict(self.place.options),
                    )
                    self._found()
                if added := self._lacking(schema):  # made by an earlier release
                    self._delta.alter.add_columns(added)  # its rows hold nothing there

    def _found(self) -> bool:
        """Open the table if it is there (to ask that first would keep other threads waiting)."""
        try:
            with self.place.asked():
                self._delta = DeltaTable(self.place.uri, storage_options=dict(self.place.options))
        except TableNotFoundError:
            return False
        return True

    def _lacking(self, schema: pa.Schema) -> list[Field]:
        known = {column.name for column in self._delta.schema().fields}
        return [Field.from_arrow(column) for column in schema if column.name not in known]

    def _own_schema(self) -> pa.Schema:
        return pa.schema(self._delta.schema().to_arrow())

    @property
    def delta(self) -> DeltaTable:
        """The Delta table beneath, for what keeps it in order."""
        return self._delta

    def at(self, version: int) -> Table:
        """Return the table as it stood at *version*, to be read only (回看).

        Raises
        ------
        Problem
            ``store.version_gone`` when the log no longer reaches back that far; a pinned version
            stays readable (`qingyuan.store.history`).
        """
        try:
            with self.place.asked():
                delta = DeltaTable(self.place.uri, version, dict(self.place.options))
        except (DeltaError, TableNotFoundError):
            raise self._gone(version) from None
        past = self.frozen(pa.table(delta.get_add_actions(flatten=True)), version=version)
        if {_tail(path) for path in past.files()} - {_tail(path) for path in self.files()}:
            there = self.place.listing()  # compacted since: are the old files still on disk?
            if not all(_tail(path) in there for path in past.files()):
                raise self._gone(version)
        return past

    def frozen(self, actions: pa.Table, *, version: int) -> Table:
        """Return a reader of exactly the files of *actions*; it never looks at the log again."""
        past = copy.copy(self)
        past._frozen, past._frozen_version = actions, version
        past._thread_lock = threading.RLock()
        return past

    def actions(self) -> pa.Table:
        """Return the files of the snapshot with the statistics the log has of them."""
        if self._frozen is not None:
            return self._frozen
        with self._thread_lock:
            self._renew()
            return pa.table(self._delta.get_add_actions(flatten=True))

    @contextmanager
    def committing(self) -> Iterator[None]:
        """Hold the only pen: one appender at a time, of any process; may be nested."""
        with self._thread_lock:
            if self._pen_held:
                yield
                return
            with self.written():
                handle = self._lock_path.open("w")
            with handle:
                fcntl.flock(handle, fcntl.LOCK_EX)
                self.place.prove()
                self._pen_held = True
                try:
                    yield
                finally:
                    self._pen_held = False

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Keep this process's other threads from the table, read anew, while the block runs."""
        with self._thread_lock:
            self._renew()
            yield

    def _renew(self) -> None:
        with self.place.asked():
            self._delta.update_incremental()

    def version(self) -> int:
        """Return the newest version of the table."""
        if self._frozen is not None:
            return self._frozen_version
        with self._thread_lock:
            self._renew()
            return self._delta.version()

    def app_version(self, app: str) -> int | None:
        """Return the last version of application *app* that was committed, or None."""
        with self._thread_lock:
            self._renew()
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

        Raises
        ------
        Problem
            ``store.busy``; ``store.full``, ``store.unwritable``, ``store.place_away``: nothing of
            the batch is in the table, or all of it when only the answer was lost; *app* tells.
        """
        with self.committing():
            for attempt in range(1, _TRIES + 1):
                if not rows.num_rows or self.has(app):
                    break
                try:
                    with self.written():
                        self._write(rows, app)
                except CommitFailedError:  # a writer on another machine; our lock is this one's
                    if attempt == _TRIES:
                        raise Problem("store.busy", table=self.name, tries=_TRIES) from None
                else:
                    break
            return self._delta.version()

    @contextmanager
    def written(self) -> Iterator[None]:
        """Say what the place refused in our own words; nothing of a refused commit is in the table."""
        try:
            with self.place.asked():
                yield
        except (OSError, DeltaError) as fault:
            problem = refusal(fault, table=self.name, place=self.place.uri)
            if problem is None:
                raise
            raise problem from fault

    def _write(self, rows: pa.Table, app: tuple[str, int] | None) -> None:
        transactions = [Transaction(*app)] if app else None

        def write(some: pa.Table) -> None:
            write_deltalake(
                self._delta,
                some,
                mode="append",
                writer_properties=WriterProperties(compression="ZSTD"),
                commit_properties=CommitProperties(app_transactions=transactions),
            )

        try:
            write(rows)
        except SchemaMismatchError:  # a later release has added columns since we began
            self._renew()
            write(_widened(rows, self._own_schema()))

    def files(self, *, first: date | None = None, last: date | None = None) -> list[str]:
        """Return the data files of the snapshot that hold days *first* to *last*, as addresses."""
        if self._frozen is None and self.place.local is not None:
            bounds = [("day", ">=", first), ("day", "<=", last)]
            wanted = [(name, op, day.isoformat()) for name, op, day in bounds if day is not None]
            with self._thread_lock:
                self._renew()
                return sorted(self._delta.file_uris(file_pruning_predicate=wanted or None))
        paths = self.actions().column("path").to_pylist()
        return sorted(
            self.place.address(path)
            for path in paths
            if (first is None or _day_of(path) >= first) and (last is None or _day_of(path) <= last)
        )

    def newest(self, column: str) -> datetime | None:
        """Return the newest instant of *column*, a millisecond late at most; None without any."""
        actions, name = self.actions(), f"max.{column}"
        most = pc.max(actions.column(name)).as_py() if name in actions.column_names else None
        return None if most is None else most + _STATS_GRAIN

    def files_between(self, column: str, start: int, end: int) -> list[str]:
        """Return the files that may hold instants of *column* between two, in µs since the epoch.

        By the statistics of the log; a file without any counts as one that may.
        """
        first = _EPOCH + timedelta(microseconds=start) - _STATS_GRAIN
        last = _EPOCH + timedelta(microseconds=end) + _STATS_GRAIN
        actions = self.actions()
        if f"min.{column}" not in actions.column_names:
            return self.files()
        low, high = actions.column(f"min.{column}"), actions.column(f"max.{column}")
        outside = pc.or_kleene(pc.less(high, first), pc.greater(low, last))
        wanted = actions.filter(pc.invert(pc.fill_null(outside, False)))
        return [self.place.address(path) for path in wanted.column("path").to_pylist()]

    def days_apart(self, column: str, *, first: date, last: date) -> tuple[list[str], list[str]]:
        """Return the files of days on which the flag *column* is never set, and the other files.

        By the statistics of the log; a file without any counts as one where it may be set.
        """
        wanted = self.files(first=first, last=last)
        actions = self.actions()
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
            try:
                lines = self.place.text(f"_delta_log/{version:020d}.json").splitlines()
            except FileNotFoundError:
                raise self._gone(version) from None
            for line in lines:
                add = json.loads(line).get("add")
                if add and add["dataChange"]:
                    yield Added(
                        version,
                        unquote(add["path"]),
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
        parts = [self._columns_of(path, schema) for path in self.files(first=first, last=last)]
        return pa.concat_tables(parts) if parts else schema.empty_table()

    def _read(self, file: Added) -> pa.Table:
        schema = pa.schema([column for column in self.schema if column.name != "day"])
        try:
            rows = self._columns_of(file.path, schema)
        except FileNotFoundError:
            raise self._gone(file.version) from None
        days = pa.array([file.day] * rows.num_rows, pa.date32())
        return rows.append_column("day", days).cast(self.schema)

    def _gone(self, version: int) -> Problem:
        return Problem(
            "store.version_gone", table=self.name, version=version, current=self.version()
        )

    def _columns_of(self, path: str, schema: pa.Schema) -> pa.Table:
        """Read the columns of *schema* from a file; one that it lacks holds nothing."""
        with self.place.asked():
            read = self.place.parquet(path).read(columns=schema.names)
        for column in schema:
            if column.name not in read.column_names:
                read = read.append_column(column, pa.nulls(read.num_rows, column.type))
        return read.select(schema.names).cast(schema)


def _widened(rows: pa.Table, schema: pa.Schema) -> pa.Table:
    """Give *rows* the columns of *schema* they lack, holding nothing."""
    for column in schema:
        if column.name not in rows.column_names:
            rows = rows.append_column(column, pa.nulls(rows.num_rows, column.type))
    return rows.select(schema.names)


def _day_of(path: str) -> date:
    return date.fromisoformat(Path(path).parent.name.partition("=")[2])


def _tail(path: str) -> str:
    """Return ``day=…/part-….parquet``, as the log names a file."""
    return "/".join(Path(path).parts[-2:])
