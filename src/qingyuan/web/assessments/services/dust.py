"""Decide what hours were (沙尘认定): confirmed hours leave a second statistic; none is deleted."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction

from qingyuan.core.periods import hour_of
from qingyuan.core.problems import Problem
from qingyuan.web.accounts.models import User
from qingyuan.web.assessments.models import DustDecision
from qingyuan.web.audit import services as audit
from qingyuan.web.audit.services import Actor
from qingyuan.web.registry.models import AirStation

__all__ = ["decide_dust", "withdraw_dust"]

_CLAUSE = "环办监测〔2016〕120号"


@transaction.atomic
def decide_dust(
    *,
    station: AirStation,
    from_at: datetime,
    to_at: datetime,
    verdict: str,
    reason: str,
    grounds: Mapping[str, object],
    by: User,
    at: datetime,
) -> DustDecision:
    """Say whether hours of a station were sand-dust, and why.

    Raises
    ------
    Problem
        ``assessments.dust_period`` for a period that is none, or not of whole hours;
        ``assessments.dust_decided`` when a decision in force touches it.
    """
    if to_at <= from_at or any(hour_of(t).start != t for t in (from_at, to_at)):
        raise Problem("assessments.dust_period", start=from_at, end=to_at)
    AirStation.objects.select_for_update().get(pk=station.pk)  # two clicks decide once
    other = DustDecision.objects.filter(
        station=station, withdrawn_at=None, from_at__lt=to_at, to_at__gt=from_at
    ).first()
    if other is not None:
        raise Problem("assessments.dust_decided", station=station.name_zh, number=other.pk)
    row = DustDecision.objects.create(
        station=station, from_at=from_at, to_at=to_at, verdict=verdict, reason=reason,
        grounds=dict(grounds), decided_by=by, decided_at=at,
    )  # fmt: skip
    audit.record(
        actor=Actor.of(by),
        deed="assessments.decide_dust",
        target=station.station,
        at=at,
        clause=_CLAUSE,
        detail={
            "decision": row.pk, "verdict": verdict, "from": from_at, "to": to_at, "reason": reason,
        },
    )  # fmt: skip
    return row


@transaction.atomic
def withdraw_dust(row: DustDecision, *, why: str, by: User, at: datetime) -> DustDecision:
    """Take a decision back; it stays on record and leaves nothing out any more.

    Raises
    ------
    Problem
        ``assessments.dust_withdrawn`` when it was taken back before.
    """
    row = DustDecision.objects.select_for_update().get(pk=row.pk)
    if row.withdrawn_at is not None:
        raise Problem("assessments.dust_withdrawn", number=row.pk)
    row.withdrawn_by, row.withdrawn_at, row.withdrawn_why = by, at, why
    row.save(update_fields=["withdrawn_by", "withdrawn_at", "withdrawn_why"])
    audit.record(
        actor=Actor.of(by),
        deed="assessments.withdraw_dust",
        target=f"air:{row.station_id}",
        at=at,
        clause=_CLAUSE,
        detail={"decision": row.pk, "why": why},
    )
    return row
