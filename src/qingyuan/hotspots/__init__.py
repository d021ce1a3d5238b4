"""Mobile surveys (走航热点).

Room: what a fleet of sensing taxis says about the roads: matching, calibration, dust hot spots.
Knows: road graphs, fixes and why some are rejected, vehicles and their gains, passes, segments.
Never knows: databases, users, cases, today's date.
Sources: docs/en/hotspots.md; Newson & Krumm 2009, Apte et al. 2017, Messier et al. 2018.
"""

from __future__ import annotations

from qingyuan.hotspots.answer import answer_of
from qingyuan.hotspots.calibration import Calibration, Stations, calibrate, minutes_of
from qingyuan.hotspots.classes import CLASSES, RoadClasses, read_road_classes
from qingyuan.hotspots.faults import FAULTS, Fault, find_faults
from qingyuan.hotspots.field import Field
from qingyuan.hotspots.files import (
    read_points,
    read_roads,
    read_sites,
    read_stations,
    read_streets,
)
from qingyuan.hotspots.fixes import REASONS, Fixes, check_fixes, noise_of, rejected_counts
from qingyuan.hotspots.lines import Line, lines_of
from qingyuan.hotspots.matching import Matched, Matcher, matcher_of
from qingyuan.hotspots.network import (
    Network,
    Repair,
    edge_columns,
    network_of,
    read_network,
    write_edges,
)
from qingyuan.hotspots.plane import Plane, plane_of
from qingyuan.hotspots.ranking import (
    DistrictScore,
    Month,
    Transfer,
    district_scores,
    month_of,
    transfers_of,
)
from qingyuan.hotspots.roads import RoadGraph, graph_of
from qingyuan.hotspots.segments import Passes, Segments, passes_of, segments_of
from qingyuan.hotspots.sites import Sites, Suspect, probable_sources, suspects
from qingyuan.hotspots.spots import Spot, find_spots
from qingyuan.hotspots.streaming import StreamMatcher
from qingyuan.hotspots.survey import Survey, survey

__all__ = [
    "CLASSES",
    "FAULTS",
    "REASONS",
    "Calibration",
    "DistrictScore",
    "Fault",
    "Field",
    "Fixes",
    "Line",
    "Matched",
    "Matcher",
    "Month",
    "Network",
    "Passes",
    "Plane",
    "Repair",
    "RoadClasses",
    "RoadGraph",
    "Segments",
    "Sites",
    "Spot",
    "Stations",
    "StreamMatcher",
    "Survey",
    "Suspect",
    "Transfer",
    "answer_of",
    "calibrate",
    "check_fixes",
    "district_scores",
    "edge_columns",
    "find_faults",
    "find_spots",
    "graph_of",
    "lines_of",
    "matcher_of",
    "minutes_of",
    "month_of",
    "network_of",
    "noise_of",
    "passes_of",
    "plane_of",
    "probable_sources",
    "read_network",
    "read_points",
    "read_road_classes",
    "read_roads",
    "read_sites",
    "read_stations",
    "read_streets",
    "rejected_counts",
    "segments_of",
    "survey",
    "suspects",
    "transfers_of",
    "write_edges",
]
