"""Match the same traces with our matcher and with two that others use; read hand-matched journeys.

    python bench/hotspots/matching.py SHARED_DATA_AIR [--others PYTHON] [--fixes 6000]

The two are no part of this project: ``--others`` (or QINGYUAN_BENCH_PYTHON) names the Python of a
virtual environment that has ``leuvenmapmatching rtree`` and ``mappymatch``; what is missing is said.
Each gets the same fixes of 3 s on the same graph, one process and processor time of matching alone;
graphs are read and indexed before the clock starts for all of them.
Ours is also measured on all fixes of the shared fleet, and on journeys drawn here: seeds 9001 to
9003, fixes of 3 s, 10 m of error in each coordinate.
"""

from __future__ import annotations

import argparse
import gzip
import json
import os
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
from scipy.spatial import cKDTree
from worlds import STEP_S, Roads, read_edges

from qingyuan.hotspots import RoadGraph, graph_of, matcher_of, read_points, read_roads
from qingyuan.hotspots.fixes import check_fixes, unbroken
from qingyuan.hotspots.routes import path_between

OTHERS = ("leuvenmapmatching", "mappymatch")


def main() -> None:
    """Print one JSON object of figures."""
    call = argparse.ArgumentParser()
    call.add_argument("folder", type=Path)
    call.add_argument("--others", default=os.environ.get("QINGYUAN_BENCH_PYTHON", ""))
    call.add_argument("--fixes", type=int, default=6000)
    args = call.parse_args()
    told = {
        "drawn": drawn(args.folder), "shared": shared(args.folder),
        "pairs": pairs(args.folder, args.others, args.fixes), "by_hand": by_hand(args.folder),
        "goals": {"fixes_per_cpu_s": 20000, "directed_edges": 0.94, "recall": 0.974, "precision": 0.95},
    }  # fmt: skip
    print(json.dumps(told, indent=1))


def drawn(folder: Path) -> dict[str, Any]:
    """Match journeys of known truth with 10 m of error; speed with and without the graph's making."""
    edges = read_edges(folder / "synthetic_taxi_edges.csv.gz")
    graph, roads = graph_of(**edges), Roads(edges)
    right, rate, ready = [], [], []
    for seed in (9001, 9002, 9003):
        rng = np.random.default_rng(seed)
        edge, x, y, v = roads.drive(rng, 24, 3600)
        x, y = x + rng.normal(0, 10, x.shape), y + rng.normal(0, 10, y.shape)
        t = np.broadcast_to(STEP_S * np.arange(3600.0), x.shape)
        trace = np.repeat(np.arange(24), 3600)
        began = time.process_time()
        matcher = matcher_of(graph, noise_m=10.0)
        made = time.process_time()
        found = matcher.match(trace=trace, t=t.ravel(), x=x.ravel(), y=y.ravel(), speed=v.ravel())
        rate.append(x.size / (time.process_time() - made))
        ready.append(made - began)
        right.append(float((found.edge == edge.ravel()).mean()))
    return {
        "seeds": [9001, 9003], "fixes_each": 24 * 3600, "noise_m": 10,
        "directed_edges": round(float(np.mean(right)), 4), "directed_edges_least": round(min(right), 4),
        "fixes_per_cpu_s": round(float(np.median(rate))), "graph_ready_cpu_s": round(float(np.median(ready)), 1),
    }  # fmt: skip


def shared(folder: Path) -> dict[str, Any]:
    """Match every fix of the shared fleet."""
    graph, fixes, true = _fleet(folder)
    began = time.process_time()
    matcher = matcher_of(graph, noise_m=8.0)
    ready = time.process_time()
    found = matcher.match(trace=unbroken(fixes), t=fixes.t, x=fixes.x, y=fixes.y, speed=fixes.speed)
    spent = time.process_time() - ready
    right = graph.edge_id[found.edge] == true
    return {
        "fixes": len(fixes), "fixes_per_cpu_s": round(len(fixes) / spent),
        "graph_ready_cpu_s": round(ready - began, 1),
        "directed_edges": round(float((right & (found.edge >= 0)).mean()), 4),
    }  # fmt: skip


def _fleet(folder: Path) -> tuple[RoadGraph, Any, np.ndarray]:
    from pyarrow.parquet import read_table

    graph, plane = read_roads(folder / "synthetic_taxi_edges.csv.gz")
    fixes, _ = read_points(folder / "synthetic_taxi_points.parquet", plane)
    true = read_table(folder / "synthetic_taxi_truth_points.parquet")["true_edge"].to_numpy()
    fixes = fixes.in_order()
    reason = check_fixes(fixes)  # jumps and repeats are taken out for all matchers alike
    fixes = fixes.at((reason == 0) | (reason >= 4))
    return graph, fixes, true[fixes.row]


def pairs(folder: Path, python: str, most: int) -> dict[str, Any]:
    """Match the same fixes of the shared fleet with each matcher."""
    graph, fixes, true = _fleet(folder)
    journey = unbroken(fixes)
    # one stretch of every vehicle's first hours
    per = max(most // len(fixes.vehicles), 50)
    first = np.searchsorted(fixes.vehicle, np.arange(len(fixes.vehicles)))
    rows = np.concatenate([np.arange(a + 500, a + 500 + per) for a in first])
    some, trace, true = fixes.at(rows), journey[rows], true[rows]
    matcher = matcher_of(graph, noise_m=8.0)
    began = time.process_time()
    ours = matcher.match(trace=trace, t=some.t, x=some.x, y=some.y)
    spent = time.process_time() - began
    figures = {"ours": _row(graph, ours.edge, true, spent, "places only, no speeds")}
    told = matcher.match(trace=trace, t=some.t, x=some.x, y=some.y, speed=some.speed)
    figures["ours_with_speed"] = _row(graph, told.edge, true, spent, "")
    with tempfile.TemporaryDirectory() as place:
        given = Path(place) / "in.npz"
        x, y = np.zeros(graph.nodes), np.zeros(graph.nodes)
        x[graph.u], y[graph.u], x[graph.v], y[graph.v] = graph.x1, graph.y1, graph.x2, graph.y2
        np.savez(given, node_x=x, node_y=y, u=graph.u, v=graph.v, trace=trace, x=some.x, y=some.y)
        for name in OTHERS:
            figures[name] = _other(name, python, given, graph, true)
    return {"fixes": len(rows), **figures}


def _row(
    graph: RoadGraph, edge: np.ndarray, true: np.ndarray, spent: float, note: str
) -> dict[str, Any]:
    right = (edge >= 0) & (graph.edge_id[edge] == true)
    return {"fixes_per_cpu_s": round(len(true) / spent), "directed_edges": round(float(right.mean()), 4),
            **({"note": note} if note else {})}  # fmt: skip


def _other(
    name: str, python: str, given: Path, graph: RoadGraph, true: np.ndarray
) -> dict[str, Any]:
    if not python:
        return {"skipped": f"{name}: no --others PYTHON of an environment that has it"}
    script = Path(__file__).with_name("others.py")
    clean = {k: v for k, v in os.environ.items() if k != "PYTHONPATH"}
    try:
        done = subprocess.run([python, str(script), name, str(given)], capture_output=True, text=True,
                              check=False, timeout=400, env=clean)  # fmt: skip
    except (OSError, subprocess.TimeoutExpired) as fault:
        return {"skipped": f"{name}: {type(fault).__name__}"}
    if done.returncode:
        return {"skipped": f"{name}: {done.stderr.strip().splitlines()[-1][:160]}"}
    said = json.loads(done.stdout)
    return {
        "version": said["version"],
        **_row(graph, np.array(said["edge"]), true, said["cpu_seconds"], ""),
    }


def by_hand(folder: Path) -> dict[str, Any]:
    """Match the 18 journeys matched by hand, a fix a minute; edges found of the true, and true of the found."""
    vertices = np.array([row[2:] for row in _numbers(folder, "beijing_net_vertices")]) * 1000
    links = np.array([row[:2] for row in _numbers(folder, "beijing_net_adjacency")[1:]]).astype(int)
    u, v = links.T
    graph = graph_of(edge_id=np.arange(len(u)), u=u, v=v, x1=vertices[u, 0], y1=vertices[u, 1],
                     x2=vertices[v, 0], y2=vertices[v, 1])  # fmt: skip
    edge_of = {(a, b): e for e, (a, b) in enumerate(links.tolist())}
    rows = _numbers(folder, "beijing_matched_set60_points")
    traces, at = [], 1
    for _ in range(int(rows[0][0])):
        count = int(rows[at][2])
        traces.append(np.array(rows[at + 1 : at + 1 + count]) * [60, 1000, 1000])
        at += 1 + count
    paths = [np.array(row, dtype=int) for row in _numbers(folder, "beijing_matched_set60_paths")]
    found = matcher_of(graph, noise_m=10.0, interval_s=60.0).match(
        trace=np.repeat(np.arange(len(traces)), [len(a) for a in traces]),
        **dict(zip(("t", "x", "y"), np.concatenate(traces).T, strict=True)),
    )
    hit = true = said = 0
    start = 0
    for trace in traces:
        away = [cKDTree(vertices[p]).query(trace[:, 1:])[0].mean() for p in paths]
        path = paths[int(np.argmin(away))]
        part = slice(start, start + len(trace))
        start += len(trace)
        way = set(path_between(graph, found.edge[part], found.along_m[part]).tolist())
        real = {edge_of[a, b] for a, b in zip(path[:-1].tolist(), path[1:].tolist(), strict=True)}
        hit, true, said = hit + len(way & real), true + len(real), said + len(way)
    return {"journeys": len(traces), "fixes": sum(len(a) for a in traces), "edges": true,
            "recall": round(hit / true, 4), "precision": round(hit / said, 4)}  # fmt: skip


def _numbers(folder: Path, name: str) -> list[list[float]]:
    with gzip.open(folder / f"{name}.txt.gz", "rt") as lines:
        return [[float(n) for n in line.split()] for line in lines if line.strip()]


if __name__ == "__main__":
    main()
