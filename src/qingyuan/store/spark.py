"""Apache Spark (查询引擎·集群): the same expressions on a cluster, by ``QINGYUAN_ENGINE``.

The cluster is handed the list of Parquet files of a snapshot, as DuckDB is, so it needs no Delta jar
and reads what every other reader reads; the files must lie where its workers can read them. Needs
Java 17 and the extra ``spark``.
"""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from qingyuan.core.problems import Problem

if TYPE_CHECKING:
    from ibis.expr.types import Table as Expression

__all__ = ["SparkEngine"]

_SETTINGS = {
    "spark.app.name": "qingyuan",
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
    "spark.sql.session.timeZone": "UTC",
    # a sum of two decimal(38, 12) would otherwise lose its last place
    "spark.sql.decimalOperations.allowPrecisionLoss": "false",
    "spark.sql.shuffle.partitions": "8",
    "spark.sql.adaptive.enabled": "true",
    "spark.sql.execution.arrow.pyspark.enabled": "true",
    "spark.sql.sources.partitionColumnTypeInference.enabled": "false",
    "spark.log.level": "ERROR",
}


class SparkEngine:
    """One session on a Spark cluster, with the questions of `qingyuan.store.engine.Engine`.

    Parameters
    ----------
    master : str
        ``spark://host:port``.
    settings : mapping, optional
        More of Spark's own settings (memory of an executor, address of the driver).

    Raises
    ------
    Problem
        ``store.spark_missing`` without pyspark or Java, ``store.spark_away`` when no cluster answers.
    """

    def __init__(self, master: str, *, settings: Mapping[str, str] | None = None) -> None:
        self._lock = threading.Lock()
        self._bounds: Expression | None = None
        try:
            import ibis
            from pyspark.sql import SparkSession
        except ImportError as fault:
            raise Problem("store.spark_missing", cause=str(fault)) from None
        os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
        builder = SparkSession.builder.master(master)
        for key, value in {**_SETTINGS, **_from_environment(), **(settings or {})}.items():
            builder = builder.config(key, value)
        try:
            self._session: Any = builder.getOrCreate()
        except Exception as fault:
            raise Problem("store.spark_away", master=master, cause=_first_line(fault)) from fault
        self._backend: Any = ibis.pyspark.connect(self._session)

    def ask(
        self,
        parts: Sequence[Sequence[str]],
        build: Callable[..., Expression],
        *,
        schema: pa.Schema,
    ) -> pa.Table:
        """Return the answer of the expression *build* makes of the rows in files."""
        with self._lock:
            views: list[str] = []
            try:
                tables = [self._rows(list(files), schema, views) for files in parts]
                return self._answer(build(*tables))
            finally:
                for view in views:
                    self._session.catalog.dropTempView(view)

    def bounds(self, ranges: Mapping[str, tuple[Decimal, Decimal]]) -> Expression:
        """Return the plausible ranges as a table ``bounded low high``, made once."""
        with self._lock:
            if self._bounds is None:
                rows = [(name, float(low), float(high)) for name, (low, high) in ranges.items()]
                self._session.createDataFrame(
                    rows, "bounded string, low double, high double"
                ).createOrReplaceTempView("bounds")
                self._bounds = self._backend.table("bounds")
            return self._bounds

    def stop(self) -> None:
        """Give the cluster back what this session held."""
        self._session.stop()

    def _rows(self, files: list[str], schema: pa.Schema, views: list[str]) -> Expression:
        from pyspark.sql.pandas.types import from_arrow_schema

        wanted = from_arrow_schema(pa.schema([field.with_nullable(True) for field in schema]))
        frame = (
            self._session.read.schema(wanted).parquet(*[_address(path) for path in files])
            if files
            else self._session.createDataFrame([], wanted)
        )
        views.append(f"rows_{id(self)}_{len(views)}")
        frame.select(*schema.names).createOrReplaceTempView(views[-1])
        return self._backend.table(views[-1])

    def _answer(self, expression: Expression) -> pa.Table:
        """Run it and fetch Arrow, not pandas: decimals and whole numbers come back as they are."""
        table = self._session.sql(self._backend.compile(expression)).toArrow()
        schema = pa.schema([_with_zone(field) for field in expression.schema().to_pyarrow()])
        return table.select(schema.names).cast(schema)


def _with_zone(field: pa.Field) -> pa.Field:
    """Return an instant as one of UTC; Spark's have no zone of their own."""
    is_instant = pa.types.is_timestamp(field.type)
    return field.with_type(pa.timestamp("us", "UTC")) if is_instant else field


def _from_environment() -> dict[str, str]:
    """Return Spark settings given as ``QINGYUAN_SPARK="key=value key=value"``."""
    given = os.environ.get("QINGYUAN_SPARK", "").split()
    return dict(pair.split("=", 1) for pair in given if "=" in pair)


def _address(path: str) -> str:
    if path.startswith("s3://"):
        return path.replace("s3://", "s3a://", 1)  # as Spark's own connector is called
    return path if "://" in path else f"file://{path}"


def _first_line(fault: BaseException) -> str:
    return (str(fault).strip().splitlines() or [type(fault).__name__])[0][:200]
