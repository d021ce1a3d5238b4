"""Questions about dust sources; who is looking comes first."""

from qingyuan.web.dust.selectors.duties import (
    Routing,
    duties,
    duty_changes,
    lead_department,
    routing,
)
from qingyuan.web.dust.selectors.home import home
from qingyuan.web.dust.selectors.leads import (
    LEAD_FILTERS,
    lead_counts,
    lead_of,
    leads,
    leads_geojson,
    leads_narrowed,
)
from qingyuan.web.dust.selectors.marks import marks
from qingyuan.web.dust.selectors.matching import Match, earlier_of, match_of
from qingyuan.web.dust.selectors.near import (
    SiteNear,
    in_force,
    sites_near,
)
from qingyuan.web.dust.selectors.register import (
    FILTERS,
    cases_of,
    counts,
    district_counts,
    history,
    measures_now,
    narrowed,
    record_of,
    records,
    seat_of,
    seats,
    sites_geojson,
)
from qingyuan.web.dust.selectors.rounds import (
    goes_on,
    round_lines,
    rounds,
    visit_rows,
    visits,
)

__all__ = [
    "FILTERS",
    "LEAD_FILTERS",
    "Match",
    "Routing",
    "SiteNear",
    "cases_of",
    "counts",
    "district_counts",
    "duties",
    "duty_changes",
    "earlier_of",
    "goes_on",
    "history",
    "home",
    "in_force",
    "lead_counts",
    "lead_department",
    "lead_of",
    "leads",
    "leads_geojson",
    "leads_narrowed",
    "marks",
    "match_of",
    "measures_now",
    "narrowed",
    "record_of",
    "records",
    "round_lines",
    "rounds",
    "routing",
    "seat_of",
    "seats",
    "sites_geojson",
    "sites_near",
    "visit_rows",
    "visits",
]
