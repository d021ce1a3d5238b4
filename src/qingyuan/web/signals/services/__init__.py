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
from qingyuan.web.signals.services.observing import (
    Observed,
    clear,
    clear_matching,
    lock_ahead,
    observe,
)
from qingyuan.web.signals.services.tell import tell_of_many_silent

__all__ = [
    "Finding",
    "Observed",
    "acknowledge",
    "clear",
    "clear_matching",
    "end_silence",
    "link_case",
    "lock_ahead",
    "mark_false",
    "observe",
    "report",
    "silence",
    "tell_of_many_silent",
    "to_case",
]
