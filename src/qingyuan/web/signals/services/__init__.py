"""The deeds of signals: observe, clear, acknowledge, call false, silence, report, open a case."""

from qingyuan.web.signals.services.case import to_case
from qingyuan.web.signals.services.finding import Finding
from qingyuan.web.signals.services.judge import (
    acknowledge,
    end_silence,
    link_case,
    mark_false,
    report,
    silence,
)
from qingyuan.web.signals.services.observe import Observed, clear, clear_matching, observe

__all__ = [
    "Finding",
    "Observed",
    "acknowledge",
    "clear",
    "clear_matching",
    "end_silence",
    "link_case",
    "mark_false",
    "observe",
    "report",
    "silence",
    "to_case",
]
