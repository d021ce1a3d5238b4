"""The river as a line (沿程水质): concentration from head to mouth, travel time, what is met."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from qingyuan.core.periods import city_date
from qingyuan.core.problems import Problem
from qingyuan.readings.numbers import number
from qingyuan.standards import water
from qingyuan.standards.limits import Limit
from qingyuan.web.accounts.scope import Scope
from qingyuan.web.monitoring.models import Latest
from qingyuan.web.registry import selectors as registry
from qingyuan.web.registry.models import Outfall, Section

__all__ = ["FACTORS_ALONG", "Along", "Figure", "Met", "along", "figure_of", "whereabouts"]

FACTORS_ALONG = (
    "w21003",
    "w01018",
    "w21011",
    "w01019",
    "w21001",
)  # 氨氮、化学需氧量、总磷、高锰酸盐指数、总氮

_W, _H, _LEFT, _TOP, _PLOT = 1120, 340, 64, 20, 250


@dataclass(frozen=True, slots=True)
class Met:
    """Something on the way: the thing, km and hours from the head, and its newest value."""

    thing: Section | Outfall
    km: float
    hours: float | None
    latest: Latest | None = None
    value: Decimal | None = None
    limit: Limit | None = None
    over: bool = False

    @property
    def is_section(self) -> bool:
        """Whether it is a section."""
        return isinstance(self.thing, Section)


@dataclass(frozen=True, slots=True)
class Along:
    """One river from head to mouth."""

    river: str
    km: float
    hours: float | None
    met: list[Met]


def along(scope: Scope, river_zh: str, factor: str, *, on: date) -> Along:
    """Return what is met along the main stem of a river; values are the newest of each section."""
    waterway = registry.Waterway()
    held = waterway.things(scope, on=on)
    newest = {
        row.station: row
        for row in Latest.objects.filter(factor=factor, station__regex=r"^(section|outfall):")
    }
    met: list[Met] = []
    metres, hours = 0.0, 0.0
    still = False
    for reach in waterway.main_stem(river_zh):
        for thing in sorted(held.get(reach.code, ()), key=lambda t: t.position_m):
            part = waterway.hours(reach.code, thing.position_m)
            at = None if still or part is None else hours + part
            latest = newest.get(thing.station)
            value = number(latest.text) if latest and latest.valid else None
            limit = _limit(thing, latest) if isinstance(thing, Section) and latest else None
            over = limit is not None and value is not None and not limit.allows(value)
            met.append(
                Met(thing, (metres + thing.position_m) / 1000, at, latest, value, limit, over)
            )
        metres += reach.length_m
        whole = waterway.hours(reach.code, reach.length_m)
        still = still or whole is None
        hours += whole or 0.0
    return Along(river_zh, metres / 1000, None if still else hours, met)


@dataclass(frozen=True, slots=True)
class Figure:
    """A drawing in plain numbers: what the template puts into SVG attributes."""

    width: int
    height: int
    left: int
    base: float
    top: int
    right: float
    line: str
    points: list[dict[str, Any]]
    ticks_x: list[tuple[float, str]]
    ticks_y: list[tuple[float, str]]
    outfalls: list[dict[str, object]]


def figure_of(found: Along) -> Figure:
    """Lay the river out: x is km along the water, y the concentration from zero."""
    measured = [m for m in found.met if m.value is not None and m.is_section]
    shown = [m.value for m in measured if m.value is not None]
    highest = float(
        max([*shown, *(m.limit.value for m in measured if m.limit)], default=Decimal(1))
    )
    top = _nice(highest * 1.1 or 1.0)
    span = max(found.km, 0.001)
    right = _W - 24.0

    def x(km: float) -> float:
        return round(_LEFT + km / span * (right - _LEFT), 1)

    def y(value: float) -> float:
        return round(_TOP + _PLOT * (1 - value / top), 1)

    points = [
        {
            "met": m,
            "x": x(m.km),
            "y": y(float(m.value)),
            "limit_y": y(float(m.limit.value)) if m.limit else None,
            "label_y": 0.0,
        }
        for m in measured
        if m.value is not None
    ]
    _place_names(points)
    step = _nice(span / 8)
    ticks_x = []
    at = 0.0
    while at <= span + 1e-9:
        ticks_x.append((x(at), f"{at:g}"))
        at += step
    return Figure(
        width=_W,
        height=_H,
        left=_LEFT,
        base=_TOP + _PLOT,
        top=_TOP,
        right=right,
        line=" ".join(f"{p['x']},{p['y']}" for p in points),
        points=points,
        ticks_x=ticks_x,
        ticks_y=[(y(top * i / 4), f"{top * i / 4:g}") for i in range(5)],
        outfalls=[{"met": m, "x": x(m.km)} for m in found.met if not m.is_section],
    )


def _place_names(points: list[dict[str, Any]]) -> None:
    """Put each name above its point; below it where a limit or the name before stands there."""
    before: tuple[float, float] | None = None
    for point in points:
        above, below = point["y"] - 14, point["y"] + 24
        limit = point["limit_y"]
        taken = limit is not None and above - 14 < limit < above + 6
        beside = before is not None and point["x"] - before[0] < 84 and abs(before[1] - above) < 16
        point["label_y"] = below if taken or beside else above
        before = (point["x"], point["label_y"])


def _nice(value: float) -> float:
    """Return the next 1, 2, 2.5 or 5 times a power of ten."""
    power = 10.0 ** len(str(int(value))) / 10 if value >= 1 else 1.0
    while power > value:
        power /= 10
    return next(power * m for m in (1, 2, 2.5, 5, 10) if power * m >= value - 1e-12)


def _limit(thing: Section, row: Latest) -> Limit | None:
    """Return the limit of the section's target class on the day of the reading."""
    day = city_date(row.time)
    target = thing.target_on(day)
    if not target:
        return None
    try:
        return water.limit(row.factor, target, at=day, water_type=thing.water_type)
    except Problem:  # the table has no limit for this item
        return None


def whereabouts(
    scope: Scope, given: Mapping[str, str]
) -> tuple[registry.Waterway, registry.Spot | None, str]:
    """Return the network, the place asked about and its name.

    *given* holds ``outfall``, ``section``, or ``lon`` and ``lat``; the place starts exactly there.
    """
    waterway = registry.Waterway()
    for kind, things in (("outfall", registry.outfalls), ("section", registry.sections)):
        code = given.get(kind, "")
        thing = things(scope).filter(code=code).first() if code else None
        if thing is not None:
            spot = registry.Spot(thing.reach_id, thing.position_m, thing.lon, thing.lat)
            return waterway, spot, thing.name
    try:
        lon, lat = float(given.get("lon", "")), float(given.get("lat", ""))
    except ValueError:
        return waterway, None, ""
    if not (73 <= lon <= 136 and 3 <= lat <= 54):
        return waterway, None, ""
    return waterway, waterway.snap(lon, lat), ""
