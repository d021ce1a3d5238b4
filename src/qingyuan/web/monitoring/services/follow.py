"""Follow the table (跟随): each new version once, however often the process restarts."""

from __future__ import annotations

import json
import logging
import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
from django.db import connection, transaction

from qingyuan.core.periods import city_date
from qingyuan.core.problems import Problem
from qingyuan.readings.model import Finding, Reading
from qingyuan.readings.upstream import Upstream
from qingyuan.readings.watch import Watch
from qingyuan.store.observations import Observations
from qingyuan.web.monitoring.models import Follower
from qingyuan.web.monitoring.selectors.limits import Limits
from qingyuan.web.monitoring.selectors.past import Past, month_classes, month_of, sections_above
from qingyuan.web.monitoring.selectors.rules import rules_for
from qingyuan.web.monitoring.services.findings import apply
from qingyuan.web.monitoring.services.latest import SHOWN, keep_latest
from qingyuan.web.registry.models import Device, Section
from qingyuan.web.signals import services as signals
from qingyuan.web.signals.models import Signal

__all__ = ["Absorbed", "Following", "absorb"]

_log = logging.getLogger("qingyuan.monitoring")
_LOCK = 0x5159_4D4F  # one follower at a time, whatever process it runs in
_NAME = "observations"
_COMMITS = 400
_HISTORY = "hist"
_STORM = 10  # more stations than this falling silent at once have one cause, and one message


@dataclass(frozen=True, slots=True)
class Absorbed:
    """What one reading of the table brought."""

    rows: int
    version: int
    signals: tuple[Signal, ...] = ()
    lag_s: float | None = None
    more: bool = False
    days: frozenset[date] = frozenset()  # Beijing days the live rows belong to


def absorb(observations: Observations, *, at: datetime) -> Absorbed:
    """Take everything new in the table, once, and save the watch with it."""
    following = Following(observations)
    rows, found = 0, []
    while True:
        taken = following.absorb(at=at)
        rows += taken.rows
        found += taken.signals
        if not taken.more:
            following.save()
            return Absorbed(rows, taken.version, tuple(found), taken.lag_s)


class Following:
    """One process's place in the table, and the watch in memory (跟随者).

    Parameters
    ----------
    observations : Observations
        The table to follow.
    """

    def __init__(self, observations: Observations) -> None:
        self._observations = observations
        self._watch: Watch | None = None
        self._version = -1
        self._limits = Limits()
        self._intervals: Mapping[str, int] = {}
        self._past = Past(observations)
        self._above: Mapping[str, Sequence[Upstream]] = {}
        self.refresh()

    def refresh(self) -> None:
        """Read the registry again: limits, targets, devices and their intervals."""
        self._limits = Limits()
        intervals: dict[str, int] = {}
        for station, seconds in Device.objects.filter(active=True).values_list(
            "station", "interval_s"
        ):
            intervals[station] = min(seconds, intervals.get(station, seconds))
        if self._watch is not None:
            self._watch.forget(set(self._intervals) - set(intervals))
        self._intervals = intervals
        self._above = sections_above()

    @property
    def intervals(self) -> Mapping[str, int]:
        """Seconds between readings of every station that ought to speak."""
        return self._intervals

    def absorb(self, *, at: datetime) -> Absorbed:
        """Take the versions since the last one read, in one transaction.

        Latest values, signals, messages, trace requests and the position are written together or
        not at all; while another process follows, nothing is done.
        """
        try:
            with transaction.atomic():
                row = self._take_turn()
                return Absorbed(0, self._version) if row is None else self._absorb(row, at=at)
        except BaseException:
            self._watch = None  # what was only in memory is read again
            raise

    def check_silence(self, *, at: datetime, stations: Iterable[str]) -> list[Signal]:
        """Raise a signal for each of *stations* that has been silent too long (静默检查)."""
        try:
            with transaction.atomic():
                if self._take_turn() is None or self._watch is None:
                    return []
                wanted = {s: self._intervals[s] for s in stations if s in self._intervals}
                found = self._watch.tick(at, intervals=wanted)
                storm = len(found) > _STORM
                raised = self._apply(found, at=at, tell=not storm)
                if storm and raised:
                    signals.tell_of_many_silent(len(raised), at=at)
                return raised
        except BaseException:
            self._watch = None
            raise

    def compare_months(self, *, at: datetime) -> list[Signal]:
        """Hold each section's class this month against last month and last year's (水质变差)."""
        today = city_date(at)
        try:
            with transaction.atomic():
                if self._take_turn() is None or self._watch is None:
                    return []
                raised: list[Signal] = []
                sections = list(Section.objects.prefetch_related("targets").order_by("code"))
                (first, _end), before, ago = (
                    month_of(today),
                    month_of(today, back=1),
                    month_of(today, years=1),
                )
                now, last_month, last_year = (
                    month_classes(self._observations, sections, first=start, end=end)
                    for start, end in ((first, today), before, ago)
                )
                for station, held in now.items():
                    found = self._watch.compare(
                        held,
                        at=at,
                        last_period=last_month.get(station),
                        last_year=last_year.get(station),
                    )
                    raised += self._apply(found, at=at)
                return raised
        except BaseException:
            self._watch = None
            raise

    def save(self) -> None:
        """Save the watch beside the version it stands at."""
        with transaction.atomic():
            row = self._take_turn()
            if row is None or self._watch is None:
                return
            text = json.dumps(self._watch.as_json(), separators=(",", ":"))
            row.state = zlib.compress(text.encode(), 3)
            row.state_version = self._version
            row.save(update_fields=["state", "state_version"])

    def _take_turn(self) -> Follower | None:
        """Lock the position for this transaction; read it again if another process moved it."""
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [_LOCK])
            if not cursor.fetchone()[0]:
                return None
        row, _ = Follower.objects.select_for_update().get_or_create(name=_NAME)
        if self._watch is None or row.version != self._version:
            self._load(row)
        return row

    def _load(self, row: Follower) -> None:
        self._watch = None
        self._version = row.state_version
        if row.state is not None:
            try:
                data = json.loads(zlib.decompress(bytes(row.state)))
                self._watch = Watch.from_json(data, **self._given())
            except Problem as problem:  # written by another release: begin again where we stand
                _log.warning("watch_discarded code=%s", problem.code)
                self._version = row.version
        if self._watch is None:
            self._watch = Watch(**self._given())

    def _given(self) -> dict[str, Any]:
        """Return what a watch asks for: limits, rules, the hours before, the sections above."""
        self._past = Past(self._observations)
        return {
            "limit_for": self._limit,
            "rules_for": rules_for,
            "history_for": self._past,
            "upstream_for": lambda station: self._above.get(station, ()),
        }

    def _limit(self, station: str, factor: str, time: datetime):
        return self._limits(station, factor, time)

    def _absorb(self, row: Follower, *, at: datetime) -> Absorbed:
        assert self._watch is not None
        try:
            news = self._observations.news(self._version, most=_COMMITS)
        except Problem as problem:
            if problem.code != "store.version_gone":
                raise
            return self._begin_again(row)
        if news.version == self._version:
            return Absorbed(0, self._version)
        live, lag = _live(news.rows), None
        keep_latest(_newest(news.rows), rules=rules_for(at), limits=self._limits)
        found = self._watch.take(
            (Reading.of(one) for one in live.to_pylist()), at=at, intervals=self._intervals
        )
        raised = self._apply(found, at=at)
        if live.num_rows:
            lag = max(0.0, (at - pc.max(live.column("received_at")).as_py()).total_seconds())
            row.lag_s, row.worst_lag_s = lag, max(lag, row.worst_lag_s or 0.0)
        self._version = news.version
        row.version, row.read_at, row.rows = news.version, at, row.rows + news.rows.num_rows
        row.save(update_fields=["version", "read_at", "rows", "lag_s", "worst_lag_s"])
        more = news.version < self._observations.version()
        days = frozenset(pc.unique(live.column("day")).to_pylist())
        return Absorbed(news.rows.num_rows, news.version, tuple(raised), lag, more, days)

    def _begin_again(self, row: Follower) -> Absorbed:
        """Go on from the newest version: the versions between are no longer in the table's log."""
        self._version = self._observations.version()
        self._watch = Watch(**self._given())
        _log.warning("follower_restarted from=%s to=%s", row.version, self._version)
        row.version, row.restarted = self._version, row.restarted + 1
        row.state, row.state_version = None, self._version
        row.save(update_fields=["version", "restarted", "state", "state_version"])
        return Absorbed(0, self._version)

    def _apply(self, found: Iterable[Finding], *, at: datetime, tell: bool = True) -> list[Signal]:
        found = list(found)
        if found:
            signals.lock_ahead({f.station for f in found}, episodes={f.key for f in found})
        applied = [apply(one, at=at, limits=self._limits, tell=tell) for one in found]
        return [one for one in applied if one is not None]


def _live(rows: pa.Table) -> pa.Table:
    """Return what came over the wire; history was judged in its own time."""
    return rows.filter(pc.not_equal(rows.column("cn"), _HISTORY))


def _newest(rows: pa.Table) -> list[dict[str, object]]:
    """Return the newest row of each station and factor among what is shown."""
    shown = rows.filter(pc.is_in(rows.column("suffix"), pa.array(sorted(SHOWN))))
    if shown.num_rows == 0:
        return []
    order = pc.sort_indices(shown, [("time", "ascending"), ("received_at", "ascending")])
    ordered = shown.take(order).append_column("_row", pa.array(range(shown.num_rows), pa.int64()))
    last = ordered.group_by(["station", "factor"]).aggregate([("_row", "max")])
    return ordered.take(last.column("_row_max")).drop_columns(["_row"]).to_pylist()
