"""What people do with a signal: acknowledge, call it false, silence, report by hand, link a case."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from qingyuan.core.problems import Problem
from qingyuan.web.accounts.models import User
from qingyuan.web.audit import services as audit
from qingyuan.web.audit.services import Actor
from qingyuan.web.signals.models import Signal, Silence
from qingyuan.web.signals.services.finding import Finding
from qingyuan.web.signals.services.observing import clear, observe

__all__ = [
    "LONGEST_SILENCE",
    "acknowledge",
    "end_silence",
    "link_case",
    "mark_false",
    "report",
    "rule_out",
    "silence",
]

LONGEST_SILENCE = timedelta(days=30)


def _locked(signal: Signal) -> Signal:
    return Signal.objects.select_for_update().get(pk=signal.pk)


def _said(reason: str) -> str:
    reason = reason.strip()
    if not reason:
        raise Problem("signals.reason_missing")
    return reason[:400]


@transaction.atomic
def acknowledge(signal: Signal, *, by: User, at: datetime) -> Signal:
    """Say that a person has seen it and takes it on (确认); a second time changes nothing."""
    row = _locked(signal)
    if row.acknowledged:
        return row
    row.acknowledged_by, row.acknowledged_at, row.touched_at = by, at, timezone.now()
    row.save(update_fields=["acknowledged_by", "acknowledged_at", "touched_at"])
    audit.record(actor=Actor.of(by), deed="signals.acknowledge", target=row.ref, at=at)
    return row


@transaction.atomic
def mark_false(signal: Signal, *, reason: str, by: User, at: datetime) -> Signal:
    """Say that it is no real alarm, and why (误报); it counts as seen.

    The row stays open while the condition lasts, so that its repeats fold quietly onto it.
    """
    reason = _said(reason)
    row = _locked(signal)
    if row.case_ref:
        raise Problem("signals.has_case", case=row.case_ref)
    row.false_by, row.false_at, row.false_reason, row.touched_at = by, at, reason, timezone.now()
    if not row.acknowledged:
        row.acknowledged_by, row.acknowledged_at = by, at
    row.save(
        update_fields=[
            "false_by",
            "false_at",
            "false_reason",
            "acknowledged_by",
            "acknowledged_at",
            "touched_at",
        ]
    )
    audit.record(
        actor=Actor.of(by),
        deed="signals.mark_false",
        target=row.ref,
        at=at,
        detail={"reason": reason},
    )
    return row


@transaction.atomic
def rule_out(signal: Signal, *, reason: str, by: User, at: datetime) -> Signal:
    """Close a doubt about data that has an innocent explanation (排除); the reason stays with it.

    Its window is over, so unlike a false alarm there is no condition that lasts.
    """
    row = mark_false(signal, reason=reason, by=by, at=at)
    return clear(row, at=at, by=Actor.of(by), reason=row.false_reason)


@transaction.atomic
def silence(signal: Signal, *, until: datetime, reason: str, by: User, at: datetime) -> Silence:
    """Tell nobody of this object and factor until an instant (静默); the window ends by itself.

    Raises
    ------
    Problem
        ``signals.silence_period`` when the end is not ahead or lies more than 30 days ahead;
        ``signals.reason_missing``.
    """
    reason = _said(reason)
    if not at < until <= at + LONGEST_SILENCE:
        raise Problem("signals.silence_period", days=LONGEST_SILENCE.days)
    row = _locked(signal)
    window = Silence.objects.create(
        object_kind=row.object_kind,
        object_code=row.object_code,
        factor=row.factor,
        since=at,
        until=until,
        reason=reason,
        made_by=by,
    )
    row.touched_at = timezone.now()
    row.save(update_fields=["touched_at"])
    audit.record(
        actor=Actor.of(by),
        deed="signals.silence",
        target=row.ref,
        at=at,
        detail={"until": until.isoformat(), "reason": reason},
    )
    return window


@transaction.atomic
def end_silence(window: Silence, *, by: User, at: datetime) -> Silence:
    """End a silence before its time."""
    row = Silence.objects.select_for_update().get(pk=window.pk)
    if row.ended_at is None and at < row.until:
        row.ended_by, row.ended_at = by, at
        row.save(update_fields=["ended_by", "ended_at"])
        audit.record(
            actor=Actor.of(by),
            deed="signals.end_silence",
            target=f"{row.object_kind}:{row.object_code}",
            at=at,
        )
    return row


@transaction.atomic
def report(
    *,
    station: str,
    note: str,
    level: int,
    by: User,
    at: datetime,
    factor: str = "",
    district_code: str = "",
) -> Signal:
    """Raise a signal by hand (人工上报): what was seen, where; it counts as seen by who reports it."""
    finding = Finding(
        kind=Signal.Kind.MANUAL,
        rule="manual",
        station=station,
        factor=factor,
        first_at=at,
        last_at=at,
        finder=f"user:{by.username}",
        note=_said(note),
        level=level,
        district_code=district_code,
    )
    signal = observe(finding=finding, at=at, by=Actor.of(by)).signal
    return acknowledge(signal, by=by, at=at)


@transaction.atomic
def link_case(signal: Signal, *, case_ref: str, by: User, at: datetime) -> Signal:
    """Point a signal at the case it led to (转案); once only."""
    row = _locked(signal)
    if row.case_ref == case_ref:
        return row
    if row.case_ref:
        raise Problem("signals.has_case", case=row.case_ref)
    if row.is_false:
        raise Problem("signals.is_false")
    row.case_ref, row.linked_by, row.linked_at, row.touched_at = case_ref, by, at, timezone.now()
    if not row.acknowledged:
        row.acknowledged_by, row.acknowledged_at = by, at
    row.save(
        update_fields=[
            "case_ref",
            "linked_by",
            "linked_at",
            "acknowledged_by",
            "acknowledged_at",
            "touched_at",
        ]
    )
    audit.record(
        actor=Actor.of(by),
        deed="signals.link_case",
        target=row.ref,
        at=at,
        detail={"case": case_ref},
    )
    return row
