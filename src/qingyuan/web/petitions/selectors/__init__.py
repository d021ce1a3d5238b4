"""Questions about petitions; what a person may see comes first."""

from qingyuan.web.petitions.selectors.figures import GROUP_LABELS, figures_by, figures_of
from qingyuan.web.petitions.selectors.ledger import (
    TABS,
    category_label,
    in_tab,
    narrowed,
    petitions,
    rows,
    waiting,
    waiting_at,
)
from qingyuan.web.petitions.selectors.nearby import candidates, open_in_cell
from qingyuan.web.petitions.selectors.page import given_fields, package_view, petition_page
from qingyuan.web.petitions.selectors.registers import (
    backlog,
    escalations,
    key_cases,
    leaders,
    packages,
    stability_counts,
    targets,
)
from qingyuan.web.petitions.selectors.settings import (
    channel_label,
    channels,
    parameter,
    parameters,
)
from qingyuan.web.petitions.selectors.words import phases, truth_label

__all__ = [
    "GROUP_LABELS",
    "TABS",
    "backlog",
    "candidates",
    "category_label",
    "channel_label",
    "channels",
    "escalations",
    "figures_by",
    "figures_of",
    "given_fields",
    "in_tab",
    "key_cases",
    "leaders",
    "narrowed",
    "open_in_cell",
    "package_view",
    "packages",
    "parameter",
    "parameters",
    "petition_page",
    "petitions",
    "phases",
    "rows",
    "stability_counts",
    "targets",
    "truth_label",
    "waiting",
    "waiting_at",
]
