"""Begin a new round under the same number (返回、不满意重办、反弹重启)."""

from __future__ import annotations

from collections.abc import Mapping

from qingyuan.web.cases.effects.assign import end_parts, release_responsible
from qingyuan.web.cases.effects.context import Doing

__all__ = ["new_round"]


def new_round(doing: Doing, params: Mapping[str, str]) -> None:
    """Count one round more and release who was responsible; earlier rounds stay readable.

    With ``keep = "lead"`` the responsible unit and person stay: a redo goes back to who did it.
    """
    case = doing.case
    keep = params.get("keep") == "lead" and case.unit is not None
    unit, person = case.unit, case.person
    release_responsible(doing, params)
    end_parts(doing)
    case.round += 1
    case.truth = case.progress = ""
    if keep and unit and person:
        case.parts.create(
            round=case.round,
            role="lead",
            unit=unit,
            person=person,
            given_by=str(doing.by),
            given_at=doing.at,
            reason=doing.why,
        )
        case.unit, case.person, case.assigned_at = unit, person, doing.at
