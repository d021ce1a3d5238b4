"""Events (溯源事件): everything the tracer may know about one section alarm, as plain values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import NamedTuple

__all__ = [
    "Alarm",
    "Event",
    "EventFactor",
    "FlowReading",
    "MonitorReading",
    "Outfall",
    "ProfileRow",
    "RainReading",
    "Reach",
    "Reading",
    "Sample",
    "Section",
]


@dataclass(frozen=True, slots=True)
class Alarm:
    """The alarm (断面超标预警): where, what, when; ``detected_at`` is "now"."""

    section: str
    factor: str
    first_exceeded: datetime
    detected_at: datetime
    limit: float | None = None


@dataclass(frozen=True, slots=True)
class EventFactor:
    """A factor as this event measures it; concentrations in ``unit``."""

    code: str
    name: str = ""
    unit: str = "mg/L"
    decay_per_day: float = 0.0
    detection_limit: float = 0.0


class Reach(NamedTuple):
    """A stretch of channel (河段); ``to_reach_id`` is empty at an outlet."""

    reach_id: str
    to_reach_id: str
    length_m: float
    slope: float
    manning_n: float
    bottom_width_m: float
    side_slope: float
    flow_m3_s: float
    flow_rel_sd: float | None = None
    kind: str = "river"


class Section(NamedTuple):
    """A monitored cross-section (断面); the position counts from the upstream end of the reach."""

    section_id: str
    reach_id: str
    position_m: float
    kind: str = "auto"
    interval_min: float | None = None
    target_class: str = ""


class Outfall(NamedTuple):
    """An outfall into the river (入河排污口)."""

    outfall_id: str
    reach_id: str
    position_m: float
    outfall_class: str = ""
    trade: str = ""
    permitted_m3_d: float | None = None
    max_flow_m3_s: float | None = None
    prior_weight: float = 1.0
    online: bool = False


class Reading(NamedTuple):
    """One section reading (监测值), unrounded; no value is None."""

    section_id: str
    time: datetime
    factor: str
    value: float | None
    flag: str = "N"


class FlowReading(NamedTuple):
    """One gauge reading."""

    reach_id: str
    time: datetime
    flow_m3_s: float | None
    flag: str = "N"


class RainReading(NamedTuple):
    """Areal rain of one step."""

    time: datetime
    mm: float


class ProfileRow(NamedTuple):
    """An outfall's own sampling history of one factor: log-normal summary of its effluent."""

    outfall_id: str
    factor: str
    n: float
    ln_mean: float
    ln_sd: float | None = None


class MonitorReading(NamedTuple):
    """A reading of a discharger's own monitor (污染源在线监测)."""

    outfall_id: str
    time: datetime
    quantity: str
    value: float | None
    flag: str = "N"


class Sample(NamedTuple):
    """A grab sample taken after the alarm (加密采样)."""

    reach_id: str
    position_m: float
    time: datetime
    factor: str
    value: float | None


@dataclass(frozen=True)
class Event:
    """One alarm and all that is known about it; see the exchange format "event folder".

    ``extras`` keeps the columns nobody knows, per table and column, aligned with the rows;
    ``notes`` says in both languages what was ignored and why.
    """

    name: str
    alarm: Alarm
    start: datetime
    end: datetime
    factors: Mapping[str, EventFactor]
    reaches: tuple[Reach, ...]
    sections: tuple[Section, ...]
    outfalls: tuple[Outfall, ...]
    readings: tuple[Reading, ...]
    flow_rel_sd: float = 0.2
    velocity_rel_sd: float = 0.2
    reading_rel_sd: float = 0.1
    inflow_reaches: tuple[str, ...] = ()
    flows: tuple[FlowReading, ...] = ()
    rain: tuple[RainReading, ...] = ()
    profiles: tuple[ProfileRow, ...] = ()
    online: tuple[MonitorReading, ...] = ()
    samples: tuple[Sample, ...] = ()
    extras: Mapping[str, Mapping[str, tuple[str, ...]]] = field(default_factory=dict)
    notes: tuple[tuple[str, str], ...] = ()

    @property
    def detected_at(self) -> datetime:
        """The moment the tracer calls now."""
        return self.alarm.detected_at

    def as_known(self) -> Event:
        """Return the event without any row later than ``detected_at``.

        Grab samples stay: they are taken after the alarm by definition and are entered by hand.
        """
        now = self.detected_at
        return replace(
            self,
            readings=tuple(r for r in self.readings if r.time <= now),
            flows=tuple(r for r in self.flows if r.time <= now),
            rain=tuple(r for r in self.rain if r.time <= now),
            online=tuple(r for r in self.online if r.time <= now),
        )
