"""Virtual city (虚拟城市).

Room: a seeded world: land and people, water that moves, stations that speak HJ 212, hidden culprits.
Knows: the truth it made, and its own numerical model of rivers and air.
Never knows: the tracer's formulas, the platform, its database, who is signed in.
Sources: GB/T 4754-2017, GB 32100-2015, HJ 212-2017; docs/zh/reference/sources.md, synthetic city.
"""

from qingyuan.synth.bulk import history
from qingyuan.synth.culprits import Incident, incidents, suspects
from qingyuan.synth.releases import Release
from qingyuan.synth.stations import Fleet
from qingyuan.synth.tampering import Drift, Tampering, drifting_station, falsifiers
from qingyuan.synth.world import World

__all__ = [
    "Drift",
    "Fleet",
    "Incident",
    "Release",
    "Tampering",
    "World",
    "drifting_station",
    "falsifiers",
    "history",
    "incidents",
    "suspects",
]
