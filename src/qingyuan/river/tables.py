"""The tables of the event folder (表结构): columns, kinds and which of them must be there."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from qingyuan.river.event import (
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

__all__ = [
    "BOOL",
    "DEFAULTS",
    "FIELD",
    "NEEDED",
    "NUM",
    "TABLES",
    "TEXT",
    "TIME",
    "TIMED_OUT",
    "Column",
]

# table file → (row type, columns as (name in file, kind, required)); the order is that of the row
TEXT, NUM, TIME, BOOL = "text", "number", "time", "flag"
Column = tuple[str, str, bool]
TABLES: dict[str, tuple[Callable[..., Any], tuple[Column, ...]]] = {
    "reaches": (
        Reach,
        (
            ("reach_id", TEXT, True),
            ("to_reach_id", TEXT, False),
            ("length_m", NUM, True),
            ("slope", NUM, True),
            ("manning_n", NUM, True),
            ("bottom_width_m", NUM, True),
            ("side_slope", NUM, True),
            ("flow_m3_s", NUM, True),
            ("flow_rel_sd", NUM, False),
            ("kind", TEXT, False),
        ),
    ),
    "flow": (
        FlowReading,
        (
            ("reach_id", TEXT, True),
            ("time", TIME, True),
            ("flow_m3_s", NUM, False),
            ("flag", TEXT, False),
        ),
    ),
    "rain": (RainReading, (("time", TIME, True), ("mm", NUM, True))),
    "sections": (
        Section,
        (
            ("section_id", TEXT, True),
            ("reach_id", TEXT, True),
            ("position_m", NUM, True),
            ("kind", TEXT, False),
            ("interval_min", NUM, False),
            ("target_class", TEXT, False),
        ),
    ),
    "readings": (
        Reading,
        (
            ("section_id", TEXT, True),
            ("time", TIME, True),
            ("factor", TEXT, True),
            ("value", NUM, False),
            ("flag", TEXT, False),
        ),
    ),
    "outfalls": (
        Outfall,
        (
            ("outfall_id", TEXT, True),
            ("reach_id", TEXT, True),
            ("position_m", NUM, True),
            ("class", TEXT, False),
            ("trade", TEXT, False),
            ("permitted_m3_d", NUM, False),
            ("max_flow_m3_s", NUM, False),
            ("prior_weight", NUM, False),
            ("online", BOOL, False),
        ),
    ),
    "profiles": (
        ProfileRow,
        (
            ("outfall_id", TEXT, True),
            ("factor", TEXT, True),
            ("n", NUM, True),
            ("ln_mean", NUM, True),
            ("ln_sd", NUM, False),
        ),
    ),
    "online": (
        MonitorReading,
        (
            ("outfall_id", TEXT, True),
            ("time", TIME, True),
            ("quantity", TEXT, True),
            ("value", NUM, False),
            ("flag", TEXT, False),
        ),
    ),
    "samples": (
        Sample,
        (
            ("reach_id", TEXT, True),
            ("position_m", NUM, True),
            ("time", TIME, True),
            ("factor", TEXT, True),
            ("value", NUM, False),
        ),
    ),
}
NEEDED = ("reaches", "sections", "readings", "outfalls")
DEFAULTS: dict[str, dict[str, Any]] = {
    "reaches": {"kind": "river"},
    "outfalls": {"prior_weight": 1.0},
    "sections": {"kind": "auto"},
}
FIELD = {"flow": "flows"}  # the table's name on `Event` where it differs from the file's
TIMED_OUT = ("readings", "flow", "rain", "online")  # nothing later than now is kept
