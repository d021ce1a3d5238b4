"""Tracks (序列状态): one series under watch, right also when samples come late or twice.

A track keeps the last samples for as long as lateness is allowed, and the fold as it stood before
them. A sample in order costs one step; a late, corrected or taken-back one folds the kept samples
again. What was told is compared with what is now true, and only the difference is told.
"""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from qingyuan.readings.episodes import Episode, Fold, Sample
from qingyuan.readings.rules import Persistence

__all__ = ["Change", "Told", "Track"]


@dataclass(frozen=True, slots=True)
class Told:
    """An episode as it was last told, under the key it got first."""

    key: str
    episode: Episode


@dataclass(frozen=True, slots=True)
class Change:
    """One difference to tell: ``raised``, ``updated``, ``cleared`` or ``withdrawn``."""

    state: str
    told: Told


@dataclass(slots=True)
class Track:
    """One series of samples (序列)."""

    base: Fold = field(default_factory=Fold)
    kept: list[Sample] = field(default_factory=list)
    told: list[Told] = field(default_factory=list)
    settled_at: datetime | None = None
    _fold: Fold | None = None
    _closed: list[Episode] = field(default_factory=list)

    def add(self, sample: Sample, rule: Persistence) -> None:
        """Take one sample; a second one for the same instant takes the place of the first."""
        at = bisect_left(self.kept, sample.time, key=_time)
        if at == len(self.kept) and self._fold is not None:
            self.kept.append(sample)
            self._step(self._fold, sample, rule)
            return
        if at < len(self.kept) and self.kept[at].time == sample.time:
            if self.kept[at].value == sample.value:
                return  # re-sent
            self.kept[at] = sample
        else:
            self.kept.insert(at, sample)
        self._fold = None

    def take_back(self, time: datetime) -> None:
        """Remove the sample of an instant whose value turned out not to be usable."""
        remaining = [sample for sample in self.kept if sample.time != time]
        if len(remaining) < len(self.kept):
            self.kept = remaining
            self._fold = None

    def changes(self, rule: Persistence, *, name: str) -> list[Change]:
        """Return what is to be told now, and remember it as told; *name* begins new keys."""
        present = self._episodes(rule)
        found, remaining = [], list(self.told)
        used = {one.key for one in remaining}
        self.told = []
        for episode in present:
            before = next((one for one in remaining if one.episode.overlaps(episode)), None)
            if before is None:
                key = f"{name}|{episode.start.isoformat()}"
                while key in used:  # one episode fell into two, and its key began here
                    key += "+"
                used.add(key)
                told = Told(key, episode)
                found.append(Change("raised", told))
                if episode.cleared_at is not None:
                    found.append(Change("cleared", told))
            else:
                remaining.remove(before)
                told = Told(before.key, episode)
                if episode != before.episode:
                    found.append(Change(_state(before.episode, episode), told))
            self.told.append(told)
        found += [
            Change("withdrawn", Told(one.key, replace(one.episode, cleared_at=one.episode.last)))
            for one in remaining
        ]
        return found

    def trim(self, rule: Persistence, *, lateness: timedelta) -> None:
        """Settle the samples older than *lateness* before the newest: they are final.

        Enough samples for one decision and its end are kept in any case: a section that is read
        every four hours may be an hour late too.
        """
        if not self.kept:
            return
        oldest = self.kept[-1].time - lateness
        most = max(0, len(self.kept) - rule.of - rule.clear)
        count = min(most, bisect_left(self.kept, oldest, key=_time))
        for sample in self.kept[:count]:
            self.base, _ = self.base.step(sample, rule)
        if count:
            self.settled_at = self.kept[count - 1].time
            del self.kept[:count]
            first = self.kept[0].time
            self._closed = [one for one in self._closed if _ends_after(one, first)]
            self.told = [
                one
                for one in self.told
                if one.episode.cleared_at is None or _ends_after(one.episode, first)
            ]

    def is_too_late(self, time: datetime) -> bool:
        """Whether an instant is settled already and can no longer be put in order."""
        return self.settled_at is not None and time <= self.settled_at

    def _episodes(self, rule: Persistence) -> list[Episode]:
        fold = self._fold
        if fold is None:
            fold, self._closed = self.base, []
            for sample in self.kept:
                fold = self._step(fold, sample, rule)
        return list(self._closed) if fold.episode is None else [*self._closed, fold.episode]

    def _step(self, fold: Fold, sample: Sample, rule: Persistence) -> Fold:
        self._fold, closed = fold.step(sample, rule)
        if closed is not None:
            self._closed.append(closed)
        return self._fold


def _time(sample: Sample) -> datetime:
    return sample.time


def _ends_after(episode: Episode, first: datetime) -> bool:
    return episode.cleared_at is None or episode.cleared_at >= first


def _state(before: Episode, now: Episode) -> str:
    if now.cleared_at is not None and before.cleared_at is None:
        return "cleared"
    if now.cleared_at is None and before.cleared_at is not None:
        return "raised"  # a late reading shows that it went on
    return "updated"
