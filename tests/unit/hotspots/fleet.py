"""A small fleet of known truth, for tests and the bench: streets, taxis, dust, plumes, faults.

Written apart from the craft: roads are a jittered grid, hot spots have the shape named by ``shape``,
sensors have gain, offset and drift. It uses none of the craft's formulas.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np


@dataclass
class Fleet:
    edges: dict[str, Any]
    points: dict[str, Any]
    true_edge: np.ndarray
    spots: list[dict[str, float]]
    plumes: list[tuple[float, float, float]]
    gain: np.ndarray
    faults: dict[str, str]
    stations: dict[str, Any] = field(default_factory=dict)


def streets(rng, size=14, block=220.0, *, one_way=0.1):
    """Return directed edges of a jittered town of *size* × *size* crossings, streets bent once."""
    x, y = np.meshgrid(np.arange(size) * block, np.arange(size) * block)
    nodes = [np.stack([x.ravel(), y.ravel()], 1) + rng.normal(0, block / 10, (size * size, 2))]
    pairs = []
    for i in range(size):
        for j in range(size):
            a = i * size + j
            onward = ([a + 1] if j < size - 1 else []) + ([a + size] if i < size - 1 else [])
            pairs += [(a, b) for b in onward if rng.random() < 0.9]
    count, rows = size * size, []
    for a, b in pairs:
        middle = (nodes[0][a] + nodes[0][b]) / 2 + rng.normal(0, 8, 2)
        nodes.append(middle[None])
        both = rng.random() > one_way
        for p, q in ((a, count), (count, b)):
            rows.append((p, q))
            if both:
                rows.append((q, p))
        count += 1
    place = np.concatenate(nodes)
    u, v = np.array(rows).T
    return {
        "edge_id": np.arange(len(u)) + 1000, "u": u, "v": v,
        "x1": place[u, 0], "y1": place[u, 1], "x2": place[v, 0], "y2": place[v, 1],
    }  # fmt: skip


def drive(edges, rng, *, fixes, step_s=3.0):
    """Return true edge row, x, y and speed of a taxi that mostly goes straight on."""
    length = np.hypot(edges["x2"] - edges["x1"], edges["y2"] - edges["y1"])
    ux, uy = (edges["x2"] - edges["x1"]) / length, (edges["y2"] - edges["y1"]) / length
    leaving = {}
    for row, node in enumerate(edges["u"]):
        leaving.setdefault(int(node), []).append(row)
    edge, off, v = int(rng.integers(len(length))), 0.0, 8.0
    out = np.zeros((fixes, 4))
    for k in range(fixes):
        v = float(np.clip(v + 0.15 * (8.5 - v) + rng.normal(0, 0.9), 0.3, 15))
        off += v * step_s
        while off > length[edge]:
            off -= length[edge]
            onward = leaving.get(int(edges["v"][edge]), [])
            forward = [e for e in onward if edges["v"][e] != edges["u"][edge]] or onward
            if not forward:
                edge = int(rng.integers(len(length)))
                continue
            turn = np.array([ux[e] * ux[edge] + uy[e] * uy[edge] for e in forward])
            w = np.exp(1.5 * turn)
            edge = int(rng.choice(forward, p=w / w.sum()))
        out[k] = edge, edges["x1"][edge] + ux[edge] * off, edges["y1"][edge] + uy[edge] * off, v
    return out[:, 0].astype(int), out[:, 1], out[:, 2], out[:, 3]


def fleet(seed, *, taxis=12, days=2, hours=(7, 17), spots=5, plumes=12, size=14, shape="round"):
    """Return a fleet with three faults: a stuck sensor, a gain of two, a clock ten minutes fast."""
    rng = np.random.default_rng(seed)
    edges = streets(rng, size)
    nodes = rng.permutation(len(edges["u"]))
    hot = []
    for row in nodes:
        x, y = edges["x1"][row], edges["y1"][row]
        if all(np.hypot(x - h["x"], y - h["y"]) > 500 for h in hot) and len(hot) < spots:
            start = int(rng.integers(hours[0], hours[0] + 3))
            hot.append({"x": x, "y": y, "radius": float(rng.choice([60, 90, 130, 180])),
                        "peak": float(rng.choice([50, 70, 100, 140])), "start": start,
                        "end": min(start + int(rng.integers(5, 10)), hours[1]),
                        "day": int(rng.integers(-1, days)) if days > 1 else -1})  # fmt: skip
    knots = np.arange(0, days * 24 + 1)
    air = (
        60
        + 22 * np.sin((knots - 6) / 24 * 2 * np.pi)
        + np.cumsum(rng.normal(0, 3, len(knots))) * 0.7
    )
    air = np.maximum(air, 15)
    smoke = [(float(rng.uniform(hours[0] * 3600, hours[1] * 3600)) + 86400 * int(rng.integers(days)),
              int(rng.integers(taxis)), float(rng.uniform(60, 400))) for _ in range(plumes)]  # fmt: skip
    gain = rng.normal(1, 0.08, taxis)
    fine = rng.normal(1, 0.08, taxis)
    offset, drift = rng.normal(0, 3, taxis), rng.normal(0, 0.02, taxis)
    gain[1] *= 2
    fine[1] *= 2
    columns = {
        n: [] for n in ("vehicle_id", "t_s", "x", "y", "speed_ms", "pm10", "pm25", "rh", "edge")
    }
    met = []
    for taxi in range(taxis):
        for day in range(days):
            fixes = int((hours[1] - hours[0]) * 1200 - rng.integers(200))
            t = day * 86400 + hours[0] * 3600 + 3 * np.arange(fixes) + rng.integers(300)
            edge, x, y, v = drive(edges, rng, fixes=fixes)
            base = np.interp(t, knots * 3600.0, air)
            dust = np.zeros(fixes)
            hour = t % 86400 / 3600
            for h in hot:
                d = np.hypot(x - h["x"], y - h["y"])
                hill = (
                    np.exp(-0.5 * (d / h["radius"]) ** 2)
                    if shape == "round"
                    else (d < h["radius"]) * 0.8
                )
                on = (hour >= h["start"]) & (hour < h["end"]) & (h["day"] in (-1, day))
                dust += on * h["peak"] * hill
            smog = np.zeros(fixes)
            for when, who, amp in smoke:
                if who == taxi and when // 86400 == day:
                    smog += amp * np.exp(-np.abs(t - when) / 12)
                    k = int(np.argmin(np.abs(t - when)))
                    met.append((when, x[k], y[k]))
            scale = 1 + drift[taxi] * t / 86400
            pm10 = (
                gain[taxi] * scale * (base + dust + smog) + offset[taxi] + rng.normal(0, 6.5, fixes)
            )
            pm25 = fine[taxi] * (0.45 * base + 0.15 * dust + 0.8 * smog) + rng.normal(0, 3, fixes)
            if taxi == 0 and day == days - 1:
                pm10[fixes // 2 :] = pm10[fixes // 2]
            kept = rng.random(fixes) > 0.01
            for name, value in (
                ("vehicle_id", np.full(fixes, f"C{taxi:02d}")), ("t_s", t + (600 if taxi == 2 else 0)),
                ("x", x + rng.normal(0, 9, fixes)), ("y", y + rng.normal(0, 9, fixes)), ("speed_ms", np.round(v, 1)),
                ("pm10", np.maximum(np.round(pm10), 0)), ("pm25", np.maximum(np.round(pm25), 0)),
                ("rh", np.full(fixes, 50.0)), ("edge", edge),
            ):  # fmt: skip
                columns[name].append(value[kept])
    points = {n: np.concatenate(c) for n, c in columns.items()}
    true_edge = points.pop("edge")
    away = rng.random(len(true_edge)) < 0.003
    points["x"] = np.where(away, points["x"] + rng.normal(0, 300, len(away)), points["x"])
    hour_ending = np.arange(1, days * 24 + 1)
    stations = {
        "station": np.repeat(["A", "B", "C"], len(hour_ending)),
        "hour_ending": np.tile(hour_ending, 3),
    }
    stations["x"] = np.repeat([300.0, 1500.0, 2400.0], len(hour_ending))
    stations["y"] = np.repeat([300.0, 1500.0, 600.0], len(hour_ending))
    mean = np.array(
        [
            np.interp(np.arange((h - 1) * 3600, h * 3600, 60), knots * 3600.0, air).mean()
            for h in hour_ending
        ]
    )
    stations["pm10"] = np.round(np.tile(mean, 3) + rng.normal(0, 2.5, 3 * len(mean)))
    stations["pm25"] = np.round(np.tile(0.45 * mean, 3) + rng.normal(0, 2, 3 * len(mean)))
    faults = {"C00": "stuck", "C01": "gain", "C02": "clock"}
    return Fleet(edges, points, true_edge, hot, met, gain, faults, stations)
