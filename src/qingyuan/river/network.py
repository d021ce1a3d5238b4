"""The river network (河网): who flows into whom, what lies upstream, how far along the water."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from qingyuan.core.problems import Problem
from qingyuan.river.check import find_cycle
from qingyuan.river.event import Reach

__all__ = ["Network", "Point", "network_of"]

Ints: TypeAlias = NDArray[np.int64]
Bools: TypeAlias = NDArray[np.bool_]
Floats: TypeAlias = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Point:
    """A place on the river: index of its reach, metres from the reach's upstream end."""

    reach: int
    position_m: float


@dataclass(frozen=True)
class Network:
    """Reaches in a directed forest; each flows into one other or out of the network.

    ``to`` holds the index downstream (−1 at an outlet); ``order`` runs from the outlets upstream,
    so that a value accumulated along the way down is known before it is needed.
    """

    reaches: tuple[Reach, ...]
    index: dict[str, int]
    to: Ints
    order: Ints
    length_m: Floats

    def point(self, reach_id: str, position_m: float) -> Point:
        """Return the place *position_m* from the upstream end of a reach."""
        if reach_id not in self.index:
            raise Problem("river.off_network", file="reaches.csv", row=0, name="", reach=reach_id)
        at = self.index[reach_id]
        return Point(at, min(max(position_m, 0.0), float(self.length_m[at])))

    def accumulate(self, per_reach: Floats) -> Floats:
        """Return, for the upstream end of each reach, the sum of *per_reach* down to the outlet."""
        total = np.zeros_like(per_reach)
        for i in self.order:
            down = self.to[i]
            total[i] = per_reach[i] + (total[down] if down >= 0 else 0.0)
        return total

    def upstream_reaches(self, reach: int) -> Bools:
        """Return which reaches flow into *reach*, itself included; no gate stops the search."""
        found = np.zeros(len(self.reaches), dtype=bool)
        found[reach] = True
        for i in self.order:
            down = self.to[i]
            if down >= 0 and found[down]:
                found[i] = True
        return found

    def is_upstream(self, places: tuple[Ints, Floats], of: Point) -> Bools:
        """Return which places (reach indices, positions) lie upstream of, or exactly at, *of*."""
        reach, position = places
        above = self.upstream_reaches(of.reach)
        return np.where(reach == of.reach, position <= of.position_m, above[reach])

    def path(self, start: int) -> list[int]:
        """Return the reaches from *start* to the outlet."""
        trail = [start]
        while self.to[trail[-1]] >= 0:
            trail.append(int(self.to[trail[-1]]))
        return trail


def network_of(reaches: Sequence[Reach]) -> Network:
    """Build the network; raises ``river.cycle`` if it does not flow to an outlet."""
    loop = find_cycle(reaches)
    if loop:
        row = next(i for i, r in enumerate(reaches, start=2) if r.reach_id in loop)
        raise Problem(
            "river.cycle", file="reaches.csv", row=row, reaches=" → ".join([*loop, loop[0]])
        )
    index = {r.reach_id: i for i, r in enumerate(reaches)}
    to = np.array([index.get(r.to_reach_id, -1) for r in reaches], dtype=np.int64)
    children: list[list[int]] = [[] for _ in reaches]
    waiting = []
    for i, down in enumerate(to):
        if down >= 0:
            children[down].append(i)
        else:
            waiting.append(i)
    order: list[int] = []
    while waiting:
        at = waiting.pop()
        order.append(at)
        waiting.extend(children[at])
    return Network(
        reaches=tuple(reaches),
        index=index,
        to=to,
        order=np.array(order, dtype=np.int64),
        length_m=np.array([r.length_m for r in reaches], dtype=np.float64),
    )
