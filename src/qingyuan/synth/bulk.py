"""Bulk history (历史数据): hourly rows of the observation table, for a first import."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from qingyuan.cities import City
from qingyuan.core.factors import factor
from qingyuan.synth.releases import Release
from qingyuan.synth.tampering import Drift, Tampering
from qingyuan.synth.world import World

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["history", "schema"]

_HOUR = 3600
_BEIJING_S = 8 * _HOUR


def schema() -> pa.Schema:
    """Return the schema of the observation table (docs/en/architecture.md §4)."""
    import pyarrow as pa  # belongs to the platform; the rest of the room works without it

    return pa.schema(
        [
            ("station", pa.string()),
            ("factor", pa.string()),
            ("cn", pa.string()),
            ("suffix", pa.string()),
            ("time", pa.timestamp("us", tz="UTC")),
            ("value", pa.float64()),
            ("text", pa.string()),
            ("flag", pa.string()),
            ("unit", pa.string()),
            ("mn", pa.string()),
            ("qn", pa.string()),
            ("received_at", pa.timestamp("us", tz="UTC")),
            ("segment", pa.int64()),
            ("offset", pa.int64()),
            ("changed", pa.bool_()),
            ("day", pa.date32()),
        ]
    )


def history(
    city: City,
    *,
    seed: int,
    until: datetime,
    days: int = 90,
    releases: Sequence[Release] = (),
    tampering: Sequence[Tampering] = (),
    drifts: Sequence[Drift] = (),
) -> pa.Table:
    """Return *days* of hourly means that end at *until*, in the schema of the store.

    Parameters
    ----------
    city : City
        Its active devices are the stations.
    seed : int
        Seed of the world; the live world of the same seed continues where this ends.
    until : datetime
        End, exclusive; cut to the whole hour.
    days : int
        Length.
    releases : sequence of Release
        What happened in secret meanwhile.
    tampering, drifts : sequence
        Monitors that did not say what they measured, and analysers that drifted.

    Returns
    -------
    pyarrow.Table
        ``cn`` is ``hist``, ``suffix`` ``Avg``; ``time`` is the start of the hour; hours without
        data have no row.
    """
    import pyarrow as pa

    last_hour = int(until.timestamp()) // _HOUR
    first_hour = last_hour - days * 24
    world = World(
        city,
        seed=seed,
        start=until - timedelta(days=days, hours=2),
        releases=releases,
        tampering=tampering,
        drifts=drifts,
    )
    world.advance(until)
    hours = last_hour - first_hour
    stamps = (first_hour + np.arange(hours, dtype=np.int64)) * _HOUR
    columns: dict[str, list[pa.Array]] = {
        name: []
        for name in ("station", "factor", "time", "value", "text", "flag", "unit", "mn", "day")
    }
    for device in city.devices:
        if not device.active:
            continue
        values = world.hourly(device, first_hour, hours)
        for k, (code, unit) in enumerate(device.factors.items()):
            kept = np.flatnonzero(~np.isnan(values[:, k]))
            texts = np.char.mod(f"%.{factor(code).decimals + 1}f", values[kept, k])
            columns["text"].append(pa.array(texts.tolist(), pa.string()))
            columns["value"].append(pa.array(texts.astype(np.float64)))
            columns["time"].append(
                pa.array(stamps[kept] * 1_000_000).cast(pa.timestamp("us", tz="UTC"))
            )
            columns["flag"].append(_flags(drifts, device.station, code, stamps[kept]))
            days_of = ((stamps[kept] + _BEIJING_S) // 86400).astype(np.int32)
            columns["day"].append(pa.array(days_of).cast(pa.date32()))
            for name, text in (
                ("station", device.station),
                ("factor", code),
                ("unit", unit),
                ("mn", device.mn),
            ):
                columns[name].append(_same(text, len(kept)))
    return _table({name: pa.chunked_array(parts) for name, parts in columns.items()})


def _flags(drifts: Sequence[Drift], station: str, code: str, stamps: NDArray[np.int64]) -> pa.Array:
    """Return C for the hours of a calibration, else nothing."""
    import pyarrow as pa

    marked = np.zeros(len(stamps), bool)
    for drift in drifts:
        if (drift.station, drift.factor) == (station, code):
            marked |= drift.calibrating(stamps)
    return pa.array(np.where(marked, "C", "").tolist(), pa.string())


def _same(text: str, count: int) -> pa.Array:
    import pyarrow as pa

    return pa.repeat(pa.scalar(text, pa.string()), count)


def _table(columns: dict[str, pa.ChunkedArray]) -> pa.Table:
    import pyarrow as pa

    count = len(columns["time"])
    columns["cn"] = _same("hist", count)
    columns["suffix"] = _same("Avg", count)
    columns["qn"] = _same("", count)
    columns["received_at"] = columns["time"]
    columns["segment"] = columns["offset"] = pa.repeat(pa.scalar(-1, pa.int64()), count)
    columns["changed"] = pa.repeat(pa.scalar(False), count)
    return pa.table({name: columns[name] for name in schema().names}, schema=schema())
