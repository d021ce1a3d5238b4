"""Which cases report the same place again (同地重复): within some metres and some days."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from math import cos, hypot, radians

from qingyuan.casework.statistics.rows import CaseRow

__all__ = ["repeated"]

_METRES_PER_DEGREE = 111_320.0


def repeated(rows: Iterable[CaseRow], *, near_m: float, within_days: int) -> frozenset[str]:
    """Return the numbers of the cases that have another near them in place and time.

    Distances are those of a plane at the rows' mean latitude, exact to well under a metre over the
    hundreds of metres asked about. Rows without a place are never near.
    """
    placed = [(row, row.place) for row in rows if row.place is not None]
    if not placed:
        return frozenset()
    latitude = sum(place[1] for _, place in placed) / len(placed)
    east = _METRES_PER_DEGREE * cos(radians(latitude))
    cells: dict[tuple[int, int], list[tuple[float, float, CaseRow]]] = {}
    for row, (lon, lat) in placed:
        x, y = lon * east, lat * _METRES_PER_DEGREE
        cells.setdefault((int(x // near_m), int(y // near_m)), []).append((x, y, row))
    span = timedelta(days=within_days)
    found: set[str] = set()
    for (i, j), here in cells.items():
        around = [
            other
            for a in (i - 1, i, i + 1)
            for b in (j - 1, j, j + 1)
            for other in cells.get((a, b), ())
        ]
        for x, y, row in here:
            if row.number not in found and any(
                other is not row
                and abs(other.opened_at - row.opened_at) <= span
                and hypot(u - x, v - y) <= near_m
                for u, v, other in around
            ):
                found.add(row.number)
    return frozenset(found)
