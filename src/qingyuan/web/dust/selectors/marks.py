"""What dust says of a case, for the guards of its procedure (条件)."""

from __future__ import annotations

from qingyuan.web.cases.models import Case, CasePart

__all__ = ["marks"]


def marks(case: Case) -> frozenset[str]:
    """Return ``dust_co_reported`` when no unit taking part still owes its report."""
    if case.procedure.name != "dust_site":
        return frozenset()
    owing = case.parts.filter(round=case.round, role=CasePart.Role.CO, ended_at=None).exclude(
        state=CasePart.State.REPORTED
    )
    return frozenset() if owing.exists() else frozenset({"dust_co_reported"})
