"""Questions about outfalls; who is looking comes first."""

from qingyuan.web.outfalls.models import RECORD_FIELDS
from qingyuan.web.outfalls.selectors.coverage import Coverage, coverage
from qingyuan.web.outfalls.selectors.records import (
    FILTERS,
    current,
    dischargers,
    history,
    limits,
    narrowed,
    public_sign,
    samples,
    valid_sign,
)

__all__ = [
    "FILTERS",
    "RECORD_FIELDS",
    "Coverage",
    "coverage",
    "current",
    "dischargers",
    "history",
    "limits",
    "narrowed",
    "public_sign",
    "samples",
    "valid_sign",
]
