"""Hours that a person confirmed as sand-dust (已认定的沙尘时段): the second statistic leaves them out."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from qingyuan.core.periods import Period, day_of
from qingyuan.readings.periods.exclusions import Exclusion
from qingyuan.standards.air_periods import period_rules_at
from qingyuan.web.assessments.models import DustDecision

__all__ = ["confirmed"]


def confirmed(codes: Sequence[str], first: date, last: date) -> list[Exclusion]:
    """Return the confirmed hours of stations that touch whole days, both inside."""
    rows = (
        DustDecision.objects.filter(
            station__in=codes,
            verdict=DustDecision.Verdict.CONFIRMED,
            withdrawn_at=None,
            from_at__lt=day_of(last).end,
            to_at__gt=day_of(first).start,
        )
        .select_related("decided_by")
        .order_by("from_at", "pk")
    )
    return [
        Exclusion(
            period=Period(row.from_at, row.to_at),
            items=period_rules_at(first).dust_items,
            reason=f"沙尘 / sand-dust: {row.reason}",
            stations=(row.station_id,),
            decided_by=str(row.decided_by),
            decided_at=row.decided_at,
        )
        for row in rows
    ]
