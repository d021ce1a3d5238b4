"""Small worlds (小世界): rivers of a few nodes with an event whose answer is known by hand.

Used by tests, examples and documentation; the readings are exact (the response of the uniform
channel), with a little fixed ripple so that a background has a spread.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta, timezone

import numpy as np

from qingyuan.core.problems import Problem
from qingyuan.river.event import (
    Alarm,
    Event,
    EventFactor,
    Outfall,
    ProfileRow,
    Reach,
    Reading,
    Section,
)
from qingyuan.river.network import network_of
from qingyuan.river.transport import step_response, transport_of

__all__ = ["World", "line_of"]

_BEIJING = timezone(timedelta(hours=8))
NOW = datetime(2026, 9, 22, 8, 0, tzinfo=_BEIJING)
_FACTORS = {
    "w21003": EventFactor("w21003", "NH3-N", "mg/L", 0.0, 0.025),
    "w01018": EventFactor("w01018", "COD", "mg/L", 0.0, 4.0),
    "w21011": EventFactor("w21011", "TP", "mg/L", 0.0, 0.01),
}
_BACKGROUND = {"w21003": 0.3, "w01018": 12.0, "w21011": 0.06}
_DAYS = 8
_DEPTH_M, _WIDTH_M, _MANNING = 1.0, 10.0, 0.03


@dataclass(frozen=True)
class World:
    """A river of named nodes; each node has an outfall, and a section just above it.

    The section of node ``d`` reads what came from ``a``, ``b`` and ``c``; node ``a``'s section reads
    the water that enters the world.
    """

    reaches: tuple[Reach, ...]
    sections: tuple[Section, ...]
    outfalls: tuple[Outfall, ...]
    profiles: tuple[ProfileRow, ...]

    def alarm(
        self,
        *,
        at: str,
        released_from: str,
        start_h: float | None = None,
        duration_h: float = 2.0,
        flow_m3_s: float = 0.05,
        multiple: float = 12.0,
        interval_h: float = 1.0,
    ) -> Event:
        """Return the event of a release from one outfall, alarmed at the section of one node.

        Parameters
        ----------
        at, released_from : str
            Names of nodes; the alarmed one must lie below the other.
        start_h : float, optional
            Release start in hours before now; by default the front reached *at* two hours ago.
        duration_h, flow_m3_s, multiple : float
            The release: how long, how much water, how many times its normal concentration.
        interval_h : float
            Between readings.
        """
        network = network_of(self.reaches)
        given = np.array([r.flow_m3_s for r in self.reaches])
        travel = transport_of(network, flow_m3_s=given, own_velocity_sd=0.0)
        source = next(o for o in self.outfalls if o.outfall_id == released_from)
        target = next(s for s in self.sections if s.section_id == at)
        reach = np.array([network.index[source.reach_id]])
        position = np.array([source.position_m])
        down = network.point(target.reach_id, target.position_m)
        if not network.is_upstream((reach, position), down)[0]:
            raise Problem("river.not_below", section=at, outfall=released_from)
        mean = float(travel.between(reach, position, down).mean_h[0])
        start = -(mean + 2.0 + duration_h / 2) if start_h is None else -start_h
        hours = np.arange(-24 * _DAYS, interval_h / 2, interval_h)
        strength = {
            p.factor: multiple * float(np.exp(p.ln_mean))
            for p in self.profiles
            if p.outfall_id == released_from
        }
        readings: list[Reading] = []
        first = None
        limit = 3 * _BACKGROUND["w21003"]
        for section in self.sections:
            point = network.point(section.reach_id, section.position_m)
            share = np.zeros_like(hours)
            if network.is_upstream((reach, position), point)[0]:
                way = travel.between(reach, position, point)
                share = step_response(
                    hours - start, mean_h=way.mean_h, variance_h2=way.variance_h2
                ) - step_response(
                    hours - start - duration_h, mean_h=way.mean_h, variance_h2=way.variance_h2
                )
            flow = given[point.reach]
            for code, base in _BACKGROUND.items():
                # a ripple of about 10 % that repeats nowhere: golden-ratio phases
                ripple = 0.1 * np.sqrt(2) * np.sin(2 * np.pi * 0.618034 * np.arange(hours.size))
                level = base * (1 + ripple) + flow_m3_s * strength[code] / flow * share
                for hour, value in zip(hours, level, strict=True):
                    time = NOW + timedelta(hours=float(hour))
                    readings.append(Reading(section.section_id, time, code, float(value)))
                    if section.section_id == at and code == "w21003" and value > limit:
                        first = min(first, time) if first else time
        if first is None:
            raise Problem("river.no_alarm", section=at, limit=limit)
        return Event(
            name=f"world-{released_from}-{at}",
            alarm=Alarm(at, "w21003", first, NOW, limit),
            start=NOW - timedelta(days=_DAYS),
            end=NOW,
            factors=_FACTORS,
            reaches=self.reaches,
            sections=self.sections,
            outfalls=self.outfalls,
            readings=tuple(sorted(readings, key=lambda r: (r.section_id, r.time, r.factor))),
            profiles=self.profiles,
        )


def line_of(
    nodes: int,
    *,
    velocity_m_s: float = 0.5,
    reach_m: float = 900.0,
    names: Sequence[str] | None = None,
    effluents: Mapping[str, Mapping[str, float]] | None = None,
) -> World:
    """Return a straight river of *nodes* nodes a, b, c … with equal reaches between them.

    The channel is rectangular, 10 m wide and 1 m deep, its bed sloped so that Manning's velocity
    is *velocity_m_s*; so travel over one reach is ``reach_m / velocity_m_s``.

    Parameters
    ----------
    nodes : int
        How many, at least two.
    velocity_m_s, reach_m : float
        Of every reach.
    names : sequence of str, optional
        Of the nodes, downstream order; by default the letters.
    effluents : mapping, optional
        Node → factor → normal concentration in mg/L; by default each node has its own proportions.
    """
    called = list(names) if names else [chr(ord("a") + i) for i in range(nodes)]
    radius = _DEPTH_M * _WIDTH_M / (_WIDTH_M + 2 * _DEPTH_M)
    slope = (velocity_m_s * _MANNING / radius ** (2 / 3)) ** 2
    flow = velocity_m_s * _DEPTH_M * _WIDTH_M
    reaches = tuple(
        Reach(
            reach_id=f"r-{name}",
            to_reach_id=f"r-{called[i + 1]}" if i + 1 < nodes else "",
            length_m=reach_m,
            slope=slope,
            manning_n=_MANNING,
            bottom_width_m=_WIDTH_M,
            side_slope=0.0,
            flow_m3_s=flow,
        )
        for i, name in enumerate(called)
    )
    sections = tuple(Section(name, f"r-{name}", 0.0, interval_min=60) for name in called)
    outfalls = tuple(
        Outfall(name, f"r-{name}", min(10.0, reach_m / 10), max_flow_m3_s=0.1) for name in called
    )
    normal = effluents or {name: _effluent(i) for i, name in enumerate(called)}
    profiles = tuple(
        ProfileRow(name, code, 12, float(np.log(normal[name][code])), 0.3)
        for name in called
        for code in _FACTORS
    )
    return World(reaches, sections, outfalls, profiles)


def _effluent(i: int) -> dict[str, float]:
    """Return proportions that differ from node to node: ammonia, COD and phosphorus in turn lead."""
    strong = ("w21003", "w01018", "w21011")[i % 3]
    normal = {"w21003": 10.0, "w01018": 120.0, "w21011": 1.5}
    return {code: value * (3.0 if code == strong else 1.0) for code, value in normal.items()}


def renamed(event: Event, names: Mapping[str, str]) -> Event:
    """Return *event* with its outfalls under other names (rows stay in their order)."""
    return replace(
        event,
        outfalls=tuple(o._replace(outfall_id=names[o.outfall_id]) for o in event.outfalls),
        profiles=tuple(p._replace(outfall_id=names[p.outfall_id]) for p in event.profiles),
        online=tuple(m._replace(outfall_id=names[m.outfall_id]) for m in event.online),
    )
