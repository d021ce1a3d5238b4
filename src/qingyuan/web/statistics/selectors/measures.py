"""The definitions in SQL over the facts (口径): which rows lie over the fraction, among, and beside.

One line per name of `casework.statistics.definitions`; text, traps and units stand there.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

__all__ = ["MEASURES", "Measure", "sides"]


@dataclass(frozen=True, slots=True)
class Measure:
    """Conditions on a fact: over the fraction, among it, its parts; a length measures a column."""

    over: str
    among: str
    parts: Mapping[str, str] = field(default_factory=dict)
    length: str = ""


def _length(column: str) -> Measure:
    return Measure(f"{column} IS NOT NULL", f"{column} IS NOT NULL", length=column)


_OVERDUE = "closed_at IS NULL AND due_at <= %(at)s"
_TIMED = f"(due_at IS NOT NULL AND (closed_at IS NOT NULL OR ({_OVERDUE})))"
_UNASKED = "(complaint AND satisfaction = '')"
_FOUND = "truth IN ('proven', 'mostly', 'partly')"

MEASURES: Mapping[str, Measure] = {
    "closing_rate": Measure("done", "true", {"staged": "staged"}),
    "closing_rate_staged": Measure("(done OR staged)", "true", {"done": "done", "staged": "staged"}),
    "closing_rate_due": Measure("(due_at <= %(at)s AND done)", "due_at <= %(at)s"),
    "on_time_rate": Measure(
        "closed_at < due_at", _TIMED, {"overdue": _OVERDUE, "extended": f"({_TIMED} AND extensions > 0)"},
    ),
    "receipt_rate": Measure(
        "(assigned_at IS NOT NULL AND signed_at IS NOT NULL AND (sign_by IS NULL OR signed_at < sign_by))",
        "assigned_at IS NOT NULL",
        {"waiting": "(assigned_at IS NOT NULL AND signed_at IS NULL AND sign_by > %(at)s)"},
    ),
    "return_rate": Measure("returns > 0", "(assigned_at IS NOT NULL OR returns > 0)"),
    "truth_rate": Measure(
        _FOUND, "truth <> ''", {w: f"truth = '{w}'" for w in ("proven", "mostly", "partly", "unproven")},
    ),
    "satisfaction_rate": Measure(
        "satisfaction = 'satisfied'", "satisfaction IN ('satisfied', 'basically', 'unsatisfied')",
        {
            **{w: f"satisfaction = '{w}'" for w in ("satisfied", "basically", "unsatisfied", "unreachable")},
            "waiting": _UNASKED,
        },
    ),
    "solved_rate": Measure(
        "solved", "solved IS NOT NULL",
        {"unsolved": "NOT solved", "unreachable": "satisfaction = 'unreachable'", "waiting": _UNASKED},
    ),
    "repeat_rate": Measure(
        "(placed AND (again OR reports > 1))", "placed",
        {"unplaced": "(complaint AND NOT placed)", "merged": "(placed AND reports > 1)"},
    ),
    "once_rate": Measure(
        "(closed_at IS NOT NULL AND round = 1)", "closed_at IS NOT NULL",
        {"again": "(closed_at IS NOT NULL AND round > 1)"},
    ),
    "handling_days": _length("handling_days"),
    "strike_off_rate": Measure("(listed AND struck)", "listed", {"rebound": "(listed AND round > 1)"}),
    "immediate_rate": Measure("(immediate AND done)", "immediate"),
    "receipt_hours": _length("receipt_hours"),
    "first_action_hours": _length("first_action_hours"),
    "dwell_discover": _length("dwell_discover"),
    "dwell_handle": _length("dwell_handle"),
    "dwell_feedback": _length("dwell_feedback"),
    "check_list": Measure("listed", "true"),
    "check_duty": Measure("(named AND due_at IS NOT NULL)", "true", {"nobody": "NOT named"}),
    "check_strike": Measure("(struck AND evidence)", "struck"),
}  # fmt: skip
"""What can be counted from cases and call-backs; the rest (受理、见面) belongs to the families."""


def sides(name: str) -> dict[str, str]:
    """Return the conditions of a measure by side: ``over``, ``among`` and its parts."""
    one = MEASURES[name]
    return {"over": one.over, "among": one.among, **one.parts}
