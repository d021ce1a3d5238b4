"""The engine (查询引擎): Ibis expressions on the one DuckDB connection of a process.

DuckDB is handed the Parquet files of a snapshot, never a Delta folder: its own Delta reader would
want to download an extension, and downloads are switched off here. One connection, one lock: a web
process asks small questions in turn, with one thread and a cap on memory.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Sequence
from itertools import count

import ibis
import pyarrow as pa
from ibis.backends.duckdb import Backend
from ibis.expr.types import Table as Expression

__all__ = ["Engine", "engine"]


class Engine:
    """One DuckDB connection with its limits (查询引擎)."""

    def __init__(self, *, threads: int = 1, memory_mb: int = 512) -> None:
        self._lock = threading.Lock()
        self._names = count()
        self._empty: dict[tuple[str, ...], Expression] = {}
        self._backend: Backend = ibis.duckdb.connect(
            threads=threads,
            memory_limit=f"{memory_mb}MB",
            autoinstall_known_extensions=False,
            autoload_known_extensions=False,
        )
        self._backend.raw_sql("SET TimeZone = 'UTC'")

    def ask(
        self,
        files: Sequence[str],
        build: Callable[[Expression], Expression],
        *,
        schema: pa.Schema,
    ) -> pa.Table:
        """Return the answer of the expression *build* makes of the rows in *files*.

        Parameters
        ----------
        files : sequence of str
            Parquet files of one snapshot; none is an empty table.
        build : callable
            From the table expression to the expression to run.
        schema : pyarrow.Schema
            Columns of the files (without the partition column).
        """
        with self._lock:
            if not files:
                return self._backend.to_pyarrow(build(self._nothing(schema)))
            name = f"rows_{next(self._names)}"
            rows = self._backend.read_parquet(
                list(files), table_name=name, hive_partitioning=False, union_by_name=False
            )
            try:
                return self._backend.to_pyarrow(build(rows.select(*schema.names)))
            finally:
                self._backend.raw_sql(f'DROP VIEW IF EXISTS "{name}"')

    def _nothing(self, schema: pa.Schema) -> Expression:
        """Return a table of no rows, made once; a memtable would leave a view behind each time."""
        names = tuple(schema.names)
        if names not in self._empty:
            self._empty[names] = self._backend.create_table(
                f"nothing_{len(self._empty)}", schema=ibis.schema(schema), temp=True
            )
        return self._empty[names]


_ENGINES: dict[int, Engine] = {}
_MAKING = threading.Lock()


def engine(*, threads: int = 1, memory_mb: int = 512) -> Engine:
    """Return the engine of this process; the first call sets its limits, a fork gets its own."""
    with _MAKING:
        if os.getpid() not in _ENGINES:
            _ENGINES.clear()
            _ENGINES[os.getpid()] = Engine(threads=threads, memory_mb=memory_mb)
        return _ENGINES[os.getpid()]
