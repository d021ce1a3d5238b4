"""Work of a period (工作): cases, alarms and bulletins due, as they stand when asked."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from django.db.models import Q

from qingyuan.core.periods import Period
from qingyuan.reporting import AlarmLine, WorkCase
from qingyuan.web.cases.selectors import case_lines
from qingyuan.web.registry.models import AirStation, Section
from qingyuan.web.signals.models import Signal

__all__ = ["alarm_lines", "work_cases"]

_STATES: Mapping[str, str] = {
    "active_unacknowledged": "活动·未确认",
    "active_acknowledged": "活动·已确认",
    "cleared_unacknowledged": "已解除·未确认",
    "cleared_acknowledged": "已解除·已确认",
}


def work_cases(period: Period, *, at: datetime) -> list[WorkCase]:
    """Return every case in hand and every case concluded in the period; no title, no name."""
    return [
        WorkCase(
            number=line.number,
            unit=line.unit,
            district=line.district,
            ledger=line.ledger,
            state=line.state,
            due=line.due or "—",
            overdue=line.overdue,
            opened=line.opened,
            concluded=line.concluded,
        )
        for line in case_lines(period=period, at=at)
    ]


def alarm_lines(period: Period) -> list[AlarmLine]:
    """Return the alarms first seen in the period, false ones left out."""
    found = Signal.objects.filter(
        Q(first_at__gte=period.start, first_at__lt=period.end), false_at=None
    )
    names = {
        **{("section", c): n for c, n in Section.objects.values_list("code", "name_zh")},
        **{("air", c): n for c, n in AirStation.objects.values_list("code", "name_zh")},
    }
    return [
        AlarmLine(
            ref=str(signal.pk),
            object_name=names.get((signal.object_kind, signal.object_code), signal.object_code),
            factor=signal.factor,
            value=signal.value,
            limit=signal.limit,
            multiple=signal.multiple,
            first_at=signal.first_at,
            state=_STATES[signal.state],
            kind=signal.kind,
            handled=bool(signal.case_ref) or signal.acknowledged_at is not None,
            public=(signal.object_kind, signal.object_code) in names,
        )
        for signal in found.order_by("first_at", "pk")
    ]
