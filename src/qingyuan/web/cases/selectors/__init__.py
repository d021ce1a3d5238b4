"""Questions about cases; what a person may see comes first."""

from qingyuan.web.cases.selectors.clocks import ClockView, clock_views
from qingyuan.web.cases.selectors.desk import Desk, desk
from qingyuan.web.cases.selectors.enterprise import (
    EnterprisePage,
    EnterpriseRow,
    EnterpriseStep,
    enterprise_cases,
    enterprise_page,
    enterprise_rows,
    enterprise_state,
    waiting_for_enterprise,
)
from qingyuan.web.cases.selectors.facts import actor_of, facts_of, know_marks, marks_of
from qingyuan.web.cases.selectors.filters import (
    FILTERS,
    SOON_DAYS,
    Filter,
    know_filter,
    narrowed,
    spoken,
    wanted_of,
)
from qingyuan.web.cases.selectors.ledger import (
    SORTS,
    LedgerRow,
    Sums,
    cases,
    counts_by_ledger,
    in_tab,
    rows,
    sorted_by,
    sums,
    totals,
    waiting_for,
)
from qingyuan.web.cases.selectors.links import LinkedCase, RollUp, know_face, linked_cases, roll_up
from qingyuan.web.cases.selectors.numbers import PeriodCase, by_phase, case_lines, day_counts
from qingyuan.web.cases.selectors.page import CasePage, case_page, changes_since, know_home
from qingyuan.web.cases.selectors.sources import by_source
from qingyuan.web.cases.selectors.timeline import TimelineRow
from qingyuan.web.cases.selectors.turn import my_turn, next_roles
from qingyuan.web.cases.selectors.workdays import (
    ClockMove,
    Preview,
    calendar,
    calendar_with,
    changes,
    preview,
)

__all__ = [
    "FILTERS",
    "SOON_DAYS",
    "SORTS",
    "CasePage",
    "ClockMove",
    "ClockView",
    "Desk",
    "EnterprisePage",
    "EnterpriseRow",
    "EnterpriseStep",
    "Filter",
    "LedgerRow",
    "LinkedCase",
    "PeriodCase",
    "Preview",
    "RollUp",
    "Sums",
    "TimelineRow",
    "actor_of",
    "by_phase",
    "by_source",
    "calendar",
    "calendar_with",
    "case_lines",
    "case_page",
    "cases",
    "changes",
    "changes_since",
    "clock_views",
    "counts_by_ledger",
    "day_counts",
    "desk",
    "enterprise_cases",
    "enterprise_page",
    "enterprise_rows",
    "enterprise_state",
    "facts_of",
    "in_tab",
    "know_face",
    "know_filter",
    "know_home",
    "know_marks",
    "linked_cases",
    "marks_of",
    "my_turn",
    "narrowed",
    "next_roles",
    "preview",
    "roll_up",
    "rows",
    "sorted_by",
    "spoken",
    "sums",
    "totals",
    "waiting_for",
    "waiting_for_enterprise",
    "wanted_of",
]
