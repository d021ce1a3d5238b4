"""The watch (值守): new rows in, findings out, whatever order the rows came in.

The caller follows the store, hands over each batch once, and saves `Watch.as_json` together with
the version it has read, so that a restart neither misses nor repeats a finding.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from qingyuan.core.periods import city_date, hour_of
from qingyuan.core.problems import Problem
from qingyuan.readings.decline import KINDS, Declines, PeriodClass, decline
from qingyuan.readings.episodes import hold_against
from qingyuan.readings.intake import judge
from qingyuan.readings.model import Finding, Reading
from qingyuan.readings.rules import RuleSet, StepRule, rules_at
from qingyuan.readings.silence import Silences
from qingyuan.readings.state import track_from_json, track_to_json
from qingyuan.readings.steps import Band, band_of, history_at, step_change
from qingyuan.readings.tracks import Change, Track
from qingyuan.readings.upstream import Origin, Upstream, origin_of
from qingyuan.standards.limits import Limit

__all__ = ["Watch"]

_VERSION = "watch-1"
LimitFor = Callable[[str, str, datetime], Limit | None]
HistoryFor = Callable[[str, str, datetime], Mapping[datetime, Decimal]]
UpstreamFor = Callable[[str], Sequence[Upstream]]


@dataclass(slots=True)
class _Series:
    """One station and factor: its two tracks and one value of each recent hour."""

    limits: Track = field(default_factory=Track)
    steps: Track = field(default_factory=Track)
    hours: dict[datetime, Decimal] = field(default_factory=dict)
    document: str = ""
    clause: str = ""
    asked: bool = False
    _band: tuple[datetime, Band | None] | None = None

    def band(self, hour: datetime, rule: StepRule) -> Band | None:
        """Return the band expected in *hour*, from the hours before it."""
        if self._band is None or self._band[0] != hour:
            self._band = (hour, band_of(history_at(self.hours, hour, rule=rule), rule=rule))
        return self._band[1]

    def remember(self, hour: datetime, value: Decimal, rule: StepRule) -> None:
        """Keep the hour's latest value, and no more hours than the rule looks back."""
        fresh = hour not in self.hours
        self.hours[hour] = value
        if fresh and len(self.hours) > rule.history_hours:
            self.hours.pop(min(self.hours))

    def recall(self, past: Mapping[datetime, Decimal]) -> None:
        """Take hours from before this watch began; what it heard itself stands."""
        self.asked = True
        self.hours = dict(past) | self.hours
        self._band = None


class Watch:
    """Every series under watch (值守状态).

    Parameters
    ----------
    limit_for : callable
        ``(station, factor, time) -> Limit or None``: what a value of that instant is held against.
        Asked for every reading; cache behind it.
    rules_for : callable
        The rule set of a date; the shipped tables unless a city brings its own.
    history_for : callable, optional
        ``(station, factor, before) -> hours``: one value for each past hour, by its start, as far
        back as ``rules.step.history_hours``; asked once per series and watch, when it is first
        heard. Without it a step is judged only by what the watch heard itself.
    upstream_for : callable, optional
        ``station -> sections next above with their travel times``; without it no origin is said.

    Attributes
    ----------
    counts : Counter
        Readings by fate: ``used``, ``late`` (settled already), ``other`` (not a watched kind), and
        one per reason of intake.
    """

    def __init__(
        self,
        *,
        limit_for: LimitFor,
        rules_for: Callable[[date], RuleSet] = rules_at,
        history_for: HistoryFor | None = None,
        upstream_for: UpstreamFor | None = None,
    ) -> None:
        self._limit_for = limit_for
        self._rules_for = rules_for
        self._history_for = history_for
        self._upstream_for = upstream_for
        self._declines = Declines()
        self._series: dict[tuple[str, str], _Series] = {}
        self._silences = Silences()
        self.counts: Counter[str] = Counter()

    def take(
        self,
        readings: Iterable[Reading],
        *,
        at: datetime,
        intervals: Mapping[str, int] | None = None,
    ) -> list[Finding]:
        """Take new rows and return what they change.

        Parameters
        ----------
        readings : iterable of Reading
            In the order they were stored; late, re-sent and corrected ones are put right.
        at : datetime
            City time now: chooses the rule set.
        intervals : mapping, optional
            Seconds between readings by station, to say how long a silence was allowed to be.
        """
        rules = self._rules_for(at)
        found: list[Finding] = []
        touched: dict[tuple[str, str], _Series] = {}
        for reading in readings:
            found += self._silences.hear(
                reading.station,
                reading.received_at or at,
                interval_s=(intervals or {}).get(reading.station),
                rules=rules,
            )
            if (reading.cn, reading.suffix) not in rules.sources:
                self.counts["other"] += 1
                continue
            key = (reading.station, reading.factor)
            touched[key] = self._series.setdefault(key, _Series())
            self._take_one(touched[key], reading, rules)
        for (station, factor), series in touched.items():
            found += self._tell(station, factor, series, rules)
        return found

    def tick(self, at: datetime, *, intervals: Mapping[str, int]) -> list[Finding]:
        """Return the stations that have fallen silent by *at*.

        Call it when everything received so far has been taken, or a backlog looks like silence.
        *intervals* names every station that ought to speak, in seconds between readings.
        """
        return self._silences.tick(at, intervals, rules=self._rules_for(at))

    def compare(
        self,
        now: PeriodClass,
        *,
        at: datetime,
        last_period: PeriodClass | None = None,
        last_year: PeriodClass | None = None,
        cumulative: PeriodClass | None = None,
        cumulative_last_year: PeriodClass | None = None,
    ) -> list[Finding]:
        """Return what a period's class, held against others, changes (环比、同比).

        Call it whenever the period's means have moved; each finding is raised once, updated when
        the class or the value changes, and cleared when the period is no longer worse.
        """
        rules = self._rules_for(at)
        pairs = {
            "last_period": (last_period, None, None),
            "last_year": (last_year, cumulative, cumulative_last_year),
        }
        found = [
            decline(
                now, before, against=against, rules=rules, cumulative=year, cumulative_before=past
            )
            for against, (before, year, past) in pairs.items()
            if before is not None
        ]
        day = city_date(now.start).isoformat()
        judged = [
            f"{KINDS[against]}|{now.station}|{day}"
            for against, (before, _, _) in pairs.items()
            if before is not None
        ]
        return self._declines.take(found, judged=judged, at=at)

    def forget(self, stations: Iterable[str]) -> None:
        """Forget stations that were taken out of service."""
        gone = set(stations)
        self._silences.forget(gone)
        self._declines.forget(gone)
        self._series = {key: held for key, held in self._series.items() if key[0] not in gone}

    def as_json(self) -> dict[str, Any]:
        """Return the whole state as plain JSON values."""
        return {
            "version": _VERSION,
            "silences": self._silences.as_json(),
            "counts": dict(self.counts),
            "declines": self._declines.as_json(),
            "series": [
                {
                    "station": station,
                    "factor": factor,
                    "limits": track_to_json(series.limits),
                    "steps": track_to_json(series.steps),
                    "hours": {hour.isoformat(): str(v) for hour, v in series.hours.items()},
                    "document": series.document,
                    "clause": series.clause,
                    "asked": series.asked,
                }
                for (station, factor), series in self._series.items()
            ],
        }

    @classmethod
    def from_json(
        cls,
        data: Mapping[str, Any],
        *,
        limit_for: LimitFor,
        rules_for: Callable[[date], RuleSet] = rules_at,
        history_for: HistoryFor | None = None,
        upstream_for: UpstreamFor | None = None,
    ) -> Watch:
        """Return the watch that `as_json` wrote.

        Raises
        ------
        Problem
            ``readings.unknown_state`` if it was written by another version.
        """
        if data.get("version") != _VERSION:
            raise Problem("readings.unknown_state", given=data.get("version"), known=_VERSION)
        watch = cls(
            limit_for=limit_for,
            rules_for=rules_for,
            history_for=history_for,
            upstream_for=upstream_for,
        )
        watch._declines = Declines.from_json(data.get("declines", ()))
        watch._silences = Silences.from_json(data["silences"])
        watch.counts = Counter(data["counts"])
        for row in data["series"]:
            watch._series[row["station"], row["factor"]] = _Series(
                limits=track_from_json(row["limits"]),
                steps=track_from_json(row["steps"]),
                hours={datetime.fromisoformat(h): Decimal(v) for h, v in row["hours"].items()},
                document=row["document"],
                clause=row["clause"],
                asked=row.get("asked", False),
            )
        return watch

    def _take_one(self, series: _Series, reading: Reading, rules: RuleSet) -> None:
        if series.limits.is_too_late(reading.time) or series.steps.is_too_late(reading.time):
            self.counts["late"] += 1
            return
        verdict = judge(reading, rules=rules)
        if not verdict.is_valid or verdict.value is None:
            self.counts.update(verdict.reasons)
            series.limits.take_back(reading.time)
            series.steps.take_back(reading.time)
            return
        self.counts["used"] += 1
        limit = self._limit_for(reading.station, reading.factor, reading.time)
        if limit is not None:
            series.document, series.clause = limit.document, limit.clause
            sample = hold_against(verdict.value, limit, time=reading.time)
            series.limits.add(sample, rules.exceedance)
        hour = hour_of(reading.time).start
        if self._history_for is not None and not series.asked:
            series.recall(self._history_for(reading.station, reading.factor, hour))
        band = series.band(hour, rules.step)
        if band is not None:
            sample = step_change(verdict.value, band, time=reading.time)
            series.steps.add(sample, rules.step_persistence)
        series.remember(hour, verdict.value, rules.step)

    def _tell(self, station: str, factor: str, series: _Series, rules: RuleSet) -> list[Finding]:
        lateness = timedelta(seconds=rules.lateness_s)
        found: list[Finding] = []
        for kind, track, rule in (
            ("exceedance", series.limits, rules.exceedance),
            ("step", series.steps, rules.step_persistence),
        ):
            name = f"{kind}|{station}|{factor}"
            found += [
                self._with_origin(_finding(kind, station, factor, change, series, rules), rules)
                for change in track.changes(rule, name=name)
            ]
            track.trim(rule, lateness=lateness)
        return found

    def _with_origin(self, finding: Finding, rules: RuleSet) -> Finding:
        """Say where it came from, if the sections above can tell."""
        if self._upstream_for is None or finding.state not in ("raised", "updated"):
            return finding
        above = self._upstream_for(finding.station)
        if not above:
            return finding

        def hours_of(station: str) -> Mapping[datetime, Decimal]:
            held = self._series.get((station, finding.factor))
            return {} if held is None else held.hours

        limit = self._limit_for(finding.station, finding.factor, finding.first_at)
        is_low = limit is not None and limit.bound == "min"
        origin = origin_of(
            finding.first_at,
            is_high=finding.value >= finding.limit and not is_low,
            above=above,
            hours_of=hours_of,
            limit=limit,
            rule=rules.upstream,
            step=rules.step,
        )
        return _from(finding, origin)


def _from(finding: Finding, origin: Origin) -> Finding:
    return replace(finding, origin=origin.where, origin_station=origin.station)


def _finding(
    kind: str, station: str, factor: str, change: Change, series: _Series, rules: RuleSet
) -> Finding:
    episode = change.told.episode
    is_limit = kind == "exceedance"
    return Finding(
        key=change.told.key,
        kind=kind,
        state=change.state,
        station=station,
        factor=factor,
        first_at=episode.start,
        last_at=episode.last,
        peak_at=episode.peak.time,
        value=episode.peak.value,
        limit=episode.peak.limit,
        multiple=episode.peak.multiple,
        level=rules.level_of(episode.peak.severity) if is_limit else 1,
        count=episode.count,
        rule=rules.id,
        document=series.document if is_limit else "",
        clause=series.clause if is_limit else "",
        cleared_at=episode.cleared_at,
    )
