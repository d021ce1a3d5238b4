"""Pieces (轨迹分块): long traces cut with overlaps, so that many are walked side by side."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from qingyuan.hotspots.roads import Ints

__all__ = ["Pieces", "cut"]


@dataclass(frozen=True)
class Pieces:
    """Rows of fix numbers, longest piece first; -1 after the end. ``core`` marks whose answer counts."""

    fix: Ints
    length: Ints
    core: npt.NDArray[np.bool_]

    def active(self, step: int) -> int:
        """How many pieces are longer than *step*."""
        return int(np.searchsorted(-self.length, -step, side="left"))


def cut(trace: Ints, *, core: int = 240, overlap: int = 24) -> Pieces:
    """Cut consecutive fixes of equal *trace* number into overlapping pieces."""
    edges = np.flatnonzero(np.concatenate([[True], trace[1:] != trace[:-1], [True]]))
    rows = []
    for begin, end in pairwise(edges.tolist()):
        for at in range(begin, end, core):
            stop = min(at + core, end)
            rows.append((max(at - overlap, begin), min(stop + overlap, end), at, stop))
    bounds = np.array(rows, dtype=np.int64).reshape(-1, 4)
    bounds = bounds[np.argsort(-(bounds[:, 1] - bounds[:, 0]), kind="stable")]
    length = bounds[:, 1] - bounds[:, 0]
    step = np.arange(int(length.max(initial=0)))
    fix = bounds[:, :1] + step[None, :]
    inside = step[None, :] < length[:, None]
    counts = inside & (fix >= bounds[:, 2:3]) & (fix < bounds[:, 3:4])
    return Pieces(np.where(inside, fix, -1), length, counts)
