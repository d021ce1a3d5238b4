"""Questions about surveys; what a person may see comes first."""

from qingyuan.web.surveys.selectors.loop import home, ledger, marks
from qingyuan.web.surveys.selectors.month import (
    RoadRow,
    month_rows,
    months,
    scores_of,
    span_rows,
    transfers,
)
from qingyuan.web.surveys.selectors.roads import (
    RoadFigure,
    road_days,
    road_figures,
    road_frames,
    roads_geojson,
    spots_geojson,
    stretches,
)
from qingyuan.web.surveys.selectors.sites import Site, Suspects, suspects_of
from qingyuan.web.surveys.selectors.spots import (
    BeforeAfter,
    before_after,
    newest_findings,
    pass_chart,
    spots,
)
from qingyuan.web.surveys.selectors.vehicles import (
    Health,
    health,
    reasons_in_words,
    refusals,
    vehicle_days,
)

__all__ = [
    "BeforeAfter",
    "Health",
    "RoadFigure",
    "RoadRow",
    "Site",
    "Suspects",
    "before_after",
    "health",
    "home",
    "ledger",
    "marks",
    "month_rows",
    "months",
    "newest_findings",
    "pass_chart",
    "reasons_in_words",
    "refusals",
    "road_days",
    "road_figures",
    "road_frames",
    "roads_geojson",
    "scores_of",
    "span_rows",
    "spots",
    "spots_geojson",
    "stretches",
    "suspects_of",
    "transfers",
    "vehicle_days",
]
