"""The deeds of signals: observe, clear, acknowledge, call false, silence, report, open a case."""

from qingyuan.web.signals.services.case import to_case
from qingyuan.web.signals.services.finding import Finding
from qingyuan.web.signals.services.integrity import (
    begin_night,
    inspect_station,
    know_manual_samples,
    know_stops,
    record_doubt,
)
from qingyuan.web.signals.services.judge import (
    acknowledge,
    end_silence,
    link_case,
    mark_false,
    report,
    rule_out,
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
    "begin_night",
    "clear",
    "clear_matching",
    "end_silence",
    "inspect_station",
    "know_manual_samples",
    "know_stops",
    "link_case",
    "lock_ahead",
    "mark_false",
    "observe",
    "record_doubt",
    "report",
    "rule_out",
    "silence",
    "tell_of_many_silent",
    "to_case",
]
