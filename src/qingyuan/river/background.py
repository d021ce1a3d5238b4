"""Background (本底): what a section would have read without the event, from its own history.

Per section and factor a robust fit of ln(value): a level that forgets slowly and a daily cycle.
What is left over it is the increment the tracer explains.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from qingyuan.river.event import Event
from qingyuan.river.gauges import RiverClock
from qingyuan.river.network import Network, Point

__all__ = ["NOT_MIXING", "Projection", "Record", "records_of"]

Floats: TypeAlias = NDArray[np.float64]
# 水温、pH、溶解氧：do not mix as mass, so they carry no increment to explain
NOT_MIXING = frozenset({"w01001", "w01009", "w01010"})
_GOOD_FLAGS = frozenset({"N", ""})
_GUARD_H = 12.0  # before the first exceedance: the event may already show, keep it out of the fit
_MEMORY_H = 120.0
_LEAST_HISTORY = 8
_WANDER_SD = 0.07  # relative, shared by the factors of one reading time
_FLOW_RESPONSE = 0.3  # d ln(background) / d ln(flow) that is not known, enters as spread


@dataclass(frozen=True)
class Record:
    """Readings of one place and the background under them; rows are times, columns factors.

    ``hours`` count from now (≤ 0). ``base`` and ``base_sd`` are in the unit of the factor; a
    missing reading or an unknown background is NaN. ``common_sd`` is the relative shift that all
    factors of one time may share (slow wander, rain).
    """

    name: str
    point: Point
    hours: Floats
    value: Floats
    base: Floats
    base_sd: Floats
    common_sd: Floats

    @property
    def rise(self) -> Floats:
        """The increment over the background; NaN where unknown."""
        found: Floats = self.value - self.base
        return found


@dataclass(frozen=True)
class Projection:
    """One section's readings projected on the signature: 1 is the alarmed section's peak."""

    record: Record
    hours: Floats
    value: Floats
    sd: Floats


def records_of(
    event: Event, network: Network, clock: RiverClock, factors: Sequence[str]
) -> list[Record]:
    """Return a record per section with readings, then one per grab-sample place."""
    now = event.detected_at
    column = {code: i for i, code in enumerate(factors)}
    cells: dict[str, dict[float, list[float]]] = {}
    stamps = {t: (t - now).total_seconds() / 3600 for t in {r.time for r in event.readings}}
    for row in event.readings:
        at = column.get(row.factor)
        if at is None or row.value is None or row.flag not in _GOOD_FLAGS:
            continue
        times = cells.setdefault(row.section_id, {})
        line = times.get(stamps[row.time])
        if line is None:
            line = times[stamps[row.time]] = [np.nan] * len(factors)
        line[at] = row.value
    until = (event.alarm.first_exceeded - now).total_seconds() / 3600 - _GUARD_H
    limits = np.array([event.factors[f].detection_limit for f in factors])
    found = []
    for section in event.sections:
        if section.section_id not in cells:
            continue
        rows = sorted(cells[section.section_id].items())
        hours = np.array([t for t, _ in rows])
        value = np.array([v for _, v in rows])
        base, sd = _fit(hours, value, until=until, event=event, limits=limits)
        point = network.point(section.reach_id, section.position_m)
        flow = np.abs(np.log(clock.factor_at(hours) / clock.base_factor))
        common = np.sqrt(_WANDER_SD**2 + (_FLOW_RESPONSE * flow) ** 2)
        found.append(Record(section.section_id, point, hours, value, base, sd, common))
    return found + _sample_records(event, network, found, column)


def _fit(
    hours: Floats,
    value: Floats,
    *,
    until: float,
    event: Event,
    limits: Floats,
) -> tuple[Floats, Floats]:
    hour_of_day = event.detected_at.hour + event.detected_at.minute / 60
    angle = 2 * np.pi * (hours + hour_of_day) / 24
    design = np.stack([np.ones_like(hours), np.cos(angle), np.sin(angle)], axis=1)
    memory = np.exp(np.minimum(hours - until, 0.0) / _MEMORY_H)
    base = np.full(value.shape, np.nan)
    sd = np.full(value.shape, np.nan)
    for f in range(value.shape[1]):
        least = max(float(limits[f]) / 2, 1e-9)
        past = (hours <= until) & ~np.isnan(value[:, f])
        if past.sum() < 3:
            continue
        y = np.log(np.maximum(value[past, f], least))
        x, w = design[past], memory[past]
        if past.sum() < _LEAST_HISTORY:
            x = x[:, :1]
        left = y - np.median(y)
        beta = np.zeros(x.shape[1])
        for _ in range(5):
            scale = max(1.4826 * float(np.median(np.abs(left))), 0.02)
            trust = w * np.minimum(1.0, 1.5 * scale / np.maximum(np.abs(left), 1e-12))
            gram = (x * trust[:, None]).T @ x + 1e-6 * np.eye(x.shape[1])
            beta = np.linalg.solve(gram, (x * trust[:, None]).T @ y)
            left = y - x @ beta
        spread = max(1.4826 * float(np.median(np.abs(left))), event.reading_rel_sd)
        spread *= np.sqrt(1 + 4 / past.sum())
        level = np.exp(design[:, : x.shape[1]] @ beta)
        base[:, f] = level
        sd[:, f] = np.maximum(level * spread, least / 2)
    return base, sd


def _sample_records(
    event: Event, network: Network, sections: Sequence[Record], column: dict[str, int]
) -> list[Record]:
    """Grab samples borrow the background of the nearest section along the water, half as sure."""
    places: dict[tuple[str, float], dict[float, list[float]]] = {}
    for row in event.samples:
        at = column.get(row.factor)
        if at is None or row.value is None:
            continue
        taken = (row.time - event.detected_at).total_seconds() / 3600
        times = places.setdefault((row.reach_id, row.position_m), {})
        times.setdefault(taken, [np.nan] * len(column))[at] = row.value
    found = []
    for (reach_id, position), lines in places.items():
        point = network.point(reach_id, position)
        typical = _nearest_base(network, point, sections, len(column))
        rows = sorted(lines.items())
        value = np.array([v for _, v in rows])
        base = np.broadcast_to(typical, value.shape).copy()
        name = f"{reach_id}@{position:.0f}"
        hours = np.array([t for t, _ in rows])
        common = np.full(hours.shape, _WANDER_SD)
        found.append(Record(name, point, hours, value, base, 0.5 * base, common))
    return found


def _nearest_base(network: Network, point: Point, sections: Sequence[Record], width: int) -> Floats:
    if not sections:
        return np.full(width, np.nan)
    trail = {reach: i for i, reach in enumerate(network.path(point.reach))}
    near = min(sections, key=lambda s: (trail.get(s.point.reach, len(trail) + 1), s.name))
    finite = ~np.all(np.isnan(near.base), axis=0)
    typical = np.full(width, np.nan)
    typical[finite] = np.nanmedian(near.base[:, finite], axis=0)
    return typical
