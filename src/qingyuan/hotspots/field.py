"""The field (面上背景): by how much the air of a quarter is always dirtier or cleaner than the city's.

Without it a vehicle that stays in a dirty quarter seems to read high, and the quarter's border looks
like a row of hot spots. Cells of 500 m take the median of the fixes, then the median of their
neighbours: what is smaller than a kilometre, as every hot spot is, does not enter.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from qingyuan.hotspots.roads import Floats, Ints

__all__ = ["Field", "field_of"]

_CELL_M = 500.0
_FIXES, _VEHICLES = 200, 3
_NEIGHBOURS = 6  # of nine cells, this one among them: a hot spot fills but a few


@dataclass(frozen=True)
class Field:
    """Square cells from (x0, y0), µg/m³ above the city's usual; 0 where too few drove."""

    x0: float
    y0: float
    cell_m: float
    rise: Floats

    def at(self, x: Floats, y: Floats) -> Floats:
        """Return the rise of the cell each point lies in."""
        column = np.clip(((x - self.x0) // self.cell_m).astype(np.int64), 0, self.rise.shape[1] - 1)
        row = np.clip(((y - self.y0) // self.cell_m).astype(np.int64), 0, self.rise.shape[0] - 1)
        return np.asarray(self.rise[row, column])


def field_of(vehicle: Ints, x: Floats, y: Floats, rise: Floats) -> Field:
    """Return the lasting differences in space of increments over the common air.

    Parameters
    ----------
    vehicle, x, y, rise : array
        Of the fixes: calibrated reading less the air common to all, µg/m³. Places in metres.
    """
    if not len(x):
        return Field(0.0, 0.0, _CELL_M, np.zeros((1, 1)))
    x0, y0 = float(np.quantile(x, 0.001)), float(np.quantile(y, 0.001))
    columns = int((np.quantile(x, 0.999) - x0) // _CELL_M) + 1
    rows = int((np.quantile(y, 0.999) - y0) // _CELL_M) + 1
    empty = Field(x0, y0, _CELL_M, np.zeros((rows, columns)))
    column = np.clip(((x - x0) // _CELL_M).astype(np.int64), 0, columns - 1)
    row = np.clip(((y - y0) // _CELL_M).astype(np.int64), 0, rows - 1)
    cell = row * columns + column
    order = np.lexsort((rise, cell))
    count = np.bincount(cell, minlength=rows * columns)
    start = np.cumsum(count) - count
    seen = np.unique(cell * 1_000_000 + vehicle) // 1_000_000
    known = (count >= _FIXES) & (np.bincount(seen, minlength=rows * columns) >= _VEHICLES)
    if known.sum() < _NEIGHBOURS:
        return empty
    value = np.full(rows * columns, np.nan)
    value[known] = rise[order][(start + count // 2)[known]]
    return Field(x0, y0, _CELL_M, _smoothed(value.reshape(rows, columns)))


def _smoothed(value: Floats) -> Floats:
    """Return the median of each cell and its neighbours, the usual cell at nought."""
    padded = np.pad(value, 1, constant_values=np.nan)
    rows, columns = value.shape
    around = np.stack([padded[i : i + rows, j : j + columns] for i in range(3) for j in range(3)])
    known = np.isfinite(around)
    enough = known.sum(axis=0) >= _NEIGHBOURS
    around[0][~known.any(axis=0)] = 0.0  # keeps the median quiet where there is nothing
    middle = np.nanmedian(around, axis=0)
    usual = float(np.nanmedian(np.where(enough, middle, np.nan))) if enough.any() else 0.0
    return np.where(enough, middle - usual, 0.0)
