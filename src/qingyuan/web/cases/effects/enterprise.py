"""Name the enterprise a case concerns (关联企业)."""

from __future__ import annotations

from collections.abc import Mapping

from qingyuan.core.problems import Problem
from qingyuan.web.cases.effects.context import Doing
from qingyuan.web.registry.models import Enterprise

__all__ = ["link_enterprise"]


def link_enterprise(doing: Doing, params: Mapping[str, str]) -> None:
    """Point the case at the enterprise that was found; it sees nothing before the push."""
    code = str(doing.data["enterprise"])
    found = Enterprise.objects.filter(code=code).first()
    if found is None:
        raise Problem("cases.enterprise_not_found", given=code)
    if doing.case.enterprise_id != code:
        doing.case.pushed_at = None  # what was pushed before was for another enterprise
    doing.case.enterprise = found
