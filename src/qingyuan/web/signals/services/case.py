"""Open a case from a signal (转案件)."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from qingyuan.core.problems import Problem
from qingyuan.web.accounts.models import User
from qingyuan.web.cases.models import Case
from qingyuan.web.cases.services import Origin, open_case
from qingyuan.web.registry.models import Outfall
from qingyuan.web.signals.models import Signal
from qingyuan.web.signals.services.judge import link_case
from qingyuan.web.signals.services.tell import MATTERS, title_of

__all__ = ["to_case"]

_PROCEDURE = "exceedance"


@transaction.atomic
def to_case(signal: Signal, *, by: User, at: datetime, procedure: str = _PROCEDURE) -> Case:
    """Open a case that cites the signal, and point the signal at it; both or neither.

    Raises
    ------
    Problem
        ``signals.has_case``, ``signals.is_false``, ``signals.no_district``; and what opening a
        case may raise.
    """
    row = Signal.objects.select_for_update().get(pk=signal.pk)
    if row.case_ref:
        raise Problem("signals.has_case", case=row.case_number)
    if row.is_false:
        raise Problem("signals.is_false")
    if not row.district_code:
        raise Problem("signals.no_district", station=row.station)
    title = title_of(row, english=False)
    outfall = row.object_code if row.object_kind == "outfall" else ""
    owner = Outfall.objects.filter(code=outfall).values_list("enterprise_id", flat=True).first()
    case = open_case(
        procedure=procedure,
        title=title,
        matter=MATTERS[row.object_kind],
        district_code=row.district_code,
        origin=Origin("signal", row.ref, title),
        enterprise_id=owner if outfall else None,
        by=by,
        at=at,
        summary=_summary(row),
        section_code=row.object_code if row.object_kind == "section" else "",
        outfall_code=outfall,
        level=row.level,
    )
    link_case(row, case_ref=case.ref, by=by, at=at)
    return case


def _summary(signal: Signal) -> str:
    parts = [
        signal.note,
        f"最不利数值 {signal.value_text} {signal.unit}".strip() if signal.value_text else "",
        f"限值 {signal.limit_text}" if signal.limit_text else "",
        f"依据 {signal.clause}" if signal.clause else "",
        f"共 {signal.count} 次",
    ]
    return "；".join(part.rstrip("。") for part in parts if part) + "。"
