"""Score the survey on fleets of seeds that were never looked at while the craft was made.

    python bench/hotspots/unseen.py EDGES [--kind plain] [--first 9001] [--count 8] [--rows]

Seeds 1 to 99 are for tuning; figures are reported on 9001 and up.
"""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path
from typing import Any

import numpy as np
from worlds import World, read_edges, world

from qingyuan.hotspots import Fixes, Stations, graph_of, survey
from qingyuan.hotspots.bench import Truth, score, spread_of


def main() -> None:
    """Print one JSON object."""
    call = argparse.ArgumentParser()
    call.add_argument("edges", type=Path)
    call.add_argument("--kind", choices=("plain", "humid", "rough"), default="plain")
    call.add_argument("--first", type=int, default=9001)
    call.add_argument("--count", type=int, default=8)
    call.add_argument("--rows", type=Path, help="keep each seed's row here, and take what it has")
    args = call.parse_args()
    print(json.dumps(summary(**rows_of(**vars(args))), indent=1))


def rows_of(
    edges: Path, kind: str, first: int, count: int, rows: Path | None = None
) -> dict[str, Any]:
    """Score seeds one after the other; those the file of rows has are not scored again."""
    kept = [json.loads(line) for line in rows.read_text("utf-8").splitlines()] if rows and rows.exists() else []  # fmt: skip
    have = {(r["kind"], r["seed"]): r for r in kept}
    roads, out = read_edges(edges), []
    for seed in range(first, first + count):
        row = have.get((kind, seed))
        if row is None:
            row = {"kind": kind, "seed": seed, **scored(world(roads, seed, kind=kind))}
            if rows:
                with rows.open("a", encoding="utf-8") as more:
                    more.write(json.dumps(row, ensure_ascii=False) + "\n")
        out.append(row)
    return {"rows": out, "kind": kind, "first": first}


def scored(made: World) -> dict:
    """Survey one world and score it."""
    graph = graph_of(**made.edges)
    names, vehicle = np.unique(made.points["vehicle_id"], return_inverse=True)
    c = {n: made.points[n].astype(float) for n in made.points if n != "vehicle_id"}
    fixes = Fixes(tuple(str(n) for n in names), vehicle.astype(np.int64), c["t_s"], c["x"], c["y"],
                  c["speed_ms"], c["pm10"], c["pm25"], c["rh"], np.arange(len(vehicle)))  # fmt: skip
    s = made.stations
    stations = Stations(tuple(s["station"]), s["x"], s["y"], s["hour_ending"].astype(float), s["pm10"], s["pm25"])  # fmt: skip
    cpu = time.process_time()
    found = survey(fixes, graph, stations=stations)
    cpu = time.process_time() - cpu
    truth = Truth(
        made.spots, *(np.array([h[n] for h in made.spots]) for n in ("x", "y")),
        *(np.array([h[n] for h in made.plumes]) for n in ("x", "y")),
        {v["vehicle_id"]: (v["gain10"], v["fault"]) for v in made.vehicles}, made.true_edge,
    )  # fmt: skip
    told = score(found, graph, truth)
    late = next(v for v in made.vehicles if v["fault"] == "clock")
    said = [f.evidence["shift_s"] for f in found.faults
            if f.fault == "clock" and f.vehicle_id == late["vehicle_id"]]  # fmt: skip
    told["named"] = [f"{f.vehicle_id} {f.fault} {f.says_en}" for f in found.faults]
    told["kappa"] = [
        round(made.kappa, 2),
        round(found.pm10.kappa, 2),
        round(found.pm10.kappa_se, 2),
    ]
    told["clock_error_s"] = abs(said[0] - late["late_s"]) if said else None
    told["cpu_seconds"] = round(cpu, 1)
    return told


def summary(rows: list[dict], *, kind: str, first: int) -> dict:
    """Return mean and spread over the seeds."""
    return {
        "kind": kind, "seeds": [first, first + len(rows) - 1],
        "f1": spread_of([r["hotspots"]["f1"] for r in rows]),
        "median_error_m": spread_of([r["hotspots"]["median_error_m"] for r in rows]),
        "plumes_reported": sum(r["plumes"]["reported"] for r in rows),
        "plumes_met": sum(r["plumes"]["met"] for r in rows),
        "faults_named": sum(r["faults"]["named"] for r in rows),
        "faults_true": sum(r["faults"]["true"] for r in rows),
        "faults_wrongly": sum(r["faults"]["wrongly"] for r in rows),
        "gains_within_5_percent": spread_of([r["gains"]["within_5_percent"] for r in rows]),
        "gains_common_error": spread_of([r["gains"]["common_error"] for r in rows]),
        "gains_covered_90": spread_of([r["gains"]["covered_90"] for r in rows]),
        "directed_edges": spread_of([r["directed_edges"] for r in rows]),
        "clock_error_s": spread_of([r["clock_error_s"] for r in rows if r["clock_error_s"] is not None]),
        "cpu_seconds": spread_of([r["cpu_seconds"] for r in rows]),
    }  # fmt: skip


if __name__ == "__main__":
    main()
