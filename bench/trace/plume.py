"""Where a release goes, by finite volumes: along one path (fine), or over the whole river (coarse).

Conserves mass; advection with van Leer's limiter, dispersion by a formula with a log-normal error,
dead zones, first-order loss. Several loss rates are carried at once.
"""

from __future__ import annotations

import numpy as np
from valley import STEP_H, Valley, Water

__all__ = ["KEEP_H", "Mixing", "along", "everywhere"]

KEEP_H = 1 / 6
_CELL_M = 150.0


class Mixing:
    """What mixes a river: dispersion's own error per reach, and dead zones."""

    def __init__(self, valley: Valley, rng: np.random.Generator) -> None:
        """Draw the river's mixing."""
        n = len(valley.length_m)
        shared = rng.normal()
        self.wrong = np.exp(0.65 * (0.7 * shared + 0.71 * rng.normal(size=n)))
        has_dead = rng.random() < 0.6
        self.dead_share = rng.uniform(0.03, 0.25) if has_dead else 0.0
        self.exchange = 10 ** rng.uniform(-5, -3.7)

    def dispersion(self, valley: Valley, reach: np.ndarray, u: np.ndarray, area: np.ndarray):
        """Return D in m²/s (Deng, Singh & Bengtsson 2001, with its error)."""
        width = np.maximum(valley.width_m[reach], 0.3)
        depth = np.maximum(area / width, 0.03)
        shear = np.sqrt(9.81 * depth * np.maximum(valley.slope[reach], 1e-5))
        mixing = 0.145 + (1 / 3520) * (u / shear) * (width / depth) ** 1.38
        d = 0.15 / (8 * mixing) * (width / depth) ** (5 / 3) * (u / shear) ** 2 * depth * shear
        return np.clip(d * self.wrong[reach], 0.05, 400.0)


def along(
    valley: Valley,
    water: Water,
    mixing: Mixing,
    *,
    reach: int,
    position_m: float,
    start_h: float,
    duration_h: float,
    until_h: float,
    rates_per_day: np.ndarray,
    sections: list[tuple[int, float]],
) -> dict[int, tuple[np.ndarray, np.ndarray]]:
    """Carry 1 g/s for *duration_h* down from a place.

    Returns, per section index on the path, hours and rises in mg/L (rows times, columns rates).
    """
    trail = valley.path(reach)
    cells = [max(1, round(valley.length_m[r] / _CELL_M)) for r in trail]
    which = np.repeat(trail, cells)
    dx = np.repeat(valley.length_m[trail] / cells, cells)
    first = dict(zip(trail, np.concatenate([[0], np.cumsum(cells)[:-1]]), strict=True))

    def cell_of(r: int, x: float) -> int:
        count = cells[trail.index(r)]
        return int(first[r] + min(int(x / valley.length_m[r] * count), count - 1))

    seen = {i: cell_of(r, x) for i, (r, x) in enumerate(sections) if r in first}
    source = cell_of(reach, position_m)
    seen = {
        i: c
        for i, c in seen.items()
        if c > source or (c == source and sections[i][1] >= position_m)
    }
    if not seen:
        return {}
    end = max(seen.values()) + 2
    which, dx = which[source:end], dx[source:end]
    seen = {i: c - source for i, c in seen.items()}
    rates = rates_per_day / 86400
    m = np.zeros((len(rates), len(which)))
    dead = np.zeros_like(m)
    tank = valley.reservoir[which]
    loss_dead = mixing.exchange / max(mixing.dead_share, 1e-9)
    rows = max(int((until_h - start_h) / KEEP_H), 1)
    hours = start_h + np.arange(rows) * KEEP_H
    kept = np.zeros((rows, len(rates), len(seen)))
    at = list(seen.values())
    for row in range(rows):
        k = min(max(int(hours[row] / STEP_H), 0), len(water.flow) - 1)
        q, area = water.flow[k][which], water.area[k][which]
        kept[row] = m[:, at] / area[at]
        u = q / area
        d = mixing.dispersion(valley, which, u, area)
        d = np.where(tank, np.maximum(d, u * valley.length_m[which] / 2), d)
        face_d = np.minimum(2 * d[:-1] * d[1:] / (d[:-1] + d[1:]), 2000.0)
        gap = (dx[:-1] + dx[1:]) / 2
        limit = min(float((0.6 * dx / u).min()), float((0.2 * gap**2 / face_d).min()), 600.0)
        if mixing.dead_share > 0:
            limit = min(limit, 0.3 / loss_dead)
        steps = int(np.ceil(KEEP_H * 3600 / limit))
        dt = KEEP_H * 3600 / steps
        courant = u * dt / dx
        face_a = np.minimum(area[:-1], area[1:])
        for s in range(steps):
            now = hours[row] + s * dt / 3600
            slope = np.diff(m, axis=1)
            ahead, behind = slope[:, 1:], slope[:, :-1]
            product = ahead * behind
            lean = np.zeros_like(m)
            total = ahead + behind
            lean[:, 1:-1] = np.where(product > 0, 2 * product / np.where(total == 0, 1, total), 0.0)
            flux = u * (m + 0.5 * (1 - courant) * lean)
            spread = face_d * face_a * np.diff(m / area, axis=1) / gap
            change = -flux
            change[:, 1:] += flux[:, :-1]
            change[:, :-1] += spread
            change[:, 1:] -= spread
            if mixing.dead_share > 0:
                swap = mixing.exchange * m - loss_dead * dead
                dead += dt * swap
                m = m - dt * swap
            m = m + dt * change / dx - dt * rates[:, None] * m
            if start_h <= now < start_h + duration_h:
                part = min(dt / 3600, start_h + duration_h - now) * 3600
                m[:, 0] += part / dx[0]
    return {i: (hours, kept[:, :, j]) for j, i in enumerate(seen)}


def everywhere(
    valley: Valley,
    water: Water,
    *,
    load: np.ndarray,
    start_h: float,
    until_h: float,
    sections: list[tuple[int, float]],
) -> dict[int, tuple[np.ndarray, np.ndarray]]:
    """Carry diffuse loads (rows of ``STEP_H`` from *start_h*, g/s per reach) over the whole river.

    Returns, per section, hours and rise in mg/L; one stirred cell per reach.
    """
    mass = np.zeros(len(valley.length_m))
    rows = int((until_h - start_h) / STEP_H)
    hours = start_h + np.arange(rows) * STEP_H
    kept = np.zeros((rows, len(sections)))
    at = np.array([r for r, _ in sections])
    steps = 8
    dt = STEP_H * 3600 / steps
    for row in range(rows):
        k = min(max(int(hours[row] / STEP_H), 0), len(water.flow) - 1)
        q, area = water.flow[k], water.area[k]
        volume = area * valley.length_m
        kept[row] = (mass / volume)[at]
        leave = np.minimum(q / volume, 0.9 / dt)
        put = load[min(row, len(load) - 1)]
        for _ in range(steps):
            out = leave * mass
            mass = mass + dt * (valley.up @ out - out + put)
    return {i: (hours, kept[:, i]) for i in range(len(sections))}
