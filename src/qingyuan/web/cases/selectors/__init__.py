"""Questions about cases; what a person may see comes first."""

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
from qingyuan.web.cases.selectors.facts import actor_of, facts_of
from qingyuan.web.cases.selectors.ledger import (
    SORTS,
    LedgerRow,
    cases,
    counts_by_ledger,
    in_tab,
    narrowed,
    rows,
    sorted_by,
    totals,
    waiting_for,
)
from qingyuan.web.cases.selectors.numbers import PeriodCase, by_phase, case_lines, day_counts
from qingyuan.web.cases.selectors.page import CasePage, ClockView, TimelineRow, case_page
from qingyuan.web.cases.selectors.turn import my_turn, next_roles

__all__ = [
    "SORTS",
    "CasePage",
    "ClockView",
    "EnterprisePage",
    "EnterpriseRow",
    "EnterpriseStep",
    "LedgerRow",
    "PeriodCase",
    "TimelineRow",
    "actor_of",
    "by_phase",
    "case_lines",
    "case_page",
    "cases",
    "counts_by_ledger",
    "day_counts",
    "enterprise_cases",
    "enterprise_page",
    "enterprise_rows",
    "enterprise_state",
    "facts_of",
    "in_tab",
    "my_turn",
    "narrowed",
    "next_roles",
    "rows",
    "sorted_by",
    "totals",
    "waiting_for",
    "waiting_for_enterprise",
]
