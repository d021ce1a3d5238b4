"""Ask for more time, and settle what was asked (延期)."""

from __future__ import annotations

from collections.abc import Mapping

from qingyuan.web.cases.effects.context import Doing
from qingyuan.web.cases.models import ExtensionRequest

__all__ = ["ask_extension", "settle_extension"]


def ask_extension(doing: Doing, params: Mapping[str, str]) -> None:
    """Write down that more time was asked for, and for which clock."""
    ExtensionRequest.objects.create(
        case=doing.case,
        clock=params["clock"],
        amount=int(str(doing.data["extend_days"])),
        reason=doing.why,
        asked_by=str(doing.by),
        asked_at=doing.at,
    )


def settle_extension(doing: Doing, params: Mapping[str, str]) -> None:
    """Close what was asked; whether it was granted shows on the clock."""
    ExtensionRequest.objects.filter(case=doing.case, settled_at=None).update(
        settled_by=str(doing.by), settled_at=doing.at
    )
