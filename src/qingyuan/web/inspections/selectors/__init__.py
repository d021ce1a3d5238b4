"""Questions about inspections; what a person may see comes first."""

from qingyuan.web.inspections.selectors.home import home
from qingyuan.web.inspections.selectors.marks import marks
from qingyuan.web.inspections.selectors.public import PUBLIC_COLUMNS, PublicRow, public_rows
from qingyuan.web.inspections.selectors.rounds import (
    Comparison,
    Rate,
    Totals,
    batch_as_registered,
    compared,
    counters,
    items,
    plain_number,
    totals,
)

__all__ = [
    "PUBLIC_COLUMNS",
    "Comparison",
    "PublicRow",
    "Rate",
    "Totals",
    "batch_as_registered",
    "compared",
    "counters",
    "home",
    "items",
    "marks",
    "plain_number",
    "public_rows",
    "totals",
]
