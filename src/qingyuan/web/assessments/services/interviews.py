"""Record an interview (约谈记录) with the table it rested on, and the case that followed."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime

from django.db import transaction

from qingyuan.core.problems import Problem
from qingyuan.web.accounts.models import User
from qingyuan.web.assessments.models import Interview
from qingyuan.web.audit import services as audit
from qingyuan.web.audit.services import Actor
from qingyuan.web.cases.models import Case
from qingyuan.web.registry.models import District

__all__ = ["record_interview"]


@transaction.atomic
def record_interview(
    *,
    district: District,
    item: str,
    month: date,
    grounds: Mapping[str, object],
    held_on: date,
    record: str,
    case: Case | None,
    by: User,
    at: datetime,
) -> Interview:
    """Keep what was said, why the district was asked in, and which case follows it up.

    Raises
    ------
    Problem
        ``assessments.no_rebound`` when the table has no such rebound of the district.
    """
    rows = grounds.get("rows")
    mine = [r for r in rows if r["district"] == district.code] if isinstance(rows, list) else []
    if not mine or mine[0]["rate_percent"] is None or not mine[0]["due"]:
        raise Problem("assessments.no_rebound", district=district.name_zh, month=f"{month:%Y-%m}")
    row = Interview.objects.create(
        district=district, item=item, month=month, grounds=dict(grounds), held_on=held_on,
        record=record, case_ref=case.number if case else "", recorded_by=by, recorded_at=at,
    )  # fmt: skip
    audit.record(
        actor=Actor.of(by),
        deed="assessments.record_interview",
        target=f"district:{district.code}",
        at=at,
        detail={
            "interview": row.pk, "item": item, "month": month, "held_on": held_on,
            "grounds": mine[0], "case": row.case_ref,
        },
    )  # fmt: skip
    return row
