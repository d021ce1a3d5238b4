"""Fleets of known truth on a given road graph, made apart from the craft and from the shared fleet.

    python bench/hotspots/worlds.py EDGES OUT --seed N [--taxis 24] [--days 2] [--kind plain|humid|rough]

Uses none of the craft's formulas. Taxis wander over the largest part of the graph in which every
place can be reached; dust hot spots sit by the road, some on one day or for a few hours only; a
plume follows one taxi for a minute. One sensor sticks, one reads double, one clock is wrong, each
told in the truth. ``humid``: nights near saturation swell what the optics see. ``rough``: position
errors that last, streets between towers, every clock off by some seconds, a dirty quarter.
The answer is a folder that ``qingyuan bench hotspots`` scores.
"""

from __future__ import annotations

import argparse
import csv
import gzip
import io
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components

STEP_S = 3
HOURS = (7, 18)


@dataclass
class World:
    """Columns of the points in order of writing, and what is true of them."""

    edges: dict[str, np.ndarray]
    points: dict[str, np.ndarray]
    true_edge: np.ndarray
    stations: dict[str, np.ndarray]
    spots: list[dict[str, float]]
    plumes: list[dict[str, float]]
    vehicles: list[dict[str, Any]]
    kappa: float = 0.0


def read_edges(path: Path) -> dict[str, np.ndarray]:
    """Read ``edge_id, u, v, x1, y1, x2, y2``."""
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        rows = list(csv.DictReader(lines))
    whole = ("edge_id", "u", "v")
    return {n: np.array([float(r[n]) for r in rows]).astype(int if n in whole else float)
            for n in (*whole, "x1", "y1", "x2", "y2")}  # fmt: skip


def world(edges: dict[str, np.ndarray], seed: int, *, taxis: int = 24, days: int = 2,
          spots: int = 14, plumes: int = 60, kind: str = "plain") -> World:  # fmt: skip
    """Return one world; the same seed gives the same one."""
    rng = np.random.default_rng([seed, 20261123])
    roads = Roads(edges)
    lanes = taxis * days
    steps = (HOURS[1] - HOURS[0]) * 3600 // STEP_S
    edge, x, y, v = roads.drive(rng, lanes, steps)
    taxi = np.arange(lanes) % taxis
    day = np.arange(lanes) // taxis
    t = (day[:, None] * 86400 + HOURS[0] * 3600 + STEP_S * np.arange(steps)[None, :]
         + rng.integers(0, 240, lanes)[:, None])  # fmt: skip
    hot = _spots(rng, roads, spots, days)
    air, humidity = _weather(rng, days, kind)
    middle, top = float(np.median(roads.x1)), float(roads.y1.max())

    def quarter(a: np.ndarray, b: np.ndarray) -> np.ndarray:
        if kind != "rough":
            return np.zeros(a.shape)
        away = np.hypot(a - middle, b - top) - 3500  # air mixes over its border
        return 14 / (1 + np.exp(away / 250))

    true = np.interp(t, *air) + quarter(x, y) + _dust(hot, x, y, t)
    fumes, met = _fumes(rng, plumes, x, y, t)
    rh = np.round(np.interp(t, *humidity))
    kappa = float(rng.uniform(0.08, 0.30)) if kind == "humid" else 0.0
    swell = 1 + kappa / 1.65 * _ratio(rh)
    vehicles = _vehicles(rng, taxis, kind)
    gain, fine, offset, drift, late = (
        np.array([w[n] for w in vehicles])[taxi][:, None]
        for n in ("gain10", "gain25", "off", "drift_per_day", "late_s")
    )
    scale = (1 + drift * t / 86400) * swell
    pm10 = offset + gain * scale * (true + fumes) + rng.normal(0, 6, true.shape)
    share = 0.42 * np.interp(t, *air) + 0.12 * (true - np.interp(t, *air)) + 0.9 * fumes
    pm25 = 0.5 * offset + fine * scale * share + rng.normal(0, 3.5, true.shape)
    for w, fault in enumerate(w["fault"] for w in vehicles):
        if fault == "stuck":
            mine = (taxi == w) & (day == days - 1)
            stuck = mine[:, None] & (t % 86400 > 12 * 3600)
            pm10[stuck], pm25[stuck] = 63.0, 31.0
    sx, sy = _errors(rng, x, y, kind)
    order = rng.permutation(lanes)
    points = {
        "vehicle_id": np.array([v["vehicle_id"] for v in vehicles])[np.repeat(taxi[order], steps)],
        "t_s": (t + late)[order].ravel().astype(np.int64), "x": np.round(sx[order].ravel(), 1),
        "y": np.round(sy[order].ravel(), 1), "speed_ms": np.round(v[order].ravel(), 1),
        "pm10": np.clip(np.round(pm10[order].ravel()), 0, 2000).astype(int),
        "pm25": np.clip(np.round(pm25[order].ravel()), 0, 2000).astype(int),
        "rh": rh[order].ravel().astype(int),
    }  # fmt: skip
    kept = rng.random(lanes * steps) > 0.05
    points = {n: c[kept] for n, c in points.items()}
    true_edge = edges["edge_id"][edge[order].ravel()[kept]]
    return World(
        edges,
        points,
        true_edge,
        _stations(rng, roads, air, days, quarter),
        hot,
        met,
        vehicles,
        kappa,
    )


class Roads:
    """The part of a graph in which every place can be reached, made ready to be driven."""

    def __init__(self, edges: dict[str, np.ndarray]) -> None:
        u, v = edges["u"], edges["v"]
        nodes, dense = np.unique(np.concatenate([u, v]), return_inverse=True)
        a, b = dense[: len(u)], dense[len(u) :]
        links = csr_array((np.ones(len(a)), (a, b)), shape=(len(nodes), len(nodes)))
        part = connected_components(links, connection="strong")[1]
        main = np.bincount(part).argmax()
        self.rows = np.flatnonzero((part[a] == main) & (part[b] == main))
        self.a, self.b = a[self.rows], b[self.rows]
        self.x1, self.y1 = edges["x1"][self.rows], edges["y1"][self.rows]
        self.x2, self.y2 = edges["x2"][self.rows], edges["y2"][self.rows]
        self.length = np.maximum(np.hypot(self.x2 - self.x1, self.y2 - self.y1), 0.5)
        self.ux, self.uy = (self.x2 - self.x1) / self.length, (self.y2 - self.y1) / self.length
        order = np.argsort(self.a, kind="stable")
        start = np.searchsorted(self.a[order], np.arange(len(nodes) + 1))
        most = int(np.diff(start).max())
        self.next = np.full((len(self.rows), most), -1)
        for k in range(most):
            at = start[self.b] + k
            there = at < start[self.b + 1]
            self.next[there, k] = order[at[there]]

    def drive(self, rng: np.random.Generator, lanes: int, steps: int) -> tuple[np.ndarray, ...]:
        """Return edge row, x, y and speed, (lanes, steps): mostly straight on, seldom round."""
        edge = rng.integers(0, len(self.rows), lanes)
        off, v = np.zeros(lanes), np.full(lanes, 8.0)
        stand = np.zeros(lanes)
        out = np.zeros((4, steps, lanes))
        for k in range(steps):
            v = np.clip(v + 0.25 * (8.5 - v) + rng.normal(0, 1.0, lanes), 1.0, 16.0)
            stand = np.where(rng.random(lanes) < 0.004, rng.integers(3, 15, lanes), stand - 1)
            now = np.where(stand > 0, 0.0, v)
            off = off + now * STEP_S
            while (over := off > self.length[edge]).any():
                at = np.flatnonzero(over)
                off[at] -= self.length[edge[at]]
                edge[at] = self._turn(rng, edge[at])
            place = self.x1[edge] + self.ux[edge] * off, self.y1[edge] + self.uy[edge] * off
            out[:, k] = edge, *place, now
        row = self.rows[out[0].astype(int).T]
        return row, out[1].T, out[2].T, out[3].T

    def _turn(self, rng: np.random.Generator, edge: np.ndarray) -> np.ndarray:
        onward = self.next[edge]
        straight = (
            self.ux[onward] * self.ux[edge][:, None] + self.uy[onward] * self.uy[edge][:, None]
        )
        back = self.b[onward] == self.a[edge][:, None]
        w = np.exp(1.2 * straight) * np.where(back, 1e-4, 1.0) * (onward >= 0)
        w = w.cumsum(axis=1) / w.sum(axis=1, keepdims=True)
        pick = (rng.random(len(edge))[:, None] > w).sum(axis=1)
        return onward[np.arange(len(edge)), pick]


def _spots(rng: np.random.Generator, roads: Roads, count: int, days: int) -> list[dict[str, float]]:
    """Place dust by the road, 600 m apart; a third last a morning, a quarter one day."""
    found: list[dict[str, float]] = []
    for row in rng.permutation(len(roads.rows)):
        share = rng.random()
        x = roads.x1[row] + share * (roads.x2 - roads.x1)[row] + rng.normal(0, 10)
        y = roads.y1[row] + share * (roads.y2 - roads.y1)[row] + rng.normal(0, 10)
        if any(np.hypot(x - h["x"], y - h["y"]) < 600 for h in found):
            continue
        start, end = int(rng.choice([6, 7, 8])), int(rng.choice([12, 17, 19]))
        on = [True] * days
        if days > 1 and rng.random() < 0.25:
            on[int(rng.integers(days))] = False
        found.append({
            "hotspot_id": f"H{len(found) + 1:02d}", "x": round(float(x), 1), "y": round(float(y), 1),
            "radius_m": float(rng.choice([60, 90, 130, 180])),
            "pm10_peak": float(rng.choice([40, 60, 90, 140])), "start_hour": start, "end_hour": end,
            **{f"day{d + 1}": on[d] for d in range(days)},
        })  # fmt: skip
        if len(found) == count:
            break
    return found


def _dust(hot: list[dict[str, float]], x: np.ndarray, y: np.ndarray, t: np.ndarray) -> np.ndarray:
    out = np.zeros(x.shape)
    hour, day = t % 86400 / 3600, t // 86400
    for h in hot:
        d2 = (x - h["x"]) ** 2 + (y - h["y"]) ** 2
        on = np.isin(day, [k for k in range(int(day.max()) + 1) if h[f"day{k + 1}"]])
        on &= (hour >= h["start_hour"]) & (hour < h["end_hour"])
        out += on * h["pm10_peak"] * np.exp(-0.5 * d2 / h["radius_m"] ** 2)
    return out


def _fumes(
    rng: np.random.Generator, count: int, x: np.ndarray, y: np.ndarray, t: np.ndarray
) -> tuple[np.ndarray, list[dict[str, float]]]:
    """Let *count* plumes drift over one taxi each, for half a minute to a minute and a half."""
    out, met = np.zeros(x.shape), []
    for _ in range(count):
        lane, at = int(rng.integers(len(x))), int(rng.integers(60, x.shape[1] - 60))
        long = int(rng.integers(8, 30))
        shape = np.sin(np.linspace(0, np.pi, long + 2)[1:-1])
        peak = float(rng.uniform(50, 400))
        out[lane, at : at + long] += peak * shape
        k = at + long // 2
        met.append({"t_s": int(t[lane, k]), "x": round(float(x[lane, k]), 1),
                    "y": round(float(y[lane, k]), 1), "amp": round(peak)})  # fmt: skip
    return out, met


def _weather(
    rng: np.random.Generator, days: int, kind: str
) -> tuple[tuple[np.ndarray, np.ndarray], tuple[np.ndarray, np.ndarray]]:
    """Return air and humidity as curves of time, a knot each half hour."""
    knot = np.arange(0, days * 86400 + 1, 1800.0)
    wander = np.cumsum(rng.normal(0, 3.0, len(knot)))
    wander -= np.linspace(0, wander[-1], len(knot))
    phase = 2 * np.pi * (knot / 86400 - rng.uniform(0.2, 0.4))
    air = rng.uniform(55, 80) + rng.uniform(8, 20) * np.sin(phase) + wander
    base, swing = (70, 25) if kind == "humid" else (45, 13)
    rh = base + swing * np.cos(2 * np.pi * (knot / 86400 - 0.21)) + np.cumsum(rng.normal(0, 0.8, len(knot)))  # fmt: skip
    return (knot, np.maximum(air, 15.0)), (knot, np.clip(rh, 15, 97))


def _ratio(rh: np.ndarray) -> np.ndarray:
    activity = np.minimum(rh, 97.0) / 100
    return activity / (1 - activity)


def _vehicles(rng: np.random.Generator, taxis: int, kind: str) -> list[dict[str, Any]]:
    bad = rng.choice(taxis, 3, replace=False)
    faults = dict(zip(bad.tolist(), ("stuck", "gain", "clock"), strict=True))
    out = []
    for k in range(taxis):
        fault = faults.get(k, "")
        double = 2.0 if fault == "gain" else 1.0
        late = float(rng.choice([-900, -600, 600, 900])) if fault == "clock" else 0.0
        if kind == "rough" and not fault:
            late = float(np.round(rng.normal(0, 20)))
        out.append({
            "vehicle_id": f"V{k + 1:03d}", "gain10": double * float(rng.normal(1, 0.08)),
            "gain25": double * float(rng.normal(1, 0.08)), "off": float(rng.normal(0, 4)),
            "drift_per_day": float(rng.normal(0, 0.02)), "late_s": late, "fault": fault,
        })  # fmt: skip
    return out


def _errors(
    rng: np.random.Generator, x: np.ndarray, y: np.ndarray, kind: str
) -> tuple[np.ndarray, np.ndarray]:
    """Return the places as told: 8 m of error in each coordinate, or errors that last half a minute."""
    told = []
    for c in (x, y):
        error = rng.normal(0, 8.0, c.shape)
        if kind == "rough":
            slow = np.zeros_like(error)
            keep = np.exp(-STEP_S / 30.0)
            for k in range(1, error.shape[1]):
                slow[:, k] = keep * slow[:, k - 1] + np.sqrt(1 - keep**2) * rng.normal(
                    0, 7.0, len(c)
                )
            error = 0.6 * error + slow
        away = rng.random(c.shape) < 0.002
        told.append(c + np.where(away, rng.normal(0, 300, c.shape), error))
    return told[0], told[1]


def _stations(
    rng: np.random.Generator,
    roads: Roads,
    air: tuple[np.ndarray, np.ndarray],
    days: int,
    quarter: Callable[[np.ndarray, np.ndarray], np.ndarray],
) -> dict[str, np.ndarray]:
    hours = np.arange(1, days * 24 + 1)
    mean = np.array(
        [np.interp(np.arange((h - 1) * 3600, h * 3600, 60), *air).mean() for h in hours]
    )
    rows = rng.choice(len(roads.rows), 5, replace=False)
    x, y = roads.x1[rows] + 80, roads.y1[rows] + 80
    lasting = rng.normal(0, 2.0, 5)[:, None] + quarter(x, y)[:, None]
    pm10 = mean[None, :] + lasting + rng.normal(0, 2.5, (5, len(hours)))
    pm25 = 0.42 * mean[None, :] + 0.4 * lasting + rng.normal(0, 1.5, (5, len(hours)))
    return {
        "station": np.repeat([f"S{k + 1}" for k in range(5)], len(hours)),
        "x": np.repeat(x, len(hours)), "y": np.repeat(y, len(hours)),
        "hour_ending": np.tile(hours, 5),
        "pm10": np.round(pm10).ravel(), "pm25": np.round(pm25).ravel(),
    }  # fmt: skip


def write(made: World, folder: Path) -> Path:
    """Write the folder: points, roads and stations as a stranger has them, and the truth."""
    folder.mkdir(parents=True, exist_ok=True)
    _table(folder / "points.csv.gz", made.points)
    _table(folder / "edges.csv.gz", made.edges)
    _table(folder / "stations.csv", made.stations)
    _table(folder / "truth_points.csv.gz", {"true_edge": made.true_edge})
    for name, rows in (("hotspots", made.spots), ("transient_plumes", made.plumes),
                       ("vehicles", made.vehicles)):  # fmt: skip
        _table(folder / f"truth_{name}.csv", {n: np.array([r[n] for r in rows]) for n in rows[0]})
    return folder


def _table(path: Path, columns: dict[str, np.ndarray]) -> None:
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\n")
    table.writerow(columns)
    table.writerows(zip(*(c.tolist() for c in columns.values()), strict=True))
    raw = text.getvalue().encode("utf-8")
    path.write_bytes(gzip.compress(raw, 1) if path.suffix == ".gz" else raw)


def main() -> None:
    """Write one world."""
    call = argparse.ArgumentParser()
    call.add_argument("edges", type=Path)
    call.add_argument("out", type=Path)
    call.add_argument("--seed", type=int, required=True)
    call.add_argument("--taxis", type=int, default=24)
    call.add_argument("--days", type=int, default=2)
    call.add_argument("--kind", choices=("plain", "humid", "rough"), default="plain")
    args = call.parse_args()
    made = world(
        read_edges(args.edges), args.seed, taxis=args.taxis, days=args.days, kind=args.kind
    )
    print(write(made, args.out))


if __name__ == "__main__":
    main()
