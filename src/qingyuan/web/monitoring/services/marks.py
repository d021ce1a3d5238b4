"""Mark a period of data (数据标记): a statement beside the readings, which stay as they came."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from qingyuan.core.problems import Problem
from qingyuan.web.accounts.models import User
from qingyuan.web.audit import services as audit
from qingyuan.web.audit.services import Actor
from qingyuan.web.files.services import keep
from qingyuan.web.monitoring.models import DataMark

__all__ = ["declare", "end_mark", "withdraw"]


@transaction.atomic
def declare(
    *,
    station: str,
    factor: str,
    kind: str,
    from_at: datetime,
    to_at: datetime | None,
    reason: str,
    evidence: tuple[str, bytes] | None,
    by: User,
    at: datetime,
) -> DataMark:
    """Declare what a period was (申报数据标记); an enterprise does so of its own stations.

    Raises
    ------
    Problem
        ``monitoring.mark_period`` for an end not after its beginning; ``files.*`` for evidence
        that cannot be taken.
    """
    if to_at is not None and to_at <= from_at:
        raise Problem("monitoring.mark_period")
    file = None
    if evidence is not None:
        name, content = evidence
        file = keep(content=content, name=name, by=by, at=at, kind="data_mark")
    party = DataMark.Party.ENTERPRISE if by.enterprise_code else DataMark.Party.OFFICER
    mark = DataMark.objects.create(
        station=station, factor=factor, kind=kind, from_at=from_at, to_at=to_at, reason=reason,
        evidence=file, party=party, declared_by=by, declared_at=at,
    )  # fmt: skip
    audit.record(
        actor=Actor.of(by),
        deed="monitoring.declare_mark",
        target=f"station:{station}",
        at=at,
        detail={
            "mark": mark.pk, "kind": kind, "factor": factor, "from": from_at, "to": to_at,
            "reason": reason, "evidence": file and file.sm3,
        },
    )  # fmt: skip
    return mark


@transaction.atomic
def end_mark(mark: DataMark, *, to_at: datetime, by: User, at: datetime) -> DataMark:
    """Say when an open period ended (结束标记).

    Raises
    ------
    Problem
        ``monitoring.mark_closed`` when it has an end or was withdrawn; ``monitoring.mark_period``.
    """
    mark = DataMark.objects.select_for_update().get(pk=mark.pk)
    if mark.to_at is not None or mark.withdrawn_at is not None:
        raise Problem("monitoring.mark_closed", number=mark.pk)
    if to_at <= mark.from_at:
        raise Problem("monitoring.mark_period")
    mark.to_at = to_at
    mark.save(update_fields=["to_at"])
    audit.record(
        actor=Actor.of(by),
        deed="monitoring.end_mark",
        target=f"station:{mark.station}",
        at=at,
        detail={"mark": mark.pk, "to": to_at},
    )
    return mark


@transaction.atomic
def withdraw(mark: DataMark, *, why: str, by: User, at: datetime) -> DataMark:
    """Take a mark back (撤回标记); the row stays, struck through.

    Raises
    ------
    Problem
        ``monitoring.mark_closed`` when it was withdrawn before.
    """
    mark = DataMark.objects.select_for_update().get(pk=mark.pk)
    if mark.withdrawn_at is not None:
        raise Problem("monitoring.mark_closed", number=mark.pk)
    mark.withdrawn_by, mark.withdrawn_at, mark.withdrawn_why = by, at, why
    mark.save(update_fields=["withdrawn_by", "withdrawn_at", "withdrawn_why"])
    audit.record(
        actor=Actor.of(by),
        deed="monitoring.withdraw_mark",
        target=f"station:{mark.station}",
        at=at,
        detail={"mark": mark.pk, "why": why},
    )
    return mark
