"""Take findings in: one open row per object, factor, kind and rule, however often it repeats."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils import timezone

from qingyuan.web.audit import services as audit
from qingyuan.web.audit.services import SYSTEM, Actor
from qingyuan.web.registry import selectors as registry
from qingyuan.web.signals.models import Signal
from qingyuan.web.signals.selectors import is_silenced
from qingyuan.web.signals.services.finding import Finding
from qingyuan.web.signals.services.tell import tell_the_concerned

__all__ = ["Observed", "clear", "clear_matching", "lock_ahead", "observe"]


@dataclass(frozen=True, slots=True)
class Observed:
    """The row a finding ended up on, and whether it began with it."""

    signal: Signal
    new: bool


@transaction.atomic
def observe(*, finding: Finding, at: datetime, by: Actor = SYSTEM, tell: bool = True) -> Observed:
    """Raise a signal, or count the finding on the one that is open (折叠).

    A new one is recorded in the audit trail and told to those concerned, unless its object is
    silenced or *tell* is off (one message then speaks for many); a repeat moves ``last_at``, the value and the count, and tells nobody.
    """
    for _ in range(2):  # a second finder may open the row between our look and our write
        row = _open(finding) or _same_episode(finding)
        if row is not None:
            return Observed(_fold(row, finding, at=at, by=by), new=False)
        try:
            with transaction.atomic():
                signal = _raise(finding, at=at)
        except IntegrityError:
            continue
        audit.record(
            actor=by,
            deed="signals.raise",
            target=signal.ref,
            at=at,
            clause=finding.clause,
            detail={
                "kind": signal.kind,
                "rule": signal.rule,
                "station": signal.station,
                "factor": signal.factor,
                "value": signal.value_text,
                "limit": signal.limit_text,
                "finder": signal.finder,
            },
        )
        if tell and not is_silenced(signal, at=at):
            tell_the_concerned(signal, at=at, roles=finding.roles)
        return Observed(signal, new=True)
    raise RuntimeError(
        f"no open row for {finding.station} {finding.factor} {finding.rule}, and none could be made"
    )


def lock_ahead(stations: Collection[str], *, episodes: Collection[str] = ()) -> int:
    """Lock every row a batch of findings may touch, before the first of them is recorded.

    A deed locks its signal and then the audit chain. A batch that held the chain while it waited
    for a row would wait for someone who waits for the chain; so a batch takes its rows first.
    """
    wanted = Q(episode__in=[e for e in episodes if e])
    for station in stations:
        kind, _, code = station.partition(":")
        wanted |= Q(object_kind=kind, object_code=code, cleared_at=None)
    rows = Signal.objects.select_for_update().filter(wanted).order_by("pk")
    return len(rows.values_list("pk", flat=True))


def _open(finding: Finding) -> Signal | None:
    if finding.kind == Signal.Kind.MANUAL:
        return None
    return (
        Signal.objects.select_for_update()
        .filter(
            object_kind=finding.object_kind,
            object_code=finding.object_code,
            factor=finding.factor,
            kind=finding.kind,
            rule=finding.rule,
            cleared_at=None,
        )
        .first()
    )


def _same_episode(finding: Finding) -> Signal | None:
    """Return the newest row of the finding's own episode, though it was cleared."""
    if not finding.episode:
        return None
    return (
        Signal.objects.select_for_update()
        .filter(
            object_kind=finding.object_kind,
            object_code=finding.object_code,
            factor=finding.factor,
            kind=finding.kind,
            episode=finding.episode,
        )
        .order_by("-pk")
        .first()
    )


_LATEST = (
    "episode",
    "unit",
    "value",
    "value_text",
    "flag",
    "limit",
    "limit_text",
    "multiple",
    "clause",
    "note",
)


def _raise(finding: Finding, *, at: datetime) -> Signal:
    return Signal.objects.create(
        kind=finding.kind,
        rule=finding.rule,
        object_kind=finding.object_kind,
        object_code=finding.object_code,
        factor=finding.factor,
        level=finding.level,
        first_at=finding.first_at,
        last_at=finding.last_at,
        district_code=finding.district_code or registry.district_of_station(finding.station),
        finder=finding.finder,
        raised_at=at,
        touched_at=timezone.now(),
        count=finding.count or 1,
        **{name: getattr(finding, name) for name in _LATEST},
    )


def _fold(signal: Signal, finding: Finding, *, at: datetime, by: Actor) -> Signal:
    reopened = signal.cleared_at is not None
    if reopened and finding.last_at <= signal.last_at:
        return signal  # heard again, nothing new in it
    if reopened:
        signal.cleared_at = signal.cleared_by = None
        audit.record(actor=by, deed="signals.reopen", target=signal.ref, at=at)
    signal.count = signal.count + 1 if finding.count is None else max(signal.count, finding.count)
    signal.level = min(signal.level, finding.level)
    signal.first_at = min(signal.first_at, finding.first_at)
    if finding.last_at >= signal.last_at:  # readings may arrive late; the newest speaks
        signal.last_at = finding.last_at
        for name in _LATEST:
            setattr(signal, name, getattr(finding, name))
    signal.touched_at = timezone.now()
    signal.save(
        update_fields=[
            "count",
            "level",
            "first_at",
            "last_at",
            "touched_at",
            "cleared_at",
            "cleared_by",
            *_LATEST,
        ]
    )
    return signal


@transaction.atomic
def clear(signal: Signal, *, at: datetime, by: Actor = SYSTEM, reason: str = "") -> Signal:
    """Say that the condition is over (解除); a cleared signal stays as it is."""
    row = Signal.objects.select_for_update().get(pk=signal.pk)
    if row.cleared_at is not None:
        return row
    row.cleared_at, row.cleared_by, row.touched_at = at, by.label, timezone.now()
    row.save(update_fields=["cleared_at", "cleared_by", "touched_at"])
    audit.record(actor=by, deed="signals.clear", target=row.ref, at=at, detail={"reason": reason})
    return row


def clear_matching(
    *,
    station: str,
    kind: str,
    at: datetime,
    factor: str | None = None,
    rule: str | None = None,
    episode: str | None = None,
    reason: str = "",
) -> list[Signal]:
    """Clear what is open of one object and kind, optionally of one factor, rule or episode."""
    kind_of, _, code = station.partition(":")
    wanted = Q(object_kind=kind_of, object_code=code, kind=kind, cleared_at=None)
    if factor is not None:
        wanted &= Q(factor=factor)
    if rule is not None:
        wanted &= Q(rule=rule)
    if episode is not None:
        wanted &= Q(episode=episode)
    return [
        clear(row, at=at, reason=reason) for row in Signal.objects.filter(wanted).order_by("pk")
    ]
