"""What was found, and how far it is handled (属实情况、办理进度、立行立改)."""

from __future__ import annotations

from collections.abc import Mapping

from qingyuan.web.cases.effects.context import Doing

__all__ = ["mark_immediate", "record_finding"]


def record_finding(doing: Doing, params: Mapping[str, str]) -> None:
    """Write the truth finding and the progress; a field left empty keeps what was known."""
    doing.case.truth = doing.text("truth") or doing.case.truth
    doing.case.progress = doing.text("progress") or doing.case.progress


def mark_immediate(doing: Doing, params: Mapping[str, str]) -> None:
    """Mark the case as rectified at once (立行立改), or not when the field ``immediate`` says no."""
    doing.case.immediate = doing.data.get("immediate", True) is not False
