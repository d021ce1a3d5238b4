"""Episodes (超标过程): from judged samples to spans that began, peaked and ended.

One fold serves limits and steps alike: a sample is inside or beyond, and persistence decides when
that matters. `exceedance` runs it over finished rows, `qingyuan.readings.watch` as rows arrive.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal

from qingyuan.readings.intake import judge
from qingyuan.readings.model import Reading
from qingyuan.readings.rules import Persistence, RuleSet
from qingyuan.standards.limits import Limit

__all__ = ["Episode", "Fold", "Sample", "exceedance", "hold_against"]


@dataclass(frozen=True, slots=True)
class Sample:
    """A valid value held against what it may be: how far beyond, if it is."""

    time: datetime
    value: Decimal
    limit: Decimal
    beyond: bool
    severity: Decimal
    multiple: Decimal | None


@dataclass(frozen=True, slots=True)
class Episode:
    """A span beyond the limit (超标过程): from the first sample beyond to the last."""

    start: datetime
    last: datetime
    peak: Sample
    count: int
    cleared_at: datetime | None = None

    def overlaps(self, other: Episode) -> bool:
        """Whether the two are about the same time."""
        return self.start <= other.last and other.start <= self.last


@dataclass(frozen=True, slots=True)
class Fold:
    """Where a series stands: its last few samples and the episode that is open."""

    recent: tuple[Sample, ...] = ()
    inside: int = 0
    episode: Episode | None = None

    def step(self, sample: Sample, rule: Persistence) -> tuple[Fold, Episode | None]:
        """Return the fold after *sample*, and the episode that it closed."""
        oldest = sample.time - timedelta(seconds=rule.within_s)
        kept = [one for one in self.recent if one.time > oldest]
        recent = (*kept, sample)[-rule.of :]
        inside = 0 if sample.beyond else self.inside + 1
        if self.episode is not None:
            if sample.beyond:
                return Fold(recent, inside, _longer(self.episode, sample)), None
            if inside >= rule.clear:
                # what is past belongs to the closed episode and cannot open the next one
                return Fold((), 0, None), replace(self.episode, cleared_at=sample.time)
            return Fold(recent, inside, self.episode), None
        beyond = [one for one in recent if one.beyond]
        if sample.beyond and len(beyond) >= rule.needed:
            first = Episode(beyond[0].time, beyond[0].time, beyond[0], 1)
            for one in beyond[1:]:
                first = _longer(first, one)
            return Fold(recent, inside, first), None
        return Fold(recent, inside, None), None


def hold_against(value: Decimal, limit: Limit, *, time: datetime) -> Sample:
    """Return *value* judged by *limit*; severity is the multiple, or the share that is lacking."""
    return Sample(
        time=time,
        value=value,
        limit=limit.value,
        beyond=not limit.allows(value),
        severity=_severity(value, limit),
        multiple=limit.multiple(value),
    )


def exceedance(
    readings: Iterable[Reading], limit: Limit, *, rule: Persistence, rules: RuleSet
) -> list[Episode]:
    """Return the episodes of one series beyond *limit* (超标过程).

    Parameters
    ----------
    readings : iterable of Reading
        Of one station and factor, in any order; the last of several values for one instant
        counts, and readings that intake refuses take no part.
    limit : Limit
        From `qingyuan.standards`, or of a permit.
    rule : Persistence
        How many of how many; when it is over.
    rules : RuleSet
        For intake.
    """
    latest: dict[datetime, Sample] = {}
    for reading in readings:
        verdict = judge(reading, rules=rules)
        latest.pop(reading.time, None)
        if verdict.is_valid and verdict.value is not None:
            latest[reading.time] = hold_against(verdict.value, limit, time=reading.time)
    fold, found = Fold(), []
    for time in sorted(latest):
        fold, closed = fold.step(latest[time], rule)
        if closed is not None:
            found.append(closed)
    return [*found, fold.episode] if fold.episode is not None else found


def _longer(episode: Episode, sample: Sample) -> Episode:
    worse = sample.severity > episode.peak.severity
    return replace(
        episode,
        last=sample.time,
        peak=sample if worse else episode.peak,
        count=episode.count + 1,
    )


def _severity(value: Decimal, limit: Limit) -> Decimal:
    if limit.allows(value):
        return Decimal(0)
    edge = limit.value
    if limit.bound == "range" and limit.low is not None and value < limit.low:
        edge = limit.low
    return abs(value - edge) / abs(edge) if edge else abs(value)
