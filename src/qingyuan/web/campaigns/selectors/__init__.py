"""Questions about campaigns; what a person may see comes first."""

from qingyuan.web.campaigns.selectors.choosing import Difference, Wanted, chosen, difference
from qingyuan.web.campaigns.selectors.deadlines import Missing, missing, plan_due, report_due, weeks
from qingyuan.web.campaigns.selectors.figures import Figures, Line, figures, frozen
from qingyuan.web.campaigns.selectors.groups import know_groups, standing_groups
from qingyuan.web.campaigns.selectors.home import home
from qingyuan.web.campaigns.selectors.sight import (
    KEEPERS,
    campaigns,
    cases_of,
    may_keep,
    sub_plans,
    targets,
    teams,
    visits,
)

__all__ = [
    "KEEPERS",
    "Difference",
    "Figures",
    "Line",
    "Missing",
    "Wanted",
    "campaigns",
    "cases_of",
    "chosen",
    "difference",
    "figures",
    "frozen",
    "home",
    "know_groups",
    "may_keep",
    "missing",
    "plan_due",
    "report_due",
    "standing_groups",
    "sub_plans",
    "targets",
    "teams",
    "visits",
    "weeks",
]
