"""A year of 1,600 stations: daily AQI and primary pollutants, monthly index and rank, exactly.

    python bench/air/year.py [--stations 1600]

Every contestant reads the same Parquet file in a process of its own; the time includes reading.
Errors of the others are counted against the exact answer, which the tests hold against a plain
reference in fractions. Prints one JSON object.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
import world

HERE = Path(__file__).resolve()
OTHERS = ("pandas", "polars", "duckdb")
_PERIODS = 12


def main() -> None:
    """Run every contestant on one file and print the figures."""
    call = argparse.ArgumentParser()
    call.add_argument("--stations", type=int, default=1600)
    call.add_argument("--file", type=Path)
    call.add_argument("--as", dest="who", choices=("exact", *OTHERS))
    args = call.parse_args()
    if args.who:
        print(json.dumps(_contest(args.who, args.file, args.stations)))
        return
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "year.parquet"
        world.write(path, stations=args.stations)
        found = {who: _run(who, path, args.stations) for who in ("exact", *OTHERS)}
        answers = {who: path.with_suffix(f".{who}.npz") for who in found}
        if "skipped" in found["exact"]:
            raise SystemExit(str(found["exact"]["skipped"]))
        exact = dict(np.load(answers["exact"]))
        for who in OTHERS:
            if "seconds" in found[who]:
                found[who]["wrong"] = _wrong(exact, dict(np.load(answers[who])))
        rows = args.stations * world.DAYS * 24
    goal = {"goal_seconds": 3, "goal_mb": 1024, "goal_hour_ms": 50}
    print(json.dumps({"stations": args.stations, "rows": rows, **goal, "contestants": found}))


def _run(who: str, path: Path, stations: int) -> dict[str, Any]:
    load = os.getloadavg()[0]
    words = [
        sys.executable,
        str(HERE),
        "--as",
        who,
        "--file",
        str(path),
        "--stations",
        str(stations),
    ]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    if done.returncode:
        return {"skipped": done.stderr.strip().splitlines()[-1]}
    return {**json.loads(done.stdout), "load": round(load, 1)}


def _contest(who: str, path: Path, stations: int) -> dict[str, Any]:
    extra: dict[str, Any] = {}
    if who == "exact":
        answer, extra, began, cpu = _exact(path, stations)
    else:
        import others

        __import__(who)
        import pandas as pd

        pd.Series([1]).sum()  # imports are no part of the time, here as there
        began, cpu = time.perf_counter(), time.process_time()
        days, months = getattr(others, who)(path)
        extra["seconds"] = time.perf_counter() - began
        extra["cpu_seconds"] = time.process_time() - cpu
        answer = _arrays(days, months, stations)
    np.savez(path.with_suffix(f".{who}.npz"), **answer)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    told = {name: round(value, 2) for name, value in extra.items() if isinstance(value, float)}
    return {**told, "peak_mb": round(peak)}


def _exact(path: Path, stations: int) -> tuple[dict[str, Any], dict[str, Any], float, float]:
    from qingyuan.scoring.air_board import AirBoard
    from qingyuan.standards.air_periods import period_rules
    from qingyuan.standards.aqi import rule_set
    from qingyuan.store.air_hours import read_hours

    rules, index_rules = period_rules("HJ663-2026"), rule_set("HJ633-2026")
    began, cpu = time.perf_counter(), time.process_time()
    hours = read_hours(
        path, decimals=world.DECIMALS, first_day=world.FIRST, days=world.DAYS,
        stations=world.names(stations),
    )  # fmt: skip
    read = time.perf_counter()
    board = AirBoard(hours, rules=rules, index_rules=index_rules)
    end, worked = time.perf_counter(), time.process_time() - cpu
    answer = {
        "aqi": np.where(board.index.is_published, board.index.aqi, -1),
        "primary": board.index.primary,
        "index": np.stack([month.index for month in board.months.values()], axis=1),
        "rank": np.stack([month.rank for month in board.months.values()], axis=1),
    }
    told = {"seconds": end - began, "reading_seconds": read - began, "cpu_seconds": worked}
    told["new_hour_ms"] = _new_hour(board, stations)
    return answer, told, began, cpu


def _new_hour(board: Any, stations: int) -> float:
    """Return the median time of one new hour for every station, in milliseconds."""
    rng = np.random.default_rng(1)
    took = []
    for hour in range(20):
        at = board.hours.label(world.DAYS - 3, hour)
        values = {name: rng.integers(1, 80, stations) for name in world.SERIES}
        began = time.perf_counter()
        board.update(at, values)
        took.append(time.perf_counter() - began)
    return float(np.median(took) * 1000)


def _arrays(days: Any, months: Any, stations: int) -> dict[str, Any]:
    row = {name: i for i, name in enumerate(world.names(stations))}
    begin = np.datetime64(world.FIRST)
    first = world.FIRST.year * 12 + world.FIRST.month - 1
    aqi = np.full((stations, world.DAYS), -1.0)
    primary = np.zeros((stations, world.DAYS))
    at = (
        days["station"].astype(str).map(row).to_numpy(),
        (days["day"].to_numpy().astype("datetime64[D]") - begin).astype(int),
    )
    aqi[at], primary[at] = np.nan_to_num(days["aqi"], nan=-1), days["primary"]
    index, rank = np.full((stations, _PERIODS), -1.0), np.zeros((stations, _PERIODS))
    number = months["month"].astype(str).str.split("-", expand=True).astype(int)
    held = (
        months["station"].astype(str).map(row).to_numpy(),
        (number[0] * 12 + number[1] - 1 - first).to_numpy(),
    )
    index[held], rank[held] = np.nan_to_num(months["index"], nan=-1), np.nan_to_num(months["rank"])
    return {"aqi": aqi, "primary": primary, "index": index, "rank": rank}


def _wrong(exact: dict[str, Any], other: dict[str, Any]) -> dict[str, Any]:
    """Count answers that differ where the exact one has an answer."""
    published, has = exact["aqi"] >= 0, exact["index"] >= 0
    counts = {
        "aqi": ((exact["aqi"] != other["aqi"]) & published, published),
        "primary": ((exact["primary"] != other["primary"]) & published, published),
        "index": ((exact["index"] != other["index"]) & has, has),
        "rank": ((exact["rank"] != other["rank"]) & has, has),
    }
    told: dict[str, Any] = {}
    for name, (wrong, of) in counts.items():
        told[name] = int(wrong.sum())
        told[f"{name}_percent"] = round(100 * float(wrong.sum()) / int(of.sum()), 3)
    return told


if __name__ == "__main__":
    main()
