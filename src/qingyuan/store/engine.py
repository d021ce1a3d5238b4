"""The engine (查询引擎): Ibis expressions on the one DuckDB connection of a process, or on Spark.

DuckDB is handed the Parquet files of a snapshot, never a Delta folder: its own Delta reader would
want to download an extension, and downloads are switched off here. One connection, one lock: a web
process asks small questions in turn, with one thread and a cap on memory. With
``QINGYUAN_ENGINE=spark://host:port`` the same expressions go to a cluster (`qingyuan.store.spark`).
"""

from __future__ import annotations

import os
import tempfile
import threading
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from itertools import count
from pathlib import Path

import duckdb
import ibis
import pyarrow as pa
import pyarrow.dataset as pads
from ibis.backends.duckdb import Backend
from ibis.expr.types import Table as Expression

from qingyuan.core.problems import Problem
from qingyuan.store.place import filesystem_of
from qingyuan.store.refusals import absence
from qingyuan.store.spark import SparkEngine

__all__ = ["AnyEngine", "Engine", "engine"]


class Engine:
    """One DuckDB connection with its limits (查询引擎)."""

    def __init__(self, *, threads: int = 1, memory_mb: int = 512) -> None:
        self._lock = threading.Lock()
        self._names = count()
        self._bounds: Expression | None = None
        self._empty: dict[tuple[str, ...], Expression] = {}
        self._backend: Backend = ibis.duckdb.connect(
            threads=threads,
            memory_limit=f"{memory_mb}MB",
            # what does not fit goes to the system's own place, not to wherever the process stands
            temp_directory=str(Path(tempfile.gettempdir()) / f"qingyuan-duckdb-{os.getpid()}"),
            autoinstall_known_extensions=False,
            autoload_known_extensions=False,
        )
        self._backend.raw_sql("SET TimeZone = 'UTC'")

    def ask(
        self,
        parts: Sequence[Sequence[str]],
        build: Callable[..., Expression],
        *,
        schema: pa.Schema,
    ) -> pa.Table:
        """Return the answer of the expression *build* makes of the rows in files.

        Parameters
        ----------
        parts : sequence of sequences of str
            Parquet files of one snapshot, in as many parts as *build* takes tables; a part without
            files is an empty table.
        build : callable
            From the table expressions to the expression to run.
        schema : pyarrow.Schema
            Columns of the files (without the partition column).
        """
        with self._lock:
            try:
                return self._told(parts, build, schema, by_name=False)
            except (duckdb.InvalidInputException, duckdb.BinderException) as fault:
                if problem := _away(fault, parts):
                    raise problem from fault
                # a column was added since some of the files were written; they hold nothing there
                return self._told(parts, build, schema, by_name=True)

    def _told(
        self,
        parts: Sequence[Sequence[str]],
        build: Callable[..., Expression],
        schema: pa.Schema,
        *,
        by_name: bool,
    ) -> pa.Table:
        views: list[str] = []
        try:
            tables = [self._rows(files, schema, views, by_name=by_name) for files in parts]
            return self._backend.to_pyarrow(build(*tables))
        finally:
            for view in views:
                self._backend.raw_sql(f'DROP VIEW IF EXISTS "{view}"')

    def bounds(self, ranges: Mapping[str, tuple[Decimal, Decimal]]) -> Expression:
        """Return the plausible ranges as a table ``bounded low high``, made once."""
        with self._lock:
            if self._bounds is None:
                schema = ibis.schema({"bounded": "string", "low": "float64", "high": "float64"})
                self._bounds = self._backend.create_table("bounds", schema=schema, temp=True)
                for factor, (low, high) in ranges.items():
                    self._backend.con.execute(
                        "INSERT INTO bounds VALUES (?, ?, ?)", [factor, float(low), float(high)]
                    )
            return self._bounds

    def _rows(
        self, files: Sequence[str], schema: pa.Schema, views: list[str], *, by_name: bool
    ) -> Expression:
        if not files:
            return self._nothing(schema)
        views.append(f"rows_{next(self._names)}")
        system = filesystem_of(files[0])
        if system is not None:  # DuckDB would want to download an extension to read an object store
            keys = [path.partition("://")[2] for path in files]
            plain = pa.schema([_without_zone(field) for field in schema])  # else it wants pytz
            rows = pads.dataset(keys, plain, format="parquet", filesystem=system)
            self._backend.con.register(views[-1], rows)
            wanted = ibis.schema(pa.schema([field.with_nullable(True) for field in schema]))
            return self._backend.table(views[-1]).cast(wanted).select(*schema.names)
        read = self._backend.read_parquet(
            list(files), table_name=views[-1], hive_partitioning=False, union_by_name=by_name
        )
        lacking = [field for field in schema if field.name not in read.columns]
        if lacking and not by_name:  # the first file is older than a column
            return self._rows(files, schema, views, by_name=True)
        nothing = {one.name: ibis.null(ibis.dtype(one.type)) for one in lacking}
        return read.mutate(**nothing).select(*schema.names)

    def _nothing(self, schema: pa.Schema) -> Expression:
        """Return a table of no rows, made once; a memtable would leave a view behind each time."""
        names = tuple(schema.names)
        if names not in self._empty:
            nullable = pa.schema([field.with_nullable(True) for field in schema])  # as Parquet says
            self._empty[names] = self._backend.create_table(
                f"nothing_{len(self._empty)}", schema=ibis.schema(nullable), temp=True
            )
        return self._empty[names]


def _away(fault: duckdb.Error, parts: Sequence[Sequence[str]]) -> Problem | None:
    """Return the problem when it was an object store that did not answer."""
    [first, *_] = [path for files in parts for path in files] or [""]
    return absence(fault, place=first.rpartition("/day=")[0]) if "://" in first else None


def _without_zone(field: pa.Field) -> pa.Field:
    """Return an instant as the UTC clock reading it is stored as."""
    return field.with_type(pa.timestamp("us")) if pa.types.is_timestamp(field.type) else field


AnyEngine = Engine | SparkEngine
_ENGINES: dict[int, AnyEngine] = {}
_MAKING = threading.Lock()


def engine(*, threads: int = 1, memory_mb: int = 512) -> AnyEngine:
    """Return the engine of this process; the first call sets its limits, a fork gets its own."""
    with _MAKING:
        if os.getpid() not in _ENGINES:
            _ENGINES.clear()
            asked = os.environ.get("QINGYUAN_ENGINE") or "duckdb"
            _ENGINES[os.getpid()] = (
                SparkEngine(asked)
                if asked.startswith("spark://")
                else Engine(threads=threads, memory_mb=memory_mb)
            )
        return _ENGINES[os.getpid()]
