"""A small fleet on made-up segments, and its passes in plain Python: slow and easy to read."""

from __future__ import annotations

import random
from collections import defaultdict
from decimal import ROUND_HALF_EVEN, Decimal
from itertools import groupby

import pyarrow as pa

FIXES = pa.schema(
    [
        ("vehicle", pa.string()),
        ("t", pa.int64()),
        ("segment", pa.int64()),
        ("rise", pa.int64()),
    ]
)


def fleet(*, seed, vehicles, fixes):
    """Drive vehicles over segments, with stops, gaps and returns."""
    chance = random.Random(seed)
    rows = []
    for v in range(vehicles):
        t, segment = 1_700_000_000, chance.randrange(30)
        for _ in range(fixes):
            t += chance.choice([3, 3, 3, 3, 60, 61, 400])
            segment = max(0, segment + chance.choice([0, 0, 0, 0, 1, -1]))
            rows.append({"vehicle": f"T{v}", "t": t, "segment": segment, "rise": chance.randrange(-9000, 90000)})  # fmt: skip
    chance.shuffle(rows)
    return pa.Table.from_pylist(rows, FIXES)


def plain_passes(table):
    """Return the passes, one after the other."""
    found = []
    rows = sorted(table.to_pylist(), key=lambda row: (row["vehicle"], row["t"]))
    for vehicle, of_one in groupby(rows, key=lambda row: row["vehicle"]):
        last, number = None, 0
        for row in of_one:
            if last and row["segment"] == last["segment"] and row["t"] - last["t"] <= 60:
                now = found[-1]
                now["end"], now["fixes"] = row["t"], now["fixes"] + 1
                now["total"] += row["rise"]
            else:
                number += 1
                found.append(
                    {"vehicle": vehicle, "number": number, "segment": row["segment"], "start": row["t"],
                     "end": row["t"], "fixes": 1, "total": row["rise"]}
                )  # fmt: skip
            last = row
    return found


def plain_segments(passes):
    """Return the segments of passes, with twice the median of their rounded means."""
    by_segment = defaultdict(list)
    for row in passes:
        by_segment[row["segment"]].append(row)
    told = []
    for segment in sorted(by_segment):
        rows = by_segment[segment]
        means = sorted(
            int((Decimal(r["total"]) / r["fixes"]).quantize(Decimal(1), ROUND_HALF_EVEN))
            for r in rows
        )
        told.append(
            {
                "segment": segment,
                "passes": len(rows),
                "vehicles": len({row["vehicle"] for row in rows}),
                "first": min(row["start"] for row in rows),
                "last": max(row["end"] for row in rows),
                "middle_twice": means[(len(means) - 1) // 2] + means[len(means) // 2],
            }
        )
    return told
