"""What the store costs: commits, re-sends and hourly means, beside what one would write by hand.

    python bench/store/observations.py

Appends of 200 rows are held against writing the same rows as bare Parquet files (no transaction,
no recognition of re-sends) and against `write_deltalake` by path. Hourly means over 90 days of 40
series are held against DuckDB SQL and against pandas over the same files: binary floats, no check
of flags, ranges or corrected values, no validity. Prints one JSON object, machine named.
"""

from __future__ import annotations

import json
import os
import platform
import statistics
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
from deltalake import write_deltalake

from qingyuan.core.periods import Period, day_of
from qingyuan.store.columns import as_table
from qingyuan.store.observations import Observations

COMMITS, BATCH = 120, 200
STATIONS, FACTORS, DAYS, EVERY_S = 10, ("w01001", "w01009", "w21003", "w21011"), 90, 600
START = day_of(date(2026, 6, 1)).start


def batch(number: int) -> list[dict[str, object]]:
    """Return one micro-batch, as a gateway has it after two seconds."""
    at = datetime(2026, 9, 1, tzinfo=UTC) + timedelta(seconds=2 * number)
    return [
        {
            "station": f"section:S{row:03d}", "factor": "w21003", "cn": "2011", "suffix": "Rtd",
            "time": at, "text": f"0.{number % 90 + 10}", "flag": "N", "unit": "mg/L",
            "mn": f"A3702{row:03d}", "qn": "20260901080000001", "received_at": at,
            "segment": 1, "offset": number * BATCH + row,
        }
        for row in range(BATCH)
    ]  # fmt: skip


def history() -> pa.Table:
    """Return 90 days of 40 series, a reading every ten minutes."""
    count = DAYS * 86_400 // EVERY_S
    first = int(START.timestamp()) * 1_000_000
    times = pa.array([first + n * EVERY_S * 1_000_000 for n in range(count)], pa.int64())
    texts = [f"{6 + n % 200 / 100:.2f}" for n in range(count)]
    parts = [
        pa.table(
            {
                "station": [f"section:S{station:02d}"] * count,
                "factor": [factor] * count,
                "cn": ["2011"] * count,
                "suffix": ["Rtd"] * count,
                "time": times.cast(pa.timestamp("us", "UTC")),
                "text": texts,
                "flag": ["N"] * count,
                "mn": [f"A{station}"] * count,
            }
        )
        for station in range(STATIONS)
        for factor in FACTORS
    ]
    return pa.concat_tables(parts)


def timed(deed: Callable[[int], object], count: int) -> list[float]:
    """Return the seconds of each of *count* runs."""
    spent = []
    for number in range(count):
        began = time.perf_counter()
        deed(number)
        spent.append(time.perf_counter() - began)
    return spent


def figures(spent: list[float]) -> dict[str, float]:
    """Return what is told of a run, in milliseconds."""
    ordered = sorted(spent)
    return {
        "median_ms": round(statistics.median(ordered) * 1000, 2),
        "p99_ms": round(ordered[int(len(ordered) * 0.99)] * 1000, 2),
        "per_s": round(len(ordered) / sum(ordered), 1),
    }


def appends(folder: Path) -> dict[str, object]:
    """Measure commits of 200 rows, new and re-sent."""
    batches = [batch(number) for number in range(COMMITS)]
    tables = [as_table(rows) for rows in batches]
    observations = Observations(folder / "store")
    ours = timed(lambda n: observations.append(batches[n], app=("gateway", n)), COMMITS)
    resent = timed(lambda n: observations.append(batches[n]), COMMITS)
    bare = timed(lambda n: pq.write_table(tables[n], folder / f"{n}.parquet"), COMMITS)
    path = str(folder / "delta")
    delta = timed(
        lambda n: write_deltalake(path, tables[n], mode="append", partition_by=["day"]), COMMITS
    )
    began = time.perf_counter()
    restarted = Observations(folder / "store")
    restarted.append(batches[0])
    return {
        "rows_each": BATCH,
        "append": figures(ours),
        "append_resent": figures(resent),
        "bare_parquet": figures(bare),
        "delta_by_path": figures(delta),
        "ratio_to_bare_parquet": ratio(ours, bare),
        "ratio_to_delta_by_path": ratio(ours, delta),
        "restart_and_first_resend_ms": round((time.perf_counter() - began) * 1000, 1),
    }


def means(folder: Path) -> dict[str, object]:
    """Measure hourly means over everything, and over one station for a chart."""
    observations = Observations(folder / "history")
    table = history()
    began = time.perf_counter()
    observations.bulk(table)
    imported = time.perf_counter() - began
    period = Period(START, START + timedelta(days=DAYS))
    files = observations.table.files()
    connection = duckdb.connect(config={"threads": 1})
    connection.sql("SET TimeZone = 'UTC'")

    def by_sql(_: int) -> object:
        return (
            connection.execute(
                "SELECT station, factor, date_trunc('hour', time) AS hour, avg(value), count(*)"
                " FROM read_parquet(?) GROUP BY ALL ORDER BY ALL",
                [files],
            )
            .to_arrow_table()
            .to_pylist()
        )

    def by_pandas(_: int) -> object:
        frame = pa.concat_tables(
            pq.ParquetFile(path).read(columns=["station", "factor", "time", "value"])
            for path in files
        ).to_pandas()
        hours = frame["time"].dt.floor("h")
        return frame.groupby(["station", "factor", hours])["value"].agg(["mean", "count"])

    ours = timed(lambda _: observations.means(None, None, period), 3)
    sql, pandas = timed(by_sql, 3), timed(by_pandas, 3)
    chart = timed(lambda _: observations.means(["section:S01"], ["w21003"], period), 5)
    latest = timed(lambda _: observations.latest(at=period.end), 5)
    return {
        "rows": table.num_rows,
        "import_rows_per_s": round(table.num_rows / imported),
        "hours": DAYS * 24 * STATIONS * len(FACTORS),
        "means": figures(ours),
        "duckdb_sql": figures(sql),
        "pandas": figures(pandas),
        "ratio_to_duckdb_sql": ratio(ours, sql),
        "ratio_to_pandas": ratio(ours, pandas),
        "one_series_90_days": figures(chart),
        "latest_of_all": figures(latest),
    }


def ratio(ours: list[float], other: list[float]) -> float:
    """Return how many times as long ours takes."""
    return round(statistics.median(ours) / statistics.median(other), 2)


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as name:
        print(
            json.dumps(
                {
                    "machine": f"{platform.machine()}, {os.cpu_count()} cores",
                    "python": platform.python_version(),
                    "appends": appends(Path(name)),
                    "means": means(Path(name)),
                },
                ensure_ascii=False,
                indent=1,
            )
        )
