"""Direction (定向): which way each piece flows, so that all of them reach an outlet.

What a piece says of itself is evidence, strongest first: the reach it is said to flow into, its
elevations, the way it was drawn. From the outlets upwards every node then takes the shortest way
down, where going against the evidence counts thirty times its length: a few wrongly drawn lines do
not turn a river round, and no loop is left.
"""

from __future__ import annotations

import heapq
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from qingyuan.river.importing.clean import Piece, Plan

__all__ = ["Directed", "direct", "evidence_of"]

Floats: TypeAlias = NDArray[np.float64]
_AGAINST = 30.0
_MOUTH_SHARE = 0.1  # of the main mouth's river: what a second mouth must have to be one
_FALLS_M = 0.5  # elevations closer than this do not tell


@dataclass(frozen=True, slots=True)
class Directed:
    """A piece with its direction: ``forward`` as drawn; ``to`` the piece below, −1 at an outlet."""

    piece: Piece
    forward: bool
    to: int

    @property
    def upper(self) -> int:
        """The node it comes from."""
        return self.piece.start if self.forward else self.piece.end

    @property
    def lower(self) -> int:
        """The node it flows to."""
        return self.piece.end if self.forward else self.piece.start


def evidence_of(
    pieces: Sequence[Piece],
    *,
    flows_to: Sequence[str],
    falls_m: Sequence[float | None],
    direction: str,
) -> list[tuple[bool, str]]:
    """Return for each piece whether it flows as drawn, and why: ``attribute elevation digitised``.

    Parameters
    ----------
    flows_to : sequence of str
        Per piece, the id of the feature its feature flows into; empty if not said.
    falls_m : sequence of float or None
        Per piece, how far it falls from first to last vertex.
    direction : str
        ``auto`` takes the strongest there is; otherwise the named one, else as drawn.
    """
    touching: dict[str, set[int]] = defaultdict(set)
    loose: dict[str, tuple[int, int]] = {}
    for one in pieces:
        name = one.feature.feature_id
        touching[name] |= {one.start, one.end}
        loose[name] = (loose.get(name, (one.start, 0))[0], one.end)
    arrives: dict[str, set[int]] = defaultdict(set)
    for one, below in zip(pieces, flows_to, strict=True):
        ends = set(loose[one.feature.feature_id]) & touching.get(below, set())
        if len(ends) == 1:
            arrives[below] |= ends
    found = []
    for one, below, fall in zip(pieces, flows_to, falls_m, strict=True):
        first, last = loose[one.feature.feature_id]
        there = touching.get(below, set())
        if direction in ("auto", "attribute") and below and (first in there) != (last in there):
            found.append((last in there, "attribute"))
        elif (
            direction in ("auto", "attribute")
            and not below
            and (first in arrives[one.feature.feature_id])
            != (last in arrives[one.feature.feature_id])
        ):  # others are said to flow into one of its ends, so it flows away from there
            found.append((first in arrives[one.feature.feature_id], "attribute"))
        elif direction in ("auto", "elevation") and fall is not None and abs(fall) >= _FALLS_M:
            found.append((fall > 0, "elevation"))
        else:
            found.append((True, "digitised"))
    return found


def direct(
    pieces: Sequence[Piece],
    nodes: Floats,
    evidence: Sequence[tuple[bool, str]],
    plan: Plan,
    *,
    outlets: Sequence[int] = (),
) -> list[Directed]:
    """Direct all pieces towards outlets (定向); *outlets* are nodes, found when not given."""
    ways = _ways(pieces)
    says = [
        (p.start, p.end) if forward else (p.end, p.start)
        for p, (forward, _) in zip(pieces, evidence, strict=True)
    ]
    groups = _groups(pieces, ways)
    _tell_separate(pieces, groups, nodes, plan)
    chosen: list[int] = []
    for group in groups:
        given = [n for n in outlets if n in {m for i in group for m in says[i]}]
        chosen += given or _outlets(pieces, group, ways, says, evidence, plan)
    down = _ways_down(pieces, ways, says, chosen)
    found = []
    for i, one in enumerate(pieces):
        tree = True
        if down.get(one.start) == i:
            forward = True
        elif down.get(one.end) == i:
            forward = False
        else:
            forward, tree = says[i][0] == one.start, False
        lower = one.end if forward else one.start
        found.append(Directed(one, forward, down.get(lower, -1)))
        upper_xy = one.xyz[0] if forward else one.xyz[-1]
        if not tree:
            plan.tell("loop_opened", one.feature, upper_xy)
        if not forward:
            plan.tell("reversed", one.feature, upper_xy)
    return found


def _ways(pieces: Sequence[Piece]) -> dict[int, list[int]]:
    ways: dict[int, list[int]] = defaultdict(list)
    for i, one in enumerate(pieces):
        ways[one.start].append(i)
        ways[one.end].append(i)
    return ways


def _groups(pieces: Sequence[Piece], ways: dict[int, list[int]]) -> list[list[int]]:
    """Return the connected groups of pieces, the longest first."""
    seen: set[int] = set()
    groups = []
    for start in range(len(pieces)):
        if start in seen:
            continue
        group, waiting = [], [start]
        seen.add(start)
        while waiting:
            i = waiting.pop()
            group.append(i)
            for node in (pieces[i].start, pieces[i].end):
                for j in ways[node]:
                    if j not in seen:
                        seen.add(j)
                        waiting.append(j)
        groups.append(sorted(group))
    return sorted(groups, key=lambda g: (-sum(pieces[i].length_m for i in g), g[0]))


def _tell_separate(
    pieces: Sequence[Piece], groups: list[list[int]], nodes: Floats, plan: Plan
) -> None:
    for group in groups[1:]:
        first = pieces[group[0]]
        total = sum(pieces[i].length_m for i in group)
        plan.tell("separate", first.feature, nodes[first.start], amount=total)


def _outlets(
    pieces: Sequence[Piece],
    group: list[int],
    ways: dict[int, list[int]],
    says: Sequence[tuple[int, int]],
    evidence: Sequence[tuple[bool, str]],
    plan: Plan,
) -> list[int]:
    """Return the ends of a group that water leaves by.

    Candidates are loose ends that a piece says it flows into. The outlet is the one towards which
    most of the river's length agrees; another is one too when an attribute says so or a tenth of
    the river leads there: otherwise it is a headwater drawn backwards.
    """
    ends = [says[i][1] for i in group if len(ways[says[i][1]]) == 1]
    if not ends:
        lowest = min(group, key=lambda i: (_low(pieces[i], says[i]), -i))
        plan.tell("no_outlet", pieces[lowest].feature, _xy_of(pieces[lowest], says[lowest][1]))
        return [says[lowest][1]]
    if len(ends) == 1:
        return ends
    into: dict[int, list[int]] = defaultdict(list)
    for i in group:
        into[says[i][1]].append(i)
    main = _agreed(sorted(ends), pieces, ways, says)
    least = _MOUTH_SHARE * sum(pieces[i].length_m for i in group)
    said = {n for n in ends if evidence[into[n][0]][1] == "attribute"}
    rest = (n for n in ends if n != main)
    return [
        main, *(n for n in rest if n in said or _river_above(n, pieces, says, into) >= least)
    ]  # fmt: skip


def _agreed(
    ends: Sequence[int],
    pieces: Sequence[Piece],
    ways: dict[int, list[int]],
    says: Sequence[tuple[int, int]],
) -> int:
    """Return the end towards which most length agrees.

    Moving the outlet from one end to another turns only the way between them, so its pieces vote.
    """
    down = _ways_down(pieces, ways, says, ends[:1])
    gain = {}
    for end in ends:
        node, votes = end, 0.0
        while node in down:
            piece = pieces[down[node]]
            below = piece.end if piece.start == node else piece.start
            votes += piece.length_m * (1 if says[down[node]] == (below, node) else -1)
            node = below
        gain[end] = votes
    return max(ends, key=lambda n: (gain[n], -n))


def _low(piece: Piece, says: tuple[int, int]) -> float:
    z = piece.xyz[-1, 2] if says[1] == piece.end else piece.xyz[0, 2]
    return float(z) if np.isfinite(z) else np.inf


def _xy_of(piece: Piece, node: int) -> Floats:
    return piece.xyz[-1] if node == piece.end else piece.xyz[0]


def _river_above(
    node: int,
    pieces: Sequence[Piece],
    says: Sequence[tuple[int, int]],
    into: dict[int, list[int]],
) -> float:
    seen, waiting, total = {node}, [node], 0.0
    while waiting:
        for i in into[waiting.pop()]:
            total += pieces[i].length_m
            if says[i][0] not in seen:
                seen.add(says[i][0])
                waiting.append(says[i][0])
    return total


def _ways_down(
    pieces: Sequence[Piece],
    ways: dict[int, list[int]],
    says: Sequence[tuple[int, int]],
    outlets: Sequence[int],
) -> dict[int, int]:
    """Return for each node the piece by which its water goes down."""
    cost: dict[int, float] = dict.fromkeys(outlets, 0.0)
    down: dict[int, int] = {}
    heap = [(0.0, n) for n in sorted(set(outlets))]
    done: set[int] = set()
    while heap:
        so_far, node = heapq.heappop(heap)
        if node in done:
            continue
        done.add(node)
        for i in ways[node]:
            other = pieces[i].start if pieces[i].end == node else pieces[i].end
            step = pieces[i].length_m * (1.0 if says[i] == (other, node) else _AGAINST)
            if other not in done and so_far + step < cost.get(other, np.inf):
                cost[other] = so_far + step
                down[other] = i
                heapq.heappush(heap, (so_far + step, other))
    return down
