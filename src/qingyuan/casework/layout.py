"""Where the states of a procedure stand on paper (流程图布局): a column per macro phase, down in file order."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from qingyuan.casework.model import Label, Phase, Procedure

__all__ = ["HEIGHT", "WIDTH", "Arrow", "Box", "Plan", "lay_out"]

WIDTH, HEIGHT = 148.0, 46.0
_GUTTER, _ROW, _TOP, _MARGIN = 184.0, 92.0, 76.0, 96.0


@dataclass(frozen=True, slots=True)
class Box:
    """One state on paper; ``x`` and ``y`` are its middle."""

    name: str
    column: int
    row: int
    x: float
    y: float


@dataclass(frozen=True, slots=True)
class Arrow:
    """All deeds that lead from one state to another, as cubic curves joined end to end."""

    start: str
    end: str
    deeds: tuple[Label, ...]
    points: tuple[tuple[float, float], ...]
    back: bool

    def at(self, t: float) -> tuple[float, float]:
        """Return the point of the curves at *t*, 0 to 1 over all of them."""
        many = (len(self.points) - 1) // 3
        piece = min(int(t * many), many - 1)
        t = t * many - piece
        s = 1 - t
        weights = (s * s * s, 3 * s * s * t, 3 * s * t * t, t * t * t)
        pairs = list(zip(weights, self.points[3 * piece : 3 * piece + 4], strict=True))
        return sum(w * p[0] for w, p in pairs), sum(w * p[1] for w, p in pairs)


@dataclass(frozen=True, slots=True)
class Plan:
    """The whole drawing: boxes, arrows, deeds that stay in their state, columns and size."""

    boxes: Mapping[str, Box]
    arrows: tuple[Arrow, ...]
    stays: Mapping[str, tuple[Label, ...]]
    columns: tuple[tuple[Phase, float], ...]
    width: float
    height: float


def _boxes(procedure: Procedure) -> tuple[dict[str, Box], tuple[tuple[Phase, float], ...]]:
    used = [p for p in Phase if any(s.phase is p for s in procedure.states.values())]
    boxes: dict[str, Box] = {}
    columns = []
    for column, phase in enumerate(used):
        x = _MARGIN + WIDTH / 2 + column * (WIDTH + _GUTTER)
        columns.append((phase, x))
        inside = [n for n, s in procedure.states.items() if s.phase is phase]
        for row, name in enumerate(inside):
            y = (
                _TOP + HEIGHT / 2 + (row + column % 2 / 2) * _ROW
            )  # the middle column half a row off:
            boxes[name] = Box(name, column, row, x, y)  # arrows across pass between its boxes
    return boxes, tuple(columns)


def _sides(a: Box, b: Box) -> tuple[str, str]:
    """Return the sides of the two boxes an arrow joins."""
    if a.column != b.column:
        return ("right", "left") if a.column < b.column else ("left", "right")
    if b.row == a.row + 1:
        return "bottom", "top"
    return ("right", "right") if b.row > a.row else ("left", "left")


def _ports(
    boxes: Mapping[str, Box], pairs: Iterable[tuple[str, str]]
) -> dict[tuple[str, str, int], float]:
    """Spread the ends of arrows along each side of each box, in the order of where they go."""
    ends: dict[tuple[str, str], list[tuple[float, float, tuple[str, str, int]]]] = {}
    for a, b in pairs:
        for end, side in enumerate(_sides(boxes[a], boxes[b])):
            here, there = (a, b) if end == 0 else (b, a)
            other = boxes[there]
            ends.setdefault((here, side), []).append((other.y, other.x, (a, b, end)))
    found: dict[tuple[str, str, int], float] = {}
    for (_, side), rows in ends.items():
        span = (WIDTH if side in ("top", "bottom") else HEIGHT) - 18
        rows.sort()
        for n, (_, _, key) in enumerate(rows):
            found[key] = (n + 1) / (len(rows) + 1) * span - span / 2
    return found


def _curve(a: Box, b: Box, start: float, end: float) -> tuple[tuple[float, float], ...]:
    side, other = _sides(a, b)
    if side == "bottom":
        p, q = (a.x + start, a.y + HEIGHT / 2), (b.x + end, b.y - HEIGHT / 2)
        bend = (q[1] - p[1]) / 2
        return p, (p[0], p[1] + bend), (q[0], q[1] - bend), q
    p = (a.x + (WIDTH / 2 if side == "right" else -WIDTH / 2), a.y + start)
    q = (b.x + (WIDTH / 2 if other == "right" else -WIDTH / 2), b.y + end)
    if a.column == b.column:
        bulge = min(26 + 13.0 * abs(a.row - b.row), _GUTTER - 40)
        out = bulge if side == "right" else -bulge
        return p, (p[0] + out, p[1]), (q[0] + out, q[1]), q
    bend = max(abs(q[0] - p[0]) / 2, 60) * (1 if side == "right" else -1)
    return p, (p[0] + bend, p[1]), (q[0] - bend, q[1]), q


def _across(
    points: tuple[tuple[float, float], ...], used: dict[int, int]
) -> tuple[tuple[float, float], ...]:
    """Lead a curve that passes a whole column through a gap between its boxes."""
    p, q = points[0], points[-1]
    gap = max(round(((p[1] + q[1]) / 2 - _TOP - HEIGHT / 2) / _ROW), 0)
    used[gap] = used.get(gap, 0) + 1
    y = _TOP + HEIGHT / 2 + gap * _ROW + 7.0 * (used[gap] // 2) * (-1 if used[gap] % 2 else 1)
    middle, reach = (p[0] + q[0]) / 2, WIDTH / 2 + 14
    toward = 1 if q[0] > p[0] else -1
    near, far = middle - toward * reach, middle + toward * reach
    bend = toward * 70
    return (
        p,
        (p[0] + bend, p[1]),
        (near - bend, y),
        (near, y),
        (near + toward * 10, y),
        (far - toward * 10, y),
        (far, y),
        (far + bend, y),
        (q[0] - bend, q[1]),
        q,
    )


def lay_out(procedure: Procedure) -> Plan:
    """Lay out *procedure* (布局): phases side by side, states down in the order of the file.

    An arrow to an earlier state is a loop back (退回、重办、反弹).
    """
    boxes, columns = _boxes(procedure)
    deeds: dict[tuple[str, str], list[Label]] = {}
    stays: dict[str, list[Label]] = {}
    for deed in procedure.deeds.values():
        for state in deed.states:
            for target in procedure.targets(deed, state):
                if target == state:
                    stays.setdefault(state, []).append(deed.label)
                else:
                    deeds.setdefault((state, target), []).append(deed.label)
    ports = _ports(boxes, deeds)
    order = {name: n for n, name in enumerate(procedure.states)}
    used: dict[int, int] = {}
    arrows = []
    for (a, b), labels in deeds.items():
        points = _curve(boxes[a], boxes[b], ports[a, b, 0], ports[a, b, 1])
        if abs(boxes[a].column - boxes[b].column) == 2:
            points = _across(points, used)
        arrows.append(Arrow(a, b, tuple(labels), points, back=order[b] < order[a]))
    return Plan(
        boxes=boxes,
        arrows=tuple(arrows),
        stays={name: tuple(labels) for name, labels in stays.items()},
        columns=columns,
        width=2 * _MARGIN + len(columns) * WIDTH + (len(columns) - 1) * _GUTTER,
        height=max(box.y for box in boxes.values()) + HEIGHT / 2 + 48,
    )
