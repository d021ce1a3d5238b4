"""Score the survey on the shared fleet and on fleets of unseen seeds, one kind beside the other.

    python bench/hotspots/fleet.py SHARED_DATA_AIR [--rows FILE] [--quick]

Seeds 1 to 99 of `worlds.py` are for tuning and are not reported; 9001 and up are reported and were
not looked at while the craft was made. ``--rows`` keeps each seed's row, so that a long run can be
made in pieces.
"""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path
from typing import Any

from unseen import rows_of, summary

from qingyuan.hotspots import read_points, read_stations, read_streets, survey
from qingyuan.hotspots.bench import read_truth, score

SEEDS = {"plain": 6, "humid": 3, "rough": 3}
FIRST = 9001


def main() -> None:
    """Print one JSON object of figures."""
    call = argparse.ArgumentParser()
    call.add_argument("folder", type=Path)
    call.add_argument("--rows", type=Path)
    call.add_argument("--quick", action="store_true", help="one seed of each kind")
    args = call.parse_args()
    edges = args.folder / "synthetic_taxi_edges.csv.gz"
    told: dict[str, Any] = {"shared": shared(args.folder)}
    for kind, count in SEEDS.items():
        found = rows_of(edges, kind, FIRST, 1 if args.quick else count, args.rows)
        told[kind] = summary(**found)
    if args.rows:
        told["note"] = [
            "未见过的车队分几次测完，每个种子的结果留在文件里；用时只算最后一次。",
            "The unseen fleets were scored in pieces, each seed's row kept; the time is the last piece's.",
        ]
    told["goals"] = {"f1_shared": 0.90, "f1_unseen": 0.85, "median_error_m": 60, "gains": 0.90}
    print(json.dumps(told, indent=1))


def shared(folder: Path) -> dict[str, Any]:
    """Survey and score the shared fleet."""
    roads = read_streets(folder / "synthetic_taxi_edges.csv.gz")
    fixes, _ = read_points(folder / "synthetic_taxi_points.parquet", roads.plane, roads=roads.graph)
    stations = read_stations(folder / "synthetic_taxi_stations.csv", roads.plane)
    began = time.process_time()
    found = survey(fixes, roads.graph, stations=stations)
    spent = time.process_time() - began
    return {"fixes": len(fixes), "cpu_seconds": round(spent, 1),
            **score(found, roads.graph, read_truth(folder))}  # fmt: skip


if __name__ == "__main__":
    main()
