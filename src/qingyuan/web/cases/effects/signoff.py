"""Sign, or let the chain start over (审签)."""

from __future__ import annotations

from collections.abc import Mapping

from django.db.models import QuerySet

from qingyuan.web.cases.effects.context import Doing
from qingyuan.web.cases.models import SignOff

__all__ = ["clear_signoffs", "record_signoff"]


def _standing(doing: Doing) -> QuerySet[SignOff]:
    return SignOff.objects.filter(case=doing.case, round=doing.case.round, cleared_at=None)


def record_signoff(doing: Doing, params: Mapping[str, str]) -> None:
    """Write the signature on the next step of the chain."""
    chain = doing.case.rules.deeds[doing.step.deed].chain or ""
    SignOff.objects.create(
        case=doing.case,
        round=doing.case.round,
        chain=chain,
        step=_standing(doing).filter(chain=chain).count(),
        signer=doing.by,
        at=doing.at,
        opinion=doing.why,
    )


def clear_signoffs(doing: Doing, params: Mapping[str, str]) -> None:
    """Mark the signatures so far as void; they stay readable."""
    _standing(doing).update(cleared_at=doing.at)
