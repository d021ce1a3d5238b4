"""Water that moves (水的运动): an explicit finite-volume model of a tree of rivers.

Every reach is cut into cells. Volume and mass are kept cell by cell: what leaves one enters the
next. Flow follows friction and slope (kinematic wave), so a rise of water travels faster than the
water itself; substances ride on it with a limited second-order face value, are mixed along the
channel, and are lost at a first-order rate. Nothing here is shared with the tracer.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from qingyuan.cities import City, Reach

__all__ = ["Water"]

CELL_M = 400.0
_COURANT = 0.92
_MIXING_PER_WIDTH = 4.0  # along-channel mixing, as a multiple of velocity × width
_LEAST_AREA_M2 = 0.02


class Water:
    """The rivers of one city as cells; arrays are (cells,) and (cells, substances)."""

    def __init__(self, city: City, *, substances: int) -> None:
        self._first: dict[str, int] = {}
        self._count: dict[str, int] = {}
        rows: list[Reach] = []
        for reach in city.reaches:
            self._first[reach.reach_id] = len(rows)
            count = max(1, round(reach.length_m / CELL_M))
            self._count[reach.reach_id] = count
            rows += [reach] * count
        self.cells = len(rows)
        self.dx = np.array([r.length_m / self._count[r.reach_id] for r in rows])
        self._width = np.array([r.bottom_width_m for r in rows])
        self._side = np.array([max(r.side_slope, 1e-9) for r in rows])
        self._push = np.array([math.sqrt(r.slope) / r.manning_n for r in rows])
        self._wall = 2 * np.sqrt(1 + self._side**2)
        self._lengths = {r.reach_id: r.length_m for r in city.reaches}
        self.below = self._links(city)
        base = np.array([r.flow_m3_s for r in rows])
        self._above = self._main_stem(base)
        self._lower = np.where(self.below < self.cells, self.below, np.arange(self.cells))
        self._springs = np.flatnonzero(self._above == np.arange(self.cells))
        inner = np.flatnonzero(self.below < self.cells)
        self._sides = inner[self._above[self.below[inner]] != inner]  # tributaries that join
        self.area = self._area_of(base)
        self._flow = self._flow_of(self.area)
        self.mass = np.zeros((self.cells, substances))  # g/m³ × m³ = g

    def _links(self, city: City) -> NDArray[np.int64]:
        below = np.arange(1, self.cells + 1)
        for reach in city.reaches:
            last = self._first[reach.reach_id] + self._count[reach.reach_id] - 1
            below[last] = self._first[reach.to_reach_id] if reach.to_reach_id else self.cells
        return below

    def _main_stem(self, base: NDArray[np.float64]) -> NDArray[np.int64]:
        """Find the cell above each: of two that join, the one with more water; a spring its own."""
        above = np.arange(self.cells)
        for cell in np.argsort(base, kind="stable"):
            if self.below[cell] < self.cells:
                above[self.below[cell]] = cell
        return above

    def cell_of(self, reach_id: str, position_m: float) -> int:
        """Return the cell at a position of a reach."""
        share = position_m / self._lengths[reach_id]
        count = self._count[reach_id]
        return self._first[reach_id] + min(int(share * count), count - 1)

    def cells_of(self, reach_id: str) -> slice:
        """Return all cells of a reach."""
        return slice(self._first[reach_id], self._first[reach_id] + self._count[reach_id])

    def _flow_of(self, area: NDArray[np.float64]) -> NDArray[np.float64]:
        depth = (np.sqrt(self._width**2 + 4 * self._side * area) - self._width) / (2 * self._side)
        radius = area / (self._width + self._wall * depth)
        return area * np.cbrt(radius * radius) * self._push

    def _area_of(self, flow: NDArray[np.float64]) -> NDArray[np.float64]:
        """Cross-section that carries *flow*, by bisection."""
        low, high = np.full(self.cells, _LEAST_AREA_M2), np.full(self.cells, 4000.0)
        for _ in range(60):
            middle = (low + high) / 2
            over = self._flow_of(middle) > flow
            low, high = np.where(over, low, middle), np.where(over, middle, high)
        return high

    def seen(self, cells: NDArray[np.int64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return concentrations (cells, substances) mg/L and flow m³/s at some cells."""
        volume = self.area[cells] * self.dx[cells]
        return self.mass[cells] / volume[:, None], self._flow[cells]

    def fill(self, concentration: NDArray[np.float64]) -> None:
        """Set every cell to one concentration (per substance)."""
        self.mass = (self.area * self.dx)[:, None] * concentration

    def step(
        self,
        seconds: float,
        *,
        inflow: NDArray[np.float64],
        load: NDArray[np.float64],
        loss_per_s: NDArray[np.float64],
    ) -> None:
        """Move on by *seconds*: inflow (cells,) m³/s, load (cells, substances) g/s."""
        celerity = float((5 / 3 * self._flow / self.area / self.dx).max())
        parts = max(1, math.ceil(celerity * seconds / _COURANT))
        for _ in range(parts):
            self._move(seconds / parts, inflow, load, loss_per_s)

    def _gathered(self, out: NDArray[np.float64]) -> NDArray[np.float64]:
        """Gather what enters each cell from above, for what leaves each cell."""
        into = out[self._above]
        into[self._springs] = 0.0
        np.add.at(into, self.below[self._sides], out[self._sides])
        return into

    def _move(
        self,
        dt: float,
        inflow: NDArray[np.float64],
        load: NDArray[np.float64],
        loss_per_s: NDArray[np.float64],
    ) -> None:
        flow = self._flow
        volume = self.area * self.dx
        conc = self.mass / volume[:, None]
        ahead = conc[self._lower] - conc
        across = flow[:, None] * self._face(conc, ahead, flow * dt / volume)
        mixing = _MIXING_PER_WIDTH * flow * self._width / self.dx  # D·A/dx with D = m·u·B
        across -= np.minimum(mixing, 0.2 * volume / dt)[:, None] * ahead
        self.mass += dt * (load - across + self._gathered(across) - loss_per_s * self.mass)
        np.maximum(self.mass, 0.0, out=self.mass)
        gained = self._gathered(flow) + inflow - flow
        self.area = np.maximum(self.area + dt / self.dx * gained, _LEAST_AREA_M2)
        self._flow = self._flow_of(self.area)

    def _face(
        self, conc: NDArray[np.float64], ahead: NDArray[np.float64], courant: NDArray[np.float64]
    ) -> NDArray[np.float64]:
        """Lead each cell's concentration to its lower face by a limited slope (van Leer 1974)."""
        behind = conc - conc[self._above]
        product = behind * ahead
        slope = np.maximum(product, 0.0) / (behind + ahead + 1e-30)
        return conc + (1 - courant)[:, None] * slope
