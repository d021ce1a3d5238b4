"""River tracing (河网溯源).

Room: the directed river network and the search for what could have caused a reading.
Knows: nodes, reaches, travel time, signatures, candidate ranking, how sure it is.
Never knows: databases, users, cases, today's date.
Sources: the documents named in docs/zh/reference/sources.md, river section.
"""

from __future__ import annotations

from qingyuan.river.answer import Candidate, Evidence, NextSample, Pair, Span, Trace
from qingyuan.river.curves import fitted_curves, plume
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
from qingyuan.river.explain import compare, explain_outfall
from qingyuan.river.folder import read_event
from qingyuan.river.network import Network, Point, network_of
from qingyuan.river.render import event_digest, render_event, write_event
from qingyuan.river.sample import Sampling
from qingyuan.river.tracing import Inquiry, investigate, sampling_round, trace

__all__ = [
    "Alarm",
    "Candidate",
    "Event",
    "EventFactor",
    "Evidence",
    "FlowReading",
    "Inquiry",
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
    "Sampling",
    "Section",
    "Span",
    "Trace",
    "compare",
    "event_digest",
    "explain_outfall",
    "fitted_curves",
    "investigate",
    "network_of",
    "plume",
    "read_event",
    "render_event",
    "sampling_round",
    "trace",
    "write_event",
]
