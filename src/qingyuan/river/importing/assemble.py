"""Assembly (组网): from layers to reaches with places on them, and what was refused.

The plane is a transverse Mercator around the data; lengths are measured on the ellipsoid.
"""

from __future__ import annotations

import tomllib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache, partial
from importlib.resources import files
from typing import Any, TypeAlias

import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import Geod, Transformer

from qingyuan.core.problems import Problem
from qingyuan.river.event import Reach
from qingyuan.river.importing.clean import Piece, Plan, clean
from qingyuan.river.importing.cuts import Course, cut_gates, cut_reservoirs
from qingyuan.river.importing.direct import Directed, direct, evidence_of
from qingyuan.river.importing.layers import Feature, Layer
from qingyuan.river.importing.place import Placed, place
from qingyuan.river.importing.repairs import Repair

__all__ = ["DIRECTIONS", "Imported", "Options", "import_network"]

Floats: TypeAlias = NDArray[np.float64]
DIRECTIONS = ("auto", "attribute", "elevation", "digitised")
_GEOD = Geod(ellps="GRS80")
# where nothing is known (design values, each named in the column `estimated`)
_SLOPE, _LEAST_SLOPE, _MANNING, _SIDE = 1e-3, 1e-5, 0.035, 1.5
_FLOW_PER_KM = 0.008  # m³/s for every km of river above
_REGIME_WIDTH = 5.0  # B = 5·√Q, alluvial regime (Lacey's form)
_RISES_M = 0.5


@dataclass(frozen=True, slots=True)
class Options:
    """How to import (导入参数).

    ``outlets`` are lon, lat in degrees; ``columns`` maps our column to the source's name.
    """

    tolerance_m: float = 20.0
    dangle_m: float = 20.0
    snap_m: float = 200.0
    direction: str = "auto"
    outlets: tuple[tuple[float, float], ...] = ()
    columns: Mapping[str, str] | None = None


@dataclass(frozen=True)
class Imported:
    """A network that flows (导入结果).

    ``estimated`` names, per reach, the columns that are not from the source; ``lines`` are in
    CGCS2000 degrees, drawn downstream; ``refused`` are places that lie on no river.
    """

    datum: str
    reaches: tuple[Reach, ...]
    rivers: tuple[str, ...]
    estimated: tuple[tuple[str, ...], ...]
    lines: tuple[Floats, ...]
    repairs: tuple[Repair, ...]
    sections: tuple[Placed, ...]
    outfalls: tuple[Placed, ...]
    refused: tuple[Problem, ...]

    @property
    def counts(self) -> dict[str, int]:
        """Repairs by kind."""
        return dict(sorted(Counter(one.kind for one in self.repairs).items()))


def import_network(
    lines: Layer,
    *,
    options: Options | None = None,
    sections: Layer | None = None,
    outfalls: Layer | None = None,
    reservoirs: Layer | None = None,
    gates: Layer | None = None,
) -> Imported:
    """Make a directed network of real lines (河网导入).

    Raises
    ------
    Problem
        ``river.no_lines``, ``river.unknown_direction``, ``river.outlet_far``.
    """
    how = options or Options()
    if how.direction not in DIRECTIONS:
        raise Problem("river.unknown_direction", given=how.direction, known="、".join(DIRECTIONS))
    if not lines.features:
        raise Problem("river.no_lines", file=lines.name)
    plane = _Plane(lines.features)
    plan = Plan(plane.degrees)
    flat = [(one, plane.flat(one.geometry)) for one in lines.features]
    pieces, nodes = clean(flat, plan, tolerance_m=how.tolerance_m, dangle_m=how.dangle_m)
    if not pieces:
        raise Problem("river.no_lines", file=lines.name)
    known = _Attributes(lines.features, how.columns or {})
    evidence = evidence_of(
        pieces,
        flows_to=[known.text(p.feature, "to_reach_id") for p in pieces],
        falls_m=[_fall(p, known) for p in pieces],
        direction=how.direction,
    )
    outlets = [_outlet(nodes, plane, lonlat, how.snap_m) for lonlat in how.outlets]
    directed = direct(pieces, nodes, evidence, plan, outlets=outlets)
    courses = _courses(directed, known, plan)
    if reservoirs is not None:
        flat = [(one, plane.flat(one.geometry)) for one in reservoirs.features]
        courses = cut_reservoirs(courses, flat, plan)
    refused: list[Problem] = []
    if gates is not None:
        flat = [(one, plane.flat(one.geometry)) for one in gates.features]
        courses = cut_gates(
            courses, flat, plan, snap_m=how.snap_m, file=gates.name, refused=refused
        )
    reaches, estimated = _reaches(courses, known, plane, plan)
    shapes = [shapely.LineString(c.xyz[:, :2]) for c in courses]
    lengths = [r.length_m for r in reaches]

    def put(layer: Layer | None) -> tuple[Placed, ...]:
        if layer is None:
            return ()
        flat = [(one, plane.flat(one.geometry)) for one in layer.features]
        found, faults = place(
            flat, shapes, [r.reach_id for r in reaches], lengths, snap_m=how.snap_m, file=layer.name
        )
        refused.extend(faults)
        return found

    placed_sections, placed_outfalls = put(sections), put(outfalls)
    return Imported(
        datum=lines.datum,
        reaches=tuple(reaches),
        rivers=tuple(known.text(c.piece.feature, "river") for c in courses),
        estimated=tuple(estimated),
        lines=tuple(plane.lonlat(c.xyz) for c in courses),
        repairs=tuple(plan.repairs),
        sections=placed_sections,
        outfalls=placed_outfalls,
        refused=tuple(refused),
    )


class _Plane:
    """A plane around the data: degrees to metres and back."""

    def __init__(self, features: Sequence[Feature]) -> None:
        bounds = shapely.total_bounds([f.geometry for f in features])
        lon, lat = (bounds[0] + bounds[2]) / 2, (bounds[1] + bounds[3]) / 2
        crs = f"+proj=tmerc +lat_0={lat} +lon_0={lon} +ellps=GRS80 +units=m +type=crs"
        self._to = Transformer.from_crs("EPSG:4490", crs, always_xy=True)
        self._back = Transformer.from_crs(crs, "EPSG:4490", always_xy=True)

    def flat(self, geometry: Any) -> Any:
        def move(xy: Floats) -> Floats:
            out = xy.copy()
            out[:, 0], out[:, 1] = self._to.transform(xy[:, 0], xy[:, 1])
            return out

        return shapely.transform(geometry, move, include_z=geometry.has_z)

    def degrees(self, x: float, y: float) -> tuple[float, float]:
        lon, lat = self._back.transform(x, y)
        return float(lon), float(lat)

    def lonlat(self, xyz: Floats) -> Floats:
        return np.column_stack(self._back.transform(xyz[:, 0], xyz[:, 1]))

    def xy(self, lonlat: tuple[float, float]) -> Floats:
        return np.array(self._to.transform(*lonlat))


class _Attributes:
    """What the features say, under the names this house knows."""

    def __init__(self, features: Sequence[Feature], columns: Mapping[str, str]) -> None:
        names = {name.lower(): name for one in features for name in one.properties}
        self._column: dict[str, str] = {}
        for ours, theirs in _aliases().items():
            found = columns.get(ours) or next((names[a] for a in theirs if a in names), "")
            if found:
                self._column[ours] = found
        self._kinds = {alias: kind for kind, known in _kinds().items() for alias in known}

    def text(self, feature: Feature, ours: str) -> str:
        value = feature.properties.get(self._column.get(ours, ""))
        return "" if value is None else str(value).strip()

    def number(self, feature: Feature, ours: str) -> float | None:
        try:
            value = float(self.text(feature, ours))
        except ValueError:
            return None
        return value if np.isfinite(value) else None

    def positive(
        self, feature: Feature, ours: str, otherwise: float, *, missing: list[str]
    ) -> float:
        """Return the feature's value above zero, else *otherwise*, and note that it is missing."""
        value = self.number(feature, ours)
        if value is None or value <= 0:
            missing.append(ours)
            return otherwise
        return value

    def kind(self, feature: Feature) -> str:
        return self._kinds.get(self.text(feature, "kind").lower(), "river")


@cache
def _table() -> Mapping[str, Any]:
    return tomllib.loads(files(__package__).joinpath("aliases.toml").read_text("utf-8"))


def _aliases() -> Mapping[str, Sequence[str]]:
    return {k: v for k, v in _table().items() if k != "kinds"}


def _kinds() -> Mapping[str, Sequence[str]]:
    kinds: Mapping[str, Sequence[str]] = _table()["kinds"]
    return kinds


def _fall(piece: Piece, known: _Attributes) -> float | None:
    """Return how far a piece falls as drawn, by its vertices, else by its feature's two ends."""
    first, last = piece.xyz[0, 2], piece.xyz[-1, 2]
    if np.isfinite(first) and np.isfinite(last):
        return float(first - last)
    upper, lower = known.number(piece.feature, "upper_m"), known.number(piece.feature, "lower_m")
    return None if upper is None or lower is None else upper - lower


def _outlet(nodes: Floats, plane: _Plane, lonlat: tuple[float, float], snap_m: float) -> int:
    gap = np.hypot(*(nodes - plane.xy(lonlat)).T)
    nearest = int(gap.argmin())
    if gap[nearest] > snap_m:
        raise Problem(
            "river.outlet_far", lon=lonlat[0], lat=lonlat[1], distance=round(float(gap[nearest]))
        )
    return nearest


def _courses(directed: Sequence[Directed], known: _Attributes, plan: Plan) -> list[Course]:
    parts = Counter(one.piece.feature.feature_id for one in directed)
    names = [
        one.piece.feature.feature_id
        + (f".{one.piece.part}" if parts[one.piece.feature.feature_id] > 1 else "")
        for one in directed
    ]
    found = []
    for one, name in zip(directed, names, strict=True):
        xyz = one.piece.xyz if one.forward else one.piece.xyz[::-1]
        fall = _fall(one.piece, known)
        if fall is not None:
            fall = fall if one.forward else -fall
            if fall < -_RISES_M:
                plan.tell("against_elevation", one.piece.feature, xyz[0], amount=-fall)
        kind = known.kind(one.piece.feature)
        below = names[one.to] if one.to >= 0 else ""
        found.append(Course(name, below, one.piece, xyz, kind, fall))
    return found


def _reaches(
    courses: Sequence[Course], known: _Attributes, plane: _Plane, plan: Plan
) -> tuple[list[Reach], list[tuple[str, ...]]]:
    lengths = []
    for c in courses:
        line = plane.lonlat(c.xyz)
        lengths.append(max(float(_GEOD.line_length(line[:, 0], line[:, 1])), 0.1))
    above = _length_above(courses, lengths)
    reaches, guessed = [], []
    told: set[str] = set()
    for c, length, total in zip(courses, lengths, above, strict=True):
        feature = c.piece.feature
        missing: list[str] = []
        take = partial(known.positive, feature, missing=missing)
        slope = max(c.fall_m / length, _LEAST_SLOPE) if c.fall_m and c.fall_m > 0 else 0.0
        flow = take("flow_m3_s", max(_FLOW_PER_KM * total / 1000, 0.01))
        reach = Reach(
            reach_id=c.reach_id,
            to_reach_id=c.to_reach_id,
            length_m=round(length, 2),
            slope=take("slope", slope or _SLOPE),
            manning_n=take("manning_n", _MANNING),
            bottom_width_m=take("bottom_width_m", max(_REGIME_WIDTH * flow**0.5, 0.5)),
            side_slope=take("side_slope", _SIDE),
            flow_m3_s=0.0 if c.closed else flow,
            flow_rel_sd=known.number(feature, "flow_rel_sd"),
            kind=c.kind,
        )
        if slope and "slope" in missing:
            missing.remove("slope")
        reaches.append(reach)
        guessed.append(tuple(missing))
        if missing and feature.feature_id not in told:
            told.add(feature.feature_id)
            plan.tell("estimated", feature, c.xyz[0], other="、".join(missing))
    return reaches, guessed


def _length_above(courses: Sequence[Course], lengths: Sequence[float]) -> list[float]:
    """Return metres of river above the lower end of each course, itself included."""
    index = {c.reach_id: i for i, c in enumerate(courses)}
    total = list(lengths)
    waiting = Counter(c.to_reach_id for c in courses)
    ready = [i for i, c in enumerate(courses) if waiting[c.reach_id] == 0]
    while ready:
        i = ready.pop()
        below = courses[i].to_reach_id
        if below:
            total[index[below]] += total[i]
            waiting[below] -= 1
            if waiting[below] == 0:
                ready.append(index[below])
    return total
