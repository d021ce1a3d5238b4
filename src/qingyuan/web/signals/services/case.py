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
def to_case(
    signal: Signal,
    *,
    by: User,
    at: datetime,
    procedure: str = _PROCEDURE,
    suspect: str = "",
    because: str = "",
) -> Case:
    """Open a case that cites the signal, and point the signal at it; both or neither.

    Parameters
    ----------
    suspect : str
        Code of the outfall a person takes for the source; its district and its enterprise are
        then the case's.
    because : str
        What points at it, added to the summary.

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
    outfall = suspect or (row.object_code if row.object_kind == "outfall" else "")
    source = Outfall.objects.filter(code=outfall).first()
    district = source.district_id if source else row.district_code
    if not district:
        raise Problem("signals.no_district", station=row.station)
    title = title_of(row, english=False)
    case = open_case(
        procedure=procedure,
        title=title,
        matter=MATTERS[row.object_kind],
        district_code=district,
        origin=Origin("signal", row.ref, title),
        # an enterprise learns of a doubt about its own data when a person links it to the case
        enterprise_id=source.enterprise_id if source and row.kind != row.Kind.INTEGRITY else None,
        by=by,
        at=at,
        summary=_summary(row) + because,
        section_code=row.object_code if row.object_kind == "section" else "",
        outfall_code=source.code if source else "",
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
