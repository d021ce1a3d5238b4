"""Measure matching and hot spots on the shared synthetic fleet, beside published figures.

    python bench/hotspots/fleet.py SHARED_DATA_AIR

The two matchers beside ours were measured on the same fleet when the work was set out; they are
quoted, not run again.
"""

from __future__ import annotations

import csv
import json
import sys
import time
from pathlib import Path

import numpy as np

from qingyuan.hotspots import noise_of, read_points, read_roads, read_stations, survey
from qingyuan.hotspots.fixes import unbroken
from qingyuan.hotspots.matching import matcher_of

QUOTED = {
    "leuvenmapmatching": {"fixes_per_s": 676, "directed_edges": 0.904},
    "mappymatch": {"fixes_per_s": 3028, "directed_edges": 0.906},
}
HIT_M = 200.0


def main() -> int:
    """Print one JSON object of figures."""
    from pyarrow.parquet import read_table

    folder = Path(sys.argv[1])
    graph, plane = read_roads(folder / "synthetic_taxi_edges.csv.gz")
    fixes, _ = read_points(folder / "synthetic_taxi_points.parquet", plane)
    stations = read_stations(folder / "synthetic_taxi_stations.csv", plane)
    true = read_table(folder / "synthetic_taxi_truth_points.parquet")["true_edge"].to_numpy()

    start, cpu = time.perf_counter(), time.process_time()
    found = survey(fixes, graph, stations=stations)
    whole, whole_cpu = time.perf_counter() - start, time.process_time() - cpu

    placed = found.fixes.at((found.reason == 0) | (found.reason >= 4))
    matcher = matcher_of(graph, noise_m=noise_of(placed))
    cpu = time.process_time()
    match = matcher.match(
        trace=unbroken(placed), t=placed.t, x=placed.x, y=placed.y, speed=placed.speed
    )
    rate = len(placed) / (time.process_time() - cpu)
    edges = np.where(match.edge >= 0, graph.edge_id[match.edge], -1)
    figures = {
        "ours": {
            "fixes_per_cpu_s": round(rate),
            "directed_edges": round(float(np.mean(edges == true[placed.row])), 4),
            "directed_edges_of_all": round(
                float((edges == true[placed.row]).sum() / len(fixes)), 4
            ),
        },
        "quoted": QUOTED,
        "survey": {
            "fixes": len(fixes), "seconds": round(whole, 1), "cpu_seconds": round(whole_cpu, 1),
            **_spots(folder, found.spots),
            "faults": [(f.vehicle_id, f.fault) for f in found.faults],
        },
    }  # fmt: skip
    print(json.dumps(figures, indent=1))
    return 0


def _spots(folder: Path, spots: list) -> dict[str, float]:
    """Return F1 and the median place error; a report within 200 m of a truth not yet taken hits."""
    with (folder / "synthetic_taxi_truth_hotspots.csv").open(encoding="utf-8") as lines:
        truth = [(float(r["x"]), float(r["y"])) for r in csv.DictReader(lines)]
    taken: dict[int, float] = {}
    for spot in spots:
        away = [float(np.hypot(spot.x - x, spot.y - y)) for x, y in truth]
        nearest = int(np.argmin(away))
        if away[nearest] <= HIT_M and nearest not in taken:
            taken[nearest] = away[nearest]
    return {
        "reported": len(spots), "hit": len(taken), "true": len(truth),
        "f1": round(2 * len(taken) / (len(spots) + len(truth)), 3),
        "median_error_m": round(float(np.median(list(taken.values()))), 1),
    }  # fmt: skip


if __name__ == "__main__":
    raise SystemExit(main())
