"""A synthetic fleet (虚拟走航车队): named streets, taxis that drive them, dust that is known.

The truth is given, not hidden: `DustSource` says where dust lies, in which hours and on which days.
Made with none of the survey's formulas: roads are a jittered grid, hills of dust are round.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from math import cos, radians
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from qingyuan.core.periods import CITY_TZ

__all__ = ["DustSource", "Streets", "drive_fleet", "streets_of"]

_AVENUES = ("清河路", "望海路", "文昌路", "春阳路", "滨河路", "育才路", "建设路", "东岭路", "广源路", "明堂路", "凤台路", "石桥路")  # fmt: skip
_STREETS = ("和平街", "人民街", "朝阳街", "兴业街", "平安街", "青年街", "长乐街", "永安街", "新华街", "丰收街", "棉纺街", "金水街")  # fmt: skip
_SIGHT = 111_320.0
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class DustSource:
    """Dust on a road (扬尘源): place in metres from the middle, µg/m³ at the top, hours and days."""

    x: float
    y: float
    radius_m: float
    peak: float
    hours: tuple[int, int]
    days: frozenset[date] | None = None

    def on(self, day: date) -> bool:
        """Tell whether it raises dust on *day*; always, if no days are named."""
        return self.days is None or day in self.days


@dataclass(frozen=True)
class Streets:
    """The streets of a town around a place: nodes in metres, edges by node, names, as GeoJSON."""

    lon: float
    lat: float
    place: Floats
    edges: tuple[tuple[int, int, str], ...]
    lines: tuple[tuple[str, tuple[int, ...]], ...]

    def degrees(self, x: Floats, y: Floats) -> tuple[Floats, Floats]:
        """Return longitudes and latitudes of places in metres from the middle."""
        return self.lon + x / (_SIGHT * cos(radians(self.lat))), self.lat + y / 110_574.0

    def geojson(self) -> dict[str, Any]:
        """Return the centre lines with their names."""
        lon, lat = self.degrees(self.place[:, 0], self.place[:, 1])
        return {
            "type": "FeatureCollection",
            "features": [
                {
                    "type": "Feature",
                    "properties": {"name": name},
                    "geometry": {
                        "type": "LineString",
                        "coordinates": [[round(float(lon[n]), 7), round(float(lat[n]), 7)] for n in nodes],
                    },
                }
                for name, nodes in self.lines
            ],
        }  # fmt: skip


def streets_of(
    lon: float, lat: float, *, seed: int, size: int = 10, block_m: float = 260.0
) -> Streets:
    """Return a town of *size* avenues and streets that cross, bent once between crossings."""
    rng = np.random.default_rng(seed)
    grid = (np.arange(size) - (size - 1) / 2) * block_m
    x, y = np.meshgrid(grid, grid)
    nodes = [np.stack([x.ravel(), y.ravel()], 1) + rng.normal(0, block_m / 14, (size * size, 2))]
    edges: list[tuple[int, int, str]] = []
    lines: list[tuple[str, tuple[int, ...]]] = []
    count = size * size
    for k in range(2 * size):
        name = _called(k % size, _AVENUES if k < size else _STREETS)
        along = [i * size + k for i in range(size)] if k < size else [(k - size) * size + j for j in range(size)]  # fmt: skip
        path = [along[0]]
        for a, b in itertools.pairwise(along):
            middle = (nodes[0][a] + nodes[0][b]) / 2 + rng.normal(0, 8, 2)
            nodes.append(middle[None])
            for p, q in ((a, count), (count, b)):
                edges += [(p, q, name), (q, p, name)]
            path += [count, b]
            count += 1
        lines.append((name, tuple(path)))
    return Streets(lon, lat, np.concatenate(nodes), tuple(edges), tuple(lines))


def _called(index: int, names: Sequence[str]) -> str:
    """Return a street's name; beyond the list, a second one of it."""
    again, at = divmod(index, len(names))
    return names[at] if not again else f"{names[at][0]}{'二三四五'[again - 1]}{names[at][1:]}"


def drive_fleet(
    streets: Streets,
    *,
    day: date,
    devices: Sequence[str],
    seed: int,
    sources: Sequence[DustSource] = (),
    hours: tuple[int, int] = (7, 18),
    step_s: int = 3,
    air: Callable[[Floats], Floats] | None = None,
    faults: Mapping[str, str] | None = None,
) -> pa.Table:
    """Return a day of fixes: ``vehicle time lon lat pm10 pm25 rh speed_ms``.

    Parameters
    ----------
    air : callable, optional
        PM10 of the air all drive through, µg/m³, by hours since midnight.
    faults : mapping, optional
        Device → ``stuck`` (from noon on) or ``gain`` (twice what is true).
    """
    parts = []
    for number, device in enumerate(devices):
        rng = np.random.default_rng([seed, day.toordinal(), number])
        nature = np.random.default_rng([seed, number])  # a sensor keeps its character
        parts.append(
            _one(streets, day, device, rng, nature, [s for s in sources if s.on(day)], hours, step_s,
                 air or _usual, (faults or {}).get(device, ""))
        )  # fmt: skip
    return pa.concat_tables(parts)


def _usual(hour: Floats) -> Floats:
    return np.asarray(62 + 18 * np.sin((hour - 4) / 24 * 2 * np.pi), dtype=np.float64)


def _one(
    streets: Streets, day: date, device: str, rng: np.random.Generator, nature: np.random.Generator,
    sources: Sequence[DustSource], hours: tuple[int, int], step_s: int,
    air: Callable[[Floats], Floats], fault: str,
) -> pa.Table:  # fmt: skip
    count = (hours[1] - hours[0]) * 3600 // step_s - int(rng.integers(40))
    t = hours[0] * 3600 + step_s * np.arange(count) + int(rng.integers(step_s))
    x, y, speed = _path(streets, rng, count, step_s)
    hour = t / 3600
    base = air(hour)
    dust = np.zeros(count)
    for s in sources:
        away = np.hypot(x - s.x, y - s.y)
        dust += (hour >= s.hours[0]) * (hour < s.hours[1]) * s.peak * np.exp(-0.5 * (away / s.radius_m) ** 2)  # fmt: skip
    gain, fine = nature.normal(1, 0.07, 2)
    offset = nature.normal(0, 2)
    pm10 = (
        gain * (2.0 if fault == "gain" else 1.0) * (base + dust) + offset + rng.normal(0, 5, count)
    )
    pm25 = fine * (0.45 * base + 0.12 * dust) + rng.normal(0, 2.5, count)
    if fault == "stuck":
        pm10[count // 2 :] = pm10[count // 2]
    x, y = x + rng.normal(0, 7, count), y + rng.normal(0, 7, count)
    kept = rng.random(count) > 0.01
    lon, lat = streets.degrees(x[kept], y[kept])
    start = datetime.combine(day, time(), CITY_TZ)
    return pa.table({
        "vehicle": pa.array([device] * int(kept.sum()), pa.string()),
        "time": pa.array([start + timedelta(seconds=int(s)) for s in t[kept]], pa.timestamp("us", "UTC")),
        "lon": np.round(lon, 6), "lat": np.round(lat, 6),
        "pm10": np.maximum(np.round(pm10[kept]), 0), "pm25": np.maximum(np.round(pm25[kept]), 0),
        "rh": np.full(int(kept.sum()), 52.0), "speed_ms": np.round(speed[kept], 1),
    })  # fmt: skip


def _path(
    streets: Streets, rng: np.random.Generator, count: int, step_s: int
) -> tuple[Floats, Floats, Floats]:
    """Return places and speeds of a taxi that mostly goes straight on and does not turn round."""
    onward: dict[int, list[int]] = {}
    for row, (u, _v, _name) in enumerate(streets.edges):
        onward.setdefault(u, []).append(row)
    ends = np.array([(u, v) for u, v, _ in streets.edges])
    a, b = streets.place[ends[:, 0]], streets.place[ends[:, 1]]
    length = np.hypot(*(b - a).T)
    unit = (b - a) / length[:, None]
    edge, off, v = int(rng.integers(len(length))), 0.0, 8.0
    out = np.zeros((count, 3))
    for k in range(count):
        v = min(max(v + 0.15 * (8.5 - v) + rng.normal(0, 0.9), 0.3), 15.0)
        off += v * step_s
        while off > length[edge]:
            off -= length[edge]
            ways = [e for e in onward[int(ends[edge, 1])] if ends[e, 1] != ends[edge, 0]]
            ways = ways or onward[int(ends[edge, 1])]
            weight = np.exp(1.5 * (unit[ways] @ unit[edge]))
            edge = ways[int(np.searchsorted(np.cumsum(weight) / weight.sum(), rng.random()))]
        out[k] = (*(a[edge] + unit[edge] * off), v)
    return out[:, 0], out[:, 1], out[:, 2]
