"""Begin a new round under the same number (返回、不满意重办、反弹重启)."""

from __future__ import annotations

from collections.abc import Mapping

from qingyuan.web.cases.effects.assign import end_parts, release_responsible
from qingyuan.web.cases.effects.context import Doing

__all__ = ["new_round"]


def new_round(doing: Doing, params: Mapping[str, str]) -> None:
    """Count one round more and release every unit; earlier rounds stay readable."""
    release_responsible(doing, params)
    end_parts(doing)
    doing.case.round += 1
    doing.case.truth = doing.case.progress = ""
