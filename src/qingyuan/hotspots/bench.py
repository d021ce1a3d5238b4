"""Scores (评测): a survey beside what is true of a synthetic fleet, matching beside matched paths."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from scipy.optimize import linear_sum_assignment

from qingyuan.core.problems import Problem
from qingyuan.hotspots.files import Sheet, read_sheet
from qingyuan.hotspots.roads import Floats, Ints, RoadGraph
from qingyuan.hotspots.survey import Survey

__all__ = ["HIT_M", "Truth", "find_file", "read_truth", "score", "spread_of"]

HIT_M = 200.0
_PLUME_M = 150.0
_KINDS = {"stuck": "stuck", "gain": "gain", "time": "clock", "clock": "clock", "offset": "offset"}


@dataclass(frozen=True)
class Truth:
    """What is true of a fleet: places of hot spots and plumes, vehicles, the edge of each row."""

    spots: list[dict[str, Any]]
    spot_x: Floats
    spot_y: Floats
    plume_x: Floats
    plume_y: Floats
    vehicles: dict[str, tuple[float, str]]
    edge: Ints | None


def find_file(folder: str | Path, name: str) -> Path | None:
    """Return the file of this name in *folder*, whatever is before it and however it is packed."""
    for ending in (".csv", ".csv.gz", ".parquet"):
        for prefix in ("", "synthetic_taxi_"):
            path = Path(folder) / f"{prefix}{name}{ending}"
            if path.is_file():
                return path
    return None


def read_truth(folder: str | Path) -> Truth:
    """Read ``truth_hotspots``, ``truth_transient_plumes``, ``truth_vehicles``, ``truth_points``.

    Raises
    ------
    Problem
        ``hotspots.no_truth`` if the folder does not say where the hot spots are.
    """
    path = find_file(folder, "truth_hotspots")
    if path is None:
        raise Problem("hotspots.no_truth", folder=Path(folder).name)
    spots = read_sheet(path)
    spots.need("x", "y")
    x, y = spots.numbers("x", filled=True), spots.numbers("y", filled=True)
    rows = [{n: list(c)[i] for n, c in spots.columns.items()} for i in range(spots.rows)]
    plumes = _maybe(folder, "truth_transient_plumes")
    none = np.zeros(0)
    cars = _maybe(folder, "truth_vehicles")
    points = _maybe(folder, "truth_points")
    return Truth(
        rows, x, y, none if plumes is None else plumes.numbers("x"),
        none if plumes is None else plumes.numbers("y"), {} if cars is None else _vehicles(cars),
        None if points is None else points.numbers("true_edge", filled=True).astype(np.int64),
    )  # fmt: skip


def _maybe(folder: str | Path, name: str) -> Sheet | None:
    path = find_file(folder, name)
    return None if path is None else read_sheet(path)


def _vehicles(sheet: Sheet) -> dict[str, tuple[float, str]]:
    """Return the true gain of PM10 and the fault's name; ``gain_x2`` means the gain told is doubled."""
    gain = sheet.numbers("gain10", filled=True)
    out = {}
    for row, (vehicle, fault) in enumerate(
        zip(sheet.texts("vehicle_id"), sheet.texts("fault"), strict=True)
    ):
        kind = next((ours for word, ours in _KINDS.items() if fault.startswith(word)), "")
        out[vehicle] = (float(gain[row]) * (2.0 if fault == "gain_x2" else 1.0), kind)
    return out


def score(found: Survey, graph: RoadGraph, truth: Truth) -> dict[str, Any]:
    """Return how much of the truth was found: hot spots, plumes, vehicles, gains, directed edges.

    A report hits a hot spot not yet taken within `HIT_M`. A plume is reported if a report that hits
    nothing lies within 150 m of it.
    """
    pairs = _pairs(found, truth)
    hit = {i for i, _, _ in pairs}
    missed = [s for j, s in enumerate(truth.spots) if j not in {k for _, k, _ in pairs}]
    named = {f.vehicle_id: f.fault for f in found.faults}
    faulty = {v: kind for v, (_, kind) in truth.vehicles.items() if kind}
    reported, true = len(found.spots), len(truth.spots)
    return {
        "hotspots": {
            "reported": reported, "hit": len(pairs), "true": true,
            "f1": 2 * len(pairs) / max(reported + true, 1),
            "median_error_m": float(np.median([d for _, _, d in pairs])) if pairs else None,
            "missed": [str(s.get("hotspot_id", "")) for s in missed],
        },
        "plumes": {"reported": _plumes(found, truth, hit), "met": len(truth.plume_x)},
        "faults": {
            "named": sum(named.get(v) == kind for v, kind in faulty.items()), "true": len(faulty),
            "wrongly": len(set(named) - set(faulty)),
        },
        "gains": _gains(found, truth.vehicles),
        "directed_edges": _edges(found, graph, truth.edge),
    }  # fmt: skip


def _pairs(found: Survey, truth: Truth) -> list[tuple[int, int, float]]:
    """Return (report, truth, metres apart): as many pairs within reach as can be, nearest first."""
    if not found.spots or not len(truth.spot_x):
        return []
    x, y = np.array([s.x for s in found.spots]), np.array([s.y for s in found.spots])
    apart = np.hypot(x[:, None] - truth.spot_x, y[:, None] - truth.spot_y)
    rows, columns = linear_sum_assignment(np.where(apart <= HIT_M, apart, 1e6))
    return [(int(i), int(j), float(apart[i, j])) for i, j in zip(rows, columns, strict=True)
            if apart[i, j] <= HIT_M]  # fmt: skip


def _plumes(found: Survey, truth: Truth, hit: set[int]) -> int:
    met = 0
    for x, y in zip(truth.plume_x, truth.plume_y, strict=True):
        met += any(np.hypot(s.x - x, s.y - y) <= _PLUME_M
                   for i, s in enumerate(found.spots) if i not in hit)  # fmt: skip
    return met


def _gains(found: Survey, vehicles: Mapping[str, tuple[float, str]]) -> dict[str, Any]:
    """Return how far the gains of PM10 are off: each, all alike, and beside the errors told.

    ``common_error`` is the fleet's median, which the stations alone can tell, ``level_se`` what is
    told of it; ``covered_90`` the share whose stated interval of 90 % holds the truth.
    """
    fit = found.pm10
    known = [
        (v, vehicles[name][0]) for v, name in enumerate(found.fixes.vehicles) if name in vehicles
    ]
    if not known:
        return {"vehicles": 0, "within_5_percent": None, "median_error": None}
    who = np.array([v for v, _ in known])
    ratio = fit.gain[who] / np.array([gain for _, gain in known])
    told = 1.645 * fit.gain_se[who] / fit.gain[who]
    common = float(np.median(ratio)) - 1
    return {
        "vehicles": len(known), "within_5_percent": float(np.mean(np.abs(ratio - 1) <= 0.05)),
        "median_error": float(np.median(np.abs(ratio - 1))), "common_error": common,
        "level_se": fit.level_se if fit.anchored else None,
        "apart": float(1.4826 * np.median(np.abs(ratio / (1 + common) - 1))),
        "covered_90": float(np.mean(np.abs(np.log(ratio)) <= told)),
    }  # fmt: skip


def _edges(found: Survey, graph: RoadGraph, true: Ints | None) -> float | None:
    """Return the share of right directed edges among the fixes whose place can be believed."""
    if true is None:
        return None
    placed = (found.reason == 0) | (found.reason >= 4)
    edge = np.where(found.matched.edge >= 0, graph.edge_id[found.matched.edge], -1)
    return float(np.mean(edge[placed] == true[found.fixes.row[placed]]))


def spread_of(values: Sequence[float]) -> dict[str, float]:
    """Return mean, standard deviation, least and most."""
    a = np.asarray(values, dtype=np.float64)
    return {"mean": float(a.mean()), "sd": float(a.std(ddof=1)) if len(a) > 1 else 0.0,
            "least": float(a.min()), "most": float(a.max())}  # fmt: skip
