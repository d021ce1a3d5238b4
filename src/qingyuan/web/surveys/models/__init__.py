"""What is remembered of surveys (走航)."""

from qingyuan.web.surveys.models.fleet import FixFile, Mounting
from qingyuan.web.surveys.models.loop import Recheck, SpotSlip
from qingyuan.web.surveys.models.roads import Override, RoadNetwork, Stretch, StretchDay
from qingyuan.web.surveys.models.runs import Finding, HotSpot, SpotPass, SurveyRun, VehicleDay

__all__ = [
    "Finding",
    "FixFile",
    "HotSpot",
    "Mounting",
    "Override",
    "Recheck",
    "RoadNetwork",
    "SpotPass",
    "SpotSlip",
    "Stretch",
    "StretchDay",
    "SurveyRun",
    "VehicleDay",
]
