"""Observations (监测观测): everything that was measured, as sent, once.

Gateways append in turns (and `bulk`, for history), one process compacts (the worker), any number
read.
The columns, the key and the partition are the seam of architecture.md §4.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pacsv
import pyarrow.parquet as pq

from qingyuan.core.periods import Period, city_date
from qingyuan.core.problems import Problem
from qingyuan.readings.intake import ranges
from qingyuan.readings.means import Mean
from qingyuan.readings.rules import Validity
from qingyuan.store.answers import FILED, READINGS, Question, Source, means_from, sources_of
from qingyuan.store.columns import OBSERVATIONS, as_table
from qingyuan.store.history import pinned
from qingyuan.store.maintenance import tidy
from qingyuan.store.tables import News, Table
from qingyuan.store.window import HASHED, KeyWindow

if TYPE_CHECKING:
    from ibis.expr.types import Table as Expression

    from qingyuan.store.engine import AnyEngine

__all__ = ["Late", "Observations"]

_BULK_ROWS = 1_000_000
_STALE = -1
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_NEVER = 1 << 52  # µs: later than any receipt


@dataclass(frozen=True, slots=True)
class Late:
    """Readings that came after an answer was given (迟到与更正): all of them, and corrections."""

    rows: int
    changed: int


class Observations:
    """The table of observations in *folder* (观测表).

    Parameters
    ----------
    folder : Path
        The store's folder (``DataFolder.store``); the table is ``folder/observations`` and is
        made when it is not there.
    window_rows : int
        How many rows the appending process remembers to recognise re-sends (16 bytes each).
    threads, memory_mb : int
        Limits of this process's DuckDB connection.
    """

    def __init__(
        self,
        folder: Path,
        *,
        window_rows: int = 16_000_000,
        threads: int = 1,
        memory_mb: int = 512,
    ) -> None:
        self._threads, self._memory_mb = threads, memory_mb
        self.table = Table(Path(folder), "observations", OBSERVATIONS)
        self._window = KeyWindow(self._hashed_between, most_rows=window_rows)
        self._window_version = _STALE
        self._known_at: datetime | None = None

    def append(
        self,
        rows: pa.Table | Iterable[Mapping[str, object]],
        *,
        app: tuple[str, int] | None = None,
    ) -> int:
        """Store what is new of *rows* in one commit and return the table's version.

        Parameters
        ----------
        rows : pyarrow.Table or iterable of mappings
            As `qingyuan.store.columns.as_table` takes them. A row whose key, text and flag are
            already stored is a re-send and is dropped; the same key with another text or flag is
            kept with ``changed=true``.
        app : tuple of str and int, optional
            Application and its growing version; a version not above the last committed one is a
            replay and writes nothing. A batch of nothing but re-sends commits nothing either, so
            `app_version` then stays behind, and replaying from it is harmless.
        """
        table = as_table(rows)
        with self.table.committing():
            if self.table.has(app):
                return self.table.version()
            self._follow_other_writers()
            sifted = self._window.sift(table)
            version = self.table.append(sifted.rows, app=app)
            self._window.remember(sifted)
            # A compaction between our look and our commit added no rows; its version may stand
            # between the two, so only a version that follows ours at once is known to be ours.
            if version <= self._window_version + 1:
                self._window_version = version
        return version

    def bulk(self, source: Path | pa.Table, *, app: tuple[str, int] | None = None) -> int:
        """Import history from a Parquet or CSV file (``.gz`` too) or a table; return the version.

        The columns are those of `append`; ``cn`` is ``hist`` and ``suffix`` ``Avg`` where the
        source has no such column, and ``received_at`` is then the row's own ``time``. With *app*,
        the import is one commit; without, one commit per million rows, and re-sends disappear
        either way.
        """
        table = _history(source)
        if app is not None:
            return self.append(table, app=app)
        version = self.version()
        for start in range(0, table.num_rows, _BULK_ROWS):
            version = self.append(table.slice(start, _BULK_ROWS))
        return version

    def version(self) -> int:
        """Return the newest version of the table."""
        return self.table.version()

    def app_version(self, app: str) -> int | None:
        """Return the last committed version of application *app*, or None: where to replay from."""
        return self.table.app_version(app)

    def since(self, version: int) -> pa.Table:
        """Return every row appended after *version*, in commit order; see `news` to follow."""
        return self.table.news(version, most=1 << 40).rows

    def news(self, version: int, *, most: int = 1000) -> News:
        """Return the rows appended after *version* and the version they reach.

        A follower keeps ``News.version`` and asks again with it; nothing is missed or met twice,
        whatever is compacted meanwhile.

        Raises
        ------
        Problem
            ``store.version_gone`` when it fell more than half a day behind; then `received_since`
            and the present version to go on from.
        """
        return self.table.news(version, most=most)

    def received_since(self, at: datetime, *, within: timedelta = timedelta(days=7)) -> pa.Table:
        """Return the rows received at or after *at* and dated up to *within* before it.

        For a follower whose version is gone: rows it has met before are among them, and
        `qingyuan.readings.watch` meets them twice without harm.
        """
        rows = self.table.read(first=city_date(at - within), columns=FILED.names)
        return rows.filter(pc.greater_equal(rows.column("received_at"), at)).sort_by("received_at")

    def series(
        self,
        station: str,
        factor: str,
        period: Period,
        *,
        suffix: str | None = None,
        cn: str | None = None,
    ) -> pa.Table:
        """Return the rows of one series in the order of time (时间序列).

        Without *cn* and *suffix*: real-time readings and bulk history. Where a value was changed,
        the row received last; every flag is there, for the reader to judge.
        """
        question = Question(period, [station], [factor], sources_of(cn, suffix))
        order = ("time", "cn", "suffix", "mn")
        return self._ask(question, lambda _, rows: rows.order_by(*order))

    def latest(
        self,
        *,
        at: datetime,
        stations: Sequence[str] | None = None,
        within: timedelta = timedelta(days=2),
    ) -> pa.Table:
        """Return the newest row of each station and factor dated *within* a span before *at*."""
        question = Question(Period(at - within, at + timedelta(microseconds=1)), stations)
        return self._ask(question, lambda of, rows: of.newest(rows))

    def means(
        self,
        stations: Sequence[str] | None,
        factors: Sequence[str] | None,
        period: Period,
        *,
        step: Literal["hour", "day"] = "hour",
        interval_s: int | None = None,
        rule: Validity | None = None,
        sources: Sequence[Source] = READINGS,
        known_at: datetime | None = None,
    ) -> list[Mean]:
        """Return hourly or daily means with counts and validity (均值), by station and factor.

        Parameters
        ----------
        stations, factors : sequence of str or None
            None means all.
        period : Period
            Readings dated in it; days are Beijing days and are the means of valid hours.
        interval_s : int, optional
            Seconds between readings, to know how many an hour should have; without it every hour
            with a reading is valid.
        rule : Validity, optional
            The rule in force at the start of the period unless given.
        known_at : datetime, optional
            Answer as at that instant: what was received later, corrections too, is left out.
        """
        question = Question(period, stations, factors, sources, known_at)
        bounds = self._engine().bounds(ranges())
        sums = self._ask(question, lambda of, rows: of.hourly(of.usable(rows, bounds)))
        return means_from(sums, step=step, interval_s=interval_s, rule=rule, period=period)

    def known_until(self, at: datetime) -> datetime:
        """Return up to when what was received is stored: *at*, or the newest receipt before it.

        What is asked ``as_known`` at that instant gives the same answer ever after, but for what was
        received before it and stored later than its newer neighbours.
        """
        newest = self.table.newest("received_at")
        return at if newest is None else min(at, newest)

    def as_known(self, at: datetime) -> Observations:
        """Return the observations that leave out what was received after an instant (当时所知)."""
        past = copy.copy(self)
        past._known_at = at
        return past

    def late(self, period: Period, *, known_at: datetime) -> Late:
        """Count the readings of a period that were received after an instant.

        Only files are read that hold such receipts, by the statistics of the log.
        """
        first, last = city_date(period.start), city_date(period.end)
        start = (known_at - _EPOCH) // timedelta(microseconds=1)
        files = self.table.files_between("received_at", start, _NEVER)
        days = {day.isoformat() for day in self.table.days() if first <= day <= last}
        names = ("cn", "suffix", "time", "received_at", "changed")
        found = changed = 0
        for path in files:
            if path.rpartition("/day=")[2][:10] not in days:
                continue
            rows = self.table.place.parquet(path).read(columns=list(names))
            cn, suffix, time, received, corrects = (rows.column(name) for name in names)
            read = [
                pc.and_(pc.equal(cn, source), pc.equal(suffix, kind)) for source, kind in READINGS
            ]
            wanted = pc.and_(
                pc.and_(pc.greater(received, known_at), pc.or_(*read)),
                pc.and_(pc.greater_equal(time, period.start), pc.less(time, period.end)),
            )
            found += pc.sum(wanted).as_py() or 0
            changed += pc.sum(pc.and_(wanted, corrects)).as_py() or 0
        return Late(found, changed)

    def at(self, version: int) -> Observations:
        """Return the observations as they stood at a version, to be read only (回看)."""
        return self._over(self.table.at(version))

    def pinned(self, name: str) -> Observations:
        """Return the observations as they stood when they were pinned under *name*."""
        return self._over(pinned(self.table, name))

    def _over(self, table: Table) -> Observations:
        past = copy.copy(self)
        past.table = table
        return past

    def tidy(self) -> int:
        """Compact crowded days and drop what is no longer needed; only the worker calls this."""
        return tidy(self.table)

    def _ask(self, question: Question, build: Callable[..., Expression]) -> pa.Table:
        """Run what *build* makes of the module of expressions and the rows asked for."""
        from qingyuan.store import expressions  # Ibis is large, and a gateway only appends

        if question.known_at is None:
            question = replace(question, known_at=self._known_at)
        first, last = city_date(question.period.start), city_date(question.period.end)
        clean, mixed = self.table.days_apart("changed", first=first, last=last)
        return self._engine().ask(
            [clean, mixed] if mixed else [clean],
            lambda *parts: build(expressions, expressions.asked(question, *parts)),
            schema=FILED,
        )

    def _engine(self) -> AnyEngine:
        from qingyuan.store.engine import engine  # as above

        return engine(threads=self._threads, memory_mb=self._memory_mb)

    def _hashed_between(self, start: int, end: int) -> pa.Table:
        """Return the hashed columns of rows whose time lies between two instants in µs."""
        files = self.table.files_between("time", start, end)
        parts = [
            self.table.place.parquet(path).read(columns=list(HASHED)).select(HASHED)
            for path in files
        ]
        if not parts:
            return pa.schema([OBSERVATIONS.field(name) for name in HASHED]).empty_table()
        rows = pa.concat_tables(parts)
        times = rows.column("time").cast(pa.int64())
        inside = pc.and_(pc.greater_equal(times, start), pc.less(times, end))
        return rows.filter(inside)

    def _follow_other_writers(self) -> None:
        """Remember what another process has appended since our last look."""
        version = self.table.version()
        if self._window_version != _STALE and version != self._window_version:
            try:
                for file in self.table.added(self._window_version, upto=version):
                    read = self.table.place.parquet(file.path).read(columns=list(HASHED))
                    self._window.follow(read.select(HASHED))
            except (Problem, FileNotFoundError):  # the log is shorter than our memory is old
                self._window.forget()
        self._window_version = version


def _history(source: Path | pa.Table) -> pa.Table:
    if isinstance(source, pa.Table):
        table = source
    elif Path(source).name.removesuffix(".gz").endswith(".csv"):
        as_text = {
            name: pa.string() for name in ("text", "cn", "mn", "qn", "station", "factor", "flag")
        }
        options = pacsv.ConvertOptions(column_types=as_text, strings_can_be_null=False)
        table = pacsv.read_csv(source, convert_options=options)
    else:
        table = pq.read_table(source)
    for name, text in (("cn", "hist"), ("suffix", "Avg")):
        if name not in table.column_names:
            table = table.append_column(name, pa.array([text] * table.num_rows, pa.string()))
    if "received_at" not in table.column_names and "time" in table.column_names:
        table = table.append_column("received_at", table.column("time"))
    return table
