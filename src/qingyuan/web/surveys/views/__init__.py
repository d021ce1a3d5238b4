"""Pages of surveys."""

from qingyuan.web.surveys.views.data import network, run_again, runs, upload
from qingyuan.web.surveys.views.fleet import vehicle, vehicles
from qingyuan.web.surveys.views.roads import (
    hours,
    name_stretch,
    ranking,
    road_map,
    roads,
    spot_layer,
    withdraw_naming,
)
from qingyuan.web.surveys.views.spots import card, hotspot, hotspots, issue, slip_paper, slips

__all__ = [
    "card",
    "hotspot",
    "hotspots",
    "hours",
    "issue",
    "name_stretch",
    "network",
    "ranking",
    "road_map",
    "roads",
    "run_again",
    "runs",
    "slip_paper",
    "slips",
    "spot_layer",
    "upload",
    "vehicle",
    "vehicles",
    "withdraw_naming",
]
