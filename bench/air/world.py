"""A year of hours to measure on: 1,600 stations, gaps, ties and sand-dust days, from a seed."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

FIRST = date(2026, 3, 1)  # a whole year under HJ 633-2026 and the transition limits
DAYS = 365
SERIES = ("so2", "no2", "pm10", "pm25", "co", "o3")
LEVEL = {"so2": 12, "no2": 30, "pm10": 75, "pm25": 38, "co": 0.7, "o3": 70}
DECIMALS = {"so2": 0, "no2": 0, "pm10": 0, "pm25": 0, "co": 1, "o3": 0}


def names(stations: int) -> list[str]:
    """Return the stations' codes."""
    return [f"{1000 + i}A" for i in range(stations)]


def write(path: Path, *, stations: int = 1600, seed: int = 6) -> None:
    """Write ``station, time (end of the hour, Beijing), six doubles``; a row group 100 stations."""
    rng = np.random.default_rng(seed)
    hours = DAYS * 24
    start = np.datetime64(FIRST, "us")
    ends = start + np.arange(1, hours + 1) * np.timedelta64(3600, "s")
    hour, day = np.arange(hours) % 24, np.arange(hours) / 24
    cold = 0.5 + 0.5 * np.cos((day + 59 - 15) / 365 * 2 * np.pi)
    sun = np.maximum(0, np.sin((hour - 6) / 24 * 2 * np.pi))
    shape = dict.fromkeys(("so2", "no2", "pm10", "pm25", "co"), 0.6 + 0.9 * cold)
    shape["o3"] = (0.3 + 1.7 * sun) * (0.4 + 0.9 * (1 - cold))
    weather = np.exp(rng.normal(0, 0.45, DAYS)).repeat(24)
    schema = pa.schema(
        [("station", pa.dictionary(pa.int32(), pa.string())), ("time", pa.timestamp("us"))]
        + [(name, pa.float64()) for name in SERIES]
    )
    with pq.ParquetWriter(path, schema, compression="zstd") as out:
        for first in range(0, stations, 100):
            held = names(stations)[first : first + 100]
            columns: dict[str, object] = {
                "station": pa.DictionaryArray.from_arrays(
                    np.arange(len(held), dtype=np.int32).repeat(hours), held
                ),
                "time": np.tile(ends, len(held)),
            }
            for name in SERIES:
                own = rng.lognormal(0, 0.25, (len(held), 1))
                noise = rng.lognormal(0, 0.35, (len(held), hours)).astype(np.float32)
                value = LEVEL[name] * shape[name] * weather * own * noise
                value = np.round(value, DECIMALS[name])
                value[rng.random(value.shape) < 0.02] = np.nan
                lost = rng.random((len(held), DAYS)) < 0.04  # days with many gaps
                value[lost.repeat(24, axis=1) & (rng.random(value.shape) < 0.3)] = np.nan
                flat = value.ravel()
                columns[name] = pa.array(flat, mask=np.isnan(flat))
            out.write_table(pa.table(columns, schema=schema), row_group_size=1 << 30)
