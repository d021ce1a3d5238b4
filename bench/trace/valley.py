"""Invented rivers for judging the tracer: trees of reaches, and how water really moves in them.

Nothing here comes from the tracer. Flow is routed as a kinematic wave, reach by reach, with Manning's
law as a power law of the area; what the tracer is told (flows, roughness) differs from what moves.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_matrix

from qingyuan.river import Reach

__all__ = ["STEP_H", "Valley", "Water", "grow", "route"]

STEP_H = 0.25  # of what is kept of the routing
_ROUTE_S = 100.0
_LEAST_REACH_M = 400.0


@dataclass(frozen=True)
class Valley:
    """A river as it is, and as the ledger has it (``told``); arrays are per reach.

    ``alpha``, ``power``: Q = alpha · A^power. ``spill`` counts the water entering at heads from
    outside. ``up`` sums over the reaches that flow into each.
    """

    told: tuple[Reach, ...]
    to: np.ndarray
    length_m: np.ndarray
    local_km2: np.ndarray
    area_km2: np.ndarray
    base_flow: np.ndarray
    spill: np.ndarray
    alpha: np.ndarray
    power: np.ndarray
    width_m: np.ndarray
    slope: np.ndarray
    reservoir: np.ndarray
    up: csr_matrix
    inflows: tuple[str, ...]

    def path(self, reach: int) -> list[int]:
        """Return the reaches from *reach* to the outlet."""
        trail = [reach]
        while self.to[trail[-1]] >= 0:
            trail.append(int(self.to[trail[-1]]))
        return trail


@dataclass(frozen=True)
class Water:
    """Flow and wetted area of each reach over time: rows every ``STEP_H`` from hour 0."""

    flow: np.ndarray
    area: np.ndarray
    runoff_factor: np.ndarray


def grow(rng: np.random.Generator, *, reaches: int) -> Valley:
    """Grow a tree upstream from its outlet; long stems or bushy ones, at random."""
    bushy = rng.uniform(0.15, 0.6)
    to = [-1]
    tips = [0]
    while len(to) < reaches:
        at = tips.pop(int(rng.integers(len(tips))) if rng.random() < bushy else -1)
        for _ in range(2 if rng.random() < bushy else 1):
            to.append(at)
            tips.append(len(to) - 1)
        if rng.random() < bushy / 2:
            tips.insert(0, at)  # a tributary may still join here
    down = np.array(to[:reaches])
    n = len(down)
    length = np.maximum(rng.lognormal(np.log(rng.uniform(1200, 3000)), 0.6, n), _LEAST_REACH_M)
    local = length / 1000 * rng.lognormal(np.log(1.5), 0.6, n)
    heads = np.setdiff1d(np.arange(n), down)
    chosen = rng.choice(heads, size=min(int(rng.integers(1, 4)), len(heads)), replace=False)
    extra = np.zeros(n)
    extra[chosen] = rng.uniform(0.05, 0.4, len(chosen)) * local.sum()
    area = _gather(down, local + extra)
    runoff = rng.uniform(0.004, 0.015)
    flow = _gather(down, runoff * (local * rng.lognormal(0, 0.3, n) + extra))
    width = 4.0 * np.sqrt(flow) * rng.lognormal(0, 0.2, n) + 0.5
    slope = rng.uniform(0.0008, 0.003) * (area / 100) ** -0.35 * rng.lognormal(0, 0.5, n)
    slope = np.clip(slope, 1e-4, 0.02)
    side = rng.uniform(0.5, 2.0, n)
    rough = np.full(n, rng.choice([0.03, 0.036, 0.04]))
    reservoir = np.zeros(n, bool)
    if rng.random() < 0.3:
        wide = rng.choice(n, size=int(rng.integers(1, 3)), replace=False)
        reservoir[wide] = True
        width[wide] *= rng.uniform(5, 15, len(wide))
        slope[wide] = 2e-5
    # what is told is wrong: a part by one factor for the whole river, the rest each reach's own
    shared = rng.uniform(0.3, 0.7)
    wrong_n = _wrong(rng, n, sd=0.3, shared=shared)
    wrong_q = _wrong(rng, n, sd=0.2, shared=shared)
    told = tuple(
        Reach(
            f"R{i + 1:04d}",
            f"R{down[i] + 1:04d}" if down[i] >= 0 else "",
            round(float(length[i])),
            round(float(slope[i]), 6),
            float(rough[i]),
            round(float(width[i]), 2),
            round(float(side[i]), 2),
            float(f"{flow[i] * wrong_q[i]:.4g}"),
            0.2,
            "reservoir" if reservoir[i] else "river",
        )
        for i in range(n)
    )
    alpha, power = _rating(flow, width, side, slope, rough * wrong_n)
    spill = np.zeros(n)
    spill[chosen] = runoff * extra[chosen]
    joins = [i for i in range(n) if down[i] >= 0]
    up = csr_matrix((np.ones(len(joins)), (down[joins], joins)), shape=(n, n))
    names = tuple(told[i].reach_id for i in sorted(chosen))
    return Valley(
        told,
        down,
        length,
        local,
        area,
        flow,
        spill,
        alpha,
        power,
        width,
        slope,
        reservoir,
        up,
        names,
    )


def _gather(down: np.ndarray, each: np.ndarray) -> np.ndarray:
    """Sum down the tree; a reach is always listed after the one it flows into."""
    total = each.copy()
    for i in range(len(down) - 1, 0, -1):
        total[down[i]] += total[i]
    return total


def _wrong(rng: np.random.Generator, n: int, *, sd: float, shared: float) -> np.ndarray:
    return np.exp(sd * (np.sqrt(shared) * rng.normal() + np.sqrt(1 - shared) * rng.normal(size=n)))


def _rating(flow, width, side, slope, rough) -> tuple[np.ndarray, np.ndarray]:
    """Return Q = alpha·A^power through Manning's law at the base flow and at four times that."""

    def area_at(q):
        low, high = np.full(len(q), 1e-4), np.full(len(q), 60.0)
        for _ in range(50):
            depth = (low + high) / 2
            a = depth * (width + side * depth)
            wet = width + 2 * depth * np.sqrt(1 + side**2)
            over = a ** (5 / 3) / wet ** (2 / 3) * np.sqrt(slope) / rough > q
            high, low = np.where(over, depth, high), np.where(over, low, depth)
        return depth * (width + side * depth)

    a, b = area_at(flow), area_at(4 * flow)
    power = np.log(4) / np.log(b / a)
    return flow / a**power, power


def route(
    valley: Valley, rng: np.random.Generator, *, hours: float, rain_mm: np.ndarray | None
) -> Water:
    """Route base flow and the runoff of hourly *rain_mm*; without rain the flow is steady."""
    rows = round(hours / STEP_H) + 1
    n = len(valley.length_m)
    still = (valley.base_flow / valley.alpha) ** (1 / valley.power)
    if rain_mm is None:
        return Water(
            np.broadcast_to(valley.base_flow, (rows, n)),
            np.broadcast_to(still, (rows, n)),
            np.zeros(rows),
        )
    steps = round(hours * 3600 / _ROUTE_S)
    reaction_h = rng.uniform(2, 8)
    share = rng.uniform(0.05, 0.25)
    keep = np.exp(-_ROUTE_S / 3600 / reaction_h)
    fall = rng.lognormal(0, 0.4, n) * valley.local_km2 * 1000 / 3600 * share  # m³/s per mm/h
    local_base = valley.base_flow - valley.up @ valley.base_flow
    area = still.copy()
    first = second = 0.0
    flows, areas, wet = np.empty((rows, n)), np.empty((rows, n)), np.empty(rows)
    every = round(STEP_H * 3600 / _ROUTE_S)
    for k in range(steps + 1):
        flow = valley.alpha * area**valley.power
        if k % every == 0 and k // every < rows:
            flows[k // every], areas[k // every], wet[k // every] = flow, area, second
        hour = min(int(k * _ROUTE_S / 3600), len(rain_mm) - 1)
        first = keep * first + (1 - keep) * rain_mm[hour]
        second = keep * second + (1 - keep) * first
        gain = valley.up @ flow + local_base + fall * second - flow
        area = np.maximum(area + _ROUTE_S * gain / valley.length_m, 0.2 * still)
    return Water(flows, areas, wet)
