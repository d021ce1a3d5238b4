"""River tracing (河网溯源).

Room: the directed river network and the search for what could have caused a reading.
Knows: nodes, reaches, travel time, signatures, candidate ranking, how sure it is.
Never knows: databases, users, cases, today's date.
Sources: the documents named in docs/zh/reference/sources.md, river section.
"""

from __future__ import annotations

from qingyuan.river.answer import Candidate, Evidence, NextSample, Pair, Span, Trace
from qingyuan.river.event import (
    Alarm,
    Event,
    EventFactor,
    FlowReading,
    MonitorReading,
    Outfall,
    ProfileRow,
    RainReading,
    Reach,
    Reading,
    Sample,
    Section,
)
from qingyuan.river.folder import read_event
from qingyuan.river.network import Network, Point, network_of
from qingyuan.river.render import event_digest, render_event, write_event
from qingyuan.river.tracing import trace

__all__ = [
    "Alarm",
    "Candidate",
    "Event",
    "EventFactor",
    "Evidence",
    "FlowReading",
    "MonitorReading",
    "Network",
    "NextSample",
    "Outfall",
    "Pair",
    "Point",
    "ProfileRow",
    "RainReading",
    "Reach",
    "Reading",
    "Sample",
    "Section",
    "Span",
    "Trace",
    "event_digest",
    "network_of",
    "read_event",
    "render_event",
    "trace",
    "write_event",
]
