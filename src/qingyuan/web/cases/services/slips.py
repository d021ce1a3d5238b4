"""Open a supervision slip when a ladder comes to it (超期督办单): a case of its own, linked."""

from __future__ import annotations

from datetime import datetime

from qingyuan.web.cases.models import Case, CaseClock, CaseLink
from qingyuan.web.cases.models.case import in_language
from qingyuan.web.cases.services.links import link
from qingyuan.web.cases.services.open import Origin, open_case

__all__ = ["open_slip"]

SLIP = "supervise_slip"


def open_slip(case: Case, clock: CaseClock, at: datetime) -> None:
    """Draft a slip about an overdue case; nothing while one about it is open.

    Only the number is said: what a case is about is read there, by who may.
    """
    standing = CaseLink.objects.filter(
        other=case, kind=CaseLink.Kind.SAME_SOURCE, case__procedure__name=SLIP, case__closed_at=None
    )
    if standing.exists() or case.procedure.name == SLIP:
        return
    rule = case.rules.clocks[clock.name]
    slip = open_case(
        procedure=SLIP,
        title=f"督办 {case.number} {rule.label.zh}超期",
        matter=case.matter,
        district_code=case.district_id,
        origin=Origin("overdue", case.ref, f"{case.number} {in_language(rule.label)}"),
        enterprise_id=None,
        by=None,
        at=at,
        form={
            "source": "overdue",
            "about": case.number,
            "demand": f"{rule.label.zh}已超期，请查明原因，限期办结并反馈。",
        },
    )
    link(case=slip, other=case, kind=CaseLink.Kind.SAME_SOURCE, by=None, at=at, reason="超期督办")
