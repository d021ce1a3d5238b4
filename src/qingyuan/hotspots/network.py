"""Topology (拓扑修复): loose road lines become a directed graph, and every change is told.

In order: empty and double lines, ends that nearly meet, ends that nearly touch a course, vertices
two lines share, crossings on one level without a node, stubs. Islands and one-way traps are told
and left alone: they may be true.
"""

from __future__ import annotations

import csv
import tomllib
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from importlib.resources import files
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components
from scipy.spatial import cKDTree

from qingyuan.hotspots.lines import Line, read_lines
from qingyuan.hotspots.plane import Plane, plane_of, unshifted
from qingyuan.hotspots.roads import Bools, Floats, Ints, RoadGraph, graph_of

__all__ = [
    "Network",
    "Repair",
    "edge_columns",
    "network_of",
    "read_network",
    "repair_kinds",
    "write_edges",
]

_MOVED_M = 0.05
_SAME_M = 0.02  # vertices nearer than this are one point, written twice
_BEND_M = 0.5  # bends smaller than this are not kept


@dataclass(frozen=True)
class Repair:
    """One change or doubt (修复或存疑): kind, the source's own line id, place in metres, amount in m."""

    kind: str
    line_id: str
    x: float
    y: float
    amount: float = 0.0
    other: str = ""

    def says(self, language: str) -> str:
        """Return the sentence in ``zh`` or ``en``."""
        given = {"line": self.line_id, "other": self.other, "amount": f"{self.amount:.1f}"}
        return repair_kinds()[self.kind][language] % given


@dataclass(frozen=True)
class Network:
    """A graph (路网), its plane, and what was repaired on the way if it was made of lines."""

    graph: RoadGraph
    plane: Plane
    lines: int
    repairs: tuple[Repair, ...]
    repaired: bool = False

    @property
    def counts(self) -> dict[str, int]:
        """How many repairs of each kind."""
        return dict(Counter(r.kind for r in self.repairs))


@cache
def repair_kinds() -> Mapping[str, Mapping[str, str]]:
    """Return the kinds with their sentences."""
    text = files(__package__).joinpath("tables/road_repairs.toml").read_text("utf-8")
    table: Mapping[str, Mapping[str, str]] = tomllib.loads(text)
    return table


def read_network(
    path: str | Path, *, datum: str = "cgcs2000", tolerance_m: float = 3.0, stub_m: float = 5.0
) -> Network:  # fmt: skip
    """Read GeoJSON, Shapefile or OSM lines and repair them; see `network_of`."""
    lines, degrees = read_lines(path)
    name = Path(path).name
    lines = [replace(line, xy=unshifted(name, line.xy, datum, degrees=degrees)) for line in lines]
    plane = plane_of(np.concatenate([line.xy[:, 0] for line in lines])) if degrees else Plane()
    return network_of(lines, plane, tolerance_m=tolerance_m, stub_m=stub_m)


def network_of(
    lines: Sequence[Line], plane: Plane, *, tolerance_m: float = 3.0, stub_m: float = 5.0
) -> Network:
    """Return the graph of *lines* and every repair.

    Parameters
    ----------
    lines : sequence of Line
        With coordinates as *plane* takes them.
    tolerance_m : float
        Ends nearer than this to each other, or to a course, meet.
    stub_m : float
        A loose end shorter than this is an error of drawing.

    Raises
    ------
    Problem
        ``hotspots.no_roads`` if nothing can be driven.
    """
    work = _Work(plane)
    work.take(lines)
    work.snap(tolerance_m)
    work.touch(tolerance_m)
    work.share()
    work.cross()
    work.split()
    work.trim(stub_m)
    graph = work.graph()
    work.doubts(graph)
    return Network(graph, plane, len(lines), tuple(work.repairs), repaired=True)


def edge_columns(network: Network) -> dict[str, list[Any]]:
    """Return the directed edges by column, as `read_roads` takes them, with their road and line."""
    graph, plane = network.graph, network.plane
    names = ("lon", "lat") if plane.meridian is not None else ("x", "y")
    ends = [plane.given_all(x, y) for x, y in ((graph.x1, graph.y1), (graph.x2, graph.y2))]
    places = {f"{n}{k}": list(at) for k, end in enumerate(ends, 1) for n, at in zip(names, end, strict=True)}  # fmt: skip
    blank = ("",) * len(graph.u)
    return {
        "edge_id": graph.edge_id.tolist(), "u": graph.u.tolist(), "v": graph.v.tolist(), **places,
        "road": list(graph.road or blank), "road_class": list(graph.road_class or blank),
        "line": list(graph.label or blank),
    }  # fmt: skip


def write_edges(network: Network, path: str | Path) -> None:
    """Write the directed edges as `read_roads` takes them, with their lines, and beside them the repairs.

    The repairs go to the same name ending in ``.repairs.csv``: kind, line, place, amount, sentences.
    """
    plane = network.plane
    names = ("lon", "lat") if plane.meridian is not None else ("x", "y")
    columns = edge_columns(network)
    path = Path(path)
    with path.open("w", encoding="utf-8", newline="") as out:
        table = csv.writer(out)
        table.writerow(columns)
        table.writerows(zip(*columns.values(), strict=True))
    with path.with_suffix(".repairs.csv").open("w", encoding="utf-8", newline="") as out:
        table = csv.writer(out)
        table.writerow(["kind", "line", *names, "amount", "zh", "en"])
        places = plane.given_all(
            np.array([r.x for r in network.repairs]), np.array([r.y for r in network.repairs])
        )
        for r, *place in zip(network.repairs, *places, strict=True):
            table.writerow(
                [r.kind, r.line_id, *place, f"{r.amount:.1f}", r.says("zh"), r.says("en")]
            )


@dataclass
class _Piece:
    line: Line
    xy: Floats


@dataclass
class _Work:
    """Courses in metres, the distances along each at which it is cut, and the repairs so far."""

    plane: Plane
    courses: list[_Piece] = field(default_factory=list)
    cuts: dict[int, list[tuple[float, float, float]]] = field(
        default_factory=lambda: defaultdict(list)
    )
    pieces: list[_Piece] = field(default_factory=list)
    repairs: list[Repair] = field(default_factory=list)

    def tell(self, kind: str, line: Line, xy: Floats, amount: float = 0.0, other: str = "") -> None:
        self.repairs.append(Repair(kind, line.line_id, float(xy[0]), float(xy[1]), amount, other))

    def take(self, lines: Sequence[Line]) -> None:
        """Bring lines into metres; leave out what is empty, double or not driven."""
        seen: dict[bytes, str] = {}
        for line in lines:
            x, y = self.plane.metres(line.xy[:, 0], line.xy[:, 1])
            xy = np.column_stack([x, y])
            kept = np.concatenate([[True], np.hypot(*np.diff(xy, axis=0).T) > _SAME_M])[: len(xy)]
            if len(xy) < 2 or kept.sum() < 2:
                self.tell("empty", line, xy[0] if len(xy) else np.zeros(2))
                continue
            if not line.driven:
                self.tell("not_driven", line, xy[0], other=line.road_class)
                continue
            xy = xy[kept]
            forward = np.round(xy, 1)
            key = min(forward.tobytes(), forward[::-1].tobytes())
            if key in seen:
                self.tell("duplicate", line, xy[0], other=seen[key])
                continue
            seen[key] = line.line_id
            if line.doubt:
                self.tell("unknown_tag", line, xy[0], other=line.doubt)
            self.courses.append(_Piece(line, xy))

    def _ends(self) -> Floats:
        if not self.courses:
            return np.zeros((0, 2))
        return np.array([c.xy[k] for c in self.courses for k in (0, -1)])

    def snap(self, tolerance_m: float) -> None:
        """Bring ends that nearly meet to one point, that of the first of them."""
        ends = self._ends()
        if not len(ends):
            return
        pairs = cKDTree(ends).query_pairs(tolerance_m, output_type="ndarray")
        long = np.repeat([shapely.LineString(c.xy).length for c in self.courses], 2)
        pairs = pairs[
            (pairs[:, 0] // 2 != pairs[:, 1] // 2) | (long[pairs[:, 0]] > 4 * tolerance_m)
        ]
        link = csr_array((np.ones(len(pairs)), (pairs[:, 0], pairs[:, 1])), shape=(len(ends),) * 2)
        group = connected_components(link, directed=False)[1]
        first = np.full(group.max() + 1, len(ends))
        np.minimum.at(first, group, np.arange(len(ends)))
        for k in np.flatnonzero(first[group] != np.arange(len(ends))):
            goal = ends[first[group[k]]]
            moved = float(np.hypot(*(goal - ends[k])))
            course = self.courses[k // 2]
            course.xy[0 if k % 2 == 0 else -1] = goal
            if moved > _MOVED_M:
                self.tell("snapped", course.line, goal, moved)

    def touch(self, tolerance_m: float) -> None:
        """Join loose ends to the course they nearly touch."""
        ends = self._ends()
        if not len(ends):
            return
        lone = np.array([len(n) == 1 for n in cKDTree(ends).query_ball_point(ends, _SAME_M)])
        shapes = np.array([shapely.LineString(c.xy) for c in self.courses], dtype=object)
        tree = shapely.STRtree(shapes)
        loose = np.flatnonzero(lone)
        at, other = tree.query(
            shapely.points(ends[loose]), predicate="dwithin", distance=tolerance_m
        )
        found: dict[int, tuple[float, int]] = {}
        for k, j in zip(loose[at].tolist(), other.tolist(), strict=True):
            if k // 2 == j:
                continue
            away = float(shapely.distance(shapely.Point(ends[k]), shapes[j]))
            found[k] = min(found.get(k, (np.inf, -1)), (away, j))
        for k, (away, j) in found.items():
            along = float(shapely.line_locate_point(shapes[j], shapely.Point(ends[k])))
            goal = shapely.get_coordinates(shapely.line_interpolate_point(shapes[j], along))[0]
            course = self.courses[k // 2]
            course.xy[0 if k % 2 == 0 else -1] = goal
            self.cuts[j].append((along, *goal))
            if away > _MOVED_M:
                self.tell("joined", course.line, goal, away, self.courses[j].line.line_id)

    def share(self) -> None:
        """Cut courses where two of them have the same vertex: there the source has a node."""
        owner = np.repeat(np.arange(len(self.courses)), [len(c.xy) for c in self.courses])
        if not len(owner):
            return
        every = np.concatenate([c.xy for c in self.courses])
        key = np.unique(np.round(every / _SAME_M).astype(np.int64), axis=0, return_inverse=True)[1]
        key = key.ravel()
        users = np.bincount(key)
        start = np.concatenate([[0], np.cumsum([len(c.xy) for c in self.courses])])
        for row in np.flatnonzero(users[key] > 1).tolist():
            c = int(owner[row])
            if start[c] < row < start[c + 1] - 1:
                xy = self.courses[c].xy[: row - start[c] + 1]
                along = float(np.hypot(*np.diff(xy, axis=0).T).sum())
                self.cuts[c].append((along, *every[row]))

    def cross(self) -> None:
        """Cut courses that cross on one level without a node."""
        shapes = np.array([shapely.LineString(c.xy) for c in self.courses], dtype=object)
        if not len(shapes):
            return
        left, right = shapely.STRtree(shapes).query(shapes, predicate="intersects")
        level = np.array([c.line.level for c in self.courses])
        kept = (left < right) & (level[left] == level[right])
        left, right = left[kept], right[kept]
        places, pair = shapely.get_coordinates(
            shapely.intersection(shapes[left], shapes[right]), return_index=True
        )
        inside = self._inside(shapes, left[pair], places) | self._inside(
            shapes, right[pair], places
        )
        for at in np.flatnonzero(inside).tolist():
            a, b, xy = int(left[pair[at]]), int(right[pair[at]]), places[at]
            if any([self._cut(a, shapes[a], xy), self._cut(b, shapes[b], xy)]):
                self.tell("crossing", self.courses[a].line, xy, other=self.courses[b].line.line_id)

    @staticmethod
    def _inside(shapes: Any, course: Ints, xy: Floats) -> Bools:
        """Tell which places lie on their course away from its ends."""
        along = shapely.line_locate_point(shapes[course], shapely.points(xy))
        least = 10 * _SAME_M
        found: Bools = (along > least) & (along < shapely.length(shapes[course]) - least)
        return found

    def _cut(self, c: int, shape: shapely.LineString, xy: Floats) -> bool:
        """Cut a course at a place, unless it ends or is cut there already."""
        along = float(shapely.line_locate_point(shape, shapely.Point(xy)))
        known = [0.0, shape.length, *(cut[0] for cut in self.cuts[c])]
        if min(abs(along - k) for k in known) < 10 * _SAME_M:
            return False
        self.cuts[c].append((along, float(xy[0]), float(xy[1])))
        return True

    def split(self) -> None:
        """Part every course at its cuts."""
        for c, course in enumerate(self.courses):
            along = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(course.xy, axis=0).T))])
            cuts = sorted(cut for cut in self.cuts[c] if 0 < cut[0] < along[-1])
            bounds = [(0.0, *course.xy[0]), *cuts, (float(along[-1]), *course.xy[-1])]
            for (s, *a), (e, *b) in pairwise(bounds):
                if e - s < _SAME_M:
                    continue
                inner = course.xy[(along > s + _SAME_M) & (along < e - _SAME_M)]
                self.pieces.append(_Piece(course.line, np.vstack([a, inner, b])))

    def trim(self, stub_m: float) -> None:
        """Drop loose ends shorter than *stub_m*; a short piece between two crossings stays."""
        if not self.pieces:
            return
        ends = np.round(np.array([p.xy[k] for p in self.pieces for k in (0, -1)]) / _SAME_M)
        key = np.unique(ends, axis=0, return_inverse=True)[1].ravel()
        degree = np.bincount(key)[key].reshape(-1, 2)
        kept = []
        for piece, (a, b) in zip(self.pieces, degree.tolist(), strict=True):
            metres = shapely.LineString(piece.xy).length
            if metres < stub_m and min(a, b) == 1 < max(a, b):
                self.tell("stub", piece.line, piece.xy[0], metres)
            else:
                kept.append(piece)
        self.pieces = kept

    def graph(self) -> RoadGraph:
        """Return straight edges, in the directions that may be driven."""
        rows: list[tuple[Floats, Floats, Line]] = []
        for piece in self.pieces:
            xy = shapely.get_coordinates(shapely.LineString(piece.xy).simplify(_BEND_M))
            for a, b in pairwise(xy):
                if piece.line.way >= 0:
                    rows.append((a, b, piece.line))
                if piece.line.way <= 0:
                    rows.append((b, a, piece.line))
        begin = np.array([r[0] for r in rows]).reshape(-1, 2)
        end = np.array([r[1] for r in rows]).reshape(-1, 2)
        places = np.round(np.concatenate([begin, end]) / _SAME_M)
        node = np.unique(places, axis=0, return_inverse=True)[1].ravel()
        return graph_of(
            edge_id=np.arange(1, len(rows) + 1), u=node[: len(rows)], v=node[len(rows) :],
            x1=begin[:, 0], y1=begin[:, 1], x2=end[:, 0], y2=end[:, 1],
            road=[r[2].road for r in rows], road_class=[r[2].road_class for r in rows],
            label=[r[2].line_id for r in rows],
        )  # fmt: skip

    def doubts(self, graph: RoadGraph) -> None:
        """Tell islands and one-way traps; they are left as they are."""
        n = graph.nodes
        link = csr_array((np.ones(len(graph.u)), (graph.u, graph.v)), shape=(n, n))
        weak = connected_components(link, connection="weak")[1][graph.u]
        strong_node = connected_components(link, connection="strong")[1]
        main = np.bincount(weak, graph.length).argmax()
        for part in np.unique(weak[weak != main]):
            self._doubt("island", graph, np.flatnonzero(weak == part))
        inside = weak == main
        apart = strong_node[graph.u] != strong_node[graph.v]
        strong = np.bincount(strong_node[graph.u][inside & ~apart], minlength=n)
        largest = int(strong.argmax()) if strong.any() else -1
        out = inside & ((strong_node[graph.u] != largest) | (strong_node[graph.v] != largest))
        told: set[str] = set()
        for e in np.flatnonzero(out).tolist():
            if graph.label[e] not in told:
                told.add(graph.label[e])
                self._doubt("trap", graph, np.array([e]))

    def _doubt(self, kind: str, graph: RoadGraph, edges: Ints) -> None:
        e = int(edges[0])
        metres = float(graph.length[edges].sum())
        self.repairs.append(
            Repair(kind, graph.label[e], float(graph.x1[e]), float(graph.y1[e]), metres)
        )
