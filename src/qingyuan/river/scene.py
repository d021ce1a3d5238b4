"""The scene (现场): everything derived from an event once, before anybody is suspected."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from qingyuan.river.background import NOT_MIXING, Projection, Record, records_of
from qingyuan.river.event import Event
from qingyuan.river.gauges import RiverClock, river_clock
from qingyuan.river.network import Network, Point, network_of
from qingyuan.river.signature import Signature, project, signature_of
from qingyuan.river.timing import Watch
from qingyuan.river.transport import Transport, transport_of

__all__ = ["Scene", "hours_from_now", "scene_of"]

Floats: TypeAlias = NDArray[np.float64]
Ints: TypeAlias = NDArray[np.int64]
_LOOK_BACK_H = 120.0
_LONGEST_H = 20.0  # of a release, with the readings' gap before it
_FASTEST, _SLOWEST = 1.5, 0.5  # against the expected travel: outside nothing is likely


@dataclass(frozen=True)
class Scene:
    """Network, travel, clock, background and signature of one event."""

    event: Event
    network: Network
    transport: Transport
    clock: RiverClock
    factors: tuple[str, ...]
    records: tuple[Record, ...]
    alarm: Point
    signature: Signature | None
    projections: tuple[Projection, ...]

    @property
    def alarmed(self) -> Projection | None:
        """The alarmed section's readings, projected on its own signature."""
        wanted = self.event.alarm.section
        return next((p for p in self.projections if p.record.name == wanted), None)

    @property
    def background(self) -> Floats:
        """The river's own level of each factor: the median over the sections; NaN where unknown."""
        levels = [r.base for r in self.records if r.base.size]
        if not levels:
            return np.full(len(self.factors), np.nan)
        every = np.concatenate(levels)
        found = np.full(every.shape[1], np.nan)
        for f in range(every.shape[1]):
            known = every[~np.isnan(every[:, f]), f]
            if known.size:
                found[f] = np.median(known)
        return found

    def watches(self, reach: Ints, position_m: Floats) -> list[list[Watch]]:
        """Return, for each place, the sections below it with travel from it and what they read."""
        found: list[list[Watch]] = [[] for _ in reach]
        if self.signature is None:
            return found
        first = self.signature.first_hours
        to_alarm = self.transport.between(reach, position_m, self.alarm).mean_h
        for seen in self.projections:
            if not seen.hours.size:
                continue
            point = seen.record.point
            alarmed = seen.record.name == self.event.alarm.section
            travel = self.transport.between(reach, position_m, point)
            flow = float(self.transport.state.flow_m3_s[point.reach])
            ahead = travel.mean_h - to_alarm
            below = self.network.is_upstream((reach, position_m), point) & travel.dated
            if not alarmed:  # nothing that passed the alarm can be there yet
                below &= ahead / _FASTEST <= _LONGEST_H - first
            since = first + np.minimum(ahead, 0.0) - _SLOWEST * to_alarm - _LONGEST_H
            for i in np.flatnonzero(below):
                found[i].append(
                    Watch(
                        projection=_in_reach(seen, since_h=float(since[i])),
                        mean_h=float(travel.mean_h[i]),
                        variance_h2=float(travel.variance_h2[i]),
                        own_sd_h=float(travel.own_sd_h[i]),
                        flow_m3_s=flow,
                        alarmed=alarmed,
                    )
                )
        return found

    def is_below(self, reach: int, position_m: float, seen: Projection) -> bool:
        """Return whether the section of *seen* lies below a place."""
        point = seen.record.point
        if point.reach == reach:
            return point.position_m >= position_m
        return point.reach in self.network.path(reach)


def _in_reach(seen: Projection, *, since_h: float) -> Projection:
    late = seen.hours >= since_h
    return Projection(seen.record, seen.hours[late], seen.value[late], seen.sd[late])


def hours_from_now(event: Event) -> float:
    """Return when the limit was first exceeded, in hours from now (≤ 0)."""
    return (event.alarm.first_exceeded - event.detected_at).total_seconds() / 3600


def scene_of(event: Event) -> Scene:
    """Derive the scene of *event*; the event is taken as it is (see ``Event.as_known``)."""
    network = network_of(event.reaches)
    clock = river_clock(event, network)
    given = np.array([r.flow_m3_s for r in event.reaches], dtype=np.float64)
    transport = transport_of(
        network,
        flow_m3_s=given * clock.base_factor,
        own_velocity_sd=event.velocity_rel_sd / np.sqrt(2),
    )
    factors = tuple(f for f in event.factors if f not in NOT_MIXING)
    records = tuple(records_of(event, network, clock, factors))
    section = next(s for s in event.sections if s.section_id == event.alarm.section)
    alarm = network.point(section.reach_id, section.position_m)
    first = hours_from_now(event)
    record = next((r for r in records if r.name == section.section_id), None)
    signature = None
    if record is not None and factors:
        lead = event.alarm.factor
        signature = signature_of(
            record,
            factor=factors.index(lead) if lead in factors else None,
            first_exceeded_h=first,
            reading_rel_sd=event.reading_rel_sd,
        )
    projections: tuple[Projection, ...] = ()
    if signature is not None:
        projections = tuple(project(r, signature, since_h=first - _LOOK_BACK_H) for r in records)
    return Scene(event, network, transport, clock, factors, records, alarm, signature, projections)
