"""Whom the responsibility matrix names (责任矩阵)."""

from __future__ import annotations

from datetime import datetime

from qingyuan.core.problems import Problem
from qingyuan.web.cases.models import Case
from qingyuan.web.registry import selectors as registry
from qingyuan.web.registry.models import Responsibility

__all__ = ["matrix_assignment", "matrix_row"]


def matrix_row(district_code: str, matter: str, *, at: datetime) -> Responsibility | None:
    """Return the matrix's row for a district and matter, or None when nobody is named.

    A matter without a row of its own falls to whoever answers for the district's sources.
    """
    for name in (matter, "source"):
        try:
            return registry.responsibility_for(district_code, name, at=at)
        except Problem:
            continue
    return None


def matrix_assignment(case: Case, *, at: datetime) -> dict[str, str]:
    """Return ``unit`` and ``person`` for the assign deed; empty when the matrix has no row."""
    row = matrix_row(case.district_id, case.matter, at=at)
    return {"unit": row.unit.code, "person": row.user.username} if row else {}
