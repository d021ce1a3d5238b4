"""How long a fleet's day takes, how much memory, and how both grow with ten times the fixes.

    python bench/hotspots/day.py EDGES [--taxis 10,100]

Each size is generated (seed 9101, one day of eleven hours, fixes of 3 s) and surveyed in a process
of its own; reading the file is told apart. A hundred taxis send some 1.25 million fixes.
"""

from __future__ import annotations

import argparse
import gzip
import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from worlds import read_edges, world, write


def main() -> None:
    """Print one JSON object."""
    call = argparse.ArgumentParser()
    call.add_argument("edges", type=Path)
    call.add_argument("--taxis", default="10,100")
    call.add_argument("--one", type=Path, help="survey this folder and print its figures")
    args = call.parse_args()
    if args.one:
        print(json.dumps(one(args.one)))
        return
    rows = []
    for taxis in (int(n) for n in args.taxis.split(",")):
        with tempfile.TemporaryDirectory() as place:
            made = world(read_edges(args.edges), 9101, taxis=taxis, days=1, plumes=3 * taxis)
            folder = write(made, Path(place) / "day")
            (folder / "points.csv").write_bytes(
                gzip.decompress((folder / "points.csv.gz").read_bytes())
            )
            del made
            done = subprocess.run([sys.executable, __file__, str(args.edges), "--one", str(folder)],
                                  capture_output=True, text=True, check=True)  # fmt: skip
            rows.append({"taxis": taxis, **json.loads(done.stdout)})
    told: dict[str, Any] = {"sizes": rows, "goal_seconds": 120, "goal_fixes": 1_200_000}
    if len(rows) > 1:
        first, last = rows[0], rows[-1]
        told["times_the_fixes"] = round(last["fixes"] / first["fixes"], 1)
        told["times_the_cpu"] = round(last["cpu_seconds"] / first["cpu_seconds"], 1)
        told["times_the_memory"] = round(last["peak_mb"] / first["peak_mb"], 1)
    print(json.dumps(told, indent=1))


def one(folder: Path) -> dict[str, Any]:
    """Read and survey one folder."""
    from qingyuan.hotspots import read_points, read_stations, read_streets, survey

    wall, cpu = time.perf_counter(), time.process_time()
    roads = read_streets(folder / "edges.csv.gz")
    fixes, _ = read_points(folder / "points.csv", roads.plane, roads=roads.graph)
    stations = read_stations(folder / "stations.csv", roads.plane)
    read = time.process_time()
    steps: list[tuple[str, float]] = []
    survey(fixes, roads.graph, stations=stations, told=lambda s: steps.append((s, time.process_time())))  # fmt: skip
    end = time.process_time()
    ends = [t for _, t in steps[1:]] + [end]
    return {
        "fixes": len(fixes), "cpu_seconds": round(end - cpu, 1),
        "wall_seconds": round(time.perf_counter() - wall, 1), "reading_cpu_seconds": round(read - cpu, 1),
        "steps_cpu_seconds": {s: round(b - a, 1) for (s, a), b in zip(steps, ends, strict=True)},
        "peak_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
    }  # fmt: skip


if __name__ == "__main__":
    main()
